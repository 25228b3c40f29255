#ifdef VULTUS_HAVE_VIDEO
#include "cli/redaction_check.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/eval_faces.h"
#include "redact/video_walk.h"

enum { least_face_px = 20, least_template_px = 36 };
static const float least_covered = 0.9f;  /* of a marked face's box */
static const float on_mask = 0.5f;        /* of a detection's box, to be one of something hidden */
static const float same_face = 0.4f;      /* overlap of a marked face and a detected one */
static const float ring_px = 2;           /* round a mask, where colours of both sides are mixed */

enum { SOURCE, HIDDEN, EXACT, VIDEOS };

typedef struct check {
    vt__redaction_tally *tally;
    const vt__work *work;
    const vt__plan *plan;
    const vt__marked_video *marked;
    vt__walk *walk;
    vt_video *videos[VIDEOS];
    vt_pixels now[VIDEOS]; /* the present frame of each */
    vt_pixels mask, ring;  /* 255 in red where it is masked; with the ring */
} check;

static vt_status note(check *c, int64_t frame, vt_box box, float value, int kind, vt_error *err)
{
    vt__redaction_tally *t = c->tally;
    vt__noted *bigger = vt__realloc(t->noted, t->noted_count + 1, sizeof *bigger);
    if (!bigger) return vt__fail_memory(err, t->noted_count * sizeof *bigger);
    t->noted = bigger;
    t->noted[t->noted_count++] = (vt__noted){ c->marked->name, frame, box, value, kind };
    return VT_OK;
}

/* Draws the plan's masks of a frame, `more_px` wider on every side. */
static vt_status draw(vt_pixels *mask, const vt__plan *plan, const vt_box *boxes, size_t count, float more_px, vt_error *err)
{
    vt_redact_options white = plan->masks;
    white.method = VT_REDACT_BLOCK;
    memset(white.colour, 255, sizeof white.colour);
    memset(mask->data, 0, mask->stride_bytes * (size_t)mask->size.height);
    vt_status status = VT_OK;
    for (size_t i = 0; i < count && !status; i++) {
        vt_box wider = { boxes[i].left - more_px, boxes[i].top - more_px, boxes[i].width + 2 * more_px, boxes[i].height + 2 * more_px };
        status = vt_redact_pixels(mask, &wider, 1, &white, err);
    }
    return status;
}

/* The share of a box, cut to the picture, that is masked. */
static float share_masked(const vt_pixels *mask, vt_box box)
{
    int left = (int)fmaxf(0, roundf(box.left)), right = (int)fminf((float)mask->size.width, roundf(box.left + box.width));
    int top = (int)fmaxf(0, roundf(box.top)), bottom = (int)fminf((float)mask->size.height, roundf(box.top + box.height));
    size_t masked = 0, all = 0;
    for (int y = top; y < bottom; y++)
        for (int x = left; x < right; x++, all++) masked += mask->data[(size_t)y * mask->stride_bytes + (size_t)x * 3] != 0;
    return all ? (float)masked / (float)all : 0;
}

static void compare_outside(check *c)
{
    for (int y = 0; y < c->ring.size.height; y++) {
        const uint8_t *rows[VIDEOS], *ring = c->ring.data + (size_t)y * c->ring.stride_bytes;
        uint64_t squares = 0, samples = 0;
        for (int v = 0; v < VIDEOS; v++) rows[v] = c->now[v].data + (size_t)y * c->now[v].stride_bytes;
        for (int i = 0; i < c->ring.size.width * 3; i++) {
            if (ring[i]) continue;
            int d = rows[SOURCE][i] - rows[HIDDEN][i];
            squares += (uint64_t)(d * d);
            samples++;
            c->tally->changed += rows[SOURCE][i] != rows[EXACT][i];
        }
        c->tally->squared_error += (double)squares;
        c->tally->samples += (double)samples;
    }
}

static vt_status judge_face(check *c, const vt__marked_face *face, vt_error *err)
{
    vt__redaction_tally *t = c->tally;
    if (fmaxf(face->box.width, face->box.height) < least_face_px) return VT_OK;
    float share = share_masked(&c->mask, face->box);
    bool covered = share >= least_covered;
    *(face->certain ? &t->certain : &t->unsure) += 1;
    *(face->certain ? &t->certain_covered : &t->unsure_covered) += covered;
    return covered ? VT_OK : note(c, face->frame, face->box, share, face->certain ? VT__NOTED_MISS : VT__NOTED_UNSURE_MISS, err);
}

static vt_status find(vt_faces *out, vt_picture **picture, check *c, int video, uint32_t want, vt_error *err)
{
    vt_detect_options wanted = VT_DETECT_OPTIONS_INIT;
    wanted.min_face_px = least_face_px;
    wanted.want = want;
    *out = (vt_faces){ 0 };
    vt_status status = vt_picture_from_pixels(picture, &c->now[video], err);
    return status ? status : vt_session_detect(out, c->work->session, *picture, &wanted, err);
}

