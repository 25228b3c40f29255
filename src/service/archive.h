/* Archives of videos in which people are found again: named folders of sealed records (<vultus/archive.h>), each under a key of
 * its own that lies in the archive's record. All is recognition (ARCHIVE), on files only. */
#ifndef VT_SERVICE_ARCHIVE_H
#define VT_SERVICE_ARCHIVE_H

#include "base/json.h"
#include "service/job.h"

enum { VT__ARCHIVES_MAX = 100, VT__ARCHIVE_HITS_MAX = 10000 };

/* `name`: letters a to z, digits, - and _, at most 64. BAD_ARGUMENT, ARCHIVE_EXISTS, QUOTA_EXCEEDED. */
vt__code vt__archive_create(vt__service *service, const vt__caller *caller, const char *name, vt_error *err);
/* Ends the jobs that index into it, and destroys its key and folder. ARCHIVE_NOT_FOUND, as all below. */
vt__code vt__archive_delete(vt__service *service, const vt__caller *caller, const char *name, vt_error *err);
/* [{"archive", "created"}] */
vt__code vt__archive_list(vt__json **out, vt__service *service, const vt__caller *caller, vt_error *err);
/* {"archive", "created", "videos": [{"videoId", "video", "duration", "tracks"}]} */
vt__code vt__archive_get(vt__json **out, vt__service *service, const vt__caller *caller, const char *name, vt_error *err);

/* Takes a video out for good, whole or in the making. VIDEO_NOT_FOUND; CONFLICT while it is being indexed. */
vt__code vt__archive_remove_video(vt__service *service, const vt__caller *caller, const char *name, const char *video_id, vt_error *err);

/* Has an upload indexed under a title, as a job. Takes the upload over in any case. *out as vt__job_get. */
vt__code vt__archive_add_upload(vt__json **out, vt__service *service, const vt__caller *caller, const char *name, vt__upload *upload,
                                const char *title, vt_error *err);
/* Has the videos of a folder indexed where they lie, those that are unchanged left out. `folder` is below the tenant's own
 * of the root that the installation names; BAD_ARGUMENT for any other. */
vt__code vt__archive_add_folder(vt__json **out, vt__service *service, const vt__caller *caller, const char *name, const char *folder,
                                vt_error *err);

typedef struct vt__archive_wish {
    const vt_template *probes; /* of a picture; else persons are named */
    size_t probe_count;
    vt__collection_id people_in;
    const char *const *people;
    size_t people_count;
    float min_confidence;
    size_t most;
} vt__archive_wish;

/* The template of a picture's one face, or of the one in `target` (may be NULL), to search with. */
vt__code vt__archive_probe(vt_template *out, vt__service *service, const vt__caller *caller, vt_session *session, const void *image,
                           size_t image_bytes, const vt_box *target, vt_error *err);

/* {"hits": [{"video", "from", "to", "best", "confidence"}]}, seconds, highest confidence first. */
vt__code vt__archive_search(vt__json **out, vt__service *service, const vt__caller *caller, const char *name, const vt__archive_wish *wish,
                            vt_error *err);

/* For a program that fills or reads an archive itself, after the same gate; stands in the audit as `operation`. vt_archive_close it. */
struct vt_archive;
vt__code vt__archive_open(struct vt_archive **out, vt__service *service, const vt__caller *caller, const char *name, const char *operation,
                          vt_error *err);

/* ---- for jobs and deletion ---- */

/* vt_archive_close it. */
vt__code vt__archive_open_for(struct vt_archive **out, vt__service *service, const char *tenant, const char *name, vt_error *err);
/* The folder that a tenant may have indexed, resolved; vt__free. NULL: there is none, or it is none of the tenant's. */
char *vt__archive_source(const vt__service *service, const char *tenant, const char *folder);
/* The records of all of a tenant's; vt__records_free. */
vt__code vt__archives_of(vt__records *out, vt__service *service, const char *tenant, vt_error *err);
/* Removes the folders of all of a tenant's, whose records go next. */
vt__code vt__archives_drop_tenant(vt__service *service, const char *tenant, vt_error *err);

#endif
