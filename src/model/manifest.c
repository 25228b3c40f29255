#include "model/manifest.h"

#include <math.h>
#include <string.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

enum { format_version = 1, max_manifest_bytes = 4 << 20, max_side_px = 4096 };

static const char *const task_names[VT__TASK_COUNT] = { "detector", "detector2", "landmarks", "recognizer",
                                                        "attack",   "pose",      "eyes",      "features" };

const char *vt__task_name(vt__task task)
{
    return task_names[task];
}

/* A file of the pack may not point out of its folder. */
static bool plain_name(const char *name)
{
    return name && *name && *name != '.' && !strchr(name, '/') && strlen(name) < 128;
}

static bool find_task(vt__task *out, const char *name)
{
    for (int i = 0; name && i < VT__TASK_COUNT; i++) {
        if (strcmp(name, task_names[i]) != 0) continue;
        *out = (vt__task)i;
        return true;
    }
    return false;
}

/* One number for all channels, or three. */
static bool read_channels(float out[3], const vt__json *value, double fallback)
{
    for (size_t c = 0; c < 3; c++) {
        double number = fallback;
        const vt__json *one = vt__json_get_kind(value) == VT__JSON_ARRAY ? vt__json_at(value, c) : value;
        if (value && !vt__json_as_number(&number, one)) return false;
        if (!isfinite(number) || fabs(number) > 1e6) return false;
        out[c] = (float)number;
    }
    return true;
}

static bool read_order(vt__order *out, const char *name)
{
    static const char *const names[] = { "RGB", "BGR", "GREY" };
    for (int i = 0; i < 3; i++) {
        if (strcmp(name, names[i]) != 0) continue;
        *out = (vt__order)i;
        return true;
    }
    return false;
}

static vt_status read_input(vt__model *model, const vt__json *input, vt_error *err)
{
    const char *order = vt__json_string_or(input, "order", "RGB");
    if (!read_order(&model->planar.order, order))
        return vt__fail(err, VT_EFORMAT, "%s: input order \"%.20s\" (known: RGB, BGR, GREY)", model->file, order);
    if (!read_channels(model->planar.mean, vt__json_get(input, "mean"), 0) ||
        !read_channels(model->planar.scale, vt__json_get(input, "scale"), 1))
        return vt__fail(err, VT_EFORMAT, "%s: input mean or scale", model->file);
    int64_t width = vt__json_integer_or(input, "width", 0), height = vt__json_integer_or(input, "height", 0);
    int64_t pad_to = vt__json_integer_or(input, "pad_to", 32);
    if (width < 0 || height < 0 || width > max_side_px || height > max_side_px || pad_to < 1 || pad_to > 256)
        return vt__fail(err, VT_EFORMAT, "%s: input size %lld x %lld", model->file, (long long)width, (long long)height);
    model->size = (vt_size){ (int)width, (int)height };
    model->pad_to = (int)pad_to;
    model->input_name = vt__json_string_or(input, "name", NULL);
    return VT_OK;
}

static vt_status read_model(vt__model *model, const vt__json *entry, vt_error *err)
{
    const char *task = vt__json_string_or(entry, "task", NULL);
    if (!find_task(&model->task, task)) return vt__fail(err, VT_EFORMAT, "unknown task \"%.40s\"", task ? task : "");
    model->family = vt__json_string_or(entry, "family", NULL);
    model->file = vt__json_string_or(entry, "file", NULL);
    model->sha256 = vt__json_string_or(entry, "sha256", NULL);
    model->licence = vt__json_string_or(entry, "licence", NULL);
    model->source = vt__json_string_or(entry, "source", "not stated");
    model->commercial = vt__json_bool_or(entry, "commercial", false);
    model->threshold = (float)vt__json_number_or(entry, "threshold", 0.6);
    model->nms_iou = (float)vt__json_number_or(entry, "nms_iou", 0.3);
    model->crop = (float)vt__json_number_or(entry, "crop", 1);
    model->entry = entry;
    if (!plain_name(model->file)) return vt__fail(err, VT_EFORMAT, "the %s's \"file\" is not a plain file name", task);
    if (!model->family || !model->licence) return vt__fail(err, VT_EFORMAT, "%s: \"family\" or \"licence\" is missing", model->file);
    if (!model->sha256 || strlen(model->sha256) != 64) return vt__fail(err, VT_EFORMAT, "%s: \"sha256\" is missing", model->file);
    if (!(model->threshold > 0 && model->threshold < 1) || !(model->nms_iou > 0 && model->nms_iou < 1) ||
        !(model->crop > 0.1 && model->crop < 10))
        return vt__fail(err, VT_EFORMAT, "%s: threshold, nms_iou or crop out of range", model->file);
    return read_input(model, vt__json_get(entry, "input"), err);
}

