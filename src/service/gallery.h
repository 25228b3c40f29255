/* Templates of a collection in memory, searched while others write.
 *
 * A gallery is loaded from the store when first searched, and from then on every commit that adds or deletes a face is
 * applied to it before it is acknowledged. Readers take no lock: a slot is written once, then made visible by raising
 * the count; deleting sets a flag. Writers hold the service's write lock. The scan is the exhaustive float one, so the
 * answer is exact. */
#ifndef VT_SERVICE_GALLERY_H
#define VT_SERVICE_GALLERY_H

#include "service/recognition.h"
#include "service/state.h"

typedef struct vt__galleries vt__galleries;
typedef struct vt__gallery vt__gallery;

vt__galleries *vt__galleries_open(void); /* NULL: no memory */
void vt__galleries_close(vt__galleries *all);

/* The gallery of a scope, loaded if need be; give it back with vt__gallery_release. */
vt_status vt__gallery_acquire(vt__gallery **out, vt__service *service, const char *tenant, const char *scope, vt_error *err);
void vt__gallery_release(vt__gallery *gallery);

typedef struct vt__search {
    const float *probe;
    uint32_t dimension;
    float min_cosine;
    uint64_t max_revision;         /* faces added later are not seen */
    const char *model;             /* only faces of this recognition model; NULL = any */
    char (*persons)[VT__UUID_TEXT_BYTES]; /* sorted; only these; NULL = all */
    size_t person_count;
    bool by_person;                /* best face of each person; else faces */
    size_t max_hits;
} vt__search;

typedef struct vt__hit {
    char id[VT__UUID_TEXT_BYTES];
    float cosine;
} vt__hit;

/* hits holds max_hits; falling cosine, ties by id. */
size_t vt__gallery_search(vt__hit *hits, vt__gallery *gallery, const vt__search *search);
/* Whether any live face is visible up to a revision. */
bool vt__gallery_has_faces(vt__gallery *gallery, uint64_t max_revision);

/* The following are called under the write lock, after the commit. Adding to a scope that is not loaded does nothing;
 * one that cannot be applied drops the gallery, so that it is loaded anew. */
void vt__gallery_add(vt__service *service, const char *tenant, const char *scope, const char *face_id,
                     const char *person_id, const char *model, uint64_t revision, const float *values,
                     uint32_t dimension);
void vt__gallery_remove(vt__service *service, const char *tenant, const char *scope, const char *face_id, const char *person_id);
void vt__gallery_drop(vt__service *service, const char *tenant, const char *scope);

#endif
