#include "cli/liveness_stage.h"

#include <string.h>

#include "cli/liveness_head.h"
#include "cli/liveness_warp.h"

#ifdef VULTUS_HAVE_VIDEO

static const float soft_rim = 0.4f; /* the outer part of the rim, where hair gives way to the wall */
enum { border_points = 12 };

/* ---- the head before a wall ---- */

/* The wall, which stands still: as far away as the head in the beginning. */
typedef struct backdrop {
    vt_point middle; /* source pixels that lie in the picture's middle */
    float scale;     /* output pixels a source pixel */
    float chin_px, eyes_px; /* where the head's chin is now, and how large the head */
} backdrop;

static backdrop hang(const stage_scene *s, const sim_pose *at)
{
    vt__head head = vt__head_find(s->clip->points[0]);
    float away;
    return (backdrop){ head.middle, vt__stage_focal_px / s->far_away / head.eyes_px, vt__head_see(&away, at, 0, 1.3f, 0).y, vt__stage_focal_px / at->distance };
}

static vt_point on_wall(const backdrop *b, float x, float y)
{
    return (vt_point){ b->middle.x + (x - STAGE_WIDTH * 0.5f) / b->scale, b->middle.y + (y - STAGE_HEIGHT * 0.44f) / b->scale };
}

/* The body: the rim of the head as it looks ahead, within the wall. */
static size_t controls(vt_point *to, vt_point *from, const stage_scene *s, const vt_point points[VT_POINTS68], const backdrop *b, const sim_pose *at)
{
    vt__mesh_point body[HEAD_POINTS];
    sim_pose ahead = *at;
    size_t n = 0;
    ahead.yaw = ahead.pitch = 0;
    vt__head_place(body, points, s->who.relief, &ahead);
    for (size_t i = HEAD_POINTS - HEAD_RIM; i < HEAD_POINTS; i++, n++) from[n] = body[i].from, to[n] = body[i].to;
    for (int i = 0; i < border_points; i++, n++) {
        float turn = 2 * (float)M_PI * (float)i / border_points;
        to[n] = (vt_point){ STAGE_WIDTH * (0.5f + 0.75f * cosf(turn)), STAGE_HEIGHT * (0.5f + 0.85f * sinf(turn)) };
        from[n] = on_wall(b, to[n].x, to[n].y);
    }
    return n;
}

/* What is seen beside the head: the wall, and from the chin down more and more of the body. */
static vt_point beside(const backdrop *b, const vt__warp *warp, int x, int y)
{
    vt_point wall = on_wall(b, (float)x, (float)y), body = vt__warp_at(warp, x, y);
    float part = fminf(fmaxf(((float)y - b->chin_px) / b->eyes_px, 0), 1);
    return (vt_point){ wall.x + (body.x - wall.x) * part, wall.y + (body.y - wall.y) * part };
}

/* ---- light ---- */

/* The screen's colour at a time, 0..1, with some lag. */
static void screen_colour(float out[3], const vt_liveness_script *script, float ms)
{
    out[0] = out[1] = out[2] = 0.3f; /* the page itself */
    for (size_t i = 0; i < script->count; i++) {
        const vt_liveness_step *s = &script->steps[i];
        if (s->act == VT_LIVENESS_COLOUR && ms >= (float)s->start_ms + 60 && ms < (float)s->end_ms + 60)
            for (int c = 0; c < 3; c++) out[c] = (float)s->colour[c] / 255;
    }
}

typedef struct lamp {
    float face[3], ground[3]; /* gains on bytes: linear gains to the power of 1 / 2.2 */
    vt_point middle;
    float width, height;
} lamp;

static lamp light(const stage_scene *s, float ms, const sim_pose *at)
{
    float colour[3];
    screen_colour(colour, s->shown, ms);
    float away, size = vt__stage_focal_px / at->distance, nearer = s->far_away / at->distance;
    lamp l = { .middle = vt__head_see(&away, at, 0, 0.4f, 0), .width = 1.5f * size, .height = 2.1f * size };
    for (int c = 0; c < 3; c++) {
        l.face[c] = powf(0.65f + s->answer * nearer * colour[c], 1 / 2.2f);
        l.ground[c] = powf(0.65f + 0.08f * s->answer * colour[c], 1 / 2.2f);
    }
    return l;
}

/* How much of the light that falls on the face reaches a pixel near it. */
static float lit(const lamp *l, int x, int y)
{
    float dx = ((float)x - l->middle.x) / l->width, dy = ((float)y - l->middle.y) / l->height, far = dx * dx + dy * dy;
    return far < 0.8f ? 1 : far > 1.2f ? 0 : (1.2f - far) / 0.4f;
}

