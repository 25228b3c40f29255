#include "service/write.h"

void vt__batch_begin(vt__batch *batch, vt__service *service, const vt__caller *caller)
{
    batch->tenant = caller->tenant;
    batch->now_ms = vt__service_now_ms(service);
    batch->count = 0;
}

vt__record *vt__batch_add(vt__batch *batch, vt__change_op op, uint32_t kind, const char *scope, const char *owner,
                          const char *id, vt__code code)
{
    batch->codes[batch->count] = code;
    vt__change *c = &batch->changes[batch->count++];
    *c = (vt__change){ op,
                       { .kind = kind, .tenant = batch->tenant, .scope = scope, .owner = owner, .id = id,
                         .created_ms = batch->now_ms, .changed_ms = batch->now_ms },
                       0 };
    return &c->record;
}

void vt__batch_limit(vt__batch *batch, uint32_t kind, const char *scope, const char *owner, uint64_t limit)
{
    vt__batch_add(batch, VT__LIMIT, kind, scope, owner, NULL, VT__CODE_QUOTA_EXCEEDED);
    batch->changes[batch->count - 1].limit = limit;
}

static bool refusal(vt_status status)
{
    return status == VT_ENOTFOUND || status == VT_EEXISTS || status == VT_ELIMIT;
}

vt__code vt__batch_commit(uint64_t *revision, vt__batch *batch, vt__service *service, vt_error *err)
{
    size_t failed = 0;
    vt_status status = vt__store_commit(revision, &failed, service->store, batch->changes, batch->count, err);
    if (refusal(status)) return vt__code_fail(err, batch->codes[failed]);
    return vt__code_of(status);
}

vt__code vt__batch_commit_body(vt__batch *batch, vt__record *record, const vt__buffer *body, vt__service *service, vt_error *err)
{
    if (body->status) return vt__code_fail(err, VT__CODE_NO_MEMORY);
    record->body = body->data;
    record->body_bytes = body->size;
    return vt__batch_commit(NULL, batch, service, err);
}

vt__code vt__read_one(vt__records *out, vt__service *service, const vt__query *query, vt__code missing, vt_error *err)
{
    *out = (vt__records){ NULL, 0 };
    vt_status status = vt__store_get(out, service->store, query, err);
    return status == VT_ENOTFOUND ? vt__code_fail(err, missing) : vt__code_of(status);
}
