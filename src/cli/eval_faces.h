/* Running over a folder of pictures with one truth file each. */
#ifndef VT_CLI_EVAL_FACES_H
#define VT_CLI_EVAL_FACES_H

#include "cli/engine_open.h"

/* Called for each picture with its faces; `context` gathers. VT_ENOTFOUND skips a picture without truth. */
typedef vt_status (*vt__judge)(void *context, const char *path, vt_size size, const vt_faces *faces, vt_error *err);

/* Makes the report, and the plot where one is asked for. */
typedef vt_status (*vt__print)(const vt__args *args, const vt_engine *engine, void *context, vt_error *err);

/* Detects in every picture of the folder (first operand) and judges; prints what is wrong. Returns an exit code; the
 * report is the caller's, made by `print` when all went well. */
int vt__eval_faces(const vt__args *args, const vt_detect_options *wanted, vt__judge judge, void *context, vt__print print);

/* Overlap of two boxes: intersection over union. */
float vt__box_overlap(vt_box a, vt_box b);

#endif
