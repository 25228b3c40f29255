#include "service/audit_chain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

#define DAY_MS INT64_C(86400000)

struct vt__audit_chain {
    char *folder;
    const vt__signing *signing;
    vt__audit_head head;             /* as it would be signed now */
    int64_t sealed_number;           /* of the head on disk */
    char day[VT__AUDIT_DAY_BYTES];   /* of the open file, "" = none */
    int64_t day_ends_ms;             /* until then nothing is to be turned */
    char last_day[VT__AUDIT_DAY_BYTES]; /* of the newest file at opening */
    int64_t kept_number;             /* that the last statement of an ended day reaches */
    int file;
    uint64_t file_bytes;
};

static vt_status read_head(vt__audit_chain *chain, vt_error *err)
{
    uint8_t *text = NULL;
    size_t size;
    char *path = vt__path_join(chain->folder, VT__AUDIT_HEAD_FILE);
    if (!path) return vt__fail_memory(err, 1);
    char tenant[VT__AUDIT_TENANT_BYTES];
    memcpy(tenant, chain->head.tenant, sizeof tenant);
    vt_status status = vt__file_read(&text, &size, path, VT__AUDIT_LINE_MAX, err);
    if (!status) status = vt__audit_head_read(&chain->head, (char *)text, size, chain->signing->public_key, err);
    else if (status == VT_ENOTFOUND) status = VT_OK;
    if (!status && strcmp(tenant, chain->head.tenant)) status = vt__fail(err, VT_EINTEGRITY, "%s is another tenant's", path);
    chain->sealed_number = chain->head.last.number;
    vt__free(text);
    vt__free(path);
    return status;
}

typedef struct last_line {
    char text[VT__AUDIT_LINE_MAX];
    size_t bytes;
} last_line;

static vt_status keep_line(void *context, const char *name, const char *line, size_t line_bytes, vt_error *err)
{
    (void)name, (void)err;
    last_line *last = context;
    memcpy(last->text, line, line_bytes);
    last->bytes = line_bytes;
    return VT_OK;
}

/* The last record of a file, *out untouched when it has none; cuts off the half line that a power cut may leave. */
static vt_status last_of(vt__audit_link *out, const char *folder, const char *name, vt_error *err)
{
    uint64_t whole;
    last_line last;
    last.bytes = 0;
    vt_status status = vt__audit_each_line(folder, name, keep_line, &last, &whole, err);
    if (!status && last.bytes) status = vt__audit_link_of(out, NULL, last.text, last.bytes, err);
    if (status) return status;
    char *path = vt__path_join(folder, name);
    if (!path) return vt__fail_memory(err, 1);
    if (truncate(path, (off_t)whole) != 0) status = vt__fail_errno(err, VT_EIO, errno, "cannot mend %s", path);
    vt__free(path);
    return status;
}

static vt_status find_kept(void *context, const char *name, const char *line, size_t line_bytes, vt_error *err)
{
    (void)name, (void)err;
    vt__audit_chain *chain = context;
    vt__audit_head day; /* one that is damaged or not ours says nothing here; verifying names it */
    if (vt__audit_head_read(&day, line, line_bytes, chain->signing->public_key, NULL) == VT_OK) chain->kept_number = day.last.number;
    return VT_OK;
}

static vt_status find_tail(vt__audit_link *out, vt__audit_chain *chain, vt_error *err)
{
    vt__names days;
    *out = (vt__audit_link){ 0 };
    vt_status status = vt__audit_day_files(&days, chain->folder, err);
    if (!status && days.count) memcpy(chain->last_day, days.items[days.count - 1], sizeof chain->last_day - 1);
    if (!status && vt__audit_each_line(chain->folder, VT__AUDIT_DAYS_FILE, find_kept, chain, NULL, NULL) == VT_ENOMEM)
        status = vt__fail_memory(err, VT__AUDIT_LINE_MAX);
    for (size_t i = days.count; !status && i-- > 0 && out->number == 0;) status = last_of(out, chain->folder, days.items[i], err);
    vt__names_free(&days);
    return status;
}

