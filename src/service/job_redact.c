/* The redaction of a video as a job: asked, and done from one sealed file to another. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "service/audit.h"
#include "service/job_state.h"
#include "service/oversight.h"

/* ---- what is asked, in the record ---- */

static vt__json *asked_json(const vt__redaction *what, const char *ending)
{
    vt__json *out = vt__json_object(), *colour = vt__json_array(), *people = vt__json_array();
    char scope[VT__SCOPE_TEXT_BYTES] = "";
    vt__json_set_string(out, "ending", ending);
    vt__json_set_integer(out, "method", what->masks.method);
    vt__json_set_integer(out, "shape", what->masks.shape);
    vt__json_set_real(out, "margin", (double)what->masks.margin);
    vt__json_set_integer(out, "cells", what->masks.cells);
    for (int i = 0; i < 3; i++) vt__json_append(colour, vt__json_integer(what->masks.colour[i]));
    vt__json_set(out, "colour", colour);
    vt__json_set_real(out, "minFace", (double)what->min_face_px);
    vt__json_set_real(out, "minScore", (double)what->min_score);
    vt__json_set_bool(out, "lossless", what->lossless);
    vt__json_set_bool(out, "dropAudio", what->drop_audio);
    vt__json_set_integer(out, "whom", what->whom);
    if (what->people_count) vt__scope_text(scope, what->people_in);
    vt__json_set_string(out, "in", scope);
    for (size_t i = 0; i < what->people_count; i++) vt__json_append(people, vt__json_string(what->people[i]));
    vt__json_set(out, "people", people);
    return out;
}

static bool read_people(vt__redaction *out, const char *ids[VT__PEOPLE_MAX], const vt__json *asked)
{
    const vt__json *people = vt__json_get(asked, "people");
    if (out->whom == VT_REDACT_EVERYONE) return true;
    if (!vt__oversight_collection(&out->people_in, vt__json_string_or(asked, "in", "")) || vt__json_count(people) > VT__PEOPLE_MAX) return false;
    for (size_t i = 0; i < vt__json_count(people); i++)
        if (!vt__json_as_string(&ids[out->people_count++], vt__json_at(people, i))) return false;
    out->people = ids;
    return true;
}

/* Texts stay the job's. */
static bool read_asked(vt__redaction *out, const char *ids[VT__PEOPLE_MAX], const vt__json *asked)
{
    const vt__json *colour = vt__json_get(asked, "colour");
    *out = (vt__redaction)VT__REDACTION_INIT;
    out->masks.method = (vt_redact_method)vt__json_integer_or(asked, "method", 0);
    out->masks.shape = (vt_redact_shape)vt__json_integer_or(asked, "shape", 0);
    out->masks.margin = (float)vt__json_number_or(asked, "margin", 0);
    out->masks.cells = (int)vt__json_integer_or(asked, "cells", 0);
    for (size_t i = 0; i < 3; i++) {
        int64_t value = 0;
        vt__json_as_integer(&value, vt__json_at(colour, i));
        out->masks.colour[i] = (unsigned char)value;
    }
    out->min_face_px = (float)vt__json_number_or(asked, "minFace", 0);
    out->min_score = (float)vt__json_number_or(asked, "minScore", 0);
    out->lossless = vt__json_bool_or(asked, "lossless", false);
    out->drop_audio = vt__json_bool_or(asked, "dropAudio", false);
    out->whom = (vt_redact_whom)vt__json_integer_or(asked, "whom", VT_REDACT_EVERYONE);
    return read_people(out, ids, asked);
}

vt__code vt__job_redact(vt__json **out, vt__service *service, const vt__caller *caller, vt__upload *upload, const vt__redaction *what,
                        const char *ending, vt_error *err)
{
    vt_template *people = NULL;
    size_t count = 0;
    vt__code code = vt__redaction_permit(service, caller, what, err);
    if (!code) code = vt__redaction_people(&people, &count, service, caller, what, err); /* said now rather than by a failed job */
    vt__free_secret(people, count * sizeof *people);
    if (code) vt__upload_drop(upload);
    else code = vt__job_add(out, service, caller, VT__JOB_REDACTION, vt__redaction_action(what), asked_json(what, ending), upload, err);
    vt__json *fields = vt__redaction_fields(service, caller, what);
    if (!code) vt__json_set_string(fields, "job", vt__json_string_or(*out, "jobId", NULL));
    vt__audit_event(service, caller, "REDACT_VIDEO", fields, code);
    return code;
}

