#include "service/item.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/face_record.h"
#include "service/write.h"

bool vt__text_fits(const char *text, size_t limit)
{
    size_t characters = 0;
    for (const char *c = text; c && *c; c++)
        if (((unsigned char)*c & 0xC0) != 0x80 && ++characters > limit) return false;
    return true;
}

vt__code vt__item_check(const char *name, const char *user_data, bool changing, vt_error *err)
{
    if (changing && !name && !user_data) return vt__code_fail(err, VT__CODE_NOTHING_TO_CHANGE);
    if ((!name && !changing) || (name && !name[0])) return vt__code_fail(err, VT__CODE_NAME_EMPTY);
    if (!vt__text_fits(name, VT__NAME_MAX_CHARACTERS)) return vt__code_fail(err, VT__CODE_NAME_TOO_LONG);
    if (!vt__text_fits(user_data, VT__USER_DATA_MAX_CHARACTERS)) return vt__code_fail(err, VT__CODE_USER_DATA_TOO_LONG);
    return VT__CODE_OK;
}

void vt__item_pack(vt__buffer *out, const char *name, const char *user_data, const char *model)
{
    vt__pack_text(out, name);
    vt__pack_text(out, user_data);
    vt__pack_text(out, model);
}

void vt__item_free(vt__item *item)
{
    vt__free(item->name);
    vt__free(item->user_data);
    vt__free(item->face_ids);
    *item = (vt__item){ 0 };
}

void vt__items_free(vt__items *items)
{
    for (size_t i = 0; i < items->count; i++) vt__item_free(&items->items[i]);
    vt__free(items->items);
    *items = (vt__items){ NULL, 0 };
}

static vt__code texts_of(vt__item *out, const vt__record *r, vt_error *err)
{
    vt__unpacking from = vt__unpack_begin(r);
    const char *name = NULL, *user_data, *model = NULL;
    bool face = r->kind == VT__RECORD_FACE;
    if (face) {
        user_data = vt__unpack_text(&from);
        model = vt__unpack_text(&from);
    } else {
        name = vt__unpack_text(&from);
        user_data = vt__unpack_text(&from);
        model = vt__unpack_text(&from);
    }
    if (from.bad) {
        vt__fail(err, VT_EFORMAT, "a record is damaged");
        return VT__CODE_FAILED;
    }
    out->name = vt__strdup(name);
    out->user_data = vt__strdup(user_data);
    vt__copy_text(out->recognition_model, sizeof out->recognition_model, model);
    if ((name && !out->name) || (user_data && !out->user_data)) return vt__code_fail(err, VT__CODE_NO_MEMORY);
    return VT__CODE_OK;
}

vt__code vt__item_of(vt__item *out, const vt__record *record, vt_error *err)
{
    *out = (vt__item){ 0 };
    vt__copy_text(out->id, sizeof out->id, record->id);
    out->created_ms = record->created_ms;
    if (record->kind == VT__RECORD_MEMBER || record->kind == VT__RECORD_REFERENCE) return VT__CODE_OK;
    vt__code code = texts_of(out, record, err);
    if (code != VT__CODE_OK) vt__item_free(out);
    return code;
}

vt__code vt__items_of(vt__items *out, vt__records *records, vt_error *err)
{
    *out = (vt__items){ vt__calloc(records->count + 1, sizeof *out->items), 0 };
    vt__code code = out->items ? VT__CODE_OK : vt__code_fail(err, VT__CODE_NO_MEMORY);
    for (size_t i = 0; i < records->count && code == VT__CODE_OK; i++) {
        code = vt__item_of(&out->items[i], &records->items[i], err);
        if (code == VT__CODE_OK) out->count++;
    }
    vt__records_free(records);
    if (code != VT__CODE_OK) vt__items_free(out);
    return code;
}

static vt__code replace_item(vt__service *service, const vt__caller *caller, const vt__record *old, vt__code missing,
                             const char *name, const char *user_data, vt_error *err)
{
    vt__item item;
    vt__code code = vt__item_of(&item, old, err);
    if (code != VT__CODE_OK) return code;
    vt__buffer body;
    vt__buffer_init(&body, 1 << 20);
    vt__item_pack(&body, name ? name : item.name, user_data ? user_data : item.user_data, item.recognition_model);
    vt__batch batch;
    vt__batch_begin(&batch, service, caller);
    vt__record *r = vt__batch_add(&batch, VT__REPLACE, old->kind, old->scope, old->owner, old->id, missing);
    code = vt__batch_commit_body(&batch, r, &body, service, err);
    vt__buffer_free(&body);
    vt__item_free(&item);
    return code;
}

vt__code vt__item_update(vt__service *service, const vt__caller *caller, const vt__query *which, vt__code missing,
                         const char *name, const char *user_data, vt_error *err)
{
    vt__code code = vt__item_check(name, user_data, true, err);
    if (code != VT__CODE_OK) return code;
    vt__records old;
    pthread_mutex_lock(&service->writing);
    code = vt__read_one(&old, service, which, missing, err);
    if (code == VT__CODE_OK) code = replace_item(service, caller, &old.items[0], missing, name, user_data, err);
    pthread_mutex_unlock(&service->writing);
    vt__records_free(&old);
    return code;
}

vt__code vt__page_find(vt__records *out, vt__service *service, vt__query query, vt__page page, vt_error *err)
{
    *out = (vt__records){ NULL, 0 };
    if ((page.start && strlen(page.start) > 128) || page.top > VT__LIST_TOP_MAX) {
        vt__fail(err, VT_EINVAL, "start takes at most 64 characters, top 1 to %d", VT__LIST_TOP_MAX);
        return VT__CODE_BAD_ARGUMENT;
    }
    query.after = page.start ? page.start : "";
    query.limit = page.top ? page.top : VT__LIST_TOP_MAX;
    return vt__code_of(vt__store_find(out, service->store, &query, err));
}
