/* Checking one tenant's audit from its files and the public key alone. */
#ifndef VT_SERVICE_AUDIT_VERIFY_H
#define VT_SERVICE_AUDIT_VERIFY_H

#include "service/audit_files.h"

typedef struct vt__audit_verdict {
    bool sound;
    int64_t records;   /* read */
    int64_t removed;   /* taken away by retention before the first */
    int64_t unsealed;  /* behind the signed head */
    size_t files, days; /* day files; signed statements of ended days that were compared */
    int64_t sealed_ms; /* when the head was signed */
    char wrong[256];   /* what is wrong and where, when not sound */
} vt__audit_verdict;

/* `folder` holds the day files, days.jsonl and head.json (DATA/audit/TENANT or an export). A failed check is no error: see
 * verdict->sound. Errors: VT_ENOTFOUND when there is no audit, VT_EIO, VT_ENOMEM. */
vt_status vt__audit_verify(vt__audit_verdict *out, const char *folder, const uint8_t public_key[VT__SIGN_PUBLIC_BYTES],
                           vt_error *err);

#endif
