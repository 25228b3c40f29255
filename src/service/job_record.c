/* A job in its record, and as the wire shows it. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "service/job_state.h"

static const char *const kind_names[] = { "redaction", "indexing" };
static const char *const state_names[] = { "waiting", "running", "succeeded", "failed" };

/* ---- in the store ---- */

static vt__json *record_json(const vt__job *job)
{
    char key[2 * VT__KEY_BYTES + 1];
    vt__json *out = vt__json_object();
    vt__hex_encode(key, job->key, VT__KEY_BYTES);
    vt__json_set_integer(out, "version", 1);
    vt__json_set_integer(out, "kind", job->kind);
    vt__json_set_integer(out, "state", job->state);
    vt__json_set_integer(out, "action", job->action);
    vt__json_set_string(out, "keyId", job->key_id);
    vt__json_set_integer(out, "scopes", job->scopes);
    vt__json_set_string(out, "fileKey", key);
    vt__json_set_integer(out, "upload", (int64_t)job->upload_bytes);
    vt__json_set_integer(out, "result", (int64_t)job->result_bytes);
    vt__json_set_integer(out, "plan", (int64_t)job->plan_bytes);
    vt__json_set_integer(out, "attempts", job->attempts);
    vt__json_set_integer(out, "started", job->started_ms);
    vt__json_set_integer(out, "ended", job->ended_ms);
    vt__json_set(out, "asked", vt__json_copy(job->asked));
    if (job->found) vt__json_set(out, "found", vt__json_copy(job->found));
    vt__json_set_string(out, "error", job->error);
    vt__wipe(key, sizeof key);
    return out;
}

vt_status vt__job_write(vt__jobs *jobs, const vt__job *job, vt__change_op op, vt_error *err)
{
    vt__json *json = record_json(job);
    char *text = vt__json_text(json, false);
    vt__json_free(json);
    if (!text) return vt__fail_memory(err, 1024);
    const vt__change change = { op, { .kind = VT__RECORD_JOB, .tenant = job->tenant, .scope = VT__SCOPE_JOBS, .owner = job->id, .id = job->id,
                                      .created_ms = job->created_ms, .changed_ms = vt__service_now_ms(jobs->service),
                                      .expires_ms = job->expires_ms, .body = (const uint8_t *)text, .body_bytes = strlen(text) }, 0 };
    vt_status status = vt__store_commit(NULL, NULL, jobs->service->store, &change, 1, err);
    vt__free_secret(text, strlen(text));
    return status;
}

vt_status vt__job_destroy(vt__jobs *jobs, const vt__job *job, vt_error *err)
{
    const vt__change change = { VT__DESTROY, { .tenant = job->tenant, .scope = VT__SCOPE_JOBS, .owner = job->id }, 0 };
    vt_status status = vt__store_commit(NULL, NULL, jobs->service->store, &change, 1, err);
    return status == VT_ENOTFOUND ? VT_OK : status;
}

static bool fill(vt__job *job, const vt__record *record, const vt__json *json)
{
    int64_t kind = vt__json_integer_or(json, "kind", -1), state = vt__json_integer_or(json, "state", -1), action = vt__json_integer_or(json, "action", -1);
    if (vt__json_integer_or(json, "version", 0) != 1 || kind < 0 || kind >= VT__JOB_KINDS || state < 0 || state > VT__JOB_FAILED || action < 0 || action >= VT__ACTION_COUNT) return false;
    if (!vt__hex_decode(job->key, VT__KEY_BYTES, vt__json_string_or(json, "fileKey", ""))) return false;
    snprintf(job->id, sizeof job->id, "%s", record->id);
    snprintf(job->tenant, sizeof job->tenant, "%s", record->tenant);
    snprintf(job->key_id, sizeof job->key_id, "%s", vt__json_string_or(json, "keyId", ""));
    snprintf(job->error, sizeof job->error, "%s", vt__json_string_or(json, "error", ""));
    job->kind = (vt__job_kind)kind;
    job->state = (vt__job_state)state;
    job->action = (vt__action)action;
    job->scopes = (uint32_t)vt__json_integer_or(json, "scopes", 0);
    job->upload_bytes = (uint64_t)vt__json_integer_or(json, "upload", 0);
    job->result_bytes = (uint64_t)vt__json_integer_or(json, "result", 0);
    job->plan_bytes = (uint64_t)vt__json_integer_or(json, "plan", 0);
    job->attempts = (int)vt__json_integer_or(json, "attempts", 0);
    job->created_ms = record->created_ms;
    job->expires_ms = record->expires_ms;
    job->started_ms = vt__json_integer_or(json, "started", 0);
    job->ended_ms = vt__json_integer_or(json, "ended", 0);
    job->asked = vt__json_copy(vt__json_get(json, "asked"));
    if (vt__json_get(json, "found")) job->found = vt__json_copy(vt__json_get(json, "found"));
    return job->asked != NULL;
}

