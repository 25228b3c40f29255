/* More collections than indexes may be open. */
#include "support/test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "service/gallery.h"
#include "service/recognition.h"
#include "support/engine.h"
#include "support/folder.h"
#include "support/made_up.h"

enum { LISTS = 24, FACES = 3, OPEN = 4 };
#define MODEL "recognition_04"

typedef char uuid[VT__UUID_TEXT_BYTES];

static vt_engine *engine;
static vt__service *service;
static const vt__caller me = { "default", "1", VT__SCOPE_ALL, NULL, NULL };
static uuid faces[LISTS][FACES];

static void open_service(size_t open_galleries)
{
    vt__service_options options = VT__SERVICE_OPTIONS_INIT;
    vt_error err;
    options.data_folder = test_folder();
    options.engine = engine;
    options.evaluation = true;
    options.sweep = false;
    options.open_galleries = open_galleries;
    if (vt__service_open(&service, &options, &err)) fail_msg("%s", err.text);
}

static vt__collection_id list_at(size_t number)
{
    static char id[16];
    snprintf(id, sizeof id, "list%zu", number);
    return (vt__collection_id){ VT__KIND_FACE_LIST, id };
}

static void add(size_t list, size_t face)
{
    vt_template t = made_up_face((uint32_t)(100 * list + face), 1);
    const vt__face_place place = { list_at(list), NULL, NULL };
    assert_int_equal(vt__face_add_template(faces[list][face], service, &me, place, &t, NULL, NULL), VT__CODE_OK);
}

static int begin(void **state)
{
    (void)state;
    open_service(OPEN);
    for (size_t i = 0; i < LISTS; i++) {
        assert_int_equal(vt__collection_create(service, &me, list_at(i), "list", NULL, MODEL, NULL), VT__CODE_OK);
        add(i, 0);
    }
    return 0;
}

static int end(void **state)
{
    vt__service_close(service);
    return test_folder_remove(state);
}

/* The face of a list that looks like this one; "" for none. */
static const char *find(size_t list, size_t face)
{
    static uuid found;
    uuid asked;
    vt__candidates got;
    vt_template t = made_up_face((uint32_t)(100 * list + face), 2);
    assert_int_equal(vt__face_id_make(asked, service, &me, &t, MODEL, 0, NULL), VT__CODE_OK);
    const vt__similar_request request = { asked, NULL, 0, list_at(list), 1, false };
    assert_int_equal(vt__service_similar(&got, service, &me, &request, NULL), VT__CODE_OK);
    snprintf(found, sizeof found, "%s", got.count ? got.items[0].id : "");
    vt__free(got.items);
    return found;
}

/* Descriptors of index files, or all. */
static size_t descriptors(bool of_index)
{
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char link[300], target[600];
        snprintf(link, sizeof link, "/proc/self/fd/%s", entry->d_name);
        ssize_t length = readlink(link, target, sizeof target - 1);
        if (length < 0) continue;
        target[length] = '\0';
        count += !of_index || strstr(target, test_folder_file("index/")) != NULL;
    }
    closedir(folder);
    return count - !of_index; /* but the folder that was looked through */
}

/* Ids of all pairs of files: others when any was built anew. */
static void pair_ids(uint8_t out[LISTS][16])
{
    vt__names names = { NULL, 0 };
    size_t count = 0;
    assert_int_equal(vt__folder_list(&names, test_folder_file("index"), NULL), VT_OK);
    for (size_t i = 0; i < names.count; i++) {
        uint8_t *bytes = NULL;
        size_t size;
        if (!strstr(names.items[i], ".codes")) continue;
        char *path = vt__format("%s/index/%s", test_folder(), names.items[i]);
        assert_int_equal(vt__file_read(&bytes, &size, path, 1 << 22, NULL), VT_OK);
        assert_true(count < LISTS);
        memcpy(out[count++], bytes + 32, 16);
        vt__free(bytes);
        vt__free(path);
    }
    vt__names_free(&names);
    assert_int_equal(count, LISTS);
}

static void as_many_are_open_as_were_asked_for(void **state)
{
    (void)state;
    uint8_t before[LISTS][16], after[LISTS][16];
    for (size_t i = 0; i < LISTS; i++) {
        assert_string_equal(find(i, 0), faces[i][0]);
        assert_in_range(descriptors(true), 2, 2 * OPEN);
    }
    assert_int_equal(vt__galleries_count(service->galleries), OPEN);
    pair_ids(before);
    for (size_t i = 0; i < LISTS; i++) { /* each is closed when its turn comes */
        add(i, 1);
        assert_string_equal(find(i, 1), faces[i][1]);
        if (i + 1 < LISTS) assert_string_equal(find(i + 1, 0), faces[i + 1][0]);
        const vt__face_place place = { list_at(i), NULL, NULL };
        assert_int_equal(vt__face_delete(service, &me, place, faces[i][0], NULL), VT__CODE_OK);
    }
    for (size_t i = LISTS; i-- > 0;) {
        assert_string_equal(find(i, 0), "");
        assert_string_equal(find(i, 1), faces[i][1]);
    }
    assert_int_equal(vt__galleries_count(service->galleries), OPEN);
    assert_int_equal(descriptors(true), 2 * OPEN);
    pair_ids(after);
    assert_memory_equal(before, after, sizeof before);
}

