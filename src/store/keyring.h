/* The master key: from hex text, or a file of mode 0600 that is made on first use. */
#ifndef VT_STORE_KEYRING_H
#define VT_STORE_KEYRING_H

#include "base/crypto.h"

/* `hex` (64 digits) wins over folder/master.key. VT_EDENIED: others may read the file. Text of errors holds no key. */
vt_status vt__master_key_load(uint8_t out[VT__KEY_BYTES], const char *hex, const char *folder, vt_error *err);

/* A key of 64 hex digits out of a file that nobody else may read; with `make` a new one where there is no file. */
vt_status vt__key_file_load(uint8_t out[VT__KEY_BYTES], const char *path, bool make, vt_error *err);

/* ---- the next master key: a file beside master.key is the standing order to rotate to it ---- */

/* Writes the order: the key of the file `given`, or a new one where it is NULL. VT_EEXISTS: a rotation is under way. */
vt_status vt__next_key_order(const char *folder, const char *given, vt_error *err);
bool vt__next_key_ordered(const char *folder);
vt_status vt__next_key_load(uint8_t out[VT__KEY_BYTES], const char *folder, vt_error *err);
/* Makes it folder/master.key; the bytes of the old file are overwritten. */
vt_status vt__next_key_adopt(const char *folder, vt_error *err);

#endif
