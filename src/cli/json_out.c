#include "cli/json_out.h"

#include <stdio.h>

#include "base/memory.h"

bool vt__json_print(const vt__json *value, bool indented)
{
    char *text = vt__json_text(value, indented);
    if (text) printf("%s\n", text);
    else fprintf(stderr, "vultus: out of memory for the answer\n");
    vt__free(text);
    return text != NULL;
}
