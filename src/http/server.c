#include "http/server.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/error.h"
#include "base/memory.h"
#include "http/exchange.h"

#define SWEEP_MS 500
#define CONNECTION_MEMORY_BYTES ((size_t)48 << 10) /* request line and headers of one connection */

static void fill_defaults(vt__http_options *o)
{
    if (!o->address) o->address = "127.0.0.1";
    if (o->workers < 1) o->workers = vt__cpu_count();
    if (!o->queue) o->queue = 16 * (size_t)o->workers;
    if (!o->max_connections) o->max_connections = 1024;
    if (!o->max_body_bytes) o->max_body_bytes = ((size_t)6 << 20) + ((size_t)64 << 10);
    if (!o->max_bodies_bytes) o->max_bodies_bytes = (size_t)512 << 20;
    if (!o->idle_ms) o->idle_ms = 60000;
    if (!o->body_ms) o->body_ms = 120000;
    if (!o->drain_ms) o->drain_ms = 4000;
}

static int bind_first(const struct addrinfo *found, int *number)
{
    for (const struct addrinfo *a = found; a; a = a->ai_next) {
        int one = 1;
        int s = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (s < 0) {
            *number = errno;
            continue;
        }
        setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        if (bind(s, a->ai_addr, a->ai_addrlen) == 0 && listen(s, 511) == 0) return s;
        *number = errno;
        close(s);
    }
    return -1;
}

static unsigned port_of(int listener)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (getsockname(listener, (struct sockaddr *)&address, &size)) return 0;
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                               : ((struct sockaddr_in *)&address)->sin_port);
}

static vt_status open_listener(vt__http_server *server, vt_error *err)
{
    const vt__http_options *o = &server->options;
    char *port = vt__format("%u", o->port);
    if (!port) return vt__fail_memory(err, 16);
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *found = NULL;
    int code = getaddrinfo(o->address, port, &hints, &found);
    vt__free(port);
    if (code) return vt__fail(err, VT_EINVAL, "cannot listen on \"%s\": %s", o->address, gai_strerror(code));
    int number = 0;
    server->listener = bind_first(found, &number);
    freeaddrinfo(found);
    if (server->listener < 0) return vt__fail_errno(err, VT_EIO, number, "cannot listen on %s:%u", o->address, o->port);
    server->port = port_of(server->listener);
    return VT_OK;
}

static void notify_connection(void *context, struct MHD_Connection *connection, void **slot,
                              enum MHD_ConnectionNotificationCode code)
{
    vt__http_server *server = context;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *slot = info ? vt__connections_add(&server->connections, info->connect_fd) : NULL;
    } else {
        vt__connections_remove(&server->connections, *slot);
        *slot = NULL;
    }
}

/* Escapes are decoded by the request itself, segment by segment: "%2F" is no separator. */
static size_t leave_escaped(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

/* The library prints to standard error unless it is given something else; what matters reaches our own log. */
static void say_nothing(void *context, const char *format, va_list arguments)
{
    (void)context;
    (void)format;
    (void)arguments;
}

static vt_status start_daemon(vt__http_server *server, vt_error *err)
{
    const vt__http_options *o = &server->options;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    if (o->tls_certificate) flags |= MHD_USE_TLS;
    struct MHD_OptionItem tls[] = { { MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)o->tls_certificate },
                                    { MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)o->tls_key },
                                    { MHD_OPTION_END, 0, NULL } };
    struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };
    server->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, vt__exchange_step, server, MHD_OPTION_EXTERNAL_LOGGER, say_nothing, NULL,
        MHD_OPTION_LISTEN_SOCKET, server->listener, MHD_OPTION_CONNECTION_LIMIT, o->max_connections,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY_BYTES, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)((o->idle_ms + 999) / 1000), MHD_OPTION_URI_LOG_CALLBACK, vt__exchange_begin, server,
        MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, MHD_OPTION_NOTIFY_COMPLETED, vt__exchange_end, server,
        MHD_OPTION_NOTIFY_CONNECTION, notify_connection, server, MHD_OPTION_ARRAY, o->tls_certificate ? tls : none,
        MHD_OPTION_END);
    if (server->daemon) return VT_OK;
    if (o->tls_certificate)
        return vt__fail(err, VT_EINVAL, "the TLS certificate or key cannot be used: give both as PEM, belonging together");
    return vt__fail(err, VT_EIO, "the HTTP server does not start on %s:%u", o->address, server->port);
}

