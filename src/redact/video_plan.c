/* First pass. Templates are made here only when people were given. */
#include "redact/video_plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <vultus/match.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/memory.h"
#include "redact/cover.h"
#include "video/bytes_io.h"
#include "video/scan.h"

static const float default_min_score = 0.45f, follow_score = 0.3f;
static const double gap_s = 1.5, extend_s = 0.4; /* long enough for a head that turns away and back */
static const double closer_s = 0.2;               /* small faces are seen once in this time, and held in between */
static const float better_shot = 1.15f;          /* a new template is made for a shot so much better */
/* Doubt is decided towards hiding: kept only when surely recognised, hidden already when perhaps. */
static const float keep_confidence = VT_IDENTICAL_CONFIDENCE, only_confidence = 0.3f;

/* What is known of one track's person. */
typedef struct look {
    float quality;           /* of the shot the best template came from */
    float best, most;        /* confidence at the best shot; largest over all */
} look;

typedef struct pass {
    const vt_redact_video_options *options;
    const vt_engine *engine;
    vt_session *session;
    look *looks; /* by provisional number - 1 */
    size_t count;
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

static vt_status look_of(look **out, pass *p, uint32_t number, vt_error *err)
{
    if (number > p->count) {
        size_t wanted = (size_t)number * 2;
        look *bigger = vt__realloc(p->looks, wanted, sizeof *bigger);
        if (!bigger) return vt__fail_memory(err, wanted * sizeof *bigger);
        memset(bigger + p->count, 0, (wanted - p->count) * sizeof *bigger);
        p->looks = bigger;
        p->count = wanted;
    }
    *out = &p->looks[number - 1];
    return VT_OK;
}

static float confidence_of(const pass *p, const vt_template *template)
{
    float best = 0;
    for (size_t i = 0; i < p->options->people_count; i++) {
        const vt_template *person = &p->options->people[i];
        if (person->dimension == template->dimension)
            best = fmaxf(best, vt_engine_confidence(p->engine, vt_cosine(person->values, template->values, template->dimension)));
    }
    return best;
}

static vt_status recognise(look *known, const pass *p, vt_picture *picture, const vt_face *face, float quality, vt_error *err)
{
    vt_template template;
    vt_status status = vt_session_template(&template, p->session, picture, face, err);
    if (status == VT_ENOFACE) return VT_OK;
    if (status) return status;
    known->quality = quality;
    known->best = confidence_of(p, &template);
    known->most = fmaxf(known->most, known->best);
    vt__wipe(&template, sizeof template);
    return VT_OK;
}

/* Recognises those faces that are shown better than ever before in their track. */
static vt_status on_faces(void *payload, vt_video *video, const vt_faces *faces, const uint32_t *track_of, vt_error *err)
{
    pass *p = payload;
    vt_pixels pixels = { 0 };
    vt_picture *picture = NULL;
    vt_status status = VT_OK;
    for (size_t i = 0; i < faces->count && !status; i++) {
        look *known = NULL;
        if (!track_of[i]) continue;
        status = look_of(&known, p, track_of[i], err);
        float quality = vt_face_shot_quality(&faces->items[i]);
        if (status || quality <= known->quality * better_shot) continue;
        if (!picture) status = vt_video_pixels(&pixels, video, 0, err);
        if (!status && !picture) status = vt_picture_from_pixels(&picture, &pixels, err);
        if (!status) status = recognise(known, p, picture, &faces->items[i], quality, err);
    }
    vt_picture_close(picture);
    vt_pixels_free(&pixels);
    return status;
}

static void on_progress(void *payload, double time_s)
{
    const pass *p = payload;
    p->options->on_progress(p->options->payload, 1, p->duration_s > 0 ? fmin(time_s / p->duration_s, 1) : -1);
}

static void decide(vt__plan *plan, const pass *p, const vt_tracker *tracker)
{
    for (size_t i = 0; i < plan->tracks.count; i++) {
        plan->hidden[i] = plan->whom != VT_REDACT_ONLY;
        plan->confidence[i] = plan->whom == VT_REDACT_EVERYONE ? -1 : 0;
    }
    for (uint32_t number = 1; number <= p->count; number++) {
        uint32_t id = vt_tracker_number(tracker, number);
        if (!id) continue;
        const look *known = &p->looks[number - 1];
        plan->confidence[id - 1] = plan->whom == VT_REDACT_ONLY ? known->most : known->best;
        plan->hidden[id - 1] = plan->whom == VT_REDACT_ONLY ? known->most >= only_confidence : known->best < keep_confidence;
    }
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
    how.on_faces = plan->whom == VT_REDACT_EVERYONE ? NULL : on_faces;
    how.on_progress = p->options->on_progress ? on_progress : NULL;
    vt__scan found;
    vt_tracker *tracker = NULL;
    vt_status status = vt__video_scan(&found, &tracker, video, p->session, &how, err);
    if (status) return status;
    plan->tracks = found.tracks;
    plan->frames = found.frames;
    vt__boxes_settle(plan->boxes, lasting_number, tracker);
    status = vt__plan_mark(plan, err);
    if (!status) decide(plan, p, tracker);
    vt_tracker_close(tracker);
    return status;
}

vt_status vt__plan_make(vt__plan *out, const char *from, const vt_engine *engine, vt_session *session,
                        const vt_redact_video_options *options, vt_error *err)
{
    pass p = { .options = options, .engine = engine, .session = session };
    vt_video *video = NULL;
    uint8_t digest[VT__SHA256_BYTES];
    *out = (vt__plan){ .min_face_px = options->min_face_px > 0 ? options->min_face_px : 20, .whom = options->whom,
                       .min_score = options->min_score > 0 ? options->min_score : default_min_score };
    if (options->whom != VT_REDACT_EVERYONE && !options->people_count) return vt__fail(err, VT_EINVAL, "no people were given to tell apart");
    snprintf(out->pack_digest, sizeof out->pack_digest, "%s", vt_engine_digest(engine));
    vt_status status = vt__mask_settle(&out->masks, &options->masks, err);
    if (!status) status = vt__bytes_digest(digest, from, options->video.bytes, err);
    if (!status) vt__hex_encode(out->source_digest, digest, sizeof digest);
    if (!status) status = vt__boxes_open(&out->boxes, err);
    if (!status) status = vt_video_open(&video, from, &options->video, err);
    if (!status) {
        out->size = vt_video_get_info(video).size;
        p.duration_s = vt_video_get_info(video).duration_s;
        status = scan(out, &p, video, err);
    }
    vt_video_close(video);
    vt__free(p.looks);
    if (status) vt__plan_free(out);
    return status;
}
