/* A liveness session as the body of its record (docs/formats.md, "Liveness session record"). */
#ifndef VT_SERVICE_LIVENESS_PACKING_H
#define VT_SERVICE_LIVENESS_PACKING_H

#include "service/liveness_session.h"
#include "service/packing.h"

/* Appends to a buffer that the caller wipes: it holds the secret and the template. */
void vt__liveness_pack(vt__buffer *out, const vt__liveness_session *session);

/* False: damaged, or of another version. */
bool vt__liveness_unpack(vt__liveness_session *out, const vt__record *record);

#endif
