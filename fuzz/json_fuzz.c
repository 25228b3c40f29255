/* JSON of a request: what is taken is written and taken again as the same. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vt__json *value, *again;
    vt_error err;
    if (vt__json_parse(&value, data, size, 16, &err)) return 0;
    char *text = vt__json_text(value, false);
    if (!text || vt__json_parse(&again, text, strlen(text), 16, &err)) abort();
    char *same = vt__json_text(again, false);
    if (!same || strcmp(text, same) != 0) abort();
    vt__free(same);
    vt__free(text);
    vt__json_free(again);
    vt__json_free(value);
    return 0;
}
