/* Finding faces: which sizes the detector looks at, and one list out of its answers. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "face/detect.h"
#include "face/engine.h"

enum {
    usual_side_px = 640,   /* of the detector's input for an ordinary picture */
    least_side_px = 320,   /* small pictures are enlarged to this */
    widest_side_px = 2048, /* of one run; beyond, tiles */
    tile_px = 1024,
    tile_overlap_px = 160,
    small_pass_px = 160,   /* for faces that fill the picture */
    default_min_face_px = 36,
    most_faces = 1000,
};
static const float face_at_input_px = 8; /* the smallest face that the detector finds in its input, mostly */
static const float fills_share = 0.45f;   /* of the shorter side: larger faces are looked for once more at small scale */

static float longer(vt_size size) { return (float)(size.width > size.height ? size.width : size.height); }
static float shorter(vt_size size) { return (float)(size.width < size.height ? size.width : size.height); }

/* The detector's longer input side. */
static float choose_side(vt_size size, float min_face_px)
{
    float side = fminf(longer(size), usual_side_px), wanted = longer(size) * face_at_input_px / min_face_px;
    return fmaxf(fmaxf(side, wanted), least_side_px);
}

static int padded(float side, int to)
{
    int whole = (int)ceilf(side - 0.01f);
    return (whole + to - 1) / to * to;
}

vt_size vt__detector_input(vt_size picture, float min_face_px)
{
    float side = fminf(choose_side(picture, min_face_px > 0 ? min_face_px : default_min_face_px), widest_side_px);
    float scale = side / longer(picture);
    return (vt_size){ padded((float)picture.width * scale, 32), padded((float)picture.height * scale, 32) };
}

typedef struct search {
    vt_session *session;
    vt_picture *picture;
    const vt__network *network;
    const vt__model *model;
    float threshold;
} search;

/* One run over a part of the picture so that its longer side becomes about `side` input pixels. */
static vt_status look(const search *s, vt_box part, float side, vt_error *err)
{
    vt_size full = vt_picture_get_info(s->picture).size;
    float scale = side / fmaxf(part.width, part.height);
    vt_pixels pixels;
    vt_status status = vt_picture_decode(&pixels, s->picture, fminf(scale, 1), err);
    if (status) return status;
    float sx = (float)pixels.size.width / (float)full.width, sy = (float)pixels.size.height / (float)full.height;
    vt_box region = { part.left * sx, part.top * sy, part.width * sx, part.height * sy };
    vt_size input = { padded(part.width * scale, s->model->pad_to), padded(part.height * scale, s->model->pad_to) };
    vt__candidates *list = &s->session->candidates;
    size_t before = list->count;
    status = vt__detector_run(list, s->network, s->model, &pixels, region, input, s->threshold, &s->session->scratch, err);
    for (size_t i = before; i < list->count; i++) {
        vt__candidate *c = &list->items[i];
        c->box = (vt_box){ c->box.left / sx, c->box.top / sy, c->box.width / sx, c->box.height / sy };
        for (int p = 0; p < 5; p++) c->points[p] = (vt_point){ c->points[p].x / sx, c->points[p].y / sy };
    }
    return status;
}

