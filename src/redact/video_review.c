/* The review sheet: faces as they are, for the eyes of the person who checks, and therefore written only when asked for. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/spill.h"
#include "image/sample.h"
#include "redact/text_file.h"
#include "redact/video_plan.h"

enum { doubts_of_track = 3, crop_side_px = 200 };
static const size_t in_memory_bytes = (size_t)16 << 20; /* of pictures */
static const float doubtful_score = 0.45f;
static const double apart_s = 1; /* doubtful moments of a track */

typedef enum reason { BEST, WEAK, FILLED_IN } reason;

/* A frame to show of a track. */
typedef struct shot {
    int64_t frame;
    double time_s;
    size_t track;
    vt_box box;
    float score;
    reason why;
    uint64_t at; /* of its picture in base64, made on the way through the video; 0 bytes: none */
    size_t bytes;
    vt_box mark; /* of the face in the picture, in per cent */
} shot;

typedef struct shots {
    shot *items;
    size_t count;
    vt__spill *pictures;
} shots;

static shot shot_of(const vt_sighting *s, size_t track, reason why)
{
    return (shot){ .frame = s->frame, .time_s = s->time_s, .track = track, .box = s->box, .score = s->score, .why = why };
}

/* The weakest sighting of a track that is doubtful and not near to those chosen. */
static vt_status weakest(bool *found, shot *out, const vt__plan *plan, size_t index, const shot *chosen, size_t count, vt_error *err)
{
    vt_sighting list[VT__PIECE_MOST];
    size_t pieces_count;
    const vt__piece *pieces = vt__boxes_of(&pieces_count, plan->boxes, plan->tracks.items[index].id);
    vt_status status = VT_OK;
    *found = false;
    for (size_t p = 0; p < pieces_count && !status; p++) {
        status = vt__boxes_read(list, plan->boxes, &pieces[p], err);
        for (size_t i = 0; i < pieces[p].count && !status; i++) {
            bool near = list[i].score >= doubtful_score;
            for (size_t c = 0; c < count; c++) near |= fabs(list[i].time_s - chosen[c].time_s) < apart_s;
            if (near || (*found && list[i].score >= out->score)) continue;
            *found = true;
            *out = shot_of(&list[i], index, list[i].score > 0 ? WEAK : FILLED_IN);
        }
    }
    return status;
}

static vt_status add_best(shots *list, const vt__plan *plan, size_t index, vt_error *err)
{
    vt_sighting sightings[VT__PIECE_MOST];
    const vt_track *track = &plan->tracks.items[index];
    int64_t frame = track->first_frame + (int64_t)(track->best < track->count ? track->best : 0);
    size_t count;
    const vt__piece *pieces = vt__boxes_of(&count, plan->boxes, track->id);
    for (size_t p = 0; p < count; p++) {
        if (frame < pieces[p].first || frame >= pieces[p].first + (int64_t)pieces[p].count) continue;
        vt_status status = vt__boxes_read(sightings, plan->boxes, &pieces[p], err);
        if (!status) list->items[list->count++] = shot_of(&sightings[frame - pieces[p].first], index, BEST);
        return status;
    }
    return VT_OK;
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
    if ((x->why == BEST) != (y->why == BEST)) return x->why == BEST ? -1 : 1;
    return by_frame(a, b);
}

static vt_status choose(shots *out, const vt__plan *plan, vt_error *err)
{
    out->items = vt__calloc(plan->tracks.count * (doubts_of_track + 1) + 1, sizeof *out->items);
    if (!out->items) return vt__fail_memory(err, plan->tracks.count * sizeof *out->items);
    vt_status status = VT_OK;
    for (size_t i = 0; i < plan->tracks.count && !status; i++) {
        bool found = true;
        status = add_best(out, plan, i, err);
        shot *doubts = &out->items[out->count];
        for (size_t d = 0; d < doubts_of_track && found && !status; d++) {
            status = weakest(&found, &doubts[d], plan, i, doubts, d, err);
            out->count += found && !status;
        }
    }
    if (out->count) qsort(out->items, out->count, sizeof *out->items, by_frame);
    return status;
}

