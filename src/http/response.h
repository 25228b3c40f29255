/* A response as a value. Nothing is allocated by starting one. */
#ifndef VT_HTTP_RESPONSE_H
#define VT_HTTP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VT__HTTP_MAX_RESPONSE_HEADERS 24
#define VT__HTTP_RESPONSE_TEXT_BYTES 4096

typedef struct vt__http_response_field {
    const char *name;      /* static text */
    uint16_t value_offset; /* into texts */
} vt__http_response_field;

/* A body that is read piece by piece while it is sent, on the connections' thread: MUST be quick. */
typedef struct vt__http_body_source {
    bool (*read)(void *payload, void *out, size_t *size_bytes, uint64_t offset); /* *size_bytes: wanted, then got */
    void (*free)(void *payload);
    void *payload; /* NULL: none */
} vt__http_body_source;

typedef struct vt__http_response {
    int status;               /* 0 until decided */
    const char *content_type; /* static text; NULL: none is sent */
    uint8_t *body;            /* owned (vt__free) unless body_is_static */
    size_t body_bytes;
    bool body_is_static;
    vt__http_body_source source; /* whose `source_bytes` bytes are the body instead; owned */
    uint64_t source_bytes;
    int file;                 /* > 0: descriptor whose bytes are the body instead; owned */
    uint64_t file_bytes;
    bool close;               /* end the connection after this answer */
    const char *error_code;   /* static text for logs and counters; NULL when none */
    vt__http_response_field headers[VT__HTTP_MAX_RESPONSE_HEADERS];
    size_t header_count;
    char texts[VT__HTTP_RESPONSE_TEXT_BYTES];
    size_t texts_used;
} vt__http_response;

void vt__http_response_init(vt__http_response *response);
void vt__http_response_free(vt__http_response *response);

/* Adds a header; `name` is static text, the value is copied. Line ends in the value become spaces. False: no room. */
bool vt__http_response_header(vt__http_response *response, const char *name, const char *value);
/* The value of a header that was added, NULL when there is none. */
const char *vt__http_response_get_header(const vt__http_response *response, const char *name);

/* Sets the body, which it takes over (NULL becomes status 500 with no body: no memory). */
void vt__http_response_body(vt__http_response *response, int status, const char *content_type, uint8_t *body,
                            size_t body_bytes);
void vt__http_response_text(vt__http_response *response, int status, const char *content_type, char *text);
/* As above with bytes that live for ever. */
void vt__http_response_static(vt__http_response *response, int status, const char *content_type, const void *body,
                              size_t body_bytes);
/* As above with bytes that are read as they are sent; the source is taken over. */
void vt__http_response_source(vt__http_response *response, int status, const char *content_type, vt__http_body_source source,
                              uint64_t size_bytes);
void vt__http_response_empty(vt__http_response *response, int status);

#endif