/* `part`: how far it is lit as the face is. */
static void put(uint8_t *out, const float rgb[3], const lamp *l, float part, uint64_t *noise)
{
    *noise = *noise * 6364136223846793005u + 1442695040888963407u;
    for (int c = 0; c < 3; c++) {
        float grain = (float)((*noise >> (40 + 8 * c)) & 7) - 3.5f;
        float value = rgb[c] * (part * l->face[c] + (1 - part) * l->ground[c]) + grain;
        out[c] = (uint8_t)lrintf(fminf(fmaxf(value, 0), 255));
    }
}

/* ---- scenes ---- */

/* Small movements that nobody can keep still. */
static sim_pose pose_at(const stage_scene *s, float ms)
{
    sim_pose at = sim_follow(&s->who, s->followed, ms, s->far_away, s->delay_ms);
    at.x += 5 * sinf(ms / 900);
    at.y += 3 * sinf(ms / 1250 + 1);
    at.roll += 0.025f * sinf(ms / 1300);
    at.pitch += 0.03f * sinf(ms / 1100);
    return at;
}

/* Back and forth through the clip. */
static size_t frame_at(const stage_clip *clip, float ms)
{
    size_t period = 2 * clip->count - 2, at = (size_t)(ms / 100) % period;
    return at < clip->count ? at : period - at;
}

static bool render_live(vt_pixels *out, stage_scene *s, float ms)
{
    vt_point to[VT__WARP_POINTS], from[VT__WARP_POINTS];
    vt__mesh_point points[HEAD_POINTS];
    vt__mesh_view view;
    vt__warp warp;
    sim_pose at = pose_at(s, ms);
    backdrop back = hang(s, &at);
    size_t frame = frame_at(s->clip, ms), n = controls(to, from, s, s->clip->points[frame], &back, &at);
    vt__head head = vt__head_find(s->clip->points[frame]);
    const vt_pixels *photo = &s->clip->frames[frame];
    lamp l = light(s, ms, &at);
    if (!vt__warp_make(&warp, out->size, to, from, n) || !vt__mesh_view_open(&view, out->size)) return false;
    vt__head_place(points, s->clip->points[frame], s->who.relief, &at);
    vt__mesh_draw(&view, &s->clip->mesh, points);
    for (int y = 0; y < out->size.height; y++)
        for (int x = 0; x < out->size.width; x++) {
            size_t i = (size_t)y * (size_t)out->size.width + (size_t)x;
            float rgb[3], wall[3], alpha = fminf(view.inside[i] / soft_rim, 1);
            vt_point behind = beside(&back, &warp, x, y);
            float part = vt__head_is_body(&head, behind) ? lit(&l, x, y) : 0;
            vt__warp_sample(wall, photo, vt__head_behind(&head, behind));
            if (alpha > 0) vt__warp_sample(rgb, photo, view.from[i]);
            for (int c = 0; c < 3; c++) rgb[c] = alpha > 0 ? alpha * rgb[c] + (1 - alpha) * wall[c] : wall[c];
            put(out->data + (size_t)y * out->stride_bytes + (size_t)x * 3, rgb, &l, fmaxf(part, view.inside[i]), &s->random);
        }
    vt__mesh_view_close(&view);
    return true;
}

/* The point of a tilted plane through the eyes that an output pixel sees, eye distances. False: beyond the horizon. */
static bool on_plane(vt_point *out, const sim_pose *at, int x, int y)
{
    float u = ((float)x - STAGE_WIDTH / 2.0f - at->x) / vt__stage_focal_px, v = ((float)y - STAGE_HEIGHT * 0.44f - at->y) / vt__stage_focal_px;
    /* the plane's axes in camera space; z towards the camera */
    float cy = cosf(at->yaw), sy = sinf(at->yaw), cp = cosf(at->pitch), sp = sinf(at->pitch), cr = cosf(at->roll), sr = sinf(at->roll);
    float right[3] = { cr * cy - sr * (sp * sy), sr * cy + cr * (sp * sy), -cp * sy };
    float down[3] = { -sr * cp, cr * cp, sp };
    /* u (D - a rz - b dz) = a rx + b dx, and the same with v */
    float a11 = right[0] + u * right[2], a12 = down[0] + u * down[2], a21 = right[1] + v * right[2], a22 = down[1] + v * down[2];
    float det = a11 * a22 - a12 * a21;
    if (fabsf(det) < 1e-4f) return false;
    out->x = at->distance * (u * a22 - v * a12) / det;
    out->y = at->distance * (a11 * v - a21 * u) / det;
    return true;
}

/* A wall of one colour behind a photograph's or a screen's edge. */
static void wall(float rgb[3], int x, int y)
{
    float shade = 120 + 20 * sinf((float)x / 90) + 15 * sinf((float)y / 70);
    rgb[0] = shade;
    rgb[1] = shade * 0.96f;
    rgb[2] = shade * 0.9f;
}

