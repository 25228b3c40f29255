#include "base/memory.h"
#include "store/records.h"

#include <string.h>

#include "base/error.h"

static char *place(char **at, const char *text, size_t bytes)
{
    char *start = *at;
    memcpy(start, text, bytes);
    start[bytes] = '\0';
    *at += bytes + 1;
    return start;
}

vt_status vt__records_append(vt__records *records, const vt__record *from, vt_error *err)
{
    if ((records->count & (records->count - 1)) == 0) {
        size_t capacity = records->count ? records->count * 2 : 1;
        vt__record *grown = vt__realloc(records->items, capacity, sizeof *grown);
        if (!grown) return vt__fail_memory(err, capacity * sizeof *grown);
        records->items = grown;
    }
    const char *texts[] = { from->tenant, from->scope, from->owner, from->id };
    size_t lengths[4], total = from->body_bytes + 8;
    for (int i = 0; i < 4; i++) total += (lengths[i] = strlen(texts[i])) + 1;
    char *block = vt__malloc(total, 1), *at = block;
    if (!block) return vt__fail_memory(err, total);
    vt__record *to = &records->items[records->count++];
    *to = *from;
    to->tenant = place(&at, texts[0], lengths[0]);
    to->scope = place(&at, texts[1], lengths[1]);
    to->owner = place(&at, texts[2], lengths[2]);
    to->id = place(&at, texts[3], lengths[3]);
    to->body = (uint8_t *)at;
    if (from->body_bytes) memcpy(at, from->body, from->body_bytes);
    at[from->body_bytes] = '\0';
    return VT_OK;
}

void vt__record_release(vt__record *record)
{
    if (record->body_bytes) vt__wipe((uint8_t *)record->body, record->body_bytes);
    vt__free((char *)record->tenant);
}

void vt__records_free(vt__records *records)
{
    for (size_t i = 0; i < records->count; i++) vt__record_release(&records->items[i]);
    vt__free(records->items);
    *records = (vt__records){ NULL, 0 };
}
