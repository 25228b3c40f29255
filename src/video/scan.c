#include "video/scan.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "video/cut.h"

static const float face_at_input_px = 10; /* the smallest face that the detector finds well in its input */
static const float default_min_face_px = 20;
enum { least_side_px = 320, most_side_px = 1920, alert_frames = 8 };

typedef struct scan {
    vt_video *video;
    vt_session *session;
    vt_tracker *tracker;
    const vt__scan_options *options;
    vt__cut_state cut;
    int side_px;
    float scale; /* full-size pixels per looked-at pixel */
    double last_look_s;
    size_t last_count; /* of faces */
    int alert; /* frames yet to be looked at, all of them, after something changed */
} scan;

/* How small frames may be made so that the smallest face wanted is still found. */
static int choose_side(vt_size size, float min_face_px)
{
    float longer = (float)(size.width > size.height ? size.width : size.height);
    float side = longer * face_at_input_px / (min_face_px > 0 ? min_face_px : default_min_face_px);
    return (int)fminf(fmaxf(side, least_side_px), fminf(longer, most_side_px));
}

static vt_status detect(vt_faces *faces, scan *s, const vt_pixels *pixels, vt_error *err)
{
    vt_picture *picture = NULL;
    vt_detect_options wanted = VT_DETECT_OPTIONS_INIT;
    wanted.min_score = s->options->tracker.follow_score > 0 ? s->options->tracker.follow_score : 0.3f;
    wanted.min_face_px = fminf(face_at_input_px, face_at_input_px * (float)s->side_px / least_side_px);
    vt_status status = vt_picture_from_pixels(&picture, pixels, err);
    if (!status) status = vt_session_detect(faces, s->session, picture, &wanted, err);
    vt_picture_close(picture);
    for (size_t i = 0; !status && i < faces->count; i++) {
        vt_face *face = &faces->items[i];
        face->box = (vt_box){ face->box.left * s->scale, face->box.top * s->scale, face->box.width * s->scale, face->box.height * s->scale };
        for (int p = 0; p < VT_POINTS5; p++) face->points5[p] = (vt_point){ face->points5[p].x * s->scale, face->points5[p].y * s->scale };
    }
    return status;
}

/* Hands the faces to the tracker and to whoever listens. */
static vt_status pass_on(scan *s, const vt_faces *faces, bool cut, vt_error *err)
{
    uint32_t *track_of = vt__calloc(faces->count + 1, sizeof *track_of);
    if (!track_of) return vt__fail_memory(err, faces->count * sizeof *track_of);
    vt_status status = vt_tracker_add(track_of, s->tracker, vt_video_frame(s->video), vt_video_time_s(s->video), faces, cut, err);
    if (!status && s->options->on_faces && faces->count) status = s->options->on_faces(s->options->payload, s->video, faces, track_of, err);
    vt__free(track_of);
    return status;
}

static bool due(const scan *s, bool cut)
{
    return cut || s->alert > 0 || !(s->options->rest_s > 0) || vt_video_time_s(s->video) - s->last_look_s >= s->options->rest_s - 1e-6;
}

static vt_status look(scan *s, int64_t *looked_at, vt_error *err)
{
    vt_pixels pixels;
    vt_faces faces = { 0 };
    vt_status status = vt_video_pixels(&pixels, s->video, s->side_px, err);
    if (status) return status;
    s->scale = (float)vt_video_get_info(s->video).size.width / (float)pixels.size.width;
    bool cut = vt__cut_seen(&s->cut, &pixels);
    if (due(s, cut)) {
        status = detect(&faces, s, &pixels, err);
        s->alert = cut || faces.count != s->last_count ? alert_frames : s->alert > 0 ? s->alert - 1 : 0;
        s->last_count = faces.count;
        s->last_look_s = vt_video_time_s(s->video);
        ++*looked_at;
    }
    if (!status) status = pass_on(s, &faces, cut, err);
    vt_faces_free(&faces);
    vt_pixels_free(&pixels);
    return status;
}

vt_status vt__video_scan(vt__scan *out, vt_tracker **tracker, vt_video *video, vt_session *session, const vt__scan_options *options,
                         vt_error *err)
{
    scan s = { .video = video, .session = session, .options = options, .last_look_s = -1e9, .alert = alert_frames };
    bool more = true;
    *out = (vt__scan){ 0 };
    if (tracker) *tracker = NULL;
    s.side_px = choose_side(vt_video_get_info(video).size, options->min_face_px);
    vt_status status = vt_tracker_open(&s.tracker, &options->tracker, err);
    while (!status && more) {
        status = vt_video_next(&more, video, err);
        if (status || !more) break;
        status = look(&s, &out->looked_at, err);
        out->frames = vt_video_frame(video) + 1;
        out->duration_s = vt_video_time_s(video);
        if (options->on_progress) options->on_progress(options->payload, out->duration_s);
    }
    if (!status) status = vt_tracker_finish(&out->tracks, s.tracker, err);
    if (tracker && !status) *tracker = s.tracker;
    else vt_tracker_close(s.tracker);
    return status;
}
