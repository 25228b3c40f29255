/* The scopes of keys by name. */
#ifndef VT_SERVICE_SCOPE_H
#define VT_SERVICE_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

bool vt__scope_parse(uint32_t *out, const char *names); /* "detect,manage" */
const char *vt__scope_name(uint32_t scope);            /* of one bit */

#endif
