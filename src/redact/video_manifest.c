/* The manifest: what was hidden where, for a person to check, edit and apply.
 *
 * {"version": 1, "source": {"sha256", "width", "height", "frames"}, "pack": hex,
 *  "settings": {"method", "shape", "margin", "cells", "colour": [r, g, b], "minFace", "minScore", "whom"},
 *  "tracks": [{"id", "hidden", "confidence", "firstTime", "lastTime", "bestTime", "firstFrame",
 *              "boxes": [[left, top, width, height, score], ...]}]}
 * One box a frame from firstFrame on; score 0 = filled in. Times are for people: only frames count. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "redact/cover.h"
#include "redact/manifest_text.h"
#include "redact/text_file.h"
#include "redact/video_plan.h"

static const char *const methods[] = { "blur", "pixelate", "block", "image", NULL };
static const char *const shapes[] = { "oval", "box", NULL };
static const char *const whoms[] = { "everyone", "allBut", "only", NULL };
enum { most_tracks = 1000000, most_frames = 20000000, farthest_px = 100000 };

static vt__json *settings_json(const vt__plan *plan)
{
    vt__json *settings = vt__json_object(), *colour = vt__json_array();
    vt__json_set_string(settings, "method", methods[plan->masks.method]);
    vt__json_set_string(settings, "shape", shapes[plan->masks.shape]);
    vt__json_set(settings, "margin", vt__json_rounded(plan->masks.margin, 4));
    vt__json_set_integer(settings, "cells", plan->masks.cells);
    for (int i = 0; i < 3; i++) vt__json_append(colour, vt__json_integer(plan->masks.colour[i]));
    vt__json_set(settings, "colour", colour);
    vt__json_set(settings, "minFace", vt__json_rounded(plan->min_face_px, 2));
    vt__json_set(settings, "minScore", vt__json_rounded(plan->min_score, 4));
    vt__json_set_string(settings, "whom", whoms[plan->whom]);
    return settings;
}

/* ---- writing, a piece at a time ---- */

static vt_status write_json(vt__text_file *w, vt__json *value, vt_error *err)
{
    char *text = vt__json_text(value, false);
    if (text) vt__buffer_text(&w->text, text);
    vt_status status = text && !w->text.status ? VT_OK : vt__fail_memory(err, 0);
    vt__free(text);
    vt__json_free(value);
    return status;
}

/* One decimal of a pixel, without a locale's comma. */
static void write_box(vt__text_file *w, const vt_sighting *s, bool first)
{
    const float values[4] = { s->box.left, s->box.top, s->box.width, s->box.height };
    vt__buffer_text(&w->text, first ? "[" : ",[");
    for (int i = 0; i < 4; i++) {
        long tenths = lrintf(values[i] * 10);
        vt__buffer_format(&w->text, "%s%ld.%ld,", tenths < 0 ? "-" : "", labs(tenths) / 10, labs(tenths) % 10);
    }
    long thousandths = lrintf(s->score * 1000);
    vt__buffer_format(&w->text, "%ld.%03ld]", thousandths / 1000, thousandths % 1000);
}

static vt_status write_boxes(vt__text_file *w, const vt__plan *plan, uint32_t id, vt_error *err)
{
    vt_sighting sightings[VT__PIECE_MOST];
    size_t count;
    vt_status status = VT_OK;
    const vt__piece *pieces = vt__boxes_of(&count, plan->boxes, id);
    for (size_t i = 0; i < count && !status; i++) {
        status = vt__boxes_read(sightings, plan->boxes, &pieces[i], err);
        for (size_t k = 0; k < pieces[i].count && !status; k++) write_box(w, &sightings[k], !i && !k);
        if (!status) status = vt__text_file_flush(w, err);
    }
    return status;
}

/* Everything of a track but its boxes, which are the last member. */
static vt_status write_track(vt__text_file *w, const vt__plan *plan, size_t index, vt_error *err)
{
    const vt_track *track = &plan->tracks.items[index];
    vt__json *out = vt__json_object();
    vt__json_set_integer(out, "id", track->id);
    vt__json_set_bool(out, "hidden", plan->hidden[index]);
    if (plan->confidence[index] >= 0) vt__json_set(out, "confidence", vt__json_rounded(plan->confidence[index], 4));
    vt__json_set(out, "firstTime", vt__json_rounded(track->first_s, 3));
    vt__json_set(out, "lastTime", vt__json_rounded(track->last_s, 3));
    vt__json_set(out, "bestTime", vt__json_rounded(track->best_s, 3));
    vt__json_set_integer(out, "firstFrame", track->first_frame);
    if (index) vt__buffer_text(&w->text, ",\n");
    vt_status status = write_json(w, out, err);
    if (status) return status;
    w->text.data[--w->text.size] = 0; /* opens the object again */
    vt__buffer_text(&w->text, ",\"boxes\":[");
    status = write_boxes(w, plan, track->id, err);
    vt__buffer_text(&w->text, "]}");
    return status;
}

