/* The one record after every operation: who, when, what, in which collection, with what outcome; no image, template or
 * name. Records are chained and signed by tenant (audit_chain.h), so that a changed, cut or moved one is found. */
#ifndef VT_SERVICE_AUDIT_H
#define VT_SERVICE_AUDIT_H

#include "service/policy.h"
#include "service/signing.h"

typedef struct vt__audit vt__audit;

/* `signing` and `log` are borrowed. */
vt_status vt__audit_open(vt__audit **out, const char *data_folder, const vt__signing *signing, vt__log *log, vt_error *err);
void vt__audit_close(vt__audit *audit, int64_t now_ms);
/* Signs what was recorded since the last call. To be called each second. */
void vt__audit_seal(vt__audit *audit, int64_t now_ms);
/* Removes a tenant's whole days before a time. */
vt_status vt__audit_prune(size_t *removed, vt__audit *audit, const char *tenant, int64_t before_ms, int64_t now_ms, vt_error *err);
/* False when the last record could not be written: nothing that must be recorded may then be done. Tries again. */
bool vt__audit_writable(vt__audit *audit, const char *tenant, int64_t now_ms);

typedef struct vt__audit_entry {
    vt__action action;
    const char *scope; /* collection, may be NULL */
    size_t faces;      /* probes or faces touched */
    size_t matches;
    float threshold;   /* negative = none */
    vt__code code;
} vt__audit_entry;

/* Records the entry and returns its code, so that an operation can end with it. */
vt__code vt__audit_record(vt__service *service, const vt__caller *caller, const vt__audit_entry *entry);

/* An event that is no action of the table ("SUBJECT_ERASE", "REVIEW"); `fields` (may be NULL) is taken and its members
 * are added. Texts in it must be ids, numbers and settings only. */
void vt__audit_event(vt__service *service, const vt__caller *caller, const char *operation, vt__json *fields, vt__code code);

#endif
