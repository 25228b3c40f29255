#include "support/engine.h"

#include <stddef.h>

#include "support/data.h"

vt_engine *test_engine(void)
{
    const char *pack = test_pack_folder();
    vt_engine *engine = NULL;
    vt_error err;
    if (!pack) test_skip("no pack: confidences need its calibration");
    if (vt_engine_open(&engine, pack, NULL, &err) != VT_OK) test_skip(err.text);
    return engine;
}