/* Faces cut by a tile's edge stand whole in its neighbour, so what touches an inner edge is dropped. */
static void drop_cut(vt__candidates *list, size_t from, vt_box tile, vt_size full)
{
    size_t kept = from;
    for (size_t i = from; i < list->count; i++) {
        const vt_box *b = &list->items[i].box;
        bool cut = (tile.left > 0 && b->left < tile.left + 1) || (tile.top > 0 && b->top < tile.top + 1) ||
                   (tile.left + tile.width < (float)full.width && b->left + b->width > tile.left + tile.width - 1) ||
                   (tile.top + tile.height < (float)full.height && b->top + b->height > tile.top + tile.height - 1);
        if (!cut) list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

static vt_status look_in_tiles(const search *s, float scale, vt_error *err)
{
    vt_size full = vt_picture_get_info(s->picture).size;
    float side = tile_px / scale, step = (tile_px - tile_overlap_px) / scale;
    vt_status status = VT_OK;
    for (float top = 0; !status; top += step) {
        float height = fminf(side, (float)full.height - top);
        for (float left = 0; !status; left += step) {
            vt_box tile = { left, top, fminf(side, (float)full.width - left), height };
            size_t before = s->session->candidates.count;
            status = look(s, tile, fmaxf(tile.width, tile.height) * scale, err);
            drop_cut(&s->session->candidates, before, tile, full);
            if (left + side >= (float)full.width) break;
        }
        if (top + side >= (float)full.height) break;
    }
    return status;
}

/* Keeps, of what a pass at small scale found, only faces that fill the picture. */
static void keep_large(vt__candidates *list, size_t from, float least_px)
{
    size_t kept = from;
    for (size_t i = from; i < list->count; i++)
        if (fmaxf(list->items[i].box.width, list->items[i].box.height) >= least_px) list->items[kept++] = list->items[i];
    list->count = kept;
}

static vt_status look_at_all_sizes(const search *s, float min_face_px, vt_error *err)
{
    vt__candidates *list = &s->session->candidates;
    vt_size full = vt_picture_get_info(s->picture).size;
    vt_box whole = { 0, 0, (float)full.width, (float)full.height };
    float side = choose_side(full, min_face_px);
    list->count = 0;
    vt_status status = look(s, whole, fminf(side, widest_side_px), err);
    if (!status && side > widest_side_px) status = look_in_tiles(s, side / longer(full), err);
    float largest = 0;
    for (size_t i = 0; i < list->count; i++) largest = fmaxf(largest, list->items[i].box.width);
    size_t before = list->count;
    if (!status && (!list->count || largest > fills_share * shorter(full))) {
        status = look(s, whole, small_pass_px, err);
        keep_large(list, before, fills_share * 0.8f * shorter(full));
    }
    return status;
}

static int compare_area(const void *a, const void *b)
{
    const vt_face *x = a, *y = b;
    float area_x = x->box.width * x->box.height, area_y = y->box.width * y->box.height;
    if (area_x != area_y) return area_x < area_y ? 1 : -1;
    return (x->box.left > y->box.left) - (x->box.left < y->box.left);
}

static vt_status take_faces(vt_faces *out, const vt__candidates *list, const vt_detect_options *options, vt_error *err)
{
    *out = (vt_faces){ vt__calloc(list->count, sizeof *out->items), 0 };
    if (!out->items) return vt__fail_memory(err, list->count * sizeof *out->items);
    for (size_t i = 0; i < list->count; i++) {
        const vt__candidate *c = &list->items[i];
        if (options->min_face_px > 0 && fmaxf(c->box.width, c->box.height) < options->min_face_px) continue;
        vt_face *face = &out->items[out->count++];
        face->box = c->box;
        face->score = c->score;
        for (int p = 0; p < VT_POINTS5; p++) face->points5[p] = c->points[p];
    }
    qsort(out->items, out->count, sizeof *out->items, compare_area);
    size_t most = options->max_faces && options->max_faces < most_faces ? options->max_faces : most_faces;
    if (out->count > most) out->count = most;
    return VT_OK;
}

vt_status vt_session_detect(vt_faces *out, vt_session *session, vt_picture *picture, const vt_detect_options *options,
                            vt_error *err)
{
    static const vt_detect_options defaults = VT_DETECT_OPTIONS_INIT;
    if (!options) options = &defaults;
    *out = (vt_faces){ 0 };
    if (options->min_face_px < 0 || options->min_face_px > 100000 || options->min_score < 0 || options->min_score >= 1)
        return vt__fail(err, VT_EINVAL, "min_face_px %g or min_score %g out of range", (double)options->min_face_px, (double)options->min_score);
    search s = { .session = session, .picture = picture };
    vt_status status = vt__networks_get(&s.network, &s.model, session->engine->networks, VT__TASK_DETECTOR, err);
    if (status) return status;
    s.threshold = options->min_score > 0 ? options->min_score : s.model->threshold;
    status = look_at_all_sizes(&s, options->min_face_px > 0 ? options->min_face_px : default_min_face_px, err);
    if (!status) {
        vt__candidates_suppress(&session->candidates, s.model->nms_iou);
        status = take_faces(out, &session->candidates, options, err);
    }
    for (size_t i = 0; !status && options->want && i < out->count; i++)
        status = vt_session_complete(&out->items[i], session, picture, options->want, err);
    if (status) vt_faces_free(out);
    return status;
}

void vt_faces_free(vt_faces *faces)
{
    vt__free(faces->items);
    *faces = (vt_faces){ 0 };
}