static vt_status write_head(vt__text_file *w, const vt__plan *plan, vt_error *err)
{
    vt__json *root = vt__json_object(), *source = vt__json_object();
    vt__json_set_integer(root, "version", 1);
    vt__json_set_string(source, "sha256", plan->source_digest);
    vt__json_set_integer(source, "width", plan->size.width);
    vt__json_set_integer(source, "height", plan->size.height);
    vt__json_set_integer(source, "frames", plan->frames);
    vt__json_set(root, "source", source);
    vt__json_set_string(root, "pack", plan->pack_digest);
    vt__json_set(root, "settings", settings_json(plan));
    vt_status status = write_json(w, root, err);
    if (status) return status;
    w->text.data[--w->text.size] = 0;
    vt__buffer_text(&w->text, ",\"tracks\":[\n");
    return VT_OK;
}

static vt_status write_plan(vt__text_file *w, const vt__plan *plan, vt_error *err)
{
    vt_status status = write_head(w, plan, err);
    for (size_t i = 0; i < plan->tracks.count && !status; i++) status = write_track(w, plan, i, err);
    vt__buffer_text(&w->text, "]}\n");
    return status;
}

vt_status vt__manifest_write(const char *path, const vt__plan *plan, vt_error *err)
{
    vt__text_file w;
    vt_status status = vt__text_file_open(&w, path, err);
    if (!status) status = write_plan(&w, plan, err);
    return vt__text_file_close(&w, status, err);
}

vt_status vt__manifest_write_to(const vt_video_bytes *to, const vt__plan *plan, vt_error *err)
{
    vt__text_file w;
    vt__text_file_over(&w, to);
    return vt__text_file_close(&w, write_plan(&w, plan, err), err);
}

/* ---- reading ---- */

static bool read_choice(int *out, const vt__json *object, const char *key, const char *const *names)
{
    const char *text = vt__json_string_or(object, key, "");
    for (int i = 0; names[i]; i++)
        if (!strcmp(text, names[i])) {
            *out = i;
            return true;
        }
    return false;
}

