#include "cli/inputs.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

enum { deepest_folder = 16, bar_cells = 30 };

static bool has_picture_ending(const char *path)
{
    static const char *const endings[] = { ".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".heic", ".heif", ".avif", ".tif", ".tiff" };
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof endings[0]; i++)
        if (!strcasecmp(dot, endings[i])) return true;
    return false;
}

static vt_status append(vt__names *out, const char *path, vt_error *err)
{
    if ((out->count & (out->count - 1)) == 0) { /* room doubles at powers of two */
        char **items = vt__realloc(out->items, out->count ? out->count * 2 : 1, sizeof *items);
        if (!items) return vt__fail_memory(err, out->count * 2 * sizeof *items);
        out->items = items;
    }
    out->items[out->count] = vt__strdup(path);
    if (!out->items[out->count]) return vt__fail_memory(err, strlen(path));
    out->count++;
    return VT_OK;
}

static vt_status walk(vt__names *out, const char *folder, int depth, vt_error *err)
{
    vt__names names;
    vt_status status = vt__folder_list(&names, folder, err);
    if (status) return status;
    for (size_t i = 0; i < names.count && !status; i++) {
        char *path = vt__path_join(folder, names.items[i]);
        if (!path) status = vt__fail_memory(err, 64);
        else if (vt__folder_exists(path)) status = depth < deepest_folder ? walk(out, path, depth + 1, err) : VT_OK;
        else if (has_picture_ending(path)) status = append(out, path, err);
        vt__free(path);
    }
    vt__names_free(&names);
    return status;
}

static vt_status expand(vt__names *out, const char *pattern, vt_error *err)
{
    glob_t found;
    if (glob(pattern, 0, NULL, &found)) return vt__fail(err, VT_ENOTFOUND, "%s: no such file or folder", pattern);
    vt_status status = VT_OK;
    for (size_t i = 0; i < found.gl_pathc && !status; i++) status = append(out, found.gl_pathv[i], err);
    globfree(&found);
    return status;
}

vt_status vt__inputs_in_folder(vt__names *out, const char *folder, vt_error *err)
{
    *out = (vt__names){ 0 };
    vt_status status = walk(out, folder, 0, err);
    if (!status && !out->count) status = vt__fail(err, VT_ENOTFOUND, "%s: no pictures in it", folder);
    if (status) vt__names_free(out);
    return status;
}

vt_status vt__inputs_find(vt__names *out, const vt__args *args, int first_operand, vt_error *err)
{
    *out = (vt__names){ 0 };
    vt_status status = VT_OK;
    for (int i = first_operand; i < args->count && !status; i++) {
        const char *operand = args->operands[i];
        size_t before = out->count;
        if (vt__folder_exists(operand)) status = walk(out, operand, 0, err);
        else if (vt__file_exists(operand)) status = append(out, operand, err);
        else status = expand(out, operand, err);
        if (!status && out->count == before) status = vt__fail(err, VT_ENOTFOUND, "%s: no pictures in it", operand);
    }
    if (status) vt__names_free(out);
    return status;
}

void vt__progress_begin(vt__progress *progress, const vt__args *args, const char *what, size_t total)
{
    bool shown = total > 1 && isatty(STDERR_FILENO) && !vt__args_on(args, "quiet");
    *progress = (vt__progress){ what, total, vt__monotonic_ns(), 0, shown };
}

void vt__progress_clear(const vt__progress *progress)
{
    if (progress->shown) fprintf(stderr, "\r\033[K");
}

void vt__progress_step(vt__progress *progress, size_t done)
{
    int64_t now = vt__monotonic_ns();
    if (!progress->shown || (now - progress->drawn_ns < 100000000 && done < progress->total)) return;
    progress->drawn_ns = now;
    double share = (double)done / (double)progress->total, seconds = (double)(now - progress->started_ns) / 1e9;
    char bar[bar_cells + 1];
    for (int i = 0; i < bar_cells; i++) bar[i] = i < (int)(share * bar_cells) ? '#' : '.';
    bar[bar_cells] = 0;
    int left = share > 0 ? (int)(seconds / share - seconds + 0.5) : 0;
    fprintf(stderr, "\r\033[K%s [%s] %zu of %zu, %d:%02d left", progress->what, bar, done, progress->total, left / 60, left % 60);
    if (done >= progress->total) vt__progress_clear(progress);
}
