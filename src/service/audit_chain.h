/* Writing one tenant's audit: records go to the day's file at once (a killed process loses none), and the signed head
 * follows within a second. One user at a time. */
#ifndef VT_SERVICE_AUDIT_CHAIN_H
#define VT_SERVICE_AUDIT_CHAIN_H

#include "service/audit_line.h"

typedef struct vt__audit_chain vt__audit_chain;

/* How the files stood at opening. */
typedef struct vt__audit_found {
    int64_t cut;      /* records that the signed head names and the files lack; the chain goes on from the head, so that
                         the gap stays visible */
    int64_t unsealed; /* records behind the head: written in the last second before a kill, or forged */
} vt__audit_found;

/* Goes on behind what the files hold. `signing` is borrowed. VT_EINTEGRITY: the head is not this installation's. */
vt_status vt__audit_chain_open(vt__audit_chain **out, vt__audit_found *found, const char *data_folder, const char *tenant,
                               const vt__signing *signing, vt_error *err);
/* Signs the head first, if something was added. */
void vt__audit_chain_close(vt__audit_chain *chain, int64_t now_ms);

/* Begins the next record's line; add members to it and give it to append. */
void vt__audit_chain_next(vt__audit_line *line, const vt__audit_chain *chain, int64_t now_ms);
/* Ends the line and writes it. On failure the file is as before. */
vt_status vt__audit_chain_append(vt__audit_chain *chain, vt__audit_line *line, int64_t now_ms, vt_error *err);

/* Makes what was added durable and signs the head, when something was added. */
vt_status vt__audit_chain_seal(vt__audit_chain *chain, int64_t now_ms, vt_error *err);

/* Removes the files of the days before the one of `before_ms`; the head remembers where the chain now begins. */
vt_status vt__audit_chain_prune(size_t *removed, vt__audit_chain *chain, int64_t before_ms, int64_t now_ms, vt_error *err);

#endif
