/* Perceptual fingerprint of a picture: one bit a step of brightness to the right, over a 17 x 16 grid. */
#ifndef VT_LIVENESS_LOOK_H
#define VT_LIVENESS_LOOK_H

#include <vultus/liveness.h>

void vt__fingerprint(uint8_t out[VT_LIVENESS_FINGERPRINT_BYTES], const vt_pixels *pixels);

#endif
