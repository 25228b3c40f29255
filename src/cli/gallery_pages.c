#include "cli/gallery_pages.h"

#include <stdio.h>

vt__code vt__each_item(vt__gallery_work *work, bool persons, vt__code (*see)(void *payload, const vt__item *item, vt_error *err),
                       void *payload, vt_error *err)
{
    char start[VT__COLLECTION_ID_MAX + 1] = "";
    vt__code code = VT__CODE_OK;
    for (size_t got = VT__LIST_TOP_MAX; got == VT__LIST_TOP_MAX && !code;) {
        vt__items items;
        const vt__page page = { start, 0 };
        code = persons ? vt__person_list(&items, work->service, &work->caller, work->group, page, err)
                       : vt__collection_list(&items, work->service, &work->caller, work->group.kind, page, err);
        if (code) return code;
        got = items.count;
        for (size_t i = 0; i < got && !code; i++) code = see(payload, &items.items[i], err);
        if (got) snprintf(start, sizeof start, "%s", items.items[got - 1].id);
        vt__items_free(&items);
    }
    return code;
}
