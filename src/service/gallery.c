#include "service/gallery.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "match/index.h"
#include "service/face_record.h"

/* Recognition models in one collection: the directory may hold several. */
enum { MAX_SHELVES = 8 };

typedef struct shelf {
    char model[VT__MODEL_BYTES];
    uint32_t dimension;
    vt__index *index;
} shelf;

struct vt__gallery {
    char tenant[VT__COLLECTION_ID_MAX + 1];
    char scope[VT__SCOPE_TEXT_BYTES];
    atomic_int references;  /* the table's and each reader's */
    uint64_t base;          /* faces up to this revision are labelled 0, later ones by how much later */
    _Atomic uint64_t newest; /* revision of the last face in it */
    shelf shelves[MAX_SHELVES];
    atomic_size_t shelf_count; /* raised once a shelf is whole */
    vt__gallery *next;
};

struct vt__galleries {
    pthread_mutex_t lock; /* the list only; never held while searching or loading */
    vt__gallery *first;
};

vt__galleries *vt__galleries_open(void)
{
    vt__galleries *all = vt__calloc(1, sizeof *all);
    if (all) pthread_mutex_init(&all->lock, NULL);
    return all;
}

void vt__gallery_release(vt__gallery *g)
{
    if (!g || atomic_fetch_sub(&g->references, 1) != 1) return;
    for (size_t i = 0; i < atomic_load(&g->shelf_count); i++) vt__index_close(g->shelves[i].index);
    vt__free(g);
}

void vt__galleries_close(vt__galleries *all)
{
    if (!all) return;
    for (vt__gallery *g = all->first, *next; g; g = next) {
        next = g->next;
        vt__gallery_release(g);
    }
    pthread_mutex_destroy(&all->lock);
    vt__free(all);
}

static vt__gallery *find_loaded(vt__galleries *all, const char *tenant, const char *scope)
{
    pthread_mutex_lock(&all->lock);
    vt__gallery *g = all->first;
    while (g && (strcmp(g->scope, scope) || strcmp(g->tenant, tenant))) g = g->next;
    if (g) atomic_fetch_add(&g->references, 1);
    pthread_mutex_unlock(&all->lock);
    return g;
}

/* ---- ids ---- */

static void id_of(vt__index_id *out, const char *uuid)
{
    char digits[2 * VT__INDEX_ID_BYTES + 1];
    size_t count = 0;
    *out = (vt__index_id){ { 0 } };
    if (!uuid || !vt__uuid_valid(uuid)) return;
    for (; *uuid; uuid++)
        if (*uuid != '-') digits[count++] = *uuid;
    digits[count] = '\0';
    vt__hex_decode(out->bytes, sizeof out->bytes, digits);
}

static void uuid_of(char out[VT__UUID_TEXT_BYTES], const vt__index_id *id)
{
    static const uint8_t dash_before[] = { 4, 6, 8, 10 };
    char *at = out;
    for (size_t i = 0, d = 0; i < sizeof id->bytes; i++, at += 2) {
        if (d < sizeof dash_before && i == dash_before[d]) *at++ = '-', d++;
        vt__hex_encode(at, &id->bytes[i], 1);
    }
}

/* ---- shelves ---- */

static shelf *find_shelf(vt__gallery *g, const char *model, uint32_t dimension)
{
    size_t count = atomic_load_explicit(&g->shelf_count, memory_order_acquire);
    for (size_t i = 0; i < count; i++)
        if (g->shelves[i].dimension == dimension && !strcmp(g->shelves[i].model, model)) return &g->shelves[i];
    return NULL;
}

