#include "service/shelf.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "match/index_file.h"
#include "service/write.h"

enum { LOAD_PAGE = 4096 };

vt__shelf *vt__shelf_find(vt__gallery *g, const char *model, uint32_t dimension)
{
    size_t count = atomic_load_explicit(&g->shelf_count, memory_order_acquire);
    for (size_t i = 0; i < count; i++)
        if (g->shelves[i].dimension == dimension && !strcmp(g->shelves[i].model, model)) return &g->shelves[i];
    return NULL;
}

uint32_t vt__gallery_label(const vt__gallery *g, uint64_t revision)
{
    uint64_t later = revision > g->base ? revision - g->base : 0;
    return later < UINT32_MAX ? (uint32_t)later : UINT32_MAX;
}

size_t vt__gallery_rows(vt__gallery *g)
{
    size_t count = atomic_load_explicit(&g->shelf_count, memory_order_acquire), rows = 0;
    for (size_t i = 0; i < count; i++) rows += vt__index_count(g->shelves[i].index);
    return rows;
}

/* ---- names and key of the files ---- */

/* DATA/index/DIGEST-SHELF.ENDING: the names of tenants and collections are nobody's business. */
static char *path_of(const vt__service *service, const char *tenant, const char *scope, size_t shelf, const char *ending)
{
    char text[VT__COLLECTION_ID_MAX + VT__SCOPE_TEXT_BYTES + 2], hex[33];
    uint8_t digest[VT__SHA256_BYTES];
    snprintf(text, sizeof text, "%s\n%s", tenant, scope);
    vt__sha256(digest, text, strlen(text));
    vt__hex_encode(hex, digest, 16);
    return vt__format("%s/index/%s-%zu.%s", service->data_folder, hex, shelf, ending);
}

bool vt__gallery_has_files(const vt__service *service, const char *tenant, const char *scope)
{
    char *path = path_of(service, tenant, scope, 0, "codes");
    bool there = path && vt__file_exists(path);
    vt__free(path);
    return there;
}

void vt__gallery_unlink(const vt__service *service, const char *tenant, const char *scope)
{
    static const char *const endings[] = { "codes", "vectors", "codes.new", "vectors.new" };
    for (size_t shelf = 0; shelf < VT__MAX_SHELVES; shelf++)
        for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
            char *path = path_of(service, tenant, scope, shelf, endings[i]);
            if (path) unlink(path);
            vt__free(path);
        }
}

/* The key of a scope's files is a record under the scope's data key: destroyed with it, and made anew with new files. */
static vt_status find_key(uint8_t out[VT__KEY_BYTES], vt__service *service, const vt__gallery *g, vt_error *err)
{
    const vt__query query = { .kind = VT__RECORD_INDEX_KEY, .tenant = g->tenant, .scope = g->scope, .id = "index" };
    vt__records found;
    vt_status status = vt__store_get(&found, service->store, &query, err);
    if (status) return status;
    if (found.items[0].body_bytes == VT__KEY_BYTES) memcpy(out, found.items[0].body, VT__KEY_BYTES);
    else status = vt__fail(err, VT_EINTEGRITY, "the key of an index is damaged");
    vt__wipe((uint8_t *)found.items[0].body, found.items[0].body_bytes);
    vt__records_free(&found);
    return status;
}

static vt_status make_key(vt__service *service, const vt__gallery *g, vt_error *err)
{
    uint8_t key[VT__KEY_BYTES];
    vt__random_bytes(key, sizeof key);
    const vt__change change = { VT__PUT,
                                { .kind = VT__RECORD_INDEX_KEY, .tenant = g->tenant, .scope = g->scope, .owner = "",
                                  .id = "index", .body = key, .body_bytes = sizeof key },
                                0 };
    vt_status status = vt__store_commit(NULL, NULL, service->store, &change, 1, err);
    vt__wipe(key, sizeof key);
    return status;
}

/* ---- shelves ---- */