#ifdef VULTUS_HAVE_VIDEO

static bool read_sealed(void *payload, void *out, size_t *size_bytes, uint64_t offset)
{
    return vt__sealed_read(out, size_bytes, payload, offset, NULL) == VT_OK;
}

static bool write_sealed(void *payload, const void *bytes, size_t size_bytes, uint64_t offset)
{
    return vt__sealed_write(payload, bytes, size_bytes, offset, NULL) == VT_OK;
}

typedef struct files {
    vt__sealed_file *in, *out, *plan;
    char *in_path, *part_path, *out_path, *plan_path, *planning_path;
} files;

typedef struct redacting {
    vt__job_run run; /* first: what is told and asked of it */
    files f;
} redacting;

static void on_progress(void *payload, int pass, double share)
{
    const vt__job_run *run = &((const redacting *)payload)->run;
    if (share >= 0) vt__job_progress(run->jobs, run->job, (pass - 1 + share) / 2);
}

static vt_status open_files(files *f, const vt__jobs *jobs, const vt__job *job, vt_error *err)
{
    *f = (files){ .in_path = vt__job_path(jobs, job->id, "in"), .part_path = vt__job_path(jobs, job->id, "part"), .out_path = vt__job_path(jobs, job->id, "out"),
                  .plan_path = vt__job_path(jobs, job->id, "plan"), .planning_path = vt__job_path(jobs, job->id, "planning") };
    vt_status status = f->in_path && f->part_path && f->out_path && f->plan_path && f->planning_path ? VT_OK : vt__fail_memory(err, 1);
    if (!status) status = vt__sealed_open(&f->in, f->in_path, job->upload_bytes, job->key, NULL) ? vt__fail(err, VT_EIO, "what was uploaded is lost; send it again") : VT_OK;
    if (!status) status = vt__sealed_create(&f->out, f->part_path, job->key, NULL) ? vt__fail(err, VT_EIO, "the result cannot be written") : VT_OK;
    return status;
}

static void close_files(files *f)
{
    vt__sealed_close(f->in);
    vt__sealed_close(f->out);
    vt__sealed_close(f->plan);
    vt__free(f->plan_path);
    vt__free(f->planning_path);
    vt__free(f->in_path);
    vt__free(f->part_path);
    vt__free(f->out_path);
}

static vt_status keep_result(vt__jobs *jobs, vt__job *job, files *f, vt_error *err)
{
    uint64_t bytes = vt__sealed_size(f->out);
    if (vt__sealed_publish(f->out, f->out_path, NULL)) return vt__fail(err, VT_EIO, "the result cannot be written");
    pthread_mutex_lock(&jobs->lock);
    job->result_bytes = bytes;
    job->result_kept = true;
    jobs->stored_bytes += bytes;
    pthread_mutex_unlock(&jobs->lock);
    return VT_OK;
}

/* The first pass is done: what it found is kept, so that a killed job goes on from there. */
static bool on_planned(void *payload)
{
    redacting *x = payload;
    vt_error ignored;
    uint64_t bytes = vt__sealed_size(x->f.plan);
    if (vt__sealed_publish(x->f.plan, x->f.plan_path, NULL)) return false;
    pthread_mutex_lock(&x->run.jobs->lock);
    bool removed = x->run.job->removed;
    x->run.job->plan_bytes = bytes;
    pthread_mutex_unlock(&x->run.jobs->lock);
    return removed || !vt__job_write(x->run.jobs, x->run.job, VT__REPLACE, &ignored) || ignored.code == VT_ENOTFOUND;
}

