/* The tiny networks of tests/support/networks (make.py there), run by the pack's ONNX Runtime. */
#ifndef VT_TESTS_NETWORKS_H
#define VT_TESTS_NETWORKS_H

#include "infer/network.h"

/* The pack's runtime library; ends the program as skipped where there is no pack. Static storage. */
const char *test_runtime_path(void);

/* The bytes of networks/NAME.onnx; the caller frees them with vt__free. */
uint8_t *test_network_bytes(size_t *size_bytes, const char *name);

/* One runtime for the program, opened at the first call. */
vt__runtime *test_runtime(void);
void test_runtime_close(void);

/* networks/NAME.onnx, loaded. Close with vt__network_close. */
vt__network *test_network(const char *name);

#endif
