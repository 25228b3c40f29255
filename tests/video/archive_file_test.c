/* Records of an archive: whole or refused, and gone on with where they were. */
#include "support/folder.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "video/archive_file.h"
#include "video/archive_record.h"

static const uint8_t key[VT_ARCHIVE_KEY_BYTES] = { 1, 2, 3 }, other_key[VT_ARCHIVE_KEY_BYTES] = { 9 };

static vt_archive *open_with(const uint8_t *with)
{
    vt_archive *archive;
    vt_error err;
    assert_int_equal(vt_archive_open(&archive, test_folder(), with, &err), VT_OK);
    return archive;
}

static vt_archive_video video_named(const char *name)
{
    return (vt_archive_video){ .path = (char *)(uintptr_t)name, .size_bytes = 1234, .modified_ms = 5678, .pack = "abc" };
}

static void add(vt__record_writer *writer, double from_s)
{
    vt_error err;
    vt_archive_track track = { .from_s = from_s, .to_s = from_s + 1.25, .best_s = from_s + 1, .quality = 0.75f, .best_box = { 10, 20, 30, 40 },
                               .template_ = { .dimension = 4, .values = { 0.5f, -0.5f, 0.5f, 0.5f } }, .thumbnail_bytes = 3 };
    track.thumbnail = vt__malloc(3, 1);
    memcpy(track.thumbnail, "abc", 3);
    assert_int_equal(vt__record_add(writer, &track, &err), VT_OK);
    assert_null(track.thumbnail);
}

/* A record of `count` tracks, one a second, the last first. */
static char *write_record(const vt_archive *archive, const char *name, int count)
{
    vt_error err;
    vt__record_writer writer;
    vt_archive_video video = video_named(name);
    assert_int_equal(vt__record_begin(&writer, archive, &video, NULL, &err), VT_OK);
    while (count) add(&writer, --count);
    assert_int_equal(vt__record_finish(&writer, 9.5, &err), VT_OK);
    char *path = vt__record_path(archive, writer.id, ".video");
    vt__record_close(&writer);
    return path;
}

static void test_what_is_written_is_read(void **state)
{
    (void)state;
    static const int counts[] = { 0, 1, VT__TRACKS_TOGETHER, 3 * VT__TRACKS_TOGETHER + 5 };
    vt_archive *archive = open_with(key);
    for (size_t i = 0; i < ROWS(counts); i++) {
        char *path = write_record(archive, "/films/one.mp4", counts[i]);
        vt_archive_video video;
        vt_error err;
        size_t videos;
        assert_null(strstr(path, "one"));
        assert_int_equal(vt_archive_count(&videos, archive, &err), VT_OK);
        assert_int_equal(videos, 1);
        assert_int_equal(vt_archive_video_read(&video, archive, 0, &err), VT_OK);
        assert_string_equal(video.path, "/films/one.mp4");
        assert_non_null(strstr(path, video.id));
        assert_int_equal(video.size_bytes, 1234);
        assert_float_equal(video.duration_s, 9.5, 0);
        assert_int_equal(video.count, counts[i]);
        for (int t = 0; t < counts[i]; t++) {
            assert_float_equal(video.tracks[t].from_s, t, 0);
            assert_int_equal(video.tracks[t].template_.dimension, 4);
            assert_float_equal(video.tracks[t].template_.values[1], -0.5f, 0);
            assert_int_equal(video.tracks[t].thumbnail_bytes, 3);
            assert_memory_equal(video.tracks[t].thumbnail, "abc", 3);
        }
        vt_archive_video_free(&video);
        vt__free(path);
    }
    vt_archive_close(archive);
}

static vt_status read_record(vt_archive *archive, const char *path)
{
    vt_error err;
    vt__record_reader reader;
    char id[VT_ARCHIVE_ID_BYTES] = "";
    size_t count = 1;
    memcpy(id, strrchr(path, '/') + 1, VT_ARCHIVE_ID_BYTES - 1);
    vt_status status = vt__record_open(&reader, archive, id, &err);
    while (!status && count) {
        vt_archive_track *tracks;
        status = vt__record_next(&tracks, &count, &reader, &err);
        vt__archive_tracks_free(tracks, count);
    }
    vt__record_reader_close(&reader);
    return status;
}

