#include "support/networks.h"

#include <stdio.h>

#include "support/data.h"
#include "support/test.h"

#include "base/file.h"
#include "base/memory.h"
#include "model/manifest.h"

static vt__runtime *shared;

const char *test_runtime_path(void)
{
    static char path[4200];
    const char *folder = test_pack_folder();
    vt__pack pack;
    if (!folder || vt__pack_open(&pack, folder, NULL)) test_skip("no model pack (script/bootstrap makes one)");
    const vt__json *entry = vt__json_get(pack.root, "runtime");
    snprintf(path, sizeof path, "%s/%s", folder, vt__json_string_or(entry, "file", "libonnxruntime.so"));
    vt__pack_close(&pack);
    return path;
}

uint8_t *test_network_bytes(size_t *size_bytes, const char *name)
{
    char path[128];
    uint8_t *bytes;
    vt_error err;
    snprintf(path, sizeof path, "tests/support/networks/%s.onnx", name);
    if (vt__file_read(&bytes, size_bytes, path, 1 << 20, &err)) fail_msg("%s", err.text);
    return bytes;
}

vt__runtime *test_runtime(void)
{
    vt_error err;
    if (!shared && vt__runtime_open(&shared, test_runtime_path(), &err)) fail_msg("%s", err.text);
    return shared;
}

int test_runtime_close(void **state)
{
    (void)state;
    vt__runtime_close(shared);
    shared = NULL;
    return 0;
}

vt__network *test_network(const char *name)
{
    size_t size;
    uint8_t *bytes = test_network_bytes(&size, name);
    vt__network *network = NULL;
    vt_error err;
    if (vt__network_open(&network, test_runtime(), bytes, size, &err)) fail_msg("%s: %s", name, err.text);
    vt__free(bytes);
    return network;
}

void test_pack_of(vt__pack *pack, const char *task, const char *family, const char *name, const char *more)
{
    char text[1024];
    vt_error err;
    int length = snprintf(text, sizeof text,
                          "{\"format\":1,\"models\":[{\"task\":\"%s\",\"family\":\"%s\",\"file\":\"%s.onnx\",\"licence\":\"MIT\","
                          "\"sha256\":\"0000000000000000000000000000000000000000000000000000000000000000\"%s%s}]}",
                          task, family, name, *more ? "," : "", more);
    assert_in_range(length, 1, sizeof text - 1);
    if (vt__pack_parse(pack, "tests/support/networks", text, (size_t)length, &err)) fail_msg("%s", err.text);
}

vt__tensor test_tensor(const char *name, float *data, size_t count)
{
    return (vt__tensor){ .name = name, .data = data, .shape = { 1, (int64_t)count }, .rank = 2, .count = count };
}