static vt__gallery *open_now(size_t list)
{
    vt__gallery *g;
    char scope[VT__SCOPE_TEXT_BYTES];
    vt__scope_text(scope, list_at(list));
    assert_int_equal(vt__gallery_acquire(&g, service, "default", scope, UINT64_MAX, NULL), VT_OK);
    return g;
}

static void one_in_use_stays_open(void **state)
{
    (void)state;
    vt__gallery *held = open_now(0), *again;
    for (size_t i = 1; i < LISTS; i++) find(i, 0);
    add(0, 2);
    assert_int_equal(vt__gallery_count(held), 2); /* it is the one that changes reach */
    again = open_now(0);
    assert_ptr_equal(again, held);
    vt__gallery_release(again);
    vt__gallery_release(held);
    assert_string_equal(find(0, 2), faces[0][2]);
}

static bool has_open(size_t list)
{
    char text[64], hex[33], link[300], target[600];
    uint8_t digest[VT__SHA256_BYTES];
    snprintf(text, sizeof text, "default\nfl/list%zu", list);
    vt__sha256(digest, text, strlen(text));
    vt__hex_encode(hex, digest, 16);
    bool there = false;
    DIR *folder = opendir("/proc/self/fd");
    for (struct dirent *entry; (entry = readdir(folder));) {
        snprintf(link, sizeof link, "/proc/self/fd/%s", entry->d_name);
        ssize_t length = readlink(link, target, sizeof target - 1);
        if (length < 0) continue;
        target[length] = '\0';
        there |= strstr(target, hex) != NULL;
    }
    closedir(folder);
    return there;
}

static void the_one_used_longest_ago_is_closed(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPEN; i++) find(i, 0);
    for (size_t i = 0; i < OPEN; i++) assert_true(has_open(i));
    find(0, 0);
    find(OPEN, 0);
    assert_true(has_open(0));
    assert_false(has_open(1));
    assert_true(has_open(2) && has_open(3) && has_open(OPEN));
}

static void all_in_use_may_be_more(void **state)
{
    (void)state;
    vt__gallery *held[LISTS];
    char scope[VT__SCOPE_TEXT_BYTES];
    for (size_t i = 0; i < LISTS; i++) {
        vt__scope_text(scope, list_at(i));
        assert_int_equal(vt__gallery_acquire(&held[i], service, "default", scope, UINT64_MAX, NULL), VT_OK);
    }
    assert_int_equal(vt__galleries_count(service->galleries), LISTS);
    for (size_t i = 0; i < LISTS; i++) assert_int_equal(vt__gallery_count(held[i]), 1);
    for (size_t i = 0; i < LISTS; i++) vt__gallery_release(held[i]);
    vt__scope_text(scope, (vt__collection_id){ VT__KIND_DIRECTORY, "" });
    assert_int_equal(vt__gallery_acquire(&held[0], service, "default", scope, UINT64_MAX, NULL), VT_OK);
    vt__gallery_release(held[0]);
    assert_in_range(vt__galleries_count(service->galleries), 1, OPEN + 1);
}

/* The process may open fewer files than the setting would take. */
static void too_few_descriptors_close_others(void **state)
{
    (void)state;
    uint8_t before[LISTS][16], after[LISTS][16];
    struct rlimit usual, few;
    for (size_t i = 0; i < LISTS; i++) find(i, 0);
    pair_ids(before);
    vt__service_close(service);
    open_service(1000);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    few = usual;
    few.rlim_cur = descriptors(false) + 12; /* some for the store and the audit */
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    for (size_t i = 0; i < LISTS; i++) assert_string_equal(find(i, 0), faces[i][0]);
    for (size_t i = 0; i < LISTS; i += 5) {
        add(i, 1);
        assert_string_equal(find(i, 1), faces[i][1]);
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    assert_in_range(vt__galleries_count(service->galleries), 2, 6);
    pair_ids(after);
    assert_memory_equal(before, after, sizeof before);
}

int main(void)
{
    engine = test_engine();
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(as_many_are_open_as_were_asked_for),
        CASE(the_one_used_longest_ago_is_closed),
        CASE(one_in_use_stays_open),
        CASE(all_in_use_may_be_more),
        CASE(too_few_descriptors_close_others),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    vt_engine_close(engine);
    return failures;
}
