/* What a data subject may ask for: everything held on a person, and its erasure everywhere, each answered by a document that
 * the installation signs (vt__signing_valid checks it). A subject is named by a person id or a persisted face id. */
#ifndef VT_SERVICE_SUBJECT_H
#define VT_SERVICE_SUBJECT_H

#include "base/json.h"
#include "service/state.h"

/* Every record on the subject, readable; the numbers of templates only with `templates`. Needs the manage scope, no
 * registered use: a right does not end with a purpose. Free with vt__json_free. PERSON_NOT_FOUND: nothing is held. */
vt__code vt__subject_export(vt__json **out, vt__service *service, const vt__caller *caller, const char *id, bool templates,
                            vt_error *err);

/* Destroys the keys and records of the subject in every collection, group, list and index, its keys in the backups' key
 * files, and the tracks in archives that its templates find. *receipt says what and where. HELD: under legal hold, nothing was touched. */
vt__code vt__subject_erase(vt__json **receipt, vt__service *service, const vt__caller *caller, const char *id, vt_error *err);

/* The same without a receipt, scope or record in the audit, for retention. *removed: records. */
vt__code vt__subject_remove(size_t *removed, vt__service *service, const char *tenant, const char *id, vt_error *err);

/* "person", "face" ... for a kind of record; "record" for others. */
const char *vt__record_kind_name(uint32_t kind);

#endif