static vt_status read_settings(vt__plan *plan, const vt__json *settings, vt_error *err)
{
    int method, shape, whom;
    if (!read_choice(&method, settings, "method", methods) || !read_choice(&shape, settings, "shape", shapes) || !read_choice(&whom, settings, "whom", whoms))
        return vt__fail(err, VT_EFORMAT, "settings: method, shape or whom is none of the known names");
    vt_redact_options masks = VT_REDACT_OPTIONS_INIT;
    masks.method = (vt_redact_method)method;
    masks.shape = (vt_redact_shape)shape;
    plan->whom = (vt_redact_whom)whom;
    masks.margin = (float)vt__json_number_or(settings, "margin", 0);
    int64_t cells = vt__json_integer_or(settings, "cells", 0);
    masks.cells = cells < 0 || cells > 1000 ? -1 : (int)cells;
    for (size_t i = 0; i < 3; i++) {
        int64_t value = 0;
        vt__json_as_integer(&value, vt__json_at(vt__json_get(settings, "colour"), i));
        masks.colour[i] = (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
    plan->min_face_px = (float)vt__json_number_or(settings, "minFace", 20);
    plan->min_score = (float)vt__json_number_or(settings, "minScore", 0);
    masks.method = method == VT_REDACT_IMAGE ? VT_REDACT_BLOCK : masks.method; /* the image is no part of the manifest */
    vt_status status = vt__mask_settle(&plan->masks, &masks, err);
    plan->masks.method = (vt_redact_method)method;
    return status;
}

static bool is_box(const double v[5])
{
    for (int i = 0; i < 4; i++)
        if (!(fabs(v[i]) <= farthest_px)) return false;
    return v[2] > 0 && v[3] > 0;
}

/* [left, top, width, height, score and whatever] */
static vt_status read_box(vt_sighting *out, vt__text *text, vt_error *err)
{
    double v[5] = { 0 }, ignored;
    bool more, first = true;
    size_t count = 0;
    vt_status status = vt__text_expect(text, '[', err);
    while (!status) {
        status = vt__text_more(&more, &first, text, ']', err);
        if (status || !more) break;
        status = vt__text_number(count < 5 ? &v[count] : &ignored, text, err);
        count++;
    }
    if (status) return status;
    out->box = (vt_box){ (float)v[0], (float)v[1], (float)v[2], (float)v[3] };
    out->score = (float)v[4];
    return count >= 4 && is_box(v) ? VT_OK : vt__fail(err, VT_EFORMAT, "expected [left, top, width, height, score]");
}

/* Boxes of frames counted from 0; the track's first frame may stand behind them. */
static vt_status read_boxes(vt__plan *plan, uint32_t id, size_t *total, vt__text *text, vt_error *err)
{
    vt_sighting list[VT__PIECE_MOST] = { 0 };
    size_t count = 0;
    bool more, first = true;
    vt_status status = *total ? vt__fail(err, VT_EFORMAT, "\"boxes\" stands there twice") : vt__text_expect(text, '[', err);
    while (!status) {
        status = vt__text_more(&more, &first, text, ']', err);
        if (!status && more) status = read_box(&list[count], text, err);
        if (status) return vt__error_prefix(err, status, "boxes[%zu]", *total);
        if (more) list[count++].frame = (int64_t)(*total)++;
        if (count && (!more || count == VT__PIECE_MOST)) {
            status = vt__boxes_add(plan->boxes, id, list, count, err);
            count = 0;
        }
        if (!more) break;
    }
    return status;
}

static vt_status read_members(vt__json *members, size_t *total, vt__plan *plan, uint32_t id, vt__text *text, vt_error *err)
{
    bool more, first = true;
    vt_status status = vt__text_expect(text, '{', err);
    while (!status) {
        char key[VT__TEXT_KEY_BYTES];
        vt__json *value;
        status = vt__text_more(&more, &first, text, '}', err);
        if (status || !more) break;
        status = vt__text_key(key, text, err);
        if (!status && !strcmp(key, "boxes")) status = read_boxes(plan, id, total, text, err);
        else if (!status && !(status = vt__text_value(&value, text, err))) vt__json_set(members, key, value);
    }
    return status;
}

/* Room for one more track and what is known of it. */
static vt_status add_track(vt__plan *plan, size_t *capacity, vt_error *err)
{
    if (plan->tracks.count >= most_tracks) return vt__fail(err, VT_EFORMAT, "more than %d tracks", most_tracks);
    if (plan->tracks.count == *capacity) {
        size_t wanted = *capacity ? *capacity * 2 : 16;
        vt_track *items = vt__realloc(plan->tracks.items, wanted, sizeof *items);
        if (items) plan->tracks.items = items;
        bool *hidden = items ? vt__realloc(plan->hidden, wanted, sizeof *hidden) : NULL;
        if (hidden) plan->hidden = hidden;
        float *confidence = hidden ? vt__realloc(plan->confidence, wanted, sizeof *confidence) : NULL;
        if (!confidence) return vt__fail_memory(err, wanted * sizeof *items);
        plan->confidence = confidence;
        *capacity = wanted;
    }
    plan->tracks.items[plan->tracks.count++] = (vt_track){ 0 };
    return VT_OK;
}

static vt_status read_track(vt__plan *plan, vt__text *text, vt_error *err)
{
    size_t index = plan->tracks.count - 1, total = 0, before;
    vt_track *track = &plan->tracks.items[index];
    vt__json *members = vt__json_object();
    vt__boxes_all(&before, plan->boxes);
    vt_status status = members ? read_members(members, &total, plan, (uint32_t)index + 1, text, err) : vt__fail_memory(err, 64);
    int64_t first = vt__json_integer_or(members, "firstFrame", -1);
    if (!status && (first < 0 || first >= most_frames || !total || total > most_frames)) status = vt__fail(err, VT_EFORMAT, "firstFrame or boxes make no sense");
    *track = (vt_track){ .id = (uint32_t)index + 1, .count = total, .first_frame = first };
    track->first_s = vt__json_number_or(members, "firstTime", 0);
    track->last_s = vt__json_number_or(members, "lastTime", 0);
    track->best_s = vt__json_number_or(members, "bestTime", 0);
    plan->hidden[index] = vt__json_bool_or(members, "hidden", true);
    plan->confidence[index] = (float)vt__json_number_or(members, "confidence", -1);
    if (!status) vt__boxes_shift(plan->boxes, before, first);
    vt__json_free(members);
    return status;
}

static vt_status read_tracks(vt__plan *plan, vt__text *text, vt_error *err)
{
    bool more, first = true;
    size_t capacity = 0;
    vt_status status = vt__text_expect(text, '[', err);
    while (!status) {
        status = vt__text_more(&more, &first, text, ']', err);
        if (status || !more) break;
        status = add_track(plan, &capacity, err);
        if (!status && (status = read_track(plan, text, err))) vt__error_prefix(err, status, "tracks[%zu]", plan->tracks.count - 1);
    }
    return status;
}

/* What stands beside the tracks, once all of it was read. */
static vt_status read_head(vt__plan *out, const vt__json *root, vt_error *err)
{
    const vt__json *source = vt__json_get(root, "source");
    if (vt__json_integer_or(root, "version", 0) != 1) return vt__fail(err, VT_EFORMAT, "not a redaction manifest of version 1");
    out->frames = vt__json_integer_or(source, "frames", 0);
    int64_t width = vt__json_integer_or(source, "width", 0), height = vt__json_integer_or(source, "height", 0);
    if (out->frames <= 0 || out->frames > most_frames || width <= 0 || height <= 0 || width > farthest_px || height > farthest_px)
        return vt__fail(err, VT_EFORMAT, "source: frames, width or height make no sense");
    out->size = (vt_size){ (int)width, (int)height };
    snprintf(out->source_digest, sizeof out->source_digest, "%s", vt__json_string_or(source, "sha256", ""));
    snprintf(out->pack_digest, sizeof out->pack_digest, "%s", vt__json_string_or(root, "pack", ""));
    for (size_t i = 0; i < out->tracks.count; i++) {
        const vt_track *track = &out->tracks.items[i];
        if (track->first_frame >= out->frames || track->count > (size_t)(out->frames - track->first_frame))
            return vt__fail(err, VT_EFORMAT, "tracks[%zu]: firstFrame and boxes do not fit the video's %lld frames", i, (long long)out->frames);
    }
    return read_settings(out, vt__json_get(root, "settings"), err);
}

static vt_status read_plan(vt__plan *out, vt__json *root, vt__text *text, vt_error *err)
{
    bool more, first = true;
    int lists = 0;
    vt_status status = vt__text_expect(text, '{', err);
    while (!status) {
        char key[VT__TEXT_KEY_BYTES];
        vt__json *value;
        status = vt__text_more(&more, &first, text, '}', err);
        if (status || !more) break;
        status = vt__text_key(key, text, err);
        if (!status && !strcmp(key, "tracks")) status = lists++ ? vt__fail(err, VT_EFORMAT, "a second list of tracks") : read_tracks(out, text, err);
        else if (!status && !(status = vt__text_value(&value, text, err))) vt__json_set(root, key, value);
    }
    if (!status) status = vt__text_end(text, err);
    if (!status && !lists) status = vt__fail(err, VT_EFORMAT, "no list of tracks"); /* nothing would be hidden */
    if (!status) status = read_head(out, root, err);
    if (!status && !out->tracks.items) status = vt__plan_mark(out, err);
    if (!status) vt__boxes_settle(out->boxes, NULL, NULL);
    return status;
}

static vt_status read_text(vt__plan *out, vt__text *text, vt_error *err)
{
    vt__json *root = vt__json_object();
    *out = (vt__plan){ 0 };
    vt_status status = root ? vt__boxes_open(&out->boxes, err) : vt__fail_memory(err, 64);
    if (!status) status = read_plan(out, root, text, err);
    vt__json_free(root);
    if (status) vt__plan_free(out);
    return status;
}

vt_status vt__manifest_parse(vt__plan *out, const void *bytes, size_t size_bytes, vt_error *err)
{
    vt__text text;
    vt__text_over(&text, bytes, size_bytes);
    return read_text(out, &text, err);
}

vt_status vt__manifest_read_from(vt__plan *out, const vt_video_bytes *from, vt_error *err)
{
    vt__text text;
    *out = (vt__plan){ 0 };
    vt_status status = vt__text_from(&text, from, err);
    if (!status) status = read_text(out, &text, err);
    vt__text_close(&text);
    return status;
}

vt_status vt__manifest_read(vt__plan *out, const char *path, vt_error *err)
{
    vt__text text;
    *out = (vt__plan){ 0 };
    vt_status status = vt__text_open(&text, path, err);
    if (!status) {
        status = read_text(out, &text, err);
        if (status) vt__error_prefix(err, status, "%s", path);
    }
    vt__text_close(&text);
    return status;
}
