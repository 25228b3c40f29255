#include "video/archive_people.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vultus/match.h>

#include "base/error.h"
#include "base/memory.h"

static const double at_once_s = 0.5, at_once_share = 0.5; /* in common: so long, or so much of the shorter one */

static vt_status read_videos(vt__archive_people *p, vt_archive *archive, const vt_engine *engine, vt_error *err)
{
    size_t count = 0;
    vt_status status = vt_archive_count(&count, archive, err);
    if (!status && !(p->videos = vt__calloc(count + 1, sizeof *p->videos))) status = vt__fail_memory(err, count * sizeof *p->videos);
    for (; !status && p->video_count < count; p->video_count += !status) {
        vt_archive_video *video = &p->videos[p->video_count];
        status = vt_archive_video_read(video, archive, p->video_count, err);
        if (!status && strcmp(video->pack, vt_engine_digest(engine)) != 0) {
            status = vt__fail(err, VT_ECONFLICT, "%s was indexed with another pack; index the archive again", video->path);
            vt_archive_video_free(video);
        }
        p->count += status ? 0 : video->count;
    }
    return status;
}

static vt_status list_tracks(vt__archive_people *p, vt_error *err)
{
    size_t n = 0;
    p->tracks = vt__calloc(p->count + 1, sizeof *p->tracks);
    if (!p->tracks) return vt__fail_memory(err, p->count * sizeof *p->tracks);
    for (size_t v = 0; v < p->video_count; v++)
        for (size_t t = 0; t < p->videos[v].count; t++) p->tracks[n++] = (vt__person_track){ &p->videos[v], &p->videos[v].tracks[t], VT_GROUP_MESSY };
    return VT_OK;
}

static int by_group(const void *a, const void *b)
{
    const vt__person_track *x = a, *y = b;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    if (x->track->quality != y->track->quality) return x->track->quality > y->track->quality ? -1 : 1;
    int order = strcmp(x->video->path, y->video->path);
    return order ? order : (x->track->from_s > y->track->from_s) - (x->track->from_s < y->track->from_s);
}

static void sort(vt__archive_people *p)
{
    if (p->count) qsort(p->tracks, p->count, sizeof *p->tracks, by_group);
}

static vt_status group_by_template(vt__archive_people *p, const vt_engine *engine, vt_error *err)
{
    size_t dimension = vt_engine_dimension(engine), size = p->count * dimension;
    float *templates = vt__calloc(size + 1, sizeof *templates);
    uint32_t *group = vt__calloc(p->count + 1, sizeof *group);
    vt_status status = templates && group ? VT_OK : vt__fail_memory(err, size * sizeof *templates);
    for (size_t i = 0; i < p->count && !status; i++)
        if (p->tracks[i].track->template_.dimension == dimension)
            memcpy(templates + i * dimension, p->tracks[i].track->template_.values, dimension * sizeof *templates);
    if (!status && p->count)
        status = vt_group(group, &p->groups, templates, p->count, dimension, dimension, vt_engine_cosine(engine, VT_IDENTICAL_CONFIDENCE), err);
    for (size_t i = 0; i < p->count && !status; i++) p->tracks[i].group = group[i];
    if (templates) vt__free_secret(templates, size * sizeof *templates);
    vt__free(group);
    return status;
}

static bool at_once(const vt__person_track *a, const vt__person_track *b)
{
    if (a->video != b->video) return false;
    double common_s = fmin(a->track->to_s, b->track->to_s) - fmax(a->track->from_s, b->track->from_s);
    double shorter_s = fmin(a->track->to_s - a->track->from_s, b->track->to_s - b->track->from_s);
    return common_s >= at_once_s || (common_s > 0 && common_s >= at_once_share * shorter_s);
}

