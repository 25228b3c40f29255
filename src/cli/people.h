/* Named people out of pictures given on the command line. */
#ifndef VT_CLI_PEOPLE_H
#define VT_CLI_PEOPLE_H

#include "cli/engine_open.h"

typedef struct vt__people {
    vt_template *items;
    char **names; /* of the file, without ending, or of its folder where that lies within the folder given */
    size_t count;
} vt__people;

/* "a.jpg,b.jpg,FOLDER": one template a picture, of its largest face. Free with vt__people_free in every case. */
vt_status vt__people_read(vt__people *out, const vt__work *work, const char *list, vt_error *err);
void vt__people_free(vt__people *people);

#endif
