/* The line of text that a liveness script is kept as: what is read is written as it was understood. */
#include <stdlib.h>
#include <string.h>

#include <vultus/liveness.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[VT_LIVENESS_SCRIPT_TEXT_BYTES], *line = size ? strndup((const char *)data, size) : strdup("");
    vt_liveness_script script = { 0 }, again = { 0 };
    vt_error err;
    if (!vt_liveness_script_read(&script, line, &err) && !vt_liveness_script_write(text, sizeof text, &script, &err)) {
        if (vt_liveness_script_read(&again, text, &err) || again.count != script.count || again.mode != script.mode) abort();
        for (size_t i = 0; i < script.count; i++)
            if (script.steps[i].act != again.steps[i].act || script.steps[i].end_ms != again.steps[i].end_ms) abort();
    }
    free(line);
    return 0;
}
