#include "cli/gallery_lines.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

static const char magic[16] = "VULTTPL 1";

enum { FORMAT = 1, CONTEXT_BYTES = 128, SEALED_BYTES = VT_TEMPLATE_MAX_DIMENSION * sizeof(float) + VT__SEAL_EXTRA_BYTES };

vt__json *vt__gallery_head_json(const vt__item *group)
{
    vt__json *head = vt__json_object();
    vt__json_set_string(head, "format", "vultus gallery");
    vt__json_set_integer(head, "version", FORMAT);
    vt__json_set_string(head, "name", group->name);
    vt__json_set_string(head, "userData", group->user_data);
    vt__json_set_string(head, "recognitionModel", group->recognition_model);
    return head;
}

vt_status vt__gallery_head_read(const char **name, const char **user_data, const char **model, const vt__json *head, vt_error *err)
{
    if (strcmp(vt__json_string_or(head, "format", ""), "vultus gallery"))
        return vt__fail(err, VT_EFORMAT, "this is no exported gallery: its first line lacks \"format\": \"vultus gallery\"");
    if (vt__json_integer_or(head, "version", 0) != FORMAT)
        return vt__fail(err, VT_EUNSUPPORTED, "an exported gallery of another version; this program reads version %d", FORMAT);
    *name = vt__json_string_or(head, "name", NULL);
    *user_data = vt__json_string_or(head, "userData", NULL);
    *model = vt__json_string_or(head, "recognitionModel", NULL);
    return *name && *model ? VT_OK : vt__fail(err, VT_EFORMAT, "the first line names no group or no recognition model");
}

/* A template cannot be given to another person or face. */
static size_t context_of(char out[CONTEXT_BYTES], const char *person, const char *face)
{
    return (size_t)snprintf(out, CONTEXT_BYTES, "vultus gallery %d\n%.36s\n%.36s", FORMAT, person, face);
}

vt_status vt__template_file_begin(vt__template_file *file, vt_error *err)
{
    file->size = sizeof magic;
    return vt__file_write_at(file->descriptor, magic, sizeof magic, 0, file->path, err);
}

vt_status vt__template_file_check(const vt__template_file *file, vt_error *err)
{
    char found[sizeof magic];
    if (pread(file->descriptor, found, sizeof found, 0) == (ssize_t)sizeof found && !memcmp(found, magic, sizeof magic)) return VT_OK;
    return vt__fail(err, VT_EFORMAT, "%s holds no exported templates", file->path);
}

static vt_status face_json(vt__json **out, const vt__moved_face *face, const char *person, vt__template_file *templates, vt_error *err)
{
    uint8_t sealed[SEALED_BYTES];
    char context[CONTEXT_BYTES];
    size_t bytes = face->value.dimension * sizeof(float);
    vt__seal(sealed, face->value.values, bytes, context, context_of(context, person, face->id), templates->key);
    vt_status status = vt__file_write_at(templates->descriptor, sealed, bytes + VT__SEAL_EXTRA_BYTES, templates->size, templates->path, err);
    if (status) return status;
    *out = vt__json_object();
    vt__json_set_string(*out, "persistedFaceId", face->id);
    vt__json_set_string(*out, "userData", face->user_data);
    vt__json_set_integer(*out, "template", (int64_t)templates->size);
    vt__json_set_integer(*out, "dimension", face->value.dimension);
    templates->size += bytes + VT__SEAL_EXTRA_BYTES;
    return VT_OK;
}

vt_status vt__gallery_person_json(vt__json **out, const vt__moved_person *person, vt__template_file *templates, vt_error *err)
{
    vt__json *json = vt__json_object(), *faces = vt__json_array();
    vt_status status = VT_OK;
    vt__json_set_string(json, "personId", person->id);
    vt__json_set_string(json, "name", person->name);
    vt__json_set_string(json, "userData", person->user_data);
    for (size_t i = 0; i < person->face_count && !status; i++) {
        vt__json *face = NULL;
        status = face_json(&face, &person->faces[i], person->id, templates, err);
        if (!status) vt__json_append(faces, face);
    }
    vt__json_set(json, "faces", faces);
    *out = json;
    return status;
}

static vt_status read_id(char out[VT__UUID_TEXT_BYTES], const vt__json *json, const char *member, vt_error *err)
{
    const char *text = vt__json_string_or(json, member, "");
    if (!vt__uuid_valid(text)) return vt__fail(err, VT_EFORMAT, "%s is missing or no UUID", member);
    memcpy(out, text, VT__UUID_TEXT_BYTES);
    return VT_OK;
}

static vt_status copy_text(char **out, const vt__json *json, const char *member, vt_error *err)
{
    const char *text = vt__json_string_or(json, member, NULL);
    *out = vt__strdup(text);
    return text && !*out ? vt__fail_memory(err, strlen(text)) : VT_OK;
}

static vt_status read_face(vt__moved_face *out, const vt__json *json, const char *person, const vt__template_file *templates, vt_error *err)
{
    uint8_t sealed[SEALED_BYTES];
    char context[CONTEXT_BYTES];
    int64_t at = vt__json_integer_or(json, "template", 0), dimension = vt__json_integer_or(json, "dimension", 0);
    vt_status status = read_id(out->id, json, "persistedFaceId", err);
    if (!status) status = copy_text(&out->user_data, json, "userData", err);
    if (status) return status;
    if (at < (int64_t)sizeof magic || dimension < 1 || dimension > VT_TEMPLATE_MAX_DIMENSION)
        return vt__fail(err, VT_EFORMAT, "face %s names no template", out->id);
    size_t bytes = (size_t)dimension * sizeof(float) + VT__SEAL_EXTRA_BYTES;
    if (pread(templates->descriptor, sealed, bytes, (off_t)at) != (ssize_t)bytes)
        return vt__fail(err, VT_EFORMAT, "%s is cut off before the template of face %s", templates->path, out->id);
    out->value.dimension = (uint32_t)dimension;
    if (vt__open(out->value.values, sealed, bytes, context, context_of(context, person, out->id), templates->key, NULL))
        return vt__fail(err, VT_EINTEGRITY, "the template of face %s was changed, or sealed with another key", out->id);
    return VT_OK;
}

vt_status vt__gallery_person_read(vt__moved_person *out, const vt__json *line, const vt__template_file *templates, vt_error *err)
{
    const vt__json *faces = vt__json_get(line, "faces");
    size_t count = vt__json_count(faces);
    vt_status status = read_id(out->id, line, "personId", err);
    if (!status) status = copy_text(&out->name, line, "name", err);
    if (!status) status = copy_text(&out->user_data, line, "userData", err);
    if (!status && !out->name) status = vt__fail(err, VT_EFORMAT, "person %s has no name", out->id);
    if (!status && !(out->faces = vt__calloc(count + 1, sizeof *out->faces))) status = vt__fail_memory(err, count * sizeof *out->faces);
    for (size_t i = 0; i < count && !status; i++) status = read_face(&out->faces[out->face_count++], vt__json_at(faces, i), out->id, templates, err);
    return status;
}
