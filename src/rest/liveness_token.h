/* The token of one liveness session: a JSON Web Token (RFC 7519, HS256) signed with the session's own secret. It carries
 * the address that the device needs, ends by itself, and dies with its session. */
#ifndef VT_REST_LIVENESS_TOKEN_H
#define VT_REST_LIVENESS_TOKEN_H

#include "rest/call.h"
#include "service/liveness_session.h"

/* vt__free it; NULL: no memory. */
char *vt__liveness_token_make(const vt__liveness_session *session, const char *tenant, const char *address);
/* The same for the hosted page: opens it, and serves nowhere else. `callback` "" for none. */
char *vt__liveness_link_make(const vt__liveness_session *session, const char *tenant, const char *callback);

/* The session of the request's bearer token; else answers 401 and returns NULL. Sets call->caller. vt__free_secret it.
 * *token borrows from the request. */
vt__liveness_session *vt__liveness_token_session(const char **token, vt__call *call);
/* The same for a link's token; *callback to vt__free. */
vt__liveness_session *vt__liveness_link_session(char **callback, vt__call *call);

#endif
