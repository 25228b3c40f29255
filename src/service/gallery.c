#include "service/gallery.h"

#include <stdlib.h>
#include <string.h>

#include <vultus/match.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/face_record.h"

enum { CHUNK = 1024, CHUNKS = 8192 }; /* at most 8 million faces */

typedef struct slot {
    char face[VT__UUID_TEXT_BYTES];
    char person[VT__UUID_TEXT_BYTES];
    char model[VT__MODEL_BYTES];
    uint32_t dimension;
    uint64_t revision;
    float *values;
    atomic_bool dead;
} slot;

struct vt__gallery {
    char tenant[VT__COLLECTION_ID_MAX + 1];
    char scope[VT__SCOPE_TEXT_BYTES];
    atomic_int references; /* the table's and each reader's */
    atomic_size_t count;
    slot *chunks[CHUNKS]; /* set before `count` makes them visible */
    vt__gallery *next;
};

struct vt__galleries {
    pthread_mutex_t lock; /* the list only; never held while searching or loading */
    vt__gallery *first;
};

static slot *slot_at(vt__gallery *g, size_t i)
{
    return &g->chunks[i / CHUNK][i % CHUNK];
}

vt__galleries *vt__galleries_open(void)
{
    vt__galleries *all = vt__calloc(1, sizeof *all);
    if (all) pthread_mutex_init(&all->lock, NULL);
    return all;
}

void vt__gallery_release(vt__gallery *g)
{
    if (!g || atomic_fetch_sub(&g->references, 1) != 1) return;
    size_t count = atomic_load(&g->count);
    for (size_t i = 0; i < count; i++) {
        slot *s = slot_at(g, i);
        vt__free_secret(s->values, s->dimension * sizeof(float));
    }
    for (size_t i = 0; i < CHUNKS && g->chunks[i]; i++) vt__free(g->chunks[i]);
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

static bool append(vt__gallery *g, const char *face_id, const char *person_id, const char *model, uint64_t revision,
                   const float *values, uint32_t dimension)
{
    size_t i = atomic_load(&g->count);
    if (i / CHUNK >= CHUNKS) return false;
    if (!g->chunks[i / CHUNK] && !(g->chunks[i / CHUNK] = vt__calloc(CHUNK, sizeof(slot)))) return false;
    slot *s = slot_at(g, i);
    s->values = vt__malloc(dimension, sizeof(float));
    if (!s->values) return false;
    memcpy(s->values, values, dimension * sizeof(float));
    s->dimension = dimension;
    s->revision = revision;
    vt__copy_text(s->face, sizeof s->face, face_id);
    vt__copy_text(s->person, sizeof s->person, person_id);
    vt__copy_text(s->model, sizeof s->model, model);
    atomic_store_explicit(&g->count, i + 1, memory_order_release);
    return true;
}

enum { LOAD_PAGE = 4096 };

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
        for (size_t i = 0; i < page.count && status == VT_OK; i++) {
            const vt__record *r = &page.items[i];
            vt__face_fields fields;
            if (!vt__face_unpack(&fields, r)) status = vt__fail(err, VT_EFORMAT, "a face record is damaged");
            else if (!append(g, r->id, r->owner, fields.model, r->revision, fields.values, fields.dimension))
                status = vt__fail_memory(err, fields.dimension * sizeof(float));
        }
        if (got) vt__copy_text(after, sizeof after, page.items[got - 1].id);
        vt__records_free(&page);
    }
    return status;
}

