#include "cli/people.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/inputs.h"
#include "cli/templates.h"

static char *name_of(const char *path, const char *folder)
{
    const char *last = strrchr(path, '/'), *start = last ? last + 1 : path, *end = strrchr(start, '.');
    if (folder && last) {
        size_t root = strlen(folder);
        while (root && folder[root - 1] == '/') root--;
        const char *inside = strlen(path) > root ? path + root + 1 : start, *slash = strchr(inside, '/');
        if (slash) return vt__format("%.*s", (int)(slash - inside), inside);
    }
    return vt__format("%.*s", end ? (int)(end - start) : (int)strlen(start), start);
}

static vt_status add_person(vt__people *out, const vt__work *work, const char *path, const char *folder, vt_error *err)
{
    vt_template *items = vt__realloc(out->items, out->count + 1, sizeof *items);
    if (items) out->items = items;
    char **names = items ? vt__realloc(out->names, out->count + 1, sizeof *names) : NULL;
    if (!names) return vt__fail_memory(err, sizeof *items);
    out->names = names;
    vt_status status = vt__template_of_file(&out->items[out->count], work, path, VT__WHICH_LARGEST, err);
    if (status) return status;
    out->names[out->count] = name_of(path, folder);
    return out->names[out->count++] ? VT_OK : vt__fail_memory(err, strlen(path));
}

vt_status vt__people_read(vt__people *out, const vt__work *work, const char *list, vt_error *err)
{
    char *copy = vt__strdup(list), *rest = copy;
    *out = (vt__people){ 0 };
    vt_status status = copy ? VT_OK : vt__fail_memory(err, strlen(list));
    for (char *name = strsep(&rest, ","); name && !status; name = strsep(&rest, ",")) {
        vt__names paths = { 0 };
        if (!vt__folder_exists(name)) {
            status = add_person(out, work, name, NULL, err);
            continue;
        }
        status = vt__inputs_in_folder(&paths, name, err);
        for (size_t i = 0; i < paths.count && !status; i++) status = add_person(out, work, paths.items[i], name, err);
        vt__names_free(&paths);
    }
    vt__free(copy);
    return status;
}

void vt__people_free(vt__people *people)
{
    for (size_t i = 0; i < people->count; i++) vt__free(people->names[i]);
    vt__free(people->names);
    vt__free_secret(people->items, people->count * sizeof *people->items);
    *people = (vt__people){ 0 };
}
