/* A video's faces put into its record, in such steps that a run that was killed is gone on with. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/memory.h"
#include "video/archive_file.h"
#include "video/archive_follow.h"
#include "video/place.h"

static const float default_min_face_px = 30;
static const double default_rest_s = 0.16;
static const double step_s = 10; /* of video, between two times of writing down how far it is */
static const size_t most_going_bytes = (size_t)64 << 20;

typedef struct indexing {
    vt_archive *archive;
    vt_session *session;
    const vt_archive_index_options *options;
    vt_archive_video what;
    vt__record_writer record;
    vt__following following;
    vt_video *video;
    double written_s; /* when how far it is was written down last */
} indexing;

/* ---- how far it is ---- */

/* Begins the file ".going"; the state of following comes behind it. */
typedef struct going {
    uint64_t size; /* of this; other builds have others */
    int64_t size_bytes, modified_ms;
    char pack[sizeof ((vt_archive_video *)0)->pack];
    vt__record_place record;
    vt__source_place frame;
} going;

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static vt_status seal_to(const char *path, const vt__buffer *bytes, const uint8_t *key, vt_error *err)
{
    size_t sealed_bytes = bytes->size + VT__SEAL_EXTRA_BYTES;
    uint8_t *sealed = vt__malloc(sealed_bytes, 1);
    if (!sealed) return vt__fail_memory(err, sealed_bytes);
    vt__seal(sealed, bytes->data, bytes->size, name_of(path), strlen(name_of(path)), key);
    vt_status status = vt__file_write(path, sealed, sealed_bytes, 0600, err);
    vt__free(sealed);
    return status;
}

/* The record goes to the disk first: what is written here speaks of it. */
static vt_status write_down(indexing *x, vt_error *err)
{
    going g;
    vt__buffer bytes;
    vt_status status = vt__record_sync(&x->record, err);
    if (status) return status;
    memset(&g, 0, sizeof g);
    g.size = sizeof g;
    g.size_bytes = x->what.size_bytes;
    g.modified_ms = x->what.modified_ms;
    memcpy(g.pack, x->what.pack, sizeof g.pack);
    g.record = x->record.at;
    g.frame = vt__video_get_place(x->video);
    vt__buffer_init(&bytes, most_going_bytes);
    vt__buffer_append(&bytes, &g, sizeof g);
    vt__following_write(&bytes, &x->following);
    char *path = vt__record_path(x->archive, x->record.id, ".going");
    status = bytes.status ? vt__fail(err, bytes.status, "too many faces at once") : path ? VT_OK : vt__fail_memory(err, 1);
    if (!status) status = seal_to(path, &bytes, x->archive->key, err);
    if (bytes.data) vt__wipe(bytes.data, bytes.size);
    vt__buffer_free(&bytes);
    vt__free(path);
    x->written_s = vt_video_time_s(x->video);
    return status;
}

static vt_status take_up_bytes(going *g, indexing *x, const uint8_t *bytes, size_t size, vt_error *err)
{
    if (size < sizeof *g) return vt__fail(err, VT_EFORMAT, "cut off");
    memcpy(g, bytes, sizeof *g);
    g->pack[sizeof g->pack - 1] = '\0';
    bool same = g->size == sizeof *g && g->size_bytes == x->what.size_bytes && g->modified_ms == x->what.modified_ms && !strcmp(g->pack, x->what.pack);
    return same ? vt__following_read(&x->following, bytes + sizeof *g, size - sizeof *g, err) : vt__fail(err, VT_ECONFLICT, "of another video");
}

/* What an earlier run wrote down. Any failure means that there is nothing to go on with. */
static vt_status take_up(going *g, indexing *x, vt_error *err)
{
    char id[VT_ARCHIVE_ID_BYTES];
    uint8_t *sealed = NULL, *bytes = NULL;
    size_t size = 0;
    vt__record_id(id, x->archive, x->what.path);
    char *path = vt__record_path(x->archive, id, ".going");
    vt_status status = path ? vt__file_read(&sealed, &size, path, most_going_bytes + VT__SEAL_EXTRA_BYTES, err) : vt__fail_memory(err, 1);
    if (!status && size < VT__SEAL_EXTRA_BYTES) status = vt__fail(err, VT_EINTEGRITY, "cut off");
    if (!status && !(bytes = vt__malloc(size, 1))) status = vt__fail_memory(err, size);
    if (!status) status = vt__open(bytes, sealed, size, name_of(path), strlen(name_of(path)), x->archive->key, err);
    if (!status) status = take_up_bytes(g, x, bytes, size - VT__SEAL_EXTRA_BYTES, err);
    vt__free_secret(bytes, size);
    vt__free(sealed);
    vt__free(path);
    return status;
}

/* ---- looking through ---- */

static void begin_following(indexing *x)
{
    const vt_archive_index_options *o = x->options;
    vt__look_options how = { .min_face_px = o->min_face_px > 0 ? o->min_face_px : default_min_face_px };
    how.rest_s = o->rest_s < 0 ? 0 : o->rest_s > 0 ? o->rest_s : default_rest_s;
    vt__following_free(&x->following);
    vt__following_begin(&x->following, &how, o->thumbnails);
}

