/* The errors of the wire, one row each, made from api/errors.tsv. */
#ifndef VT_REST_WIRE_ERROR_H
#define VT_REST_WIRE_ERROR_H

#include <stdbool.h>

#include "http/response.h"

#define X(key, status, code, message) VT__WIRE_##key,
typedef enum vt__wire_error {
#include "rest/errors_table.h"
    VT__WIRE_ERRORS
} vt__wire_error;
#undef X

int vt__wire_error_status(vt__wire_error error);
const char *vt__wire_error_code(vt__wire_error error);

/* Makes the response this error: {"error": {"code", "message"}} with x-ms-error-code, and Retry-After where the
 * status asks for it. `about` stands where the row has "{}" (NULL: ""). Headers set before stay. */
void vt__wire_error_set(vt__http_response *response, vt__wire_error error, const char *about);

#endif
