/* The review sheet: faces as they are, for the eyes of the person who checks, and therefore written only when asked for. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "redact/video_plan.h"

enum { doubts_of_track = 3, crop_side_px = 160 };
static const size_t most_sheet_bytes = (size_t)512 << 20;
static const float doubtful_score = 0.45f;

/* A frame to show of a track. */
typedef struct shot {
    int64_t frame;
    size_t track, sighting;
    const char *why;
    char *picture; /* base64 JPEG, made on the way through the video */
} shot;

typedef struct shots {
    shot *items;
    size_t count;
} shots;

/* The weakest sightings, at least a second apart from each other. */
static void add_doubts(shots *list, const vt_track *track, size_t index)
{
    size_t chosen[doubts_of_track], count = 0;
    while (count < doubts_of_track) {
        size_t weakest = track->count;
        for (size_t i = 0; i < track->count; i++) {
            bool near = false;
            for (size_t c = 0; c < count; c++) near |= fabs(track->sightings[i].time_s - track->sightings[chosen[c]].time_s) < 1;
            if (!near && track->sightings[i].score < doubtful_score && (weakest == track->count || track->sightings[i].score < track->sightings[weakest].score))
                weakest = i;
        }
        if (weakest == track->count) return;
        chosen[count++] = weakest;
        list->items[list->count++] = (shot){ track->sightings[weakest].frame, index, weakest, track->sightings[weakest].score > 0 ? "weak" : "filled in", NULL };
    }
}

