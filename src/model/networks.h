/* The networks of an open pack, each loaded when it is first needed, once, whichever thread comes first. */
#ifndef VT_MODEL_NETWORKS_H
#define VT_MODEL_NETWORKS_H

#include "infer/network.h"
#include "model/manifest.h"

typedef struct vt__networks vt__networks;

/* Opens the pack and the runtime: `runtime_path`, else the pack's own after its digest is checked, else what the loader
 * finds as libonnxruntime.so.1. */
vt_status vt__networks_open(vt__networks **out, const char *folder, const char *runtime_path, vt_error *err);
void vt__networks_close(vt__networks *networks);

const vt__pack *vt__networks_pack(const vt__networks *networks);

/* The network and model of a task, loaded if need be; any thread. VT_EUNSUPPORTED when the pack has none. */
vt_status vt__networks_get(const vt__network **out, const vt__model **model, vt__networks *networks, vt__task task, vt_error *err);

#endif