static vt_status go_on(indexing *x, vt_error *err)
{
    going g;
    begin_following(x);
    vt_status status = take_up(&g, x, err);
    if (!status) status = vt__video_open_at(&x->video, x->what.path, &x->options->video, &g.frame, err);
    if (!status) status = vt__record_begin(&x->record, x->archive, &x->what, &g.record, err);
    if (!status) x->written_s = vt_video_time_s(x->video);
    return status;
}

static vt_status begin(indexing *x, vt_error *err)
{
    vt_status status = go_on(x, err);
    if (!status || status == VT_ECANCELLED) return status;
    vt_video_close(x->video);
    vt__record_close(&x->record);
    x->video = NULL;
    x->written_s = 0;
    begin_following(x);
    status = vt_video_open(&x->video, x->what.path, &x->options->video, err);
    return status ? status : vt__record_begin(&x->record, x->archive, &x->what, NULL, err);
}

static vt_status on_track(void *payload, vt_archive_track *track, vt_error *err)
{
    return vt__record_add(payload, track, err);
}

static vt_status look_at_all(indexing *x, vt_error *err)
{
    bool more = true;
    double whole_s = vt_video_get_info(x->video).duration_s;
    for (;;) {
        vt_status status = vt_video_next(&more, x->video, err);
        if (!status && !more) return vt__follow_end(&x->following, on_track, &x->record, err);
        if (!status) status = vt__follow(&x->following, x->video, x->session, on_track, &x->record, err);
        double time_s = vt_video_time_s(x->video);
        if (!status && time_s - x->written_s >= step_s) status = write_down(x, err);
        if (status) return status;
        if (x->options->on_progress) x->options->on_progress(x->options->payload, time_s, whole_s);
    }
}

/* The bytes of a video that is unsound stay the same: there is nothing to go on with. */
static bool is_final(vt_status status)
{
    return !status || status == VT_EFORMAT || status == VT_ELIMIT || status == VT_EUNSUPPORTED;
}

static vt_status look_through(indexing *x, vt_error *err)
{
    vt_status status = begin(x, err);
    if (!status) status = look_at_all(x, err);
    if (!status) status = vt__record_finish(&x->record, vt_video_time_s(x->video), err);
    bool mine = x->record.descriptor >= 0 && status != VT_ECONFLICT;
    char id[VT_ARCHIVE_ID_BYTES];
    vt__record_id(id, x->archive, x->what.path);
    vt_video_close(x->video);
    vt__record_close(&x->record);
    vt__following_free(&x->following);
    if (mine && is_final(status)) vt__record_drop_part(x->archive, id);
    return status;
}

/* ---- what is to be done ---- */

/* Bytes of the caller's have no place and no time: their name and size tell them apart. */
static vt_status describe_bytes(vt_archive_video *out, const char *path, const vt_video_bytes *bytes, const vt_engine *engine, vt_error *err)
{
    *out = (vt_archive_video){ .path = vt__strdup(path), .size_bytes = (int64_t)bytes->size_bytes };
    snprintf(out->pack, sizeof out->pack, "%s", vt_engine_digest(engine));
    return out->path ? VT_OK : vt__fail_memory(err, strlen(path));
}

static vt_status describe(vt_archive_video *out, const char *path, const vt_engine *engine, vt_error *err)
{
    struct stat info;
    char *whole = realpath(path, NULL);
    *out = (vt_archive_video){ 0 };
    if (!whole || stat(whole, &info)) {
        free(whole);
        return vt__fail(err, VT_ENOTFOUND, "%s: no such file", path);
    }
    out->path = vt__strdup(whole);
    free(whole);
    out->size_bytes = info.st_size;
    out->modified_ms = (int64_t)info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1000000;
    snprintf(out->pack, sizeof out->pack, "%s", vt_engine_digest(engine));
    return out->path ? VT_OK : vt__fail_memory(err, strlen(path));
}

/* A record that cannot be read counts as none: the video is looked through again. */
static bool is_unchanged(const vt_archive *archive, const vt_archive_video *now)
{
    vt__record_reader before;
    char id[VT_ARCHIVE_ID_BYTES];
    vt__record_id(id, archive, now->path);
    bool same = !vt__record_open(&before, archive, id, NULL);
    same = same && before.video.size_bytes == now->size_bytes && before.video.modified_ms == now->modified_ms && !strcmp(before.video.pack, now->pack);
    if (same) vt__record_drop_part(archive, id); /* killed between its last two steps */
    vt__record_reader_close(&before);
    return same;
}

vt_status vt_archive_index(bool *unchanged, vt_archive *archive, const char *path, const vt_engine *engine, vt_session *session,
                           const vt_archive_index_options *options, vt_error *err)
{
    static const vt_archive_index_options defaults = VT_ARCHIVE_INDEX_OPTIONS_INIT;
    indexing x = { .archive = archive, .session = session, .options = options ? options : &defaults, .record = { .descriptor = -1 } };
    const vt_video_bytes *bytes = x.options->video.bytes;
    vt_status status = bytes ? describe_bytes(&x.what, path, bytes, engine, err) : describe(&x.what, path, engine, err);
    *unchanged = !status && is_unchanged(archive, &x.what);
    if (!status && !*unchanged) {
        status = look_through(&x, err);
        archive->listed = false;
    }
    vt_archive_video_free(&x.what);
    return status;
}