static void render_photo(vt_pixels *out, stage_scene *s, float ms)
{
    sim_pose at = pose_at(s, ms);
    const vt_pixels *photo = &s->clip->frames[0];
    vt__head h = vt__head_find(s->clip->points[0]);
    if (s->kind == STAGE_STILL) { /* for a turn it is only pushed aside and rotated */
        at.roll += 0.5f * at.yaw;
        at.x += 60 * at.yaw;
        at.yaw = at.pitch = 0;
    }
    lamp l = light(s, ms, &at);
    for (int y = 0; y < out->size.height; y++)
        for (int x = 0; x < out->size.width; x++) {
            vt_point p;
            float rgb[3];
            bool hit = on_plane(&p, &at, x, y);
            vt_point source = { h.middle.x + p.x * h.eyes_px, h.middle.y + p.y * h.eyes_px };
            hit = hit && source.x >= 0 && source.y >= 0 && source.x < (float)photo->size.width && source.y < (float)photo->size.height;
            if (hit) vt__warp_sample(rgb, photo, source);
            else wall(rgb, x, y);
            put(out->data + (size_t)y * out->stride_bytes + (size_t)x * 3, rgb, &l, 1, &s->random); /* lit as a whole */
        }
}

/* The film is rendered with its own light, then shown on a screen that is held, a little aslant, before the camera. */
static bool render_screen(vt_pixels *out, stage_scene *s, float ms)
{
    vt_pixels film;
    stage_scene recorded = *s;
    recorded.kind = STAGE_LIVE;
    recorded.shown = s->followed;
    if (vt_pixels_create(&film, out->size, NULL)) return false;
    bool good = render_live(&film, &recorded, ms);
    s->random = recorded.random;
    sim_pose at = { 8, 0.06f * sinf(ms / 2100), 0.05f, 0.02f * sinf(ms / 1700), 3 * sinf(ms / 700), 2 * sinf(ms / 800), 1, 1 };
    lamp l = light(s, ms, &at);
    float scale = vt__stage_focal_px / at.distance * 0.97f;
    for (int y = 0; good && y < out->size.height; y++)
        for (int x = 0; x < out->size.width; x++) {
            vt_point p = { 0, 0 };
            float rgb[3];
            bool hit = on_plane(&p, &at, x, y);
            vt_point source = { STAGE_WIDTH / 2.0f + p.x * scale, STAGE_HEIGHT * 0.44f + p.y * scale };
            hit = hit && source.x >= 0 && source.y >= 0 && source.x < STAGE_WIDTH && source.y < STAGE_HEIGHT;
            if (hit) vt__warp_sample(rgb, &film, source);
            else wall(rgb, x, y);
            float grid = hit ? 1 + 0.05f * sinf(source.x * 2.9f) * sinf(source.y * 2.9f) : 1; /* its pixels against the camera's */
            for (int c = 0; c < 3; c++) rgb[c] *= grid;
            put(out->data + (size_t)y * out->stride_bytes + (size_t)x * 3, rgb, &l, 1, &s->random);
        }
    vt_pixels_free(&film);
    return good;
}

stage_scene stage_draw(const stage_clip *clip, const vt_liveness_script *script, uint64_t random)
{
    stage_scene scene = { .clip = clip, .kind = STAGE_LIVE, .followed = script, .shown = script, .random = random };
    uint64_t *r = &scene.random;
    scene.who = sim_draw_person(r);
    scene.who.closer = sim_uniform(r, 1.5f, 1.7f);
    scene.who.smile = sim_uniform(r, 1.2f, 1.35f);
    scene.who.blink = sim_uniform(r, 0, 0.2f); /* who is asked to blink shuts the eyes */
    scene.far_away = sim_uniform(r, 8.5f, 10.5f);
    scene.delay_ms = sim_uniform(r, 150, 450);
    scene.answer = sim_uniform(r, 0.15f, 0.3f);
    return scene;
}

static bool stage_render(vt_pixels *out, stage_scene *scene, float ms)
{
    if (scene->kind == STAGE_LIVE) return render_live(out, scene, ms);
    if (scene->kind == STAGE_SCREEN) return render_screen(out, scene, ms);
    render_photo(out, scene, ms);
    return true;
}

vt_status stage_film(stage_scene *scene, int32_t end_ms, float every_ms, stage_sink *sink, void *context, vt_error *err)
{
    vt_pixels pixels;
    const vt_encode_options encode = { sizeof encode, 80 };
    vt_status status = vt_pixels_create(&pixels, (vt_size){ STAGE_WIDTH, STAGE_HEIGHT }, err);
    if (status) return status;
    for (float ms = 0; !status && ms < (float)end_ms + 200; ms += every_ms + sim_uniform(&scene->random, -12, 12)) {
        stage_still still = { .time_ms = (uint32_t)ms };
        if (!stage_render(&pixels, scene, ms)) continue;
        status = vt_pixels_encode(&still.jpeg, &still.bytes, &pixels, VT_FORMAT_JPEG, &encode, err);
        if (!status) status = sink(context, &still, err);
        vt_bytes_free(still.jpeg);
    }
    vt_pixels_free(&pixels);
    return status;
}

#endif
