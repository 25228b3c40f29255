/* A gallery as lines of JSON, beside a file of sealed templates; docs/formats.md. */
#ifndef VT_CLI_GALLERY_LINES_H
#define VT_CLI_GALLERY_LINES_H

#include "base/crypto.h"
#include "base/json.h"
#include "service/transfer.h"

/* First line: what the group is. */
vt__json *vt__gallery_head_json(const vt__item *group);
/* VT_EFORMAT when it is another kind of file; texts are borrowed from `head`. */
vt_status vt__gallery_head_read(const char **name, const char **user_data, const char **model, const vt__json *head, vt_error *err);

/* The file of templates, open at its end or for reading at any place. */
typedef struct vt__template_file {
    int descriptor;
    char *path;
    uint64_t size;
    const uint8_t *key; /* VT__KEY_BYTES */
} vt__template_file;
vt_status vt__template_file_begin(vt__template_file *file, vt_error *err);
vt_status vt__template_file_check(const vt__template_file *file, vt_error *err);

/* A person a line; the templates go to the file. */
vt_status vt__gallery_person_json(vt__json **out, const vt__moved_person *person, vt__template_file *templates, vt_error *err);
/* VT_EFORMAT, VT_EINTEGRITY: sealed with another key or changed. Free with vt__moved_persons_free what was begun. */
vt_status vt__gallery_person_read(vt__moved_person *out, const vt__json *line, const vt__template_file *templates, vt_error *err);

#endif
