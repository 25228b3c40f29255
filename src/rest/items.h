/* Collections, persons and faces in the wire's words: which the request names, and how they are written. */
#ifndef VT_REST_ITEMS_H
#define VT_REST_ITEMS_H

#include "rest/call.h"

/* "personGroupId" for VT__KIND_PERSON_GROUP. */
const char *vt__kind_id_name(vt__kind kind);

/* The collection that the path names. A malformed id is answered 400 when `creating`, else as one that is not there. */
bool vt__read_collection(vt__collection_id *out, vt__call *call, bool creating);

/* The id that the body names a collection by; *out is NULL where the member is absent. A malformed id is answered 400. */
bool vt__read_collection_member(const char **out, vt__call *call, vt__kind kind);

/* The id in the path; a malformed one is answered like an unknown one. */
bool vt__read_person_id(const char **out, vt__call *call);
bool vt__read_face_id(const char **out, vt__call *call);

/* Persons, faces: their place and page from the request. */
bool vt__read_page(vt__page *out, vt__call *call);

vt__json *vt__collection_json(const vt__item *item, vt__kind kind, bool with_model);
vt__json *vt__person_json(const vt__item *item, bool with_faces);
vt__json *vt__persisted_face_json(const vt__item *item);
/* An array of the ids. */
vt__json *vt__ids_json(const vt__items *items);
/* {name: text} */
vt__json *vt__one_json(const char *name, const char *text);

/* Writes a list with `write` and frees it. */
void vt__answer_items(vt__call *call, vt__items *items, vt__json *(*write)(const vt__item *item));

/* 202 with operation-location of an operation that is recorded as done. Location names what was made (`resource`,
 * "/persons/ID", with a body), or the operation where `resource` is NULL: what it was is deleted. The body, when not
 * NULL, is taken over. */
void vt__answer_accepted(vt__call *call, const char *resource, vt__json *body);

#endif