static vt_status make_shelf(shelf **out, vt__gallery *g, const vt__service *service, const char *model, uint32_t dimension,
                            vt_error *err)
{
    size_t count = atomic_load(&g->shelf_count);
    if (count == MAX_SHELVES) return vt__fail(err, VT_ELIMIT, "a collection with more than %d models", MAX_SHELVES);
    shelf *s = &g->shelves[count];
    const vt__axes plain = { dimension, dimension, NULL };
    vt_status status = vt__index_open(&s->index, service->axes.dimension == dimension ? &service->axes : &plain, err);
    if (status) return status;
    vt__copy_text(s->model, sizeof s->model, model);
    s->dimension = dimension;
    atomic_store_explicit(&g->shelf_count, count + 1, memory_order_release);
    *out = s;
    return VT_OK;
}

static uint32_t label_of(const vt__gallery *g, uint64_t revision)
{
    uint64_t later = revision > g->base ? revision - g->base : 0;
    return later < UINT32_MAX ? (uint32_t)later : UINT32_MAX;
}

static vt_status append(vt__gallery *g, const vt__service *service, const vt__gallery_face *face, vt_error *err)
{
    vt__index_id id, person;
    id_of(&id, face->id);
    id_of(&person, face->person_id);
    shelf *s = find_shelf(g, face->model, face->dimension);
    vt_status status = s ? VT_OK : make_shelf(&s, g, service, face->model, face->dimension, err);
    if (status) return status;
    /* before the row can be found: a search that sees it must see that it is new */
    if (face->revision > atomic_load(&g->newest)) atomic_store(&g->newest, face->revision);
    return vt__index_add(s->index, &id, &person, label_of(g, face->revision), face->values, err);
}

/* ---- loading ---- */

enum { LOAD_PAGE = 4096 };

static vt_status append_record(vt__gallery *g, const vt__service *service, const vt__record *r, vt_error *err)
{
    vt__face_fields fields;
    if (!vt__face_unpack(&fields, r)) return vt__fail(err, VT_EFORMAT, "a face record is damaged");
    const vt__gallery_face face = { r->id, r->owner, fields.model, r->revision, fields.values, fields.dimension };
    vt_status status = append(g, service, &face, err);
    vt__wipe(&fields, sizeof fields);
    return status;
}

static vt_status load(vt__gallery *g, vt__service *service, vt_error *err)
{
    char after[VT__UUID_TEXT_BYTES] = "";
    vt_status status = VT_OK;
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
    return status;
}

static vt_status load_new(vt__gallery **out, vt__service *service, const char *tenant, const char *scope,
                          uint64_t max_revision, vt_error *err)
{
    vt__gallery *g = vt__calloc(1, sizeof *g);
    if (!g) return vt__fail_memory(err, sizeof *g);
    vt__copy_text(g->tenant, sizeof g->tenant, tenant);
    vt__copy_text(g->scope, sizeof g->scope, scope);
    atomic_init(&g->references, 1);
    vt_status status = vt__store_revision(&g->base, service->store, tenant, scope, err);
    if (max_revision < g->base) g->base = max_revision;
    if (status == VT_OK) status = load(g, service, err);
    if (status != VT_OK) {
        vt__gallery_release(g);
        return status;
    }
    atomic_fetch_add(&g->references, 1);
    pthread_mutex_lock(&service->galleries->lock);
    g->next = service->galleries->first;
    service->galleries->first = g;
    pthread_mutex_unlock(&service->galleries->lock);
    *out = g;
    return VT_OK;
}

/* Whether labels tell the revision apart from later ones. They do for four thousand million commits after loading. */
static bool reaches(const vt__gallery *g, uint64_t max_revision)
{
    return max_revision >= atomic_load(&g->newest) || max_revision < g->base + UINT32_MAX;
}

vt_status vt__gallery_acquire(vt__gallery **out, vt__service *service, const char *tenant, const char *scope,
                              uint64_t max_revision, vt_error *err)
{
    *out = find_loaded(service->galleries, tenant, scope);
    if (*out && reaches(*out, max_revision)) return VT_OK;
    vt__gallery_release(*out);
    pthread_mutex_lock(&service->writing); /* nothing is committed while the faces are read */
    vt_status status = VT_OK;
    *out = find_loaded(service->galleries, tenant, scope);
    if (*out && !reaches(*out, max_revision)) {
        vt__gallery_release(*out);
        *out = NULL;
        vt__gallery_drop(service, tenant, scope);
    }
    if (!*out) status = load_new(out, service, tenant, scope, max_revision, err);
    pthread_mutex_unlock(&service->writing);
    return status;
}

