#include <string.h>

#include <vultus/redact.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_open.h"
#include "cli/inputs.h"
#include "cli/picture_out.h"
#include "cli/redact_video.h"
#include "image/sample.h"

static const vt__option options[] = {
    { "method", "NAME", "blur", "blur, pixelate, block or image" },
    { "image", "PICTURE", NULL, "what `--method image` stretches over each face" },
    { "shape", "NAME", "oval", "oval or box" },
    { "margin", "SHARE", "0.15", "added on each side, 0 to 1 of the face" },
    { "min-face", "PX", "20", "smallest face to look for" },
    { "min-score", "SCORE", "0.4", "lower than for detection: a face too many is better than one too few" },
    { "keep", "WHOM", NULL, "video: these people stay visible: pictures, folders, ids of persons of --group, with commas between" },
    { "only", "WHOM", NULL, "video: only these people are hidden" },
    VT__GALLERY_OPTIONS,
    VT__GROUP_OPTION,
    { "audio", "WHAT", "keep", "video: keep or drop the sound, or beep in its place" },
    { "lossless", NULL, NULL, "video: pixels outside of the masks stay exactly as they are" },
    { "no-hardware", NULL, NULL, "video: never encode on the graphics card" },
    { "manifest", "FILE", NULL, "video: write what was hidden where, as JSON" },
    { "review", "FILE", NULL, "video: write an HTML sheet with one picture a track (it shows faces!)" },
    { "apply", "FILE", NULL, "video: render this manifest, edited or not, instead of looking for faces" },
    { NULL, NULL, NULL, NULL },
};

enum { most_image_px = 1024 };

typedef struct settings {
    vt_redact_options masks;
    vt_detect_options wanted;
} settings;

static bool read_settings(settings *out, const vt__args *args)
{
    static const char *const methods[] = { "blur", "pixelate", "block", "image", NULL }, *const shapes[] = { "oval", "box", NULL };
    int method = 0, shape = 0;
    double margin = 0.15, min_face = 20, min_score = 0.4;
    if (!vt__args_choice(&method, args, "method", methods) || !vt__args_choice(&shape, args, "shape", shapes)) return false;
    if (!vt__args_number(&margin, args, "margin", 0, 1) || !vt__args_number(&min_face, args, "min-face", 4, 10000) ||
        !vt__args_number(&min_score, args, "min-score", 0.01, 0.99))
        return false;
    *out = (settings){ VT_REDACT_OPTIONS_INIT, VT_DETECT_OPTIONS_INIT };
    out->masks.method = (vt_redact_method)method;
    out->masks.shape = (vt_redact_shape)shape;
    out->masks.margin = (float)margin;
    out->wanted.min_face_px = (float)min_face;
    out->wanted.min_score = (float)min_score;
    return true;
}

/* Every mask's picture, made smaller where it is larger than masks are; none where none is named. */
static vt_status load_image(vt_pixels *out, const vt__args *args, vt_error *err)
{
    const char *path = vt__args_get(args, "image");
    vt__loaded loaded;
    *out = (vt_pixels){ 0 };
    vt_status status = path ? vt__load_picture(&loaded, path, err) : VT_OK;
    if (!path || status) return status;
    status = vt__picture_copy(out, loaded.picture, err);
    vt__unload_picture(&loaded);
    vt_size size = out->size;
    int longer = size.width > size.height ? size.width : size.height;
    if (status || longer <= most_image_px) return status;
    vt_pixels full = *out;
    vt_size small = { size.width * most_image_px / longer, size.height * most_image_px / longer };
    status = vt__resize(out, &full, (vt_size){ small.width > 0 ? small.width : 1, small.height > 0 ? small.height : 1 }, err);
    vt_pixels_free(&full);
    if (status) *out = (vt_pixels){ 0 };
    return status;
}

