#include "video/archive_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/memory.h"
#include "video/archive_record.h"

enum { most_piece_bytes = 16 << 20, length_bytes = 4 };

void vt__record_id(char out[VT_ARCHIVE_ID_BYTES], const vt_archive *archive, const char *video_path)
{
    uint8_t digest[VT__SHA256_BYTES];
    char hex[2 * VT__SHA256_BYTES + 1];
    vt__hmac_sha256(digest, archive->key, VT_ARCHIVE_KEY_BYTES, video_path, strlen(video_path));
    vt__hex_encode(hex, digest, sizeof digest);
    memcpy(out, hex, VT__RECORD_ID_CHARACTERS);
    out[VT__RECORD_ID_CHARACTERS] = '\0';
}

char *vt__record_path(const vt_archive *archive, const char *id, const char *ending)
{
    return vt__format("%s/%s%s", archive->folder, id, ending);
}

/* What a piece is sealed with: of this video, this writing of it, at this place. */
typedef struct context {
    char id[VT__RECORD_ID_CHARACTERS];
    uint8_t salt[VT__RECORD_SALT_BYTES];
    uint8_t piece[4];
} context;

static context context_of(const char *id, const uint8_t salt[VT__RECORD_SALT_BYTES], uint32_t piece)
{
    context out;
    memcpy(out.id, id, sizeof out.id);
    memcpy(out.salt, salt, sizeof out.salt);
    for (int i = 0; i < 4; i++) out.piece[i] = (uint8_t)(piece >> (8 * i));
    return out;
}

/* ---- writing ---- */

static vt_status append(vt__record_writer *w, vt__json *json, vt_error *err)
{
    char *text = vt__json_text(json, false);
    size_t size = text ? strlen(text) : 0, sealed = size + VT__SEAL_EXTRA_BYTES;
    uint8_t *piece = vt__malloc(length_bytes + sealed, 1);
    vt_status status = text && piece ? VT_OK : vt__fail_memory(err, size);
    if (!status && sealed > most_piece_bytes) status = vt__fail(err, VT_ELIMIT, "a piece of %zu bytes", sealed);
    if (!status) {
        context c = context_of(w->id, w->at.salt, w->at.pieces);
        for (int i = 0; i < length_bytes; i++) piece[i] = (uint8_t)(sealed >> (8 * i));
        vt__seal(piece + length_bytes, text, size, &c, sizeof c, w->archive->key);
        status = vt__file_write_at(w->descriptor, piece, length_bytes + sealed, w->at.size_bytes, w->part, err);
    }
    if (!status) {
        w->at.size_bytes += length_bytes + sealed;
        w->at.pieces++;
    }
    vt__free(piece);
    vt__free_secret(text, size);
    vt__json_free(json);
    return status;
}

/* Whether the name still leads to the open file, which another run may have finished or dropped before it was locked. */
static bool is_there(int descriptor, const char *path)
{
    struct stat open_one, named;
    return !fstat(descriptor, &open_one) && !stat(path, &named) && open_one.st_ino == named.st_ino && open_one.st_dev == named.st_dev;
}

