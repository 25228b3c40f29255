#include "video/archive_follow.h"

#include <math.h>
#include <string.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/memory.h"
#include "image/sample.h"

static const float better_shot = 1.15f; /* at once another template for a shot so much better than all before */
static const float like_the_best = 0.7f; /* and after a while for one that is nearly as good */
static const double a_while_s = 0.4;
static const float least_quality = 0.12f, start_score = 0.6f;
static const float around_face = 0.4f; /* of its size, on every side of a thumbnail */
enum { most_shots = 6, thumbnail_side_px = 96, thumbnail_quality = 75 };

void vt__following_begin(vt__following *out, const vt__look_options *options, bool thumbnails)
{
    static const vt_tracker_options joining = VT_TRACKER_OPTIONS_INIT;
    *out = (vt__following){ .thumbnails = thumbnails };
    vt__looker_begin(&out->looker, options);
    vt__joiner_begin(&out->joiner, &joining);
}

static void free_face(vt__followed *c)
{
    if (c) vt__free_secret(c->thumbnail, c->thumbnail_bytes);
    vt__free_secret(c, sizeof *c);
}

void vt__following_free(vt__following *f)
{
    for (size_t i = 0; i < f->count; i++) free_face(f->faces[i]);
    vt__free(f->faces);
    vt__joiner_free(&f->joiner);
    *f = (vt__following){ 0 };
}

static vt__followed *face_of(const vt__following *f, uint32_t number)
{
    for (size_t i = f->count; i-- > 0;)
        if (f->faces[i]->number == number) return f->faces[i];
    return NULL;
}

static vt_status begin_face(vt__followed **out, vt__following *f, uint32_t number, double time_s, vt_error *err)
{
    void *faces = f->faces;
    vt_status status = vt__room_for(&faces, &f->capacity, f->count + 1, sizeof *f->faces, err);
    f->faces = faces;
    if (status) return status;
    *out = vt__calloc(1, sizeof **out);
    if (!*out) return vt__fail_memory(err, sizeof **out);
    **out = (vt__followed){ .number = number, .from_s = time_s, .to_s = time_s };
    f->faces[f->count++] = *out;
    return VT_OK;
}

/* ---- shots ---- */

static bool worth_trying(const vt__followed *c, float quality, double time_s)
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

/* A small picture of the face and what is around it, for people to know it by. */
static vt_status picture_face(vt__followed *c, const vt_pixels *frame, const vt_box *box, vt_error *err)
{
    float side = fmaxf(box->width, box->height) * (1 + 2 * around_face);
    float x = box->left + box->width / 2 - side / 2, y = box->top + box->height / 2 - side / 2;
    int left = (int)fmaxf(0, x), top = (int)fmaxf(0, y);
    int right = (int)fminf((float)frame->size.width, x + side), bottom = (int)fminf((float)frame->size.height, y + side);
    if (right <= left || bottom <= top) return VT_OK;
    vt_pixels view = { frame->data + (size_t)top * frame->stride_bytes + (size_t)left * 3, { right - left, bottom - top }, frame->stride_bytes };
    float scale = fminf(1, thumbnail_side_px / (float)(view.size.width > view.size.height ? view.size.width : view.size.height));
    vt_size wanted = { (int)fmaxf(1, (float)view.size.width * scale), (int)fmaxf(1, (float)view.size.height * scale) };
    vt_pixels small = { 0 };
    uint8_t *bytes = NULL;
    size_t size = 0;
    vt_encode_options how = VT_ENCODE_OPTIONS_INIT;
    how.quality = thumbnail_quality;
    vt_status status = vt__resize(&small, &view, wanted, err);
    if (!status) status = vt_pixels_encode(&bytes, &size, &small, VT_FORMAT_JPEG, &how, err);
    vt_pixels_free(&small);
    if (status) return status;
    vt__free_secret(c->thumbnail, c->thumbnail_bytes);
    c->thumbnail = vt__malloc(size, 1);
    c->thumbnail_bytes = c->thumbnail ? size : 0;
    if (c->thumbnail) memcpy(c->thumbnail, bytes, size);
    vt_bytes_free(bytes);
    return c->thumbnail ? VT_OK : vt__fail_memory(err, size);
}

static void add_shot(vt__followed *c, const vt_template *template, float quality)
{
    c->sum.dimension = template->dimension;
    for (uint32_t i = 0; i < template->dimension; i++) c->sum.values[i] += quality * template->values[i];
    c->shots++;
}

