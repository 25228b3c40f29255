/* The inside of a gallery: an index a recognition model, in files of the data folder where that can be written. */
#ifndef VT_SERVICE_SHELF_H
#define VT_SERVICE_SHELF_H

#include <stdatomic.h>

#include "match/index.h"
#include "service/face_record.h"
#include "service/gallery.h"

/* Recognition models in one collection: the directory may hold several. */
enum { VT__MAX_SHELVES = 8 };

typedef struct vt__shelf {
    char model[VT__MODEL_BYTES];
    uint32_t dimension;
    vt__index *index;
} vt__shelf;

struct vt__gallery {
    char tenant[VT__COLLECTION_ID_MAX + 1];
    char scope[VT__SCOPE_TEXT_BYTES];
    atomic_int references;  /* the table's and each reader's */
    uint64_t base;          /* faces up to this revision are labelled 0, later ones by how much later */
    _Atomic uint64_t newest; /* revision of the last face in it */
    vt__shelf shelves[VT__MAX_SHELVES];
    atomic_size_t shelf_count; /* raised once a shelf is whole */
    bool in_memory;         /* the data folder cannot be written */
    vt__gallery *next;
    uint64_t used;          /* when it was last asked for; under the table's lock, as next is */
};

vt__shelf *vt__shelf_find(vt__gallery *g, const char *model, uint32_t dimension);
uint32_t vt__gallery_label(const vt__gallery *g, uint64_t revision);
size_t vt__gallery_rows(vt__gallery *g);

/* The following are called under the service's write lock.
 * Adds a face; not yet counted in the files. */
vt_status vt__gallery_append(vt__gallery *g, vt__service *service, const vt__gallery_face *face, vt_error *err);
/* All faces out of the store, into new files. */
vt_status vt__gallery_fill(vt__gallery *g, vt__service *service, uint64_t max_revision, vt_error *err);
/* The shelves as the files hold them, of whatever revision: *revision. VT_ENOTFOUND where there are none. */
vt_status vt__gallery_open_files(uint64_t *revision, vt__gallery *g, vt__service *service, vt_error *err);
/* Lets the files stand for what the store holds now. */
void vt__gallery_stamp(vt__gallery *g, vt__service *service);
/* Whether there are as many faces as the store holds. */
bool vt__gallery_is_whole(vt__gallery *g, vt__service *service);
/* Whether a scope has files; and their end. */
bool vt__gallery_has_files(const vt__service *service, const char *tenant, const char *scope);
void vt__gallery_unlink(const vt__service *service, const char *tenant, const char *scope);

#endif
