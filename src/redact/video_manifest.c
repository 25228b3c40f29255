/* The manifest: what was hidden where, for a person to check, edit and apply.
 *
 * {"version": 1, "source": {"sha256", "width", "height", "frames"}, "pack": hex,
 *  "settings": {"method", "shape", "margin", "cells", "colour": [r, g, b], "minFace", "minScore", "whom"},
 *  "tracks": [{"id", "hidden", "confidence", "firstTime", "lastTime", "bestTime", "firstFrame",
 *              "boxes": [[left, top, width, height, score], ...]}]}
 * One box a frame from firstFrame on; score 0 = filled in. Times are for people: only frames count. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "redact/cover.h"
#include "redact/video_plan.h"

static const char *const methods[] = { "blur", "pixelate", "block", NULL };
static const char *const shapes[] = { "oval", "box", NULL };
static const char *const whoms[] = { "everyone", "allBut", "only", NULL };
static const size_t most_bytes = (size_t)1 << 30;
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

static vt__json *box_json(const vt_sighting *s)
{
    const float values[5] = { s->box.left, s->box.top, s->box.width, s->box.height, s->score };
    vt__json *box = vt__json_array();
    for (int i = 0; i < 5; i++) vt__json_append(box, vt__json_rounded(values[i], i < 4 ? 1 : 3));
    return box;
}

static vt__json *track_json(const vt__plan *plan, size_t index)
{
    const vt_track *track = &plan->tracks.items[index];
    vt__json *out = vt__json_object(), *boxes = vt__json_array();
    vt__json_set_integer(out, "id", track->id);
    vt__json_set_bool(out, "hidden", plan->hidden[index]);
    if (plan->confidence[index] >= 0) vt__json_set(out, "confidence", vt__json_rounded(plan->confidence[index], 4));
    vt__json_set(out, "firstTime", vt__json_rounded(track->sightings[0].time_s, 3));
    vt__json_set(out, "lastTime", vt__json_rounded(track->sightings[track->count - 1].time_s, 3));
    vt__json_set(out, "bestTime", vt__json_rounded(track->sightings[track->best].time_s, 3));
    vt__json_set_integer(out, "firstFrame", track->sightings[0].frame);
    for (size_t i = 0; i < track->count; i++) vt__json_append(boxes, box_json(&track->sightings[i]));
    vt__json_set(out, "boxes", boxes);
    return out;
}

vt_status vt__manifest_write(const char *path, const vt__plan *plan, vt_error *err)
{
    vt__json *root = vt__json_object(), *source = vt__json_object(), *tracks = vt__json_array();
    vt__json_set_integer(root, "version", 1);
    vt__json_set_string(source, "sha256", plan->source_digest);
    vt__json_set_integer(source, "width", plan->size.width);
    vt__json_set_integer(source, "height", plan->size.height);
    vt__json_set_integer(source, "frames", plan->frames);
    vt__json_set(root, "source", source);
    vt__json_set_string(root, "pack", plan->pack_digest);
    vt__json_set(root, "settings", settings_json(plan));
    for (size_t i = 0; i < plan->tracks.count; i++) vt__json_append(tracks, track_json(plan, i));
    vt__json_set(root, "tracks", tracks);
    char *text = vt__json_text(root, false);
    vt_status status = text ? vt__file_write(path, text, strlen(text), 0600, err) : vt__fail_memory(err, 0);
    vt__free(text);
    vt__json_free(root);
    return status;
}

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
    return vt__mask_settle(&plan->masks, &masks, err);
}

static bool read_box(vt_sighting *out, const vt__json *box)
{
    double v[5] = { 0 };
    if (vt__json_count(box) < 4) return false;
    for (size_t i = 0; i < 5; i++)
        if (!vt__json_as_number(&v[i], vt__json_at(box, i)) && i < 4) return false;
    for (int i = 0; i < 4; i++)
        if (!(fabs(v[i]) <= farthest_px)) return false;
    out->box = (vt_box){ (float)v[0], (float)v[1], (float)v[2], (float)v[3] };
    out->score = (float)v[4];
    return v[2] > 0 && v[3] > 0;
}

static vt_status read_track(vt__plan *plan, size_t index, const vt__json *json, vt_error *err)
{
    vt_track *track = &plan->tracks.items[index];
    const vt__json *boxes = vt__json_get(json, "boxes");
    int64_t first = vt__json_integer_or(json, "firstFrame", -1);
    size_t count = vt__json_count(boxes);
    if (first < 0 || first >= plan->frames || !count || count > (size_t)(plan->frames - first))
        return vt__fail(err, VT_EFORMAT, "tracks[%zu]: firstFrame and boxes do not fit the video's %lld frames", index, (long long)plan->frames);
    track->id = (uint32_t)vt__json_integer_or(json, "id", (int64_t)index + 1);
    track->sightings = vt__calloc(count, sizeof *track->sightings);
    if (!track->sightings) return vt__fail_memory(err, count * sizeof *track->sightings);
    track->count = count;
    plan->hidden[index] = vt__json_bool_or(json, "hidden", true);
    plan->confidence[index] = (float)vt__json_number_or(json, "confidence", -1);
    for (size_t i = 0; i < count; i++) {
        track->sightings[i].frame = first + (int64_t)i;
        if (!read_box(&track->sightings[i], vt__json_at(boxes, i)))
            return vt__fail(err, VT_EFORMAT, "tracks[%zu].boxes[%zu]: expected [left, top, width, height, score]", index, i);
    }
    return VT_OK;
}

static vt_status read_plan(vt__plan *out, const vt__json *root, vt_error *err)
{
    const vt__json *source = vt__json_get(root, "source"), *tracks = vt__json_get(root, "tracks");
    if (vt__json_integer_or(root, "version", 0) != 1 || vt__json_get_kind(tracks) != VT__JSON_ARRAY)
        return vt__fail(err, VT_EFORMAT, "not a redaction manifest of version 1");
    out->frames = vt__json_integer_or(source, "frames", 0);
    int64_t width = vt__json_integer_or(source, "width", 0), height = vt__json_integer_or(source, "height", 0);
    size_t count = vt__json_count(tracks);
    if (out->frames <= 0 || out->frames > most_frames || width <= 0 || height <= 0 || width > farthest_px || height > farthest_px || count > most_tracks)
        return vt__fail(err, VT_EFORMAT, "source: frames, width or height make no sense");
    out->size = (vt_size){ (int)width, (int)height };
    snprintf(out->source_digest, sizeof out->source_digest, "%s", vt__json_string_or(source, "sha256", ""));
    snprintf(out->pack_digest, sizeof out->pack_digest, "%s", vt__json_string_or(root, "pack", ""));
    vt_status status = read_settings(out, vt__json_get(root, "settings"), err);
    if (status) return status;
    out->tracks = (vt_tracks){ vt__calloc(count + 1, sizeof *out->tracks.items), count };
    if (!out->tracks.items) {
        out->tracks.count = 0;
        return vt__fail_memory(err, count * sizeof *out->tracks.items);
    }
    status = vt__plan_mark(out, err);
    for (size_t i = 0; i < count && !status; i++) status = read_track(out, i, vt__json_at(tracks, i), err);
    return status;
}

vt_status vt__manifest_parse(vt__plan *out, const void *text, size_t size_bytes, vt_error *err)
{
    vt__json *root = NULL;
    *out = (vt__plan){ 0 };
    vt_status status = vt__json_parse(&root, text, size_bytes, 16, err);
    if (!status) status = read_plan(out, root, err);
    vt__json_free(root);
    if (status) vt__plan_free(out);
    return status;
}

vt_status vt__manifest_read(vt__plan *out, const char *path, vt_error *err)
{
    uint8_t *text = NULL;
    size_t size = 0;
    *out = (vt__plan){ 0 };
    vt_status status = vt__file_read(&text, &size, path, most_bytes, err);
    if (!status) status = vt__manifest_parse(out, text, size, err);
    if (status) vt__error_prefix(err, status, "%s", path);
    vt__free(text);
    return status;
}
