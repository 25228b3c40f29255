/* Memory for a network's input that grows to the largest asked for and is used again. */
#ifndef VT_MODEL_SCRATCH_H
#define VT_MODEL_SCRATCH_H

#include <stddef.h>

#include <vultus/status.h>

typedef struct vt__scratch {
    float *floats;
    size_t capacity;
} vt__scratch;

/* At least `count` floats, not cleared. */
vt_status vt__scratch_need(vt__scratch *scratch, size_t count, vt_error *err);
void vt__scratch_free(vt__scratch *scratch);

#endif
