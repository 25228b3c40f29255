/* Templates of enrolled persons, for operations that look for them in pictures and videos. */
#ifndef VT_SERVICE_PEOPLE_H
#define VT_SERVICE_PEOPLE_H

#include "service/policy.h"
#include "service/collection.h"

enum { VT__PEOPLE_MAX = 30 };

/* All templates of 1 to VT__PEOPLE_MAX persons of a collection, persons who may not be compared under the caller's use being
 * refused. COLLECTION_NOT_FOUND, PERSON_NOT_FOUND, PERSON_WITHOUT_FACE, NO_CONSENT, BAD_ARGUMENT. Free with vt__free_secret. */
vt__code vt__people_templates(vt_template **out, size_t *count, vt__service *service, const vt__caller *caller, vt__action action,
                              vt__collection_id which, const char *const *persons, size_t person_count, vt_error *err);

#endif
