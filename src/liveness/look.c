/* One picture to the evidence of one frame. */
#include <math.h>
#include <string.h>

#include <vultus/liveness.h>

#include "image/sample.h"
#include "liveness/look.h"

enum { grid_columns = 17, grid_rows = 16, small_side_px = 320 };

static float linear(uint8_t value)
{
    return powf((float)value / 255.0f, 2.2f);
}

static void add_pixel(float sum[3], const vt_pixels *pixels, int x, int y)
{
    const uint8_t *p = pixels->data + (size_t)y * pixels->stride_bytes + (size_t)x * 3;
    for (int c = 0; c < 3; c++) sum[c] += linear(p[c]);
}

/* Mean over a coarse lattice inside (or outside) of a box. */
static void mean_colour(float out[3], const vt_pixels *pixels, vt_box box, bool inside)
{
    float sum[3] = { 0 };
    int n = 0, step_x = 1 + pixels->size.width / 96, step_y = 1 + pixels->size.height / 96;
    for (int y = 0; y < pixels->size.height; y += step_y)
        for (int x = 0; x < pixels->size.width; x += step_x) {
            bool within = (float)x >= box.left && (float)x < box.left + box.width && (float)y >= box.top &&
                          (float)y < box.top + box.height;
            if (within != inside) continue;
            add_pixel(sum, pixels, x, y);
            n++;
        }
    for (int c = 0; c < 3; c++) out[c] = n ? sum[c] / (float)n : 0;
}

static vt_box part(vt_box box, float left, float top, float right, float bottom, float scale)
{
    return (vt_box){ (box.left + left * box.width) * scale, (box.top + top * box.height) * scale,
                     (right - left) * box.width * scale, (bottom - top) * box.height * scale };
}

/* Mean brightness of a cell of the grid, sampled at 3 x 3 places. */
static int cell(const vt_pixels *pixels, int column, int row)
{
    int sum = 0;
    for (int i = 0; i < 9; i++) {
        int x = (int)(((float)column + (float)(i % 3 * 2 + 1) / 6) * (float)pixels->size.width / grid_columns);
        int y = (int)(((float)row + (float)(i / 3 * 2 + 1) / 6) * (float)pixels->size.height / grid_rows);
        const uint8_t *p = pixels->data + (size_t)y * pixels->stride_bytes + (size_t)x * 3;
        sum += 2 * p[0] + 5 * p[1] + p[2];
    }
    return sum;
}

void vt__fingerprint(uint8_t out[VT_LIVENESS_FINGERPRINT_BYTES], const vt_pixels *pixels)
{
    memset(out, 0, VT_LIVENESS_FINGERPRINT_BYTES);
    for (int row = 0; row < grid_rows; row++) {
        int last = cell(pixels, 0, row);
        for (int column = 1; column < grid_columns; column++) {
            int here = cell(pixels, column, row), bit = row * (grid_columns - 1) + column - 1;
            if (here > last) out[bit / 8] |= (uint8_t)(1 << bit % 8);
            last = here;
        }
    }
}

static void make_thumb(vt_liveness_frame *out, const vt_pixels *pixels)
{
    for (int y = 0; y < VT_LIVENESS_THUMB_HEIGHT; y++)
        for (int x = 0; x < VT_LIVENESS_THUMB_WIDTH; x++) {
            int sum = 0;
            for (int i = 0; i < 9; i++) { /* nine samples of the part */
                int px = (x * 3 + i % 3) * pixels->size.width / (VT_LIVENESS_THUMB_WIDTH * 3), py = (y * 3 + i / 3) * pixels->size.height / (VT_LIVENESS_THUMB_HEIGHT * 3);
                const uint8_t *p = pixels->data + (size_t)py * pixels->stride_bytes + (size_t)px * 3;
                sum += 2 * p[0] + 5 * p[1] + p[2];
            }
            out->thumb[y][x] = (uint8_t)(sum / 72);
        }
}

static float distance(vt_point a, vt_point b)
{
    return hypotf(a.x - b.x, a.y - b.y);
}

/* Height by width of the eye that begins at point `first`. */
static float eye_opening(const vt_point p[VT_POINTS68], int first)
{
    float height = (distance(p[first + 1], p[first + 5]) + distance(p[first + 2], p[first + 4])) / 2;
    return height / fmaxf(distance(p[first], p[first + 3]), 1e-3f);
}

static size_t comparable(const vt_faces *faces)
{
    size_t n = 0;
    while (n < faces->count && faces->items[n].box.width * 2 >= faces->items[0].box.width) n++;
    return n;
}

