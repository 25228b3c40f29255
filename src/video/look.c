#include "video/look.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "video/overlap.h"

static const float face_at_input_px = 10; /* the smallest face that the detector finds well in its input */
static const float default_min_face_px = 20;
static const float same_face = 0.35f; /* overlap of one face seen from near and from afar */
enum { least_side_px = 320, most_side_px = 1920, alert_frames = 8, closer = 2 /* times the usual side */ };

void vt__looker_begin(vt__looker *out, const vt__look_options *options)
{
    *out = (vt__looker){ .options = *options, .last_look_s = -1e9, .last_closer_s = -1e9, .alert = alert_frames };
}

/* How small frames may be made so that the smallest face wanted is still found. */
static int choose_side(vt_size size, float min_face_px)
{
    float longer = (float)(size.width > size.height ? size.width : size.height);
    float side = longer * face_at_input_px / (min_face_px > 0 ? min_face_px : default_min_face_px);
    return (int)fminf(fmaxf(side, least_side_px), fminf(longer, most_side_px));
}

static vt_status detect(vt_faces *faces, const vt__looker *looker, vt_session *session, const vt_pixels *pixels, int side_px, float full_width_px, vt_error *err)
{
    float scale = full_width_px / (float)pixels->size.width;
    vt_picture *picture = NULL;
    vt_detect_options wanted = VT_DETECT_OPTIONS_INIT;
    wanted.min_score = looker->options.min_score > 0 ? looker->options.min_score : 0.3f;
    wanted.min_face_px = fminf(face_at_input_px, face_at_input_px * (float)side_px / least_side_px);
    vt_status status = vt_picture_from_pixels(&picture, pixels, err);
    if (!status) status = vt_session_detect(faces, session, picture, &wanted, err);
    vt_picture_close(picture);
    for (size_t i = 0; !status && i < faces->count; i++) {
        vt_face *face = &faces->items[i];
        face->box = (vt_box){ face->box.left * scale, face->box.top * scale, face->box.width * scale, face->box.height * scale };
        for (int p = 0; p < VT_POINTS5; p++) face->points5[p] = (vt_point){ face->points5[p].x * scale, face->points5[p].y * scale };
    }
    return status;
}

/* Adds those of `more` that are none of the faces already there. */
static vt_status add_others(vt_faces *faces, const vt_faces *more, vt_error *err)
{
    vt_face *items = vt__realloc(faces->items, faces->count + more->count + 1, sizeof *items);
    if (!items) return vt__fail_memory(err, (faces->count + more->count) * sizeof *items);
    faces->items = items;
    size_t known = faces->count;
    for (size_t i = 0; i < more->count; i++) {
        bool new = true;
        for (size_t k = 0; k < known; k++) new = new && vt__overlap(&items[k].box, &more->items[i].box) < same_face;
        if (new) items[faces->count++] = more->items[i];
    }
    return VT_OK;
}

/* Small faces, which are seen only from near; they are followed by what is seen of them from afar. */
static vt_status look_closer(vt_faces *faces, const vt__looker *looker, vt_video *video, vt_session *session, int side_px, vt_error *err)
{
    vt_pixels pixels;
    vt_faces more = { 0 };
    vt_status status = vt_video_pixels(&pixels, video, side_px, err);
    if (status) return status;
    status = detect(&more, looker, session, &pixels, side_px, (float)vt_video_get_info(video).size.width, err);
    if (!status) status = add_others(faces, &more, err);
    vt_faces_free(&more);
    vt_pixels_free(&pixels);
    return status;
}

static bool closer_due(const vt__looker *looker, double time_s, bool cut)
{
    double closer_s = looker->options.closer_s;
    return closer_s > 0 && (cut || time_s - looker->last_closer_s >= closer_s - 1e-6);
}

static bool due(const vt__looker *looker, double time_s, bool cut)
{
    double rest_s = looker->options.rest_s;
    return cut || looker->alert > 0 || !(rest_s > 0) || time_s - looker->last_look_s >= rest_s - 1e-6;
}

vt_status vt__look(vt__looked *out, vt__looker *looker, vt_video *video, vt_session *session, vt_error *err)
{
    vt_pixels pixels;
    double time_s = vt_video_time_s(video);
    vt_size size = vt_video_get_info(video).size;
    int side_px = choose_side(size, looker->options.min_face_px);
    *out = (vt__looked){ .at_all = false };
    vt_status status = vt_video_pixels(&pixels, video, side_px, err);
    if (status) return status;
    out->cut = vt__cut_seen(&looker->cut, &pixels);
    out->at_all = due(looker, time_s, out->cut);
    if (out->at_all) {
        size_t before = looker->last_count;
        status = detect(&out->faces, looker, session, &pixels, side_px, (float)size.width, err);
        looker->alert = out->cut || out->faces.count != before ? alert_frames : looker->alert > 0 ? looker->alert - 1 : 0;
        looker->last_count = out->faces.count;
        looker->last_look_s = time_s;
    }
    int closer_px = (int)fminf((float)(side_px * closer), fminf(most_side_px, fmaxf((float)size.width, (float)size.height)));
    if (!status && closer_px > side_px && closer_due(looker, time_s, out->cut)) {
        status = look_closer(&out->faces, looker, video, session, closer_px, err);
        looker->last_closer_s = time_s;
    }
    vt_pixels_free(&pixels);
    return status;
}
