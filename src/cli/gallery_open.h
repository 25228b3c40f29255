/* The data folder that the enrolling and searching commands work on, without a server. */
#ifndef VT_CLI_GALLERY_OPEN_H
#define VT_CLI_GALLERY_OPEN_H

#include "cli/engine_open.h"
#include "service/audit.h"
#include "service/recognition.h"

#define VT__GALLERY_OPTIONS                                                                                           \
    { "data", "FOLDER", NULL, "where records and keys live (default: data in VULTUS_HOME)" },                         \
    { "evaluation", NULL, NULL, "register a 30-day evaluation use, so that recognition answers at once" }
#define VT__TENANT_OPTION { "tenant", "ID", VT__DEFAULT_TENANT, "whose records" }
#define VT__GROUP_OPTION                                                                                              \
    { "group", "ID", "people", "person group to work on" },                                                           \
    { "large", NULL, NULL, "it is a large person group (up to a million persons)" }

typedef struct vt__gallery_work {
    vt__work work; /* empty without an engine */
    vt__service *service;
    vt__caller caller;
    vt__collection_id group;
} vt__gallery_work;

/* Opens the service; on failure says why and returns an exit code other than 0. */
int vt__gallery_work_open(vt__gallery_work *out, const vt__args *args, bool with_engine);
/* The same with an engine, for commands that compare or judge faces out of files alone: only where a registered use permits
 * the action; a refusal stands in the audit, what was done is recorded with vt__audit_record. */
int vt__permitted_work_open(vt__gallery_work *out, const vt__args *args, vt__action action);
void vt__gallery_work_close(vt__gallery_work *work);

/* The data folder by --data, or VULTUS_HOME's. vt__free it; NULL: no memory. */
char *vt__data_folder(const vt__args *args);

/* As vt__complain, for a code of the service. */
int vt__complain_code(const vt__args *args, vt__code code, const vt_error *err);

/* Face ids of the picture's faces (one minute), largest first; with `only_largest` one. */
vt__code vt__faces_of_file(vt__detected *out, vt__gallery_work *work, const char *path, bool only_largest, vt_error *err);

#endif
