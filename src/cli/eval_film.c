/* vultus eval film: the frames of one simulated person who follows a liveness script, for tests of the wire and the browser. */
#ifdef VULTUS_HAVE_VIDEO
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/inputs.h"
#include "cli/liveness_stage.h"
#include "cli/report.h"

static const vt__option options[] = {
    { "script", "TEXT", NULL, "what the person does, as session/start answers it" },
    { "seed", "N", "1", "of everything that is drawn" },
    { "every", "MS", "125", "time between frames" },
    { NULL, NULL, NULL, NULL },
};

/* Into the folder `context`, named by its time. */
static vt_status write_frame(void *context, const stage_still *still, vt_error *err)
{
    char name[32];
    snprintf(name, sizeof name, "%06u.jpg", (unsigned)still->time_ms);
    char *path = vt__path_join(context, name);
    vt_status status = path ? vt__file_write(path, still->jpeg, still->bytes, 0644, err) : VT_ENOMEM;
    vt__free(path);
    return status;
}

static int run(const vt__args *args)
{
    double seed = 1, every_ms = 125;
    vt__work work;
    stage_clip clip;
    vt_liveness_script script;
    vt_error err;
    const char *text = vt__args_get(args, "script");
    if (args->count != 2 || !text) {
        fprintf(stderr, "vultus eval film: name a clip, a folder for the frames, and --script\n");
        return EXIT_WRONG_USE;
    }
    if (!vt__args_number(&seed, args, "seed", 0, 1e15) || !vt__args_number(&every_ms, args, "every", 30, 1000)) return EXIT_WRONG_USE;
    if (vt_liveness_script_read(&script, text, &err)) return vt__complain(args, &err);
    int code = vt__work_open(&work, args);
    if (code) return code;
    vt_status status = stage_clip_open(&clip, work.session, args->operands[0], &err);
    if (!status) {
        stage_scene scene = stage_draw(&clip, &script, (uint64_t)seed);
        status = stage_film(&scene, script.steps[script.count - 1].end_ms, (float)every_ms, write_frame, args->operands[1], &err);
        stage_clip_close(&clip);
    }
    vt__work_close(&work);
    return status ? vt__complain(args, &err) : EXIT_FINE;
}

const vt__command vt__command_eval_film = {
    "eval film", "CLIP FOLDER", "render the frames of a person who follows a liveness script",
    "Frames are named by their time in ms. What the clip lacks (turns, smiles, blinks, coming closer) is made by laying its\n"
    "frames over a mean head, as for `eval challenge`: no film of a person, and no proof of how people fare.",
    options, run,
};
#endif
