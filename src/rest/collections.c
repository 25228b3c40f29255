/* Face lists, large face lists, person groups, large person groups, dynamic groups: the collection itself, training. */
#include <stdio.h>

#include "base/clock.h"
#include "base/memory.h"
#include "rest/handlers.h"
#include "rest/items.h"

void vt__rest_collection_create(vt__call *call)
{
    vt__collection_id which;
    const char *name, *user_data, *given, *model;
    vt_error err;
    if (!vt__read_collection(&which, call, true) || !vt__read_name(&name, call, true) ||
        !vt__read_user_data(&user_data, call, VT__USER_DATA_MAX_CHARACTERS) || !vt__read_string(&given, call, "recognitionModel"))
        return;
    if (!vt__recognition_model_find(&model, given)) {
        vt__call_fail(call, VT__WIRE_RECOGNITION_MODEL);
        return;
    }
    vt__code code = vt__collection_create(call->service, &call->caller, which, name, user_data, model, &err);
    if (!vt__call_refused(call, code, &err)) vt__call_empty(call, 200);
}

/* A face list comes with its faces. */
static bool add_faces(vt__json *out, vt__call *call, vt__collection_id which)
{
    vt__items faces;
    vt_error err;
    vt__json *list = vt__json_array();
    vt__code code = vt__face_list(&faces, call->service, &call->caller, (vt__face_place){ .collection = which },
                                  (vt__page){ "", 1000 }, &err);
    if (vt__call_refused(call, code, &err)) {
        vt__json_free(list);
        return false;
    }
    for (size_t i = 0; i < faces.count; i++) vt__json_append(list, vt__persisted_face_json(&faces.items[i]));
    vt__items_free(&faces);
    vt__json_set(out, "persistedFaces", list);
    return true;
}

void vt__rest_collection_get(vt__call *call)
{
    vt__collection_id which;
    bool with_model;
    vt__item item;
    vt_error err;
    if (!vt__read_collection(&which, call, false) || !vt__read_query_bool(&with_model, call, "returnRecognitionModel", false))
        return;
    if (vt__call_refused(call, vt__collection_get(&item, call->service, &call->caller, which, &err), &err)) return;
    vt__json *out = vt__collection_json(&item, which.kind, with_model);
    vt__item_free(&item);
    if (which.kind == VT__KIND_FACE_LIST && !add_faces(out, call, which)) vt__json_free(out);
    else vt__call_json(call, 200, out);
}

void vt__rest_collection_update(vt__call *call)
{
    vt__collection_id which;
    const char *name, *user_data;
    vt_error err;
    if (!vt__read_collection(&which, call, false) || !vt__read_name(&name, call, false) ||
        !vt__read_user_data(&user_data, call, VT__USER_DATA_MAX_CHARACTERS))
        return;
    vt__code code = vt__collection_update(call->service, &call->caller, which, name, user_data, &err);
    if (!vt__call_refused(call, code, &err)) vt__call_empty(call, 200);
}

void vt__rest_collection_delete(vt__call *call)
{
    vt__collection_id which;
    vt_error err;
    if (!vt__read_collection(&which, call, false)) return;
    if (!vt__call_refused(call, vt__collection_delete(call->service, &call->caller, which, &err), &err)) vt__call_empty(call, 200);
}

void vt__rest_collection_list(vt__call *call)
{
    vt__page page = { "", 1000 };
    bool with_model;
    vt__items items;
    vt_error err;
    if (call->kind != VT__KIND_FACE_LIST && !vt__read_page(&page, call)) return; /* face lists have no paging */
    if (!vt__read_query_bool(&with_model, call, "returnRecognitionModel", false)) return;
    vt__code code = vt__collection_list(&items, call->service, &call->caller, call->kind, page, &err);
    if (vt__call_refused(call, code, &err)) return;
    vt__json *list = vt__json_array();
    for (size_t i = 0; i < items.count; i++) vt__json_append(list, vt__collection_json(&items.items[i], call->kind, with_model));
    vt__items_free(&items);
    vt__call_json(call, 200, list);
}

static const char *const progress_names[] = { "notStarted", "running", "succeeded", "failed" };

static void set_time(vt__json *out, const char *name, int64_t time_ms)
{
    char text[VT__TIME_TEXT_BYTES];
    if (time_ms == 0) return;
    vt__time_text(text, time_ms);
    vt__json_set_string(out, name, text);
}

void vt__rest_collection_train(vt__call *call)
{
    vt__collection_id which;
    vt_error err;
    if (!vt__read_collection(&which, call, false)) return;
    if (vt__call_refused(call, vt__collection_train(call->service, &call->caller, which, &err), &err)) return;
    vt__call_empty(call, 202);
    vt__call_link(call, "operation-location", "/face/%s/%s/%s/training", vt__api_version_name(call->version),
                  call->request->segments[2], which.id);
}

void vt__rest_collection_training(vt__call *call)
{
    vt__collection_id which;
    vt__training training;
    vt_error err;
    if (!vt__read_collection(&which, call, false)) return;
    if (vt__call_refused(call, vt__training_get(&training, call->service, &call->caller, which, &err), &err)) return;
    vt__json *out = vt__one_json("status", progress_names[training.status]);
    set_time(out, "createdDateTime", training.created_ms);
    set_time(out, "lastActionDateTime", training.last_action_ms);
    set_time(out, "lastSuccessfulTrainingDateTime", training.last_success_ms);
    if (training.message[0]) vt__json_set_string(out, "message", training.message);
    vt__call_json(call, 200, out);
}

