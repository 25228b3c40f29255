#include "cli/liveness_clip.h"

#include <math.h>
#include <string.h>

#include <vultus/video.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/liveness_head.h"

#ifdef VULTUS_HAVE_VIDEO

static const float straight_deg = 12, alike = 0.06f; /* eye distances */
enum { CLIP_LOOKED_AT = 100 };

static float apart(vt_point a, vt_point b)
{
    return hypotf(a.x - b.x, a.y - b.y);
}

/* Lips together, eyes open: as people look into a camera that checks them. And enough around the face: what a rendering has
 * to invent looks like an attack. */
static vt_status is_usable(bool *out, vt_session *session, vt_picture *picture, const vt_face *face, vt_error *err)
{
    const vt_point *p = face->points68;
    float open = 0, live;
    bool surround = false;
    vt_status status = vt_session_eyes_open(&open, session, picture, face, err);
    if (!status) status = vt_session_attack_score(&live, &surround, session, picture, face, err);
    *out = surround && open > 0.5f && apart(p[62], p[66]) < 0.08f * apart(p[36], p[45]);
    return status;
}

/* Mean distance of the points of two faces, each in its own eye distances. */
static float unlike(const vt_point a[VT_POINTS68], const vt_point b[VT_POINTS68])
{
    float sum = 0, eyes_a = apart(a[36], a[45]), eyes_b = apart(b[36], b[45]);
    for (int i = 0; i < VT_POINTS68; i++)
        sum += hypotf((a[i].x - a[30].x) / eyes_a - (b[i].x - b[30].x) / eyes_b, (a[i].y - a[30].y) / eyes_a - (b[i].y - b[30].y) / eyes_b);
    return sum / VT_POINTS68;
}

/* Frames whose one face looks ahead, in calm. */
typedef struct candidates {
    vt_pixels frames[CLIP_LOOKED_AT];
    vt_point points[CLIP_LOOKED_AT][VT_POINTS68];
    size_t count;
} candidates;

static vt_status look_at(candidates *out, vt_session *session, vt_video *video, vt_error *err)
{
    vt_pixels *pixels = &out->frames[out->count];
    vt_picture *picture;
    vt_faces faces = { 0 };
    vt_detect_options wanted = VT_DETECT_OPTIONS_INIT;
    wanted.want = VT_WANT_LANDMARKS | VT_WANT_POSE;
    vt_status status = vt_video_pixels(pixels, video, 512, err);
    if (status) return status;
    status = vt_picture_from_pixels(&picture, pixels, err);
    if (!status) status = vt_session_detect(&faces, session, picture, &wanted, err);
    const vt_face *f = faces.count ? &faces.items[0] : NULL;
    bool good = !status && faces.count == 1 && fabsf(f->pose.yaw_deg) < straight_deg && fabsf(f->pose.roll_deg) < straight_deg;
    if (good) status = is_usable(&good, session, picture, f, err);
    if (good) memcpy(out->points[out->count++], f->points68, sizeof f->points68);
    else vt_pixels_free(pixels);
    vt_faces_free(&faces);
    vt_picture_close(picture);
    return status;
}

/* The candidate that most others are like: people stand still before a camera that checks them. */
static size_t most_usual(const candidates *from)
{
    size_t best = 0, most = 0;
    for (size_t i = 0; i < from->count; i++) {
        size_t n = 0;
        for (size_t j = 0; j < from->count; j++) n += unlike(from->points[i], from->points[j]) < alike;
        if (n > most) most = n, best = i;
    }
    return best;
}

/* Moves the frames that are like the most usual one; the others are freed. */
static void keep_alike(stage_clip *out, candidates *from)
{
    size_t usual = most_usual(from);
    for (size_t i = 0; i < from->count; i++) {
        if (out->count == CLIP_FRAMES || unlike(from->points[usual], from->points[i]) >= alike) {
            vt_pixels_free(&from->frames[i]);
            continue;
        }
        memcpy(out->points[out->count], from->points[i], sizeof from->points[i]);
        out->frames[out->count++] = from->frames[i];
    }
}

/* Of the head looking straight ahead: the same triangles serve every frame. */
static void make_mesh(stage_clip *clip)
{
    const sim_pose ahead = { .distance = 10, .mouth = 1, .eyes = 1 };
    vt__mesh_point head[HEAD_POINTS];
    vt_point flat[HEAD_POINTS];
    vt__head_place(head, clip->points[0], 1, &ahead);
    for (size_t i = 0; i < HEAD_POINTS; i++) flat[i] = head[i].from;
    vt__mesh_make(&clip->mesh, flat, HEAD_POINTS);
}

vt_status stage_clip_open(stage_clip *out, vt_session *session, const char *path, vt_error *err)
{
    vt_video *video = NULL;
    bool more = true;
    double next_s = 0;
    *out = (stage_clip){ .count = 0 };
    candidates *seen = vt__calloc(1, sizeof *seen);
    if (!seen) return vt__fail_memory(err, sizeof *seen);
    vt_status status = vt_video_open(&video, path, NULL, err);
    while (!status && more && seen->count < CLIP_LOOKED_AT) {
        status = vt_video_next(&more, video, err);
        if (status || !more || vt_video_time_s(video) < next_s) continue;
        next_s = vt_video_time_s(video) + 0.1;
        status = look_at(seen, session, video, err);
    }
    vt_video_close(video);
    keep_alike(out, seen);
    vt__free(seen);
    if (!status && out->count < CLIP_FRAMES / 2) status = vt__fail(err, VT_ENOFACE, "%s: too few frames with one face that looks ahead, eyes open, enough around it", path);
    if (status) stage_clip_close(out);
    else make_mesh(out);
    return status;
}

void stage_clip_close(stage_clip *clip)
{
    for (size_t i = 0; i < CLIP_FRAMES; i++) vt_pixels_free(&clip->frames[i]);
}

#endif
