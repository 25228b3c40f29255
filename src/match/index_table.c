/* From ids and persons to rows. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "match/index_rows.h"

/* Most ids are random, but those of an import are whatever it says. */
static size_t hash_of(const vt__index_id *id)
{
    uint64_t h[2];
    memcpy(h, id->bytes, sizeof h);
    uint64_t mixed = h[0] ^ h[1] * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ mixed >> 32) * 0x9E3779B97F4A7C15u;
    return (size_t)(mixed ^ mixed >> 32);
}

static const vt__index_id *key_at(const vt__index *index, const vt__row_table *table, uint32_t number)
{
    vt__row row = vt__row_at(index, number);
    return table == &index->by_id ? &row.segment->ids[row.place] : &row.segment->persons[row.place];
}

/* Where a key stands, or the free entry where it belongs. The table is never full. */
static size_t place_of(const vt__index *index, const vt__row_table *table, const vt__index_id *key)
{
    size_t mask = table->size - 1, at = hash_of(key) & mask;
    for (;; at = (at + 1) & mask) {
        uint32_t entry = table->entries[at];
        if (!entry) return at;
        if (entry != VT__TOMB && !memcmp(key_at(index, table, entry - 1), key, sizeof *key)) return at;
    }
}

static uint32_t find(const vt__index *index, const vt__row_table *table, const vt__index_id *key)
{
    return table->entries ? table->entries[place_of(index, table, key)] : 0;
}

uint32_t vt__tables_find(const vt__index *index, const vt__index_id *id)
{
    return find(index, &index->by_id, id);
}

uint32_t vt__tables_person(const vt__index *index, const vt__index_id *person)
{
    return find(index, &index->by_person, person);
}

static vt_status grow(vt__index *index, vt__row_table *table, vt_error *err)
{
    if (table->entries && table->used * 2 < table->size) return VT_OK;
    size_t size = 1024;
    while (size < 4 * (vt__index_count(index) + 1)) size *= 2;
    vt__row_table old = *table;
    uint32_t *fresh = vt__calloc(size, sizeof *fresh);
    if (!fresh) return vt__fail_memory(err, size * sizeof *fresh);
    *table = (vt__row_table){ fresh, size, 0 };
    for (size_t i = 0; i < old.size; i++) {
        if (!old.entries[i] || old.entries[i] == VT__TOMB) continue;
        fresh[place_of(index, table, key_at(index, table, old.entries[i] - 1))] = old.entries[i];
        table->used++;
    }
    vt__free(old.entries);
    return VT_OK;
}

/* Rows that were read from a file, into the tables. */
static void add_late(vt__index *index)
{
    size_t rows = atomic_load(&index->rows);
    index->tables_late = false;
    for (uint32_t number = 0; number < rows; number++) {
        if (vt__row_lives(vt__row_at(index, number))) vt__tables_add(index, number);
    }
}

vt_status vt__tables_reserve(vt__index *index, vt_error *err)
{
    vt_status status = grow(index, &index->by_id, err);
    if (!status) status = grow(index, &index->by_person, err);
    if (!status && index->tables_late) add_late(index);
    return status;
}

static bool has_person(const vt__row *row)
{
    static const vt__index_id nobody;
    return memcmp(&row->segment->persons[row->place], &nobody, sizeof nobody) != 0;
}

void vt__tables_add(vt__index *index, uint32_t number)
{
    vt__row row = vt__row_at(index, number);
    index->by_id.entries[place_of(index, &index->by_id, &row.segment->ids[row.place])] = number + 1;
    index->by_id.used++;
    row.segment->next[row.place] = 0;
    if (!has_person(&row)) return;
    size_t at = place_of(index, &index->by_person, &row.segment->persons[row.place]);
    row.segment->next[row.place] = index->by_person.entries[at];
    index->by_person.used += !index->by_person.entries[at];
    index->by_person.entries[at] = number + 1;
}

void vt__tables_remove(vt__index *index, uint32_t number)
{
    vt__row row = vt__row_at(index, number);
    index->by_id.entries[place_of(index, &index->by_id, &row.segment->ids[row.place])] = VT__TOMB;
    if (!has_person(&row)) return;
    uint32_t *entry = &index->by_person.entries[place_of(index, &index->by_person, &row.segment->persons[row.place])];
    if (*entry == number + 1) {
        *entry = row.segment->next[row.place] ? row.segment->next[row.place] : VT__TOMB;
        return;
    }
    vt__row before = vt__row_at(index, *entry - 1);
    while (before.segment->next[before.place] != number + 1) before = vt__row_at(index, before.segment->next[before.place] - 1);
    before.segment->next[before.place] = row.segment->next[row.place];
}

