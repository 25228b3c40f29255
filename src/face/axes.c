#include "face/axes.h"

#include "base/error.h"
#include "base/memory.h"
#include "face/engine.h"

enum { MAX_AXES = 512 };

vt_status vt__engine_axes(vt__axes *out, float **own, const vt_engine *engine, vt_error *err)
{
    const vt__pack *pack = vt__networks_pack(engine->networks);
    const vt__json *entry = vt__json_get(pack->root, "axes");
    const char *file = vt__json_string_or(entry, "file", NULL);
    uint8_t *bytes = NULL;
    size_t size = 0;
    *own = NULL;
    *out = (vt__axes){ engine->dimension, engine->dimension, NULL };
    if (!file) return VT_OK;
    vt_status status = vt__pack_read(&bytes, &size, pack, file, vt__pack_file_digest(pack, file), err);
    if (status) return status;
    int64_t width = vt__json_integer_or(entry, "width", 0);
    if (width < 1 || width > MAX_AXES || size != (size_t)width * engine->dimension * sizeof(float)) {
        vt__free(bytes);
        return vt__fail(err, VT_EMODEL, "%s does not hold %lld axes", file, (long long)width);
    }
    *own = (float *)(void *)bytes;
    *out = (vt__axes){ engine->dimension, (uint32_t)width, *own };
    return VT_OK;
}
