/* The signed statement of how far one tenant's audit reaches: rewritten each second that something was recorded
 * (head.json) and kept for every day that ended (days.jsonl), so that a cut end or a rewritten past is found. */
#ifndef VT_SERVICE_AUDIT_HEAD_H
#define VT_SERVICE_AUDIT_HEAD_H

#include "service/signing.h"

#define VT__AUDIT_TENANT_BYTES 72

typedef struct vt__audit_link {
    int64_t number;                  /* of a record, from 1; 0 = before the first */
    uint8_t hash[VT__SHA256_BYTES];  /* SHA-256 of the record's line */
} vt__audit_link;

typedef struct vt__audit_head {
    char tenant[VT__AUDIT_TENANT_BYTES];
    vt__audit_link base; /* the last record that retention took away; number 0 and zeros when none was */
    vt__audit_link last;
    int64_t time_ms;
} vt__audit_head;

/* One signed JSON object, a compact line without its end. vt__free it. */
vt_status vt__audit_head_text(char **out, const vt__audit_head *head, const vt__signing *signing, vt_error *err);
/* VT_EFORMAT: no head; VT_EINTEGRITY: not signed by this key. */
vt_status vt__audit_head_read(vt__audit_head *out, const char *text, size_t size_bytes,
                              const uint8_t public_key[VT__SIGN_PUBLIC_BYTES], vt_error *err);

#endif