void vt__tables_free(vt__index *index)
{
    vt__free(index->by_id.entries);
    vt__free(index->by_person.entries);
}

static int row_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The person's rows into out, or only counted. */
static size_t rows_of_person(uint32_t *out, const vt__index *index, const vt__index_id *person)
{
    size_t count = 0;
    for (uint32_t entry = vt__tables_person(index, person); entry; count++) {
        vt__row row = vt__row_at(index, entry - 1);
        if (out) out[count] = entry - 1;
        entry = row.segment->next[row.place];
    }
    return count;
}

/* Rows named by a query, into out or only counted. */
static size_t rows_named(uint32_t *out, const vt__index *index, const vt__index_query *query)
{
    size_t count = 0;
    for (size_t i = 0; query->ids && i < query->ids_count; i++) {
        uint32_t entry = vt__tables_find(index, &query->ids[i]);
        if (entry && out) out[count] = entry - 1;
        count += entry != 0;
    }
    for (size_t i = 0; query->persons && i < query->persons_count; i++)
        count += rows_of_person(out ? out + count : NULL, index, &query->persons[i]);
    return count;
}

static bool named(const vt__index_id *const *wanted, size_t mask, const vt__index_id *key)
{
    for (size_t at = hash_of(key) & mask; wanted[at]; at = (at + 1) & mask)
        if (!memcmp(wanted[at], key, sizeof *key)) return true;
    return false;
}

/* The same without the tables: looks at every row. */
static vt_status rows_looked_at(vt__row_list *out, const vt__index *index, const vt__index_query *query)
{
    const vt__index_id *keys = query->ids ? query->ids : query->persons;
    size_t count = query->ids ? query->ids_count : query->persons_count, size = 16, rows = atomic_load(&index->rows);
    while (size < 2 * count) size *= 2;
    const vt__index_id **wanted = vt__calloc(size, sizeof *wanted);
    vt_status status = wanted && (out->items = vt__malloc(size, sizeof *out->items)) ? VT_OK : VT_ENOMEM;
    out->capacity = size;
    for (size_t i = 0, at; i < count && !status; i++) {
        for (at = hash_of(&keys[i]) & (size - 1); wanted[at];) at = (at + 1) & (size - 1);
        wanted[at] = &keys[i];
    }
    for (uint32_t number = 0; number < rows && !status; number++) {
        vt__row row = vt__row_at(index, number);
        if (!vt__row_lives(row)) continue;
        const vt__index_id *key = query->ids ? &row.segment->ids[row.place] : &row.segment->persons[row.place];
        if (named(wanted, size - 1, key)) status = vt__row_list_push(out, number, NULL);
    }
    vt__free(wanted);
    return status;
}

static vt_status rows_in_tables(vt__row_list *out, vt__index *index, const vt__index_query *query)
{
    vt_status status = index->tables_late ? vt__tables_reserve(index, NULL) : VT_OK;
    size_t count = status ? 0 : rows_named(NULL, index, query);
    out->items = status ? NULL : vt__malloc(count + 1, sizeof *out->items);
    if (!out->items) return VT_ENOMEM;
    out->count = out->capacity = count;
    rows_named(out->items, index, query);
    return VT_OK;
}

vt_status vt__index_rows_of(uint32_t **out, size_t *out_count, vt__index *index, const vt__index_query *query)
{
    vt__row_list rows = { NULL, 0, 0 };
    vt_status status;
    if (pthread_mutex_trylock(&index->writing)) {
        status = rows_looked_at(&rows, index, query);
    } else {
        status = rows_in_tables(&rows, index, query);
        pthread_mutex_unlock(&index->writing);
    }
    if (status) {
        vt__free(rows.items);
        return status;
    }
    if (rows.count) qsort(rows.items, rows.count, sizeof *rows.items, row_order);
    size_t kept = 0; /* each once, though named twice */
    for (size_t i = 0; i < rows.count; i++)
        if (!kept || rows.items[kept - 1] != rows.items[i]) rows.items[kept++] = rows.items[i];
    *out = rows.items;
    *out_count = kept;
    return VT_OK;
}
