/* The archive that the `video` commands work on: the service's own, in the data folder, as over REST. */
#ifndef VT_CLI_ARCHIVE_OPEN_H
#define VT_CLI_ARCHIVE_OPEN_H

#include <vultus/archive.h>

#include "cli/gallery_open.h"

typedef struct vt__archive_work {
    vt__gallery_work gallery;
    vt_archive *archive;
} vt__archive_work;

/* Opens the service and the archive of --archive; `make`: it is made when it is not there. `operation` is for the audit
 * ("ARCHIVE_SEARCH"). On failure says why and returns an exit code other than 0. */
int vt__archive_work_open(vt__archive_work *out, const vt__args *args, bool make, const char *operation);
/* Is the file of a video not there any more? Uploads have a title in the place of a path, and never vanish. */
bool vt__archive_vanished(const char *path);
void vt__archive_work_close(vt__archive_work *work);

#endif
