/* A run that is killed with SIGKILL, at any point of a long video, is gone on with from where it was, to the same record. */
#include "support/data.h"
#include "support/engine.h"
#include "support/folder.h"
#include "support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "video/archive_file.h"

static const uint8_t key[VT_ARCHIVE_KEY_BYTES] = { 4, 5, 6 };
static char film[512]; /* one take, so that a track is open at every step */
static double length_s;

typedef struct run {
    double killed_at_s; /* 0: never */
    bool plain;         /* no thumbnails */
    double began_at_s, ended_at_s;
} run;

static void on_progress(void *payload, double time_s, double duration_s)
{
    run *r = payload;
    (void)duration_s;
    if (r->began_at_s < 0) r->began_at_s = time_s;
    r->ended_at_s = time_s;
    if (r->killed_at_s > 0 && time_s >= r->killed_at_s) kill(getpid(), SIGKILL);
}

static vt_archive *open_archive(const char *name)
{
    vt_archive *archive;
    vt_error err;
    assert_int_equal(vt_archive_open(&archive, test_folder_file(name), key, &err), VT_OK);
    return archive;
}

static vt_status index_film(const char *name, run *r, bool *unchanged)
{
    vt_archive *archive = open_archive(name);
    vt_engine *engine = test_engine();
    vt_session *session;
    vt_error err;
    vt_archive_index_options how = VT_ARCHIVE_INDEX_OPTIONS_INIT;
    how.thumbnails = !r->plain;
    how.rest_s = 0.4; /* as fast as this test may be */
    how.on_progress = on_progress;
    how.payload = r;
    r->began_at_s = -1;
    assert_int_equal(vt_session_open(&session, engine, &err), VT_OK);
    vt_status status = vt_archive_index(unchanged, archive, film, engine, session, &how, &err);
    vt_session_close(session);
    vt_engine_close(engine);
    vt_archive_close(archive);
    return status;
}

static void index_and_die(const char *name, double at_s)
{
    pid_t child = fork();
    int state = 0;
    assert_true(child >= 0);
    if (!child) {
        run r = { .killed_at_s = at_s };
        bool unchanged;
        index_film(name, &r, &unchanged);
        _exit(1); /* it should not have lived */
    }
    assert_int_equal(waitpid(child, &state, 0), child);
    assert_true(WIFSIGNALED(state) && WTERMSIG(state) == SIGKILL);
}

static double finish(const char *name)
{
    run r = { .killed_at_s = 0 };
    bool unchanged = true;
    assert_int_equal(index_film(name, &r, &unchanged), VT_OK);
    assert_false(unchanged);
    assert_true(r.ended_at_s > length_s - 1);
    return r.began_at_s;
}

static vt_archive_video read_only_video(const char *name)
{
    vt_archive *archive = open_archive(name);
    vt_archive_video video;
    size_t count;
    vt_error err;
    assert_int_equal(vt_archive_count(&count, archive, &err), VT_OK);
    assert_int_equal(count, 1);
    assert_int_equal(vt_archive_video_read(&video, archive, 0, &err), VT_OK);
    vt_archive_close(archive);
    return video;
}

static void same_record(const char *undisturbed, const char *name)
{
    vt_archive_video a = read_only_video(undisturbed), b = read_only_video(name);
    vt__names files;
    vt_error err;
    assert_true(a.count > 0);
    assert_int_equal(a.count, b.count);
    assert_float_equal(a.duration_s, b.duration_s, 0);
    for (size_t i = 0; i < a.count; i++) {
        const vt_archive_track *x = &a.tracks[i], *y = &b.tracks[i];
        assert_float_equal(x->from_s, y->from_s, 0);
        assert_float_equal(x->to_s, y->to_s, 0);
        assert_float_equal(x->best_s, y->best_s, 0);
        assert_memory_equal(&x->best_box, &y->best_box, sizeof x->best_box);
        assert_int_equal(x->template_.dimension, y->template_.dimension);
        assert_memory_equal(x->template_.values, y->template_.values, x->template_.dimension * sizeof x->template_.values[0]);
        assert_true(x->thumbnail_bytes > 100);
        assert_int_equal(x->thumbnail_bytes, y->thumbnail_bytes);
        assert_memory_equal(x->thumbnail, y->thumbnail, x->thumbnail_bytes);
    }
    vt_archive_video_free(&a);
    vt_archive_video_free(&b);
    assert_int_equal(vt__folder_list(&files, test_folder_file(name), &err), VT_OK);
    assert_int_equal(files.count, 1); /* nothing of the killed runs is left */
    vt__names_free(&files);
}

