/* Templates of persons who do not exist. */
#ifndef VT_TESTS_MADE_UP_H
#define VT_TESTS_MADE_UP_H

#include <vultus/face.h>

/* 512 numbers: the same for the same person but for a little noise by `shot`. */
vt_template made_up_face(uint32_t person, uint32_t shot);

#endif
