/* Groups kept face by face are those that are made at once, whatever comes and goes in whatever order. */
#include "support/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <vultus/match.h>

#include "base/clock.h"
#include "support/failing.h"

enum { MOST = 1200, MOST_DIMENSION = 64 };

static uint64_t state = 1;

static uint32_t draw(uint32_t below)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((state >> 33) % below);
}

static float normal(void)
{
    double u = (draw(1u << 30) + 1.0) / (1u << 30), v = draw(1u << 30) / (double)(1u << 30);
    return (float)(sqrt(-2 * log(u)) * cos(6.283185307179586 * v));
}

static void unit(float *v, size_t dimension)
{
    double sum = 0;
    for (size_t i = 0; i < dimension; i++) sum += (double)v[i] * v[i];
    for (size_t i = 0; i < dimension; i++) v[i] = (float)(v[i] / sqrt(sum));
}

/* Faces around `persons` directions, so near to each other in few dimensions that joins of one person reach into others. */
static void make(float *out, size_t count, size_t dimension, size_t persons, float spread)
{
    float *centres = malloc(persons * dimension * sizeof *centres);
    for (size_t i = 0; i < persons * dimension; i++) centres[i] = normal();
    for (size_t p = 0; p < persons; p++) unit(centres + p * dimension, dimension);
    for (size_t i = 0; i < count; i++) {
        float *face = out + i * dimension, wide = spread / sqrtf((float)dimension);
        size_t person = draw((uint32_t)persons);
        for (size_t k = 0; k < dimension; k++) face[k] = centres[person * dimension + k] + wide * normal();
        unit(face, dimension);
        if (i && draw(10) == 0) memcpy(face, out + draw((uint32_t)i) * dimension, dimension * sizeof *face); /* the same picture */
    }
    free(centres);
}

/* Whether both put the same faces together; `number[i]` is where face i stands in `kept`. */
static void same_groups(const uint32_t *made, uint32_t made_groups, const uint32_t *kept, uint32_t kept_groups, const uint32_t *number, size_t count)
{
    static uint32_t to[MOST];
    assert_int_equal(made_groups, kept_groups);
    for (size_t g = 0; g < made_groups; g++) to[g] = VT_GROUP_MESSY;
    for (size_t i = 0; i < count; i++) {
        uint32_t there = kept[number[i]];
        if (made[i] == VT_GROUP_MESSY) {
            assert_int_equal(there, VT_GROUP_MESSY);
            continue;
        }
        if (to[made[i]] == VT_GROUP_MESSY) to[made[i]] = there;
        assert_int_equal(to[made[i]], there);
    }
    /* as many groups, each within one: so no two were put into one */
}

static float faces[MOST * MOST_DIMENSION], present[MOST * MOST_DIMENSION];
static uint32_t numbers[MOST], here[MOST], made[MOST], kept[2 * MOST];

/* The faces that are in the grouping (here[k] of them), at once. */
static void compare_with_batch(const vt_grouping *g, size_t count, size_t dimension, float threshold)
{
    uint32_t made_groups, kept_groups;
    for (size_t k = 0; k < count; k++) memcpy(present + k * dimension, faces + here[k] * dimension, dimension * sizeof *present);
    static uint32_t number[MOST];
    for (size_t k = 0; k < count; k++) number[k] = numbers[here[k]];
    assert_int_equal(vt_group(made, &made_groups, present, count, dimension, dimension, threshold, NULL), VT_OK);
    assert_int_equal(vt_grouping_read(kept, &kept_groups, g, 2 * MOST, NULL), VT_OK);
    same_groups(made, made_groups, kept, kept_groups, number, count);
}

typedef struct set {
    const char *what;
    size_t count, dimension, persons;
    float spread, threshold;
    uint32_t rounds, removed_of_10, every;
} set;

static const set sets[] = {
    { "a few, compared at every change", 40, 4, 6, 0.9f, 0.5f, 60, 3, 1 },
    { "few dimensions: nearly all touch", 160, 3, 12, 0.7f, 0.7f, 12, 3, 5 },
    { "groups near to each other", 300, 8, 25, 0.9f, 0.45f, 8, 2, 13 },
    { "one large person", 300, 16, 1, 1.5f, 0.3f, 4, 3, 17 },
    { "no two alike", 200, 64, 200, 1, 0.6f, 2, 2, 20 },
    { "everything in one", 120, 8, 5, 1, -1, 3, 2, 9 },
    { "low threshold", 200, 8, 20, 1, 0.1f, 6, 2, 9 },
    { "as faces are", 1200, 48, 150, 0.8f, 0.35f, 2, 1, 101 },
};

