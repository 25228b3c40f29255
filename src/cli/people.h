/* Named people out of pictures, or of a person group, as given on the command line. */
#ifndef VT_CLI_PEOPLE_H
#define VT_CLI_PEOPLE_H

#include "cli/gallery_open.h"

#define VT__PEOPLE_HELP "a picture, a folder of NAME.jpg or NAME/*.jpg, a person's id in --group, or several with commas between"

typedef struct vt__people {
    vt_template *items;
    char **names; /* of the person; else of the picture's file, without ending, or of its folder where that lies within the folder given */
    size_t count, room;
} vt__people;

/* "a.jpg,FOLDER,PERSON-ID": a template a picture, of its largest face, and every template of a person. NULL: all persons of the
 * group. A person who may not be compared is refused. Free with vt__people_free in every case. */
vt__code vt__people_read(vt__people *out, vt__gallery_work *work, vt__action action, const char *list, vt_error *err);
void vt__people_free(vt__people *people);

#endif