/* A square round a box, moved into the frame where it can be, as a view into it. */
static vt_pixels view_of(vt_box *mark, const vt_pixels *frame, const vt_box *box)
{
    int width = frame->size.width, height = frame->size.height;
    int side = (int)(fmaxf(box->width, box->height) * 1.8f);
    side = side < 32 ? 32 : side;
    int across = side < width ? side : width, down = side < height ? side : height;
    int left = (int)(box->left + box->width / 2) - across / 2, top = (int)(box->top + box->height / 2) - down / 2;
    left = left < 0 ? 0 : left > width - across ? width - across : left;
    top = top < 0 ? 0 : top > height - down ? height - down : top;
    *mark = (vt_box){ (box->left - (float)left) * 100 / (float)across, (box->top - (float)top) * 100 / (float)down, box->width * 100 / (float)across,
                      box->height * 100 / (float)down };
    return (vt_pixels){ frame->data + (size_t)top * frame->stride_bytes + (size_t)left * 3, { across, down }, frame->stride_bytes };
}

static vt_status encode(uint8_t **bytes, size_t *size, const vt_pixels *view, vt_error *err)
{
    vt_encode_options how = VT_ENCODE_OPTIONS_INIT;
    vt_pixels small = { 0 };
    int longer = view->size.width > view->size.height ? view->size.width : view->size.height;
    vt_size wanted = { view->size.width * 2 * crop_side_px / longer, view->size.height * 2 * crop_side_px / longer };
    how.quality = 80;
    vt_status status = longer > 2 * crop_side_px && wanted.width && wanted.height ? vt__resize(&small, view, wanted, err) : VT_OK;
    if (!status) status = vt_pixels_encode(bytes, size, small.data ? &small : view, VT_FORMAT_JPEG, &how, err);
    vt_pixels_free(&small);
    return status;
}

static vt_status take(shot *s, shots *list, const vt_pixels *frame, vt_error *err)
{
    vt_pixels view = view_of(&s->mark, frame, &s->box);
    uint8_t *bytes = NULL;
    size_t size = 0;
    vt_status status = encode(&bytes, &size, &view, err);
    if (status) return status;
    char *text = vt__base64_text(&s->bytes, bytes, size);
    vt_bytes_free(bytes);
    status = text ? vt__spill_append(&s->at, list->pictures, text, s->bytes, err) : vt__fail_memory(err, size);
    if (status) s->bytes = 0;
    vt__free(text);
    return status;
}

static vt_status collect(shots *list, const char *from, const vt_redact_video_options *options, vt_error *err)
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
        for (; !status && next < list->count && list->items[next].frame == vt_video_frame(video); next++) status = take(&list->items[next], list, &frame, err);
        vt_pixels_free(&frame);
    }
    vt_video_close(video);
    return status;
}

static vt_status write_shot(vt__text_file *w, const shots *list, const shot *s, vt_error *err)
{
    static const char *const words[] = { "best", "weak", "filled in" };
    char *picture = vt__malloc(s->bytes + 1, 1);
    if (!picture) return vt__fail_memory(err, s->bytes);
    vt_status status = vt__spill_read(picture, list->pictures, s->at, s->bytes, err);
    picture[status ? 0 : s->bytes] = 0;
    vt__buffer_format(&w->text, "<figure><div class=\"%s\"><img alt=\"\" src=\"data:image/jpeg;base64,", s->why == BEST ? "best" : "doubt");
    vt__buffer_text(&w->text, picture);
    vt__buffer_format(&w->text, "\"><i style=\"left:%d%%;top:%d%%;width:%d%%;height:%d%%\"></i></div><figcaption>%.2f s, frame %lld<br>%s",
                      (int)s->mark.left, (int)s->mark.top, (int)s->mark.width, (int)s->mark.height, s->time_s, (long long)s->frame, words[s->why]);
    if (s->why == WEAK) vt__buffer_format(&w->text, ", score %.2f", (double)s->score);
    vt__buffer_text(&w->text, "</figcaption></figure>");
    vt__free(picture);
    return status;
}

