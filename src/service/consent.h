/* Consent of the persons of a collection: when it was given, how, to which text, until when, and when it was withdrawn.
 *
 * A person whose consent ended is found by no identification and verified by none, under any purpose. Under a purpose that
 * requires consent (api/purposes.tsv) the same holds for persons without one. Whoever has no record is otherwise treated as
 * before. The record stands under the person's own data key, and goes with the person. */
#ifndef VT_SERVICE_CONSENT_H
#define VT_SERVICE_CONSENT_H

#include "base/json.h"
#include "service/collection.h"
#include "service/policy.h"

typedef struct vt__consents vt__consents;
vt__consents *vt__consents_open(void); /* NULL: no memory */
void vt__consents_close(vt__consents *consents);

/* Records what `given` says: "how" and "textVersion" (texts), "given" (a time, now when absent) and "until" (a time, absent = no
 * end). Takes the place of an earlier record. *out is the record as vt__consent_get answers it. Needs the manage scope. */
vt__code vt__consent_set(vt__json **out, vt__service *service, const vt__caller *caller, const char *person_id,
                         const vt__json *given, vt_error *err);
/* With "state": given, notYet, ended, withdrawn or none. PERSON_NOT_FOUND. */
vt__code vt__consent_get(vt__json **out, vt__service *service, const vt__caller *caller, const char *person_id, vt_error *err);
/* In force when it returns; what was recorded stays as proof. A person without a record gets one that says withdrawn. */
vt__code vt__consent_withdraw(vt__service *service, const vt__caller *caller, const char *person_id, vt_error *err);

/* OK, or NO_CONSENT when the person may not be compared. */
vt__code vt__consent_check(vt__service *service, const vt__caller *caller, vt__action action, vt__collection_id which,
                           const char *person_id, vt_error *err);

/* Who of a scope may be found now. `book` NULL: everybody. */
typedef struct vt__consent_rule {
    struct vt__consent_book *book;
    bool required;
    int64_t now_ms;
} vt__consent_rule;
/* Holds the scope's consents still until vt__consent_end. */
vt__code vt__consent_begin(vt__consent_rule *out, vt__service *service, const vt__caller *caller, vt__action action,
                           const char *scope, vt_error *err);
void vt__consent_end(vt__consent_rule *rule);
/* `person`: the 16 bytes of the id; rows without a person are admitted. */
bool vt__consent_admits(const vt__consent_rule *rule, const uint8_t person[16]);

#endif
