/* An archive's folder: its records listed and searched. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vultus/match.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/memory.h"
#include "video/archive_file.h"
#include "video/archive_record.h"

vt_status vt_archive_open(vt_archive **out, const char *folder, const uint8_t key[VT_ARCHIVE_KEY_BYTES], vt_error *err)
{
    *out = NULL;
    vt_archive *archive = vt__calloc(1, sizeof *archive);
    if (!archive) return vt__fail_memory(err, sizeof *archive);
    archive->folder = vt__strdup(folder);
    archive->key = vt__locked_alloc(VT_ARCHIVE_KEY_BYTES, NULL);
    vt_status status = archive->folder && archive->key ? vt__folder_make(folder, 0700, err) : vt__fail_memory(err, VT_ARCHIVE_KEY_BYTES);
    if (status) {
        vt_archive_close(archive);
        return status;
    }
    memcpy(archive->key, key, VT_ARCHIVE_KEY_BYTES);
    *out = archive;
    return VT_OK;
}

void vt_archive_close(vt_archive *archive)
{
    if (!archive) return;
    if (archive->key) vt__locked_free(archive->key, VT_ARCHIVE_KEY_BYTES);
    vt__names_free(&archive->records);
    vt__free(archive->folder);
    vt__free(archive);
}

static bool is_record(const char *name)
{
    size_t length = strlen(name);
    return length == VT_ARCHIVE_ID_BYTES + 5 && !strcmp(name + length - 6, ".video");
}

vt_status vt_archive_count(size_t *out, vt_archive *archive, vt_error *err)
{
    vt__names_free(&archive->records);
    archive->records = (vt__names){ 0 };
    vt_status status = vt__folder_list(&archive->records, archive->folder, err);
    if (status) return status;
    size_t kept = 0;
    for (size_t i = 0; i < archive->records.count; i++) {
        if (is_record(archive->records.items[i])) archive->records.items[kept++] = archive->records.items[i];
        else vt__free(archive->records.items[i]);
    }
    *out = archive->records.count = kept;
    archive->listed = true;
    return VT_OK;
}

/* The record's id by its place in the list. */
static vt_status id_at(char out[VT_ARCHIVE_ID_BYTES], vt_archive *archive, size_t place, vt_error *err)
{
    size_t count = archive->records.count;
    vt_status status = archive->listed ? VT_OK : vt_archive_count(&count, archive, err);
    if (status) return status;
    if (place >= archive->records.count) return vt__fail(err, VT_ENOTFOUND, "the archive holds %zu videos", archive->records.count);
    memset(out, 0, VT_ARCHIVE_ID_BYTES);
    memcpy(out, archive->records.items[place], VT_ARCHIVE_ID_BYTES - 1);
    return VT_OK;
}

static vt_status open_at(vt__record_reader *out, vt_archive *archive, size_t place, vt_error *err)
{
    char id[VT_ARCHIVE_ID_BYTES];
    *out = (vt__record_reader){ .descriptor = -1 };
    vt_status status = id_at(id, archive, place, err);
    return status ? status : vt__record_open(out, archive, id, err);
}

static int by_begin(const void *a, const void *b)
{
    const vt_archive_track *x = a, *y = b;
    if (x->from_s != y->from_s) return x->from_s < y->from_s ? -1 : 1;
    return (x->best_box.left > y->best_box.left) - (x->best_box.left < y->best_box.left);
}

/* All tracks together: templates are not left behind in memory that was outgrown. */
static vt_status take_in(vt_archive_video *video, vt_archive_track *tracks, size_t count, size_t *room, vt_error *err)
{
    if (video->count + count > *room) {
        size_t wanted = (video->count + count) * 2;
        vt_archive_track *more = vt__calloc(wanted, sizeof *more);
        if (!more) return vt__fail_memory(err, wanted * sizeof *more);
        if (video->count) memcpy(more, video->tracks, video->count * sizeof *more);
        vt__free_secret(video->tracks, video->count * sizeof *more);
        video->tracks = more;
        *room = wanted;
    }
    memcpy(video->tracks + video->count, tracks, count * sizeof *tracks);
    video->count += count;
    return VT_OK;
}

static vt_status read_all(vt_archive_video *out, vt__record_reader *reader, vt_error *err)
{
    size_t count = 0, room = 0;
    vt_archive_track *tracks;
    for (;;) {
        vt_status status = vt__record_next(&tracks, &count, reader, err);
        if (status || !count) {
            vt__archive_tracks_free(tracks, count);
            return status;
        }
        status = take_in(out, tracks, count, &room, err);
        if (status) vt__archive_tracks_free(tracks, count);
        else vt__free_secret(tracks, count * sizeof *tracks); /* the thumbnails are out's now */
        if (status) return status;
    }
}

