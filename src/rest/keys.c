/* Keys made anew and tokens given out, without a restart. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "rest/handlers.h"
#include "rest/items.h"
#include "rest/rest.h"

#define MAX_TOKEN_S (30 * 86400)

void vt__rest_key_rotate(vt__call *call)
{
    char text[VT__API_KEY_TEXT_BYTES];
    vt_error err;
    const char *id = vt__http_param(call->request, "keyId");
    if ((id[0] != '1' && id[0] != '2') || id[1]) {
        vt__call_fail_about(call, VT__WIRE_ARGUMENT, "There are keys 1 and 2.");
        return;
    }
    if (vt__service_key_make(text, call->service, call->caller.tenant, id, VT__SCOPE_ALL, NULL, &err)) {
        vt__call_log_failure(call, "key", &err);
        vt__call_fail_about(call, VT__WIRE_INTERNAL, "%s", call->request->id);
        return;
    }
    vt__call_json(call, 200, vt__one_json("key", text));
    vt__wipe(text, sizeof text);
}

void vt__rest_token_create(vt__call *call)
{
    const char *names;
    int64_t seconds;
    vt__token token = { 0 };
    if (!vt__read_string(&names, call, "scopes") ||
        !vt__read_integer(&seconds, call, "expiresInSeconds", 3600, 60, MAX_TOKEN_S, VT__WIRE_BODY_INVALID))
        return;
    if (!names || !vt__scope_parse(&token.scopes, names) || token.scopes & ~call->caller.scopes) {
        vt__call_fail_about(call, VT__WIRE_ARGUMENT, "Give scopes that you have: detect,recognize,manage,liveness,admin.");
        return;
    }
    vt__api_key_info key;
    vt_error err;
    if (vt__service_key_get(&key, call->service, call->caller.tenant, call->caller.key_id, &err)) {
        vt__call_fail(call, VT__WIRE_UNAUTHORIZED);
        return;
    }
    snprintf(token.tenant, sizeof token.tenant, "%s", key.tenant);
    snprintf(token.key_id, sizeof token.key_id, "%s", key.id);
    token.key_since_ms = key.created_ms;
    token.expires_ms = vt__service_now_ms(call->service) + seconds * 1000;
    char *text = vt__token_make(call->rest->token_key, &token);
    vt__call_json(call, 200, text ? vt__one_json("token", text) : NULL);
    vt__free(text);
}
