#include "service/audit_head.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

static vt__json *link_json(const vt__audit_link *link)
{
    char hash[2 * VT__SHA256_BYTES + 1];
    vt__json *json = vt__json_object();
    vt__hex_encode(hash, link->hash, VT__SHA256_BYTES);
    vt__json_set_integer(json, "number", link->number);
    vt__json_set_string(json, "hash", hash);
    return json;
}

vt_status vt__audit_head_text(char **out, const vt__audit_head *head, const vt__signing *signing, vt_error *err)
{
    char time[VT__TIME_TEXT_BYTES];
    vt__time_text(time, head->time_ms);
    vt__json *json = vt__json_object();
    vt__json_set_string(json, "statement", "vultus audit head 1");
    vt__json_set_string(json, "tenant", head->tenant);
    vt__json_set_string(json, "time", time);
    vt__json_set(json, "base", link_json(&head->base));
    vt__json_set(json, "last", link_json(&head->last));
    vt_status status = vt__signing_sign(json, signing, err);
    *out = status ? NULL : vt__json_text(json, false);
    vt__json_free(json);
    return status ? status : *out ? VT_OK : vt__fail_memory(err, 1);
}

static bool read_link(vt__audit_link *out, const vt__json *json)
{
    const char *hash = vt__json_string_or(json, "hash", "");
    out->number = vt__json_integer_or(json, "number", -1);
    return out->number >= 0 && strlen(hash) == 2 * VT__SHA256_BYTES && vt__hex_decode(out->hash, sizeof out->hash, hash);
}

vt_status vt__audit_head_read(vt__audit_head *out, const char *text, size_t size_bytes,
                              const uint8_t public_key[VT__SIGN_PUBLIC_BYTES], vt_error *err)
{
    vt__json *json;
    vt_status status = vt__json_parse(&json, text, size_bytes, 0, err);
    if (status) return status;
    const char *tenant = vt__json_string_or(json, "tenant", "");
    if (strcmp(vt__json_string_or(json, "statement", ""), "vultus audit head 1") || strlen(tenant) >= sizeof out->tenant ||
        !vt__time_parse(&out->time_ms, vt__json_string_or(json, "time", "")) || !read_link(&out->base, vt__json_get(json, "base")) ||
        !read_link(&out->last, vt__json_get(json, "last")))
        status = vt__fail(err, VT_EFORMAT, "this is no head of an audit");
    else if (!vt__signing_valid(json, public_key))
        status = vt__fail(err, VT_EINTEGRITY, "the head of the audit is not signed by this installation's key");
    if (!status) snprintf(out->tenant, sizeof out->tenant, "%s", tenant);
    vt__json_free(json);
    return status;
}
