#include "service/transfer.h"

#include <string.h>

#include "base/memory.h"
#include "service/face_record.h"
#include "service/gallery.h"
#include "service/item.h"
#include "service/write.h"

void vt__moved_persons_free(vt__moved_person *persons, size_t count)
{
    for (size_t i = 0; persons && i < count; i++) {
        for (size_t k = 0; k < persons[i].face_count; k++) vt__free(persons[i].faces[k].user_data);
        if (persons[i].faces) vt__free_secret(persons[i].faces, persons[i].face_count * sizeof *persons[i].faces);
        vt__free(persons[i].name);
        vt__free(persons[i].user_data);
    }
    vt__free(persons);
}

static vt__code check(vt__service *service, const vt__caller *caller, vt__collection_id which, vt__action action, vt_error *err)
{
    vt__records found = { NULL, 0 };
    vt__code code = caller->scopes & VT__SCOPE_ADMIN ? VT__CODE_OK : vt__code_fail(err, VT__CODE_SCOPE_MISSING);
    if (!code) code = vt__policy_check(service, caller, action, err);
    bool group = which.kind == VT__KIND_PERSON_GROUP || which.kind == VT__KIND_LARGE_PERSON_GROUP;
    if (!code && !group) code = vt__code_fail(err, VT__CODE_BAD_ARGUMENT);
    if (!code) code = vt__collection_find(&found, service, caller->tenant, which, err);
    vt__records_free(&found);
    return code;
}

/* ---- out ---- */

static vt__code take_faces(vt__moved_person *person, vt__service *service, const char *tenant, const char *scope, vt_error *err)
{
    vt__records found;
    const vt__query query = { .kind = VT__RECORD_FACE, .tenant = tenant, .scope = scope, .owner = person->id };
    vt__code code = vt__code_of(vt__store_find(&found, service->store, &query, err));
    if (code) return code;
    person->faces = vt__calloc(found.count + 1, sizeof *person->faces);
    if (!person->faces) code = vt__code_fail(err, VT__CODE_NO_MEMORY);
    for (size_t i = 0; i < found.count && !code; i++) {
        vt__face_fields fields;
        vt__moved_face *face = &person->faces[i];
        if (!vt__face_unpack(&fields, &found.items[i])) code = vt__code_fail(err, VT__CODE_FAILED);
        if (code) break;
        vt__copy_text(face->id, sizeof face->id, found.items[i].id);
        face->user_data = vt__strdup(fields.user_data);
        face->value.dimension = fields.dimension;
        memcpy(face->value.values, fields.values, fields.dimension * sizeof(float));
        vt__wipe(&fields, sizeof fields);
        person->face_count++;
    }
    vt__records_free(&found);
    return code;
}

vt__code vt__persons_export(vt__moved_person **out, size_t *count, vt__service *service, const vt__caller *caller,
                            vt__collection_id which, vt__page page, vt_error *err)
{
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__items items = { NULL, 0 };
    *out = NULL;
    *count = 0;
    vt__code code = check(service, caller, which, VT__ACTION_FACE_READ, err);
    if (!code) code = vt__person_list(&items, service, caller, which, page, err);
    if (code) return code;
    vt__scope_text(scope, which);
    vt__moved_person *persons = vt__calloc(items.count + 1, sizeof *persons);
    if (!persons) code = vt__code_fail(err, VT__CODE_NO_MEMORY);
    size_t faces = 0;
    for (size_t i = 0; i < items.count && !code; i++) {
        vt__copy_text(persons[i].id, sizeof persons[i].id, items.items[i].id);
        persons[i].name = items.items[i].name;
        persons[i].user_data = items.items[i].user_data;
        items.items[i].name = items.items[i].user_data = NULL;
        code = take_faces(&persons[i], service, caller->tenant, scope, err);
        faces += persons[i].face_count;
    }
    if (code) {
        vt__moved_persons_free(persons, items.count);
    } else {
        *out = persons;
        *count = items.count;
    }
    vt__items_free(&items);
    return vt__audit_record(service, caller, &(vt__audit_entry){ VT__ACTION_FACE_READ, which.id, faces, 0, -1, code });
}

/* ---- in ---- */

/* A commit being put together: two changes in front, then the persons and their faces. */
typedef struct importing {
    vt__change *changes;
    vt__buffer *bodies; /* one a change, wiped afterwards */
    vt__gallery_face *faces;
    size_t count, face_count;
    const char *tenant, *scope;
    int64_t now_ms;
} importing;

enum { CHECKS = 2 };

static vt__code check_person(const vt__moved_person *p, vt__collection_id which, vt_error *err)
{
    vt__code code = vt__item_check(p->name, p->user_data, false, err);
    if (!code && p->face_count > vt__kind_get_rules(which.kind)->max_faces_per_person) code = vt__code_fail(err, VT__CODE_QUOTA_EXCEEDED);
    bool good = vt__uuid_valid(p->id);
    for (size_t i = 0; i < p->face_count && good; i++) {
        const vt__moved_face *face = &p->faces[i];
        good = vt__uuid_valid(face->id) && vt__text_fits(face->user_data, VT__FACE_USER_DATA_MAX_CHARACTERS) &&
               face->value.dimension && face->value.dimension <= VT_TEMPLATE_MAX_DIMENSION;
    }
    return code || good ? code : vt__code_fail(err, VT__CODE_BAD_ARGUMENT);
}

