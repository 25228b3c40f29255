/* The queue of identifications that a person decides (oversight.h): candidates by id and confidence, no picture, no template.
 * A review stands under a data key of its own in its collection, and expires after VT__REVIEW_DAYS. */
#ifndef VT_SERVICE_REVIEW_H
#define VT_SERVICE_REVIEW_H

#include "base/json.h"
#include "service/recognition.h"

enum { VT__REVIEW_DAYS = 14 };

/* Puts what was found of a face into the queue. */
vt__code vt__review_open(char out_id[VT__UUID_TEXT_BYTES], vt__service *service, const vt__caller *caller, vt__collection_id which,
                         const char *face_id, const vt__candidates *found, vt_error *err);

/* Reviews with the names of their candidates, oldest first; `state` "pending", "confirmed", "rejected" or NULL for all. These
 * need what reading persons needs. */
vt__code vt__review_list(vt__json **out, vt__service *service, const vt__caller *caller, const char *state, vt_error *err);
/* REVIEW_NOT_FOUND. */
vt__code vt__review_get(vt__json **out, vt__service *service, const vt__caller *caller, const char *id, vt_error *err);
/* `person_id`: the candidate who it is; NULL: none of them. CONFLICT when it is decided already, BAD_ARGUMENT for a person who is
 * no candidate. Recorded in the audit. */
vt__code vt__review_decide(vt__service *service, const vt__caller *caller, const char *id, const char *person_id, vt_error *err);

#endif