static vt_status load_new(vt__gallery **out, vt__service *service, const char *tenant, const char *scope, vt_error *err)
{
    vt__gallery *g = vt__calloc(1, sizeof *g);
    if (!g) return vt__fail_memory(err, sizeof *g);
    vt__copy_text(g->tenant, sizeof g->tenant, tenant);
    vt__copy_text(g->scope, sizeof g->scope, scope);
    atomic_init(&g->references, 1);
    vt_status status = load(g, service, err);
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

vt_status vt__gallery_acquire(vt__gallery **out, vt__service *service, const char *tenant, const char *scope, vt_error *err)
{
    *out = find_loaded(service->galleries, tenant, scope);
    if (*out) return VT_OK;
    pthread_mutex_lock(&service->writing); /* nothing is committed while the faces are read */
    vt_status status = VT_OK;
    *out = find_loaded(service->galleries, tenant, scope);
    if (!*out) status = load_new(out, service, tenant, scope, err);
    pthread_mutex_unlock(&service->writing);
    return status;
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(a, b);
}

static bool wanted(const slot *s, const vt__search *q)
{
    if (s->revision > q->max_revision || s->dimension != q->dimension) return false;
    if (q->model && strcmp(s->model, q->model)) return false;
    return !q->persons || bsearch(s->person, q->persons, q->person_count, VT__UUID_TEXT_BYTES, compare_ids);
}

static bool goes_before(float cosine, const char *id, const vt__hit *hit)
{
    return cosine > hit->cosine || (cosine == hit->cosine && strcmp(id, hit->id) < 0);
}

/* Keeps hits sorted; a person that is in already only moves up. */
static size_t insert_hit(vt__hit *hits, size_t count, const vt__search *q, float cosine, const char *id)
{
    size_t old = count;
    for (size_t i = 0; q->by_person && i < count; i++)
        if (!strcmp(hits[i].id, id)) old = i;
    if (old < count && !goes_before(cosine, id, &hits[old])) return count;
    if (old == count) {
        if (count == q->max_hits && !goes_before(cosine, id, &hits[count - 1])) return count;
        if (count < q->max_hits) count++;
        old = count - 1;
    }
    while (old > 0 && goes_before(cosine, id, &hits[old - 1])) {
        hits[old] = hits[old - 1];
        old--;
    }
    vt__copy_text(hits[old].id, sizeof hits[old].id, id);
    hits[old].cosine = cosine;
    return count;
}

size_t vt__gallery_search(vt__hit *hits, vt__gallery *g, const vt__search *q)
{
    size_t found = 0, count = atomic_load_explicit(&g->count, memory_order_acquire);
    for (size_t i = 0; i < count; i++) {
        slot *s = slot_at(g, i);
        if (atomic_load(&s->dead) || !wanted(s, q)) continue;
        float cosine = vt_cosine(q->probe, s->values, q->dimension);
        if (cosine >= q->min_cosine) found = insert_hit(hits, found, q, cosine, q->by_person ? s->person : s->face);
    }
    return found;
}

bool vt__gallery_has_faces(vt__gallery *g, uint64_t max_revision)
{
    size_t count = atomic_load_explicit(&g->count, memory_order_acquire);
    for (size_t i = 0; i < count; i++)
        if (!atomic_load(&slot_at(g, i)->dead) && slot_at(g, i)->revision <= max_revision) return true;
    return false;
}

void vt__gallery_add(vt__service *service, const char *tenant, const char *scope, const char *face_id,
                     const char *person_id, const char *model, uint64_t revision, const float *values, uint32_t dimension)
{
    vt__gallery *g = find_loaded(service->galleries, tenant, scope);
    bool applied = !g || append(g, face_id, person_id, model, revision, values, dimension);
    vt__gallery_release(g);
    if (!applied) vt__gallery_drop(service, tenant, scope);
}

void vt__gallery_remove(vt__service *service, const char *tenant, const char *scope, const char *face_id, const char *person_id)
{
    vt__gallery *g = find_loaded(service->galleries, tenant, scope);
    if (!g) return;
    size_t count = atomic_load(&g->count), dead = 0;
    for (size_t i = 0; i < count; i++) {
        slot *s = slot_at(g, i);
        if ((face_id && !strcmp(s->face, face_id)) || (person_id && !strcmp(s->person, person_id)))
            atomic_store(&s->dead, true);
        dead += atomic_load(&s->dead);
    }
    vt__gallery_release(g);
    /* half of it dead: the next search loads it anew, without them */
    if (dead * 2 > count) vt__gallery_drop(service, tenant, scope);
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
