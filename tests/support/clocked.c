#include "support/clocked.h"

#include "support/folder.h"
#include "support/test.h"

static int64_t read_clock(void *context)
{
    return *(const int64_t *)context;
}

vt__service *clocked_open(const int64_t *now_ms, vt_engine *engine, bool evaluation)
{
    vt__service_options options = VT__SERVICE_OPTIONS_INIT;
    vt__service *service;
    vt_error err;
    options.data_folder = test_folder();
    options.engine = engine;
    options.clock = (vt__clock){ read_clock, (void *)now_ms };
    options.evaluation = evaluation;
    options.sweep = false;
    if (vt__service_open(&service, &options, &err) != VT_OK) fail_msg("%s", err.text);
    return service;
}
