/* Downloading a file that a caller of the service named by URL (libcurl), guarded against being sent where only the
 * server can go: the address that is really connected to is judged, for every redirect anew. */
#ifndef VT_HTTP_FETCH_H
#define VT_HTTP_FETCH_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "http/address.h"

/* A URL prefix that is served from a folder instead of the network. */
typedef struct vt__url_map {
    const char *prefix;
    const char *folder;
} vt__url_map;

typedef struct vt__fetch_rules {
    size_t max_bytes;
    int64_t timeout_ms;           /* for all of it; 0 = 20,000 */
    const vt__networks *allowed;  /* beside the public addresses; may be NULL */
    const vt__url_map *maps;
    size_t map_count;
    const atomic_bool *cancelled; /* may be NULL; looked at while waiting */
} vt__fetch_rules;

/* *out is freed with vt__free. VT_EINVAL: no http or https URL; VT_EDENIED: an address that is not allowed;
 * VT_ELIMIT: larger than max_bytes; VT_ETIMEOUT; VT_ECANCELLED; VT_EIO: any other failure, an HTTP error too. */
vt_status vt__fetch(uint8_t **out, size_t *out_bytes, const char *url, const vt__fetch_rules *rules, vt_error *err);

/* Splits "http://host/dir/=/srv/pictures" at its last "=" into *out, whose texts point into `text`, which is changed. */
vt_status vt__url_map_parse(vt__url_map *out, char *text, vt_error *err);

#endif