static vt_status open_locked(vt__record_writer *w, vt_error *err)
{
    for (;;) {
        w->descriptor = open(w->part, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (w->descriptor < 0) return vt__fail_errno(err, VT_EIO, errno, "cannot write %s", w->part);
        if (flock(w->descriptor, LOCK_EX | LOCK_NB)) return vt__fail(err, VT_ECONFLICT, "another run is indexing it now");
        if (is_there(w->descriptor, w->part)) return VT_OK;
        close(w->descriptor);
    }
}

static vt_status begin_anew(vt__record_writer *w, const vt_archive_video *video, vt_error *err)
{
    if (ftruncate(w->descriptor, 0)) return vt__fail_errno(err, VT_EIO, errno, "cannot write %s", w->part);
    vt__random_bytes(w->at.salt, sizeof w->at.salt);
    vt_status status = vt__file_write_at(w->descriptor, w->at.salt, sizeof w->at.salt, 0, w->part, err);
    w->at.size_bytes = sizeof w->at.salt;
    return status ? status : append(w, vt__video_json(video), err);
}

static vt_status go_on(vt__record_writer *w, const vt__record_place *place, vt_error *err)
{
    struct stat info;
    uint8_t salt[VT__RECORD_SALT_BYTES];
    bool same = !fstat(w->descriptor, &info) && (uint64_t)info.st_size >= place->size_bytes &&
                pread(w->descriptor, salt, sizeof salt, 0) == (ssize_t)sizeof salt && !memcmp(salt, place->salt, sizeof salt);
    if (!same) return vt__fail(err, VT_EINTEGRITY, "what was begun is not there");
    if (ftruncate(w->descriptor, (off_t)place->size_bytes)) return vt__fail_errno(err, VT_EIO, errno, "cannot write %s", w->part);
    w->at = *place;
    return VT_OK;
}

vt_status vt__record_begin(vt__record_writer *out, const vt_archive *archive, const vt_archive_video *video, const vt__record_place *place, vt_error *err)
{
    *out = (vt__record_writer){ .archive = archive, .descriptor = -1 };
    vt__record_id(out->id, archive, video->path);
    out->part = vt__record_path(archive, out->id, ".part");
    out->pending = vt__calloc(VT__TRACKS_TOGETHER, sizeof *out->pending);
    if (!out->part || !out->pending) return vt__fail_memory(err, VT__TRACKS_TOGETHER * sizeof *out->pending);
    vt_status status = open_locked(out, err);
    if (status) return status;
    return place ? go_on(out, place, err) : begin_anew(out, video, err);
}

static vt_status write_pending(vt__record_writer *w, vt_error *err)
{
    if (!w->pending_count) return VT_OK;
    vt_status status = append(w, vt__tracks_json(w->pending, w->pending_count), err);
    if (status) return status;
    for (size_t i = 0; i < w->pending_count; i++) vt__free_secret(w->pending[i].thumbnail, w->pending[i].thumbnail_bytes);
    vt__wipe(w->pending, w->pending_count * sizeof *w->pending);
    w->at.tracks += (uint32_t)w->pending_count;
    w->pending_count = 0;
    return VT_OK;
}

vt_status vt__record_add(vt__record_writer *w, vt_archive_track *track, vt_error *err)
{
    w->pending[w->pending_count++] = *track;
    track->thumbnail = NULL;
    return w->pending_count == VT__TRACKS_TOGETHER ? write_pending(w, err) : VT_OK;
}

vt_status vt__record_sync(vt__record_writer *w, vt_error *err)
{
    vt_status status = write_pending(w, err);
    if (!status && fsync(w->descriptor)) status = vt__fail_errno(err, VT_EIO, errno, "cannot write %s", w->part);
    return status;
}

vt_status vt__record_finish(vt__record_writer *w, double duration_s, vt_error *err)
{
    vt_status status = write_pending(w, err);
    vt__json *end = vt__json_object();
    vt__json_set_real(end, "duration", duration_s);
    vt__json_set_integer(end, "tracks", w->at.tracks);
    if (status) vt__json_free(end);
    else status = append(w, end, err);
    char *whole = status ? NULL : vt__record_path(w->archive, w->id, ".video");
    if (!status) status = whole ? vt__file_publish(w->descriptor, w->part, whole, err) : vt__fail_memory(err, 1);
    vt__free(whole);
    return status;
}

void vt__record_close(vt__record_writer *w)
{
    if (w->descriptor >= 0) close(w->descriptor);
    if (w->pending) vt__archive_tracks_free(w->pending, VT__TRACKS_TOGETHER);
    vt__free(w->part);
    *w = (vt__record_writer){ .descriptor = -1 };
}

void vt__record_drop_part(const vt_archive *archive, const char *id)
{
    char *part = vt__record_path(archive, id, ".part"), *going = vt__record_path(archive, id, ".going");
    int descriptor = part ? open(part, O_RDWR | O_CLOEXEC) : -1;
    bool free_to_drop = descriptor < 0 || !flock(descriptor, LOCK_EX | LOCK_NB);
    if (free_to_drop && going) unlink(going);
    if (free_to_drop && descriptor >= 0) unlink(part);
    if (descriptor >= 0) close(descriptor);
    vt__free(part);
    vt__free(going);
}

/* ---- reading ---- */

static vt_status read_exactly(vt__record_reader *r, void *out, size_t size, vt_error *err)
{
    for (size_t got = 0; got < size;) {
        ssize_t now = pread(r->descriptor, (uint8_t *)out + got, size - got, (off_t)(r->offset + got));
        if (now < 0 && errno == EINTR) continue;
        if (now < 0) return vt__fail_errno(err, VT_EIO, errno, "cannot read it");
        if (!now) return vt__fail(err, VT_EINTEGRITY, "the record is cut off");
        got += (size_t)now;
    }
    r->offset += size;
    return VT_OK;
}

static vt_status open_piece(vt__json **out, vt__record_reader *r, const uint8_t *sealed, size_t size, vt_error *err)
{
    const char *slash = strrchr(r->path, '/');
    context c = context_of(slash ? slash + 1 : r->path, r->salt, r->pieces);
    uint8_t *text = vt__malloc(size, 1);
    if (!text) return vt__fail_memory(err, size);
    vt_status status = vt__open(text, sealed, size, &c, sizeof c, r->archive->key, err);
    if (!status) status = vt__json_parse(out, text, size - VT__SEAL_EXTRA_BYTES, 16, err);
    vt__free_secret(text, size);
    r->pieces += !status;
    return status;
}

static vt_status next_piece(vt__json **out, vt__record_reader *r, vt_error *err)
{
    uint8_t length[length_bytes], *sealed = NULL;
    size_t size = 0;
    *out = NULL;
    vt_status status = read_exactly(r, length, sizeof length, err);
    for (int i = 0; !status && i < length_bytes; i++) size |= (size_t)length[i] << (8 * i);
    if (!status && (size < VT__SEAL_EXTRA_BYTES || size > most_piece_bytes)) status = vt__fail(err, VT_EINTEGRITY, "the record is damaged");
    if (!status && !(sealed = vt__malloc(size, 1))) status = vt__fail_memory(err, size);
    if (!status) status = read_exactly(r, sealed, size, err);
    if (!status) status = open_piece(out, r, sealed, size, err);
    vt__free(sealed);
    return status;
}

static vt_status read_first(vt__record_reader *r, vt_error *err)
{
    vt__json *first = NULL;
    vt_status status = read_exactly(r, r->salt, sizeof r->salt, err);
    if (!status) status = next_piece(&first, r, err);
    if (!status) status = vt__video_from_json(&r->video, first, err);
    vt__json_free(first);
    return status;
}

vt_status vt__record_open(vt__record_reader *out, const vt_archive *archive, const char *id, vt_error *err)
{
    *out = (vt__record_reader){ .archive = archive, .descriptor = -1, .path = vt__record_path(archive, id, ".video") };
    if (!out->path) return vt__fail_memory(err, strlen(archive->folder));
    out->descriptor = open(out->path, O_RDONLY | O_CLOEXEC);
    if (out->descriptor < 0) return vt__fail_errno(err, errno == ENOENT ? VT_ENOTFOUND : VT_EIO, errno, "cannot read %s", out->path);
    vt_status status = read_first(out, err);
    memcpy(out->video.id, id, strnlen(id, VT__RECORD_ID_CHARACTERS));
    if (status) vt__error_prefix(err, status, "%s", out->path);
    return status;
}

vt_status vt__record_next(vt_archive_track **tracks, size_t *count, vt__record_reader *r, vt_error *err)
{
    vt__json *piece;
    *tracks = NULL;
    *count = 0;
    vt_status status = next_piece(&piece, r, err);
    if (!status && vt__json_get_kind(piece) == VT__JSON_OBJECT) r->video.duration_s = vt__json_number_or(piece, "duration", 0);
    else if (!status) status = vt__tracks_from_json(tracks, count, piece, err);
    vt__json_free(piece);
    if (status) vt__error_prefix(err, status, "%s", r->path);
    return status;
}

void vt__record_reader_close(vt__record_reader *r)
{
    if (r->descriptor >= 0) close(r->descriptor);
    vt_archive_video_free(&r->video);
    vt__free(r->path);
    *r = (vt__record_reader){ .descriptor = -1 };
}
