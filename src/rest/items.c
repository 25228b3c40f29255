#include "rest/items.h"

#include <stdio.h>

static const struct {
    const char *id_name;
    vt__wire_error bad_id, not_found;
} kinds[VT__KIND_COUNT] = {
    [VT__KIND_FACE_LIST] = { "faceListId", VT__WIRE_FACE_LIST_ID_INVALID, VT__WIRE_FACE_LIST_NOT_FOUND },
    [VT__KIND_LARGE_FACE_LIST] = { "largeFaceListId", VT__WIRE_LARGE_FACE_LIST_ID_INVALID, VT__WIRE_LARGE_FACE_LIST_NOT_FOUND },
    [VT__KIND_PERSON_GROUP] = { "personGroupId", VT__WIRE_PERSON_GROUP_ID_INVALID, VT__WIRE_PERSON_GROUP_NOT_FOUND },
    [VT__KIND_LARGE_PERSON_GROUP] = { "largePersonGroupId", VT__WIRE_LARGE_PERSON_GROUP_ID_INVALID,
                                      VT__WIRE_LARGE_PERSON_GROUP_NOT_FOUND },
    [VT__KIND_DIRECTORY] = { "", VT__WIRE_PERSON_ID_INVALID, VT__WIRE_PERSON_NOT_FOUND },
    [VT__KIND_DYNAMIC_GROUP] = { "dynamicPersonGroupId", VT__WIRE_DYNAMIC_PERSON_GROUP_ID_INVALID,
                                 VT__WIRE_DYNAMIC_PERSON_GROUP_NOT_FOUND },
};

const char *vt__kind_id_name(vt__kind kind)
{
    return kinds[kind].id_name;
}

bool vt__read_collection(vt__collection_id *out, vt__call *call, bool creating)
{
    vt__kind kind = call->kind;
    *out = (vt__collection_id){ kind, kind == VT__KIND_DIRECTORY ? "" : vt__http_param(call->request, kinds[kind].id_name) };
    if (kind == VT__KIND_DIRECTORY || vt__wire_id_valid(out->id)) return true;
    vt__call_fail(call, creating ? kinds[kind].bad_id : kinds[kind].not_found);
    return false;
}

bool vt__read_collection_member(const char **out, vt__call *call, vt__kind kind)
{
    if (!vt__read_string(out, call, kinds[kind].id_name)) return false;
    if (!*out || vt__wire_id_valid(*out)) return true;
    vt__call_fail(call, kinds[kind].bad_id);
    return false;
}

bool vt__read_person_id(const char **out, vt__call *call)
{
    *out = vt__http_param(call->request, "personId");
    if (vt__uuid_valid(*out)) return true;
    if (call->kind == VT__KIND_DIRECTORY) vt__call_fail(call, VT__WIRE_PERSON_NOT_FOUND);
    else vt__call_fail_about(call, VT__WIRE_PERSON_ID_NOT_FOUND, "%s", *out);
    return false;
}

bool vt__read_face_id(const char **out, vt__call *call)
{
    *out = vt__http_param(call->request, "persistedFaceId");
    if (vt__uuid_valid(*out)) return true;
    vt__call_fail_about(call, call->kind == VT__KIND_LARGE_FACE_LIST ? VT__WIRE_LARGE_FACE_LIST_FACE_NOT_FOUND
                                                                     : VT__WIRE_PERSISTED_FACE_NOT_FOUND, "%s", *out);
    return false;
}

bool vt__read_page(vt__page *out, vt__call *call)
{
    return vt__read_paging(&out->start, &out->top, call);
}

vt__json *vt__one_json(const char *name, const char *text)
{
    vt__json *out = vt__json_object();
    vt__json_set_string(out, name, text);
    return out;
}

vt__json *vt__collection_json(const vt__item *item, vt__kind kind, bool with_model)
{
    vt__json *out = vt__one_json(kinds[kind].id_name, item->id);
    vt__json_set_string(out, "name", item->name);
    vt__json_set_string(out, "userData", item->user_data);
    if (with_model) vt__json_set_string(out, "recognitionModel", item->recognition_model);
    return out;
}

vt__json *vt__person_json(const vt__item *item, bool with_faces)
{
    vt__json *out = vt__one_json("personId", item->id);
    vt__json_set_string(out, "name", item->name);
    vt__json_set_string(out, "userData", item->user_data);
    if (!with_faces) return out;
    vt__json *faces = vt__json_array();
    for (size_t i = 0; i < item->face_count; i++) vt__json_append(faces, vt__json_string(item->face_ids[i]));
    vt__json_set(out, "persistedFaceIds", faces);
    return out;
}

vt__json *vt__persisted_face_json(const vt__item *item)
{
    vt__json *out = vt__one_json("persistedFaceId", item->id);
    vt__json_set_string(out, "userData", item->user_data);
    return out;
}

vt__json *vt__ids_json(const vt__items *items)
{
    vt__json *out = vt__json_array();
    for (size_t i = 0; i < items->count; i++) vt__json_append(out, vt__json_string(items->items[i].id));
    return out;
}

void vt__answer_items(vt__call *call, vt__items *items, vt__json *(*write)(const vt__item *item))
{
    vt__json *list = vt__json_array();
    for (size_t i = 0; i < items->count; i++) vt__json_append(list, write(&items->items[i]));
    vt__items_free(items);
    vt__call_json(call, 200, list);
}

void vt__answer_accepted(vt__call *call, const char *resource, vt__json *body)
{
    char id[VT__UUID_TEXT_BYTES];
    vt_error err;
    const char *version = vt__api_version_name(call->version);
    if (vt__call_refused(call, vt__operation_record(id, call->service, &call->caller, resource, &err), &err)) {
        vt__json_free(body);
        return;
    }
    if (body) vt__call_json(call, 202, body);
    else vt__call_empty(call, 202);
    vt__call_link(call, "operation-location", "/face/%s/operations/%s", version, id);
    if (!resource) vt__call_link(call, "Location", "/face/%s/operations/%s", version, id);
    else if (body) vt__call_link(call, "Location", "/face/%s%s", version, resource);
}
