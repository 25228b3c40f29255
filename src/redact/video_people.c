#include "redact/video_people.h"

#include <math.h>
#include <string.h>

#include <vultus/match.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/memory.h"

/* A track's template is the mean of some good shots: one may have caught a hand or a microphone (docs/decisions/0005). */
static const float better_shot = 1.15f, like_the_best = 0.85f;
static const double a_while_s = 0.4; /* between shots that are no better than those before */
static const double forgotten_s = 5; /* longer than any gap in a track */
enum { most_shots = 6 };
/* Doubt is decided towards hiding: kept only when surely recognised, hidden already when perhaps. */
static const float keep_confidence = VT_IDENTICAL_CONFIDENCE, only_confidence = 0.3f;

/* A track that may go on. */
typedef struct followed {
    uint32_t number;
    int shots;
    float tried; /* quality of the best shot so far */
    double tried_s, seen_s;
    vt_template sum;
} followed;

/* What is known of a track: confidence of the mean of its shots, and the largest of one shot. */
typedef struct look {
    float mean, most;
} look;

struct vt__people_seen {
    const vt_redact_video_options *options;
    const vt_engine *engine;
    vt_session *session;
    look *looks; /* by provisional number - 1 */
    size_t count;
    followed *open;
    size_t open_count, open_capacity;
};

vt_status vt__people_seen_open(vt__people_seen **out, const vt_redact_video_options *options, const vt_engine *engine, vt_session *session,
                               vt_error *err)
{
    *out = vt__calloc(1, sizeof **out);
    if (!*out) return vt__fail_memory(err, sizeof **out);
    **out = (vt__people_seen){ .options = options, .engine = engine, .session = session };
    return VT_OK;
}

void vt__people_seen_close(vt__people_seen *people)
{
    if (!people) return;
    vt__free_secret(people->open, people->open_capacity * sizeof *people->open);
    vt__free(people->looks);
    vt__free(people);
}

static vt_status make_room(vt__people_seen *p, uint32_t number, vt_error *err)
{
    if (number > p->count) {
        size_t wanted = (size_t)number * 2;
        look *bigger = vt__realloc(p->looks, wanted, sizeof *bigger);
        if (!bigger) return vt__fail_memory(err, wanted * sizeof *bigger);
        memset(bigger + p->count, 0, (wanted - p->count) * sizeof *bigger);
        p->looks = bigger;
        p->count = wanted;
    }
    if (p->open_count < p->open_capacity) return VT_OK;
    size_t wanted = p->open_capacity ? p->open_capacity * 2 : 16;
    followed *bigger = vt__malloc(wanted, sizeof *bigger);
    if (!bigger) return vt__fail_memory(err, wanted * sizeof *bigger);
    if (p->open_count) memcpy(bigger, p->open, p->open_count * sizeof *bigger);
    vt__free_secret(p->open, p->open_capacity * sizeof *p->open); /* templates leave no copy behind */
    p->open = bigger;
    p->open_capacity = wanted;
    return VT_OK;
}

static void forget_old(vt__people_seen *p, double time_s)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->open_count; i++)
        if (time_s - p->open[i].seen_s <= forgotten_s) p->open[kept++] = p->open[i];
    p->open_count = kept;
}

static vt_status follow(followed **out, vt__people_seen *p, uint32_t number, double time_s, vt_error *err)
{
    *out = NULL;
    for (size_t i = 0; i < p->open_count && !*out; i++)
        if (p->open[i].number == number) *out = &p->open[i];
    vt_status status = *out ? VT_OK : make_room(p, number, err);
    if (status) return status;
    if (!*out) {
        *out = &p->open[p->open_count++];
        **out = (followed){ .number = number };
    }
    (*out)->seen_s = time_s;
    return VT_OK;
}

static bool worth_trying(const followed *f, float quality, double time_s)
{
    if (quality > f->tried * better_shot) return true;
    return f->shots < most_shots && quality >= f->tried * like_the_best && time_s - f->tried_s >= a_while_s;
}

static float confidence_of(const vt__people_seen *p, const vt_template *template)
{
    float best = 0;
    for (size_t i = 0; i < p->options->people_count; i++) {
        const vt_template *person = &p->options->people[i];
        if (person->dimension == template->dimension)
            best = fmaxf(best, vt_engine_confidence(p->engine, vt_cosine(person->values, template->values, template->dimension)));
    }
    return best;
}

static void add_shot(followed *f, const vt_template *template, float quality)
{
    if (!f->shots++) f->sum = (vt_template){ .dimension = template->dimension };
    for (uint32_t i = 0; i < template->dimension; i++) f->sum.values[i] += quality * template->values[i];
}

static vt_template mean_of(const followed *f)
{
    vt_template out = f->sum;
    double length = 0;
    for (uint32_t i = 0; i < out.dimension; i++) length += (double)out.values[i] * out.values[i];
    for (uint32_t i = 0; i < out.dimension && length > 0; i++) out.values[i] /= (float)sqrt(length);
    return out;
}

static vt_status recognise(vt__people_seen *p, followed *f, vt_picture *picture, const vt_face *face, float quality, vt_error *err)
{
    vt_template template;
    vt_status status = vt_session_template(&template, p->session, picture, face, err);
    if (status) return status == VT_ENOFACE ? VT_OK : status;
    look *known = &p->looks[f->number - 1];
    known->most = fmaxf(known->most, confidence_of(p, &template));
    add_shot(f, &template, quality);
    template = mean_of(f);
    known->mean = confidence_of(p, &template);
    vt__wipe(&template, sizeof template);
    return VT_OK;
}

vt_status vt__people_look(vt__people_seen *p, vt_video *video, const vt_faces *faces, const uint32_t *track_of, vt_error *err)
{
    vt_pixels pixels = { 0 };
    vt_picture *picture = NULL;
    vt_status status = VT_OK;
    double time_s = vt_video_time_s(video);
    forget_old(p, time_s);
    for (size_t i = 0; i < faces->count && !status; i++) {
        followed *f = NULL;
        if (!track_of[i]) continue;
        status = follow(&f, p, track_of[i], time_s, err);
        float quality = vt_face_shot_quality(&faces->items[i]);
        if (status || !worth_trying(f, quality, time_s)) continue;
        f->tried = fmaxf(f->tried, quality);
        f->tried_s = time_s;
        if (!picture) status = vt_video_pixels(&pixels, video, 0, err);
        if (!status && !picture) status = vt_picture_from_pixels(&picture, &pixels, err);
        if (!status) status = recognise(p, f, picture, &faces->items[i], quality, err);
    }
    vt_picture_close(picture);
    vt_pixels_free(&pixels);
    return status;
}

void vt__people_decide(vt__plan *plan, vt__people_seen *p, const vt_tracker *tracker)
{
    for (size_t i = 0; i < plan->tracks.count; i++) {
        plan->hidden[i] = plan->whom != VT_REDACT_ONLY;
        plan->confidence[i] = plan->whom == VT_REDACT_EVERYONE ? -1 : 0;
    }
    for (uint32_t number = 1; p && number <= p->count; number++) {
        uint32_t id = vt_tracker_number(tracker, number);
        if (!id) continue;
        const look *known = &p->looks[number - 1];
        plan->confidence[id - 1] = plan->whom == VT_REDACT_ONLY ? known->most : known->mean;
        plan->hidden[id - 1] = plan->whom == VT_REDACT_ONLY ? known->most >= only_confidence : known->mean < keep_confidence;
    }
}
