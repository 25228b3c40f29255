/* A JSON answer on standard output. */
#ifndef VT_CLI_JSON_OUT_H
#define VT_CLI_JSON_OUT_H

#include <stdbool.h>

#include "base/json.h"

/* Prints one value and a line end; `value` stays the caller's. False, with a line on standard error, without memory. */
bool vt__json_print(const vt__json *value, bool indented);

#endif
