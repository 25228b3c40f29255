#include "service/face_groups.h"

#include <stdlib.h>
#include <string.h>

#include <vultus/match.h>

#include "base/error.h"
#include "base/memory.h"
#include "match/grouping.h"
#include "service/audit.h"
#include "service/consent.h"
#include "service/face_record.h"
#include "service/gallery.h"

enum { PAGE = 4096 };

typedef struct gathering {
    vt__service *service;
    const vt__caller *caller;
    char scope[VT__SCOPE_TEXT_BYTES], model[VT__MODEL_BYTES];
    float cosine;
    vt_grouping *grouping; /* made for the first face */
    uint32_t dimension;
    vt__face_groups *out;
    size_t capacity;
} gathering;

static vt_status make_room(gathering *g, vt_error *err)
{
    if (g->out->face_count < g->capacity) return VT_OK;
    size_t wider = g->capacity ? 2 * g->capacity : 1024;
    vt__grouped_face *faces = vt__realloc(g->out->faces, wider, sizeof *faces);
    if (!faces) return vt__fail_memory(err, wider * sizeof *faces);
    g->out->faces = faces;
    g->capacity = wider;
    return VT_OK;
}

static vt_status add_fields(gathering *g, const vt__record *r, const vt__face_fields *f, vt_error *err)
{
    vt_status status = VT_OK;
    if (!g->grouping) {
        g->dimension = f->dimension;
        vt__copy_text(g->model, sizeof g->model, f->model);
        const vt__axes plain = { .dimension = f->dimension }, *axes = &g->service->axes;
        status = vt__grouping_open_along(&g->grouping, axes->dimension == f->dimension ? axes : &plain, g->cosine, err);
    }
    if (status || f->dimension != g->dimension || strcmp(f->model, g->model)) return status;
    uint32_t number = 0; /* as many as faces before it: none is removed */
    status = make_room(g, err);
    if (!status) status = vt_grouping_add(&number, g->grouping, f->values, err);
    if (status) return status;
    vt__grouped_face *face = &g->out->faces[g->out->face_count++];
    vt__copy_text(face->id, sizeof face->id, r->id);
    vt__copy_text(face->person_id, sizeof face->person_id, r->owner);
    return VT_OK;
}

static vt_status add_record(gathering *g, const vt__record *r, const vt__consent_rule *consent, vt_error *err)
{
    vt__face_fields fields;
    vt__index_id person;
    vt__gallery_id(&person, r->owner);
    if (consent->book && !vt__consent_admits(consent, person.bytes)) return VT_OK;
    if (!vt__face_unpack(&fields, r)) return vt__fail(err, VT_EFORMAT, "a face record is damaged");
    vt_status status = add_fields(g, r, &fields, err);
    vt__wipe(&fields, sizeof fields);
    return status;
}

/* A page of faces; *more when there may be others behind it. */
static vt__code add_page(bool *more, gathering *g, char after[VT__UUID_TEXT_BYTES], vt_error *err)
{
    const vt__query query = { .kind = VT__RECORD_FACE, .tenant = g->caller->tenant, .scope = g->scope, .after = after, .limit = PAGE };
    vt__consent_rule consent = { NULL, false, 0 };
    vt__records page = { NULL, 0 };
    vt__code code = vt__consent_begin(&consent, g->service, g->caller, VT__ACTION_GROUP, g->scope, err);
    if (!code) code = vt__code_of(vt__store_find(&page, g->service->store, &query, err));
    vt_status status = VT_OK;
    for (size_t i = 0; i < page.count && !code && !status; i++) status = add_record(g, &page.items[i], &consent, err);
    if (page.count) vt__copy_text(after, VT__UUID_TEXT_BYTES, page.items[page.count - 1].id);
    *more = page.count == PAGE;
    vt__records_free(&page);
    vt__consent_end(&consent);
    if (code || !status) return code;
    if (status == VT_ENOMEM) return vt__code_fail(err, VT__CODE_NO_MEMORY);
    return status == VT_ELIMIT ? VT__CODE_QUOTA_EXCEEDED : vt__code_of(status);
}

static int by_group(const void *a, const void *b)
{
    const vt__grouped_face *x = a, *y = b;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    return strcmp(x->id, y->id);
}

static vt__code read_groups(gathering *g, vt_error *err)
{
    size_t count = g->out->face_count;
    if (!count) return VT__CODE_OK;
    uint32_t *group_of = vt__calloc(count, sizeof *group_of);
    if (!group_of) return vt__code_fail(err, VT__CODE_NO_MEMORY);
    vt_status status = vt_grouping_read(group_of, &g->out->group_count, g->grouping, count, err);
    for (size_t i = 0; i < count; i++) g->out->faces[i].group = group_of[i];
    vt__free(group_of);
    qsort(g->out->faces, count, sizeof *g->out->faces, by_group);
    return vt__code_of(status);
}

vt__code vt__collection_group(vt__face_groups *out, vt__service *service, const vt__caller *caller, vt__collection_id which,
                              float confidence, vt_error *err)
{
    *out = (vt__face_groups){ NULL, 0, 0 };
    char after[VT__UUID_TEXT_BYTES] = "";
    gathering g = { .service = service, .caller = caller, .out = out };
    vt__records found = { NULL, 0 };
    vt__code code = vt__policy_check(service, caller, VT__ACTION_GROUP, err);
    if (!code && !service->engine) code = vt__code_fail(err, VT__CODE_UNSUPPORTED);
    if (!code && (!(confidence >= 0 && confidence <= 1) || which.kind == VT__KIND_DYNAMIC_GROUP)) code = vt__code_fail(err, VT__CODE_BAD_ARGUMENT);
    if (!code) code = vt__collection_find(&found, service, caller->tenant, which, err);
    vt__records_free(&found);
    if (!code) g.cosine = vt_engine_cosine(service->engine, confidence);
    vt__scope_text(g.scope, which);
    for (bool more = true; more && !code;) code = add_page(&more, &g, after, err);
    if (!code) code = read_groups(&g, err);
    vt_grouping_close(g.grouping);
    size_t faces = out->face_count;
    if (code) {
        vt__free(out->faces);
        *out = (vt__face_groups){ NULL, 0, 0 };
    }
    return vt__audit_record(service, caller, &(vt__audit_entry){ VT__ACTION_GROUP, which.id, faces, out->group_count, confidence, code });
}
