#include "service/audit_verify.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

typedef struct walk {
    vt__audit_verdict *verdict;
    const uint8_t *public_key;
    vt__audit_head head;
    vt__audit_link *marks; /* signed links that the chain must pass, by number */
    size_t mark_count, next_mark;
    vt__audit_link last;
    bool begun;
} walk;

/* Says what is wrong, once, and ends the reading. */
static vt_status wrong(walk *w, vt_error *err, const char *what, int64_t number, const char *file)
{
    snprintf(w->verdict->wrong, sizeof w->verdict->wrong, "record %lld (%s): %s", (long long)number, file, what);
    return vt__fail(err, VT_EINTEGRITY, "%s", w->verdict->wrong);
}

static bool follows(const vt__audit_link *before, int64_t number, const uint8_t previous[VT__SHA256_BYTES])
{
    return number == before->number + 1 && !memcmp(previous, before->hash, VT__SHA256_BYTES);
}

static vt_status begin(walk *w, const char *name, int64_t number, const uint8_t previous[VT__SHA256_BYTES], vt_error *err)
{
    w->begun = true;
    /* older ones may stand when the removal was interrupted: the chain then passes the base */
    if (number <= w->head.base.number) return VT_OK;
    return follows(&w->head.base, number, previous) ? VT_OK
                                                    : wrong(w, err, "the records before it are missing or changed", number, name);
}

static vt_status pass_marks(walk *w, const char *name, vt_error *err)
{
    while (w->next_mark < w->mark_count && w->marks[w->next_mark].number < w->last.number) w->next_mark++;
    for (; w->next_mark < w->mark_count && w->marks[w->next_mark].number == w->last.number; w->next_mark++)
        if (memcmp(w->marks[w->next_mark].hash, w->last.hash, VT__SHA256_BYTES) != 0)
            return wrong(w, err, "it differs from what was signed", w->last.number, name);
    return VT_OK;
}

static vt_status check_line(void *context, const char *name, const char *line, size_t line_bytes, vt_error *err)
{
    walk *w = context;
    vt__audit_link link;
    uint8_t previous[VT__SHA256_BYTES];
    if (vt__audit_link_of(&link, previous, line, line_bytes, NULL) != VT_OK)
        return wrong(w, err, "the line behind it is damaged", w->last.number, name);
    vt_status status = VT_OK;
    if (!w->begun) status = begin(w, name, link.number, previous, err);
    else if (!follows(&w->last, link.number, previous))
        status = wrong(w, err, "it was changed, or what follows it was cut out or moved", w->last.number, name);
    w->last = link;
    w->verdict->records++;
    return status ? status : pass_marks(w, name, err);
}

static vt_status check_ended(const char *folder, const char *name, uint64_t whole, walk *w, vt_error *err)
{
    char *path = vt__path_join(folder, name);
    FILE *file = path ? fopen(path, "re") : NULL;
    bool more = file && fseek(file, (long)whole, SEEK_SET) == 0 && getc(file) != EOF;
    if (file) fclose(file);
    vt__free(path);
    return more ? wrong(w, err, "half a line stands behind it", w->last.number, name) : VT_OK;
}

static vt_status check_files(walk *w, const char *folder, vt_error *err)
{
    vt__names days;
    vt_status status = vt__audit_day_files(&days, folder, err);
    for (size_t i = 0; !status && i < days.count; i++) {
        uint64_t whole;
        status = vt__audit_each_line(folder, days.items[i], check_line, w, &whole, err);
        if (status == VT_EFORMAT) status = wrong(w, err, "the line behind it is damaged", w->last.number, days.items[i]);
        if (!status) status = check_ended(folder, days.items[i], whole, w, err);
    }
    w->verdict->files = days.count;
    vt__names_free(&days);
    return status;
}

static vt_status add_mark(walk *w, const vt__audit_link *mark, vt_error *err)
{
    vt__audit_link *grown = vt__realloc(w->marks, w->mark_count + 1, sizeof *grown);
    if (!grown) return vt__fail_memory(err, sizeof *grown);
    w->marks = grown;
    w->marks[w->mark_count++] = *mark;
    return VT_OK;
}

static vt_status take_day(void *context, const char *name, const char *line, size_t line_bytes, vt_error *err)
{
    walk *w = context;
    vt__audit_head day;
    vt_status status = vt__audit_head_read(&day, line, line_bytes, w->public_key, err);
    if (status == VT_ENOMEM) return status;
    if (status || strcmp(day.tenant, w->head.tenant)) {
        snprintf(w->verdict->wrong, sizeof w->verdict->wrong, "%s: a day's statement is damaged or not signed by this key", name);
        return vt__fail(err, VT_EINTEGRITY, "%s", w->verdict->wrong);
    }
    w->verdict->days++;
    return day.last.number > w->head.base.number ? add_mark(w, &day.last, err) : VT_OK;
}

static vt_status read_head(walk *w, const char *folder, vt_error *err)
{
    uint8_t *text = NULL;
    size_t size;
    char *path = vt__path_join(folder, VT__AUDIT_HEAD_FILE);
    if (!path) return vt__fail_memory(err, 1);
    vt_status status = vt__file_read(&text, &size, path, VT__AUDIT_LINE_MAX, err);
    if (!status) {
        status = vt__audit_head_read(&w->head, (char *)text, size, w->public_key, err);
        if (status == VT_EFORMAT || status == VT_EINTEGRITY) {
            snprintf(w->verdict->wrong, sizeof w->verdict->wrong, VT__AUDIT_HEAD_FILE " is damaged or not signed by this key");
            status = VT_EINTEGRITY;
        }
    }
    vt__free(text);
    vt__free(path);
    return status;
}

static vt_status check_end(walk *w, vt_error *err)
{
    w->verdict->removed = w->head.base.number;
    w->verdict->sealed_ms = w->head.time_ms;
    int64_t reached = w->begun ? w->last.number : w->head.base.number;
    w->verdict->unsealed = reached > w->head.last.number ? reached - w->head.last.number : 0;
    for (size_t i = w->next_mark; i < w->mark_count; i++)
        if (w->marks[i].number > reached)
            return wrong(w, err, "records behind it were cut off: the signed head names more", reached, VT__AUDIT_HEAD_FILE);
    return VT_OK;
}

vt_status vt__audit_verify(vt__audit_verdict *out, const char *folder, const uint8_t public_key[VT__SIGN_PUBLIC_BYTES],
                           vt_error *err)
{
    *out = (vt__audit_verdict){ 0 };
    walk w = { .verdict = out, .public_key = public_key };
    vt_status status = read_head(&w, folder, err);
    if (!status) {
        status = vt__audit_each_line(folder, VT__AUDIT_DAYS_FILE, take_day, &w, NULL, err);
        if (status == VT_ENOTFOUND) status = VT_OK; /* no day has ended yet */
    }
    if (!status && w.head.last.number > w.head.base.number) status = add_mark(&w, &w.head.last, err);
    if (!status) status = check_files(&w, folder, err);
    if (!status) status = check_end(&w, err);
    vt__free(w.marks);
    out->sound = status == VT_OK;
    return status == VT_EINTEGRITY && out->wrong[0] ? VT_OK : status;
}
