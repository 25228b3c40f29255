/* vultus serve: the service over HTTP until a signal ends it. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/engine_open.h"
#include "rest/rest.h"
#ifdef VULTUS_HAVE_VIDEO
#include "video/quiet.h"
#endif

static const vt__option options[] = {
    { "data", "FOLDER", NULL, "where records, keys and indexes live; made on the first start (default: data in VULTUS_HOME)" },
    { "listen", "ADDR:PORT", "127.0.0.1:5000", "where to listen" },
    { "evaluation", NULL, NULL, "register a 30-day evaluation use, so that recognition answers at once" },
    { "tls-cert", "FILE", NULL, "certificate chain, PEM; with --tls-key the server speaks TLS only" },
    { "tls-key", "FILE", NULL, "its key, PEM" },
    { "workers", "N", "0", "threads that work on requests; 0 = one a processor" },
    { "queue", "N", "0", "requests that may wait before 429; 0 = 16 a worker" },
    { "connections", "N", "1024", "connections at one time" },
    { "open-galleries", "N", "128", "collections whose search index is kept open: two files and their templates' codes in memory each" },
    { "max-image", "MIB", "6", "largest picture taken" },
    { "job-workers", "N", "1", "threads of low priority that work on jobs (videos); 0 = no jobs" },
    { "max-video", "MIB", "2048", "largest video taken" },
    { "max-jobs", "N", "100", "jobs that a tenant may have, finished ones too, until they expire" },
    { "job-space", "GIB", "20", "room for uploads and results of all jobs" },
    { "job-hours", "HOURS", "24", "how long a result, or an upload that waits, is kept" },
    { "archive-root", "FOLDER", NULL, "videos in FOLDER/TENANT may be indexed where they lie" },
    { "cors-origin", "ORIGIN", NULL, "origin that web pages may ask from, or *" },
    { "callback-origins", "ORIGINS", NULL, "where the hosted liveness page may lead to at its end (https://app.example,...)" },
    { "url-map", "URL=FOLDER", NULL, "serve picture URLs that begin so from a folder (http://pictures.test/=/srv/pictures)" },
    { "fetch-allow", "NETWORKS", NULL, "networks beside the public internet that picture URLs may lead to (10.0.0.0/8,...)" },
    { "search-recall", "SHARE", "1", "of the best matches, in galleries of 100,000 faces and more; 1 = all, 0.999 is a quarter faster" },
    { "exact", NULL, NULL, "compare with every template in float, for checking: the same answers, about 15 times slower" },
    { "log-level", "LEVEL", "info", "error, warning, info or debug" },
    { NULL, NULL, NULL, NULL },
};

enum { max_pem_bytes = 1 << 20, drain_ms = 4000 };

/* All that a running server holds, opened in this order and closed in the other. */
typedef struct serving {
    const vt__args *args;
    char *data_folder;
    vt__log *log;
    vt_engine *engine;
    vt__service *service;
    vt__metrics *metrics;
    vt__token_key *token_key;
    vt__rest rest;
    vt__networks allowed;
    vt__url_map map;
    char *map_text;
    uint8_t *certificate, *key;
    char address[256];
    vt__http_options http;
    vt__http_server *server;
    char api_key[VT__API_KEY_TEXT_BYTES]; /* "" unless made now or given */
} serving;

static vt_status open_log(serving *s, vt_error *err)
{
    vt__log_level level;
    const char *name = vt__args_get(s->args, "log-level");
    if (!vt__log_level_parse(&level, name))
        return vt__fail(err, VT_EINVAL, "--log-level \"%s\": say error, warning, info or debug", name);
    return vt__log_open(&s->log, STDERR_FILENO, level, err);
}

static vt_status find_data_folder(serving *s, vt_error *err)
{
    const char *given = vt__args_get(s->args, "data");
    char *home = given ? NULL : vt__settings_home();
    s->data_folder = given ? vt__strdup(given) : home ? vt__path_join(home, "data") : NULL;
    vt__free(home);
    return s->data_folder ? VT_OK : vt__fail_memory(err, 0);
}

static vt_status open_engine(serving *s, vt_error *err)
{
    vt_engine_options engine = VT_ENGINE_OPTIONS_INIT;
    engine.commercial = vt__args_on(s->args, "commercial");
    char *folder = vt__pack_folder(s->args);
    vt_status status = folder ? vt_engine_open(&s->engine, folder, &engine, err) : vt__fail_memory(err, 0);
    vt__free(folder);
    return status;
}

