#include "cli/people.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/gallery_pages.h"
#include "cli/inputs.h"
#include "cli/templates.h"
#include "service/people.h"

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

/* Room for `more`; the templates left behind are wiped. */
static vt__code make_room(vt__people *out, size_t more, vt_error *err)
{
    if (out->count + more <= out->room) return VT__CODE_OK;
    size_t room = 2 * out->room > out->count + more ? 2 * out->room : out->count + more;
    char **names = vt__realloc(out->names, room, sizeof *names);
    if (names) out->names = names;
    vt_template *items = names ? vt__calloc(room, sizeof *items) : NULL;
    if (!items) return vt__code_of(vt__fail_memory(err, room * sizeof *items));
    if (out->count) memcpy(items, out->items, out->count * sizeof *items);
    vt__free_secret(out->items, out->room * sizeof *items);
    out->items = items;
    out->room = room;
    return VT__CODE_OK;
}

static vt__code add_named(vt__people *out, const vt_template *item, char *name, vt_error *err)
{
    vt__code code = name ? make_room(out, 1, err) : vt__code_of(vt__fail_memory(err, 64));
    if (code) {
        vt__free(name);
        return code;
    }
    out->items[out->count] = *item;
    out->names[out->count++] = name;
    return VT__CODE_OK;
}

static vt__code add_picture(vt__people *out, const vt__work *work, const char *path, const char *folder, vt_error *err)
{
    vt_template item;
    vt_status status = vt__template_of_file(&item, work, path, VT__WHICH_LARGEST, err);
    vt__code code = status ? vt__code_of(status) : add_named(out, &item, name_of(path, folder), err);
    vt__wipe(&item, sizeof item);
    return code;
}

static vt__code add_folder(vt__people *out, const vt__work *work, const char *folder, vt_error *err)
{
    vt__names paths = { 0 };
    vt__code code = vt__code_of(vt__inputs_in_folder(&paths, folder, err));
    for (size_t i = 0; i < paths.count && !code; i++) code = add_picture(out, work, paths.items[i], folder, err);
    vt__names_free(&paths);
    return code;
}

static vt__code add_person(vt__people *out, vt__gallery_work *work, vt__action action, const char *id, const char *name, vt_error *err)
{
    vt_template *found = NULL;
    size_t count = 0;
    vt__code code = vt__people_templates(&found, &count, work->service, &work->caller, action, work->group, &id, 1, err);
    for (size_t i = 0; i < count && !code; i++) code = add_named(out, &found[i], vt__strdup(name), err);
    vt__free_secret(found, count * sizeof *found);
    return code;
}

static vt__code add_named_person(vt__people *out, vt__gallery_work *work, vt__action action, const char *id, vt_error *err)
{
    vt__item person;
    vt__code code = vt__person_get(&person, work->service, &work->caller, work->group, id, err);
    if (code) return code;
    code = add_person(out, work, action, id, person.name, err);
    vt__item_free(&person);
    return code;
}

typedef struct everybody {
    vt__people *out;
    vt__gallery_work *work;
    vt__action action;
} everybody;

/* Persons without a face, or whose consent ended, are passed over. */
static vt__code add_one_of_all(void *payload, const vt__item *person, vt_error *err)
{
    const everybody *all = payload;
    vt__code code = add_person(all->out, all->work, all->action, person->id, person->name, err);
    return code == VT__CODE_PERSON_WITHOUT_FACE || code == VT__CODE_NO_CONSENT ? VT__CODE_OK : code;
}

vt__code vt__people_read(vt__people *out, vt__gallery_work *work, vt__action action, const char *list, vt_error *err)
{
    *out = (vt__people){ 0 };
    everybody all = { out, work, action };
    if (!list) return vt__each_item(work, true, add_one_of_all, &all, err);
    char *copy = vt__strdup(list), *rest = copy;
    vt__code code = copy ? VT__CODE_OK : vt__code_of(vt__fail_memory(err, strlen(list)));
    for (char *one = strsep(&rest, ","); one && !code; one = strsep(&rest, ",")) {
        if (vt__folder_exists(one)) code = add_folder(out, &work->work, one, err);
        else if (vt__uuid_valid(one) && !vt__file_exists(one)) code = add_named_person(out, work, action, one, err);
        else code = add_picture(out, &work->work, one, NULL, err);
    }
    vt__free(copy);
    return code;
}

void vt__people_free(vt__people *people)
{
    for (size_t i = 0; i < people->count; i++) vt__free(people->names[i]);
    vt__free(people->names);
    vt__free_secret(people->items, people->room * sizeof *people->items);
    *people = (vt__people){ 0 };
}
