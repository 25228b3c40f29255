/* The archive that the `video` commands work on. */
#ifndef VT_CLI_ARCHIVE_OPEN_H
#define VT_CLI_ARCHIVE_OPEN_H

#include <vultus/archive.h>

#include "cli/args.h"

/* By --archive NAME: folder archives/NAME in VULTUS_HOME, key keys/archive-NAME.key there (mode 0600). With `make` both are made
 * when absent; else VT_ENOTFOUND. On failure says why and returns an exit code other than 0. */
int vt__archive_open(vt_archive **out, const vt__args *args, bool make);

#endif
