#include "service/audit.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/audit_chain.h"
#include "service/state.h"

typedef struct tenant_chain {
    char tenant[VT__AUDIT_TENANT_BYTES];
    vt__audit_chain *chain;
} tenant_chain;

struct vt__audit {
    pthread_mutex_t using;
    char *data_folder;
    const vt__signing *signing;
    vt__log *log;
    tenant_chain *tenants;
    size_t count;
    atomic_bool broken; /* the last record could not be written */
    vt__audit_line line;
};

vt_status vt__audit_open(vt__audit **out, const char *data_folder, const vt__signing *signing, vt__log *log, vt_error *err)
{
    vt__audit *audit = vt__calloc(1, sizeof *audit);
    if (!audit) return vt__fail_memory(err, sizeof *audit);
    pthread_mutex_init(&audit->using, NULL);
    audit->signing = signing;
    audit->log = log;
    audit->data_folder = vt__strdup(data_folder);
    if (!audit->data_folder) {
        vt__audit_close(audit, 0);
        return vt__fail_memory(err, strlen(data_folder));
    }
    *out = audit;
    return VT_OK;
}

void vt__audit_close(vt__audit *audit, int64_t now_ms)
{
    if (!audit) return;
    for (size_t i = 0; i < audit->count; i++) vt__audit_chain_close(audit->tenants[i].chain, now_ms);
    pthread_mutex_destroy(&audit->using);
    vt__free(audit->tenants);
    vt__free(audit->data_folder);
    vt__free(audit);
}

/* What was found at opening is itself recorded: a cut end stays visible in the chain, this says when it was seen. */
static void note_found(vt__audit *audit, vt__audit_chain *chain, const vt__audit_found *found, int64_t now_ms)
{
    if (!found->cut && !found->unsealed) return;
    vt__audit_chain_next(&audit->line, chain, now_ms);
    vt__audit_line_text(&audit->line, "operation", "AUDIT_OPENED");
    vt__audit_line_integer(&audit->line, "cut", found->cut);
    vt__audit_line_integer(&audit->line, "unsealed", found->unsealed);
    vt__audit_chain_append(chain, &audit->line, now_ms, NULL);
    if (found->cut)
        vt__log_text(audit->log, VT__LOG_ERROR, "audit", "%lld records that were signed are missing: run vultus audit verify",
                     (long long)found->cut);
}

static vt_status open_chain(vt__audit_chain **out, vt__audit *audit, const char *tenant, int64_t now_ms, vt_error *err)
{
    tenant_chain *grown = vt__realloc(audit->tenants, audit->count + 1, sizeof *grown);
    if (!grown) return vt__fail_memory(err, sizeof *grown);
    audit->tenants = grown;
    vt__audit_found found;
    vt_status status = vt__audit_chain_open(out, &found, audit->data_folder, tenant, audit->signing, err);
    if (status) return status;
    snprintf(grown[audit->count].tenant, sizeof grown->tenant, "%s", tenant);
    grown[audit->count++].chain = *out;
    note_found(audit, *out, &found, now_ms);
    return VT_OK;
}

static vt_status chain_of(vt__audit_chain **out, vt__audit *audit, const char *tenant, int64_t now_ms, vt_error *err)
{
    for (size_t i = 0; i < audit->count; i++) {
        if (strcmp(audit->tenants[i].tenant, tenant)) continue;
        tenant_chain found = audit->tenants[i]; /* who asks often comes to the front */
        audit->tenants[i] = audit->tenants[i / 2];
        audit->tenants[i / 2] = found;
        *out = found.chain;
        return VT_OK;
    }
    return open_chain(out, audit, tenant, now_ms, err);
}

void vt__audit_seal(vt__audit *audit, int64_t now_ms)
{
    pthread_mutex_lock(&audit->using);
    for (size_t i = 0; i < audit->count; i++) {
        vt_error err;
        if (vt__audit_chain_seal(audit->tenants[i].chain, now_ms, &err) != VT_OK)
            vt__log_text(audit->log, VT__LOG_ERROR, "audit", "%s", err.text);
    }
    pthread_mutex_unlock(&audit->using);
}

vt_status vt__audit_prune(size_t *removed, vt__audit *audit, const char *tenant, int64_t before_ms, int64_t now_ms, vt_error *err)
{
    vt__audit_chain *chain;
    *removed = 0;
    pthread_mutex_lock(&audit->using);
    vt_status status = chain_of(&chain, audit, tenant, now_ms, err);
    if (!status) status = vt__audit_chain_prune(removed, chain, before_ms, now_ms, err);
    pthread_mutex_unlock(&audit->using);
    return status;
}

/* What a record says beside its place in the chain: an action, or an event with fields of its own. */
typedef struct content {
    const char *operation, *purpose;
    const vt__audit_entry *entry;
    const vt__json *fields;
    vt__code code;
} content;

static void add_entry(vt__audit_line *line, const vt__audit_entry *entry)
{
    vt__audit_line_text(line, "collection", entry->scope);
    vt__audit_line_integer(line, "faces", (int64_t)entry->faces);
    vt__audit_line_integer(line, "matches", (int64_t)entry->matches);
    if (entry->threshold >= 0) vt__audit_line_real(line, "threshold", (double)entry->threshold);
}

/* The lock is held. */
static vt_status write_record(vt__audit *audit, const vt__caller *caller, const content *what, int64_t now_ms, vt_error *err)
{
    vt__audit_chain *chain;
    vt__audit_line *line = &audit->line;
    vt_status status = chain_of(&chain, audit, caller->tenant, now_ms, err);
    if (status) return status;
    vt__audit_chain_next(line, chain, now_ms);
    vt__audit_line_text(line, "key", caller->key_id);
    vt__audit_line_text(line, "request", caller->request_id);
    vt__audit_line_text(line, "operation", what->operation);
    vt__audit_line_text(line, "purpose", what->purpose);
    if (what->entry) add_entry(line, what->entry);
    vt__audit_line_members(line, what->fields);
    vt__audit_line_text(line, "outcome", vt__code_name(what->code));
    return vt__audit_chain_append(chain, line, now_ms, err);
}

static vt_status record(vt__audit *audit, const vt__caller *caller, const content *what, int64_t now_ms)
{
    vt_error err;
    pthread_mutex_lock(&audit->using);
    vt_status status = write_record(audit, caller, what, now_ms, &err);
    if (status && !atomic_load(&audit->broken))
        vt__log_text(audit->log, VT__LOG_ERROR, "audit", "%s; recognition is off until it can be written", err.text);
    atomic_store(&audit->broken, status != VT_OK);
    pthread_mutex_unlock(&audit->using);
    return status;
}

bool vt__audit_writable(vt__audit *audit, const char *tenant, int64_t now_ms)
{
    if (!atomic_load(&audit->broken)) return true;
    const vt__caller caller = { .tenant = tenant };
    return record(audit, &caller, &(content){ .operation = "AUDIT_RESUMED" }, now_ms) == VT_OK;
}

vt__code vt__audit_record(vt__service *service, const vt__caller *caller, const vt__audit_entry *entry)
{
    const content what = { .operation = vt__action_name(entry->action), .purpose = vt__policy_purpose(service, caller, entry->action),
                           .entry = entry, .code = entry->code };
    record(service->audit, caller, &what, vt__service_now_ms(service));
    return entry->code;
}

void vt__audit_event(vt__service *service, const vt__caller *caller, const char *operation, vt__json *fields, vt__code code)
{
    record(service->audit, caller, &(content){ .operation = operation, .fields = fields, .code = code }, vt__service_now_ms(service));
    vt__json_free(fields);
}
