/* Templates of pictures given on the command line. */
#ifndef VT_CLI_TEMPLATES_H
#define VT_CLI_TEMPLATES_H

#include "cli/engine_open.h"

/* Which face of a picture a command means. */
typedef enum vt__which { VT__WHICH_LARGEST = 0, VT__WHICH_CENTRAL } vt__which;

/* The face of `faces` that is meant: the largest, or the one nearest to the picture's centre. */
const vt_face *vt__pick_face(const vt_faces *faces, vt_size size, vt__which which);

/* Template of one face of a picture file. VT_ENOFACE when it holds none. */
vt_status vt__template_of_file(vt_template *out, const vt__work *work, const char *path, vt__which which, vt_error *err);

#endif
