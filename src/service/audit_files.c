#include "service/audit_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "service/state.h"

char *vt__audit_folder(const char *data_folder, const char *tenant)
{
    return vt__collection_id_valid(tenant) ? vt__format("%s/audit/%s", data_folder, tenant) : NULL;
}

void vt__audit_day_text(char out[VT__AUDIT_DAY_BYTES], int64_t time_ms)
{
    char text[VT__TIME_TEXT_BYTES];
    vt__time_text(text, time_ms);
    memcpy(out, text, VT__AUDIT_DAY_BYTES - 1);
    out[VT__AUDIT_DAY_BYTES - 1] = '\0';
}

static bool is_day_file(const char *name)
{
    static const char pattern[] = "dddd-dd-dd.jsonl";
    if (strlen(name) != sizeof pattern - 1) return false;
    for (size_t i = 0; pattern[i]; i++) {
        bool digit = name[i] >= '0' && name[i] <= '9';
        if (pattern[i] == 'd' ? !digit : name[i] != pattern[i]) return false;
    }
    return true;
}

vt_status vt__audit_day_files(vt__names *out, const char *folder, vt_error *err)
{
    *out = (vt__names){ NULL, 0 };
    if (!vt__folder_exists(folder)) return VT_OK;
    vt_status status = vt__folder_list(out, folder, err);
    size_t kept = 0;
    for (size_t i = 0; !status && i < out->count; i++) {
        if (is_day_file(out->items[i])) out->items[kept++] = out->items[i];
        else vt__free(out->items[i]);
    }
    out->count = kept;
    return status;
}

static vt_status read_lines(FILE *file, const char *name, vt__audit_visit visit, void *context, uint64_t *whole, vt_error *err)
{
    char line[VT__AUDIT_LINE_MAX + 2];
    vt_status status = VT_OK;
    size_t used = 0;
    for (int c; !status && (c = getc_unlocked(file)) != EOF;) {
        if (c == '\n') {
            line[used] = '\0';
            *whole += used + 1;
            status = visit(context, name, line, used, err);
            used = 0;
        } else if (used == VT__AUDIT_LINE_MAX) {
            status = vt__fail(err, VT_EFORMAT, "%s: a line is longer than %d bytes", name, VT__AUDIT_LINE_MAX);
        } else {
            line[used++] = (char)c;
        }
    }
    return !status && ferror(file) ? vt__fail_errno(err, VT_EIO, errno, "cannot read %s", name) : status;
}

vt_status vt__audit_each_line(const char *folder, const char *name, vt__audit_visit visit, void *context, uint64_t *whole,
                              vt_error *err)
{
    uint64_t bytes = 0;
    char *path = vt__path_join(folder, name);
    if (!path) return vt__fail_memory(err, strlen(folder));
    FILE *file = fopen(path, "re");
    vt_status status = file ? read_lines(file, name, visit, context, &bytes, err)
                            : vt__fail_errno(err, errno == ENOENT ? VT_ENOTFOUND : VT_EIO, errno, "cannot read %s", path);
    if (file) fclose(file);
    if (whole) *whole = bytes;
    vt__free(path);
    return status;
}

vt_status vt__audit_link_of(vt__audit_link *out, uint8_t previous[VT__SHA256_BYTES], const char *line, size_t line_bytes,
                            vt_error *err)
{
    vt__json *json;
    vt_status status = vt__json_parse(&json, line, line_bytes, 0, err);
    if (status) return status;
    const char *text = vt__json_string_or(json, "previous", "");
    uint8_t unused[VT__SHA256_BYTES];
    out->number = vt__json_integer_or(json, "number", -1);
    if (out->number < 1 || strlen(text) != 2 * VT__SHA256_BYTES || !vt__hex_decode(previous ? previous : unused, VT__SHA256_BYTES, text))
        status = vt__fail(err, VT_EFORMAT, "a line is no record of the audit");
    vt__json_free(json);
    vt__sha256(out->hash, line, line_bytes);
    return status;
}
