/* A bare HTTP/1.1 client over loopback: sends exactly the bytes it is given, so that hostile ones can be sent too. */
#ifndef VT_TESTS_CLIENT_H
#define VT_TESTS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct client_answer {
    int status;    /* 0: the connection ended without an answer */
    char *headers; /* zero-terminated, with the status line */
    char *body;    /* zero-terminated */
    size_t body_bytes;
} client_answer;

/* A connected socket, or -1. Reading gives up after 20 seconds. */
int client_connect(unsigned port);
bool client_send(int socket, const void *bytes, size_t size_bytes);
/* Reads one answer (by Content-Length, or to the end of the connection). */
void client_read(client_answer *out, int socket);
void client_answer_free(client_answer *answer);

/* Connects, sends, reads, closes. */
void client_exchange(client_answer *out, unsigned port, const void *bytes, size_t size_bytes);

/* A request with a Content-Length; `headers` are whole lines ("A: b\r\n") or "". */
void client_request(client_answer *out, unsigned port, const char *method, const char *target, const char *headers,
                    const void *body, size_t body_bytes);

/* Copies a header's value; "" when absent. */
void client_header(char *out, size_t out_bytes, const client_answer *answer, const char *name);

#endif