static vt_status write_track(vt__text_file *w, const vt__plan *plan, const shots *list, size_t *at, vt_error *err)
{
    size_t index = list->items[*at].track;
    const vt_track *track = &plan->tracks.items[index];
    bool hidden = plan->hidden[index];
    vt_status status = VT_OK;
    vt__buffer_format(&w->text, "<section class=\"%s\" id=\"t%u\"><h2>Track %u <b>%s</b></h2><p>%.2f s to %.2f s", hidden ? "hidden" : "visible", track->id,
                      track->id, hidden ? "hidden" : "left visible", track->first_s, track->last_s);
    if (plan->confidence[index] >= 0) vt__buffer_format(&w->text, ", confidence %.2f", (double)plan->confidence[index]);
    vt__buffer_text(&w->text, "</p>");
    for (; *at < list->count && list->items[*at].track == index && !status; ++*at)
        if (list->items[*at].bytes) status = write_shot(w, list, &list->items[*at], err);
    vt__buffer_text(&w->text, "</section>\n");
    return status ? status : vt__text_file_flush(w, err);
}

static void write_head(vt__text_file *w, const vt__plan *plan)
{
    size_t hidden = 0;
    for (size_t i = 0; i < plan->tracks.count; i++) hidden += plan->hidden[i];
    vt__buffer_format(&w->text,
                      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
                      "<title>Review of a redaction</title><style>"
                      ":root{color-scheme:light dark}body{font:15px/1.4 system-ui,sans-serif;margin:0 auto;max-width:1100px;padding:1.5em}"
                      "h1{font-size:1.4em;margin:0 0 .3em}.note{border-left:4px solid #b80;padding:.2em .8em;margin:1em 0}"
                      "main{display:flex;flex-wrap:wrap;gap:12px}section{border:1px solid #8886;border-radius:8px;padding:.7em .9em}"
                      "section.visible{border:2px solid #c00}h2{font-size:1em;margin:0}h2 b{font-weight:500;opacity:.7}.visible h2 b{color:#c00;opacity:1}"
                      "p{margin:.1em 0 .5em}figure{display:inline-block;margin:0 8px 0 0;vertical-align:top}"
                      "figure div{position:relative;height:%dpx;width:max-content}img{height:100%%;border-radius:4px;display:block}.doubt img{opacity:.95}"
                      "i{position:absolute;border:2px solid #fc0;border-radius:4px;box-sizing:border-box}.doubt i{border-style:dashed}"
                      "figure div{overflow:hidden}figcaption{font-size:.82em;opacity:.8}</style>"
                      "<h1>Review of a redaction</h1><p>%zu tracks of faces, %zu hidden, in %lld frames. Each track is shown at its best and, "
                      "dashed, at its most doubtful moments.</p><div class=\"note\"><b>This sheet shows faces unhidden.</b> Delete it when done. "
                      "To change what is hidden, edit <code>\"hidden\"</code> of the track in the manifest and render it with <code>--apply</code>.</div><main>\n",
                      crop_side_px, plan->tracks.count, hidden, (long long)plan->frames);
}

static vt_status write_sheet(const char *path, const vt__plan *plan, const shots *list, vt_error *err)
{
    vt__text_file w;
    vt_status status = vt__text_file_open(&w, path, err);
    if (!status) write_head(&w, plan);
    for (size_t at = 0; at < list->count && !status;) status = write_track(&w, plan, list, &at, err);
    vt__buffer_text(&w.text, "</main></html>\n");
    return vt__text_file_close(&w, status, err);
}

vt_status vt__review_write(const char *path, const char *from, const vt__plan *plan, const vt_redact_video_options *options, vt_error *err)
{
    shots list = { 0 };
    vt_status status = vt__spill_open(&list.pictures, in_memory_bytes, err);
    if (!status) status = choose(&list, plan, err);
    if (!status) status = collect(&list, from, options, err);
    if (!status && list.count) qsort(list.items, list.count, sizeof *list.items, by_track);
    if (!status) status = write_sheet(path, plan, &list, err);
    vt__spill_close(list.pictures);
    vt__free(list.items);
    return status;
}
