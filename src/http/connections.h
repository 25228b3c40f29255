/* The open connections and since when each waits, so that slow and silent ones can be ended. */
#ifndef VT_HTTP_CONNECTIONS_H
#define VT_HTTP_CONNECTIONS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum vt__connection_phase { VT__CONNECTION_IDLE = 0, VT__CONNECTION_READING, VT__CONNECTION_WORKING } vt__connection_phase;

typedef struct vt__connection {
    struct vt__connection *next, *previous;
    int socket;
    vt__connection_phase phase;
    int64_t since_ns;
} vt__connection;

typedef struct vt__connections {
    pthread_mutex_t lock;
    vt__connection *first;
    unsigned count;
} vt__connections;

void vt__connections_init(vt__connections *connections);
void vt__connections_destroy(vt__connections *connections);

/* NULL: no memory; the connection then is not watched. */
vt__connection *vt__connections_add(vt__connections *connections, int socket);
/* Before the socket is closed. */
void vt__connections_remove(vt__connections *connections, vt__connection *connection);
void vt__connections_phase(vt__connections *connections, vt__connection *connection, vt__connection_phase phase);

/* Shuts down the sockets that have been idle, or reading a request, for longer than allowed. */
void vt__connections_sweep(vt__connections *connections, int64_t idle_ns, int64_t reading_ns);
/* Shuts down the idle ones now. */
void vt__connections_end_idle(vt__connections *connections);

unsigned vt__connections_count(vt__connections *connections);

#endif
