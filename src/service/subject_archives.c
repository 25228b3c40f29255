#include "service/subject_archives.h"

#include <string.h>

#include "base/memory.h"
#include "service/archive.h"
#include "service/face_record.h"

#ifdef VULTUS_HAVE_VIDEO
#include <vultus/archive.h>

typedef struct probes {
    vt_template *items;
    size_t count, room;
} probes;

static vt__code gather(probes *out, const vt__records *held, size_t held_count, uint32_t dimension, vt_error *err)
{
    vt__face_fields face;
    for (size_t h = 0; h < held_count; h++) out->room += held[h].count;
    out->items = vt__calloc(out->room + 1, sizeof *out->items);
    if (!out->items) return vt__code_fail(err, VT__CODE_NO_MEMORY);
    for (size_t h = 0; h < held_count; h++)
        for (size_t i = 0; i < held[h].count; i++) {
            const vt__record *r = &held[h].items[i];
            if (r->kind != VT__RECORD_FACE || !vt__face_unpack(&face, r) || face.dimension != dimension) continue;
            vt_template *t = &out->items[out->count++];
            t->dimension = face.dimension;
            memcpy(t->values, face.values, face.dimension * sizeof t->values[0]);
        }
    vt__wipe(&face, sizeof face);
    return VT__CODE_OK;
}

static vt__code leave_one(vt__json *row, vt__service *service, const char *tenant, const char *name, const probes *p, vt_error *err)
{
    vt_archive *archive;
    vt_archive_forgotten done = { 0, 0 };
    vt__code code = vt__archive_open_for(&archive, service, tenant, name, err);
    if (!code) code = vt__code_of(vt_archive_forget(&done, archive, service->engine, p->items, p->count, VT_IDENTICAL_CONFIDENCE, err));
    vt__json_set_integer(row, "tracks", (int64_t)done.tracks);
    vt__json_set_integer(row, "videosOfOtherPacks", (int64_t)done.not_compared);
    vt_archive_close(archive);
    return code;
}

static vt__code leave_all(vt__json *list, vt__service *service, const char *tenant, const vt__records *archives, const probes *p, vt_error *err)
{
    vt__code code = VT__CODE_OK;
    for (size_t i = 0; i < archives->count && !code; i++) {
        vt__json *row = vt__json_object();
        vt__json_set_string(row, "archive", archives->items[i].id);
        if (!p->items) vt__json_set_bool(row, "compared", false);
        else code = leave_one(row, service, tenant, archives->items[i].id, p, err);
        vt__json_append(list, row);
    }
    return code;
}

vt__code vt__subject_leave_archives(vt__json **list, vt__service *service, const char *tenant, const vt__records *held, size_t held_count,
                                    vt_error *err)
{
    probes p = { NULL, 0, 0 };
    vt__records archives = { NULL, 0 };
    uint32_t dimension = service->engine ? vt_engine_dimension(service->engine) : 0;
    vt__code code = vt__archives_of(&archives, service, tenant, err);
    if (!code && dimension) code = gather(&p, held, held_count, dimension, err);
    *list = vt__json_array();
    if (!code) code = leave_all(*list, service, tenant, &archives, &p, err);
    vt__free_secret(p.items, p.room * sizeof *p.items);
    vt__records_free(&archives);
    if (code) vt__json_free(*list), *list = NULL;
    return code;
}

#else

vt__code vt__subject_leave_archives(vt__json **list, vt__service *service, const char *tenant, const vt__records *held, size_t held_count,
                                    vt_error *err)
{
    (void)service, (void)tenant, (void)held, (void)held_count, (void)err;
    *list = vt__json_array();
    return VT__CODE_OK;
}

#endif
