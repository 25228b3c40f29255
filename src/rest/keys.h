/* Who may ask: keys, which may do everything, and signed tokens with scopes and an end. Kept in a folder of mode 0700:
 * `api-keys` (two keys, a line each) and `token-key`. Changing them needs no restart: vt__keys_reload. Any thread. */
#ifndef VT_REST_KEYS_H
#define VT_REST_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include <vultus/status.h>

#define VT__API_KEY_BYTES 65 /* 64 digits and the zero */
#define VT__TENANT_BYTES 65

typedef struct vt__keys vt__keys;

/* Opens the folder, making it and its files where they are missing (*made tells; may be NULL). `given` (may be NULL)
 * becomes the first key where keys are made, and is taken beside those of the file in every case. */
vt_status vt__keys_open(vt__keys **out, bool *made, const char *folder, const char *given, vt_error *err);
void vt__keys_close(vt__keys *keys);

/* Reads the files anew; on failure the old ones stay in force. */
vt_status vt__keys_reload(vt__keys *keys, vt_error *err);

/* The first key, for the line that the program prints when it has made it. */
void vt__keys_first(char out[VT__API_KEY_BYTES], vt__keys *keys);

/* Makes key 1 or 2 anew and writes the file. */
vt_status vt__keys_rotate(char out[VT__API_KEY_BYTES], const char *folder, int number, vt_error *err);

/* Compared in constant time. */
bool vt__keys_has(vt__keys *keys, const char *key);

typedef struct vt__token {
    char tenant[VT__TENANT_BYTES];
    unsigned scopes;
    int64_t expires_ms;
} vt__token;

/* A token's text (vt__free it); NULL: no memory. */
char *vt__token_make(vt__keys *keys, const vt__token *token);

/* Whether it is one of ours, unchanged and not past its end. */
bool vt__token_read(vt__token *out, vt__keys *keys, const char *text, int64_t now_ms);

#endif
