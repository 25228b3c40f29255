/* Names and user data of collections and persons, to and from their records. */
#ifndef VT_SERVICE_ITEM_H
#define VT_SERVICE_ITEM_H

#include "service/packing.h"
#include "service/state.h"

/* OK or why name or user data do not do; NULL name is allowed where `changing`. */
vt__code vt__item_check(const char *name, const char *user_data, bool changing, vt_error *err);
void vt__item_pack(vt__buffer *out, const char *name, const char *user_data, const char *model);
/* Texts of the item are the caller's (vt__item_free). */
vt__code vt__item_of(vt__item *out, const vt__record *record, vt_error *err);
/* All records of a find as items; frees the records. */
vt__code vt__items_of(vt__items *out, vt__records *records, vt_error *err);
/* Changes name and user data of a record in place: read, pack, replace. Takes the write lock. */
vt__code vt__item_update(vt__service *service, const vt__caller *caller, const vt__query *which, vt__code missing,
                         const char *name, const char *user_data, vt_error *err);
/* A page of records, checked: BAD_ARGUMENT for a bad start or top. */
vt__code vt__page_find(vt__records *out, vt__service *service, vt__query query, vt__page page, vt_error *err);

#endif
