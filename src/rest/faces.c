/* Persisted faces: of a list, of a person in a group, of a person in the directory. */
#include <stdio.h>
#include <strings.h>

#include "rest/handlers.h"
#include "rest/items.h"

/* The place that the path names: a list, or a person, with a recognition model in the directory. */
static bool read_place(vt__face_place *out, vt__call *call)
{
    *out = (vt__face_place){ 0 };
    if (!vt__read_collection(&out->collection, call, false)) return false;
    bool list = call->kind == VT__KIND_FACE_LIST || call->kind == VT__KIND_LARGE_FACE_LIST;
    if (!list && !vt__read_person_id(&out->person_id, call)) return false;
    if (call->kind != VT__KIND_DIRECTORY) return true;
    const char *model = vt__http_param(call->request, "recognitionModel");
    if (!vt__recognition_model_find(&out->recognition_model, model) || strcasecmp(model, "recognition_01") == 0) {
        vt__call_fail(call, VT__WIRE_DIRECTORY_MODEL);
        return false;
    }
    return true;
}

static bool read_query_user_data(const char **out, vt__call *call)
{
    *out = vt__http_query(call->request, "userData");
    if (!*out || vt__utf8_length(*out) <= VT__FACE_USER_DATA_MAX_CHARACTERS) return true;
    vt__call_fail(call, VT__WIRE_USER_DATA_LONG);
    return false;
}

static bool add(char id[VT__UUID_TEXT_BYTES], vt__face_place *place, vt__call *call)
{
    vt_box target;
    bool targeted;
    vt__add_face_options options = { NULL, NULL };
    const uint8_t *image;
    size_t image_bytes;
    vt_error err;
    if (!read_place(place, call) || !vt__read_target_face(&target, &targeted, call) ||
        !read_query_user_data(&options.user_data, call) || !vt__read_image(&image, &image_bytes, call))
        return false;
    options.target_face = targeted ? &target : NULL;
    vt__code code = vt__face_add(id, call->service, &call->caller, call->session, *place, image, image_bytes, &options, &err);
    return !vt__call_refused(call, code, &err);
}

void vt__rest_list_face_add(vt__call *call)
{
    char id[VT__UUID_TEXT_BYTES];
    vt__face_place place;
    if (add(id, &place, call)) vt__call_json(call, 200, vt__one_json("persistedFaceId", id));
}

void vt__rest_person_face_add(vt__call *call)
{
    vt__rest_list_face_add(call);
}

void vt__rest_directory_face_add(vt__call *call)
{
    char id[VT__UUID_TEXT_BYTES], resource[160];
    vt__face_place place;
    if (!add(id, &place, call)) return;
    snprintf(resource, sizeof resource, "/persons/%s/recognitionModels/%s/persistedfaces/%s", place.person_id,
             place.recognition_model, id);
    vt__answer_accepted(call, resource, vt__one_json("persistedFaceId", id));
}

void vt__rest_list_face_list(vt__call *call)
{
    vt__face_place place;
    vt__page page;
    vt__items items;
    vt_error err;
    if (!read_place(&place, call) || !vt__read_page(&page, call)) return;
    if (vt__call_refused(call, vt__face_list(&items, call->service, &call->caller, place, page, &err), &err)) return;
    vt__answer_items(call, &items, vt__persisted_face_json);
}

void vt__rest_directory_face_list(vt__call *call)
{
    vt__face_place place;
    vt__items items;
    vt_error err;
    if (!read_place(&place, call)) return;
    vt__code code = vt__face_list(&items, call->service, &call->caller, place, (vt__page){ "", 1000 }, &err);
    if (vt__call_refused(call, code, &err)) return;
    vt__json *out = vt__one_json("personId", place.person_id);
    vt__json_set(out, "persistedFaceIds", vt__ids_json(&items));
    vt__items_free(&items);
    vt__call_json(call, 200, out);
}

void vt__rest_list_face_get(vt__call *call)
{
    vt__face_place place;
    const char *id;
    vt__item item;
    vt_error err;
    if (!read_place(&place, call) || !vt__read_face_id(&id, call)) return;
    if (vt__call_refused(call, vt__face_get(&item, call->service, &call->caller, place, id, &err), &err)) return;
    vt__call_json(call, 200, vt__persisted_face_json(&item));
    vt__item_free(&item);
}

void vt__rest_person_face_get(vt__call *call)
{
    vt__rest_list_face_get(call);
}

void vt__rest_directory_face_get(vt__call *call)
{
    vt__rest_list_face_get(call);
}

void vt__rest_list_face_update(vt__call *call)
{
    vt__face_place place;
    const char *id, *user_data;
    vt_error err;
    if (!read_place(&place, call) || !vt__read_face_id(&id, call) ||
        !vt__read_user_data(&user_data, call, VT__FACE_USER_DATA_MAX_CHARACTERS))
        return;
    vt__code code = vt__face_update(call->service, &call->caller, place, id, user_data, &err);
    if (!vt__call_refused(call, code, &err)) vt__call_empty(call, 200);
}

void vt__rest_person_face_update(vt__call *call)
{
    vt__rest_list_face_update(call);
}

void vt__rest_directory_face_update(vt__call *call)
{
    vt__rest_list_face_update(call);
}

static bool delete_face(vt__call *call)
{
    vt__face_place place;
    const char *id;
    vt_error err;
    if (!read_place(&place, call) || !vt__read_face_id(&id, call)) return false;
    return !vt__call_refused(call, vt__face_delete(call->service, &call->caller, place, id, &err), &err);
}

void vt__rest_list_face_delete(vt__call *call)
{
    if (delete_face(call)) vt__call_empty(call, 200);
}

void vt__rest_person_face_delete(vt__call *call)
{
    vt__rest_list_face_delete(call);
}

void vt__rest_directory_face_delete(vt__call *call)
{
    if (delete_face(call)) vt__answer_accepted(call, NULL, NULL);
}
