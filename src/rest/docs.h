/* The pages of docs/, which the program carries: filled by cmake/embed.cmake, sorted by name. */
#ifndef VT_REST_DOCS_H
#define VT_REST_DOCS_H

#include <stddef.h>

typedef struct vt__doc {
    const char *name; /* "accuracy"; NULL ends the table */
    const unsigned char *text;
    const size_t *bytes;
} vt__doc;

extern const vt__doc vt__docs[];

#endif
