#include "support/client.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int client_connect(unsigned port)
{
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s < 0) return -1;
    struct timeval limit = { 20, 0 };
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(s, (struct sockaddr *)&to, sizeof to) == 0) return s;
    close(s);
    return -1;
}

bool client_send(int s, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t sent = send(s, at, size, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        at += sent;
        size -= (size_t)sent;
    }
    return true;
}

typedef struct text {
    char *bytes;
    size_t size;
} text;

static bool read_more(text *t, int s)
{
    char *bigger = realloc(t->bytes, t->size + 65536 + 1);
    if (!bigger) return false;
    t->bytes = bigger;
    ssize_t got = recv(s, t->bytes + t->size, 65536, 0);
    if (got > 0) t->size += (size_t)got;
    t->bytes[t->size] = 0;
    return got > 0;
}

static long long announced(const char *headers)
{
    const char *at = strcasestr(headers, "\r\nContent-Length:");
    return at ? strtoll(at + 17, NULL, 10) : -1;
}

void client_read(client_answer *out, int s)
{
    memset(out, 0, sizeof *out);
    text t = { NULL, 0 };
    char *end = NULL;
    while (!end && read_more(&t, s)) {
        end = strstr(t.bytes, "\r\n\r\n");
        if (end && strncmp(t.bytes, "HTTP/1.1 100", 12) == 0) { /* the answer follows */
            size_t skip = (size_t)(end + 4 - t.bytes);
            memmove(t.bytes, t.bytes + skip, t.size - skip + 1);
            t.size -= skip;
            end = strstr(t.bytes, "\r\n\r\n");
        }
    }
    if (!end) {
        free(t.bytes);
        return;
    }
    size_t head = (size_t)(end + 4 - t.bytes);
    end[2] = 0;
    long long length = announced(t.bytes);
    while ((length < 0 || t.size - head < (size_t)length) && read_more(&t, s))
        ;
    out->status = t.size > 12 ? (int)strtol(t.bytes + 9, NULL, 10) : 0;
    out->headers = strdup(t.bytes);
    out->body_bytes = length >= 0 && t.size - head > (size_t)length ? (size_t)length : t.size - head;
    out->body = calloc(out->body_bytes + 1, 1);
    memcpy(out->body, t.bytes + head, out->body_bytes);
    free(t.bytes);
}

void client_answer_free(client_answer *answer)
{
    free(answer->headers);
    free(answer->body);
    memset(answer, 0, sizeof *answer);
}

void client_exchange(client_answer *out, unsigned port, const void *bytes, size_t size)
{
    memset(out, 0, sizeof *out);
    int s = client_connect(port);
    if (s < 0) return;
    client_send(s, bytes, size);
    client_read(out, s);
    close(s);
}

void client_request(client_answer *out, unsigned port, const char *method, const char *target, const char *headers,
                    const void *body, size_t body_bytes)
{
    size_t room = strlen(method) + strlen(target) + strlen(headers) + 128;
    char *all = malloc(room + body_bytes);
    int head = snprintf(all, room, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Length: %zu\r\n%s\r\n", method, target,
                        port, body_bytes, headers);
    if (body_bytes) memcpy(all + head, body, body_bytes);
    client_exchange(out, port, all, (size_t)head + body_bytes);
    free(all);
}

void client_header(char *out, size_t out_bytes, const client_answer *answer, const char *name)
{
    out[0] = 0;
    char line[128];
    int size = snprintf(line, sizeof line, "\r\n%s:", name);
    const char *at = answer->headers ? strcasestr(answer->headers, line) : NULL;
    if (!at) return;
    at += size + strspn(at + size, " ");
    snprintf(out, out_bytes, "%.*s", (int)strcspn(at, "\r"), at);
}
