#include "cli/liveness_stage.h"

#include <string.h>

#include <vultus/video.h>

#include "base/error.h"
#include "cli/liveness_warp.h"
#include "liveness/relief.h"

#ifdef VULTUS_HAVE_VIDEO

static const float focal_px = 420, straight_deg = 8;
enum { outline_points = 17, crown_points = 7, border_points = 12 };

/* ---- clips ---- */

static float apart(vt_point a, vt_point b)
{
    return hypotf(a.x - b.x, a.y - b.y);
}

/* Lips together, eyes open: as people look into a camera that checks them. */
static bool is_calm(const vt_point p[VT_POINTS68])
{
    float eyes = apart(p[36], p[45]), lids = (apart(p[37], p[41]) + apart(p[38], p[40])) / 2 + (apart(p[43], p[47]) + apart(p[44], p[46])) / 2;
    return apart(p[62], p[66]) < 0.08f * eyes && lids > 0.14f * eyes;
}

/* Mean distance of the points of two faces, each in its own eye distances. */
static float unlike(const vt_point a[VT_POINTS68], const vt_point b[VT_POINTS68])
{
    float sum = 0, eyes_a = apart(a[36], a[45]), eyes_b = apart(b[36], b[45]);
    for (int i = 0; i < VT_POINTS68; i++)
        sum += hypotf((a[i].x - a[30].x) / eyes_a - (b[i].x - b[30].x) / eyes_b, (a[i].y - a[30].y) / eyes_a - (b[i].y - b[30].y) / eyes_b);
    return sum / VT_POINTS68;
}

/* Keeps a frame whose one face looks ahead, as in the first one kept: people stand still before a camera that checks them. */
static vt_status keep_frame(stage_clip *clip, vt_session *session, vt_video *video, vt_error *err)
{
    vt_pixels *pixels = &clip->frames[clip->count];
    vt_picture *picture;
    vt_faces faces = { 0 };
    vt_detect_options wanted = VT_DETECT_OPTIONS_INIT;
    wanted.want = VT_WANT_LANDMARKS | VT_WANT_POSE;
    vt_status status = vt_video_pixels(pixels, video, 512, err);
    if (status) return status;
    status = vt_picture_from_pixels(&picture, pixels, err);
    if (!status) status = vt_session_detect(&faces, session, picture, &wanted, err);
    const vt_face *f = faces.count ? &faces.items[0] : NULL;
    bool good = !status && faces.count == 1 && fabsf(f->pose.yaw_deg) < straight_deg && fabsf(f->pose.roll_deg) < straight_deg && is_calm(f->points68) &&
                (!clip->count || unlike(f->points68, clip->points[0]) < 0.06f);
    if (good) memcpy(clip->points[clip->count++], f->points68, sizeof f->points68);
    else vt_pixels_free(pixels);
    vt_faces_free(&faces);
    vt_picture_close(picture);
    return status;
}

vt_status stage_clip_open(stage_clip *out, vt_session *session, const char *path, vt_error *err)
{
    vt_video *video;
    bool more = true;
    double next_s = 0;
    *out = (stage_clip){ .count = 0 };
    vt_status status = vt_video_open(&video, path, NULL, err);
    if (status) return status;
    while (!status && more && out->count < STAGE_FRAMES) {
        status = vt_video_next(&more, video, err);
        if (status || !more || vt_video_time_s(video) < next_s) continue;
        next_s = vt_video_time_s(video) + 0.1;
        status = keep_frame(out, session, video, err);
    }
    vt_video_close(video);
    if (!status && out->count < STAGE_FRAMES / 2) status = vt__fail(err, VT_ENOFACE, "%s: too few frames with one face that looks ahead", path);
    if (status) stage_clip_close(out);
    return status;
}

void stage_clip_close(stage_clip *clip)
{
    for (size_t i = 0; i < STAGE_FRAMES; i++) vt_pixels_free(&clip->frames[i]);
}

