#include "video/archive_record.h"

#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/memory.h"

enum { version = 2, most_tracks_together = 4096, most_thumbnail_bytes = 1 << 16 };

static void set_bytes(vt__json *to, const char *key, const void *bytes, size_t size)
{
    size_t length = vt__base64url_length(size);
    char *text = vt__malloc(length + 1, 1);
    if (text) vt__base64url_encode(text, bytes, size);
    vt__json_set(to, key, text ? vt__json_string(text) : NULL);
    vt__free_secret(text, length + 1);
}

static vt__json *track_json(const vt_archive_track *t)
{
    vt__json *out = vt__json_object(), *box = vt__json_array();
    const float values[4] = { t->best_box.left, t->best_box.top, t->best_box.width, t->best_box.height };
    for (int i = 0; i < 4; i++) vt__json_append(box, vt__json_rounded(values[i], 1));
    vt__json_set_real(out, "from", t->from_s);
    vt__json_set_real(out, "to", t->to_s);
    vt__json_set_real(out, "best", t->best_s);
    vt__json_set_real(out, "quality", t->quality);
    vt__json_set(out, "box", box);
    set_bytes(out, "template", t->template_.values, t->template_.dimension * sizeof t->template_.values[0]);
    if (t->thumbnail) set_bytes(out, "thumbnail", t->thumbnail, t->thumbnail_bytes);
    return out;
}

vt__json *vt__tracks_json(const vt_archive_track *tracks, size_t count)
{
    vt__json *out = vt__json_array();
    for (size_t i = 0; i < count; i++) vt__json_append(out, track_json(&tracks[i]));
    return out;
}

vt__json *vt__video_json(const vt_archive_video *video)
{
    vt__json *root = vt__json_object();
    vt__json_set_integer(root, "version", version);
    vt__json_set_string(root, "path", video->path);
    vt__json_set_integer(root, "size", video->size_bytes);
    vt__json_set_integer(root, "modified", video->modified_ms);
    vt__json_set_string(root, "pack", video->pack);
    return root;
}

vt_status vt__video_from_json(vt_archive_video *out, const vt__json *json, vt_error *err)
{
    *out = (vt_archive_video){ 0 };
    if (vt__json_integer_or(json, "version", 0) != version)
        return vt__fail(err, VT_EFORMAT, "not a record of version %d; index the archive again", version);
    out->path = vt__strdup(vt__json_string_or(json, "path", ""));
    out->size_bytes = vt__json_integer_or(json, "size", -1);
    out->modified_ms = vt__json_integer_or(json, "modified", -1);
    snprintf(out->pack, sizeof out->pack, "%s", vt__json_string_or(json, "pack", ""));
    return out->path ? VT_OK : vt__fail_memory(err, 1);
}

static bool read_thumbnail(vt_archive_track *out, const char *text)
{
    size_t length = strlen(text), size = length * 3 / 4 + 1;
    if (!length) return true;
    if (size > most_thumbnail_bytes || !(out->thumbnail = vt__malloc(size, 1))) return false;
    out->thumbnail_bytes = size; /* for its freeing */
    return vt__base64url_decode(out->thumbnail, size, &out->thumbnail_bytes, text, length);
}

static bool read_track(vt_archive_track *out, const vt__json *json)
{
    const vt__json *box = vt__json_get(json, "box");
    float *const values[4] = { &out->best_box.left, &out->best_box.top, &out->best_box.width, &out->best_box.height };
    const char *text = vt__json_string_or(json, "template", "");
    size_t size = 0;
    out->from_s = vt__json_number_or(json, "from", 0);
    out->to_s = vt__json_number_or(json, "to", 0);
    out->best_s = vt__json_number_or(json, "best", 0);
    out->quality = (float)vt__json_number_or(json, "quality", 0);
    for (size_t i = 0; i < 4; i++) {
        double value = 0;
        vt__json_as_number(&value, vt__json_at(box, i));
        *values[i] = (float)value;
    }
    if (!vt__base64url_decode(out->template_.values, sizeof out->template_.values, &size, text, strlen(text))) return false;
    out->template_.dimension = (uint32_t)(size / sizeof(float));
    return size % sizeof(float) == 0 && read_thumbnail(out, vt__json_string_or(json, "thumbnail", ""));
}

vt_status vt__tracks_from_json(vt_archive_track **out, size_t *count, const vt__json *json, vt_error *err)
{
    size_t wanted = vt__json_count(json);
    *count = 0;
    *out = NULL;
    if (wanted > most_tracks_together) return vt__fail(err, VT_EFORMAT, "%zu tracks in a piece", wanted);
    if (!(*out = vt__calloc(wanted + 1, sizeof **out))) return vt__fail_memory(err, wanted * sizeof **out);
    for (size_t i = 0; i < wanted; i++) {
        ++*count;
        if (read_track(&(*out)[i], vt__json_at(json, i))) continue;
        vt__archive_tracks_free(*out, *count);
        *out = NULL;
        *count = 0;
        return vt__fail(err, VT_EFORMAT, "a template is damaged");
    }
    return VT_OK;
}

void vt__archive_tracks_free(vt_archive_track *tracks, size_t count)
{
    for (size_t i = 0; i < count; i++) vt__free_secret(tracks[i].thumbnail, tracks[i].thumbnail_bytes);
    vt__free_secret(tracks, count * sizeof *tracks);
}

void vt_archive_video_free(vt_archive_video *video)
{
    vt__free(video->path);
    vt__archive_tracks_free(video->tracks, video->count);
    *video = (vt_archive_video){ 0 };
}
