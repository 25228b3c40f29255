/* Clips of the fuzz corpus rewritten: what is kept, what is dropped, what a damaged file leaves behind. */
#include "support/folder.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <vultus/video.h>

#include "base/file.h"
#include "base/memory.h"
#include "video/quiet.h"
#include "video/transcode.h"


static int make_folder(void **state)
{
    vt__video_quiet();
    return test_folder_make(state);
}

typedef struct edits {
    int frames;
    double last_s;
} edits;

/* Blackens the left half of the first plane and nothing else. */
static vt_status blacken(void *payload, vt__frame *frame, vt_error *err)
{
    (void)err;
    edits *e = payload;
    const vt__plane *p = &frame->planes[0];
    for (int y = 0; y < p->size.height; y++)
        for (int x = 0; x < p->size.width / 2; x++) p->data[(size_t)y * p->stride_bytes + (size_t)x * p->step_bytes] = 16;
    e->frames++;
    e->last_s = frame->time_s;
    return VT_OK;
}

static vt_status rewrite(edits *e, const char *to, const char *from, bool lossless, vt_error *err)
{
    char source[256], target[256];
    vt__transcode_options options = { VT_VIDEO_OPTIONS_INIT, lossless, 0, true, VT__SOUND_COPY, NULL };
    *e = (edits){ 0 };
    snprintf(source, sizeof source, "fuzz/corpus/video/%s", from);
    snprintf(target, sizeof target, "%s/%s", test_folder(), to);
    return vt__transcode(NULL, target, source, &options, blacken, e, err);
}

static vt_video *open_clip(const char *where, const char *name)
{
    char path[256];
    vt_video *video;
    vt_error err;
    snprintf(path, sizeof path, "%s/%s", where, name);
    assert_int_equal(vt_video_open(&video, path, NULL, &err), VT_OK);
    return video;
}

static void test_lossless_keeps_the_rest_and_the_times(void **state)
{
    (void)state;
    edits e;
    vt_error err;
    assert_int_equal(rewrite(&e, "out.mp4", "sound.mp4", true, &err), VT_OK);
    assert_int_equal(e.frames, 5);
    vt_video *before = open_clip("fuzz/corpus/video", "sound.mp4"), *after = open_clip(test_folder(), "out.mp4");
    assert_true(vt_video_get_info(after).has_audio);
    for (int frame = 0; frame < 5; frame++) {
        bool more_before, more_after;
        vt_pixels a, b;
        assert_int_equal(vt_video_next(&more_before, before, &err), VT_OK);
        assert_int_equal(vt_video_next(&more_after, after, &err), VT_OK);
        assert_true(more_before && more_after);
        assert_float_equal(vt_video_time_s(before), vt_video_time_s(after), 0);
        assert_int_equal(vt_video_pixels(&a, before, 0, &err), VT_OK);
        assert_int_equal(vt_video_pixels(&b, after, 0, &err), VT_OK);
        for (int y = 0; y < 48; y++) assert_memory_equal(a.data + y * a.stride_bytes + 34 * 3, b.data + y * b.stride_bytes + 34 * 3, 30 * 3);
        vt_pixels_free(&a);
        vt_pixels_free(&b);
    }
    vt_video_close(before);
    vt_video_close(after);
}

static void test_place_is_dropped(void **state)
{
    (void)state;
    edits e;
    vt_error err;
    uint8_t *bytes;
    size_t size;
    char path[256];
    assert_int_equal(vt__file_read(&bytes, &size, "fuzz/corpus/video/place.mov", 1 << 20, &err), VT_OK);
    assert_non_null(memmem(bytes, size, "+48.1+011.5", 11));
    vt__free(bytes);
    assert_int_equal(rewrite(&e, "place.mp4", "place.mov", false, &err), VT_OK);
    snprintf(path, sizeof path, "%s/place.mp4", test_folder());
    assert_int_equal(vt__file_read(&bytes, &size, path, 1 << 20, &err), VT_OK);
    assert_null(memmem(bytes, size, "+48.1+011.5", 11));
    vt__free(bytes);
}

static void test_rotation_is_kept(void **state)
{
    (void)state;
    edits e;
    vt_error err;
    assert_int_equal(rewrite(&e, "turned.mp4", "turned.mov", false, &err), VT_OK);
    vt_video *after = open_clip(test_folder(), "turned.mp4");
    assert_int_equal(vt_video_get_info(after).size.width, 48);
    assert_int_equal(vt_video_get_info(after).size.height, 64);
    vt_video_close(after);
}

typedef struct row {
    const char *from, *to;
    vt_status status;
    int frames;
} row;