static void place_shelf(vt__gallery *g, vt__index *index, const char *model, uint32_t dimension)
{
    size_t count = atomic_load(&g->shelf_count);
    vt__shelf *s = &g->shelves[count];
    s->index = index;
    s->dimension = dimension;
    vt__copy_text(s->model, sizeof s->model, model);
    atomic_store_explicit(&g->shelf_count, count + 1, memory_order_release);
}

static vt_status make_in_files(vt__index **out, const vt__gallery *g, vt__service *service, size_t shelf, const vt__axes *axes,
                               vt_error *err)
{
    uint8_t key[VT__KEY_BYTES];
    char *codes = path_of(service, g->tenant, g->scope, shelf, "codes"), *vectors = path_of(service, g->tenant, g->scope, shelf, "vectors");
    char *folder = vt__path_join(service->data_folder, "index");
    vt_status status = codes && vectors && folder ? vt__folder_make(folder, 0700, err) : vt__fail_memory(err, 1);
    if (!status) status = find_key(key, service, g, err);
    const vt__index_place place = { codes, vectors, key };
    if (!status) status = vt__index_file_make(out, axes, &place, err);
    vt__wipe(key, sizeof key);
    vt__free(codes);
    vt__free(vectors);
    vt__free(folder);
    return status;
}

static vt_status make_shelf(vt__gallery *g, vt__service *service, const char *model, uint32_t dimension, vt_error *err)
{
    size_t count = atomic_load(&g->shelf_count);
    vt__index *index = NULL;
    if (count == VT__MAX_SHELVES) return vt__fail(err, VT_ELIMIT, "a collection with more than %d models", VT__MAX_SHELVES);
    const vt__axes plain = { dimension, dimension, NULL };
    const vt__axes *axes = service->axes.dimension == dimension ? &service->axes : &plain;
    vt_error why = { 0 };
    vt_status status = g->in_memory ? VT_EIO : make_in_files(&index, g, service, count, axes, &why);
    if (status && status != VT_ENOMEM) {
        if (!g->in_memory) vt__log_text(service->log, VT__LOG_WARNING, "search", "an index stays in memory: %s", why.text);
        g->in_memory = true;
        status = vt__index_open(&index, axes, err);
    }
    if (!status) place_shelf(g, index, model, dimension);
    return status;
}

vt_status vt__gallery_append(vt__gallery *g, vt__service *service, const vt__gallery_face *face, vt_error *err)
{
    vt__index_id id, person;
    vt__gallery_id(&id, face->id);
    vt__gallery_id(&person, face->person_id);
    vt__shelf *s = vt__shelf_find(g, face->model, face->dimension);
    vt_status status = s ? VT_OK : make_shelf(g, service, face->model, face->dimension, err);
    if (status) return status;
    if (!s) s = vt__shelf_find(g, face->model, face->dimension);
    /* before the row can be found: a search that sees it must see that it is new */
    if (face->revision > atomic_load(&g->newest)) atomic_store(&g->newest, face->revision);
    return vt__index_add(s->index, &id, &person, vt__gallery_label(g, face->revision), face->values, err);
}

/* ---- out of the store ---- */

static vt_status append_record(vt__gallery *g, vt__service *service, const vt__record *r, vt_error *err)
{
    vt__face_fields fields;
    if (!vt__face_unpack(&fields, r)) return vt__fail(err, VT_EFORMAT, "a face record is damaged");
    const vt__gallery_face face = { r->id, r->owner, fields.model, r->revision, fields.values, fields.dimension };
    vt_status status = vt__gallery_append(g, service, &face, err);
    vt__wipe(&fields, sizeof fields);
    return status;
}

