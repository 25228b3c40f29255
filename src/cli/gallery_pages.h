/* Every person of a person group, or every group of a kind, page after page. */
#ifndef VT_CLI_GALLERY_PAGES_H
#define VT_CLI_GALLERY_PAGES_H

#include "cli/gallery_open.h"
#include "service/collection.h"

/* Calls `see` with each, ascending by id, until one answers with a code that is not OK, which is returned. */
vt__code vt__each_item(vt__gallery_work *work, bool persons, vt__code (*see)(void *payload, const vt__item *item, vt_error *err),
                       void *payload, vt_error *err);

#endif
