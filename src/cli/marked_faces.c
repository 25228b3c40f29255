#include "cli/marked_faces.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"

static const size_t most_bytes = (size_t)64 << 20;

static bool read_face(vt__marked_face *out, const vt__json *row)
{
    double v[7] = { 0 };
    for (size_t i = 0; i < 7; i++)
        if (!vt__json_as_number(&v[i], vt__json_at(row, i)) && i < 6) return false;
    *out = (vt__marked_face){ (int64_t)v[0], { (float)v[1], (float)v[2], (float)v[3], (float)v[4] }, v[5] > 0, (int64_t)v[6] };
    return v[0] >= 0 && v[3] > 0 && v[4] > 0;
}

static vt_status read_video(vt__marked_video *out, const char *name, const vt__json *video, int64_t every_frames, vt_error *err)
{
    const vt__json *faces = vt__json_get(video, "faces");
    size_t count = vt__json_count(faces);
    out->name = vt__strdup(name);
    out->faces = vt__calloc(count + 1, sizeof *out->faces);
    out->every_frames = every_frames;
    snprintf(out->digest, sizeof out->digest, "%s", vt__json_string_or(video, "sha256", ""));
    if (!out->name || !out->faces) return vt__fail_memory(err, count * sizeof *out->faces);
    for (size_t i = 0; i < count; i++) {
        if (!read_face(&out->faces[i], vt__json_at(faces, i)) || (i && out->faces[i].frame < out->faces[i - 1].frame))
            return vt__fail(err, VT_EFORMAT, "%s: face %zu is no [frame, left, top, width, height, certain, person] by rising frame", name, i);
        out->count++;
    }
    return VT_OK;
}

static vt_status read_all(vt__marked *out, const vt__json *root, vt_error *err)
{
    const vt__json *videos = vt__json_get(root, "videos");
    int64_t every_frames = vt__json_integer_or(root, "everyFrames", 0);
    size_t count = vt__json_count(videos);
    if (vt__json_integer_or(root, "version", 0) != 1 || vt__json_get_kind(videos) != VT__JSON_OBJECT || every_frames < 1)
        return vt__fail(err, VT_EFORMAT, "not a file of marked faces of version 1");
    out->videos = vt__calloc(count + 1, sizeof *out->videos);
    if (!out->videos) return vt__fail_memory(err, count * sizeof *out->videos);
    vt_status status = VT_OK;
    for (; out->count < count && !status; out->count++)
        status = read_video(&out->videos[out->count], vt__json_key_at(videos, out->count), vt__json_value_at(videos, out->count), every_frames, err);
    return status;
}

vt_status vt__marked_read(vt__marked *out, const char *path, vt_error *err)
{
    uint8_t *text = NULL;
    size_t size = 0;
    vt__json *root = NULL;
    *out = (vt__marked){ 0 };
    vt_status status = vt__file_read(&text, &size, path, most_bytes, err);
    if (!status) status = vt__json_parse(&root, text, size, 16, err);
    if (!status) status = read_all(out, root, err);
    if (status) vt__error_prefix(err, status, "%s", path);
    vt__json_free(root);
    vt__free(text);
    return status;
}

void vt__marked_free(vt__marked *marked)
{
    for (size_t i = 0; i < marked->count; i++) {
        vt__free(marked->videos[i].name);
        vt__free(marked->videos[i].faces);
    }
    vt__free(marked->videos);
    *marked = (vt__marked){ 0 };
}

const vt__marked_video *vt__marked_of(const vt__marked *marked, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    for (size_t i = 0; i < marked->count; i++)
        if (!strcmp(marked->videos[i].name, name)) return &marked->videos[i];
    return NULL;
}