vt_status vt__gallery_fill(vt__gallery *g, vt__service *service, uint64_t max_revision, vt_error *err)
{
    char after[VT__UUID_TEXT_BYTES] = "";
    vt__gallery_unlink(service, g->tenant, g->scope);
    vt_status status = vt__store_revision(&g->base, service->store, g->tenant, g->scope, err);
    if (max_revision < g->base) g->base = max_revision;
    /* without an engine the axes are not known, and files along others would serve nobody */
    if (!status && (!service->engine || make_key(service, g, NULL))) g->in_memory = true;
    for (size_t got = LOAD_PAGE; status == VT_OK && got == LOAD_PAGE;) {
        const vt__query query = { .kind = VT__RECORD_FACE, .tenant = g->tenant, .scope = g->scope, .after = after,
                                  .limit = LOAD_PAGE };
        vt__records page;
        status = vt__store_find(&page, service->store, &query, err);
        if (status != VT_OK) break;
        got = page.count;
        for (size_t i = 0; i < page.count && status == VT_OK; i++) status = append_record(g, service, &page.items[i], err);
        if (got) vt__copy_text(after, sizeof after, page.items[got - 1].id);
        vt__records_free(&page);
    }
    if (status == VT_OK) vt__gallery_stamp(g, service);
    return status;
}

/* ---- out of files ---- */

static vt_status open_shelf(vt__index_stamp *stamp, vt__gallery *g, const vt__service *service, size_t shelf,
                            const uint8_t key[VT__KEY_BYTES], vt_error *err)
{
    vt__index *index = NULL;
    uint32_t dimension = 0;
    char *codes = path_of(service, g->tenant, g->scope, shelf, "codes"), *vectors = path_of(service, g->tenant, g->scope, shelf, "vectors");
    const vt__index_place place = { codes, vectors, key };
    vt_status status = codes && vectors ? vt__index_file_open(&index, stamp, &dimension, &service->axes, &place, err) : vt__fail_memory(err, 1);
    if (!status) place_shelf(g, index, stamp->model, dimension);
    vt__free(codes);
    vt__free(vectors);
    return status;
}

vt_status vt__gallery_open_files(uint64_t *revision, vt__gallery *g, vt__service *service, vt_error *err)
{
    uint8_t key[VT__KEY_BYTES];
    vt__index_stamp stamp, first = { 0 };
    if (!vt__gallery_has_files(service, g->tenant, g->scope)) return vt__fail(err, VT_ENOTFOUND, "no index files");
    vt_status status = find_key(key, service, g, err);
    for (size_t shelf = 0; shelf < VT__MAX_SHELVES && !status; shelf++) {
        status = open_shelf(&stamp, g, service, shelf, key, err);
        if (!status && !shelf) first = stamp;
        bool same = stamp.revision == first.revision && stamp.base == first.base && stamp.newest == first.newest;
        if (!status && !same) status = vt__fail(err, VT_EINTEGRITY, "index files of different times");
        if (status != VT_ENOTFOUND || !shelf) continue;
        status = VT_OK; /* that was the last */
        break;
    }
    vt__wipe(key, sizeof key);
    g->base = first.base;
    atomic_store(&g->newest, first.newest);
    *revision = first.revision;
    return status;
}

void vt__gallery_stamp(vt__gallery *g, vt__service *service)
{
    vt_error err;
    vt__index_stamp stamp = { .base = g->base, .newest = atomic_load(&g->newest) };
    const vt__query faces = { .kind = VT__RECORD_FACE, .tenant = g->tenant, .scope = g->scope };
    vt_status status = vt__store_changed(&stamp.revision, service->store, &faces, &err);
    for (size_t i = 0; i < atomic_load(&g->shelf_count); i++) {
        if (status) vt__index_file_discard(g->shelves[i].index);
        vt__copy_text(stamp.model, sizeof stamp.model, g->shelves[i].model);
        if (vt__index_file_stamp(g->shelves[i].index, &stamp, &err))
            vt__log_text(service->log, VT__LOG_WARNING, "search", "index files are given up: %s", err.text);
    }
}

bool vt__gallery_is_whole(vt__gallery *g, vt__service *service)
{
    uint64_t count = 0;
    const vt__query faces = { .kind = VT__RECORD_FACE, .tenant = g->tenant, .scope = g->scope };
    return vt__store_count(&count, service->store, &faces, NULL) == VT_OK && count == vt__gallery_rows(g);
}