/* Opens what an earlier attempt found; else a file for it. */
static vt_status open_plan(redacting *x, vt_redact_video_options *options, vt_video_bytes *bytes, vt_error *err)
{
    const vt__job *job = x->run.job;
    bool there = job->plan_bytes && !vt__sealed_open(&x->f.plan, x->f.plan_path, job->plan_bytes, job->key, NULL);
    if (!there && vt__sealed_create(&x->f.plan, x->f.planning_path, job->key, NULL)) return vt__fail(err, VT_EIO, "what is found cannot be kept");
    *bytes = (vt_video_bytes){ x->f.plan, there ? job->plan_bytes : 0, there ? read_sealed : NULL, there ? NULL : write_sealed };
    if (there) options->plan_in = bytes;
    else options->plan_out = bytes;
    options->on_planned = on_planned;
    return VT_OK;
}

static vt__json *report_json(const vt_redact_video_report *report)
{
    vt__json *out = vt__json_object();
    vt__json_set_integer(out, "frames", report->frames);
    vt__json_set_integer(out, "tracks", (int64_t)report->tracks);
    vt__json_set_integer(out, "hiddenTracks", (int64_t)report->hidden_tracks);
    return out;
}

static vt_status redact(vt_redact_video_report *report, redacting *x, vt_session *session, const vt__redaction *what, const vt_template *people,
                        size_t count, vt_error *err)
{
    files *f = &x->f;
    vt__job_run *run = &x->run;
    vt_redact_video_options options = VT_REDACT_VIDEO_OPTIONS_INIT;
    const vt_video_bytes in = { f->in, vt__sealed_size(f->in), read_sealed, NULL }, out = { f->out, 0, NULL, write_sealed };
    char name[32];
    snprintf(name, sizeof name, "result.%s", vt__json_string_or(run->job->asked, "ending", "mp4"));
    options.masks = what->masks;
    options.video.cancelled = vt__job_cancelled;
    options.video.payload = run;
    options.video.bytes = &in;
    options.out = &out;
    options.min_face_px = what->min_face_px;
    options.min_score = what->min_score;
    options.lossless = what->lossless;
    options.drop_audio = what->drop_audio;
    options.whom = what->whom;
    options.people = people;
    options.people_count = count;
    options.on_progress = on_progress;
    options.payload = x;
    vt_video_bytes plan;
    vt_status status = open_plan(x, &options, &plan, err);
    return status ? status : vt_redact_video(report, name, "upload", run->jobs->service->engine, session, &options, err);
}

/* Whether it may be done is asked anew: a use may have been revoked, or a person erased, since it was asked for. */
static vt_status people_of(vt_template **out, size_t *count, vt__jobs *jobs, const vt__job *job, const vt__redaction *what, vt_error *err)
{
    vt__caller caller = vt__job_caller(job);
    vt__code code = vt__redaction_permit(jobs->service, &caller, what, err);
    if (!code) code = vt__redaction_people(out, count, jobs->service, &caller, what, err);
    return !code ? VT_OK : err->code ? err->code : VT_EDENIED;
}

vt_status vt__job_do_redaction(vt__json **found, vt__jobs *jobs, vt__job *job, vt_session *session, vt_error *err)
{
    redacting x = { .run = { jobs, job, 0, 1 } };
    const char *ids[VT__PEOPLE_MAX];
    vt__redaction what;
    vt_redact_video_report report;
    vt_template *people = NULL;
    size_t count = 0;
    if (!read_asked(&what, ids, job->asked)) return vt__fail(err, VT_EFORMAT, "what was asked for cannot be read");
    vt_status status = people_of(&people, &count, jobs, job, &what, err);
    if (!status) status = open_files(&x.f, jobs, job, err);
    if (!status) status = redact(&report, &x, session, &what, people, count, err);
    if (!status) status = keep_result(jobs, job, &x.f, err);
    if (!status) *found = report_json(&report);
    close_files(&x.f);
    vt__free_secret(people, count * sizeof *people);
    return status;
}

#else

vt_status vt__job_do_redaction(vt__json **found, vt__jobs *jobs, vt__job *job, vt_session *session, vt_error *err)
{
    (void)found;
    (void)jobs;
    (void)job;
    (void)session;
    return vt__fail(err, VT_EUNSUPPORTED, "this build has no video");
}

#endif