typedef struct frame {
    vt_session *session;
    vt_video *video;
    vt_pixels pixels;
    vt_picture *picture; /* of the pixels; made when the first face needs it */
    double time_s;
} frame;

static vt_status take(vt__followed *c, const vt__following *f, frame *at, const vt_face *seen, float quality, vt_error *err)
{
    vt_face face = *seen;
    vt_template template;
    vt_status status = vt_session_complete(&face, at->session, at->picture, VT_WANT_QUALITY, err);
    if (status || !is_clear(&face.attributes)) return status == VT_ENOFACE ? VT_OK : status;
    status = vt_session_template(&template, at->session, at->picture, &face, err);
    if (status) return status == VT_ENOFACE ? VT_OK : status;
    add_shot(c, &template, quality);
    vt__wipe(&template, sizeof template);
    if (quality <= c->quality) return VT_OK;
    c->quality = quality;
    c->time_s = at->time_s;
    c->box = face.box;
    return f->thumbnails ? picture_face(c, &at->pixels, &face.box, err) : VT_OK;
}

static vt_status show(vt__following *f, frame *at, const vt_face *face, uint32_t number, vt_error *err)
{
    float quality = vt_face_shot_quality(face);
    vt__followed *c = face_of(f, number);
    vt_status status = c ? VT_OK : begin_face(&c, f, number, at->time_s, err);
    if (status) return status;
    c->to_s = at->time_s;
    c->strongest = fmaxf(c->strongest, face->score);
    if (quality < least_quality || !worth_trying(c, quality, at->time_s)) return VT_OK;
    c->tried = quality > c->tried ? quality : c->tried;
    c->tried_s = at->time_s;
    if (!at->picture) {
        status = vt_video_pixels(&at->pixels, at->video, 0, err);
        if (!status) status = vt_picture_from_pixels(&at->picture, &at->pixels, err);
    }
    return status ? status : take(c, f, at, face, quality, err);
}

/* ---- tracks ---- */

/* The mean of a track's shots. */
static vt_template template_of(const vt__followed *c)
{
    vt_template out = c->sum;
    double length = 0;
    for (uint32_t i = 0; i < out.dimension; i++) length += (double)out.values[i] * out.values[i];
    for (uint32_t i = 0; i < out.dimension && length > 0; i++) out.values[i] /= (float)sqrt(length);
    return out;
}

/* Tracks of which no shot was good enough for a template are left out, nobody could be found by them; and so are those never
 * surely a face. */
static vt_status hand_over(vt__followed *c, vt__on_track on_track, void *payload, vt_error *err)
{
    if (!c->shots || c->strongest < start_score) return VT_OK;
    vt_archive_track track = { c->from_s, c->to_s, c->time_s, c->quality, c->box, template_of(c), c->thumbnail, c->thumbnail_bytes };
    c->thumbnail = NULL;
    vt_status status = on_track(payload, &track, err);
    vt__free_secret(track.thumbnail, track.thumbnail_bytes);
    vt__wipe(&track, sizeof track);
    return status;
}

static bool is_open(const vt__joiner *joiner, uint32_t number)
{
    for (size_t i = 0; i < joiner->count; i++)
        if (joiner->open[i].number == number) return true;
    return false;
}

/* Lets go of the faces whose tracks have ended, or of all. */
static vt_status let_go(vt__following *f, bool all, vt__on_track on_track, void *payload, vt_error *err)
{
    vt_status status = VT_OK;
    size_t kept = 0;
    for (size_t i = 0; i < f->count; i++) {
        vt__followed *c = f->faces[i];
        if (status || (!all && is_open(&f->joiner, c->number))) {
            f->faces[kept++] = c;
            continue;
        }
        status = hand_over(c, on_track, payload, err);
        free_face(c);
    }
    f->count = kept;
    return status;
}

vt_status vt__follow_end(vt__following *f, vt__on_track on_track, void *payload, vt_error *err)
{
    return let_go(f, true, on_track, payload, err);
}

