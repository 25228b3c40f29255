#include "support/folder.h"
#include "support/program.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "service/recognition.h"
#include "service/transfer.h"
#include "support/data.h"
#include "support/engine.h"
#include "support/made_up.h"

static vt_engine *engine;
static const vt__caller me = { "default", "program", VT__SCOPE_ALL, NULL, NULL };
static const vt__collection_id group = { VT__KIND_PERSON_GROUP, "people" };
enum { persons_made = 7 };

/* A service over DATA of the tests' folder, by the system's clock, as the program opens it. */
static vt__service *open_data(const char *data)
{
    vt__service_options options = VT__SERVICE_OPTIONS_INIT;
    vt__service *service;
    vt_error err;
    options.data_folder = test_folder_file(data);
    options.engine = engine;
    options.evaluation = true;
    options.sweep = false;
    if (vt__service_open(&service, &options, &err)) fail_msg("%s", err.text);
    return service;
}

static void make_people(void)
{
    vt__service *service = open_data("from");
    assert_int_equal(vt__collection_create(service, &me, group, "The \"people\"", "data", "recognition_04", NULL), VT__CODE_OK);
    for (uint32_t i = 0; i < persons_made; i++) {
        char person[VT__UUID_TEXT_BYTES], face[VT__UUID_TEXT_BYTES], name[32];
        snprintf(name, sizeof name, "Zoë %u\n", i);
        assert_int_equal(vt__person_create(person, service, &me, group, name, i % 2 ? "u" : NULL, NULL), VT__CODE_OK);
        for (uint32_t shot = 0; shot < i % 3; shot++) {
            vt_template t = made_up_face(i, shot);
            const vt__face_place place = { group, person, NULL };
            assert_int_equal(vt__face_add_template(face, service, &me, place, &t, shot ? "second" : NULL, NULL), VT__CODE_OK);
        }
    }
    vt__service_close(service);
}

static void run_expecting(int code, const char *says, const char *arguments)
{
    program_result out = program_run("%s", arguments);
    if (out.code != code || !strstr(out.output, says)) fail_msg("vultus %s: %d, %s", arguments, out.code, out.output);
    free(out.output);
}

/* Arguments with FOLDER/ for @. */
static const char *in_folder(const char *text)
{
    static char out[2048];
    size_t at = 0;
    for (; *text; text++) {
        if (*text == '@') at += (size_t)snprintf(out + at, sizeof out - at, "%s/", test_folder());
        else out[at++] = *text;
    }
    out[at] = '\0';
    return out;
}

static void export_people(void)
{
    make_people();
    run_expecting(0, "7 persons, 6 faces exported", in_folder("gallery export @people.jsonl --key-file @key --data @from --evaluation"));
}

