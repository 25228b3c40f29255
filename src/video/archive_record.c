#include "video/archive_record.h"

#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"

static const size_t most_record_bytes = (size_t)1 << 30;
enum { most_tracks = 1000000 };

/* Named by a keyed digest of the path, so that a listing of the folder tells nothing. */
char *vt__record_path(const vt_archive *archive, const char *video_path)
{
    uint8_t digest[VT__SHA256_BYTES];
    char name[2 * VT__SHA256_BYTES + 1];
    vt__hmac_sha256(digest, archive->key, VT_ARCHIVE_KEY_BYTES, video_path, strlen(video_path));
    vt__hex_encode(name, digest, sizeof digest);
    return vt__format("%s/%.40s.video", archive->folder, name);
}

static const char *name_of(const char *record_path)
{
    const char *slash = strrchr(record_path, '/');
    return slash ? slash + 1 : record_path;
}

static vt__json *template_json(const vt_template *t)
{
    char text[VT_TEMPLATE_MAX_DIMENSION * 6];
    vt__base64url_encode(text, t->values, t->dimension * sizeof t->values[0]);
    vt__json *json = vt__json_string(text);
    vt__wipe(text, sizeof text);
    return json;
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
    vt__json_set(out, "template", template_json(&t->template_));
    return out;
}

static vt__json *video_json(const vt_archive_video *video)
{
    vt__json *root = vt__json_object(), *tracks = vt__json_array();
    vt__json_set_integer(root, "version", 1);
    vt__json_set_string(root, "path", video->path);
    vt__json_set_integer(root, "size", video->size_bytes);
    vt__json_set_integer(root, "modified", video->modified_ms);
    vt__json_set_real(root, "duration", video->duration_s);
    vt__json_set_string(root, "pack", video->pack);
    for (size_t i = 0; i < video->count; i++) vt__json_append(tracks, track_json(&video->tracks[i]));
    vt__json_set(root, "tracks", tracks);
    return root;
}

vt_status vt__record_write(const vt_archive *archive, const vt_archive_video *video, vt_error *err)
{
    vt__json *root = video_json(video);
    char *text = vt__json_text(root, false), *path = vt__record_path(archive, video->path);
    size_t size = text ? strlen(text) : 0;
    uint8_t *sealed = vt__malloc(size + VT__SEAL_EXTRA_BYTES, 1);
    vt_status status = text && path && sealed ? VT_OK : vt__fail_memory(err, size);
    if (!status) {
        vt__seal(sealed, text, size, name_of(path), strlen(name_of(path)), archive->key);
        status = vt__file_write(path, sealed, size + VT__SEAL_EXTRA_BYTES, 0600, err);
    }
    vt__free(sealed);
    vt__free(path);
    vt__free_secret(text, size);
    vt__json_free(root);
    return status;
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
    return size % sizeof(float) == 0;
}

static vt_status read_video(vt_archive_video *out, const vt__json *root, vt_error *err)
{
    const vt__json *tracks = vt__json_get(root, "tracks");
    size_t count = vt__json_count(tracks);
    if (vt__json_integer_or(root, "version", 0) != 1 || count > most_tracks) return vt__fail(err, VT_EFORMAT, "not a record of version 1");
    out->path = vt__strdup(vt__json_string_or(root, "path", ""));
    out->size_bytes = vt__json_integer_or(root, "size", -1);
    out->modified_ms = vt__json_integer_or(root, "modified", -1);
    out->duration_s = vt__json_number_or(root, "duration", 0);
    snprintf(out->pack, sizeof out->pack, "%s", vt__json_string_or(root, "pack", ""));
    out->tracks = vt__calloc(count + 1, sizeof *out->tracks);
    if (!out->path || !out->tracks) return vt__fail_memory(err, count * sizeof *out->tracks);
    for (; out->count < count; out->count++)
        if (!read_track(&out->tracks[out->count], vt__json_at(tracks, out->count))) return vt__fail(err, VT_EFORMAT, "a template is damaged");
    return VT_OK;
}

vt_status vt__record_read(vt_archive_video *out, const vt_archive *archive, const char *record_path, vt_error *err)
{
    uint8_t *sealed = NULL, *text = NULL;
    size_t size = 0;
    vt__json *root = NULL;
    *out = (vt_archive_video){ 0 };
    vt_status status = vt__file_read(&sealed, &size, record_path, most_record_bytes, err);
    if (!status && size < VT__SEAL_EXTRA_BYTES) status = vt__fail(err, VT_EINTEGRITY, "the record is cut off");
    if (!status && !(text = vt__malloc(size, 1))) status = vt__fail_memory(err, size);
    if (!status) status = vt__open(text, sealed, size, name_of(record_path), strlen(name_of(record_path)), archive->key, err);
    if (!status) status = vt__json_parse(&root, text, size - VT__SEAL_EXTRA_BYTES, 16, err);
    if (!status) status = read_video(out, root, err);
    if (status && status != VT_ENOTFOUND) vt__error_prefix(err, status, "%s", record_path);
    vt__json_free(root);
    vt__free_secret(text, size);
    vt__free(sealed);
    if (status) vt_archive_video_free(out);
    return status;
}

void vt_archive_video_free(vt_archive_video *video)
{
    vt__free(video->path);
    vt__free_secret(video->tracks, video->count * sizeof *video->tracks);
    *video = (vt_archive_video){ 0 };
}