vt_status vt_archive_video_read(vt_archive_video *out, vt_archive *archive, size_t place, vt_error *err)
{
    vt__record_reader reader;
    vt_archive_video found = { .count = 0 };
    *out = found;
    vt_status status = open_at(&reader, archive, place, err);
    if (!status) status = read_all(&found, &reader, err);
    if (!status) {
        *out = reader.video;
        out->tracks = found.tracks;
        out->count = found.count;
        reader.video = (vt_archive_video){ .path = NULL };
        if (out->count) qsort(out->tracks, out->count, sizeof *out->tracks, by_begin);
    } else vt_archive_video_free(&found);
    vt__record_reader_close(&reader);
    return status;
}

static float best_confidence(const vt_engine *engine, const vt_template *probes, size_t count, const vt_template *template)
{
    float best = -1;
    for (size_t i = 0; i < count; i++) {
        if (probes[i].dimension != template->dimension || !template->dimension) continue;
        float cosine = vt_cosine(probes[i].values, template->values, template->dimension);
        if (cosine > best) best = cosine;
    }
    return best > -1 ? vt_engine_confidence(engine, best) : 0;
}

static vt_status add_hit(vt_archive_hits *out, const vt_archive_video *video, const vt_archive_track *track, float confidence, vt_error *err)
{
    vt_archive_hit *more = vt__realloc(out->items, out->count + 1, sizeof *more);
    if (!more) return vt__fail_memory(err, (out->count + 1) * sizeof *more);
    out->items = more;
    out->items[out->count] = (vt_archive_hit){ vt__strdup(video->path), track->from_s, track->to_s, track->best_s, confidence };
    return out->items[out->count++].path ? VT_OK : vt__fail_memory(err, strlen(video->path));
}

static int by_confidence(const void *a, const void *b)
{
    const vt_archive_hit *x = a, *y = b;
    if (x->confidence != y->confidence) return x->confidence < y->confidence ? 1 : -1;
    int order = strcmp(x->path, y->path);
    return order ? order : (x->from_s > y->from_s) - (x->from_s < y->from_s);
}

/* Takes the next tracks of a record that match; *end when there are no more. */
static vt_status next_matching(vt_archive_hits *out, bool *end, vt__record_reader *reader, const vt_engine *engine, const vt_template *probes,
                               size_t probe_count, float min_confidence, vt_error *err)
{
    vt_archive_track *tracks;
    size_t count;
    vt_status status = vt__record_next(&tracks, &count, reader, err);
    *end = !count;
    for (size_t t = 0; t < count && !status; t++) {
        float confidence = best_confidence(engine, probes, probe_count, &tracks[t].template_);
        if (confidence >= min_confidence) status = add_hit(out, &reader->video, &tracks[t], confidence, err);
    }
    vt__archive_tracks_free(tracks, count);
    return status;
}

static vt_status search_video(vt_archive_hits *out, vt__record_reader *reader, const vt_engine *engine, const vt_template *probes,
                              size_t probe_count, float min_confidence, vt_error *err)
{
    bool end = false;
    vt_status status = VT_OK;
    while (!status && !end) status = next_matching(out, &end, reader, engine, probes, probe_count, min_confidence, err);
    return status;
}

vt_status vt_archive_search(vt_archive_hits *out, vt_archive *archive, const vt_engine *engine, const vt_template *probes,
                            size_t probe_count, float min_confidence, vt_error *err)
{
    size_t count = 0;
    *out = (vt_archive_hits){ 0 };
    vt_status status = vt_archive_count(&count, archive, err);
    for (size_t i = 0; i < count && !status; i++) {
        vt__record_reader reader;
        status = open_at(&reader, archive, i, err);
        bool gone = status == VT_ENOTFOUND; /* meanwhile */
        if (!status && strcmp(reader.video.pack, vt_engine_digest(engine)))
            status = vt__fail(err, VT_ECONFLICT, "%s was indexed with another pack; index the archive again", reader.video.path);
        if (!status) status = search_video(out, &reader, engine, probes, probe_count, min_confidence, err);
        if (gone) status = VT_OK;
        vt__record_reader_close(&reader);
    }
    if (status) vt_archive_hits_free(out);
    else if (out->count) qsort(out->items, out->count, sizeof *out->items, by_confidence);
    return status;
}

