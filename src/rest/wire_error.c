#include "rest/wire_error.h"

#include <string.h>

#include "base/json.h"
#include "base/memory.h"

#define X(key, status, code, message) { status, code, message },
static const struct {
    int status;
    const char *code, *message;
} errors[] = {
#include "rest/errors_table.h"
};
#undef X

#define RETRY_AFTER_S "1"

int vt__wire_error_status(vt__wire_error error)
{
    return errors[error].status;
}

const char *vt__wire_error_code(vt__wire_error error)
{
    return errors[error].code;
}

static vt__json *message_of(vt__wire_error error, const char *about)
{
    const char *message = errors[error].message, *gap = strstr(message, "{}");
    if (!gap) return vt__json_string(message);
    char *text = vt__format("%.*s%s%s", (int)(gap - message), message, about ? about : "", gap + 2);
    size_t size = text ? strlen(text) : 0;
    while (size > 0 && text[size - 1] == ' ') text[--size] = 0;
    vt__json *out = text ? vt__json_string(text) : NULL;
    if (text && !out) out = vt__json_string(errors[error].code); /* what is said about was no UTF-8 */
    vt__free(text);
    return out;
}

void vt__wire_error_set(vt__http_response *response, vt__wire_error error, const char *about)
{
    vt__json *inner = vt__json_object(), *outer = vt__json_object();
    vt__json_set_string(inner, "code", errors[error].code);
    vt__json_set(inner, "message", message_of(error, about));
    vt__json_set(outer, "error", inner);
    vt__http_response_text(response, errors[error].status, "application/json; charset=utf-8", vt__json_text(outer, false));
    vt__json_free(outer);
    response->error_code = errors[error].code;
    vt__http_response_header(response, "x-ms-error-code", errors[error].code);
    if (errors[error].status == 429 || errors[error].status == 503)
        vt__http_response_header(response, "Retry-After", RETRY_AFTER_S);
}