static vt_status hide(vt_pixels *pixels, size_t *hidden, const vt__work *work, vt_picture *picture, const settings *s, vt_error *err)
{
    vt_faces faces = { 0 };
    vt_status status = vt_session_detect(&faces, work->session, picture, &s->wanted, err);
    vt_box *boxes = status ? NULL : vt__calloc(faces.count, sizeof *boxes);
    if (!status && !boxes) status = vt__fail_memory(err, faces.count * sizeof *boxes);
    for (size_t i = 0; boxes && i < faces.count; i++) boxes[i] = faces.items[i].box;
    if (!status) status = vt__picture_copy(pixels, picture, err);
    if (!status) status = vt_redact_pixels(pixels, boxes, faces.count, &s->masks, err);
    *hidden = faces.count;
    vt__free(boxes);
    vt_faces_free(&faces);
    return status;
}

static vt_status redact_one(const vt__work *work, const settings *s, const char *from, const char *to, vt_error *err)
{
    vt__loaded loaded;
    vt_status status = vt__load_picture(&loaded, from, err);
    if (status) return status;
    vt_pixels pixels = { 0 };
    size_t hidden = 0;
    status = hide(&pixels, &hidden, work, loaded.picture, s, err);
    if (!status) status = vt__picture_out(to, &pixels, err);
    if (status) vt__error_prefix(err, status, "%s", from);
    else printf("%s: %zu face%s hidden -> %s\n", from, hidden, hidden == 1 ? "" : "s", to);
    vt_pixels_free(&pixels);
    vt__unload_picture(&loaded);
    return status;
}

/* One picture goes to the named file; of several, each into the named folder under its own name. */
static char *target_of(const char *from, const char *out, bool many)
{
    const char *slash = strrchr(from, '/');
    return many ? vt__path_join(out, slash ? slash + 1 : from) : vt__strdup(out);
}

static int redact_all(const vt__args *args, const vt__work *work, const settings *s, const vt__names *paths, const char *out)
{
    bool many = vt__folder_exists(out);
    vt__progress progress;
    vt_error err;
    int code = EXIT_FINE;
    vt__progress_begin(&progress, args, "redacting", paths->count);
    for (size_t i = 0; i < paths->count; i++) {
        char *to = target_of(paths->items[i], out, many);
        vt__progress_clear(&progress);
        vt_status status = to ? redact_one(work, s, paths->items[i], to, &err) : vt__fail_memory(&err, 64);
        if (status) code = vt__complain(args, &err);
        vt__free(to);
        vt__progress_step(&progress, i + 1);
    }
    return code;
}

static int redact_pictures(const vt__args *args, const settings *s)
{
    vt__args inputs = *args;
    const char *out = args->operands[--inputs.count];
    vt__names paths;
    vt__work work;
    vt_error err;
    int code = EXIT_FINE;
    if (vt__inputs_find(&paths, &inputs, 0, &err)) return vt__complain(args, &err);
    if (paths.count > 1 && vt__folder_make(out, 0755, &err)) code = vt__complain(args, &err);
    if (!code) code = vt__work_open(&work, args);
    if (!code) {
        code = redact_all(args, &work, s, &paths, out);
        vt__work_close(&work);
    }
    vt__names_free(&paths);
    return code;
}

static int run(const vt__args *args)
{
    settings s;
    vt_pixels image;
    vt_error err;
    if (!read_settings(&s, args)) return EXIT_WRONG_USE;
    if (args->count < 2) {
        fprintf(stderr, "vultus redact: name the pictures, and last the file (or, of several, the folder) to write\n");
        return EXIT_WRONG_USE;
    }
    if (s.masks.method == VT_REDACT_IMAGE && !vt__args_get(args, "image")) {
        fprintf(stderr, "vultus redact: --method image needs --image PICTURE\n");
        return EXIT_WRONG_USE;
    }
    if (load_image(&image, args, &err)) return vt__complain(args, &err);
    if (image.data) s.masks.image = &image;
    bool video = vt__video_ending(args->operands[args->count - 1]);
    int code = video ? vt__redact_video_command(args, &s.masks, s.wanted.min_face_px, s.wanted.min_score) : redact_pictures(args, &s);
    vt_pixels_free(&image);
    return code;
}

const vt__command vt__command_redact = {
    "redact", "PICTURE... | VIDEO OUT", "hide faces in pictures or a video",
    "What is written holds no EXIF, no location and no thumbnail of the original. No template is made, but for\n"
    "--keep and --only, which need a registered use as all recognition does (vultus policy register --help).", options, run,
};