/* ---- searching ---- */

static vt_status search_shelf(vt__hit *hits, size_t *found, vt__index *index, const vt__index_query *query, vt_error *err)
{
    vt__index_hit *rows = vt__malloc(query->k, sizeof *rows);
    if (!rows) return vt__fail_memory(err, query->k * sizeof *rows);
    vt_status status = vt__index_search(rows, found, index, query, err);
    for (size_t i = 0; !status && i < *found; i++) {
        uuid_of(hits[i].id, query->by_person ? &rows[i].person : &rows[i].id);
        hits[i].cosine = rows[i].cosine;
    }
    vt__free(rows);
    return status;
}

vt_status vt__gallery_search(vt__hit *hits, size_t *found, vt__gallery *g, const vt__search *q, vt_error *err)
{
    *found = 0;
    shelf *s = find_shelf(g, q->model, q->dimension);
    if (!s) return VT_OK;
    uint32_t most = label_of(g, q->max_revision);
    vt__index_query query = { .probes = q->probe, .count = 1, .k = q->max_hits, .min_cosine = q->min_cosine,
                              .by_person = q->by_person, .persons_count = q->person_count };
    if (q->max_revision < atomic_load(&g->newest)) query.most_group = &most;
    vt__index_id *persons = q->persons ? vt__malloc(q->person_count + 1, sizeof *persons) : NULL;
    if (q->persons && !persons) return vt__fail_memory(err, q->person_count * sizeof *persons);
    for (size_t i = 0; persons && i < q->person_count; i++) id_of(&persons[i], q->persons[i]);
    query.persons = persons;
    vt_status status = search_shelf(hits, found, s->index, &query, err);
    vt__free(persons);
    return status;
}

size_t vt__gallery_count(vt__gallery *g)
{
    size_t count = atomic_load_explicit(&g->shelf_count, memory_order_acquire), faces = 0;
    for (size_t i = 0; i < count; i++) faces += vt__index_count(g->shelves[i].index);
    return faces;
}

/* ---- changing ---- */

void vt__gallery_add(vt__service *service, const char *tenant, const char *scope, const vt__gallery_face *face)
{
    vt__gallery *g = find_loaded(service->galleries, tenant, scope);
    bool applied = !g || append(g, service, face, NULL) == VT_OK;
    vt__gallery_release(g);
    if (!applied) vt__gallery_drop(service, tenant, scope);
}

static bool remove_from(vt__index *index, const char *face_id, const char *person_id)
{
    vt__index_id id;
    id_of(&id, face_id ? face_id : person_id);
    vt_status status = face_id ? vt__index_remove(index, &id, NULL) : vt__index_remove_person(index, &id, NULL);
    return status == VT_OK || status == VT_ENOTFOUND;
}

void vt__gallery_remove(vt__service *service, const char *tenant, const char *scope, const char *face_id, const char *person_id)
{
    vt__gallery *g = find_loaded(service->galleries, tenant, scope);
    if (!g) return;
    bool applied = true;
    for (size_t i = 0; i < atomic_load(&g->shelf_count); i++) applied &= remove_from(g->shelves[i].index, face_id, person_id);
    vt__gallery_release(g);
    if (!applied) vt__gallery_drop(service, tenant, scope);
}

void vt__gallery_drop(vt__service *service, const char *tenant, const char *scope)
{
    vt__galleries *all = service->galleries;
    pthread_mutex_lock(&all->lock);
    vt__gallery **link = &all->first, *g;
    while ((g = *link) && (strcmp(g->scope, scope) || strcmp(g->tenant, tenant))) link = &g->next;
    if (g) *link = g->next;
    pthread_mutex_unlock(&all->lock);
    vt__gallery_release(g);
}
