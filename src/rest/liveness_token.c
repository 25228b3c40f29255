#include "rest/liveness_token.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "http/address.h"
#include "rest/items.h"
#include "service/liveness_record.h"
#include "service/tenant.h"

enum { max_token_bytes = 2048 };

static const char header[] = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"; /* {"alg":"HS256","typ":"JWT"} */

static void sign(char out[64], const vt__liveness_session *session, const char *text, size_t size)
{
    uint8_t mac[VT__SHA256_BYTES];
    vt__hmac_sha256(mac, session->secret, sizeof session->secret, text, size);
    vt__base64url_encode(out, mac, sizeof mac);
}

/* Takes `json` with the claims that differ, and adds those that all have. */
static char *make(vt__json *json, const vt__liveness_session *session, const char *tenant)
{
    char mac[64], *token = NULL, *claim = NULL, *encoded = NULL;
    vt__json_set_string(json, "sid", session->id);
    vt__json_set_string(json, "tid", tenant);
    vt__json_set_bool(json, "verify", session->with_verify);
    vt__json_set_integer(json, "iat", session->created_ms / 1000);
    vt__json_set_integer(json, "exp", session->created_ms / 1000 + session->ttl_s);
    char *text = vt__json_text(json, false);
    vt__json_free(json);
    if (text) encoded = vt__malloc(vt__base64url_length(strlen(text)) + 1, 1);
    if (encoded) {
        vt__base64url_encode(encoded, text, strlen(text));
        claim = vt__format("%s.%s", header, encoded);
    }
    if (claim) {
        sign(mac, session, claim, strlen(claim));
        token = vt__format("%s.%s", claim, mac);
    }
    vt__free(text);
    vt__free(encoded);
    vt__free(claim);
    return token;
}

char *vt__liveness_token_make(const vt__liveness_session *session, const char *tenant, const char *address)
{
    return make(vt__one_json("address", address), session, tenant);
}

char *vt__liveness_link_make(const vt__liveness_session *session, const char *tenant, const char *callback)
{
    vt__json *json = vt__one_json("callback", callback);
    vt__json_set_bool(json, "link", true);
    return make(json, session, tenant);
}

/* The claims, not yet believed. */
static vt__json *read_claims(const char *token)
{
    char text[max_token_bytes];
    size_t size, begin = sizeof header;
    vt__json *claims = NULL;
    const char *end = strrchr(token, '.');
    if (strlen(token) >= max_token_bytes || strncmp(token, header, begin - 1) != 0 || token[begin - 1] != '.' || end <= token + begin) return NULL;
    if (!vt__base64url_decode(text, sizeof text, &size, token + begin, (size_t)(end - token) - begin)) return NULL;
    return vt__json_parse(&claims, text, size, 4, NULL) ? NULL : claims;
}

/* Whether the device calls from where the application expects it. */
static bool from_expected(const vt__liveness_session *session, const char *peer)
{
    vt__networks networks;
    if (!session->expected_client[0]) return true;
    return vt__networks_parse(&networks, session->expected_client, NULL) == VT_OK && vt__networks_hold(&networks, peer);
}

static bool believe(vt__liveness_session *out, vt__call *call, const char *token, const vt__json *claims)
{
    char mac[64];
    const char *end = strrchr(token, '.'), *tenant = vt__json_string_or(claims, "tid", "");
    bool verify = vt__json_bool_or(claims, "verify", false);
    if (strlen(tenant) >= sizeof call->request->tenant) return false;
    snprintf(call->request->tenant, sizeof call->request->tenant, "%s", tenant);
    call->caller.tenant = call->request->tenant;
    call->caller.scopes = VT__SCOPE_LIVENESS;
    if (vt__tenant_suspended(call->service, tenant)) return false;
    /* the application's use was checked when it made the session; the device has a token, no key */
    if (vt__liveness_read(out, call->service, &call->caller, vt__json_string_or(claims, "sid", ""), verify, NULL) != VT__CODE_OK) return false;
    sign(mac, out, token, (size_t)(end - token));
    if (strlen(end + 1) != strlen(mac) || !vt__equal_secret(end + 1, mac, strlen(mac))) return false;
    if (!from_expected(out, call->request->peer)) return false;
    return vt__service_now_ms(call->service) / 1000 < vt__json_integer_or(claims, "exp", 0);
}

/* A link's token opens the hosted page and does nothing else; a device's does all but that. */
static vt__liveness_session *session_of(const char **token, char **callback, vt__call *call, bool link)
{
    const char *given = vt__http_header(call->request, "Authorization");
    vt__liveness_session *session = vt__calloc(1, sizeof *session);
    *token = given && strncasecmp(given, "Bearer ", 7) == 0 ? given + 7 : "";
    vt__json *claims = read_claims(*token);
    bool good = session && claims && vt__json_bool_or(claims, "link", false) == link && believe(session, call, *token, claims);
    if (good && callback) *callback = vt__strdup(vt__json_string_or(claims, "callback", ""));
    vt__json_free(claims);
    if (good) return session;
    vt__free_secret(session, sizeof *session);
    vt__call_fail(call, VT__WIRE_LIVENESS_TOKEN);
    return NULL;
}

vt__liveness_session *vt__liveness_token_session(const char **token, vt__call *call)
{
    return session_of(token, NULL, call, false);
}

vt__liveness_session *vt__liveness_link_session(char **callback, vt__call *call)
{
    const char *token;
    *callback = NULL;
    return session_of(&token, callback, call, true);
}
