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

static stage_scene draw_scene(const stage_clip *clip, const vt_liveness_script *script, uint64_t seed)
{
    stage_scene scene = { .clip = clip, .kind = STAGE_LIVE, .followed = script, .shown = script, .random = seed };
    scene.who = sim_draw_person(&scene.random);
    scene.who.closer = sim_uniform(&scene.random, 1.55f, 1.7f);
    scene.far_away = sim_uniform(&scene.random, 8.5f, 10.5f);
    scene.delay_ms = sim_uniform(&scene.random, 150, 350);
    scene.answer = sim_uniform(&scene.random, 0.2f, 0.3f);
    return scene;
}

static vt_status write_frame(const char *folder, float ms, const vt_pixels *pixels, vt_error *err)
{
    char name[32];
    uint8_t *jpeg = NULL;
    size_t bytes = 0;
    const vt_encode_options encode = { sizeof encode, 80 };
    vt_status status = vt_pixels_encode(&jpeg, &bytes, pixels, VT_FORMAT_JPEG, &encode, err);
    snprintf(name, sizeof name, "%06u.jpg", (unsigned)ms);
    char *path = vt__path_join(folder, name);
    if (!status) status = path ? vt__file_write(path, jpeg, bytes, 0644, err) : VT_ENOMEM;
    vt__free(path);
    vt_bytes_free(jpeg);
    return status;
}

static vt_status film(const char *folder, stage_scene *scene, double every_ms, vt_error *err)
{
    vt_pixels pixels;
    const vt_liveness_script *script = scene->followed;
    float end = (float)script->steps[script->count - 1].end_ms + 200;
    vt_status status = vt_pixels_create(&pixels, (vt_size){ STAGE_WIDTH, STAGE_HEIGHT }, err);
    if (status) return status;
    for (float ms = 0; !status && ms < end; ms += (float)every_ms + sim_uniform(&scene->random, -12, 12))
        if (stage_render(&pixels, scene, ms)) status = write_frame(folder, ms, &pixels, err);
    vt_pixels_free(&pixels);
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
        stage_scene scene = draw_scene(&clip, &script, (uint64_t)seed);
        status = film(args->operands[1], &scene, every_ms, &err);
        stage_clip_close(&clip);
    }
    vt__work_close(&work);
    return status ? vt__complain(args, &err) : EXIT_FINE;
}

const vt__command vt__command_eval_film = {
    "eval film", "CLIP FOLDER", "render the frames of a person who follows a liveness script",
    "Frames are named by their time in ms. What the clip lacks (turns, smiles, blinks, coming closer) is made by bending its\n"
    "frames along landmarks, as for `eval challenge`: no film of a person, and no proof of how people fare.",
    options, run,
};
#endif