static void test_containers(void **state)
{
    (void)state;
    static const row rows[] = {
        { "sound.mp4", "a.mkv", VT_OK, 5 },          { "vp9.webm", "b.mp4", VT_OK, 4 },
        { "ffv1.mkv", "c.mkv", VT_OK, 4 },           { "anim.gif", "d.mp4", VT_OK, 4 },
        { "anim.gif", "e.gif", VT_OK, 4 },           { "mpeg4.avi", "f.mp4", VT_OK, 4 },
        { "sound.mp4", "g.txt", VT_EINVAL, 0 },      { "sound.mp4", "h.webm", VT_EUNSUPPORTED, 0 }, /* AAC */
        { "cut.mp4", "i.mp4", VT_EFORMAT, 0 },       { "playlist.m3u8", "k.mp4", VT_EFORMAT, 0 },
        { "concat.txt", "l.mp4", VT_EFORMAT, 0 },    { "absent.mp4", "m.mp4", VT_ENOTFOUND, 0 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        edits e;
        vt_error err = { 0 };
        vt_status status = rewrite(&e, rows[i].to, rows[i].from, false, &err);
        if (status != rows[i].status) print_message("%s -> %s: %s\n", rows[i].from, rows[i].to, err.text);
        assert_int_equal(status, rows[i].status);
        assert_int_equal(e.frames, rows[i].frames);
        char path[256];
        snprintf(path, sizeof path, "%s/%s", test_folder(), rows[i].to);
        assert_int_equal(vt__file_exists(path), status == VT_OK);
    }
}

static void test_nothing_half_is_left(void **state)
{
    (void)state;
    vt__names names;
    vt_error err;
    assert_int_equal(vt__folder_list(&names, test_folder(), &err), VT_OK);
    for (size_t i = 0; i < names.count; i++) assert_null(strstr(names.items[i], ".part"));
    vt__names_free(&names);
}

/* ---- from and to bytes that are no file: the same comes out ---- */

typedef struct memory {
    uint8_t *bytes;
    size_t size, full; /* writing fails past `full` */
} memory;

static bool read_memory(void *payload, void *out, size_t *size_bytes, uint64_t offset)
{
    const memory *m = payload;
    size_t left = offset < m->size ? m->size - (size_t)offset : 0;
    if (*size_bytes > left) *size_bytes = left;
    memcpy(out, m->bytes + (left ? offset : 0), *size_bytes);
    return true;
}

static bool write_memory(void *payload, const void *bytes, size_t size_bytes, uint64_t offset)
{
    memory *m = payload;
    assert_true(offset <= m->size); /* no gap is ever left */
    if (offset + size_bytes > m->full) return false;
    memcpy(m->bytes + offset, bytes, size_bytes);
    if (offset + size_bytes > m->size) m->size = (size_t)offset + size_bytes;
    return true;
}

static void test_bytes_in_the_place_of_files(void **state)
{
    (void)state;
    static const char *const names[] = { "out.mp4", "out.mkv", "out.mov", "out.avi" };
    for (size_t i = 0; i < ROWS(names); i++) {
        edits e;
        vt_error err;
        char path[256];
        memory in = { 0 }, out = { vt__malloc(1 << 20, 1), 0, 1 << 20 };
        uint8_t *expected;
        size_t size;
        assert_int_equal(rewrite(&e, names[i], "sound.mp4", true, &err), VT_OK);
        snprintf(path, sizeof path, "%s/%s", test_folder(), names[i]);
        assert_int_equal(vt__file_read(&expected, &size, path, 1 << 20, NULL), VT_OK);
        assert_int_equal(vt__file_read(&in.bytes, &in.size, "fuzz/corpus/video/sound.mp4", 1 << 20, NULL), VT_OK);
        vt_video_bytes from = { &in, in.size, read_memory, NULL }, to = { &out, 0, NULL, write_memory };
        vt__transcode_options options = { VT_VIDEO_OPTIONS_INIT, true, 0, true, VT__SOUND_COPY, &to };
        options.video.bytes = &from;
        assert_int_equal(vt__transcode(NULL, names[i], "no such file", &options, blacken, &e, &err), VT_OK);
        assert_int_equal(out.size, size);
        assert_memory_equal(out.bytes, expected, size);
        assert_false(vt__file_exists(names[i]));
        out = (memory){ out.bytes, 0, size / 2 };
        assert_int_equal(vt__transcode(NULL, names[i], "no such file", &options, blacken, &e, &err), VT_EIO);
        in.size /= 2;
        from.size_bytes /= 2;
        out.full = 1 << 20;
        assert_int_equal(vt__transcode(NULL, names[i], "no such file", &options, blacken, &e, &err), VT_EFORMAT);
        vt__free(expected);
        vt__free(in.bytes);
        vt__free(out.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lossless_keeps_the_rest_and_the_times),
        cmocka_unit_test(test_bytes_in_the_place_of_files),
        cmocka_unit_test(test_place_is_dropped),
        cmocka_unit_test(test_rotation_is_kept),
        cmocka_unit_test(test_containers),
        cmocka_unit_test(test_nothing_half_is_left),
    };
    return cmocka_run_group_tests(tests, make_folder, test_folder_remove);
}