static vt_status read_models(vt__pack *pack, vt_error *err)
{
    const vt__json *models = vt__json_get(pack->root, "models");
    size_t count = vt__json_count(models);
    if (vt__json_integer_or(pack->root, "format", 0) != format_version)
        return vt__fail(err, VT_EFORMAT, "\"format\" is not %d", format_version);
    if (vt__json_get_kind(models) != VT__JSON_ARRAY || !count || count > VT__PACK_MAX_MODELS)
        return vt__fail(err, VT_EFORMAT, "\"models\" has %zu entries; 1 to %d are allowed", count, VT__PACK_MAX_MODELS);
    for (size_t i = 0; i < count; i++) {
        vt_status status = read_model(&pack->models[i], vt__json_at(models, i), err);
        if (status) return vt__error_prefix(err, status, "model %zu", i);
        if (vt__pack_model(pack, pack->models[i].task))
            return vt__fail(err, VT_EFORMAT, "two models for the task \"%s\"", vt__task_name(pack->models[i].task));
        pack->count++;
    }
    return VT_OK;
}

vt_status vt__pack_parse(vt__pack *out, const char *folder, const void *text, size_t size_bytes, vt_error *err)
{
    *out = (vt__pack){ 0 };
    uint8_t digest[VT__SHA256_BYTES];
    vt__sha256(digest, text, size_bytes);
    vt__hex_encode(out->digest, digest, sizeof digest);
    out->folder = vt__strdup(folder);
    vt_status status = out->folder ? vt__json_parse(&out->root, text, size_bytes, 16, err) : vt__fail_memory(err, 64);
    if (!status) status = read_models(out, err);
    if (status) {
        vt__pack_close(out);
        return vt__error_prefix(err, status, "%s/manifest.json", folder);
    }
    out->name = vt__json_string_or(out->root, "name", "unnamed");
    return VT_OK;
}

vt_status vt__pack_open(vt__pack *out, const char *folder, vt_error *err)
{
    char *path = vt__path_join(folder, "manifest.json");
    if (!path) return vt__fail_memory(err, 64);
    uint8_t *text = NULL;
    size_t size = 0;
    vt_status status = vt__file_read(&text, &size, path, max_manifest_bytes, err);
    if (status == VT_ENOTFOUND) vt__fail(err, status, "no model pack in %s: run `vultus pack build`", folder);
    if (!status) status = vt__pack_parse(out, folder, text, size, err);
    vt__free(text);
    vt__free(path);
    return status;
}

void vt__pack_close(vt__pack *pack)
{
    vt__json_free(pack->root);
    vt__free(pack->folder);
    *pack = (vt__pack){ 0 };
}

const vt__model *vt__pack_model(const vt__pack *pack, vt__task task)
{
    for (size_t i = 0; i < pack->count; i++)
        if (pack->models[i].task == task) return &pack->models[i];
    return NULL;
}

static vt_status check_digest(const uint8_t *bytes, size_t size_bytes, const char *path, const char *expected, vt_error *err)
{
    uint8_t digest[VT__SHA256_BYTES];
    char hex[2 * VT__SHA256_BYTES + 1];
    vt__sha256(digest, bytes, size_bytes);
    vt__hex_encode(hex, digest, sizeof digest);
    if (!strcmp(hex, expected)) return VT_OK;
    return vt__fail(err, VT_EINTEGRITY, "%s was changed: SHA-256 %.16s..., the manifest says %.16s... (run `vultus pack build`)",
                    path, hex, expected);
}

vt_status vt__pack_read(uint8_t **out, size_t *out_size_bytes, const vt__pack *pack, const char *file, const char *sha256,
                        vt_error *err)
{
    char *path = plain_name(file) ? vt__path_join(pack->folder, file) : NULL;
    if (!path) return vt__fail(err, VT_EFORMAT, "a pack's file must be a plain name");
    uint8_t *bytes = NULL;
    vt_status status = vt__file_read(&bytes, out_size_bytes, path, VT__PACK_MAX_FILE_BYTES, err);
    if (!status && sha256) status = check_digest(bytes, *out_size_bytes, path, sha256, err);
    if (status) vt__free(bytes);
    else *out = bytes;
    vt__free(path);
    return status;
}

const char *vt__pack_file_digest(const vt__pack *pack, const char *file)
{
    const vt__json *files = vt__json_get(pack->root, "files");
    for (size_t i = 0; i < vt__json_count(files); i++) {
        const vt__json *entry = vt__json_at(files, i);
        if (!strcmp(vt__json_string_or(entry, "file", ""), file)) return vt__json_string_or(entry, "sha256", NULL);
    }
    return NULL;
}
