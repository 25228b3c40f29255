/* Numbers that an owner sets for a tenant or a collection: named, ranged, kept sealed in the store and in memory. */
#ifndef VT_SERVICE_SETTING_H
#define VT_SERVICE_SETTING_H

#include "base/json.h"
#include "service/service.h"

enum { VT__SETTING_MEMBERS = 8 };

typedef struct vt__setting_member {
    const char *name; /* on the wire */
    double usual, least, most;
    const char *help;
} vt__setting_member;

typedef struct vt__setting_kind {
    uint32_t record;
    size_t count; /* members, at most VT__SETTING_MEMBERS */
    vt__setting_member members[VT__SETTING_MEMBERS];
} vt__setting_kind;

typedef struct vt__setting_cache vt__setting_cache;
vt__setting_cache *vt__setting_cache_open(void); /* NULL: no memory */
void vt__setting_cache_close(vt__setting_cache *cache);

/* Values in force in a scope ("pg/staff", or VT__SCOPE_TENANT for the tenant's); the usual ones and *set false where none were set. */
vt_status vt__setting_get(double values[VT__SETTING_MEMBERS], bool *set, vt__service *service, const char *tenant, const char *scope,
                          const vt__setting_kind *kind, vt_error *err);
/* Takes the members given, the usual value for the others. BAD_ARGUMENT: err says which is out of what range. */
vt__code vt__setting_put(vt__service *service, const vt__caller *caller, const char *scope, const vt__setting_kind *kind,
                         const vt__json *given, vt_error *err);
/* All members with their values. */
vt__json *vt__setting_json(const double values[VT__SETTING_MEMBERS], const vt__setting_kind *kind);
/* After a scope, or with NULL all of a tenant, was destroyed. */
void vt__setting_forget(vt__service *service, const char *tenant, const char *scope);

#define VT__SCOPE_TENANT "tenant"

#endif