vt_status vt__follow(vt__following *f, vt_video *video, vt_session *session, vt__on_track on_track, void *payload, vt_error *err)
{
    frame at = { .session = session, .video = video, .time_s = vt_video_time_s(video) };
    vt__looked seen;
    vt_status status = vt__look(&seen, &f->looker, video, session, err);
    const vt_faces *faces = &seen.faces;
    uint32_t *numbers = status ? NULL : vt__calloc(faces->count + 1, sizeof *numbers);
    if (!status && !numbers) status = vt__fail_memory(err, faces->count * sizeof *numbers);
    if (!status) status = vt__join(numbers, &f->joiner, vt_video_frame(video), at.time_s, faces, seen.cut, err);
    if (!status) status = let_go(f, false, on_track, payload, err);
    for (size_t i = 0; i < faces->count && !status; i++)
        if (numbers[i]) status = show(f, &at, &faces->items[i], numbers[i], err);
    vt_picture_close(at.picture);
    vt_pixels_free(&at.pixels);
    vt__free(numbers);
    vt_faces_free(&seen.faces);
    return status;
}

/* ---- as bytes ---- */

typedef struct head {
    uint64_t sizes[3]; /* of the structs that follow: other builds have others */
    vt__looker looker;
    uint64_t open, faces;
    uint32_t given, thumbnails;
} head;

void vt__following_write(vt__buffer *out, const vt__following *f)
{
    head h;
    memset(&h, 0, sizeof h);
    h.sizes[0] = sizeof h;
    h.sizes[1] = sizeof(vt__open_track);
    h.sizes[2] = sizeof(vt__followed);
    h.looker = f->looker;
    h.open = f->joiner.count;
    h.faces = f->count;
    h.given = f->joiner.given;
    h.thumbnails = f->thumbnails;
    vt__buffer_append(out, &h, sizeof h);
    vt__buffer_append(out, f->joiner.open, f->joiner.count * sizeof *f->joiner.open);
    for (size_t i = 0; i < f->count; i++) {
        vt__buffer_append(out, f->faces[i], sizeof *f->faces[i]);
        vt__buffer_append(out, f->faces[i]->thumbnail, f->faces[i]->thumbnail_bytes);
    }
}

static bool get(void *out, const uint8_t **bytes, size_t *left, size_t size)
{
    if (size > *left) return false;
    if (size) memcpy(out, *bytes, size);
    *bytes += size;
    *left -= size;
    return true;
}

static bool is_same_work(const head *h, const vt__following *f)
{
    const vt__look_options *a = &h->looker.options, *b = &f->looker.options;
    return h->sizes[0] == sizeof *h && h->sizes[1] == sizeof(vt__open_track) && h->sizes[2] == sizeof(vt__followed) &&
           a->min_face_px == b->min_face_px && a->min_score == b->min_score && a->rest_s == b->rest_s && h->thumbnails == (uint32_t)f->thumbnails;
}

static vt_status read_face(vt__following *f, const uint8_t **bytes, size_t *left, vt_error *err)
{
    vt__followed *c;
    vt_status status = begin_face(&c, f, 0, 0, err);
    if (status) return status;
    bool good = get(c, bytes, left, sizeof *c) && c->thumbnail_bytes <= *left;
    size_t size = good ? c->thumbnail_bytes : 0;
    c->thumbnail = size ? vt__malloc(size, 1) : NULL;
    c->thumbnail_bytes = c->thumbnail ? size : 0;
    if (size && !c->thumbnail) return vt__fail_memory(err, size);
    return good && get(c->thumbnail, bytes, left, size) ? VT_OK : vt__fail(err, VT_EFORMAT, "what was written down is cut off");
}

vt_status vt__following_read(vt__following *f, const uint8_t *bytes, size_t size_bytes, vt_error *err)
{
    head h;
    size_t left = size_bytes;
    if (!get(&h, &bytes, &left, sizeof h) || !is_same_work(&h, f)) return vt__fail(err, VT_EFORMAT, "written down by another build, or for other options");
    if (h.open > left / sizeof(vt__open_track)) return vt__fail(err, VT_EFORMAT, "what was written down is cut off");
    void *open = f->joiner.open;
    vt_status status = vt__room_for(&open, &f->joiner.capacity, h.open, sizeof *f->joiner.open, err);
    f->joiner.open = open;
    if (status) return status;
    get(f->joiner.open, &bytes, &left, h.open * sizeof *f->joiner.open);
    f->joiner.count = h.open;
    f->joiner.given = h.given;
    f->looker = h.looker;
    for (uint64_t i = 0; i < h.faces && !status; i++) status = read_face(f, &bytes, &left, err);
    return status;
}
