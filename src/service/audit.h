/* The one record after every operation: who, what, in which collection, with what outcome; no image, template or name. */
#ifndef VT_SERVICE_AUDIT_H
#define VT_SERVICE_AUDIT_H

#include "service/policy.h"

typedef struct vt__audit_entry {
    vt__action action;
    const char *scope; /* collection, may be NULL */
    size_t faces;      /* probes or faces touched */
    size_t matches;
    float threshold;   /* negative = none */
    vt__code code;
} vt__audit_entry;

/* Writes the entry to the log and returns its code, so that an operation can end with it. */
vt__code vt__audit_record(vt__service *service, const vt__caller *caller, const vt__audit_entry *entry);

#endif