static void measure_pixels(vt_liveness_frame *out, const vt_pixels *pixels)
{
    float scale = (float)pixels->size.width / (float)out->size.width;
    vt__fingerprint(out->fingerprint, pixels);
    make_thumb(out, pixels);
    if (!out->faces) return;
    mean_colour(out->face_colour, pixels, part(out->face.box, 0.2f, 0.4f, 0.8f, 0.75f, scale), true);
    mean_colour(out->ground_colour, pixels, part(out->face.box, -0.3f, -0.3f, 1.3f, 1.4f, scale), false);
}

/* Of the whole picture, longer side `small_side_px`: enough to find the one large face, and to see colours. */
static vt_status shrink(vt_pixels *out, vt_picture *picture, vt_error *err)
{
    vt_pixels whole;
    vt_size size = vt_picture_get_info(picture).size;
    float scale = fminf(1, (float)small_side_px / (float)(size.width > size.height ? size.width : size.height));
    vt_status status = vt_picture_decode(&whole, picture, 1, err); /* the face's part is needed in full, so once is enough */
    if (status) return status;
    size = (vt_size){ (int)lrintf((float)size.width * scale), (int)lrintf((float)size.height * scale) };
    return vt__resize(out, &whole, (vt_size){ size.width > 0 ? size.width : 1, size.height > 0 ? size.height : 1 }, err);
}

/* Finds in the small picture, and says where in the full one. */
static vt_status find(vt_liveness_frame *out, vt_session *session, const vt_pixels *pixels, vt_error *err)
{
    vt_picture *small;
    vt_faces faces = { 0 };
    vt_detect_options wanted = VT_DETECT_OPTIONS_INIT;
    wanted.min_face_px = fmaxf(16, (float)pixels->size.height / 12.0f);
    vt_status status = vt_picture_from_pixels(&small, pixels, err);
    if (status) return status;
    status = vt_session_detect(&faces, session, small, &wanted, err);
    vt_picture_close(small);
    out->faces = status ? 0 : comparable(&faces);
    if (out->faces) {
        float x = (float)out->size.width / (float)pixels->size.width, y = (float)out->size.height / (float)pixels->size.height;
        vt_box *box = &faces.items[0].box;
        *box = (vt_box){ box->left * x, box->top * y, box->width * x, box->height * y };
        for (int p = 0; p < VT_POINTS5; p++) faces.items[0].points5[p].x *= x, faces.items[0].points5[p].y *= y;
        out->face = faces.items[0];
    }
    vt_faces_free(&faces);
    return status;
}

static vt_status measure_face(vt_liveness_frame *out, vt_session *session, vt_picture *picture, uint32_t want, vt_error *err)
{
    uint32_t more = VT_WANT_LANDMARKS | (want & VT_LIVENESS_WANT_POSE ? VT_WANT_POSE : 0u);
    vt_status status = vt_session_complete(&out->face, session, picture, more, err);
    if (status) return status;
    const vt_point *p = out->face.points68;
    out->eye_opening = (eye_opening(p, 36) + eye_opening(p, 42)) / 2;
    out->mouth_width = distance(p[48], p[54]) / fmaxf(distance(p[36], p[45]), 1e-3f);
    status = vt_session_eyes_open(&out->eyes_open, session, picture, &out->face, err);
    if (status && status != VT_EUNSUPPORTED) return status;
    if (want & VT_LIVENESS_WANT_ATTACK) {
        bool valid;
        status = vt_session_attack_score(&out->live, &valid, session, picture, &out->face, err);
        if (status) return status;
        out->surround_lacking = !valid;
        if (!valid) out->live = NAN;
    }
    if (!(want & VT_LIVENESS_WANT_TEMPLATE)) return VT_OK;
    /* a pack may lack the networks of attributes: then the face stays without them */
    status = vt_session_complete(&out->face, session, picture, VT_WANT_MASK | VT_WANT_OCCLUSION, err);
    if (status && status != VT_EUNSUPPORTED) return status;
    status = vt_session_template(&out->face_template, session, picture, &out->face, err);
    out->has_template = !status;
    return status;
}

vt_status vt_liveness_look(vt_liveness_frame *out, vt_session *session, vt_picture *picture, int64_t time_ms,
                           uint32_t want, vt_error *err)
{
    vt_pixels pixels;
    *out = (vt_liveness_frame){ .time_ms = time_ms, .live = NAN, .eyes_open = NAN, .size = vt_picture_get_info(picture).size };
    vt_status status = shrink(&pixels, picture, err);
    if (status) return status;
    status = find(out, session, &pixels, err);
    if (!status && out->faces) status = measure_face(out, session, picture, want, err);
    if (!status) measure_pixels(out, &pixels);
    vt_pixels_free(&pixels);
    return status;
}
