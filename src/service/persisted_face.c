#include <string.h>

#include "base/memory.h"
#include "service/face_record.h"
#include "service/gallery.h"
#include "service/hold.h"
#include "service/item.h"
#include "service/write.h"

/* Checks that collection and person are there; *model is the collection's, or the one that the place names. */
static vt__code check_place(char model[VT__MODEL_BYTES], vt__service *service, const vt__caller *caller,
                            vt__face_place place, vt_error *err)
{
    vt__records found;
    vt__code code = vt__collection_find(&found, service, caller->tenant, place.collection, err);
    vt__item item = { 0 };
    if (code == VT__CODE_OK && found.count) code = vt__item_of(&item, &found.items[0], err);
    vt__copy_text(model, VT__MODEL_BYTES, found.count ? item.recognition_model : place.recognition_model);
    vt__item_free(&item);
    vt__records_free(&found);
    if (code != VT__CODE_OK) return code;
    bool persons = vt__kind_get_rules(place.collection.kind)->holds_persons;
    if (persons != (place.person_id != NULL)) return vt__code_fail(err, VT__CODE_BAD_ARGUMENT);
    return persons ? vt__person_exists(service, caller->tenant, place.collection, place.person_id, err) : VT__CODE_OK;
}

static void batch_face(vt__batch *batch, vt__face_place place, const char *scope, const char *id, const vt__buffer *body)
{
    const vt__kind_rules *rules = vt__kind_get_rules(place.collection.kind);
    if (place.person_id) {
        vt__batch_add(batch, VT__REQUIRE, VT__RECORD_PERSON, scope, place.person_id, place.person_id,
                      VT__CODE_PERSON_NOT_FOUND);
        vt__batch_limit(batch, VT__RECORD_FACE, scope, place.person_id, rules->max_faces_per_person);
    } else {
        vt__batch_add(batch, VT__REQUIRE, (uint32_t)(VT__RECORD_COLLECTION + place.collection.kind), scope, "",
                      place.collection.id, VT__CODE_COLLECTION_NOT_FOUND);
        vt__batch_limit(batch, VT__RECORD_FACE, scope, NULL, rules->max_members);
    }
    vt__record *r = vt__batch_add(batch, VT__ADD, VT__RECORD_FACE, scope, place.person_id ? place.person_id : "", id,
                                  VT__CODE_CONFLICT);
    r->body = body->data;
    r->body_bytes = body->size;
}

static vt__code add_face(const char *id, vt__service *service, const vt__caller *caller, vt__face_place place,
                         const vt_template *value, const char *model, const char *user_data, vt_error *err)
{
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__scope_text(scope, place.collection);
    vt__buffer body;
    vt__buffer_init(&body, 1 << 16);
    vt__face_pack(&body, user_data, model, value->values, value->dimension);
    vt__batch batch;
    vt__batch_begin(&batch, service, caller);
    batch_face(&batch, place, scope, id, &body);
    uint64_t revision = 0;
    vt__code code = VT__CODE_NO_MEMORY;
    if (body.status == VT_OK) {
        pthread_mutex_lock(&service->writing);
        code = vt__batch_commit(&revision, &batch, service, err);
        if (code == VT__CODE_OK)
            vt__gallery_add(service, caller->tenant, scope,
                            &(vt__gallery_face){ id, place.person_id, model, revision, value->values, value->dimension }, 1);
        pthread_mutex_unlock(&service->writing);
    } else {
        vt__code_fail(err, code);
    }
    if (body.data) vt__wipe(body.data, body.size);
    vt__buffer_free(&body);
    return code;
}

static vt__code check_add(char model[VT__MODEL_BYTES], vt__service *service, const vt__caller *caller,
                          vt__face_place place, const char *user_data, vt_error *err)
{
    vt__code code = vt__policy_check(service, caller, VT__ACTION_FACE_WRITE, err);
    if (code == VT__CODE_OK && !vt__text_fits(user_data, VT__FACE_USER_DATA_MAX_CHARACTERS))
        code = vt__code_fail(err, VT__CODE_USER_DATA_TOO_LONG);
    return code == VT__CODE_OK ? check_place(model, service, caller, place, err) : code;
}