static void come_and_go(const set *s)
{
    vt_grouping *g;
    make(faces, s->count, s->dimension, s->persons, s->spread);
    assert_int_equal(vt_grouping_open(&g, s->dimension, s->threshold, NULL), VT_OK);
    size_t count = 0, changes = 0;
    uint32_t order[MOST];
    for (uint32_t i = 0; i < s->count; i++) order[i] = i;
    for (size_t i = s->count - 1; i; i--) {
        uint32_t k = draw((uint32_t)i + 1), taken = order[i];
        order[i] = order[k];
        order[k] = taken;
    }
    for (size_t next = 0; next < s->count; changes++) {
        if (count > 2 && draw(10) < s->removed_of_10) {
            uint32_t k = draw((uint32_t)count);
            assert_int_equal(vt_grouping_remove(g, numbers[here[k]], NULL), VT_OK);
            here[k] = here[--count];
        } else {
            here[count++] = order[next];
            assert_int_equal(vt_grouping_add(&numbers[order[next]], g, faces + order[next] * s->dimension, NULL), VT_OK);
            next++;
        }
        if (changes % s->every == 0) compare_with_batch(g, count, s->dimension, s->threshold);
    }
    compare_with_batch(g, count, s->dimension, s->threshold);
    while (count) {
        assert_int_equal(vt_grouping_remove(g, numbers[here[--count]], NULL), VT_OK);
        if (count && count % s->every == 0) compare_with_batch(g, count, s->dimension, s->threshold);
    }
    vt_grouping_close(g);
}

static void as_at_once_whatever_the_order(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        for (uint32_t round = 0; round < sets[i].rounds; round++) {
            state = 1000 * i + round + 1;
            come_and_go(&sets[i]);
        }
}

static void numbers_and_refusals(void **unused)
{
    (void)unused;
    vt_grouping *g;
    vt_error err;
    uint32_t number, groups, out[3];
    const float face[3] = { 0.6f, 0, 0.8f }, other[3] = { 0, 1, 0 }, nan[3] = { NAN, 0, 0 }, large[3] = { 1, 1, 0 };
    assert_int_equal(vt_grouping_open(&g, 0, 0.5f, &err), VT_EINVAL);
    assert_int_equal(vt_grouping_open(&g, 1025, 0.5f, &err), VT_EINVAL);
    assert_int_equal(vt_grouping_open(&g, 3, NAN, &err), VT_EINVAL);
    assert_int_equal(vt_grouping_open(&g, 3, 0.5f, &err), VT_OK);
    assert_int_equal(vt_grouping_add(&number, g, nan, &err), VT_EINVAL);
    assert_int_equal(vt_grouping_add(&number, g, large, &err), VT_EINVAL);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(vt_grouping_add(&number, g, i == 1 ? other : face, &err), VT_OK);
        assert_int_equal(number, i);
    }
    assert_int_equal(vt_grouping_read(out, &groups, g, 2, &err), VT_EINVAL);
    assert_int_equal(vt_grouping_read(out, &groups, g, 3, &err), VT_OK);
    assert_int_equal(groups, 1);
    const uint32_t expected[3] = { 0, VT_GROUP_MESSY, 0 };
    assert_memory_equal(out, expected, sizeof out);
    assert_int_equal(vt_grouping_remove(g, 0, &err), VT_OK);
    assert_int_equal(vt_grouping_remove(g, 0, &err), VT_ENOTFOUND);
    assert_int_equal(vt_grouping_remove(g, 3, &err), VT_ENOTFOUND);
    assert_int_equal(vt_grouping_read(out, &groups, g, 3, &err), VT_OK);
    assert_int_equal(groups, 0);
    assert_int_equal(vt_grouping_add(&number, g, other, &err), VT_OK);
    assert_int_equal(number, 0);
    assert_int_equal(vt_grouping_count(g), 3);
    assert_int_equal(vt_grouping_read(out, &groups, g, 3, &err), VT_OK);
    assert_true(groups == 1 && out[0] == 0 && out[1] == 0 && out[2] == VT_GROUP_MESSY);
    vt_grouping_close(g);
    vt_grouping_close(NULL);
}

static bool some_faces(void *context)
{
    vt_grouping *g;
    uint32_t number, out[30], groups;
    bool good = vt_grouping_open(&g, 8, 0.4f, NULL) == VT_OK;
    for (size_t i = 0; i < 30 && good; i++) good = vt_grouping_add(&number, g, (const float *)context + 8 * i, NULL) == VT_OK;
    for (uint32_t i = 0; i < 10 && good; i++) good = vt_grouping_remove(g, 3 * i, NULL) == VT_OK;
    good = good && vt_grouping_read(out, &groups, g, 30, NULL) == VT_OK;
    vt_grouping_close(g);
    return good;
}

static void out_of_memory(void **unused)
{
    (void)unused;
    state = 5;
    make(faces, 30, 8, 4, 0.8f);
    assert_true(failing_each(some_faces, faces, 2000, true) > 50);
    assert_true(some_faces(faces));
}

/* VULTUS_TEST_LONG: 100,000 faces that touch each other as those of strangers do, against linkage at once of each part that no pair
 * of faces connects with another; these parts can have nothing to do with each other. */
