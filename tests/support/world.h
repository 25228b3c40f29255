/* One of every object that an operation can name, and a well-formed request of every operation on them. */
#ifndef VT_TESTS_WORLD_H
#define VT_TESTS_WORLD_H

#include "rest/operation.h"
#include "support/client.h"
#include "support/serving.h"

typedef struct world {
    char tag[48];                          /* part of the collections' names */
    char person[VT__KIND_COUNT][40];       /* of groups and the directory */
    char face[VT__KIND_COUNT][40];         /* theirs, or the lists' */
    char face_id[2][40];
    char operation[40], policy[40], review[40], session[40];
    char video[41]; /* in the archive of the tag's name */
} world;

/* Made in a tenant through the service. The key must be permitted all. */
void world_make(world *out, const serving *server, const vt__caller *maker, const char *tag);
/* The same texts for objects that are nowhere; collections bear `tag`. */
void world_of_nothing(world *out, const char *tag);

/* How many requests `operation` has: one body each; at least 1. */
size_t world_requests(const vt__wire_operation *operation);
/* Asks the n-th with a key. Collections that are put bear `new_tag`. False: it cannot be asked (no picture at hand). */
bool world_ask(client_answer *out, const serving *server, const world *w, const vt__wire_operation *operation, size_t n,
               const char *key, const char *new_tag);

/* Registers a purpose for a key of the maker's tenant; `id` may be NULL. */
void world_register(char id[40], const serving *server, const vt__caller *maker, const char *purpose, const char *key_id);

#endif
