#include "service/audit.h"

#include "service/state.h"

vt__code vt__audit_record(vt__service *service, const vt__caller *caller, const vt__audit_entry *entry)
{
    if (!service->log) return entry->code;
    vt__json *fields = vt__json_object();
    vt__json_set_string(fields, "tenant", caller->tenant);
    vt__json_set_string(fields, "key", caller->key_id);
    vt__json_set_string(fields, "request", caller->request_id);
    vt__json_set_string(fields, "operation", vt__action_name(entry->action));
    vt__json_set_string(fields, "collection", entry->scope);
    vt__json_set_integer(fields, "faces", (int64_t)entry->faces);
    vt__json_set_integer(fields, "matches", (int64_t)entry->matches);
    if (entry->threshold >= 0) vt__json_set_real(fields, "threshold", (double)entry->threshold);
    vt__json_set_string(fields, "outcome", vt__code_name(entry->code));
    vt__log_write(service->log, VT__LOG_INFO, "audit", fields);
    return entry->code;
}