static void write_bytes(const char *path, const void *bytes, size_t size)
{
    vt_error err;
    assert_int_equal(vt__file_write(path, bytes, size, 0600, &err), VT_OK);
}

static void test_changed_moved_or_foreign_records_are_refused(void **state)
{
    (void)state;
    vt_archive *archive = open_with(key), *foreign = open_with(other_key);
    char *one = write_record(archive, "/films/one.mp4", 70), *two = write_record(archive, "/films/two.mp4", 1);
    vt_error err;
    uint8_t *bytes, *again;
    size_t size, again_size;
    assert_int_equal(read_record(archive, one), VT_OK);
    assert_int_equal(read_record(foreign, one), VT_EINTEGRITY);
    assert_int_equal(vt__file_read(&bytes, &size, one, 1 << 20, &err), VT_OK);
    assert_null(memmem(bytes, size, "films", 5));
    write_bytes(two, bytes, size); /* one's record in two's place */
    assert_int_equal(read_record(archive, two), VT_EINTEGRITY);
    for (size_t cut = 0; cut < size; cut += 1 + size / 50) {
        write_bytes(one, bytes, cut);
        assert_int_equal(read_record(archive, one), VT_EINTEGRITY);
        bytes[cut] ^= 1;
        write_bytes(one, bytes, size);
        assert_int_not_equal(read_record(archive, one), VT_OK);
        bytes[cut] ^= 1;
    }
    vt__free(write_record(archive, "/films/one.mp4", 70)); /* pieces of one writing in another */
    assert_int_equal(vt__file_read(&again, &again_size, one, 1 << 20, &err), VT_OK);
    assert_int_equal(again_size, size);
    memcpy(again + size / 2, bytes + size / 2, size - size / 2);
    write_bytes(one, again, size);
    assert_int_equal(read_record(archive, one), VT_EINTEGRITY);
    vt__free(again);
    vt__free(bytes);
    vt__free(one);
    vt__free(two);
    vt_archive_close(foreign);
    vt_archive_close(archive);
}

static void test_what_was_begun_is_gone_on_with(void **state)
{
    (void)state;
    vt_archive *archive = open_with(key);
    vt__record_writer writer, second;
    vt_archive_video video = video_named("/films/three.mp4"), found;
    vt_error err;
    assert_int_equal(vt__record_begin(&writer, archive, &video, NULL, &err), VT_OK);
    assert_int_equal(vt__record_begin(&second, archive, &video, NULL, &err), VT_ECONFLICT); /* it is being written */
    vt__record_close(&second);
    add(&writer, 0);
    assert_int_equal(vt__record_sync(&writer, &err), VT_OK);
    vt__record_place place = writer.at;
    for (int i = 1; i < VT__TRACKS_TOGETHER + 2; i++) add(&writer, 100); /* lost with the run */
    vt__record_close(&writer);
    assert_int_equal(vt__record_begin(&writer, archive, &video, &place, &err), VT_OK);
    add(&writer, 1);
    assert_int_equal(vt__record_finish(&writer, 3, &err), VT_OK);
    char id[VT_ARCHIVE_ID_BYTES];
    memcpy(id, writer.id, sizeof id);
    vt__record_close(&writer);
    size_t count;
    assert_int_equal(vt_archive_count(&count, archive, &err), VT_OK);
    for (size_t i = 0; i < count; i++) {
        if (vt_archive_video_read(&found, archive, i, &err)) continue; /* those that the test before has damaged */
        if (!strcmp(found.id, id)) {
            assert_int_equal(found.count, 2);
            assert_float_equal(found.tracks[1].from_s, 1, 0);
        }
        vt_archive_video_free(&found);
    }
    assert_int_equal(vt__record_begin(&writer, archive, &video, &place, &err), VT_EINTEGRITY); /* that one is finished */
    vt__record_close(&writer);
    assert_int_equal(vt_archive_remove(archive, id, &err), VT_OK);
    assert_int_equal(vt_archive_remove(archive, id, &err), VT_ENOTFOUND);
    assert_int_equal(vt_archive_remove(archive, "../../somewhere", &err), VT_EINVAL);
    vt_archive_close(archive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_changed_moved_or_foreign_records_are_refused),
        cmocka_unit_test(test_what_was_begun_is_gone_on_with),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
