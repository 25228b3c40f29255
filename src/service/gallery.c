#include "service/gallery.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/consent.h"
#include "service/shelf.h"

struct vt__galleries {
    pthread_mutex_t lock; /* the list only; never held while searching or loading */
    vt__gallery *first;
    size_t count, most;
    uint64_t uses;
};

enum { USUALLY_OPEN = 128 };

vt__galleries *vt__galleries_open(size_t most)
{
    vt__galleries *all = vt__calloc(1, sizeof *all);
    if (!all) return NULL;
    pthread_mutex_init(&all->lock, NULL);
    all->most = most ? most : USUALLY_OPEN;
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
    if (g) {
        atomic_fetch_add(&g->references, 1);
        g->used = ++all->uses;
    }
    pthread_mutex_unlock(&all->lock);
    return g;
}

/* A reference to the number-th gallery, or NULL. */
static vt__gallery *loaded_at(vt__galleries *all, size_t number)
{
    pthread_mutex_lock(&all->lock);
    vt__gallery *g = all->first;
    while (g && number--) g = g->next;
    if (g) atomic_fetch_add(&g->references, 1);
    pthread_mutex_unlock(&all->lock);
    return g;
}

void vt__galleries_tend(vt__galleries *all)
{
    vt__gallery *g;
    for (size_t number = 0; (g = loaded_at(all, number)); number++) {
        for (size_t i = 0; i < atomic_load_explicit(&g->shelf_count, memory_order_acquire); i++) vt__index_tend(g->shelves[i].index);
        vt__gallery_release(g);
    }
}

/* ---- ids ---- */

void vt__gallery_id(vt__index_id *out, const char *uuid)
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

/* ---- loading ---- */

static vt_status begin(vt__gallery **out, const char *tenant, const char *scope, vt_error *err)
{
    vt__gallery *g = vt__calloc(1, sizeof *g);
    if (!g) return vt__fail_memory(err, sizeof *g);
    vt__copy_text(g->tenant, sizeof g->tenant, tenant);
    vt__copy_text(g->scope, sizeof g->scope, scope);
    atomic_init(&g->references, 1);
    *out = g;
    return VT_OK;
}

static void take_out(vt__galleries *all, vt__gallery **link)
{
    *link = (*link)->next;
    all->count--;
}

/* Closes the gallery that was not used for the longest time, unless all are in use. Under the write lock, under which alone files
 * are opened: nobody opens them while they are being closed. */
static bool close_idle(vt__galleries *all)
{
    vt__gallery **idle = NULL, *g = NULL;
    pthread_mutex_lock(&all->lock);
    for (vt__gallery **link = &all->first; *link; link = &(*link)->next)
        if (atomic_load(&(*link)->references) == 1 && (!idle || (*link)->used < (*idle)->used)) idle = link;
    if (idle) {
        g = *idle;
        take_out(all, idle);
    }
    pthread_mutex_unlock(&all->lock);
    vt__gallery_release(g);
    return g != NULL;
}

/* Into the table, for another one if it is full; the caller holds a reference as well. */
static void keep(vt__gallery *g, vt__service *service)
{
    vt__galleries *all = service->galleries;
    atomic_fetch_add(&g->references, 1);
    pthread_mutex_lock(&all->lock);
    g->next = all->first;
    g->used = ++all->uses;
    all->first = g;
    bool crowded = ++all->count > all->most;
    pthread_mutex_unlock(&all->lock);
    while (crowded && close_idle(all)) crowded = vt__galleries_count(all) > all->most;
}

size_t vt__galleries_count(vt__galleries *all)
{
    pthread_mutex_lock(&all->lock);
    size_t count = all->count;
    pthread_mutex_unlock(&all->lock);
    return count;
}

/* Whether the process may open no more files. */
static bool no_descriptor(void)
{
    int one = open("/dev/null", O_RDONLY | O_CLOEXEC), other = one < 0 ? -1 : open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (other >= 0) close(other);
    if (one >= 0) close(one);
    return other < 0;
}

/* Out of the files, as they are; NULL when there are none or they do not open. */
static vt__gallery *open_files(uint64_t *revision, vt__service *service, const char *tenant, const char *scope)
{
    vt__gallery *g = NULL;
    vt_error err;
    if (!vt__gallery_has_files(service, tenant, scope) || begin(&g, tenant, scope, NULL)) return NULL;
    vt_status status = vt__gallery_open_files(revision, g, service, &err);
    while (status && status != VT_ENOMEM && no_descriptor() && close_idle(service->galleries)) {
        vt__gallery_release(g);
        if (begin(&g, tenant, scope, NULL)) return NULL;
        status = vt__gallery_open_files(revision, g, service, &err);
    }
    if (!status) return g;
    vt__log_text(service->log, VT__LOG_WARNING, "search", "an index is built anew: %s", err.text);
    vt__gallery_release(g);
    return NULL;
}

