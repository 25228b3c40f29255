/* The tiny networks of tests/support/networks (make.py there), run by the pack's ONNX Runtime. */
#ifndef VT_TESTS_NETWORKS_H
#define VT_TESTS_NETWORKS_H

#include "infer/network.h"
#include "model/manifest.h"

/* The pack's runtime library; ends the program as skipped where there is no pack. Static storage. */
const char *test_runtime_path(void);

/* The bytes of networks/NAME.onnx; the caller frees them with vt__free. */
uint8_t *test_network_bytes(size_t *size_bytes, const char *name);

/* One runtime for the program, opened at the first call; closed by cmocka's group tear-down. */
vt__runtime *test_runtime(void);
int test_runtime_close(void **state);

/* networks/NAME.onnx, loaded. Close with vt__network_close. */
vt__network *test_network(const char *name);

/* A pack of one model, networks/NAME.onnx, as the manifest's members `more` say ("\"crop\":2" or ""). The model is
 * pack->models[0]. Close with vt__pack_close. */
void test_pack_of(vt__pack *pack, const char *task, const char *family, const char *name, const char *more);

/* A tensor of a decoder's input, for outputs put together by hand. */
vt__tensor test_tensor(const char *name, float *data, size_t count);

#endif
