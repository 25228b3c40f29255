/* A video's faces put into its record: one template a track, of its best shots. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/memory.h"
#include "video/archive_record.h"
#include "video/scan.h"

static const float better_shot = 1.15f; /* at once another template for a shot so much better than all before */
static const float like_the_best = 0.7f; /* and after a while for one that is nearly as good */
static const double a_while_s = 0.4;
enum { most_shots = 6 };
static const float default_min_face_px = 30, least_quality = 0.12f;
static const double default_rest_s = 0.16;

/* A track's template is the mean of some good shots, turned to length 1: one shot may have caught a hand, a grimace or the end
 * of a cross-fade. */
typedef struct candidate {
    float quality, tried; /* of the best shot taken, and of the best looked at */
    double time_s, tried_s;
    vt_box box;
    int shots;
    vt_template sum;
} candidate;

typedef struct indexing {
    vt_session *session;
    const vt_archive_index_options *options;
    double duration_s;
    candidate **best; /* by provisional number - 1 */
    size_t count;
} indexing;

static vt_status candidate_of(candidate **out, indexing *x, uint32_t number, vt_error *err)
{
    if (number > x->count) {
        size_t wanted = (size_t)number * 2;
        candidate **more = vt__realloc(x->best, wanted, sizeof *more);
        if (!more) return vt__fail_memory(err, wanted * sizeof *more);
        memset(more + x->count, 0, (wanted - x->count) * sizeof *more);
        x->best = more;
        x->count = wanted;
    }
    if (!x->best[number - 1]) x->best[number - 1] = vt__calloc(1, sizeof **x->best);
    *out = x->best[number - 1];
    return *out ? VT_OK : vt__fail_memory(err, sizeof **x->best);
}

static bool worth_trying(const candidate *c, float quality, double time_s)
{
    if (quality > c->tried * better_shot) return true;
    return c->shots < most_shots && quality >= c->tried * like_the_best && time_s - c->tried_s >= a_while_s;
}

/* A face that is too blurred, dark or noisy to be told from others is no shot: such faces are all alike. A profile is one:
 * it is found by profiles. Limits as those of the quality for recognition. */
static bool is_clear(const vt_attributes *a)
{
    return a->blur <= 0.8f && fabsf(a->exposure - 0.5f) <= 0.38f && a->noise <= 0.8f;
}

static vt_status take(candidate *c, const indexing *x, vt_picture *picture, const vt_face *seen, double time_s, float quality, vt_error *err)
{
    vt_face face = *seen;
    vt_template template;
    vt_status status = vt_session_complete(&face, x->session, picture, VT_WANT_QUALITY, err);
    if (status || !is_clear(&face.attributes)) return status == VT_ENOFACE ? VT_OK : status;
    status = vt_session_template(&template, x->session, picture, &face, err);
    if (status) return status == VT_ENOFACE ? VT_OK : status;
    float sum[VT_TEMPLATE_MAX_DIMENSION];
    for (uint32_t i = 0; i < template.dimension; i++) sum[i] = (c->shots ? c->sum.values[i] : 0) + quality * template.values[i];
    c->sum = template;
    memcpy(c->sum.values, sum, template.dimension * sizeof sum[0]);
    c->shots++;
    if (quality > c->quality) {
        c->quality = quality;
        c->time_s = time_s;
        c->box = face.box;
    }
    vt__wipe(&template, sizeof template);
    vt__wipe(sum, sizeof sum);
    return VT_OK;
}

static vt_status on_faces(void *payload, vt_video *video, const vt_faces *faces, const uint32_t *track_of, vt_error *err)
{
    indexing *x = payload;
    vt_pixels pixels = { 0 };
    vt_picture *picture = NULL;
    vt_status status = VT_OK;
    double time_s = vt_video_time_s(video);
    for (size_t i = 0; i < faces->count && !status; i++) {
        float quality = vt_face_shot_quality(&faces->items[i]);
        candidate *c = NULL;
        if (!track_of[i] || quality < least_quality) continue;
        status = candidate_of(&c, x, track_of[i], err);
        if (status || !worth_trying(c, quality, time_s)) continue;
        c->tried = quality > c->tried ? quality : c->tried;
        c->tried_s = time_s;
        if (!picture) status = vt_video_pixels(&pixels, video, 0, err);
        if (!status && !picture) status = vt_picture_from_pixels(&picture, &pixels, err);
        if (!status) status = take(c, x, picture, &faces->items[i], time_s, quality, err);
    }
    vt_picture_close(picture);
    vt_pixels_free(&pixels);
    return status;
}

/* The mean of a track's shots. */
static vt_template template_of(const candidate *c)
{
    vt_template out = c->sum;
    double length = 0;
    for (uint32_t i = 0; i < out.dimension; i++) length += (double)out.values[i] * out.values[i];
    for (uint32_t i = 0; i < out.dimension && length > 0; i++) out.values[i] /= (float)sqrt(length);
    return out;
}

