#include "http/fetch.h"

#include <curl/curl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "http/request.h"

#define MAX_REDIRECTS 3L
#define MAX_URL_BYTES 8192
#define CONNECT_TIMEOUT_MS 5000L

typedef struct download {
    const vt__fetch_rules *rules;
    vt__buffer body;
    bool refused; /* an address was */
} download;

static curl_socket_t open_judged(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    download *d = context;
    if (purpose != CURLSOCKTYPE_IPCXN || !vt__address_allowed(&address->addr, d->rules->allowed)) {
        d->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t take(char *bytes, size_t size, size_t count, void *context)
{
    download *d = context;
    vt__buffer_append(&d->body, bytes, size * count);
    return d->body.status ? 0 : size * count;
}

static int look_for_cancel(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t e)
{
    (void)a;
    (void)b;
    (void)c;
    (void)e;
    const download *d = context;
    return d->rules->cancelled && atomic_load(d->rules->cancelled);
}

static void set_up(CURL *curl, download *d, const char *url)
{
    const vt__fetch_rules *rules = d->rules;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* a proxy would hide the address that is connected to */
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_judged);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, d);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, d);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_for_cancel);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, d);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, MAX_REDIRECTS);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)rules->max_bytes);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, rules->timeout_ms ? (long)rules->timeout_ms : 20000L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "vultus/" VULTUS_VERSION);
}

static vt_status explain(CURLcode code, const download *d, vt_error *err)
{
    if (d->refused) return vt__fail(err, VT_EDENIED, "The URL leads to an address that this server may not fetch from.");
    if (d->body.status == VT_ENOMEM) return vt__fail_memory(err, d->body.size);
    switch (code) {
    case CURLE_OK: return VT_OK;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_LOGIN_DENIED: return vt__fail(err, VT_EINVAL, "The URL must be http or https and carry no user name.");
    case CURLE_FILESIZE_EXCEEDED:
    case CURLE_WRITE_ERROR:
        return vt__fail(err, VT_ELIMIT, "The file at the URL is larger than %zu bytes.", d->rules->max_bytes);
    case CURLE_OPERATION_TIMEDOUT: return vt__fail(err, VT_ETIMEOUT, "The download took too long.");
    case CURLE_ABORTED_BY_CALLBACK: return vt__fail(err, VT_ECANCELLED, "The download was cancelled.");
    default: return vt__fail(err, VT_EIO, "The download failed: %s.", curl_easy_strerror(code));
    }
}

static vt_status fetch_from_network(uint8_t **out, size_t *out_bytes, const char *url, const vt__fetch_rules *rules,
                                    vt_error *err)
{
    download d = { .rules = rules };
    CURL *curl = curl_easy_init();
    if (!curl) return vt__fail_memory(err, 0);
    vt__buffer_init(&d.body, rules->max_bytes);
    set_up(curl, &d, url);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_cleanup(curl);
    vt_status status = explain(code, &d, err);
    if (!status) status = vt__buffer_take(out, out_bytes, &d.body, err);
    vt__buffer_free(&d.body);
    return status;
}

static bool inside(const char *folder, const char *path)
{
    size_t size = strlen(folder);
    return strncmp(folder, path, size) == 0 && (path[size] == '/' || size == 1);
}

/* The real path of what the URL names below the folder; links may not lead out. */
static vt_status mapped_path(char out[PATH_MAX], const vt__url_map *map, const char *rest, vt_error *err)
{
    vt__http_request name; /* decodes the path as one of our own would be */
    char folder[PATH_MAX];
    vt_status status = vt__http_request_init(&name, "GET", rest, err);
    char *path = status ? NULL : vt__strdup(map->folder);
    for (size_t i = 0; path && i < name.segment_count; i++) {
        char *longer = vt__path_join(path, name.segments[i]);
        vt__free(path);
        path = longer;
    }
    vt__http_request_free(&name);
    if (status) return status;
    if (!path) return vt__fail_memory(err, PATH_MAX);
    bool found = realpath(map->folder, folder) && realpath(path, out) && inside(folder, out);
    vt__free(path);
    return found ? VT_OK : vt__fail(err, VT_EIO, "There is no such file below the folder that the URL is mapped to.");
}

static const vt__url_map *find_map(const char *url, const vt__fetch_rules *rules)
{
    for (size_t i = 0; i < rules->map_count; i++)
        if (strncmp(url, rules->maps[i].prefix, strlen(rules->maps[i].prefix)) == 0) return &rules->maps[i];
    return NULL;
}

vt_status vt__fetch(uint8_t **out, size_t *out_bytes, const char *url, const vt__fetch_rules *rules, vt_error *err)
{
    if (strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0)
        return vt__fail(err, VT_EINVAL, "The URL must begin with http:// or https://.");
    if (strlen(url) > MAX_URL_BYTES) return vt__fail(err, VT_EINVAL, "The URL is longer than %d bytes.", MAX_URL_BYTES);
    const vt__url_map *map = find_map(url, rules);
    if (!map) return fetch_from_network(out, out_bytes, url, rules, err);
    char path[PATH_MAX];
    vt_status status = mapped_path(path, map, url + strlen(map->prefix), err);
    return status ? status : vt__file_read(out, out_bytes, path, rules->max_bytes, err);
}

vt_status vt__url_map_parse(vt__url_map *out, char *text, vt_error *err)
{
    char *equals = strrchr(text, '=');
    if (!equals || strncasecmp(text, "http", 4) != 0 || !equals[1])
        return vt__fail(err, VT_EINVAL, "\"%s\" is no URL map; write it like http://pictures.test/=/srv/pictures", text);
    *equals = 0;
    out->prefix = text;
    out->folder = equals + 1;
    return VT_OK;
}