vt__code vt__face_add_template(char out_id[VT__UUID_TEXT_BYTES], vt__service *service, const vt__caller *caller,
                               vt__face_place place, const vt_template *value, const char *user_data, vt_error *err)
{
    char model[VT__MODEL_BYTES];
    vt__code code = check_add(model, service, caller, place, user_data, err);
    if (code == VT__CODE_OK && (value->dimension == 0 || value->dimension > VT_TEMPLATE_MAX_DIMENSION))
        code = vt__code_fail(err, VT__CODE_BAD_ARGUMENT);
    if (code == VT__CODE_OK) {
        vt__uuid_make(out_id);
        code = add_face(out_id, service, caller, place, value, model, user_data, err);
    }
    return vt__audit_record(
        service, caller, &(vt__audit_entry){ VT__ACTION_FACE_WRITE, place.collection.id, 1, 0, -1, code });
}

vt__code vt__face_add(char out_id[VT__UUID_TEXT_BYTES], vt__service *service, const vt__caller *caller,
                      vt_session *session, vt__face_place place, const void *image, size_t image_bytes,
                      const vt__add_face_options *options, vt_error *err)
{
    char model[VT__MODEL_BYTES];
    vt_template value;
    const char *user_data = options ? options->user_data : NULL;
    /* before any work on the picture */
    vt__code code = check_add(model, service, caller, place, user_data, err);
    if (code == VT__CODE_OK)
        code = vt__template_of_image(&value, service, session, image, image_bytes, options ? options->target_face : NULL,
                                     err);
    if (code == VT__CODE_OK) {
        vt__uuid_make(out_id);
        code = add_face(out_id, service, caller, place, &value, model, user_data, err);
    }
    vt__wipe(&value, sizeof value);
    return vt__audit_record(
        service, caller, &(vt__audit_entry){ VT__ACTION_FACE_WRITE, place.collection.id, 1, 0, -1, code });
}

/* The face's record, if it is of this place (and of the place's model in the directory). */
static vt__code find_face(vt__records *out, vt__service *service, const vt__caller *caller, vt__face_place place,
                          const char *face_id, vt_error *err)
{
    char model[VT__MODEL_BYTES], scope[VT__SCOPE_TEXT_BYTES];
    *out = (vt__records){ NULL, 0 };
    vt__code code = check_place(model, service, caller, place, err);
    if (code != VT__CODE_OK) return code;
    vt__scope_text(scope, place.collection);
    const vt__query query = { .kind = VT__RECORD_FACE, .tenant = caller->tenant, .scope = scope,
                              .owner = place.person_id, .id = face_id };
    code = vt__read_one(out, service, &query, VT__CODE_PERSISTED_FACE_NOT_FOUND, err);
    vt__face_fields fields;
    if (code == VT__CODE_OK && place.collection.kind == VT__KIND_DIRECTORY &&
        (!vt__face_unpack(&fields, &out->items[0]) || strcmp(fields.model, model))) {
        vt__records_free(out);
        code = vt__code_fail(err, VT__CODE_PERSISTED_FACE_NOT_FOUND);
    }
    return code;
}

vt__code vt__face_get(vt__item *out, vt__service *service, const vt__caller *caller, vt__face_place place,
                      const char *face_id, vt_error *err)
{
    *out = (vt__item){ 0 };
    vt__records found;
    vt__code code = vt__policy_check(service, caller, VT__ACTION_FACE_READ, err);
    if (code != VT__CODE_OK) return code;
    code = find_face(&found, service, caller, place, face_id, err);
    if (code == VT__CODE_OK) code = vt__item_of(out, &found.items[0], err);
    vt__records_free(&found);
    return code;
}