static void on_progress(void *payload, double time_s)
{
    const indexing *x = payload;
    x->options->on_progress(x->options->payload, time_s, x->duration_s);
}

/* Tracks of which no shot was good enough for a template are left out: nobody could be found by them. */
static vt_status gather(vt_archive_video *out, const indexing *x, const vt__scan *found, const vt_tracker *tracker, vt_error *err)
{
    out->duration_s = found->duration_s;
    out->tracks = vt__calloc(found->tracks.count + 1, sizeof *out->tracks);
    if (!out->tracks) return vt__fail_memory(err, found->tracks.count * sizeof *out->tracks);
    for (uint32_t number = 1; number <= x->count; number++) {
        uint32_t id = vt_tracker_number(tracker, number);
        const candidate *c = x->best[number - 1];
        if (!id || !c || !c->shots) continue;
        const vt_track *t = &found->tracks.items[id - 1];
        out->tracks[out->count++] = (vt_archive_track){ t->sightings[0].time_s, t->sightings[t->count - 1].time_s, c->time_s, c->quality, c->box, template_of(c) };
    }
    return VT_OK;
}

static vt_status look_through(vt_archive_video *out, indexing *x, vt_error *err)
{
    vt_video *video = NULL;
    vt_tracker *tracker = NULL;
    vt__scan found = { 0 };
    vt__scan_options how = { .tracker = VT_TRACKER_OPTIONS_INIT, .on_faces = on_faces, .payload = x };
    how.min_face_px = x->options->min_face_px > 0 ? x->options->min_face_px : default_min_face_px;
    how.rest_s = x->options->rest_s < 0 ? 0 : x->options->rest_s > 0 ? x->options->rest_s : default_rest_s;
    how.on_progress = x->options->on_progress ? on_progress : NULL;
    vt_status status = vt_video_open(&video, out->path, &x->options->video, err);
    if (!status) x->duration_s = vt_video_get_info(video).duration_s;
    if (!status) status = vt__video_scan(&found, &tracker, video, x->session, &how, err);
    if (!status) status = gather(out, x, &found, tracker, err);
    vt_tracker_close(tracker);
    vt_tracks_free(&found.tracks);
    vt_video_close(video);
    for (size_t i = 0; i < x->count; i++) vt__free_secret(x->best[i], sizeof **x->best);
    vt__free(x->best);
    return status;
}

/* Bytes of the caller's have no place and no time: their name and size tell them apart. */
static vt_status describe_bytes(vt_archive_video *out, const char *path, const vt_video_bytes *bytes, const vt_engine *engine, vt_error *err)
{
    *out = (vt_archive_video){ .path = vt__strdup(path), .size_bytes = (int64_t)bytes->size_bytes };
    snprintf(out->pack, sizeof out->pack, "%s", vt_engine_digest(engine));
    return out->path ? VT_OK : vt__fail_memory(err, strlen(path));
}

static vt_status describe(vt_archive_video *out, const char *path, const vt_engine *engine, vt_error *err)
{
    struct stat info;
    char *whole = realpath(path, NULL);
    *out = (vt_archive_video){ 0 };
    if (!whole || stat(whole, &info)) {
        free(whole);
        return vt__fail(err, VT_ENOTFOUND, "%s: no such file", path);
    }
    out->path = vt__strdup(whole);
    free(whole);
    out->size_bytes = info.st_size;
    out->modified_ms = (int64_t)info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1000000;
    snprintf(out->pack, sizeof out->pack, "%s", vt_engine_digest(engine));
    return out->path ? VT_OK : vt__fail_memory(err, strlen(path));
}

/* A record that cannot be read counts as none: the video is looked through again. */
static bool is_unchanged(const vt_archive *archive, const vt_archive_video *now)
{
    vt_archive_video before;
    char *path = vt__record_path(archive, now->path);
    bool same = path && vt__file_exists(path) && !vt__record_read(&before, archive, path, NULL);
    if (same) {
        same = before.size_bytes == now->size_bytes && before.modified_ms == now->modified_ms && !strcmp(before.pack, now->pack);
        vt_archive_video_free(&before);
    }
    vt__free(path);
    return same;
}

vt_status vt_archive_index(bool *unchanged, vt_archive *archive, const char *path, const vt_engine *engine, vt_session *session,
                           const vt_archive_index_options *options, vt_error *err)
{
    static const vt_archive_index_options defaults = VT_ARCHIVE_INDEX_OPTIONS_INIT;
    indexing x = { .session = session, .options = options ? options : &defaults };
    vt_archive_video video;
    const vt_video_bytes *bytes = x.options->video.bytes;
    vt_status status = bytes ? describe_bytes(&video, path, bytes, engine, err) : describe(&video, path, engine, err);
    if (status) return status;
    *unchanged = is_unchanged(archive, &video);
    if (!*unchanged) {
        status = look_through(&video, &x, err);
        if (!status) status = vt__record_write(archive, &video, err);
        archive->listed = false;
    }
    vt_archive_video_free(&video);
    return status;
}
