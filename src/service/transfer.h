/* Whole persons with their templates, out of a person group and into one: for moving galleries between installations. */
#ifndef VT_SERVICE_TRANSFER_H
#define VT_SERVICE_TRANSFER_H

#include "service/collection.h"

typedef struct vt__moved_face {
    char id[VT__UUID_TEXT_BYTES];
    char *user_data; /* NULL when unset */
    vt_template value;
} vt__moved_face;

typedef struct vt__moved_person {
    char id[VT__UUID_TEXT_BYTES];
    char *name, *user_data; /* user_data NULL when unset */
    vt__moved_face *faces;
    size_t face_count;
} vt__moved_person;

/* Wipes the templates too. */
void vt__moved_persons_free(vt__moved_person *persons, size_t count);

/* A page of a person group's persons by id. The caller needs the scope ADMIN: templates leave. */
vt__code vt__persons_export(vt__moved_person **out, size_t *count, vt__service *service, const vt__caller *caller,
                            vt__collection_id which, vt__page page, vt_error *err);

/* Persons who are not in the group yet, all or none of a call, under the ids they bring. At most
 * VT__IMPORT_MAX_FACES faces a call, unless they are one person's. CONFLICT when an id is taken. */
enum { VT__IMPORT_MAX_FACES = 4096 };
vt__code vt__persons_import(vt__service *service, const vt__caller *caller, vt__collection_id which,
                            const vt__moved_person *persons, size_t count, vt_error *err);

#endif
