/* The engine and session that a command works with. */
#ifndef VT_CLI_ENGINE_OPEN_H
#define VT_CLI_ENGINE_OPEN_H

#include <vultus/face.h>

#include "cli/args.h"

typedef struct vt__work {
    vt_engine *engine;
    vt_session *session;
} vt__work;

/* The pack's folder by --pack, or VULTUS_HOME's default. vt__free it; NULL: no memory. */
char *vt__pack_folder(const vt__args *args);

/* Opens both; on failure says why and returns an exit code other than 0. */
int vt__work_open(vt__work *out, const vt__args *args);
void vt__work_close(vt__work *work);

/* A picture read from a file. */
typedef struct vt__loaded {
    uint8_t *bytes;
    vt_picture *picture;
} vt__loaded;

vt_status vt__load_picture(vt__loaded *out, const char *path, vt_error *err);
void vt__unload_picture(vt__loaded *loaded);

#endif
