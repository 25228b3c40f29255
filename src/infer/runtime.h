/* ONNX Runtime, loaded at run time: never linked, because its symbols are versioned per release. */
#ifndef VT_INFER_RUNTIME_H
#define VT_INFER_RUNTIME_H

#include <vultus/status.h>

typedef struct vt__runtime vt__runtime;

/* Loads the library at `path`. VT_ENOTFOUND when it is not there, VT_EMODEL when it is no ONNX Runtime or too old.
 * Any number may be open; all threads may share one. */
vt_status vt__runtime_open(vt__runtime **out, const char *path, vt_error *err);
void vt__runtime_close(vt__runtime *runtime);

/* "1.23.2". */
const char *vt__runtime_version(const vt__runtime *runtime);

#endif
