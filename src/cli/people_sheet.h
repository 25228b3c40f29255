/* The unknown people of an archive as a page to look at and to write names into, and the file of names that it saves. */
#ifndef VT_CLI_PEOPLE_SHEET_H
#define VT_CLI_PEOPLE_SHEET_H

#include "service/transfer.h"
#include "video/archive_people.h"

/* Writes the page, mode 0600. VT_EIO, VT_ENOMEM. */
vt_status vt__people_sheet_write(const char *path, const vt__archive_people *people, const char *archive, vt_error *err);

/* The persons that the page's file names, each with the templates of its best shots. VT_EFORMAT: no such file; VT_ENOTFOUND: a track
 * that the archive does not have. Free with vt__moved_persons_free. */
vt_status vt__people_names_read(vt__moved_person **out, size_t *count, const char *path, const vt__archive_people *people, vt_error *err);

#endif
