#include "http/connections.h"

#include <sys/socket.h>

#include "base/clock.h"
#include "base/memory.h"

void vt__connections_init(vt__connections *connections)
{
    pthread_mutex_init(&connections->lock, NULL);
    connections->first = NULL;
    connections->count = 0;
}

void vt__connections_destroy(vt__connections *connections)
{
    pthread_mutex_destroy(&connections->lock);
}

vt__connection *vt__connections_add(vt__connections *connections, int socket)
{
    vt__connection *connection = vt__calloc(1, sizeof *connection);
    if (!connection) return NULL;
    connection->socket = socket;
    connection->since_ns = vt__monotonic_ns();
    pthread_mutex_lock(&connections->lock);
    connection->next = connections->first;
    if (connections->first) connections->first->previous = connection;
    connections->first = connection;
    connections->count++;
    pthread_mutex_unlock(&connections->lock);
    return connection;
}

void vt__connections_remove(vt__connections *connections, vt__connection *connection)
{
    if (!connection) return;
    pthread_mutex_lock(&connections->lock);
    if (connection->next) connection->next->previous = connection->previous;
    if (connection->previous) connection->previous->next = connection->next;
    else connections->first = connection->next;
    connections->count--;
    pthread_mutex_unlock(&connections->lock);
    vt__free(connection);
}

void vt__connections_phase(vt__connections *connections, vt__connection *connection, vt__connection_phase phase)
{
    if (!connection) return;
    pthread_mutex_lock(&connections->lock);
    connection->phase = phase;
    connection->since_ns = vt__monotonic_ns();
    pthread_mutex_unlock(&connections->lock);
}

void vt__connections_sweep(vt__connections *connections, int64_t idle_ns, int64_t reading_ns)
{
    int64_t now_ns = vt__monotonic_ns();
    pthread_mutex_lock(&connections->lock);
    for (vt__connection *c = connections->first; c; c = c->next) {
        int64_t allowed_ns = c->phase == VT__CONNECTION_IDLE ? idle_ns : reading_ns;
        if (c->phase != VT__CONNECTION_WORKING && now_ns - c->since_ns > allowed_ns) shutdown(c->socket, SHUT_RDWR);
    }
    pthread_mutex_unlock(&connections->lock);
}

void vt__connections_end_idle(vt__connections *connections)
{
    pthread_mutex_lock(&connections->lock);
    for (vt__connection *c = connections->first; c; c = c->next)
        if (c->phase == VT__CONNECTION_IDLE) shutdown(c->socket, SHUT_RDWR);
    pthread_mutex_unlock(&connections->lock);
}

unsigned vt__connections_count(vt__connections *connections)
{
    pthread_mutex_lock(&connections->lock);
    unsigned count = connections->count;
    pthread_mutex_unlock(&connections->lock);
    return count;
}
