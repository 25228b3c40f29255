/* One picture to the evidence of one frame. */
#include <math.h>
#include <string.h>

#include <vultus/liveness.h>

#include "liveness/look.h"

enum { grid_columns = 17, grid_rows = 16 };

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

static vt_status measure_pixels(vt_liveness_frame *out, vt_picture *picture, vt_error *err)
{
    vt_pixels pixels;
    float scale = fminf(1, 200.0f / (float)(out->size.width > 0 ? out->size.width : 1));
    vt_status status = vt_picture_decode(&pixels, picture, scale, err);
    if (status) return status;
    scale = (float)pixels.size.width / (float)out->size.width;
    vt__fingerprint(out->fingerprint, &pixels);
    if (!out->faces) return VT_OK;
    mean_colour(out->face_colour, &pixels, part(out->face.box, 0.2f, 0.4f, 0.8f, 0.75f, scale), true);
    mean_colour(out->ground_colour, &pixels, part(out->face.box, -0.3f, -0.3f, 1.3f, 1.4f, scale), false);
    return VT_OK;
}

static vt_status measure_face(vt_liveness_frame *out, vt_session *session, vt_picture *picture, uint32_t want, vt_error *err)
{
    uint32_t more = VT_WANT_LANDMARKS | VT_WANT_POSE;
    vt_status status = vt_session_complete(&out->face, session, picture, more, err);
    if (status) return status;
    const vt_point *p = out->face.points68;
    out->eye_opening = (eye_opening(p, 36) + eye_opening(p, 42)) / 2;
    out->mouth_width = distance(p[48], p[54]) / fmaxf(distance(p[36], p[45]), 1e-3f);
    if (want & VT_LIVENESS_WANT_ATTACK) {
        bool valid;
        status = vt_session_attack_score(&out->live, &valid, session, picture, &out->face, err);
        if (status) return status;
        out->surround_lacking = !valid;
        if (!valid) out->live = NAN;
    }
    if (!(want & VT_LIVENESS_WANT_TEMPLATE)) return VT_OK;
    /* a pack may lack the networks of attributes: then the face stays without them */
    (void)vt_session_complete(&out->face, session, picture, VT_WANT_MASK | VT_WANT_OCCLUSION, NULL);
    status = vt_session_template(&out->face_template, session, picture, &out->face, err);
    out->has_template = !status;
    return status;
}

vt_status vt_liveness_look(vt_liveness_frame *out, vt_session *session, vt_picture *picture, int64_t time_ms,
                           uint32_t want, vt_error *err)
{
    vt_faces faces = { 0 };
    vt_detect_options wanted = VT_DETECT_OPTIONS_INIT;
    wanted.min_face_px = fmaxf(36, (float)vt_picture_get_info(picture).size.height / 12.0f);
    vt_status status = vt_session_detect(&faces, session, picture, &wanted, err);
    if (status) return status;
    *out = (vt_liveness_frame){ .time_ms = time_ms, .live = NAN, .size = vt_picture_get_info(picture).size };
    out->faces = comparable(&faces);
    if (out->faces) {
        out->face = faces.items[0];
        status = measure_face(out, session, picture, want, err);
    }
    vt_faces_free(&faces);
    return status ? status : measure_pixels(out, picture, err);
}
