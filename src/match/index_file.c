#include "match/index_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "match/index_block.h"
#include "match/index_rows.h"
#include "match/vault.h"

static const char magic[8] = "VULTIDX";

enum { FORMAT = 2, BYTE_ORDER_MARK = 0x01020304, MAX_LOADERS = 8 };

typedef struct sealed_head {
    uint64_t versions; /* of all blocks together */
    uint64_t floor;    /* new blocks begin above it */
    uint64_t rows, live;
    uint8_t axes[VT__SHA256_BYTES];
    vt__index_stamp stamp;
} sealed_head;

static void axes_digest(uint8_t out[VT__SHA256_BYTES], const vt__axes *axes)
{
    vt__sha256_state state;
    const uint32_t sizes[] = { axes->dimension, axes->width };
    vt__sha256_begin(&state);
    vt__sha256_add(&state, sizes, sizeof sizes);
    if (axes->axes) vt__sha256_add(&state, axes->axes, (size_t)axes->width * axes->dimension * sizeof(float));
    vt__sha256_end(out, &state);
}

static void derive(uint8_t out[VT__KEY_BYTES], const uint8_t *key, const char *purpose, const uint8_t id[16])
{
    char hex[33];
    vt__hex_encode(hex, id, 16);
    vt__key_derive(out, key, purpose, hex);
}

void vt__index_file_close(vt__index *index)
{
    vt__index_file *file = index->file;
    if (!file) return;
    if (file->temporary) vt__index_file_discard(index); /* never finished */
    if (file->descriptor >= 0) close(file->descriptor);
    vt__locked_free(file->key, VT__KEY_BYTES);
    vt__free(file->path);
    vt__free(file->temporary);
    vt__free(file->versions);
    vt__free(file->touched);
    vt__free(file->touched_list);
    vt__free(file);
    vt__vault_close(index->vault);
    index->file = NULL;
    index->vault = NULL;
}

void vt__index_file_discard(vt__index *index)
{
    vt__index_file *file = index->file;
    if (!file || file->lost) return;
    file->lost = true;
    const char *name = file->temporary ? file->temporary : file->path;
    if (name) unlink(name);
    vt__vault_discard(index->vault);
}

static vt_status begin(vt__index_file **out, const char *path, const vt__index_head *head, const uint8_t *key, vt_error *err)
{
    vt__index_file *file = vt__calloc(1, sizeof *file);
    if (!file) return vt__fail_memory(err, sizeof *file);
    file->descriptor = -1;
    file->head = *head;
    file->path = vt__strdup(path);
    file->key = vt__locked_alloc(VT__KEY_BYTES, NULL);
    if (file->key) derive(file->key, key, "index codes", head->id);
    *out = file;
    return file->path && file->key ? VT_OK : vt__fail_memory(err, strlen(path));
}

/* ---- writing ---- */