/* ---- geometry: the head in eye distances, and where a camera sees it ---- */

typedef struct head {
    vt_point middle; /* between the eyes, source pixels */
    float eyes_px;
} head;

static head find_head(const vt_point p[VT_POINTS68])
{
    vt_point eyes[2] = { { 0, 0 }, { 0, 0 } };
    for (int i = 0; i < 12; i++) {
        eyes[i / 6].x += p[36 + i].x / 6;
        eyes[i / 6].y += p[36 + i].y / 6;
    }
    return (head){ { (eyes[0].x + eyes[1].x) / 2, (eyes[0].y + eyes[1].y) / 2 }, fmaxf(hypotf(eyes[1].x - eyes[0].x, eyes[1].y - eyes[0].y), 1) };
}

/* Turned about a point within the head, then seen. */
static vt_point see(const sim_pose *at, float x, float y, float z)
{
    const float neck = -0.9f;
    z -= neck;
    float x1 = x * cosf(at->yaw) + z * sinf(at->yaw), z1 = z * cosf(at->yaw) - x * sinf(at->yaw);
    float y2 = y * cosf(at->pitch) - z1 * sinf(at->pitch), z2 = z1 * cosf(at->pitch) + y * sinf(at->pitch);
    float x3 = x1 * cosf(at->roll) - y2 * sinf(at->roll), y3 = x1 * sinf(at->roll) + y2 * cosf(at->roll);
    float scale = focal_px / (at->distance - z2 - neck);
    return (vt_point){ STAGE_WIDTH / 2.0f + at->x + x3 * scale, STAGE_HEIGHT * 0.44f + at->y + y3 * scale };
}

/* Mouth and lids as the act moves them, eye distances. */
static vt_point moved_feature(vt_point p, int i, const sim_pose *at, const vt_point shape[VT_POINTS68])
{
    if (i >= 48) {
        float middle = (shape[48].x + shape[54].x) / 2;
        p.x = middle + (p.x - middle) * at->mouth;
        if (i == 48 || i == 54 || i == 60 || i == 64) p.y -= 0.1f * (at->mouth - 1);
    }
    static const int lid_below[12] = { -1, 41, 40, -1, -1, -1, -1, 47, 46, -1, -1, -1 };
    if (i >= 36 && i < 48 && lid_below[i - 36] >= 0) p.y = shape[lid_below[i - 36]].y + (p.y - shape[lid_below[i - 36]].y) * at->eyes;
    return p;
}