/* The part of a group that a track joins; `parts` when it has to begin another. */
static uint32_t part_of(const vt__person_track *tracks, const uint32_t *part, size_t index, uint32_t parts)
{
    uint32_t best = parts;
    float most = -2;
    for (uint32_t k = 0; k < parts; k++) {
        float sum = 0;
        size_t n = 0;
        bool apart = false;
        for (size_t i = 0; i < index && !apart; i++) {
            if (part[i] != k) continue;
            const vt_template *mine = &tracks[index].track->template_, *its = &tracks[i].track->template_;
            apart = at_once(&tracks[index], &tracks[i]);
            sum += vt_cosine(mine->values, its->values, mine->dimension);
            n++;
        }
        if (apart || !n || sum / (float)n <= most) continue;
        most = sum / (float)n;
        best = k;
    }
    return best;
}

static bool any_at_once(const vt__person_track *tracks, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (at_once(&tracks[i], &tracks[k])) return true;
    return false;
}

/* One group's tracks, best shot first. Parts but the first become groups of their own, numbered from *groups. */
static vt_status keep_apart(uint32_t *groups, vt__person_track *tracks, size_t count, vt_error *err)
{
    uint32_t parts = 0;
    if (!any_at_once(tracks, count)) return VT_OK;
    uint32_t *part = vt__calloc(count, sizeof *part);
    if (!part) return vt__fail_memory(err, count * sizeof *part);
    for (size_t i = 0; i < count; i++) {
        part[i] = part_of(tracks, part, i, parts);
        parts += part[i] == parts;
    }
    for (size_t i = 0; i < count; i++)
        if (part[i]) tracks[i].group = *groups + part[i] - 1;
    *groups += parts - 1;
    vt__free(part);
    return VT_OK;
}

typedef struct sized {
    uint32_t group;
    size_t count;
} sized;

static int by_size(const void *a, const void *b)
{
    const sized *x = a, *y = b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return (x->group > y->group) - (x->group < y->group);
}

/* Largest first; who is alone is in none. */
static vt_status number_anew(vt__archive_people *p, vt_error *err)
{
    sized *order = vt__calloc(p->groups + 1, sizeof *order);
    uint32_t *to = vt__calloc(p->groups + 1, sizeof *to), kept = 0;
    vt_status status = order && to ? VT_OK : vt__fail_memory(err, p->groups * sizeof *order);
    if (!status) {
        for (uint32_t g = 0; g < p->groups; g++) order[g].group = g;
        for (size_t i = 0; i < p->count; i++)
            if (p->tracks[i].group != VT_GROUP_MESSY) order[p->tracks[i].group].count++;
        if (p->groups) qsort(order, p->groups, sizeof *order, by_size);
        for (uint32_t g = 0; g < p->groups; g++) to[order[g].group] = order[g].count > 1 ? kept++ : VT_GROUP_MESSY;
        for (size_t i = 0; i < p->count; i++)
            if (p->tracks[i].group != VT_GROUP_MESSY) p->tracks[i].group = to[p->tracks[i].group];
        p->groups = kept;
    }
    vt__free(order);
    vt__free(to);
    return status;
}

static vt_status part_groups(vt__archive_people *p, vt_error *err)
{
    vt_status status = VT_OK;
    sort(p);
    for (size_t from = 0, to; from < p->count && p->tracks[from].group != VT_GROUP_MESSY && !status; from = to) {
        uint32_t group = p->tracks[from].group;
        for (to = from; to < p->count && p->tracks[to].group == group;) to++;
        status = keep_apart(&p->groups, p->tracks + from, to - from, err);
    }
    return status ? status : number_anew(p, err);
}

vt_status vt__archive_people_find(vt__archive_people *out, vt_archive *archive, const vt_engine *engine, vt_error *err)
{
    *out = (vt__archive_people){ 0 };
    vt_status status = read_videos(out, archive, engine, err);
    if (!status) status = list_tracks(out, err);
    if (!status) status = group_by_template(out, engine, err);
    if (!status) status = part_groups(out, err);
    if (!status) sort(out);
    return status;
}

void vt__archive_people_free(vt__archive_people *people)
{
    for (size_t i = 0; i < people->video_count; i++) vt_archive_video_free(&people->videos[i]);
    vt__free(people->videos);
    vt__free(people->tracks);
    *people = (vt__archive_people){ 0 };
}