static vt_status read_jobs(vt__job_options *out, const vt__args *args, vt_error *err)
{
    double workers = 1, most = 100, video = 2048, space = 20, hours = 24;
    if (!vt__args_number(&workers, args, "job-workers", 0, 64) || !vt__args_number(&most, args, "max-jobs", 1, 100000) ||
        !vt__args_number(&video, args, "max-video", 0.01, 1048576) || !vt__args_number(&space, args, "job-space", 0.001, 1048576) ||
        !vt__args_number(&hours, args, "job-hours", 0.001, 8760))
        return vt__fail(err, VT_EINVAL, "a number is out of range");
    *out = (vt__job_options){ .workers = (int)workers, .most_jobs = (size_t)most, .most_upload_bytes = (uint64_t)(video * 1048576),
                              .most_stored_bytes = (uint64_t)(space * 1073741824), .keep_ms = (int64_t)(hours * 3600000),
                              .archive_root = vt__args_get(args, "archive-root") };
    return VT_OK;
}

static vt_status open_service(serving *s, vt_error *err)
{
    vt__service_options service = VT__SERVICE_OPTIONS_INIT;
    service.data_folder = s->data_folder;
    service.engine = s->engine;
    service.log = s->log;
    service.evaluation = vt__args_on(s->args, "evaluation");
    service.search_by_float = vt__args_on(s->args, "exact");
    double recall = 1, galleries = 0;
    if (!vt__args_number(&galleries, s->args, "open-galleries", 1, 100000)) return vt__fail(err, VT_EINVAL, "--open-galleries wants a number from 1");
    service.open_galleries = (size_t)galleries;
    if (!vt__args_number(&recall, s->args, "search-recall", 0.5, 1)) return vt__fail(err, VT_EINVAL, "--search-recall wants a number from 0.5 to 1");
    service.search_recall = (float)recall;
    vt_status status = read_jobs(&service.jobs, s->args, err);
    return status ? status : vt__service_open(&s->service, &service, err);
}

/* The first key is made, or taken from VULTUS_API_KEY, when there is none; a given one that changed takes its place. */
static vt_status make_key(serving *s, vt_error *err)
{
    vt__api_key_info *keys = NULL, found;
    size_t count = 0;
    const char *given = getenv("VULTUS_API_KEY");
    vt_status status = vt__service_key_list(&keys, &count, s->service, err);
    vt__free(keys);
    if (status) return status;
    if (given && !*given) given = NULL;
    if (given && !vt__service_key_find(&found, s->service, given, NULL)) return VT_OK;
    if (count > 0 && !given) return VT_OK;
    status = vt__service_key_make(s->api_key, s->service, VT__DEFAULT_TENANT, "1", VT__SCOPE_ALL, given, err);
    if (given) vt__wipe(s->api_key, sizeof s->api_key); /* its owner knows it; no need to print it */
    return status;
}

/* VULTUS_OPERATOR_KEY gives the key that manages tenants; without it there is one if `vultus tenant key default` made it. */
static vt_status take_operator_key(serving *s, vt_error *err)
{
    vt__api_key_info found;
    char text[VT__API_KEY_TEXT_BYTES];
    const char *given = getenv("VULTUS_OPERATOR_KEY");
    if (!given || !*given || !vt__service_key_find(&found, s->service, given, NULL)) return VT_OK;
    vt_status status = vt__service_key_make(text, s->service, VT__DEFAULT_TENANT, "operator", VT__SCOPE_OPERATOR, given, err);
    vt__wipe(text, sizeof text);
    return status;
}

static vt_status open_tokens(serving *s, vt_error *err)
{
    char *folder = vt__path_join(s->data_folder, "keys"), *path = folder ? vt__path_join(folder, "token.key") : NULL;
    vt_status status = path ? vt__folder_make(folder, 0700, err) : vt__fail_memory(err, 0);
    if (!status) status = vt__token_key_open(&s->token_key, path, err);
    vt__free(folder);
    vt__free(path);
    return status;
}

