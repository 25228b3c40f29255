/* The pictures that a command's operands name: files, folders (searched through), patterns with * and ?. */
#ifndef VT_CLI_INPUTS_H
#define VT_CLI_INPUTS_H

#include <stdint.h>

#include "base/file.h"
#include "cli/args.h"

/* Fills a sorted list; folders give the files with a picture's ending. VT_ENOTFOUND names an operand without any. */
vt_status vt__inputs_find(vt__names *out, const vt__args *args, int first_operand, vt_error *err);

/* The same for one folder. */
vt_status vt__inputs_in_folder(vt__names *out, const char *folder, vt_error *err);

/* A bar on standard error while it is a terminal; nothing otherwise, nor with --quiet. */
typedef struct vt__progress {
    const char *what;
    size_t total;
    int64_t started_ns, drawn_ns;
    bool shown;
} vt__progress;

void vt__progress_begin(vt__progress *progress, const vt__args *args, const char *what, size_t total);
void vt__progress_step(vt__progress *progress, size_t done);
/* Wipes the bar's line, so that other output can stand there. */
void vt__progress_clear(const vt__progress *progress);

#endif
