/* The engine that tests share whose confidences need a pack's calibration. */
#ifndef VT_TESTS_ENGINE_H
#define VT_TESTS_ENGINE_H

#include <vultus/face.h>

/* Of the pack at hand; without one the program ends as skipped. The caller closes it. */
vt_engine *test_engine(void);

#endif
