/* First pass. Templates are made here only when people were given. */
#include "redact/video_plan.h"

#include <math.h>
#include <stdio.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/memory.h"
#include "redact/cover.h"
#include "redact/video_people.h"
#include "video/bytes_io.h"
#include "video/scan.h"

static const float default_min_score = 0.45f, follow_score = 0.3f;
static const double gap_s = 1.5, extend_s = 0.4; /* long enough for a head that turns away and back */
static const double closer_s = 0.2;               /* small faces are seen once in this time, and held in between */

typedef struct pass {
    const vt_redact_video_options *options;
    vt_session *session;
    vt__people_seen *people; /* NULL: everyone is hidden */
    double duration_s;
} pass;

void vt__plan_free(vt__plan *plan)
{
    vt_tracks_free(&plan->tracks);
    vt__boxes_close(plan->boxes);
    vt__free(plan->hidden);
    vt__free(plan->confidence);
    *plan = (vt__plan){ 0 };
}

vt_status vt__plan_mark(vt__plan *plan, vt_error *err)
{
    vt__free(plan->hidden);
    vt__free(plan->confidence);
    plan->hidden = vt__calloc(plan->tracks.count + 1, sizeof *plan->hidden);
    plan->confidence = vt__calloc(plan->tracks.count + 1, sizeof *plan->confidence);
    return plan->hidden && plan->confidence ? VT_OK : vt__fail_memory(err, plan->tracks.count * sizeof *plan->confidence);
}

static vt_status on_faces(void *payload, vt_video *video, const vt_faces *faces, const uint32_t *track_of, vt_error *err)
{
    const pass *p = payload;
    return vt__people_look(p->people, video, faces, track_of, err);
}

static void on_progress(void *payload, double time_s)
{
    const pass *p = payload;
    p->options->on_progress(p->options->payload, 1, p->duration_s > 0 ? fmin(time_s / p->duration_s, 1) : -1);
}

static vt_status on_sightings(void *payload, uint32_t track, const vt_sighting *sightings, size_t count, vt_error *err)
{
    return vt__boxes_add(payload, track, sightings, count, err);
}

static uint32_t lasting_number(const void *tracker, uint32_t provisional) { return vt_tracker_number(tracker, provisional); }

static vt_status scan(vt__plan *plan, pass *p, vt_video *video, vt_error *err)
{
    vt__scan_options how = { .tracker = VT_TRACKER_OPTIONS_INIT, .min_face_px = plan->min_face_px, .payload = p };
    how.tracker.start_score = plan->min_score;
    how.tracker.follow_score = fminf(follow_score, plan->min_score);
    how.tracker.gap_s = gap_s;
    how.tracker.extend_s = extend_s;
    how.tracker.on_sightings = on_sightings;
    how.tracker.payload = plan->boxes;
    how.closer_s = closer_s;
    how.on_faces = p->people ? on_faces : NULL;
    how.on_progress = p->options->on_progress ? on_progress : NULL;
    vt__scan found;
    vt_tracker *tracker = NULL;
    vt_status status = vt__video_scan(&found, &tracker, video, p->session, &how, err);
    if (status) return status;
    plan->tracks = found.tracks;
    plan->frames = found.frames;
    vt__boxes_settle(plan->boxes, lasting_number, tracker);
    status = vt__plan_mark(plan, err);
    if (!status) vt__people_decide(plan, p->people, tracker);
    vt_tracker_close(tracker);
    return status;
}

vt_status vt__plan_make(vt__plan *out, const char *from, const vt_engine *engine, vt_session *session,
                        const vt_redact_video_options *options, vt_error *err)
{
    pass p = { .options = options, .session = session };
    vt_video *video = NULL;
    uint8_t digest[VT__SHA256_BYTES];
    *out = (vt__plan){ .min_face_px = options->min_face_px > 0 ? options->min_face_px : 20, .whom = options->whom,
                       .min_score = options->min_score > 0 ? options->min_score : default_min_score };
    if (options->whom != VT_REDACT_EVERYONE && !options->people_count) return vt__fail(err, VT_EINVAL, "no people were given to tell apart");
    snprintf(out->pack_digest, sizeof out->pack_digest, "%s", vt_engine_digest(engine));
    vt_status status = vt__mask_settle(&out->masks, &options->masks, err);
    if (!status) status = vt__bytes_digest(digest, from, options->video.bytes, err);
    if (!status) vt__hex_encode(out->source_digest, digest, sizeof digest);
    if (!status && options->whom != VT_REDACT_EVERYONE) status = vt__people_seen_open(&p.people, options, engine, session, err);
    if (!status) status = vt__boxes_open(&out->boxes, err);
    if (!status) status = vt_video_open(&video, from, &options->video, err);
    if (!status) {
        out->size = vt_video_get_info(video).size;
        p.duration_s = vt_video_get_info(video).duration_s;
        status = scan(out, &p, video, err);
    }
    vt_video_close(video);
    vt__people_seen_close(p.people);
    if (status) vt__plan_free(out);
    return status;
}