/* Writes a record anew without the tracks that match. */
static vt_status write_without(size_t *dropped, vt__record_reader *from, const vt_archive *archive, const vt_engine *engine, const vt_template *probes,
                               size_t probe_count, float min_confidence, vt_error *err)
{
    vt__record_writer to;
    size_t count = 1;
    vt_status status = vt__record_begin(&to, archive, &from->video, NULL, err);
    while (!status && count) {
        vt_archive_track *tracks;
        status = vt__record_next(&tracks, &count, from, err);
        for (size_t t = 0; t < count && !status; t++) {
            if (best_confidence(engine, probes, probe_count, &tracks[t].template_) < min_confidence) status = vt__record_add(&to, &tracks[t], err);
            else ++*dropped;
        }
        vt__archive_tracks_free(tracks, count);
    }
    if (!status) status = vt__record_finish(&to, from->video.duration_s, err);
    vt__record_close(&to);
    return status;
}

static vt_status forget_in_video(vt_archive_forgotten *out, vt_archive *archive, size_t place, const vt_engine *engine, const vt_template *probes,
                                 size_t probe_count, float min_confidence, vt_error *err)
{
    vt__record_reader reader;
    vt_archive_hits found = { 0 };
    vt_status status = open_at(&reader, archive, place, err);
    bool comparable = !status && !strcmp(reader.video.pack, vt_engine_digest(engine));
    if (!status) out->not_compared += !comparable;
    if (comparable) status = search_video(&found, &reader, engine, probes, probe_count, min_confidence, err);
    vt__record_reader_close(&reader);
    if (!status && found.count) {
        size_t dropped = 0;
        status = open_at(&reader, archive, place, err);
        if (!status) status = write_without(&dropped, &reader, archive, engine, probes, probe_count, min_confidence, err);
        vt__record_reader_close(&reader);
        out->tracks += status ? 0 : dropped;
    }
    vt_archive_hits_free(&found);
    return status == VT_ENOTFOUND ? VT_OK : status; /* went meanwhile */
}

/* What killed runs left holds templates too. */
static vt_status drop_parts(const vt_archive *archive, vt_error *err)
{
    vt__names names;
    char id[VT_ARCHIVE_ID_BYTES] = "";
    vt_status status = vt__folder_list(&names, archive->folder, err);
    if (status) return status;
    for (size_t i = 0; i < names.count; i++) {
        const char *name = names.items[i], *ending = strrchr(name, '.');
        if (!ending || ending - name != VT_ARCHIVE_ID_BYTES - 1 || (strcmp(ending, ".part") && strcmp(ending, ".going"))) continue;
        memcpy(id, name, VT_ARCHIVE_ID_BYTES - 1);
        vt__record_drop_part(archive, id);
    }
    vt__names_free(&names);
    return VT_OK;
}

vt_status vt_archive_forget(vt_archive_forgotten *out, vt_archive *archive, const vt_engine *engine, const vt_template *probes,
                            size_t probe_count, float min_confidence, vt_error *err)
{
    size_t count = 0;
    *out = (vt_archive_forgotten){ 0 };
    vt_status status = probe_count ? drop_parts(archive, err) : VT_OK;
    if (!status) status = vt_archive_count(&count, archive, err);
    for (size_t i = 0; i < count && !status; i++) status = forget_in_video(out, archive, i, engine, probes, probe_count, min_confidence, err);
    return status;
}

static bool is_id(const char *text)
{
    return strlen(text) == VT_ARCHIVE_ID_BYTES - 1 && strspn(text, "0123456789abcdef") == VT_ARCHIVE_ID_BYTES - 1;
}

vt_status vt_archive_remove(vt_archive *archive, const char *video_id, vt_error *err)
{
    if (!is_id(video_id)) return vt__fail(err, VT_EINVAL, "a video's id has 40 digits, 0 to 9 and a to f");
    char *record = vt__record_path(archive, video_id, ".video"), *part = vt__record_path(archive, video_id, ".part");
    vt_status status = record && part ? VT_OK : vt__fail_memory(err, VT_ARCHIVE_ID_BYTES);
    if (!status) {
        bool begun = vt__file_exists(part);
        vt__record_drop_part(archive, video_id);
        if (begun && vt__file_exists(part)) status = vt__fail(err, VT_ECONFLICT, "the video is being indexed; wait for it, or end that");
        else if (unlink(record) && !(errno == ENOENT && begun))
            status = vt__fail_errno(err, errno == ENOENT ? VT_ENOTFOUND : VT_EIO, errno, "no video of the archive has the id %s", video_id);
    }
    archive->listed = false;
    vt__free(record);
    vt__free(part);
    return status;
}

void vt_archive_hits_free(vt_archive_hits *hits)
{
    for (size_t i = 0; i < hits->count; i++) vt__free(hits->items[i].path);
    vt__free(hits->items);
    *hits = (vt_archive_hits){ 0 };
}