typedef struct parts {
    uint32_t *of;
} parts;

static uint32_t part_of(parts *p, uint32_t face)
{
    while (p->of[face] != face) face = p->of[face] = p->of[p->of[face]];
    return face;
}

static void connect(parts *p, const float *rows, size_t count, size_t dimension, float threshold)
{
    for (uint32_t a = 0; a < count; a++)
        for (uint32_t b = 0; b < a; b++) {
            if (part_of(p, a) == part_of(p, b)) continue;
            float sum = 0;
            for (size_t k = 0; k < dimension; k++) sum += rows[a * dimension + k] * rows[b * dimension + k];
            if (sum >= threshold - 0.01f) p->of[part_of(p, a)] = part_of(p, b);
        }
}

static void compare_part(const float *rows, size_t dimension, float threshold, const uint32_t *all, const uint32_t *members, size_t count)
{
    static uint32_t to[4096], at_once[4096];
    uint32_t groups;
    float *part = malloc(count * dimension * sizeof *part);
    for (size_t i = 0; i < count; i++) memcpy(part + i * dimension, rows + members[i] * dimension, dimension * sizeof *part);
    assert_int_equal(vt_group(at_once, &groups, part, count, dimension, dimension, threshold, NULL), VT_OK);
    for (size_t g = 0; g < groups; g++) to[g] = VT_GROUP_MESSY;
    for (size_t i = 0; i < count; i++) {
        if (at_once[i] != VT_GROUP_MESSY && to[at_once[i]] == VT_GROUP_MESSY) to[at_once[i]] = all[members[i]];
        assert_int_equal(all[members[i]], at_once[i] == VT_GROUP_MESSY ? VT_GROUP_MESSY : to[at_once[i]]);
    }
    for (size_t a = 0; a < groups; a++)
        for (size_t b = 0; b < a; b++) assert_int_not_equal(to[a], to[b]);
    free(part);
}

static void a_hundred_thousand(void **unused)
{
    (void)unused;
    enum { COUNT = 100000, DIMENSION = 64, PERSONS = 12000 };
    const float threshold = 0.6f;
    if (!getenv("VULTUS_TEST_LONG")) skip();
    float *rows = malloc((size_t)COUNT * DIMENSION * sizeof *rows);
    uint32_t *all = malloc(COUNT * sizeof *all), *members = malloc(COUNT * sizeof *members), number, groups;
    parts p = { malloc(COUNT * sizeof *p.of) };
    vt_grouping *g;
    state = 77;
    make(rows, COUNT, DIMENSION, PERSONS, 0.7f);
    assert_int_equal(vt_grouping_open(&g, DIMENSION, threshold, NULL), VT_OK);
    int64_t begin = vt__monotonic_ns(), half = 0;
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(vt_grouping_add(&number, g, rows + i * DIMENSION, NULL), VT_OK);
        if (i == COUNT / 2) half = vt__monotonic_ns();
    }
    int64_t end = vt__monotonic_ns();
    assert_int_equal(vt_grouping_read(all, &groups, g, COUNT, NULL), VT_OK);
    vt_grouping_close(g);
    for (uint32_t i = 0; i < COUNT; i++) p.of[i] = i;
    connect(&p, rows, COUNT, DIMENSION, threshold);
    size_t compared = 0, largest = 0, count_of_parts = 0, messy = 0;
    uint32_t *next = malloc(COUNT * sizeof *next), *first = malloc(COUNT * sizeof *first);
    for (uint32_t i = 0; i < COUNT; i++) first[i] = UINT32_MAX;
    for (uint32_t i = COUNT; i-- > 0;) {
        uint32_t part = part_of(&p, i);
        next[i] = first[part];
        first[part] = i;
        messy += all[i] == VT_GROUP_MESSY;
    }
    for (uint32_t part = 0; part < COUNT; part++) {
        size_t count = 0;
        for (uint32_t i = first[part]; i != UINT32_MAX; i = next[i]) members[count++] = i;
        if (!count) continue;
        assert_true(count <= 4096);
        compare_part(rows, DIMENSION, threshold, all, members, count);
        compared += count;
        count_of_parts++;
        if (count > largest) largest = count;
    }
    assert_int_equal(compared, COUNT);
    print_message("%d faces, %u groups, %zu alone, %zu parts, the largest of %zu: %.3f ms a face, %.3f in the second half\n", COUNT,
                  groups, messy, count_of_parts, largest, (double)(end - begin) / 1e6 / COUNT, (double)(end - half) / 1e6 / (COUNT / 2));
    free(rows), free(all), free(members), free(p.of), free(next), free(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_at_once_whatever_the_order),
        cmocka_unit_test(numbers_and_refusals),
        cmocka_unit_test(out_of_memory),
        cmocka_unit_test(a_hundred_thousand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