static vt__code replace_face(vt__service *service, const vt__caller *caller, const vt__record *old,
                             const char *user_data, vt_error *err)
{
    vt__face_fields fields;
    if (!vt__face_unpack(&fields, old)) return vt__code_fail(err, VT__CODE_FAILED);
    vt__buffer body;
    vt__buffer_init(&body, 1 << 16);
    vt__face_pack(&body, user_data, fields.model, fields.values, fields.dimension);
    vt__batch batch;
    vt__batch_begin(&batch, service, caller);
    vt__record *r = vt__batch_add(&batch, VT__REPLACE, VT__RECORD_FACE, old->scope, old->owner, old->id,
                                  VT__CODE_PERSISTED_FACE_NOT_FOUND);
    vt__code code = vt__batch_commit_body(&batch, r, &body, service, err);
    vt__wipe(&fields, sizeof fields);
    vt__buffer_free(&body);
    return code;
}

vt__code vt__face_update(vt__service *service, const vt__caller *caller, vt__face_place place, const char *face_id,
                         const char *user_data, vt_error *err)
{
    vt__records found;
    vt__code code = vt__policy_check(service, caller, VT__ACTION_FACE_WRITE, err);
    if (code != VT__CODE_OK) return code;
    if (!vt__text_fits(user_data, VT__FACE_USER_DATA_MAX_CHARACTERS))
        return vt__code_fail(err, VT__CODE_USER_DATA_TOO_LONG);
    pthread_mutex_lock(&service->writing);
    code = find_face(&found, service, caller, place, face_id, err);
    if (code == VT__CODE_OK) code = replace_face(service, caller, &found.items[0], user_data, err);
    pthread_mutex_unlock(&service->writing);
    vt__records_free(&found);
    return code;
}

vt__code vt__face_delete(vt__service *service, const vt__caller *caller, vt__face_place place, const char *face_id,
                         vt_error *err)
{
    vt__records found;
    vt__code code = vt__policy_check(service, caller, VT__ACTION_FACE_WRITE, err);
    if (code != VT__CODE_OK) return code;
    pthread_mutex_lock(&service->writing);
    code = find_face(&found, service, caller, place, face_id, err);
    if (code == VT__CODE_OK) {
        const vt__record *r = &found.items[0];
        vt__batch batch;
        vt__batch_begin(&batch, service, caller);
        vt__batch_add(&batch, VT__REMOVE, VT__RECORD_FACE, r->scope, r->owner, r->id, VT__CODE_PERSISTED_FACE_NOT_FOUND);
        code = vt__hold_check(service, caller->tenant, r->scope, r->owner, err);
        if (code == VT__CODE_OK) code = vt__batch_commit(NULL, &batch, service, err);
        if (code == VT__CODE_OK) vt__gallery_remove(service, caller->tenant, r->scope, r->id, NULL);
    }
    pthread_mutex_unlock(&service->writing);
    vt__records_free(&found);
    return vt__audit_record(
        service, caller, &(vt__audit_entry){ VT__ACTION_FACE_WRITE, place.collection.id, 1, 0, -1, code });
}

static void keep_model(vt__items *items, const char *model)
{
    size_t kept = 0;
    for (size_t i = 0; i < items->count; i++) {
        if (!strcmp(items->items[i].recognition_model, model)) items->items[kept++] = items->items[i];
        else vt__item_free(&items->items[i]);
    }
    items->count = kept;
}

vt__code vt__face_list(vt__items *out, vt__service *service, const vt__caller *caller, vt__face_place place,
                       vt__page page, vt_error *err)
{
    *out = (vt__items){ NULL, 0 };
    char model[VT__MODEL_BYTES], scope[VT__SCOPE_TEXT_BYTES];
    vt__records found;
    vt__code code = vt__policy_check(service, caller, VT__ACTION_FACE_READ, err);
    if (code == VT__CODE_OK) code = check_place(model, service, caller, place, err);
    if (code != VT__CODE_OK) return code;
    vt__scope_text(scope, place.collection);
    const vt__query query = { .kind = VT__RECORD_FACE, .tenant = caller->tenant, .scope = scope,
                              .owner = place.person_id };
    code = vt__page_find(&found, service, query, page, err);
    if (code == VT__CODE_OK) code = vt__items_of(out, &found, err);
    if (code == VT__CODE_OK && place.collection.kind == VT__KIND_DIRECTORY) keep_model(out, model);
    return code;
}