static void *sweep(void *context)
{
    vt__http_server *server = context;
    pthread_mutex_lock(&server->sweep_lock);
    while (!atomic_load(&server->ended)) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += SWEEP_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&server->sweep_wake, &server->sweep_lock, &until);
        vt__connections_sweep(&server->connections, server->options.idle_ms * 1000000, server->options.body_ms * 1000000);
    }
    pthread_mutex_unlock(&server->sweep_lock);
    return NULL;
}

static vt_status start_sweeper(vt__http_server *server, vt_error *err)
{
    int number = pthread_create(&server->sweeper, NULL, sweep, server);
    if (number) return vt__fail_errno(err, VT_EIO, number, "cannot start a thread");
    server->sweeping = true;
    return VT_OK;
}

static vt_status start(vt__http_server *server, vt_error *err)
{
    const vt__http_options *o = &server->options;
    vt__pool_options pool = { o->workers, o->queue, o->worker_begin, o->worker_end, o->worker_context };
    vt_status status = open_listener(server, err);
    if (!status) status = vt__pool_open(&server->pool, &pool, err);
    if (!status) status = start_daemon(server, err);
    if (!status) status = start_sweeper(server, err);
    return status;
}

vt_status vt__http_server_open(vt__http_server **out, const vt__http_options *options, const vt__http_handler *handler,
                               vt_error *err)
{
    vt__http_server *server = vt__calloc(1, sizeof *server);
    if (!server) return vt__fail_memory(err, sizeof *server);
    server->options = *options;
    server->handler = *handler;
    server->listener = -1;
    fill_defaults(&server->options);
    vt__connections_init(&server->connections);
    pthread_mutex_init(&server->sweep_lock, NULL);
    pthread_cond_init(&server->sweep_wake, NULL);
    vt_status status = start(server, err);
    if (status) {
        vt__http_server_close(server);
        return status;
    }
    *out = server;
    return VT_OK;
}

unsigned vt__http_server_port(const vt__http_server *server)
{
    return server->port;
}

vt__http_counts vt__http_server_counts(vt__http_server *server)
{
    return (vt__http_counts){ .connections = vt__connections_count(&server->connections),
                              .requests = atomic_load(&server->requests),
                              .waiting = (unsigned)vt__pool_waiting(server->pool),
                              .bodies_bytes = atomic_load(&server->bodies_bytes) };
}

static void drain(vt__http_server *server)
{
    atomic_store(&server->draining, true);
    int64_t until_ns = vt__monotonic_ns() + server->options.drain_ms * 1000000;
    vt__connections_end_idle(&server->connections);
    while (atomic_load(&server->requests) > 0 && vt__monotonic_ns() < until_ns)
        nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
    atomic_store(&server->late, true);
}

static void stop_sweeper(vt__http_server *server)
{
    atomic_store(&server->ended, true);
    if (!server->sweeping) return;
    pthread_mutex_lock(&server->sweep_lock);
    pthread_cond_signal(&server->sweep_wake);
    pthread_mutex_unlock(&server->sweep_lock);
    pthread_join(server->sweeper, NULL);
}

void vt__http_server_close(vt__http_server *server)
{
    if (!server) return;
    if (server->daemon) {
        server->listener = MHD_quiesce_daemon(server->daemon);
        if (server->listener >= 0) shutdown(server->listener, SHUT_RDWR);
        drain(server);
    }
    stop_sweeper(server);
    vt__pool_close(server->pool); /* its last jobs resume their connections */
    if (server->daemon) MHD_stop_daemon(server->daemon);
    if (server->listener >= 0) close(server->listener);
    pthread_cond_destroy(&server->sweep_wake);
    pthread_mutex_destroy(&server->sweep_lock);
    vt__connections_destroy(&server->connections);
    vt__free(server);
}