static int by_frame(const void *a, const void *b)
{
    const shot *x = a, *y = b;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

static int by_track(const void *a, const void *b)
{
    const shot *x = a, *y = b;
    if (x->track != y->track) return x->track < y->track ? -1 : 1;
    if (!strcmp(x->why, "best") != !strcmp(y->why, "best")) return !strcmp(x->why, "best") ? -1 : 1;
    return by_frame(a, b);
}

static vt_status choose(shots *out, const vt__plan *plan, vt_error *err)
{
    *out = (shots){ vt__calloc(plan->tracks.count * (doubts_of_track + 1) + 1, sizeof *out->items), 0 };
    if (!out->items) return vt__fail_memory(err, plan->tracks.count * sizeof *out->items);
    for (size_t i = 0; i < plan->tracks.count; i++) {
        const vt_track *track = &plan->tracks.items[i];
        size_t best = track->best < track->count ? track->best : 0;
        out->items[out->count++] = (shot){ track->sightings[best].frame, i, best, "best", NULL };
        add_doubts(out, track, i);
    }
    qsort(out->items, out->count, sizeof *out->items, by_frame);
    return VT_OK;
}

/* Standard base64 of RFC 4648 section 4, from base's URL kind. */
static char *base64(const void *bytes, size_t size)
{
    size_t length = vt__base64url_length(size);
    char *text = vt__malloc(length + 4, 1);
    if (!text) return NULL;
    vt__base64url_encode(text, bytes, size);
    for (size_t i = 0; i < length; i++) text[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
    while (length % 4) text[length++] = '=';
    text[length] = '\0';
    return text;
}

/* The surroundings of a box, as a view into the frame. */
static vt_pixels view_of(const vt_pixels *frame, const vt_box *box)
{
    int left = (int)fmaxf(0, box->left - box->width / 2), top = (int)fmaxf(0, box->top - box->height / 2);
    int right = (int)fminf((float)frame->size.width, box->left + box->width * 1.5f), bottom = (int)fminf((float)frame->size.height, box->top + box->height * 1.5f);
    if (right <= left || bottom <= top) return *frame;
    return (vt_pixels){ frame->data + (size_t)top * frame->stride_bytes + (size_t)left * 3, { right - left, bottom - top }, frame->stride_bytes };
}

static vt_status take(shot *s, const vt__plan *plan, const vt_pixels *frame, vt_error *err)
{
    vt_pixels view = view_of(frame, &plan->tracks.items[s->track].sightings[s->sighting].box);
    vt_encode_options how = VT_ENCODE_OPTIONS_INIT;
    how.quality = 80;
    uint8_t *bytes = NULL;
    size_t size = 0;
    vt_status status = vt_pixels_encode(&bytes, &size, &view, VT_FORMAT_JPEG, &how, err);
    if (status) return status;
    s->picture = base64(bytes, size);
    vt_bytes_free(bytes);
    return s->picture ? VT_OK : vt__fail_memory(err, size);
}

static vt_status collect(shots *list, const char *from, const vt__plan *plan, const vt_redact_video_options *options, vt_error *err)
{
    vt_video *video = NULL;
    bool more = true;
    size_t next = 0;
    vt_status status = vt_video_open(&video, from, &options->video, err);
    while (!status && next < list->count) {
        status = vt_video_next(&more, video, err);
        if (status || !more) break;
        if (list->items[next].frame != vt_video_frame(video)) continue;
        vt_pixels frame;
        status = vt_video_pixels(&frame, video, 0, err);
        if (status) break;
        for (; !status && next < list->count && list->items[next].frame == vt_video_frame(video); next++) status = take(&list->items[next], plan, &frame, err);
        vt_pixels_free(&frame);
    }
    vt_video_close(video);
    return status;
}

static void write_track(vt__buffer *out, const vt__plan *plan, const shots *list, size_t *at)
{
    size_t index = list->items[*at].track;
    const vt_track *track = &plan->tracks.items[index];
    vt__buffer_format(out, "<section><h2>Track %u &ndash; %s</h2><p>%.2f s to %.2f s", track->id, plan->hidden[index] ? "hidden" : "<b>left visible</b>",
                      track->sightings[0].time_s, track->sightings[track->count - 1].time_s);
    if (plan->confidence[index] >= 0) vt__buffer_format(out, ", confidence %.2f", (double)plan->confidence[index]);
    vt__buffer_text(out, "</p>");
    for (; *at < list->count && list->items[*at].track == index; ++*at) {
        const shot *s = &list->items[*at];
        if (s->picture) vt__buffer_format(out, "<figure><img height=%d alt=\"\" src=\"data:image/jpeg;base64,", crop_side_px);
        if (s->picture) vt__buffer_text(out, s->picture);
        if (s->picture) vt__buffer_format(out, "\"><figcaption>%.2f s, %s</figcaption></figure>", track->sightings[s->sighting].time_s, s->why);
    }
    vt__buffer_text(out, "</section>\n");
}

static vt_status write_sheet(const char *path, const vt__plan *plan, const shots *list, vt_error *err)
{
    vt__buffer out;
    vt__buffer_init(&out, most_sheet_bytes);
    vt__buffer_text(&out, "<!doctype html><meta charset=utf-8><title>Review of a redaction</title>"
                          "<style>body{font:15px sans-serif;margin:2em}figure{display:inline-block;margin:4px}h2{font-size:1.1em}</style>"
                          "<h1>Review of a redaction</h1><p>One picture a track, then its doubtful moments. This sheet shows faces unhidden: "
                          "delete it when done. To change what is hidden, edit \"hidden\" in the manifest and apply it.</p>\n");
    for (size_t at = 0; at < list->count;) write_track(&out, plan, list, &at);
    vt_status status = out.status ? vt__fail(err, out.status, "%s: the review sheet", path) : vt__file_write(path, out.data, out.size, 0600, err);
    vt__buffer_free(&out);
    return status;
}

vt_status vt__review_write(const char *path, const char *from, const vt__plan *plan, const vt_redact_video_options *options, vt_error *err)
{
    shots list;
    vt_status status = choose(&list, plan, err);
    if (!status) status = collect(&list, from, plan, options, err);
    if (!status) {
        qsort(list.items, list.count, sizeof *list.items, by_track);
        status = write_sheet(path, plan, &list, err);
    }
    for (size_t i = 0; i < list.count; i++) vt__free(list.items[i].picture);
    vt__free(list.items);
    return status;
}