/* Whoever comes out went in: ids, texts and every number of the templates. */
static void what_was_exported_comes_in_again(void **state)
{
    (void)state;
    vt__moved_person *a, *b;
    size_t count_a, count_b;
    struct stat info;
    export_people();
    assert_int_equal(stat(test_folder_file("key"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(stat(test_folder_file("people.jsonl"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    run_expecting(0, "7 persons, 6 faces imported", in_folder("gallery import @people.jsonl --key-file @key --data @to --evaluation"));
    vt__service *from = open_data("from"), *to = open_data("to");
    const vt__page all = { "", 0 };
    assert_int_equal(vt__persons_export(&a, &count_a, from, &me, group, all, NULL), VT__CODE_OK);
    assert_int_equal(vt__persons_export(&b, &count_b, to, &me, group, all, NULL), VT__CODE_OK);
    assert_int_equal(count_a, persons_made);
    assert_int_equal(count_b, persons_made);
    size_t faces = 0;
    for (size_t i = 0; i < count_a; i++) {
        assert_string_equal(a[i].id, b[i].id);
        assert_string_equal(a[i].name, b[i].name);
        assert_string_equal(a[i].user_data ? a[i].user_data : "-", b[i].user_data ? b[i].user_data : "-");
        assert_int_equal(a[i].face_count, b[i].face_count);
        for (size_t k = 0; k < a[i].face_count; k++, faces++) {
            const vt__moved_face *x = &a[i].faces[k], *y = &b[i].faces[k];
            assert_string_equal(x->id, y->id);
            assert_string_equal(x->user_data ? x->user_data : "-", y->user_data ? y->user_data : "-");
            assert_int_equal(x->value.dimension, 512);
            assert_memory_equal(x->value.values, y->value.values, 512 * sizeof(float));
        }
    }
    assert_int_equal(faces, 6);
    /* and is found, trained, without another word */
    char asked[VT__UUID_TEXT_BYTES];
    vt_template probe = made_up_face(2, 5);
    assert_int_equal(vt__face_id_make(asked, to, &me, &probe, "recognition_04", 0, NULL), VT__CODE_OK);
    const char *ids[] = { asked };
    const vt__identify_request request = { .face_ids = ids, .face_count = 1, .scope = group, .max_candidates = 1, .threshold = -1 };
    vt__candidates *results;
    assert_int_equal(vt__service_identify(&results, to, &me, &request, NULL), VT__CODE_OK);
    assert_int_equal(results[0].count, 1);
    vt__item who;
    assert_int_equal(vt__person_get(&who, to, &me, group, results[0].items[0].id, NULL), VT__CODE_OK);
    assert_string_equal(who.name, "Zoë 2\n");
    vt__item_free(&who);
    vt__identified_free(results, 1);
    vt__moved_persons_free(a, count_a);
    vt__moved_persons_free(b, count_b);
    vt__service_close(from);
    vt__service_close(to);
    run_expecting(0, "Zoë", in_folder("gallery show --data @to --evaluation"));
    run_expecting(0, "people", in_folder("gallery list --data @to --evaluation"));
}

/* No number of a template stands in the files in clear. */
static void exported_templates_are_sealed(void **state)
{
    (void)state;
    export_people();
    static const char *const names[] = { "people.jsonl", "people.jsonl.templates" };
    for (size_t n = 0; n < ROWS(names); n++) {
        uint8_t *bytes;
        size_t size;
        assert_int_equal(vt__file_read(&bytes, &size, test_folder_file(names[n]), 1 << 24, NULL), VT_OK);
        assert_true(size > 1000);
        for (uint32_t i = 0; i < persons_made; i++)
            for (uint32_t shot = 0; shot < 2; shot++) {
                vt_template t = made_up_face(i, shot);
                assert_null(memmem(bytes, size, t.values, 16));
            }
        vt__free(bytes);
    }
}

static void change(const char *name, size_t at, char to)
{
    uint8_t *bytes;
    size_t size;
    assert_int_equal(vt__file_read(&bytes, &size, test_folder_file(name), 1 << 24, NULL), VT_OK);
    bytes[at < size ? at : size - 1] = (uint8_t)to;
    assert_int_equal(vt__file_write(test_folder_file(name), bytes, size, 0600, NULL), VT_OK);
    vt__free(bytes);
}

static void mistakes_are_told_with_a_way_out(void **state)
{
    (void)state;
    make_people();
    run_expecting(2, "name pictures", in_folder("identify --data @from --evaluation"));
    run_expecting(2, "--everybody", in_folder("gallery delete --data @from --evaluation"));
    run_expecting(2, "--everybody", in_folder("gallery delete --everybody 1 --data @from --evaluation"));
    run_expecting(3, "there is no person group \"none\" here", in_folder("gallery show --group none --data @from --evaluation"));
    run_expecting(3, "there is no large person group \"people\" here", in_folder("gallery delete --everybody --large --data @from --evaluation"));
    run_expecting(3, "nobody in the person group \"people\" has this id",
                  in_folder("gallery delete 00000000-0000-4000-8000-000000000000 --data @from --evaluation"));
    run_expecting(0, "Zoë", in_folder("gallery show --data @from --evaluation"));
    run_expecting(0, "", in_folder("gallery delete --everybody --data @from --evaluation"));
    run_expecting(3, "there is no person group \"people\" here", in_folder("gallery show --data @from --evaluation"));
}

static void wrong_files_are_refused(void **state)
{
    (void)state;
    static const char import[] = "gallery import @people.jsonl --key-file @key --data @to --evaluation";
    export_people();
    run_expecting(2, "name one file", in_folder("gallery import --key-file @key --data @to --evaluation"));
    run_expecting(2, "--key-file", in_folder("gallery export @x.jsonl --data @from --evaluation"));
    run_expecting(3, "none", in_folder("gallery import @people.jsonl --key-file @none --data @to --evaluation"));
    run_expecting(4, "sealed with another key", in_folder("gallery import @people.jsonl --key-file @from/keys/master.key --data @to --evaluation"));
    assert_int_equal(vt__file_write(test_folder_file("no.jsonl"), "{}\n", 3, 0600, NULL), VT_OK);
    run_expecting(3, "no.jsonl.templates", in_folder("gallery import @no.jsonl --key-file @key --data @to --evaluation"));
    assert_int_equal(vt__file_write(test_folder_file("no.jsonl.templates"), "{}\n", 3, 0600, NULL), VT_OK);
    run_expecting(3, "holds no exported templates", in_folder("gallery import @no.jsonl --key-file @key --data @to --evaluation"));
    /* people of a wrong import are not there; a right one follows; a second is told so */
    run_expecting(0, "", in_folder("gallery show --data @to --evaluation"));
    run_expecting(0, "imported", in_folder(import));
    run_expecting(3, "in the group already", in_folder(import));
    change("people.jsonl.templates", 40, 1);
    change("people.jsonl.templates", 41, 2);
    run_expecting(4, "was changed", in_folder("gallery import @people.jsonl --key-file @key --data @third --evaluation"));
    change("people.jsonl", 3, '!');
    run_expecting(3, "first line", in_folder("gallery import @people.jsonl --key-file @key --data @third --evaluation"));
}

static void files_are_measured(void **state)
{
    (void)state;
    run_expecting(0, "\"open_ms\"", in_folder("bench files --n 200 --rounds 2 --json --folder @"));
    assert_false(vt__file_exists(test_folder_file("bench.codes")));
    run_expecting(2, "rounds", "bench files --rounds 0");
}

static void real_people_by_folder(void **state)
{
    (void)state;
    const char *data = test_data_folder();
    if (!data) skip();
    static const char *const rows[][2] = { { "Dad", "Family1-Dad1.jpg" }, { "Mom", "Family1-Mom1.jpg" } };
    char command[2048];
    vt__folder_make(test_folder_file("album"), 0700, NULL);
    for (size_t i = 0; i < ROWS(rows); i++) {
        char *folder = vt__format("%s/album/%s", test_folder(), rows[i][0]), *link = vt__format("%s/1.jpg", folder),
             *picture = vt__format("%s/face-samples/%s", data, rows[i][1]), *bad = vt__format("%s/2.jpg", folder);
        assert_int_equal(vt__folder_make(folder, 0700, NULL), VT_OK);
        char real[4096];
        assert_non_null(realpath(picture, real));
        assert_int_equal(symlink(real, link), 0);
        assert_int_equal(vt__file_write(bad, "no picture", 10, 0600, NULL), VT_OK);
        vt__free(folder);
        vt__free(link);
        vt__free(picture);
        vt__free(bad);
    }
    program_result out = program_run("%s", in_folder("gallery import @album --data @real --evaluation"));
    assert_int_equal(out.code, 0);
    assert_non_null(strstr(out.output, "2 persons, 2 faces, 2 pictures rejected"));
    assert_non_null(strstr(out.output, "rejected"));
    assert_non_null(strstr(out.output, "Dad/2.jpg"));
    free(out.output);
    snprintf(command, sizeof command, "identify '%s/face-samples/Family1-Dad2.jpg' --data %s/real --evaluation", data, test_folder());
    run_expecting(0, ": Dad ", command);
    snprintf(command, sizeof command, "identify '%s/face-samples/Family1-Dad2.jpg' --data %s/real --evaluation --exact", data, test_folder());
    run_expecting(0, ": Dad ", command);
    snprintf(command, sizeof command, "similar '%s/face-samples/Family1-Dad2.jpg' '%s/face-samples/Family1-Mom1.jpg' '%s/face-samples/Family1-Dad3.jpg' --data %s/real --evaluation",
             data, data, data, test_folder());
    run_expecting(0, "Family1-Dad3.jpg  0.", command);
    run_expecting(0, "0 groups hold several persons", in_folder("gallery group --data @real --evaluation"));
    snprintf(command, sizeof command, "enrol --name Father '%s/face-samples/Family1-Dad3.jpg' --data %s/real --evaluation", data, test_folder());
    run_expecting(0, "", command);
    run_expecting(0, "2 faces enrolled for several persons", in_folder("gallery group --data @real --evaluation"));
    run_expecting(0, "Father", in_folder("gallery group --data @real --evaluation"));
    run_expecting(0, "\"persons\":2", in_folder("gallery group --json --data @real --evaluation"));
}

int main(void)
{
    engine = test_engine();
#define CASE(name) cmocka_unit_test_setup_teardown(name, test_folder_make, test_folder_remove)
    const struct CMUnitTest tests[] = { CASE(what_was_exported_comes_in_again), CASE(exported_templates_are_sealed),
                                        CASE(wrong_files_are_refused), CASE(mistakes_are_told_with_a_way_out), CASE(files_are_measured), CASE(real_people_by_folder) };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    vt_engine_close(engine);
    return failures;
}
