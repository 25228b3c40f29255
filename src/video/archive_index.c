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
#include "video/join.h"
#include "video/look.h"

static const float better_shot = 1.15f; /* at once another template for a shot so much better than all before */
static const float like_the_best = 0.7f; /* and after a while for one that is nearly as good */
static const double a_while_s = 0.4;
enum { most_shots = 6 };
static const float default_min_face_px = 30, least_quality = 0.12f, start_score = 0.6f;
static const double default_rest_s = 0.16;

/* A track's template is the mean of some good shots, turned to length 1: one shot may have caught a hand, a grimace or the end
 * of a cross-fade. */
typedef struct followed {
    uint32_t number;
    float strongest; /* detection */
    double from_s, to_s;
    float quality, tried; /* of the best shot taken, and of the best looked at */
    double time_s, tried_s;
    vt_box box;
    int shots;
    vt_template sum;
} followed;

typedef struct indexing {
    vt_session *session;
    const vt_archive_index_options *options;
    vt_video *video;
    vt__looker looker;
    vt__joiner joiner;
    followed *faces; /* those of the open tracks, by number */
    size_t count, capacity;
    vt_archive_video *to;
    size_t room; /* for its tracks */
} indexing;

static followed *face_of(const indexing *x, uint32_t number)
{
    for (size_t i = x->count; i-- > 0;)
        if (x->faces[i].number == number) return &x->faces[i];
    return NULL;
}

static vt_status begin_following(followed **out, indexing *x, uint32_t number, double time_s, vt_error *err)
{
    void *faces = x->faces;
    vt_status status = vt__room_for(&faces, &x->capacity, x->count + 1, sizeof *x->faces, err);
    x->faces = faces;
    if (status) return status;
    *out = &x->faces[x->count++];
    **out = (followed){ .number = number, .from_s = time_s, .to_s = time_s };
    return VT_OK;
}

static bool worth_trying(const followed *c, float quality, double time_s)
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

static vt_status take(followed *c, const indexing *x, vt_picture *picture, const vt_face *seen, double time_s, float quality, vt_error *err)
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

/* Looks closer at the frame's faces that are better shots than those before. */
static vt_status follow(indexing *x, const vt_faces *faces, const uint32_t *numbers, vt_error *err)
{
    vt_pixels pixels = { 0 };
    vt_picture *picture = NULL;
    vt_status status = VT_OK;
    double time_s = vt_video_time_s(x->video);
    for (size_t i = 0; i < faces->count && !status; i++) {
        float quality = vt_face_shot_quality(&faces->items[i]);
        followed *c = face_of(x, numbers[i]);
        if (numbers[i] && !c) status = begin_following(&c, x, numbers[i], time_s, err);
        if (status || !c) continue;
        c->to_s = time_s;
        c->strongest = fmaxf(c->strongest, faces->items[i].score);
        if (quality < least_quality || !worth_trying(c, quality, time_s)) continue;
        c->tried = quality > c->tried ? quality : c->tried;
        c->tried_s = time_s;
        if (!picture) status = vt_video_pixels(&pixels, x->video, 0, err);
        if (!status && !picture) status = vt_picture_from_pixels(&picture, &pixels, err);
        if (!status) status = take(c, x, picture, &faces->items[i], time_s, quality, err);
    }
    vt_picture_close(picture);
    vt_pixels_free(&pixels);
    return status;
}

/* The mean of a track's shots. */
static vt_template template_of(const followed *c)
{
    vt_template out = c->sum;
    double length = 0;
    for (uint32_t i = 0; i < out.dimension; i++) length += (double)out.values[i] * out.values[i];
    for (uint32_t i = 0; i < out.dimension && length > 0; i++) out.values[i] /= (float)sqrt(length);
    return out;
}

/* Tracks of which no shot was good enough for a template are left out, nobody could be found by them; and so are those never
 * surely a face. */
