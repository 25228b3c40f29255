/* What a network needs to see of an open runtime. */
#ifndef VT_INFER_RUNTIME_STATE_H
#define VT_INFER_RUNTIME_STATE_H

#include "infer/runtime.h"
#include "infer/runtime_abi.h"

struct vt__runtime {
    vt__ort api;
    const char *version;
    vt__ort_env *env;
    vt__ort_memory_info *memory;
    vt__ort_allocator *allocator;
    vt__ort_session_options *options;
};

/* VT_OK for NULL; else fills err with the runtime's message, releases the status, and gives VT_EMODEL. */
vt_status vt__runtime_check(const vt__runtime *runtime, vt__ort_status *status, const char *what, vt_error *err);

#endif
