/* Liveness sessions in the wire's shapes: that of v1.2 and later, and that of the earlier previews. */
#ifndef VT_REST_LIVENESS_JSON_H
#define VT_REST_LIVENESS_JSON_H

#include "rest/call.h"
#include "service/liveness_session.h"

/* `token` "" in all answers but that of create. */
vt__json *vt__liveness_json(const vt__liveness_session *session, const char *token, vt__api_version version, int64_t now_ms);
vt__json *vt__liveness_json_preview(const vt__liveness_session *session, int64_t now_ms, bool with_result);
/* One attempt as an audit entry. */
vt__json *vt__liveness_json_audit(const vt__liveness_session *session, size_t attempt);
vt__json *vt__liveness_json_reference(const vt__liveness_session *session);

#endif