static vt_status hand_over(indexing *x, const followed *c, vt_error *err)
{
    if (!c->shots || c->strongest < start_score) return VT_OK;
    void *tracks = x->to->tracks;
    vt_status status = vt__room_for(&tracks, &x->room, x->to->count + 1, sizeof *x->to->tracks, err);
    x->to->tracks = tracks;
    if (status) return status;
    x->to->tracks[x->to->count++] = (vt_archive_track){ c->from_s, c->to_s, c->time_s, c->quality, c->box, template_of(c) };
    return VT_OK;
}

static bool is_open(const vt__joiner *joiner, uint32_t number)
{
    for (size_t i = 0; i < joiner->count; i++)
        if (joiner->open[i].number == number) return true;
    return false;
}

/* Lets go of the faces whose tracks have ended, or of all. */
static vt_status let_go(indexing *x, bool all, vt_error *err)
{
    vt_status status = VT_OK;
    size_t kept = 0;
    for (size_t i = 0; i < x->count; i++) {
        if (!all && is_open(&x->joiner, x->faces[i].number)) {
            x->faces[kept++] = x->faces[i];
            continue;
        }
        if (!status) status = hand_over(x, &x->faces[i], err);
    }
    vt__wipe(x->faces + kept, (x->count - kept) * sizeof *x->faces);
    x->count = kept;
    return status;
}

static vt_status look_at_frame(indexing *x, vt_error *err)
{
    vt__looked seen;
    vt_status status = vt__look(&seen, &x->looker, x->video, x->session, err);
    uint32_t *numbers = status ? NULL : vt__calloc(seen.faces.count + 1, sizeof *numbers);
    if (!status && !numbers) status = vt__fail_memory(err, seen.faces.count * sizeof *numbers);
    if (!status) status = vt__join(numbers, &x->joiner, vt_video_frame(x->video), vt_video_time_s(x->video), &seen.faces, seen.cut, err);
    if (!status) status = let_go(x, false, err);
    if (!status) status = follow(x, &seen.faces, numbers, err);
    vt__free(numbers);
    vt_faces_free(&seen.faces);
    return status;
}

static vt_status look_at_all(indexing *x, vt_error *err)
{
    bool more = true;
    double whole_s = vt_video_get_info(x->video).duration_s;
    for (;;) {
        vt_status status = vt_video_next(&more, x->video, err);
        if (!status && !more) return let_go(x, true, err);
        if (!status) status = look_at_frame(x, err);
        if (status) return status;
        x->to->duration_s = vt_video_time_s(x->video);
        if (x->options->on_progress) x->options->on_progress(x->options->payload, x->to->duration_s, whole_s);
    }
}

static vt_status look_through(indexing *x, vt_error *err)
{
    static const vt_tracker_options joining = VT_TRACKER_OPTIONS_INIT;
    const vt_archive_index_options *o = x->options;
    vt__look_options how = { .min_face_px = o->min_face_px > 0 ? o->min_face_px : default_min_face_px };
    how.rest_s = o->rest_s < 0 ? 0 : o->rest_s > 0 ? o->rest_s : default_rest_s;
    vt__looker_begin(&x->looker, &how);
    vt__joiner_begin(&x->joiner, &joining);
    vt_status status = vt_video_open(&x->video, x->to->path, &o->video, err);
    if (!status) status = look_at_all(x, err);
    vt_video_close(x->video);
    vt__joiner_free(&x->joiner);
    vt__free_secret(x->faces, x->capacity * sizeof *x->faces);
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
    vt_archive_video video;
    indexing x = { .session = session, .options = options ? options : &defaults, .to = &video };
    const vt_video_bytes *bytes = x.options->video.bytes;
    vt_status status = bytes ? describe_bytes(&video, path, bytes, engine, err) : describe(&video, path, engine, err);
    if (status) return status;
    *unchanged = is_unchanged(archive, &video);
    if (!*unchanged) {
        status = look_through(&x, err);
        if (!status) status = vt__record_write(archive, &video, err);
        archive->listed = false;
    }
    vt_archive_video_free(&video);
    return status;
}