/* Faces that the detector finds under the masks of the frame as written. */
static vt_status look_again(check *c, vt_picture **picture, int64_t frame, vt_error *err)
{
    vt_faces faces;
    vt_status status = find(&faces, picture, c, HIDDEN, 0, err);
    c->tally->frames_looked++;
    for (size_t i = 0; i < faces.count && !status; i++) {
        if (share_masked(&c->mask, faces.items[i].box) < on_mask) continue;
        c->tally->found++;
        status = note(c, frame, faces.items[i].box, faces.items[i].score, VT__NOTED_FOUND, err);
    }
    vt_faces_free(&faces);
    return status;
}

static const vt_face *seen_as(const vt_faces *faces, const vt__marked_face *marked)
{
    const vt_face *best = NULL;
    float most = same_face;
    for (size_t i = 0; i < faces->count; i++) {
        float overlap = vt__box_overlap(faces->items[i].box, marked->box);
        if (overlap < most || fminf(faces->items[i].box.width, faces->items[i].box.height) < least_template_px) continue;
        most = overlap;
        best = &faces->items[i];
    }
    return best;
}

static vt_status add_templates(check *c, vt_picture *before, vt_picture *after, const vt_face *face, int64_t person, vt_error *err)
{
    vt__redaction_tally *t = c->tally;
    vt__hidden_face *bigger = vt__realloc(t->faces, t->faces_count + 1, sizeof *bigger);
    if (!bigger) return vt__fail_memory(err, t->faces_count * sizeof *bigger);
    t->faces = bigger;
    vt__hidden_face *one = &bigger[t->faces_count];
    one->person = person;
    vt_status status = vt_session_template(&one->before, c->work->session, before, face, err);
    if (!status) status = vt_session_template(&one->after, c->work->session, after, face, err);
    if (!status) t->faces_count++;
    return status;
}

/* Everything of a marked frame; faces[*next..] are its marked ones and those behind. */
static vt_status judge_frame(check *c, size_t *next, int64_t frame, vt_error *err)
{
    vt_faces faces = { 0 };
    vt_picture *before = NULL, *after = NULL;
    vt_status status = look_again(c, &after, frame, err);
    if (!status) status = find(&faces, &before, c, SOURCE, VT_WANT_LANDMARKS, err);
    for (; !status && *next < c->marked->count && c->marked->faces[*next].frame == frame; ++*next) {
        const vt__marked_face *marked = &c->marked->faces[*next];
        const vt_face *face = marked->certain && marked->person ? seen_as(&faces, marked) : NULL;
        status = judge_face(c, marked, err);
        if (!status && face) status = add_templates(c, before, after, face, marked->person, err);
    }
    vt_faces_free(&faces);
    vt_picture_close(before);
    vt_picture_close(after);
    return status;
}

static vt_status next_frames(bool *more, check *c, vt_error *err)
{
    vt_status status = VT_OK;
    bool going[VIDEOS] = { false };
    for (int v = 0; v < VIDEOS && !status; v++) {
        vt_pixels_free(&c->now[v]);
        status = vt_video_next(&going[v], c->videos[v], err);
        if (!status && going[v]) status = vt_video_pixels(&c->now[v], c->videos[v], 0, err);
    }
    *more = going[SOURCE];
    if (!status && (going[SOURCE] != going[HIDDEN] || going[SOURCE] != going[EXACT])) status = vt__fail(err, VT_ECONFLICT, "the redacted video has other frames");
    return status;
}

static vt_status walk_frames(check *c, vt_error *err)
{
    bool more = true;
    size_t next = 0;
    vt_status status = VT_OK;
    while (!status) {
        status = next_frames(&more, c, err);
        if (status || !more) break;
        int64_t frame = vt_video_frame(c->videos[SOURCE]);
        const vt_box *boxes;
        size_t count;
        status = vt__walk_to(&boxes, &count, c->walk, frame, err);
        if (!status) status = draw(&c->ring, c->plan, boxes, count, ring_px, err);
        if (!status) compare_outside(c);
        c->tally->frames++;
        if (status || frame % c->marked->every_frames) continue;
        status = draw(&c->mask, c->plan, boxes, count, 0, err);
        if (!status) status = judge_frame(c, &next, frame, err);
    }
    return status;
}

vt_status vt__redaction_check(vt__redaction_tally *tally, const vt__work *work, const vt__redaction_paths *paths, const vt__plan *plan,
                              const vt__marked_video *marked, vt_error *err)
{
    check c = { .tally = tally, .work = work, .plan = plan, .marked = marked };
    const char *names[VIDEOS] = { paths->source, paths->hidden, paths->exact };
    vt_status status = vt__walk_open(&c.walk, plan, err);
    for (int v = 0; v < VIDEOS && !status; v++) status = vt_video_open(&c.videos[v], names[v], NULL, err);
    if (!status) status = vt_pixels_create(&c.mask, plan->size, err);
    if (!status) status = vt_pixels_create(&c.ring, plan->size, err);
    if (!status) status = walk_frames(&c, err);
    for (int v = 0; v < VIDEOS; v++) {
        vt_pixels_free(&c.now[v]);
        vt_video_close(c.videos[v]);
    }
    vt_pixels_free(&c.mask);
    vt_pixels_free(&c.ring);
    vt__walk_close(c.walk);
    return status;
}

void vt__redaction_tally_free(vt__redaction_tally *tally)
{
    vt__free(tally->noted);
    vt__free_secret(tally->faces, tally->faces_count * sizeof *tally->faces);
    *tally = (vt__redaction_tally){ 0 };
}
#endif
