/* Records of an archive: whole or refused. */
#include "support/folder.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "video/archive_record.h"

static const uint8_t key[VT_ARCHIVE_KEY_BYTES] = { 1, 2, 3 }, other_key[VT_ARCHIVE_KEY_BYTES] = { 9 };

static vt_archive *open_with(const uint8_t *with)
{
    vt_archive *archive;
    vt_error err;
    assert_int_equal(vt_archive_open(&archive, test_folder(), with, &err), VT_OK);
    return archive;
}

static char *write_record(vt_archive *archive, const char *name)
{
    char path[64];
    vt_error err;
    vt_archive_track track = { 1.25, 2.5, 2, 0.75f, { 10, 20, 30, 40 }, { .dimension = 4, .values = { 0.5f, -0.5f, 0.5f, 0.5f } } };
    snprintf(path, sizeof path, "%s", name);
    vt_archive_video video = { path, 1234, 5678, 9.5, "abc", &track, 1 };
    assert_int_equal(vt__record_write(archive, &video, &err), VT_OK);
    return vt__record_path(archive, name);
}

static void test_what_is_written_is_read(void **state)
{
    (void)state;
    vt_archive *archive = open_with(key);
    char *path = write_record(archive, "/films/one.mp4");
    vt_archive_video video;
    vt_error err;
    assert_null(strstr(path, "one"));
    assert_int_equal(vt__record_read(&video, archive, path, &err), VT_OK);
    assert_string_equal(video.path, "/films/one.mp4");
    assert_int_equal(video.size_bytes, 1234);
    assert_int_equal(video.count, 1);
    assert_float_equal(video.tracks[0].from_s, 1.25, 0);
    assert_int_equal(video.tracks[0].template_.dimension, 4);
    assert_float_equal(video.tracks[0].template_.values[1], -0.5f, 0);
    vt_archive_video_free(&video);
    vt__free(path);
    vt_archive_close(archive);
}

static void test_changed_moved_or_foreign_records_are_refused(void **state)
{
    (void)state;
    vt_archive *archive = open_with(key), *foreign = open_with(other_key);
    char *one = write_record(archive, "/films/one.mp4"), *two = write_record(archive, "/films/two.mp4");
    vt_archive_video video;
    vt_error err;
    uint8_t *bytes;
    size_t size;
    assert_int_equal(vt__record_read(&video, foreign, one, &err), VT_EINTEGRITY);
    assert_int_equal(vt__file_read(&bytes, &size, one, 1 << 20, &err), VT_OK);
    assert_null(memmem(bytes, size, "films", 5));
    assert_int_equal(vt__file_write(two, bytes, size, 0600, &err), VT_OK); /* one's record in two's place */
    assert_int_equal(vt__record_read(&video, archive, two, &err), VT_EINTEGRITY);
    bytes[size / 2] ^= 1;
    assert_int_equal(vt__file_write(one, bytes, size, 0600, &err), VT_OK);
    assert_int_equal(vt__record_read(&video, archive, one, &err), VT_EINTEGRITY);
    assert_int_equal(vt__file_write(one, bytes, 12, 0600, &err), VT_OK);
    assert_int_equal(vt__record_read(&video, archive, one, &err), VT_EINTEGRITY);
    vt__free(bytes);
    vt__free(one);
    vt__free(two);
    vt_archive_close(foreign);
    vt_archive_close(archive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_changed_moved_or_foreign_records_are_refused),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
