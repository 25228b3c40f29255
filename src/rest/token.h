/* Bearer tokens of our own: signed, for a tenant, with scopes and an end. The key that signs them is 32 random bytes in
 * a file of mode 0600; a new file makes all tokens void. Any thread. */
#ifndef VT_REST_TOKEN_H
#define VT_REST_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include <vultus/status.h>

#define VT__TENANT_BYTES 65

typedef struct vt__token_key vt__token_key;

/* Reads the file, making it where it is missing (its folder must be there). */
vt_status vt__token_key_open(vt__token_key **out, const char *path, vt_error *err);
void vt__token_key_close(vt__token_key *key);

typedef struct vt__token {
    char tenant[VT__TENANT_BYTES];
    char key_id[VT__TENANT_BYTES]; /* of the API key that it stands for: its registered uses are the token's */
    int64_t key_since_ms;          /* when that key was made: with another, the token ends */
    uint32_t scopes;
    int64_t expires_ms;
} vt__token;

/* A token's text (vt__free it); NULL: no memory. */
char *vt__token_make(const vt__token_key *key, const vt__token *token);

/* Whether it is one of ours, unchanged and not past its end. Whether its key is still the same, the caller asks. */
bool vt__token_read(vt__token *out, const vt__token_key *key, const char *text, int64_t now_ms);

#endif