static void choose_film(const char *name, double its_length_s)
{
    snprintf(film, sizeof film, "%s/videos-dev/%s", test_data_folder(), name);
    length_s = its_length_s;
}

static void test_killed_runs_are_gone_on_with(void **state)
{
    (void)state;
    choose_film("liveportrait_d6.mp4", 33.6);
    assert_true(finish("undisturbed") < 1);
    index_and_die("often", 4); /* before the first step */
    index_and_die("often", 14);
    index_and_die("often", 33);
    assert_true(finish("often") >= 30);
    same_record("undisturbed", "often");
}

/* The files that a killed run left, as a crash of the machine may leave them. */
static void test_what_was_left_may_be_damaged(void **state)
{
    (void)state;
    static const struct {
        const char *ending;
        bool cut, begins_anew;
    } rows[] = { { ".part", false, false }, { ".part", true, true }, { ".going", false, true }, { ".going", true, true } };
    choose_film("liveportrait_d10.mp4", 14.9);
    finish("undamaged");
    vt_archive *archive = open_archive("damaged");
    char id[VT_ARCHIVE_ID_BYTES], *whole = realpath(film, NULL);
    vt__record_id(id, archive, whole);
    free(whole);
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt_error err;
        index_and_die("damaged", 11);
        char *path = vt__record_path(archive, id, rows[i].ending);
        assert_true(vt__file_exists(path));
        FILE *f = fopen(path, "r+");
        assert_non_null(f);
        if (rows[i].cut) assert_int_equal(ftruncate(fileno(f), 15), 0);
        else assert_true(fseek(f, 0, SEEK_END) == 0 && fputs("half a piece", f) > 0);
        assert_int_equal(fclose(f), 0);
        double began_s = finish("damaged");
        assert_true(rows[i].begins_anew ? began_s < 1 : began_s >= 10);
        same_record("undamaged", "damaged");
        assert_int_equal(vt_archive_remove(archive, id, &err), VT_OK);
        vt__free(path);
    }
    vt_archive_close(archive);
}

/* The one file of an archive. */
static size_t stored_bytes(const char *name)
{
    vt__names files;
    vt_error err;
    uint8_t *bytes;
    size_t size;
    assert_int_equal(vt__folder_list(&files, test_folder_file(name), &err), VT_OK);
    assert_int_equal(files.count, 1);
    char *path = vt__path_join(test_folder_file(name), files.items[0]);
    assert_int_equal(vt__file_read(&bytes, &size, path, 100000000, &err), VT_OK);
    for (size_t i = 0; i + 10 <= size; i++) assert_memory_not_equal(bytes + i, "\"thumbnail", 10); /* sealed */
    vt__free(bytes);
    vt__free(path);
    vt__names_free(&files);
    return size;
}

/* Thumbnails are all that the option adds, to the byte, and are sealed; without it no track has any picture. */
static void test_thumbnails_only_when_asked_for(void **state)
{
    (void)state;
    run r = { .plain = true };
    bool unchanged;
    choose_film("liveportrait_d10.mp4", 14.9);
    assert_int_equal(index_film("plain", &r, &unchanged), VT_OK);
    finish("pictured");
    vt_archive_video plain = read_only_video("plain"), pictured = read_only_video("pictured");
    size_t added_bytes = 0;
    assert_true(plain.count > 0);
    assert_int_equal(plain.count, pictured.count);
    for (size_t i = 0; i < plain.count; i++) {
        assert_null(plain.tracks[i].thumbnail);
        assert_int_equal(plain.tracks[i].thumbnail_bytes, 0);
        assert_memory_equal(pictured.tracks[i].thumbnail, "\xff\xd8\xff", 3);
        added_bytes += strlen(",\"thumbnail\":\"\"") + vt__base64url_length(pictured.tracks[i].thumbnail_bytes);
    }
    assert_int_equal(stored_bytes("pictured") - stored_bytes("plain"), added_bytes);
    vt_archive_video_free(&plain);
    vt_archive_video_free(&pictured);
}

int main(void)
{
    if (!test_data_folder()) test_skip("no folder of real videos (VULTUS_TEST_DATA)");
    choose_film("liveportrait_d6.mp4", 33.6);
    if (!vt__file_exists(film)) test_skip("the film is not at hand");
    vt_engine_close(test_engine()); /* or skip */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed_runs_are_gone_on_with),
        cmocka_unit_test(test_what_was_left_may_be_damaged),
        cmocka_unit_test(test_thumbnails_only_when_asked_for),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
