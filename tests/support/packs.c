#include "support/packs.h"

#include <stdio.h>
#include <unistd.h>

#include "support/data.h"
#include "support/test.h"

#include "base/file.h"
#include "base/memory.h"

static void write_manifest(const char *to, const char *from, void (*change)(vt__json *manifest))
{
    char path[4200];
    uint8_t *text;
    size_t size;
    vt__json *root;
    snprintf(path, sizeof path, "%s/manifest.json", from);
    assert_int_equal(vt__file_read(&text, &size, path, 1 << 20, NULL), VT_OK);
    assert_int_equal(vt__json_parse(&root, text, size, 0, NULL), VT_OK);
    change(root);
    char *changed = vt__json_text(root, true);
    snprintf(path, sizeof path, "%s/manifest.json", to);
    assert_int_equal(vt__file_write(path, changed, strlen(changed), 0600, NULL), VT_OK);
    vt__free(changed);
    vt__json_free(root);
    vt__free(text);
}

void test_pack_changed(const char *to, void (*change)(vt__json *manifest))
{
    const char *from = test_pack_folder();
    if (!from) test_skip("no model pack (script/bootstrap makes one)");
    vt__names names;
    assert_int_equal(vt__folder_make(to, 0700, NULL), VT_OK);
    write_manifest(to, from, change);
    assert_int_equal(vt__folder_list(&names, from, NULL), VT_OK);
    for (size_t i = 0; i < names.count; i++) {
        if (!strcmp(names.items[i], "manifest.json")) continue;
        char *path = vt__path_join(from, names.items[i]), *link = vt__path_join(to, names.items[i]);
        assert_int_equal(symlink(path, link), 0);
        vt__free(path);
        vt__free(link);
    }
    vt__names_free(&names);
}

void test_pack_remove(const char *folder)
{
    vt__names names;
    if (vt__folder_list(&names, folder, NULL)) return;
    for (size_t i = 0; i < names.count; i++) {
        char *path = vt__path_join(folder, names.items[i]);
        unlink(path);
        vt__free(path);
    }
    vt__names_free(&names);
    rmdir(folder);
}

void test_pack_drop(vt__json *manifest, const char *task)
{
    const vt__json *models = vt__json_get(manifest, "models");
    vt__json *kept = vt__json_array();
    for (size_t i = 0; i < vt__json_count(models); i++)
        if (strcmp(vt__json_string_or(vt__json_at(models, i), "task", ""), task) != 0)
            vt__json_append(kept, vt__json_copy(vt__json_at(models, i)));
    assert_int_equal(vt__json_count(kept), vt__json_count(models) - 1);
    vt__json_set(manifest, "models", kept);
}
