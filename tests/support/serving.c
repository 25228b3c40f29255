#include "support/serving.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "support/data.h"

static void must(vt_status status, const vt_error *err)
{
    if (!status) return;
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}

static int64_t read_clock(void *context)
{
    return atomic_load((_Atomic int64_t *)context);
}

static void open_with(serving *s, bool evaluation, const vt__clock *clock)
{
    memset(s, 0, sizeof *s);
    vt_error err;
    snprintf(s->folder, sizeof s->folder, "/tmp/vultus-serving-XXXXXX");
    if (!mkdtemp(s->folder)) exit(1);
    const char *pack = test_pack_folder();
    if (pack) must(vt_engine_open(&s->engine, pack, NULL, &err), &err);
    char data[80], key_path[96], made[VT__API_KEY_TEXT_BYTES];
    snprintf(data, sizeof data, "%s/data", s->folder);
    snprintf(key_path, sizeof key_path, "%s/token.key", s->folder);
    vt__service_options options = VT__SERVICE_OPTIONS_INIT;
    options.data_folder = data;
    options.engine = s->engine;
    options.evaluation = evaluation;
    snprintf(s->archive_root, sizeof s->archive_root, "%s/videos", s->folder);
    mkdir(s->archive_root, 0700);
    char own[100];
    snprintf(own, sizeof own, "%s/" VT__DEFAULT_TENANT, s->archive_root);
    mkdir(own, 0700);
    options.jobs = (vt__job_options){ .workers = 1, .archive_root = s->archive_root };
    if (clock) options.clock = *clock;
    must(vt__service_open(&s->service, &options, &err), &err);
    must(vt__service_key_make(made, s->service, VT__DEFAULT_TENANT, "1", VT__SCOPE_ALL, SERVING_KEY, &err), &err);
    must(vt__token_key_open(&s->token_key, key_path, &err), &err);
    must(vt__metrics_open(&s->metrics, &err), &err);
    s->rest = (vt__rest){ .service = s->service, .token_key = s->token_key, .metrics = s->metrics,
                          .max_image_bytes = (size_t)6 << 20 };
    s->rest.fetch.max_bytes = s->rest.max_image_bytes;
    s->rest.fetch.timeout_ms = 1000;
    vt__http_options http = { .workers = 2, .worker_begin = vt__rest_worker_begin, .worker_end = vt__rest_worker_end,
                              .worker_context = &s->rest, .idle_ms = 1000, .body_ms = 700 };
    vt__http_handler handler = vt__rest_handler(&s->rest);
    must(vt__http_server_open(&s->server, &http, &handler, &err), &err);
    atomic_store(&s->rest.server, s->server);
    s->port = vt__http_server_port(s->server);
}

void serving_open(serving *s)
{
    open_with(s, true, NULL);
}

void serving_open_unregistered(serving *s)
{
    open_with(s, false, NULL);
}

void serving_open_clocked(serving *s, _Atomic int64_t *now_ms)
{
    open_with(s, false, &(vt__clock){ read_clock, now_ms });
}

void serving_open_at(serving *s, vt__clock clock)
{
    open_with(s, true, &clock);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    return remove(path);
}

void serving_close(serving *s)
{
    vt__http_server_close(s->server);
    vt__service_close(s->service);
    vt__token_key_close(s->token_key);
    vt__metrics_close(s->metrics);
    vt_engine_close(s->engine);
    nftw(s->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int serving_begin(void **state)
{
    static serving s;
    serving_open(&s);
    *state = &s;
    return 0;
}

int serving_end(void **state)
{
    serving_close(*state);
    return 0;
}