void vt__rest_operation_get(vt__call *call)
{
    vt__operation operation;
    vt_error err;
    const char *id = vt__http_param(call->request, "operationId");
    if (!vt__uuid_valid(id)) {
        vt__call_fail(call, VT__WIRE_OPERATION_NOT_FOUND);
        return;
    }
    if (vt__call_refused(call, vt__operation_get(&operation, call->service, &call->caller, id, &err), &err)) return;
    vt__json *out = vt__one_json("operationId", operation.id);
    vt__json_set_string(out, "status", progress_names[operation.status]);
    set_time(out, "createdTime", operation.created_ms);
    set_time(out, "lastActionTime", operation.last_action_ms);
    set_time(out, "finishedTime", operation.finished_ms);
    vt__call_json(call, 200, out);
}

/* ---- dynamic person groups ---- */

typedef struct member_lists {
    const char **add, **remove;
    size_t add_count, remove_count;
} member_lists;

static bool read_members(member_lists *out, vt__call *call, size_t least)
{
    return vt__read_uuids(&out->add, &out->add_count, call, "addPersonIds", least, 1000, VT__WIRE_PERSON_IDS_LENGTH,
                          VT__WIRE_PERSON_ID_INVALID) &&
           vt__read_uuids(&out->remove, &out->remove_count, call, "removePersonIds", 0, 1000, VT__WIRE_PERSON_IDS_LENGTH,
                          VT__WIRE_PERSON_ID_INVALID);
}

static void free_members(member_lists *lists)
{
    vt__free(lists->add);
    vt__free(lists->remove);
}

static bool change_members(vt__call *call, const char *group, const member_lists *lists)
{
    vt_error err;
    vt__code code = vt__members_change(call->service, &call->caller, group, lists->add, lists->add_count, lists->remove,
                                       lists->remove_count, &err);
    call->kind = code == VT__CODE_PERSON_NOT_FOUND ? VT__KIND_DIRECTORY : VT__KIND_DYNAMIC_GROUP;
    return !vt__call_refused(call, code, &err);
}

static void answer_members_changed(vt__call *call, const char *group, const member_lists *lists)
{
    char resource[96];
    if (!lists->add && !lists->remove) {
        vt__call_empty(call, 200);
    } else if (change_members(call, group, lists)) {
        snprintf(resource, sizeof resource, "/dynamicpersongroups/%s", group);
        vt__answer_accepted(call, resource, NULL);
    }
}

void vt__rest_dynamic_group_create(vt__call *call)
{
    vt__collection_id which;
    const char *name, *user_data;
    member_lists lists = { 0 };
    vt_error err;
    if (vt__read_collection(&which, call, true) && vt__read_name(&name, call, true) &&
        vt__read_user_data(&user_data, call, VT__USER_DATA_MAX_CHARACTERS) && read_members(&lists, call, 1)) {
        vt__code code = vt__collection_create(call->service, &call->caller, which, name, user_data, NULL, &err);
        if (!vt__call_refused(call, code, &err)) answer_members_changed(call, which.id, &lists);
    }
    free_members(&lists);
}

void vt__rest_dynamic_group_update(vt__call *call)
{
    vt__collection_id which;
    const char *name, *user_data;
    member_lists lists = { 0 };
    vt_error err;
    if (vt__read_collection(&which, call, false) && vt__read_name(&name, call, false) &&
        vt__read_user_data(&user_data, call, VT__USER_DATA_MAX_CHARACTERS) && read_members(&lists, call, 0)) {
        bool only_members = !name && !user_data && (lists.add || lists.remove);
        vt__code code = only_members ? VT__CODE_OK
                                     : vt__collection_update(call->service, &call->caller, which, name, user_data, &err);
        if (!vt__call_refused(call, code, &err)) answer_members_changed(call, which.id, &lists);
    }
    free_members(&lists);
}

void vt__rest_dynamic_group_get(vt__call *call)
{
    vt__rest_collection_get(call);
}

void vt__rest_dynamic_group_list(vt__call *call)
{
    vt__rest_collection_list(call);
}

void vt__rest_dynamic_group_delete(vt__call *call)
{
    vt__collection_id which;
    vt_error err;
    if (!vt__read_collection(&which, call, false)) return;
    if (!vt__call_refused(call, vt__collection_delete(call->service, &call->caller, which, &err), &err))
        vt__answer_accepted(call, NULL, NULL);
}

void vt__rest_dynamic_group_persons(vt__call *call)
{
    vt__collection_id which;
    vt__page page;
    vt__items items;
    vt_error err;
    if (!vt__read_collection(&which, call, false) || !vt__read_page(&page, call)) return;
    vt__code code = vt__members_list(&items, call->service, &call->caller, which.id, page, &err);
    if (vt__call_refused(call, code, &err)) return;
    vt__json *out = vt__json_object();
    vt__json_set(out, "personIds", vt__ids_json(&items));
    vt__items_free(&items);
    vt__call_json(call, 200, out);
}