static vt_status set_fetching(serving *s, vt_error *err)
{
    vt__fetch_rules *fetch = &s->rest.fetch;
    fetch->max_bytes = s->rest.max_image_bytes;
    fetch->allowed = &s->allowed;
    fetch->cancelled = &s->rest.stopping;
    vt_status status = vt__networks_parse(&s->allowed, vt__args_get(s->args, "fetch-allow"), err);
    const char *map = vt__args_get(s->args, "url-map");
    if (status || !map) return status;
    s->map_text = vt__strdup(map);
    if (!s->map_text) return vt__fail_memory(err, 0);
    fetch->maps = &s->map;
    fetch->map_count = 1;
    return vt__url_map_parse(&s->map, s->map_text, err);
}

static vt_status set_rest(serving *s, vt_error *err)
{
    double mib = 6;
    if (!vt__args_number(&mib, s->args, "max-image", 0.01, 64)) return vt__fail(err, VT_EINVAL, "--max-image is out of range");
    s->rest.service = s->service;
    s->rest.token_key = s->token_key;
    s->rest.log = s->log;
    s->rest.metrics = s->metrics;
    char kernel[48];
    snprintf(kernel, sizeof kernel, "kernel=\"%s\"", vt__cpu_level_name(vt__cpu_get_level()));
    vt__metric_set(vt__metrics_get(s->metrics, VT__METRIC_GAUGE, "vultus_search_kernel", "What 1:N search scans with", kernel), 1);
    s->rest.max_image_bytes = (size_t)(mib * 1048576);
    s->rest.cors_origin = vt__args_get(s->args, "cors-origin");
    s->rest.callback_origins = vt__args_get(s->args, "callback-origins");
    s->rest.started_ms = vt__service_now_ms(s->service);
    return set_fetching(s, err);
}

static vt_status read_tls(serving *s, vt_error *err)
{
    const char *certificate = vt__args_get(s->args, "tls-cert"), *key = vt__args_get(s->args, "tls-key");
    size_t size;
    if (!certificate != !key) return vt__fail(err, VT_EINVAL, "--tls-cert and --tls-key belong together");
    if (!certificate) return VT_OK;
    vt_status status = vt__file_read(&s->certificate, &size, certificate, max_pem_bytes, err);
    if (!status) status = vt__file_read(&s->key, &size, key, max_pem_bytes, err);
    s->http.tls_certificate = (const char *)s->certificate;
    s->http.tls_key = (const char *)s->key;
    return status;
}

/* "127.0.0.1:5000", "[::]:5000" */
static vt_status set_address(serving *s, vt_error *err)
{
    const char *listen = vt__args_get(s->args, "listen"), *colon = strrchr(listen, ':');
    char *end = NULL;
    unsigned long port = colon ? strtoul(colon + 1, &end, 10) : 0;
    size_t size = colon ? (size_t)(colon - listen) : 0;
    if (!colon || end == colon + 1 || *end || port > 65535 || size == 0 || size >= sizeof s->address)
        return vt__fail(err, VT_EINVAL, "--listen \"%s\": write it like 127.0.0.1:5000 or [::1]:5000", listen);
    bool brackets = listen[0] == '[' && listen[size - 1] == ']';
    snprintf(s->address, sizeof s->address, "%.*s", (int)(size - 2u * brackets), listen + brackets);
    s->http.address = s->address;
    s->http.port = (unsigned)port;
    return VT_OK;
}

static vt_status open_server(serving *s, vt_error *err)
{
    double workers = 0, queue = 0, connections = 0;
    if (!vt__args_number(&workers, s->args, "workers", 0, 256) || !vt__args_number(&queue, s->args, "queue", 0, 100000) ||
        !vt__args_number(&connections, s->args, "connections", 1, 100000))
        return vt__fail(err, VT_EINVAL, "a number is out of range");
    s->http.workers = (int)workers;
    s->http.queue = (size_t)queue;
    s->http.max_connections = (unsigned)connections;
    s->http.max_body_bytes = s->rest.max_image_bytes;
    s->http.drain_ms = drain_ms;
    s->http.worker_begin = vt__rest_worker_begin;
    s->http.worker_end = vt__rest_worker_end;
    s->http.worker_context = &s->rest;
    vt__http_handler handler = vt__rest_handler(&s->rest);
    vt_status status = vt__http_server_open(&s->server, &s->http, &handler, err);
    if (!status) atomic_store(&s->rest.server, s->server);
    return status;
}

static vt_status open_all(serving *s, vt_error *err)
{
    static vt_status (*const steps[])(serving *, vt_error *) = { open_log, set_address, read_tls, find_data_folder, open_engine,
                                                                 open_service, make_key, take_operator_key, open_tokens };
    vt_status status = VT_OK;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && !status; i++) status = steps[i](s, err);
    if (!status) status = vt__metrics_open(&s->metrics, err);
    if (!status) status = set_rest(s, err);
    if (!status) status = open_server(s, err);
    return status;
}