vt__job *vt__job_read(const vt__record *record)
{
    vt__json *json = NULL;
    vt__job *job = vt__calloc(1, sizeof *job);
    if (job && (vt__json_parse(&json, record->body, record->body_bytes, 0, NULL) || !fill(job, record, json))) {
        vt__job_free(job);
        job = NULL;
    }
    vt__json_free(json);
    return job;
}

void vt__job_free(vt__job *job)
{
    if (!job) return;
    vt__json_free(job->asked);
    vt__json_free(job->found);
    vt__free_secret(job, sizeof *job);
}

vt__caller vt__job_caller(const vt__job *job)
{
    return (vt__caller){ .tenant = job->tenant, .key_id = job->key_id, .scopes = job->scopes };
}

/* ---- on the wire ---- */

static void set_time(vt__json *out, const char *name, int64_t time_ms)
{
    char text[VT__TIME_TEXT_BYTES];
    if (!time_ms) return;
    vt__time_text(text, time_ms);
    vt__json_set_string(out, name, text);
}

/* One that has ended runs on until its record and files are settled. */
static vt__job_state shown(const vt__job *job)
{
    return job->running && job->state > VT__JOB_RUNNING ? VT__JOB_RUNNING : job->state;
}

/* What is left is guessed from what was done since the begin. */
static void set_progress(vt__json *out, const vt__job *job, int64_t now_ms)
{
    double share = shown(job) == VT__JOB_SUCCEEDED ? 1 : shown(job) == VT__JOB_RUNNING ? job->share : 0;
    vt__json_set(out, "progress", vt__json_rounded(share, 4));
    if (shown(job) == VT__JOB_RUNNING && share > 0.02)
        vt__json_set_integer(out, "secondsLeft", (int64_t)((double)(now_ms - job->started_ms) / 1000 * (1 - share) / share + 0.5));
}

static void add_members(vt__json *out, const vt__json *from)
{
    for (size_t i = 0; i < vt__json_count(from); i++) vt__json_set(out, vt__json_key_at(from, i), vt__json_copy(vt__json_value_at(from, i)));
}

vt__json *vt__job_json(const vt__job *job, int64_t now_ms)
{
    vt__json *out = vt__json_object();
    vt__json_set_string(out, "jobId", job->id);
    vt__json_set_string(out, "kind", kind_names[job->kind]);
    vt__json_set_string(out, "state", state_names[shown(job)]);
    set_progress(out, job, now_ms);
    set_time(out, "created", job->created_ms);
    set_time(out, "started", job->started_ms);
    set_time(out, "ended", job->ended_ms);
    if (shown(job) != VT__JOB_RUNNING) set_time(out, "expires", job->expires_ms);
    if (job->upload_bytes) vt__json_set_integer(out, "uploadBytes", (int64_t)job->upload_bytes);
    if (job->result_bytes) vt__json_set_integer(out, "resultBytes", (int64_t)job->result_bytes);
    vt__json_set_string(out, "archive", vt__json_string_or(job->asked, "archive", NULL));
    add_members(out, job->found);
    if (shown(job) == VT__JOB_FAILED) vt__json_set_string(out, "error", job->error);
    return out;
}
