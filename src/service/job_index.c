/* Indexing videos into an archive as a job: an upload, or all videos of a folder. */
#include "base/error.h"
#include "service/job_state.h"

#ifdef VULTUS_HAVE_VIDEO
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include <vultus/archive.h>

#include "base/file.h"
#include "base/memory.h"
#include "service/archive.h"

enum { deepest = 8, most_failures = 100 };

typedef struct indexing {
    vt__job_run run;
    vt_session *session;
    vt_archive *archive;
    char **paths;
    size_t count;
    int64_t added, unchanged;
    vt__json *failures;
} indexing;

static void on_progress(void *payload, double time_s, double duration_s)
{
    const vt__job_run *run = payload;
    double share = duration_s > 0 && time_s < duration_s ? time_s / duration_s : duration_s > 0;
    vt__job_progress(run->jobs, run->job, run->from + share * (run->to - run->from));
}

static vt_archive_index_options options_of(vt__job_run *run)
{
    vt_archive_index_options options = VT_ARCHIVE_INDEX_OPTIONS_INIT;
    options.video.cancelled = vt__job_cancelled;
    options.video.payload = run;
    options.on_progress = on_progress;
    options.payload = run;
    return options;
}

static bool read_sealed(void *payload, void *out, size_t *size_bytes, uint64_t offset)
{
    return vt__sealed_read(out, size_bytes, payload, offset, NULL) == VT_OK;
}

static vt_status index_upload(indexing *x, vt_error *err)
{
    const vt__job *job = x->run.job;
    vt__sealed_file *file = NULL;
    bool unchanged;
    char *path = vt__job_path(x->run.jobs, job->id, "in");
    vt_status status = path ? vt__sealed_open(&file, path, job->upload_bytes, job->key, NULL) : VT_ENOMEM;
    vt__free(path);
    if (status) return vt__fail(err, VT_EIO, "what was uploaded is lost; send it again");
    const vt_video_bytes bytes = { file, vt__sealed_size(file), read_sealed, NULL };
    vt_archive_index_options options = options_of(&x->run);
    options.video.bytes = &bytes;
    status = vt_archive_index(&unchanged, x->archive, vt__json_string_or(job->asked, "video", "upload"), x->run.jobs->service->engine, x->session, &options, err);
    vt__sealed_close(file);
    if (!status) x->added++;
    return status;
}

static bool video_ending(const char *name)
{
    static const char *const endings[] = { ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".gif" };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof endings[0]; i++)
        if (!strcasecmp(dot, endings[i])) return true;
    return false;
}

/* Links are not followed: they could lead out of the tenant's folder. */
static vt_status gather(indexing *x, const char *folder, int depth, vt_error *err)
{
    vt__names names = { NULL, 0 };
    vt_status status = vt__folder_list(&names, folder, err);
    for (size_t i = 0; i < names.count && !status; i++) {
        struct stat info;
        char *path = vt__path_join(folder, names.items[i]);
        if (!path) status = vt__fail_memory(err, 1);
        else if (!lstat(path, &info) && S_ISDIR(info.st_mode) && depth < deepest) status = gather(x, path, depth + 1, err);
        else if (!lstat(path, &info) && S_ISREG(info.st_mode) && video_ending(path)) {
            char **grown = vt__realloc(x->paths, x->count + 1, sizeof *grown);
            if (!grown) status = vt__fail_memory(err, sizeof *grown);
            else {
                x->paths = grown;
                x->paths[x->count++] = path;
                path = NULL;
            }
        }
        vt__free(path);
    }
    vt__names_free(&names);
    return status;
}

/* A video that cannot be read stops no other. */
static void note_failure(indexing *x, const char *title, const char *text)
{
    if (vt__json_count(x->failures) == most_failures) return;
    vt__json *one = vt__json_object();
    vt__json_set_string(one, "video", title);
    vt__json_set_string(one, "error", text);
    vt__json_append(x->failures, one);
}

static vt_status index_folder(indexing *x, vt_error *err)
{
    const vt__job *job = x->run.job;
    char *folder = vt__archive_source(x->run.jobs->service, job->tenant, vt__json_string_or(job->asked, "folder", ""));
    char *home = vt__archive_source(x->run.jobs->service, job->tenant, "");
    vt_status status = folder && home ? gather(x, folder, 0, err) : vt__fail(err, VT_ENOTFOUND, "the folder is gone");
    for (size_t i = 0; i < x->count && !status; i++) {
        bool unchanged = false;
        vt_error why;
        x->run.from = (double)i / (double)x->count;
        x->run.to = (double)(i + 1) / (double)x->count;
        vt_archive_index_options options = options_of(&x->run);
        status = vt_archive_index(&unchanged, x->archive, x->paths[i], x->run.jobs->service->engine, x->session, &options, &why);
        bool of_video = status == VT_EFORMAT || status == VT_ELIMIT || status == VT_EUNSUPPORTED || status == VT_ENOTFOUND;
        if (of_video) note_failure(x, x->paths[i] + strlen(home) + 1, vt_status_name(status));
        else if (status) vt__fail(err, status, "%s", why.text);
        else if (unchanged) x->unchanged++;
        else x->added++;
        if (of_video) status = VT_OK;
        vt__job_progress(x->run.jobs, x->run.job, x->run.to);
    }
    for (size_t i = 0; i < x->count; i++) vt__free(x->paths[i]);
    vt__free(x->paths);
    vt__free(folder);
    vt__free(home);
    return status;
}

vt_status vt__job_do_indexing(vt__json **found, vt__jobs *jobs, vt__job *job, vt_session *session, vt_error *err)
{
    indexing x = { .run = { jobs, job, 0, 1 }, .session = session, .failures = vt__json_array() };
    vt__caller caller = vt__job_caller(job);
    vt__code code = vt__policy_check(jobs->service, &caller, VT__ACTION_ARCHIVE, err); /* a use may have been revoked since */
    if (!code) code = vt__archive_open_for(&x.archive, jobs->service, job->tenant, vt__json_string_or(job->asked, "archive", ""), err);
    vt_status status = !code ? VT_OK : err->code ? err->code : VT_EDENIED;
    if (!status) status = job->upload_bytes ? index_upload(&x, err) : index_folder(&x, err);
    vt_archive_close(x.archive);
    if (status) {
        vt__json_free(x.failures);
        return status;
    }
    *found = vt__json_object();
    vt__json_set_integer(*found, "videos", x.added);
    vt__json_set_integer(*found, "unchanged", x.unchanged);
    vt__json_set(*found, "failedVideos", x.failures);
    return VT_OK;
}

#else

vt_status vt__job_do_indexing(vt__json **found, vt__jobs *jobs, vt__job *job, vt_session *session, vt_error *err)
{
    (void)found;
    (void)jobs;
    (void)job;
    (void)session;
    return vt__fail(err, VT_EUNSUPPORTED, "this build has no video");
}

#endif