/* Control points of the warp from a clip's frame to the head at a pose, before a wall that stands still. */
static size_t controls(vt_point *to, vt_point *from, const stage_scene *s, const vt_point points[VT_POINTS68], const sim_pose *at)
{
    head h = find_head(points);
    vt_point shape[VT_POINTS68];
    size_t n = 0;
    const float seen_from = 10; /* where the clip's camera stood, eye distances */
    for (int i = 0; i < VT_POINTS68; i++) shape[i] = (vt_point){ (points[i].x - h.middle.x) / h.eyes_px, (points[i].y - h.middle.y) / h.eyes_px };
    for (int i = 0; i < VT_POINTS68; i++, n++) {
        float z = vt__head_depth[i] * s->who.relief, flat = (seen_from - z) / seen_from;
        vt_point p = moved_feature(shape[i], i, at, shape);
        from[n] = points[i];
        to[n] = see(at, p.x * flat, p.y * flat, z);
    }
    for (int i = 0; i < outline_points + crown_points; i++, n++) { /* ears, neck, hair */
        float turn = (float)M_PI * (float)(i - outline_points + 1) / (crown_points + 1), z = -1.5f;
        vt_point p = i < outline_points ? (vt_point){ shape[i].x * 1.35f, shape[i].y < 0.4f ? shape[i].y : 0.4f + (shape[i].y - 0.4f) * 1.3f }
                                        : (vt_point){ -1.65f * cosf(turn), -0.3f - 1.7f * sinf(turn) };
        from[n] = (vt_point){ h.middle.x + p.x * h.eyes_px, h.middle.y + p.y * h.eyes_px };
        to[n] = see(at, p.x * (seen_from - z) / seen_from, p.y * (seen_from - z) / seen_from, z);
    }
    float wall = focal_px / s->far_away / h.eyes_px; /* output pixels a source pixel */
    for (int i = 0; i < border_points; i++, n++) {
        float turn = 2 * (float)M_PI * (float)i / border_points;
        to[n] = (vt_point){ STAGE_WIDTH * (0.5f + 0.75f * cosf(turn)), STAGE_HEIGHT * (0.5f + 0.85f * sinf(turn)) };
        from[n] = (vt_point){ h.middle.x + (to[n].x - STAGE_WIDTH * 0.5f) / wall, h.middle.y + (to[n].y - STAGE_HEIGHT * 0.44f) / wall };
    }
    return n;
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
    float size = focal_px / at->distance, nearer = s->far_away / at->distance;
    lamp l = { .middle = see(at, 0, 0.4f, 0), .width = 1.5f * size, .height = 2.1f * size };
    for (int c = 0; c < 3; c++) {
        l.face[c] = powf(0.65f + s->answer * nearer * colour[c], 1 / 2.2f);
        l.ground[c] = powf(0.65f + 0.08f * s->answer * colour[c], 1 / 2.2f);
    }
    if (s->kind != STAGE_LIVE) l.width = l.height = 1e6f; /* a photograph or a screen is lit as a whole */
    return l;
}

static void put(uint8_t *out, const float rgb[3], const lamp *l, int x, int y, uint64_t *noise)
{
    float dx = ((float)x - l->middle.x) / l->width, dy = ((float)y - l->middle.y) / l->height, far = dx * dx + dy * dy;
    float part = far < 0.8f ? 1 : far > 1.2f ? 0 : (1.2f - far) / 0.4f;
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
    vt__warp warp;
    sim_pose at = pose_at(s, ms);
    size_t frame = frame_at(s->clip, ms), n = controls(to, from, s, s->clip->points[frame], &at);
    lamp l = light(s, ms, &at);
    if (!vt__warp_make(&warp, out->size, to, from, n)) return false;
    for (int y = 0; y < out->size.height; y++)
        for (int x = 0; x < out->size.width; x++) {
            float rgb[3];
            vt__warp_sample(rgb, &s->clip->frames[frame], vt__warp_at(&warp, x, y));
            put(out->data + (size_t)y * out->stride_bytes + (size_t)x * 3, rgb, &l, x, y, &s->random);
        }
    return true;
}

/* The point of a tilted plane through the eyes that an output pixel sees, eye distances. False: beyond the horizon. */
static bool on_plane(vt_point *out, const sim_pose *at, int x, int y)
{
    float u = ((float)x - STAGE_WIDTH / 2.0f - at->x) / focal_px, v = ((float)y - STAGE_HEIGHT * 0.44f - at->y) / focal_px;
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
    head h = find_head(s->clip->points[0]);
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
            put(out->data + (size_t)y * out->stride_bytes + (size_t)x * 3, rgb, &l, x, y, &s->random);
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
    float scale = focal_px / at.distance * 0.97f;
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
            put(out->data + (size_t)y * out->stride_bytes + (size_t)x * 3, rgb, &l, x, y, &s->random);
        }
    vt_pixels_free(&film);
    return good;
}

bool stage_render(vt_pixels *out, stage_scene *scene, float ms)
{
    if (scene->kind == STAGE_LIVE) return render_live(out, scene, ms);
    if (scene->kind == STAGE_SCREEN) return render_screen(out, scene, ms);
    render_photo(out, scene, ms);
    return true;
}

#endif