vt_status vt__audit_chain_open(vt__audit_chain **out, vt__audit_found *found, const char *data_folder, const char *tenant,
                               const vt__signing *signing, vt_error *err)
{
    *out = NULL;
    *found = (vt__audit_found){ 0, 0 };
    vt__audit_chain *chain = vt__calloc(1, sizeof *chain);
    if (!chain) return vt__fail_memory(err, sizeof *chain);
    chain->file = -1;
    chain->signing = signing;
    snprintf(chain->head.tenant, sizeof chain->head.tenant, "%s", tenant);
    chain->folder = vt__audit_folder(data_folder, tenant);
    vt__audit_link tail = { 0 };
    vt_status status = chain->folder ? vt__folder_make(chain->folder, 0700, err)
                                     : vt__fail(err, VT_EINVAL, "no audit can be kept for the tenant \"%s\"", tenant);
    if (!status) status = read_head(chain, err);
    if (!status) status = find_tail(&tail, chain, err);
    if (status) {
        vt__audit_chain_close(chain, 0);
        return status;
    }
    int64_t behind = tail.number - chain->head.last.number;
    *found = (vt__audit_found){ behind < 0 ? -behind : 0, behind > 0 ? behind : 0 };
    if (behind > 0) chain->head.last = tail;
    *out = chain;
    return VT_OK;
}

void vt__audit_chain_close(vt__audit_chain *chain, int64_t now_ms)
{
    if (!chain) return;
    if (chain->file >= 0) {
        vt__audit_chain_seal(chain, now_ms, NULL);
        close(chain->file);
    }
    vt__free(chain->folder);
    vt__free(chain);
}

void vt__audit_chain_next(vt__audit_line *line, const vt__audit_chain *chain, int64_t now_ms)
{
    vt__audit_line_begin(line, chain->head.last.number + 1, now_ms, chain->head.last.hash);
}

static vt_status write_line(vt__audit_chain *chain, const char *line, size_t bytes, vt_error *err)
{
    for (size_t done = 0; done < bytes;) {
        ssize_t n = write(chain->file, line + done, bytes - done);
        if (n > 0) done += (size_t)n;
        else if (errno != EINTR) {
            int number = errno;
            /* half a line would break the chain */
            if (ftruncate(chain->file, (off_t)chain->file_bytes) != 0) number = errno;
            return vt__fail_errno(err, VT_EIO, number, "cannot write the audit in %s", chain->folder);
        }
    }
    chain->file_bytes += bytes;
    return VT_OK;
}

static vt_status open_day(vt__audit_chain *chain, vt_error *err)
{
    char *path = vt__format("%s/%s.jsonl", chain->folder, chain->day);
    if (!path) return vt__fail_memory(err, 1);
    chain->file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    off_t end = chain->file >= 0 ? lseek(chain->file, 0, SEEK_END) : -1;
    vt_status status = end >= 0 ? VT_OK : vt__fail_errno(err, VT_EIO, errno, "cannot open %s", path);
    chain->file_bytes = end >= 0 ? (uint64_t)end : 0;
    vt__free(path);
    return status;
}

static vt_status keep_day(vt__audit_chain *chain, vt_error *err)
{
    char *text = NULL;
    char *path = vt__path_join(chain->folder, VT__AUDIT_DAYS_FILE);
    vt_status status = path ? vt__audit_head_text(&text, &chain->head, chain->signing, err) : vt__fail_memory(err, 1);
    int file = status ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (!status && (file < 0 || dprintf(file, "%s\n", text) < 0 || fdatasync(file) != 0))
        status = vt__fail_errno(err, VT_EIO, errno, "cannot write %s", path);
    if (file >= 0) close(file);
    vt__free(text);
    vt__free(path);
    return status;
}

static vt_status write_head(vt__audit_chain *chain, int64_t now_ms, vt_error *err)
{
    char *text = NULL;
    chain->head.time_ms = now_ms;
    char *path = vt__path_join(chain->folder, VT__AUDIT_HEAD_FILE);
    vt_status status = path ? vt__audit_head_text(&text, &chain->head, chain->signing, err) : vt__fail_memory(err, 1);
    if (!status) status = vt__file_write(path, text, strlen(text), 0600, err);
    if (!status) chain->sealed_number = chain->head.last.number;
    vt__free(text);
    vt__free(path);
    return status;
}

