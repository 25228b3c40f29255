/* Commits whose every change has a code of its own for when it refuses. */
#ifndef VT_SERVICE_WRITE_H
#define VT_SERVICE_WRITE_H

#include "base/buffer.h"
#include "service/state.h"

enum { VT__BATCH_MAX = 8 };

/* A small batch on the stack. Texts and bodies are borrowed until the commit. */
typedef struct vt__batch {
    const char *tenant;
    int64_t now_ms;
    vt__change changes[VT__BATCH_MAX];
    vt__code codes[VT__BATCH_MAX];
    size_t count;
} vt__batch;

void vt__batch_begin(vt__batch *batch, vt__service *service, const vt__caller *caller);
/* `code` is the answer when this change refuses (VT_ENOTFOUND, VT_EEXISTS, VT_ELIMIT). Returns the record to fill on. */
vt__record *vt__batch_add(vt__batch *batch, vt__change_op op, uint32_t kind, const char *scope, const char *owner,
                          const char *id, vt__code code);
void vt__batch_limit(vt__batch *batch, uint32_t kind, const char *scope, const char *owner, uint64_t limit);
/* The caller holds service->writing. *revision may be NULL. */
vt__code vt__batch_commit(uint64_t *revision, vt__batch *batch, vt__service *service, vt_error *err);
/* The same with what was packed as the body of `record`, one of the batch's; refused where packing ran out of memory. */
vt__code vt__batch_commit_body(vt__batch *batch, vt__record *record, const vt__buffer *body, vt__service *service, vt_error *err);

/* The one record of a query, or `missing` when there is none. */
vt__code vt__read_one(vt__records *out, vt__service *service, const vt__query *query, vt__code missing, vt_error *err);

#endif