static vt_status add_change(importing *im, uint32_t kind, const char *owner, const char *id)
{
    vt__buffer *body = &im->bodies[im->count];
    im->changes[im->count++] = (vt__change){ VT__ADD,
                                             { .kind = kind, .tenant = im->tenant, .scope = im->scope, .owner = owner, .id = id,
                                               .created_ms = im->now_ms, .changed_ms = im->now_ms, .body = body->data,
                                               .body_bytes = body->size },
                                             0 };
    return body->status;
}

static vt_status add_person(importing *im, const vt__moved_person *p, const char *model)
{
    vt__buffer_init(&im->bodies[im->count], 1 << 20);
    vt__item_pack(&im->bodies[im->count], p->name, p->user_data, NULL);
    vt_status status = add_change(im, VT__RECORD_PERSON, p->id, p->id);
    for (size_t i = 0; i < p->face_count && !status; i++) {
        const vt__moved_face *face = &p->faces[i];
        vt__buffer_init(&im->bodies[im->count], 1 << 16);
        vt__face_pack(&im->bodies[im->count], face->user_data, model, face->value.values, face->value.dimension);
        status = add_change(im, VT__RECORD_FACE, p->id, face->id);
        im->faces[im->face_count++] = (vt__gallery_face){ face->id, p->id, model, 0, face->value.values, face->value.dimension };
    }
    return status;
}

static vt_status gather(importing *im, const vt__moved_person *persons, size_t count, vt__collection_id which, const char *model)
{
    size_t faces = 0;
    for (size_t i = 0; i < count; i++) faces += persons[i].face_count;
    im->changes = vt__calloc(CHECKS + count + faces, sizeof *im->changes);
    im->bodies = vt__calloc(CHECKS + count + faces, sizeof *im->bodies);
    im->faces = vt__calloc(faces + 1, sizeof *im->faces);
    if (!im->changes || !im->bodies || !im->faces) return VT_ENOMEM;
    const vt__record group = { .kind = (uint32_t)(VT__RECORD_COLLECTION + which.kind), .tenant = im->tenant, .scope = im->scope,
                               .owner = "", .id = which.id };
    const vt__record persons_in_it = { .kind = VT__RECORD_PERSON, .tenant = im->tenant, .scope = im->scope };
    uint64_t most = vt__kind_get_rules(which.kind)->max_members;
    im->changes[0] = (vt__change){ VT__REQUIRE, group, 0 };
    im->changes[1] = (vt__change){ VT__LIMIT, persons_in_it, count <= most ? most - count + 1 : 0 };
    im->count = CHECKS;
    vt_status status = VT_OK;
    for (size_t i = 0; i < count && !status; i++) status = add_person(im, &persons[i], model);
    return status;
}

static vt__code commit(importing *im, vt__service *service, vt_error *err)
{
    static const vt__code refusals[] = { VT__CODE_COLLECTION_NOT_FOUND, VT__CODE_QUOTA_EXCEEDED, VT__CODE_CONFLICT };
    uint64_t revision = 0;
    size_t failed = 0;
    pthread_mutex_lock(&service->writing);
    vt_status status = vt__store_commit(&revision, &failed, service->store, im->changes, im->count, err);
    for (size_t i = 0; i < im->face_count; i++) im->faces[i].revision = revision;
    if (!status) vt__gallery_add(service, im->tenant, im->scope, im->faces, im->face_count);
    pthread_mutex_unlock(&service->writing);
    bool refused = status == VT_ENOTFOUND || status == VT_ELIMIT || status == VT_EEXISTS;
    return refused ? vt__code_fail(err, refusals[failed < CHECKS ? failed : CHECKS]) : vt__code_of(status);
}

static void importing_free(importing *im)
{
    for (size_t i = CHECKS; im->bodies && i < im->count; i++) {
        if (im->bodies[i].data) vt__wipe(im->bodies[i].data, im->bodies[i].size);
        vt__buffer_free(&im->bodies[i]);
    }
    vt__free(im->bodies);
    vt__free(im->changes);
    vt__free(im->faces);
}

/* A gallery that is in its files from the first face on need not be built when it is first searched. */
static void begin_files(vt__service *service, const char *tenant, const char *scope)
{
    vt__gallery *gallery = NULL;
    uint64_t faces = 0;
    const vt__query query = { .kind = VT__RECORD_FACE, .tenant = tenant, .scope = scope };
    if (!service->engine || vt__store_count(&faces, service->store, &query, NULL) || faces) return;
    if (vt__gallery_acquire(&gallery, service, tenant, scope, UINT64_MAX, NULL) == VT_OK) vt__gallery_release(gallery);
}

vt__code vt__persons_import(vt__service *service, const vt__caller *caller, vt__collection_id which,
                            const vt__moved_person *persons, size_t count, vt_error *err)
{
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__item item = { 0 };
    vt__scope_text(scope, which);
    importing im = { .tenant = caller->tenant, .scope = scope, .now_ms = vt__service_now_ms(service) };
    vt__code code = check(service, caller, which, VT__ACTION_FACE_WRITE, err);
    if (!code) code = vt__collection_get(&item, service, caller, which, err);
    for (size_t i = 0; i < count && !code; i++) code = check_person(&persons[i], which, err);
    if (!code && gather(&im, persons, count, which, item.recognition_model)) code = vt__code_fail(err, VT__CODE_NO_MEMORY);
    if (!code) {
        begin_files(service, caller->tenant, scope);
        code = commit(&im, service, err);
    }
    size_t faces = im.face_count;
    importing_free(&im);
    vt__item_free(&item);
    return vt__audit_record(service, caller, &(vt__audit_entry){ VT__ACTION_FACE_WRITE, which.id, faces, 0, -1, code });
}
