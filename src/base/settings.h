/* Settings from the environment and an ini file (libinih: the only door to it). A setting "max-faces" is read from
 * VULTUS_MAX_FACES, then from the ini file's line "max-faces = ..." outside of any section. Flags, which go before
 * both, are the program's. */
#ifndef VT_BASE_SETTINGS_H
#define VT_BASE_SETTINGS_H

#include <stddef.h>

#include <vultus/status.h>

typedef struct vt__settings vt__settings;

/* Reads an ini file of at most 64 KiB; path NULL or a file that is not there: only the environment.
 * VT_EFORMAT names the line. Caller frees with vt__settings_close. */
vt_status vt__settings_open(vt__settings **out, const char *ini_path, vt_error *err);
void vt__settings_close(vt__settings *settings);

/* The value or NULL. Borrowed; the environment's value is read at each call. */
const char *vt__settings_get(const vt__settings *settings, const char *name);

/* The names that the ini file sets, for finding misspelt ones; NULL at the end. */
const char *vt__settings_name_at(const vt__settings *settings, size_t index);

/* Where state lives: VULTUS_HOME, else $XDG_DATA_HOME/vultus, else ~/.local/share/vultus. vt__free it; NULL: no memory. */
char *vt__settings_home(void);

#endif
