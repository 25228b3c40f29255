/* Liveness sessions as records. */
#ifndef VT_SERVICE_LIVENESS_RECORD_H
#define VT_SERVICE_LIVENESS_RECORD_H

#include "service/liveness_session.h"
#include "service/record_kinds.h"
#include "service/write.h"
#include "store/store.h"

#define VT__SCOPE_LIVENESS_SESSIONS "liveness"
#define VT__SCOPE_LIVENESS_WATCH "liveness-watch"

/* Upper-case hex of a SHA-256. */
void vt__liveness_hex(char out[2 * VT__SHA256_BYTES + 1], const uint8_t hash[VT__SHA256_BYTES]);

/* False: damaged, or past its end. */
bool vt__liveness_still(vt__liveness_session *out, const vt__record *record, int64_t now_ms);
vt__code vt__liveness_read(vt__liveness_session *out, vt__service *service, const vt__caller *caller, const char *id,
                           bool with_verify, vt_error *err);
vt__code vt__liveness_write(vt__service *service, const vt__caller *caller, const vt__liveness_session *session, int op, vt_error *err);
vt__code vt__liveness_keep_image(char out_id[VT__UUID_TEXT_BYTES], vt__service *service, const vt__caller *caller,
                                 const vt__liveness_session *session, const void *jpeg, size_t jpeg_bytes, vt_error *err);

vt__code vt__liveness_commit(vt__service *service, vt__batch *batch, vt_error *err);

#endif