static vt_status load_new(vt__gallery **out, vt__service *service, const char *tenant, const char *scope,
                          uint64_t max_revision, vt_error *err)
{
    uint64_t revision = 0, changed = 0;
    const vt__query faces = { .kind = VT__RECORD_FACE, .tenant = tenant, .scope = scope };
    vt_status status = vt__store_changed(&changed, service->store, &faces, err);
    vt__gallery *g = status ? NULL : open_files(&revision, service, tenant, scope);
    if (g && (revision != changed || max_revision < g->base || !vt__gallery_is_whole(g, service))) {
        vt__log_text(service->log, VT__LOG_INFO, "search", "an index is built anew: it is behind the store");
        vt__gallery_release(g);
        g = NULL;
    }
    if (!g && !status) {
        while (no_descriptor() && close_idle(service->galleries)) continue;
        status = begin(&g, tenant, scope, err);
        if (!status) status = vt__gallery_fill(g, service, max_revision, err);
    }
    if (status) {
        vt__gallery_release(g);
        return status;
    }
    keep(g, service);
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

static bool in_consent(const vt__index_id *person, void *rule)
{
    return vt__consent_admits(rule, person->bytes);
}

static vt_status search(vt__hit *hits, size_t *found, const vt__service *service, vt__gallery *g, const vt__search *q, vt_error *err)
{
    *found = 0;
    vt__shelf *s = vt__shelf_find(g, q->model, q->dimension);
    if (!s) return VT_OK;
    uint32_t most = vt__gallery_label(g, q->max_revision);
    vt__index_query query = { .probes = q->probe, .count = 1, .k = q->max_hits, .min_cosine = q->min_cosine,
                              .by_person = q->by_person, .persons_count = q->person_count, .by_float = service->search_by_float };
    if (vt__index_count(s->index) >= VT__LARGE_GALLERY) query.recall = service->search_recall;
    if (q->max_revision < atomic_load(&g->newest)) query.most_group = &most;
    if (q->consent) {
        query.admits = in_consent;
        query.admits_context = (void *)q->consent;
    }
    vt__index_id *persons = q->persons ? vt__malloc(q->person_count + 1, sizeof *persons) : NULL;
    if (q->persons && !persons) return vt__fail_memory(err, q->person_count * sizeof *persons);
    for (size_t i = 0; persons && i < q->person_count; i++) vt__gallery_id(&persons[i], q->persons[i]);
    query.persons = persons;
    vt_status status = search_shelf(hits, found, s->index, &query, err);
    vt__free(persons);
    return status;
}

/* Takes a damaged gallery out of use, with its files; no harm when that was done already. */
static void give_up(vt__service *service, vt__gallery *g)
{
    pthread_mutex_lock(&service->writing);
    vt__gallery *now = find_loaded(service->galleries, g->tenant, g->scope);
    if (now == g) vt__gallery_drop(service, g->tenant, g->scope);
    vt__gallery_release(now);
    pthread_mutex_unlock(&service->writing);
}

vt_status vt__gallery_search(vt__hit *hits, size_t *found, vt__service *service, vt__gallery *g, const vt__search *q, vt_error *err)
{
    vt_error why;
    vt_status status = search(hits, found, service, g, q, &why);
    if (status != VT_EINTEGRITY) {
        if (status && err) *err = why;
        return status;
    }
    vt__log_text(service->log, VT__LOG_WARNING, "search", "an index is built anew: %s", why.text);
    give_up(service, g);
    vt__gallery *anew = NULL;
    status = vt__gallery_acquire(&anew, service, g->tenant, g->scope, q->max_revision, err);
    if (!status) status = search(hits, found, service, anew, q, err);
    vt__gallery_release(anew);
    return status;
}

size_t vt__gallery_count(vt__gallery *g)
{
    return vt__gallery_rows(g);
}

/* ---- changing ---- */

/* The gallery to apply a change to: loaded, or out of its files, which would otherwise keep what was deleted or lack what was
 * added. NULL when there is neither. */
static vt__gallery *to_change(vt__service *service, const char *tenant, const char *scope)
{
    uint64_t revision;
    vt__gallery *g = find_loaded(service->galleries, tenant, scope);
    if (g || !vt__gallery_has_files(service, tenant, scope)) return g;
    g = open_files(&revision, service, tenant, scope);
    if (g) keep(g, service);
    else vt__gallery_unlink(service, tenant, scope);
    return g;
}

/* After a change: what does not hold as many faces as the store is not kept. */
static void applied(vt__gallery *g, vt__service *service, bool good)
{
    if (good && vt__gallery_is_whole(g, service)) vt__gallery_stamp(g, service);
    else vt__gallery_drop(service, g->tenant, g->scope);
    vt__gallery_release(g);
}

void vt__gallery_add(vt__service *service, const char *tenant, const char *scope, const vt__gallery_face *faces, size_t count)
{
    vt__gallery *g = to_change(service, tenant, scope);
    bool good = true;
    if (!g) return;
    for (size_t i = 0; i < count && good; i++) good = vt__gallery_append(g, service, &faces[i], NULL) == VT_OK;
    applied(g, service, good);
}

static bool remove_from(vt__index *index, const char *face_id, const char *person_id)
{
    vt__index_id id;
    vt__gallery_id(&id, face_id ? face_id : person_id);
    vt_status status = face_id ? vt__index_remove(index, &id, NULL) : vt__index_remove_person(index, &id, NULL);
    return status == VT_OK || status == VT_ENOTFOUND;
}

void vt__gallery_remove(vt__service *service, const char *tenant, const char *scope, const char *face_id, const char *person_id)
{
    vt__gallery *g = to_change(service, tenant, scope);
    bool good = true;
    if (!g) return;
    for (size_t i = 0; i < atomic_load(&g->shelf_count); i++) good &= remove_from(g->shelves[i].index, face_id, person_id);
    applied(g, service, good);
}

void vt__gallery_drop(vt__service *service, const char *tenant, const char *scope)
{
    vt__galleries *all = service->galleries;
    pthread_mutex_lock(&all->lock);
    vt__gallery **link = &all->first, *g;
    while ((g = *link) && (strcmp(g->scope, scope) || strcmp(g->tenant, tenant))) link = &g->next;
    if (g) take_out(all, link);
    pthread_mutex_unlock(&all->lock);
    vt__gallery_release(g);
    vt__gallery_unlink(service, tenant, scope);
}
