/* Templates of a collection in an exact 1:N index (match/index.h), searched while others write.
 *
 * A gallery is opened from its files, or built from the store, when first searched, and from then on every commit that adds
 * or deletes a face is applied to it and to its files before it is acknowledged. Searching takes no lock that a commit holds: an index of its own for each recognition model,
 * whose rows are labelled by when they were added, so that untrained ones can be left out within the scan. Galleries that
 * were not used for long are closed when others are opened. */
#ifndef VT_SERVICE_GALLERY_H
#define VT_SERVICE_GALLERY_H

#include "match/index.h"
#include "service/recognition.h"
#include "service/state.h"

typedef struct vt__galleries vt__galleries;
typedef struct vt__gallery vt__gallery;

/* At most so many are kept open, two files and a model each (0: 128): beyond, the ones that nobody has searched for longest are
 * closed; those in use stay. NULL: no memory. */
vt__galleries *vt__galleries_open(size_t most);
size_t vt__galleries_count(vt__galleries *all); /* open */
void vt__galleries_close(vt__galleries *all);
/* Upkeep of what is loaded (vt__index_tend); to be called each second or so. */
void vt__galleries_tend(vt__galleries *all);

/* The gallery of a scope, loaded if need be, to be searched up to a revision; give it back with vt__gallery_release. */
vt_status vt__gallery_acquire(vt__gallery **out, vt__service *service, const char *tenant, const char *scope,
                              uint64_t max_revision, vt_error *err);
void vt__gallery_release(vt__gallery *gallery);

typedef struct vt__search {
    const float *probe;
    uint32_t dimension;
    const char *model;             /* only faces of this recognition model */
    float min_cosine;
    uint64_t max_revision;         /* faces added later are not seen; as given to acquire */
    const char *const *persons;    /* only these; NULL = all */
    size_t person_count;
    bool by_person;                /* best face of each person; else faces */
    size_t max_hits;               /* 1 to VT__SIMILAR_MAX */
    const struct vt__consent_rule *consent; /* who may be found; NULL = everybody */
} vt__search;

typedef struct vt__hit {
    char id[VT__UUID_TEXT_BYTES]; /* the face's, or the person's */
    float cosine;
} vt__hit;

/* hits holds max_hits; falling cosine, ties by face id. A gallery whose files turn out damaged is built anew. */
vt_status vt__gallery_search(vt__hit *hits, size_t *found, vt__service *service, vt__gallery *gallery, const vt__search *search,
                             vt_error *err);
size_t vt__gallery_count(vt__gallery *gallery); /* faces */

typedef struct vt__gallery_face {
    const char *id, *person_id; /* UUIDs; person NULL or "" for none */
    const char *model;
    uint64_t revision;
    const float *values;
    uint32_t dimension;
} vt__gallery_face;

/* A UUID's bytes; zeros for none. */
void vt__gallery_id(vt__index_id *out, const char *uuid);

/* The following are called under the write lock, after the commit. A scope that is neither loaded nor has files is left
 * alone; a change that cannot be applied drops the gallery with its files, so that it is built anew. */
void vt__gallery_add(vt__service *service, const char *tenant, const char *scope, const vt__gallery_face *faces, size_t count);
/* One face, or all of a person. */
void vt__gallery_remove(vt__service *service, const char *tenant, const char *scope, const char *face_id, const char *person_id);
void vt__gallery_drop(vt__service *service, const char *tenant, const char *scope);

#endif