static void close_all(serving *s)
{
    atomic_store(&s->rest.stopping, true);
    atomic_store(&s->rest.server, NULL);
    vt__http_server_close(s->server);
    vt__metrics_close(s->metrics);
    vt__token_key_close(s->token_key);
    vt__service_close(s->service);
    vt_engine_close(s->engine);
    vt__log_close(s->log);
    vt__free(s->data_folder);
    vt__free(s->map_text);
    vt__free(s->certificate);
    if (s->key) vt__free_secret(s->key, strlen((char *)s->key));
    vt__wipe(s->api_key, sizeof s->api_key);
}

/* Address, key, and a line that works as pasted. */
static void greet(const serving *s)
{
    const char *scheme = s->http.tls_certificate ? "https" : "http", *host = s->address;
    bool any = !strcmp(host, "0.0.0.0") || !strcmp(host, "::"), six = strchr(host, ':') && !any;
    unsigned port = vt__http_server_port(s->server);
    printf("vultus %s serves on %s://%s%s%s:%u\n", VULTUS_VERSION, scheme, six ? "[" : "", any ? "127.0.0.1" : host, six ? "]" : "", port);
    printf("data     %s\n", s->data_folder);
    const char *given = getenv("VULTUS_API_KEY");
    if (s->api_key[0]) printf("API key  %s\n", s->api_key);
    else if (given && *given) printf("API key  the one in VULTUS_API_KEY\n");
    else printf("API key  made on the first start; POST /vultus/v1/keys/2 makes another\n");
    const char *picture = getenv("VULTUS_SAMPLE");
    printf("try      curl %s-H 'Ocp-Apim-Subscription-Key: %s' -H 'Content-Type: application/octet-stream' --data-binary @%s "
           "'%s://%s%s%s:%u/face/v1.2/detect?returnFaceId=false&detectionModel=detection_03&returnFaceAttributes=headPose,mask'\n",
           s->http.tls_certificate ? "-k " : "", s->api_key[0] ? s->api_key : "YOUR-KEY", picture ? picture : "photo.jpg", scheme,
           six ? "[" : "", any ? "127.0.0.1" : host, six ? "]" : "", port);
    fflush(stdout);
}

/* The log level anew, from vultus.ini where it is not given before it. Keys need no reload: see service/key_ring.h. */
static void reload(serving *s)
{
    vt__log_level level;
    vt__settings *fresh = NULL;
    const char *name = vt__args_get(s->args, "log-level");
    if (vt__file_exists("vultus.ini") && !vt__settings_open(&fresh, "vultus.ini", NULL)) {
        vt__args again = *s->args;
        again.settings = fresh;
        name = vt__args_get(&again, "log-level");
    }
    if (vt__log_level_parse(&level, name)) vt__log_set_level(s->log, level);
    vt__log_text(s->log, VT__LOG_INFO, "reload", "log level %s; API keys count as soon as they change", name);
    vt__settings_close(fresh);
}

/* Signals are taken here, by no thread's handler; blocked before any thread starts. */
static void serve_until_told(serving *s, int signals)
{
    struct signalfd_siginfo info;
    while (read(signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo != SIGHUP) break;
        reload(s);
    }
    vt__log_text(s->log, VT__LOG_INFO, "stop", "answers under way may finish for %d ms", drain_ms);
}

static int run(const vt__args *args)
{
    serving s = { .args = args };
    vt_error err;
    sigset_t set;
#ifdef VULTUS_HAVE_VIDEO
    vt__video_quiet();
#endif
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    int signals = signalfd(-1, &set, SFD_CLOEXEC);
    int code = EXIT_FINE;
    if (open_all(&s, &err)) {
        vt__complain(args, &err);
        code = EXIT_BROKEN_SETUP;
    } else {
        greet(&s);
        serve_until_told(&s, signals);
    }
    close_all(&s);
    close(signals);
    return code;
}

const vt__command vt__command_serve = {
    "serve", "", "answer Azure Face clients over HTTP",
    "The first start makes the data folder, the master key and an API key, which is printed this once; VULTUS_API_KEY "
    "gives one instead.\nSIGTERM lets answers under way finish and ends within 5 s, SIGHUP reads the log level again.",
    options, run,
};
