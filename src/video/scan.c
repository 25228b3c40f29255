#include "video/scan.h"

#include "base/error.h"
#include "base/memory.h"
#include "video/look.h"

typedef struct scan {
    vt_video *video;
    vt_tracker *tracker;
    const vt__scan_options *options;
} scan;

/* Hands the faces to the tracker and to whoever listens. */
static vt_status pass_on(const scan *s, const vt__looked *seen, vt_error *err)
{
    const vt_faces *faces = &seen->faces;
    uint32_t *track_of = vt__calloc(faces->count + 1, sizeof *track_of);
    if (!track_of) return vt__fail_memory(err, faces->count * sizeof *track_of);
    vt_status status = vt_tracker_add(track_of, s->tracker, vt_video_frame(s->video), vt_video_time_s(s->video), faces, seen->cut, err);
    if (!status && s->options->on_faces && faces->count) status = s->options->on_faces(s->options->payload, s->video, faces, track_of, err);
    vt__free(track_of);
    return status;
}

vt_status vt__video_scan(vt__scan *out, vt_tracker **tracker, vt_video *video, vt_session *session, const vt__scan_options *options,
                         vt_error *err)
{
    scan s = { .video = video, .options = options };
    vt__looker looker;
    bool more = true;
    *out = (vt__scan){ 0 };
    if (tracker) *tracker = NULL;
    vt__looker_begin(&looker, &(vt__look_options){ options->min_face_px, options->tracker.follow_score, 0, options->closer_s });
    vt_status status = vt_tracker_open(&s.tracker, &options->tracker, err);
    while (!status) {
        vt__looked seen = { .at_all = false };
        status = vt_video_next(&more, video, err);
        if (status || !more) break;
        status = vt__look(&seen, &looker, video, session, err);
        if (!status) status = pass_on(&s, &seen, err);
        vt_faces_free(&seen.faces);
        out->frames = vt_video_frame(video) + 1;
        out->duration_s = vt_video_time_s(video);
        if (options->on_progress) options->on_progress(options->payload, out->duration_s);
    }
    if (!status) status = vt_tracker_finish(&out->tracks, s.tracker, err);
    if (tracker && !status) *tracker = s.tracker;
    else vt_tracker_close(s.tracker);
    return status;
}
