/* A service without a wire in the test's folder (support/folder.h), whose clock the test moves. */
#ifndef VT_TESTS_CLOCKED_H
#define VT_TESTS_CLOCKED_H

#include "service/service.h"

#define CLOCKED_START_MS INT64_C(1700000000000)

/* Opens what is in the folder. `now_ms` is read at every look at the clock; nothing sweeps by itself. */
vt__service *clocked_open(const int64_t *now_ms, vt_engine *engine, bool evaluation);

#endif
