/* An archive's folder: its records listed and searched. */
#include <stdlib.h>
#include <string.h>

#include <vultus/match.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/memory.h"
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
    return length > 6 && !strcmp(name + length - 6, ".video");
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

vt_status vt_archive_video_read(vt_archive_video *out, vt_archive *archive, size_t place, vt_error *err)
{
    size_t count = archive->records.count;
    *out = (vt_archive_video){ 0 };
    vt_status status = archive->listed ? VT_OK : vt_archive_count(&count, archive, err);
    if (status) return status;
    if (place >= archive->records.count) return vt__fail(err, VT_ENOTFOUND, "the archive holds %zu videos", archive->records.count);
    char *path = vt__path_join(archive->folder, archive->records.items[place]);
    status = path ? vt__record_read(out, archive, path, err) : vt__fail_memory(err, strlen(archive->folder));
    vt__free(path);
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

vt_status vt_archive_search(vt_archive_hits *out, vt_archive *archive, const vt_engine *engine, const vt_template *probes,
                            size_t probe_count, float min_confidence, vt_error *err)
{
    size_t count = 0;
    *out = (vt_archive_hits){ 0 };
    vt_status status = vt_archive_count(&count, archive, err);
    for (size_t i = 0; i < count && !status; i++) {
        vt_archive_video video;
        status = vt_archive_video_read(&video, archive, i, err);
        if (!status && strcmp(video.pack, vt_engine_digest(engine)))
            status = vt__fail(err, VT_ECONFLICT, "%s was indexed with another pack; index the archive again", video.path);
        for (size_t t = 0; t < video.count && !status; t++) {
            float confidence = best_confidence(engine, probes, probe_count, &video.tracks[t].template_);
            if (confidence >= min_confidence) status = add_hit(out, &video, &video.tracks[t], confidence, err);
        }
        vt_archive_video_free(&video);
    }
    if (status) vt_archive_hits_free(out);
    else if (out->count) qsort(out->items, out->count, sizeof *out->items, by_confidence);
    return status;
}

/* Takes the matching tracks out of a video's list; how many. */
static size_t drop_tracks(vt_archive_video *video, const vt_engine *engine, const vt_template *probes, size_t probe_count, float min_confidence)
{
    size_t kept = 0, before = video->count;
    for (size_t t = 0; t < before; t++)
        if (best_confidence(engine, probes, probe_count, &video->tracks[t].template_) < min_confidence) video->tracks[kept++] = video->tracks[t];
    vt__wipe(video->tracks + kept, (before - kept) * sizeof *video->tracks);
    video->count = kept;
    return before - kept;
}

vt_status vt_archive_forget(vt_archive_forgotten *out, vt_archive *archive, const vt_engine *engine, const vt_template *probes,
                            size_t probe_count, float min_confidence, vt_error *err)
{
    size_t count = 0;
    *out = (vt_archive_forgotten){ 0 };
    vt_status status = vt_archive_count(&count, archive, err);
    for (size_t i = 0; i < count && !status; i++) {
        vt_archive_video video;
        status = vt_archive_video_read(&video, archive, i, err);
        if (status == VT_ENOTFOUND) status = VT_OK; /* went meanwhile */
        if (status || !video.path) continue;
        bool comparable = !strcmp(video.pack, vt_engine_digest(engine));
        size_t dropped = comparable ? drop_tracks(&video, engine, probes, probe_count, min_confidence) : 0;
        if (dropped) status = vt__record_write(archive, &video, err);
        out->tracks += status ? 0 : dropped;
        out->not_compared += !comparable;
        vt_archive_video_free(&video);
    }
    return status;
}

void vt_archive_hits_free(vt_archive_hits *hits)
{
    for (size_t i = 0; i < hits->count; i++) vt__free(hits->items[i].path);
    vt__free(hits->items);
    *hits = (vt_archive_hits){ 0 };
}