static vt_status seal(vt__audit_chain *chain, int64_t now_ms, vt_error *err)
{
    if (chain->head.last.number == chain->sealed_number) return VT_OK;
    /* records first: a head may never promise what a power cut can take */
    if (chain->file >= 0 && fdatasync(chain->file) != 0)
        return vt__fail_errno(err, VT_EIO, errno, "cannot sync the audit in %s", chain->folder);
    return write_head(chain, now_ms, err);
}

/* Signs what the day before reached, once. */
static vt_status end_day(vt__audit_chain *chain, int64_t now_ms, vt_error *err)
{
    vt_status status = seal(chain, now_ms, err);
    if (!status && chain->head.last.number > chain->kept_number) status = keep_day(chain, err);
    if (!status) chain->kept_number = chain->head.last.number;
    return status;
}

/* Opens the file of the time's day; when the clock went back, that of the newest. */
static vt_status turn_page(vt__audit_chain *chain, int64_t now_ms, vt_error *err)
{
    char day[VT__AUDIT_DAY_BYTES];
    if (chain->file >= 0 && now_ms < chain->day_ends_ms) return VT_OK;
    vt__audit_day_text(day, now_ms);
    bool later = strcmp(chain->last_day, day) < 0; /* "" is before every day */
    vt_status status = later ? end_day(chain, now_ms, err) : VT_OK;
    if (status) return status;
    memcpy(chain->day, later ? day : chain->last_day, sizeof chain->day);
    memcpy(chain->last_day, chain->day, sizeof chain->day);
    chain->day_ends_ms = (now_ms / DAY_MS + 1) * DAY_MS;
    if (chain->file >= 0) close(chain->file);
    return open_day(chain, err);
}

vt_status vt__audit_chain_append(vt__audit_chain *chain, vt__audit_line *line, int64_t now_ms, vt_error *err)
{
    if (!vt__audit_line_end(line)) return vt__fail(err, VT_ELIMIT, "a record of the audit is too long");
    vt_status status = turn_page(chain, now_ms, err);
    if (!status) status = write_line(chain, line->text, line->bytes, err);
    if (status) return status;
    vt__sha256(chain->head.last.hash, line->text, line->bytes - 1);
    chain->head.last.number++;
    return VT_OK;
}

vt_status vt__audit_chain_seal(vt__audit_chain *chain, int64_t now_ms, vt_error *err)
{
    bool over = chain->file >= 0 && now_ms >= chain->day_ends_ms;
    return over ? end_day(chain, now_ms, err) : seal(chain, now_ms, err);
}

static vt_status remove_day(vt__audit_chain *chain, const char *name, int64_t now_ms, vt_error *err)
{
    vt__audit_link last = chain->head.base;
    vt_status status = last_of(&last, chain->folder, name, err);
    chain->head.base = last;
    if (!status) status = write_head(chain, now_ms, err);
    char *path = vt__path_join(chain->folder, name);
    if (!path && !status) status = vt__fail_memory(err, 1);
    if (!status && unlink(path) != 0) status = vt__fail_errno(err, VT_EIO, errno, "cannot remove %s", path);
    vt__free(path);
    return status;
}

vt_status vt__audit_chain_prune(size_t *removed, vt__audit_chain *chain, int64_t before_ms, int64_t now_ms, vt_error *err)
{
    char day[VT__AUDIT_DAY_BYTES];
    vt__names days;
    *removed = 0;
    vt__audit_day_text(day, before_ms);
    vt_status status = vt__audit_chain_seal(chain, now_ms, err);
    if (status) return status;
    status = vt__audit_day_files(&days, chain->folder, err);
    for (size_t i = 0; !status && i + 1 < days.count; i++) {
        if (strncmp(days.items[i], day, sizeof day - 1) >= 0) break;
        status = remove_day(chain, days.items[i], now_ms, err);
        *removed += !status;
    }
    vt__names_free(&days);
    return status;
}
