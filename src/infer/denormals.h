/* How this thread's processor treats denormal floats: numbers too small for full precision, slow to reckon with. */
#ifndef VT_INFER_DENORMALS_H
#define VT_INFER_DENORMALS_H

#include <stdbool.h>

/* Flushes them to zero (true), or reckons with them as IEEE 754 says. Of the calling thread alone. */
void vt__denormals_flush(bool flush);

#endif
