#include "service/people.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/consent.h"
#include "service/face_record.h"
#include "service/state.h"

typedef struct gathering {
    vt_template *items;
    size_t count, room;
} gathering;

static vt__code add(gathering *to, const vt__face_fields *face, vt_error *err)
{
    if (to->count == to->room) {
        size_t room = to->room ? 2 * to->room : 8;
        vt_template *grown = vt__calloc(room, sizeof *grown);
        if (!grown) return vt__code_fail(err, VT__CODE_NO_MEMORY);
        if (to->count) memcpy(grown, to->items, to->count * sizeof *grown);
        vt__free_secret(to->items, to->room * sizeof *grown);
        to->items = grown;
        to->room = room;
    }
    vt_template *t = &to->items[to->count++];
    t->dimension = face->dimension;
    memcpy(t->values, face->values, face->dimension * sizeof t->values[0]);
    return VT__CODE_OK;
}

static vt__code add_person(gathering *to, vt__service *service, const vt__caller *caller, vt__collection_id which, const char *person, vt_error *err)
{
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__records found;
    vt__face_fields face;
    size_t before = to->count;
    vt__scope_text(scope, which);
    const vt__query query = { .kind = VT__RECORD_FACE, .tenant = caller->tenant, .scope = scope, .owner = person };
    vt__code code = vt__code_of(vt__store_find(&found, service->store, &query, err));
    for (size_t i = 0; i < found.count && !code; i++)
        if (vt__face_unpack(&face, &found.items[i]) && face.dimension == vt_engine_dimension(service->engine)) code = add(to, &face, err);
    vt__wipe(&face, sizeof face);
    vt__records_free(&found);
    return !code && to->count == before ? vt__code_fail(err, VT__CODE_PERSON_WITHOUT_FACE) : code;
}

vt__code vt__people_templates(vt_template **out, size_t *count, vt__service *service, const vt__caller *caller, vt__action action,
                              vt__collection_id which, const char *const *persons, size_t person_count, vt_error *err)
{
    gathering all = { 0 };
    vt__records collection = { NULL, 0 };
    bool able = service->engine && vt_engine_dimension(service->engine);
    vt__code code = able ? VT__CODE_OK : vt__code_fail(err, VT__CODE_UNSUPPORTED);
    if (!code && (!person_count || person_count > VT__PEOPLE_MAX)) {
        vt__fail(err, VT_EINVAL, "name 1 to %d persons", VT__PEOPLE_MAX);
        code = VT__CODE_BAD_ARGUMENT;
    }
    if (!code) code = vt__collection_find(&collection, service, caller->tenant, which, err);
    for (size_t i = 0; i < person_count && !code; i++) {
        code = vt__person_exists(service, caller->tenant, which, persons[i], err);
        if (!code) code = vt__consent_check(service, caller, action, which, persons[i], err);
        if (!code) code = add_person(&all, service, caller, which, persons[i], err);
    }
    vt__records_free(&collection);
    if (code) vt__free_secret(all.items, all.room * sizeof *all.items);
    *out = code ? NULL : all.items;
    *count = code ? 0 : all.count;
    return code;
}
