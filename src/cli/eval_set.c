#include "cli/eval_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/inputs.h"
#include "cli/templates.h"

enum { max_pairs_bytes = 64 << 20, max_line = 1024 };

/* A pair as read: two relative paths. */
typedef struct read_pair {
    char *a, *b;
    bool same;
} read_pair;

typedef struct reading {
    read_pair *items;
    size_t count;
} reading;

static vt_status append_pair(reading *r, char *a, char *b, bool same, vt_error *err)
{
    if ((r->count & (r->count - 1)) == 0) {
        read_pair *items = vt__realloc(r->items, r->count ? r->count * 2 : 1, sizeof *items);
        if (!items) return vt__fail_memory(err, r->count * 2 * sizeof *items);
        r->items = items;
    }
    r->items[r->count++] = (read_pair){ a, b, same };
    return a && b ? VT_OK : vt__fail_memory(err, 64);
}

static void free_reading(reading *r)
{
    for (size_t i = 0; i < r->count; i++) {
        vt__free(r->items[i].a);
        vt__free(r->items[i].b);
    }
    vt__free(r->items);
}

static char *lfw_path(const char *name, const char *number)
{
    return vt__format("%s/%s_%04d.jpg", name, name, (int)strtol(number, NULL, 10));
}

/* One line of either form, its fields split at tabs (and spaces, which LFW's own copy has not). */
static vt_status read_line(reading *r, char *line, size_t number, vt_error *err)
{
    char *fields[5], *rest = line;
    size_t count = 0;
    for (char *f = strsep(&rest, "\t"); f && count < 5; f = strsep(&rest, "\t")) fields[count++] = f;
    if (count == 3 && strchr(fields[0], '/')) return append_pair(r, vt__strdup(fields[0]), vt__strdup(fields[1]), fields[2][0] == '1', err);
    if (count == 3 && !strcmp(fields[2], "same")) return VT_OK; /* the heading */
    if (count == 3) return append_pair(r, lfw_path(fields[0], fields[1]), lfw_path(fields[0], fields[2]), true, err);
    if (count == 4) return append_pair(r, lfw_path(fields[0], fields[1]), lfw_path(fields[2], fields[3]), false, err);
    bool counts = number == 1 && (count == 1 || count == 2);
    return counts ? VT_OK : vt__fail(err, VT_EFORMAT, "line %zu: not a pair (\"path TAB path TAB 0|1\", or LFW's pairs.txt)", number);
}

static vt_status read_pairs(reading *r, const char *path, vt_error *err)
{
    uint8_t *text;
    vt_status status = vt__file_read(&text, NULL, path, max_pairs_bytes, err);
    if (status) return status;
    char *rest = (char *)text;
    size_t number = 0;
    for (char *line = strsep(&rest, "\n"); line && !status; line = strsep(&rest, "\n")) {
        number++;
        line[strcspn(line, "\r")] = 0;
        if (*line) status = read_line(r, line, number, err);
    }
    vt__free(text);
    return status ? vt__error_prefix(err, status, "%s", path) : VT_OK;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The distinct paths of all pairs, sorted. */
static vt_status collect_paths(vt__eval_set *out, const reading *r, vt_error *err)
{
    char **all = vt__calloc(r->count * 2, sizeof *all);
    out->paths.items = vt__calloc(r->count * 2, sizeof *all);
    if (!all || !out->paths.items) {
        vt__free(all);
        return vt__fail_memory(err, r->count * 2 * sizeof *all);
    }
    for (size_t i = 0; i < r->count; i++) all[2 * i] = r->items[i].a, all[2 * i + 1] = r->items[i].b;
    qsort(all, r->count * 2, sizeof *all, compare_paths);
    vt_status status = VT_OK;
    for (size_t i = 0; i < r->count * 2 && !status; i++) {
        if (i && !strcmp(all[i], all[i - 1])) continue;
        out->paths.items[out->paths.count] = vt__strdup(all[i]);
        if (out->paths.items[out->paths.count]) out->paths.count++;
        else status = vt__fail_memory(err, 64);
    }
    vt__free(all);
    return status;
}

static uint32_t place_of(const vt__eval_set *set, const char *path)
{
    char **found = bsearch(&path, set->paths.items, set->paths.count, sizeof *set->paths.items, compare_paths);
    return (uint32_t)(found - set->paths.items);
}

vt_status vt__eval_set_pairs(vt__eval_set *out, const char *folder, const char *pairs_file, vt_error *err)
{
    *out = (vt__eval_set){ .folder = folder };
    reading r = { 0 };
    vt_status status = read_pairs(&r, pairs_file, err);
    if (!status && !r.count) status = vt__fail(err, VT_EFORMAT, "%s: no pairs in it", pairs_file);
    if (!status) status = collect_paths(out, &r, err);
    if (!status) out->pairs = vt__calloc(r.count, sizeof *out->pairs);
    if (!status && !out->pairs) status = vt__fail_memory(err, r.count * sizeof *out->pairs);
    for (size_t i = 0; !status && i < r.count; i++)
        out->pairs[out->pairs_count++] = (vt__pair){ place_of(out, r.items[i].a), place_of(out, r.items[i].b), r.items[i].same };
    free_reading(&r);
    if (status) vt__eval_set_free(out);
    return status;
}

vt_status vt__eval_set_folder(vt__eval_set *out, const char *folder, vt_error *err)
{
    *out = (vt__eval_set){ .folder = folder };
    vt_status status = vt__inputs_in_folder(&out->paths, folder, err);
    size_t skip = strlen(folder);
    for (size_t i = 0; !status && i < out->paths.count; i++) {
        char *path = out->paths.items[i], *inside = path + skip;
        while (*inside == '/') inside++;
        memmove(path, inside, strlen(inside) + 1);
    }
    return status;
}

vt_status vt__eval_set_templates(vt__eval_set *set, const vt__args *args, const vt__work *work, vt_error *err)
{
    set->dimension = vt_engine_dimension(work->engine);
    set->templates = vt__calloc(set->paths.count * set->dimension, sizeof *set->templates);
    if (!set->templates) return vt__fail_memory(err, set->paths.count * set->dimension * sizeof(float));
    vt__progress progress;
    vt_status status = VT_OK;
    vt__progress_begin(&progress, args, "making templates", set->paths.count);
    for (size_t i = 0; i < set->paths.count && !status; i++) {
        vt_template made;
        char *path = vt__path_join(set->folder, set->paths.items[i]);
        status = path ? vt__template_of_file(&made, work, path, VT__WHICH_CENTRAL, err) : vt__fail_memory(err, 64);
        if (!status) memcpy(set->templates + i * set->dimension, made.values, set->dimension * sizeof(float));
        if (status == VT_ENOFACE) status = VT_OK, set->without_face++;
        vt__free(path);
        vt__progress_step(&progress, i + 1);
    }
    return status;
}

void vt__eval_set_free(vt__eval_set *set)
{
    vt__names_free(&set->paths);
    vt__free(set->templates);
    vt__free(set->pairs);
    *set = (vt__eval_set){ 0 };
}

const float *vt__eval_set_template(const vt__eval_set *set, size_t picture)
{
    return set->templates + picture * set->dimension;
}

bool vt__eval_set_same(const vt__eval_set *set, size_t a, size_t b)
{
    const char *x = set->paths.items[a], *y = set->paths.items[b], *slash = strrchr(x, '/');
    size_t length = slash ? (size_t)(slash - x) + 1 : 0;
    return length && !strncmp(x, y, length) && !strchr(y + length, '/');
}
