/* Persons: of a group, and of the person directory. */
#include <stdio.h>

#include "rest/handlers.h"
#include "rest/items.h"

static bool directory(const vt__call *call)
{
    return call->kind == VT__KIND_DIRECTORY;
}

static bool create(char id[VT__UUID_TEXT_BYTES], vt__call *call)
{
    vt__collection_id which;
    const char *name, *user_data;
    vt_error err;
    if (!vt__read_collection(&which, call, false) || !vt__read_name(&name, call, true) ||
        !vt__read_user_data(&user_data, call, VT__USER_DATA_MAX_CHARACTERS))
        return false;
    return !vt__call_refused(call, vt__person_create(id, call->service, &call->caller, which, name, user_data, &err), &err);
}

void vt__rest_person_create(vt__call *call)
{
    char id[VT__UUID_TEXT_BYTES];
    if (create(id, call)) vt__call_json(call, 200, vt__one_json("personId", id));
}

void vt__rest_directory_person_create(vt__call *call)
{
    char id[VT__UUID_TEXT_BYTES], resource[64];
    if (!create(id, call)) return;
    snprintf(resource, sizeof resource, "/persons/%s", id);
    vt__answer_accepted(call, resource, vt__one_json("personId", id));
}

static vt__json *with_faces(const vt__item *item)
{
    return vt__person_json(item, true);
}

static vt__json *without_faces(const vt__item *item)
{
    return vt__person_json(item, false);
}

void vt__rest_person_list(vt__call *call)
{
    vt__collection_id which;
    vt__page page;
    vt__items items;
    vt_error err;
    if (!vt__read_collection(&which, call, false) || !vt__read_page(&page, call)) return;
    if (directory(call) && page.start[0] && !vt__uuid_valid(page.start)) {
        vt__call_fail(call, VT__WIRE_START_INVALID);
        return;
    }
    if (vt__call_refused(call, vt__person_list(&items, call->service, &call->caller, which, page, &err), &err)) return;
    vt__answer_items(call, &items, directory(call) ? without_faces : with_faces);
}

void vt__rest_directory_person_list(vt__call *call)
{
    vt__rest_person_list(call);
}

void vt__rest_person_get(vt__call *call)
{
    vt__collection_id which;
    const char *id;
    vt__item item;
    vt_error err;
    if (!vt__read_collection(&which, call, false) || !vt__read_person_id(&id, call)) return;
    if (vt__call_refused(call, vt__person_get(&item, call->service, &call->caller, which, id, &err), &err)) return;
    vt__call_json(call, 200, vt__person_json(&item, !directory(call)));
    vt__item_free(&item);
}

void vt__rest_directory_person_get(vt__call *call)
{
    vt__rest_person_get(call);
}

void vt__rest_person_update(vt__call *call)
{
    vt__collection_id which;
    const char *id, *name, *user_data;
    vt_error err;
    if (!vt__read_collection(&which, call, false) || !vt__read_person_id(&id, call) || !vt__read_name(&name, call, false) ||
        !vt__read_user_data(&user_data, call, VT__USER_DATA_MAX_CHARACTERS))
        return;
    vt__code code = vt__person_update(call->service, &call->caller, which, id, name, user_data, &err);
    if (!vt__call_refused(call, code, &err)) vt__call_empty(call, 200);
}

void vt__rest_directory_person_update(vt__call *call)
{
    vt__rest_person_update(call);
}

static bool delete_person(vt__call *call)
{
    vt__collection_id which;
    const char *id;
    vt_error err;
    if (!vt__read_collection(&which, call, false) || !vt__read_person_id(&id, call)) return false;
    return !vt__call_refused(call, vt__person_delete(call->service, &call->caller, which, id, &err), &err);
}

void vt__rest_person_delete(vt__call *call)
{
    if (delete_person(call)) vt__call_empty(call, 200);
}

void vt__rest_directory_person_delete(vt__call *call)
{
    if (delete_person(call)) vt__answer_accepted(call, NULL, NULL);
}

void vt__rest_directory_person_references(vt__call *call)
{
    const char *id;
    vt__page page;
    vt__items items;
    vt_error err;
    if (!vt__read_person_id(&id, call) || !vt__read_page(&page, call)) return;
    if (vt__call_refused(call, vt__references_list(&items, call->service, &call->caller, id, page, &err), &err)) return;
    vt__json *out = vt__json_object();
    vt__json_set(out, "dynamicPersonGroupIds", vt__ids_json(&items));
    vt__items_free(&items);
    vt__call_json(call, 200, out);
}