vt_status vt__index_file_make(vt__index **out, const vt__axes *axes, const vt__index_place *place, vt_error *err)
{
    vt__index *index = NULL;
    uint8_t key[VT__KEY_BYTES];
    vt__index_head head = { .format = FORMAT, .byte_order = BYTE_ORDER_MARK, .dimension = axes->dimension,
                            .width = axes->width, .block_rows = VT__BLOCK_ROWS };
    memcpy(head.magic, magic, sizeof magic);
    vt__random_bytes(head.id, sizeof head.id);
    vt_status status = vt__index_open(&index, axes, err);
    if (status) return status;
    status = begin(&index->file, place->codes, &head, place->key, err);
    if (!status) index->file->temporary = vt__format("%s.new", place->codes);
    if (!status && !index->file->temporary) status = vt__fail_memory(err, strlen(place->codes));
    if (!status) {
        unlink(index->file->temporary);
        index->file->descriptor = open(index->file->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (index->file->descriptor < 0 || ftruncate(index->file->descriptor, VT__BLOCKS_AT))
            status = vt__fail_errno(err, VT_EIO, errno, "cannot create %s", index->file->temporary);
    }
    derive(key, place->key, "index vectors", head.id);
    if (!status) axes_digest(index->file->axes, &index->axes);
    if (!status) status = vt__vault_make(&index->vault, place->vectors, axes->dimension, head.id, key, err);
    vt__wipe(key, sizeof key);
    if (status) {
        vt__index_close(index);
        return status;
    }
    *out = index;
    return VT_OK;
}

/* Versions for blocks up to `count`. */
static vt_status hold_blocks(vt__index_file *file, size_t count)
{
    if (count <= file->capacity) return VT_OK;
    size_t capacity = count + count / 2 + 64;
    uint64_t *versions = vt__realloc(file->versions, capacity, sizeof *versions);
    if (!versions) return VT_ENOMEM;
    file->versions = versions;
    uint8_t *touched = vt__realloc(file->touched, capacity, 1);
    if (!touched) return VT_ENOMEM;
    file->touched = touched;
    uint32_t *list = vt__realloc(file->touched_list, capacity, sizeof *list);
    if (!list) return VT_ENOMEM;
    file->touched_list = list;
    memset(versions + file->capacity, 0, (capacity - file->capacity) * sizeof *versions);
    memset(touched + file->capacity, 0, capacity - file->capacity);
    file->capacity = capacity;
    return VT_OK;
}

void vt__index_file_touch(vt__index *index, uint32_t number)
{
    vt__index_file *file = index->file;
    if (!file || file->temporary || file->lost) return;
    uint32_t block = number / VT__BLOCK_ROWS;
    if (hold_blocks(file, (size_t)block + 1)) {
        vt__index_file_discard(index);
        return;
    }
    if (file->touched[block]) return;
    file->touched[block] = 1;
    file->touched_list[file->touched_count++] = block;
}

static vt_status write_block(vt__index *index, uint32_t block, vt_error *err)
{
    vt__index_file *file = index->file;
    uint8_t plain[VT__BLOCK_MAX_BYTES], sealed[VT__BLOCK_MAX_BYTES + VT__BLOCK_EXTRA_BYTES];
    size_t width = index->axes.width, bytes = vt__block_bytes(width);
    vt__block_gather(plain, index, block);
    uint64_t before = file->versions[block], version = (before ? before : file->floor) + 1;
    file->versions[block] = version;
    file->sum += version - before;
    vt__block_context context = vt__block_context_of(file->head.id, block, version);
    memcpy(sealed, &version, sizeof version);
    vt__seal(sealed + sizeof version, plain, bytes, &context, sizeof context, file->key);
    vt__wipe(plain, bytes);
    return vt__file_write_at(file->descriptor, sealed, vt__block_stride(width), VT__BLOCKS_AT + block * vt__block_stride(width),
                             file->path, err);
}

static vt_status write_head(vt__index *index, const vt__index_stamp *stamp, vt_error *err)
{
    vt__index_file *file = index->file;
    uint8_t bytes[sizeof file->head + sizeof(sealed_head) + VT__SEAL_EXTRA_BYTES];
    sealed_head inner = { .versions = file->sum, .floor = file->floor, .rows = atomic_load(&index->rows), .live = vt__index_count(index), .stamp = *stamp };
    memcpy(inner.axes, file->axes, sizeof inner.axes);
    memcpy(bytes, &file->head, sizeof file->head);
    vt__seal(bytes + sizeof file->head, &inner, sizeof inner, &file->head, sizeof file->head, file->key);
    return vt__file_write_at(file->descriptor, bytes, sizeof bytes, 0, file->path, err);
}

/* All blocks and the lasting names. */
static vt_status publish(vt__index *index, const vt__index_stamp *stamp, vt_error *err)
{
    vt__index_file *file = index->file;
    size_t blocks = (atomic_load(&index->rows) + VT__BLOCK_ROWS - 1) / VT__BLOCK_ROWS;
    vt_status status = hold_blocks(file, blocks) ? vt__fail_memory(err, blocks) : VT_OK;
    for (uint32_t b = 0; b < blocks && !status; b++) status = write_block(index, b, err);
    if (!status) status = write_head(index, stamp, err);
    if (!status) status = vt__vault_publish(index->vault, err);
    if (!status) status = vt__file_publish(file->descriptor, file->temporary, file->path, err);
    if (status) return status;
    vt__free(file->temporary);
    file->temporary = NULL;
    return VT_OK;
}

static vt_status write_stamp(vt__index *index, const vt__index_stamp *stamp, vt_error *err)
{
    vt__index_file *file = index->file;
    if (!file || file->lost) return VT_OK;
    vt_status status = VT_OK;
    file->stamp = *stamp;
    if (file->temporary) {
        status = publish(index, stamp, err);
    } else {
        for (size_t i = 0; i < file->touched_count && !status; i++) {
            file->touched[file->touched_list[i]] = 0;
            status = write_block(index, file->touched_list[i], err);
        }
        file->touched_count = 0;
        if (!status) status = write_head(index, stamp, err);
    }
    if (status) vt__index_file_discard(index);
    return status;
}

vt_status vt__index_file_stamp(vt__index *index, const vt__index_stamp *stamp, vt_error *err)
{
    pthread_mutex_lock(&index->writing);
    vt_status status = write_stamp(index, stamp, err);
    pthread_mutex_unlock(&index->writing);
    return status;
}

void vt__index_file_shorten(vt__index *index)
{
    vt__index_file *file = index->file;
    if (!file || file->temporary || file->lost) return;
    size_t rows = atomic_load(&index->rows), blocks = (rows + VT__BLOCK_ROWS - 1) / VT__BLOCK_ROWS, kept = 0;
    for (size_t b = blocks; b < file->capacity; b++) {
        if (file->versions[b] > file->floor) file->floor = file->versions[b];
        file->sum -= file->versions[b];
        file->versions[b] = 0;
        file->touched[b] = 0;
    }
    for (size_t i = 0; i < file->touched_count; i++)
        if (file->touched_list[i] < blocks) file->touched_list[kept++] = file->touched_list[i];
    file->touched_count = kept;
    vt_status status = write_stamp(index, &file->stamp, NULL); /* first the head that counts fewer, then the end */
    if (!status && ftruncate(file->descriptor, (off_t)(VT__BLOCKS_AT + blocks * vt__block_stride(index->axes.width))))
        vt__index_file_discard(index);
}

void vt__index_file_write_touched(vt__index *index)
{
    if (index->file && index->file->touched_count) write_stamp(index, &index->file->stamp, NULL);
}

/* ---- reading ---- */

static vt_status read_head(sealed_head *inner, vt__index_head *head, uint64_t *size, int descriptor, const vt__index_place *place,
                           vt_error *err)
{
    uint8_t bytes[sizeof *head + sizeof *inner + VT__SEAL_EXTRA_BYTES], key[VT__KEY_BYTES];
    struct stat info;
    if (fstat(descriptor, &info) || !S_ISREG(info.st_mode) || pread(descriptor, bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return vt__fail(err, VT_EINTEGRITY, "%s is too short", place->codes);
    memcpy(head, bytes, sizeof *head);
    *size = (uint64_t)info.st_size;
    if (memcmp(head->magic, magic, sizeof magic)) return vt__fail(err, VT_EINTEGRITY, "%s is no index", place->codes);
    if (head->format != FORMAT || head->byte_order != BYTE_ORDER_MARK || head->block_rows != VT__BLOCK_ROWS)
        return vt__fail(err, VT_EFORMAT, "%s has another version, or comes from another kind of machine", place->codes);
    derive(key, place->key, "index codes", head->id);
    vt_status status = vt__open(inner, bytes + sizeof *head, sizeof bytes - sizeof *head, head, sizeof *head, key, NULL);
    vt__wipe(key, sizeof key);
    return status ? vt__fail(err, VT_EINTEGRITY, "%s was changed, or is sealed with another key", place->codes) : VT_OK;
}

typedef struct loader {
    pthread_t thread;
    vt__index *index;
    size_t turn, turns, rows;
    vt_status status;
    bool running;
} loader;

static vt_status load_block(vt__index *index, uint32_t block, uint8_t *sealed, uint8_t *plain)
{
    vt__index_file *file = index->file;
    size_t width = index->axes.width, stride = vt__block_stride(width);
    uint64_t version;
    if (pread(file->descriptor, sealed, stride, (off_t)(VT__BLOCKS_AT + block * stride)) != (ssize_t)stride) return VT_EINTEGRITY;
    memcpy(&version, sealed, sizeof version);
    vt__block_context context = vt__block_context_of(file->head.id, block, version);
    vt_status status = vt__open(plain, sealed + sizeof version, stride - sizeof version, &context, sizeof context, file->key, NULL);
    if (status) return VT_EINTEGRITY;
    file->versions[block] = version;
    vt__block_spread(index, block, plain);
    return VT_OK;
}

/* Which loader a segment is for: each in turn, but whole slabs, which two threads cannot make. */
static size_t turn_of(size_t segment)
{
    return segment < VT__SLAB_SEGMENTS ? segment : segment / VT__SLAB_SEGMENTS;
}

static void *load_segments(void *argument)
{
    loader *l = argument;
    size_t bytes = vt__block_bytes(l->index->axes.width);
    uint8_t *plain = vt__locked_alloc(bytes, NULL), *sealed = vt__malloc(vt__block_stride(l->index->axes.width), 1);
    if (!plain || !sealed) l->status = VT_ENOMEM;
    for (size_t s = 0; s * VT__SEGMENT_ROWS < l->rows && !l->status; s++) {
        if (turn_of(s) % l->turns != l->turn) continue;
        l->status = vt__index_new_segment(l->index, s, NULL);
        size_t end = (s + 1) * VT__SEGMENT_ROWS < l->rows ? (s + 1) * VT__SEGMENT_ROWS : l->rows;
        for (size_t row = s * VT__SEGMENT_ROWS; row < end && !l->status; row += VT__BLOCK_ROWS)
            l->status = load_block(l->index, (uint32_t)(row / VT__BLOCK_ROWS), sealed, plain);
    }
    vt__locked_free(plain, bytes);
    vt__free(sealed);
    return NULL;
}

/* Opening the seals is most of the work, so it is spread over the processors. */
static vt_status load_all(vt__index *index, size_t rows)
{
    loader loaders[MAX_LOADERS];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t segments = (rows + VT__SEGMENT_ROWS - 1) / VT__SEGMENT_ROWS, count = processors > 0 ? (size_t)processors : 1;
    if (count > MAX_LOADERS) count = MAX_LOADERS;
    if (count > segments) count = segments;
    vt_status status = VT_OK;
    for (size_t i = 0; i < count; i++) {
        loaders[i] = (loader){ .index = index, .turn = i, .turns = count, .rows = rows };
        loaders[i].running = i && !pthread_create(&loaders[i].thread, NULL, load_segments, &loaders[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (loaders[i].running) pthread_join(loaders[i].thread, NULL);
        else load_segments(&loaders[i]);
        if (loaders[i].status) status = loaders[i].status;
    }
    return status;
}

/* The rows of the blocks; whether they are what the head counted. */
static vt_status load(vt__index *index, const sealed_head *inner, uint64_t size, vt_error *err)
{
    vt__index_file *file = index->file;
    size_t rows = (size_t)inner->rows, blocks = (rows + VT__BLOCK_ROWS - 1) / VT__BLOCK_ROWS;
    if (inner->rows > (uint64_t)VT__MAX_SEGMENTS * VT__SEGMENT_ROWS ||
        size < VT__BLOCKS_AT + blocks * vt__block_stride(index->axes.width))
        return vt__fail(err, VT_EINTEGRITY, "%s is cut off", file->path);
    if (hold_blocks(file, blocks)) return vt__fail_memory(err, blocks * sizeof(uint64_t));
    vt_status status = load_all(index, rows);
    if (status) return vt__fail(err, status, status == VT_ENOMEM ? "no memory for %s" : "%s is damaged", file->path);
    for (size_t b = 0; b < blocks; b++) file->sum += file->versions[b];
    size_t live = 0;
    for (uint32_t row = 0; row < rows; row++) {
        if (vt__row_lives(vt__row_at(index, row))) live++;
        else if (vt__row_list_push(&index->free_rows, row, err)) return VT_ENOMEM;
    }
    if (file->sum != inner->versions || live != inner->live)
        return vt__fail(err, VT_EINTEGRITY, "%s holds blocks of different times", file->path);
    atomic_store(&index->live, live);
    atomic_store(&index->rows, rows);
    index->tables_late = rows > 0;
    file->stamp = inner->stamp;
    file->floor = inner->floor;
    return VT_OK;
}

static vt_status open_pair(vt__index **out, const vt__axes *axes, const vt__index_head *head, const sealed_head *inner,
                           int descriptor, uint64_t size, const vt__index_place *place, vt_error *err)
{
    vt__index *index = NULL;
    uint8_t key[VT__KEY_BYTES];
    const vt__axes plain = { head->dimension, head->width, NULL };
    vt_status status = vt__index_open(&index, axes->dimension == head->dimension ? axes : &plain, err);
    if (status) {
        close(descriptor);
        return vt__fail(err, VT_EINTEGRITY, "%s has dimensions that serve no index", place->codes);
    }
    status = begin(&index->file, place->codes, head, place->key, err);
    if (index->file) index->file->descriptor = descriptor;
    else close(descriptor);
    if (!status) axes_digest(index->file->axes, &index->axes);
    if (!status && (memcmp(index->file->axes, inner->axes, sizeof inner->axes) || index->axes.width != head->width))
        status = vt__fail(err, VT_EINTEGRITY, "%s was made along other axes", place->codes);
    derive(key, place->key, "index vectors", head->id);
    size_t segments = ((size_t)inner->rows + VT__SEGMENT_ROWS - 1) / VT__SEGMENT_ROWS;
    if (!status) status = vt__vault_open(&index->vault, place->vectors, head->dimension, head->id, key, segments, err);
    vt__wipe(key, sizeof key);
    if (!status) status = load(index, inner, size, err);
    if (status) vt__index_close(index);
    else *out = index;
    return status == VT_ENOTFOUND ? VT_EINTEGRITY : status; /* codes without vectors */
}

vt_status vt__index_file_open(vt__index **out, vt__index_stamp *stamp, uint32_t *dimension, const vt__axes *axes,
                              const vt__index_place *place, vt_error *err)
{
    int descriptor = open(place->codes, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0) return vt__fail_errno(err, errno == ENOENT ? VT_ENOTFOUND : VT_EINTEGRITY, errno, "cannot open %s", place->codes);
    sealed_head inner;
    vt__index_head head;
    uint64_t size = 0;
    vt_status status = read_head(&inner, &head, &size, descriptor, place, err);
    if (status) {
        close(descriptor);
        return status;
    }
    inner.stamp.model[sizeof inner.stamp.model - 1] = '\0';
    *stamp = inner.stamp;
    *dimension = head.dimension;
    return open_pair(out, axes, &head, &inner, descriptor, size, place, err);
}
