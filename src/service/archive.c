#include "service/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "service/audit.h"
#include "service/guard.h"
#include "service/job_state.h"
#include "service/jobs.h"
#include "service/write.h"

#ifdef VULTUS_HAVE_VIDEO
#include <vultus/archive.h>

#define VT__SCOPE_ARCHIVES "archive"

/* ---- its record: {"folder", "key"} ---- */

static vt__code find(vt__records *out, vt__service *service, const char *tenant, const char *name, vt_error *err)
{
    const vt__query query = { .kind = VT__RECORD_ARCHIVE, .tenant = tenant, .scope = VT__SCOPE_ARCHIVES, .id = name };
    return vt__read_one(out, service, &query, VT__CODE_ARCHIVE_NOT_FOUND, err);
}

static char *folder_of(const vt__service *service, const vt__json *json)
{
    return vt__format("%s/archives/%s", service->data_folder, vt__json_string_or(json, "folder", "none"));
}

vt__code vt__archive_open_for(vt_archive **out, vt__service *service, const char *tenant, const char *name, vt_error *err)
{
    vt__records found = { NULL, 0 };
    vt__json *json = NULL;
    uint8_t key[VT_ARCHIVE_KEY_BYTES];
    *out = NULL;
    vt__code code = find(&found, service, tenant, name, err);
    if (!code) code = vt__code_of(vt__json_parse(&json, found.items[0].body, found.items[0].body_bytes, 0, err));
    if (!code && !vt__hex_decode(key, sizeof key, vt__json_string_or(json, "key", ""))) code = vt__code_fail(err, VT__CODE_FAILED);
    char *folder = code ? NULL : folder_of(service, json);
    if (!code) code = folder ? vt__code_of(vt_archive_open(out, folder, key, err)) : vt__code_fail(err, VT__CODE_NO_MEMORY);
    vt__wipe(key, sizeof key);
    vt__free(folder);
    vt__json_free(json);
    vt__records_free(&found);
    return code;
}

static vt__code begin(vt__service *service, const vt__caller *caller, vt_error *err)
{
    vt__code code = vt__policy_check(service, caller, VT__ACTION_ARCHIVE, err);
    bool able = service->engine && vt_engine_dimension(service->engine);
    return !code && !able ? vt__code_fail(err, VT__CODE_UNSUPPORTED) : code;
}

static vt__code record(vt__service *service, const vt__caller *caller, const char *operation, const char *name, size_t matches, vt__code code)
{
    vt__json *fields = vt__json_object();
    vt__json_set_string(fields, "purpose", vt__policy_purpose(service, caller, VT__ACTION_ARCHIVE));
    vt__json_set_string(fields, "archive", name);
    if (matches) vt__json_set_integer(fields, "matches", (int64_t)matches);
    vt__audit_event(service, caller, operation, fields, code);
    return code;
}

static vt__code wrong(vt_error *err, const char *text)
{
    vt__fail(err, VT_EINVAL, "%s", text);
    return VT__CODE_BAD_ARGUMENT;
}

static vt__code add_record(vt__service *service, const vt__caller *caller, const char *name, vt_error *err)
{
    uint8_t key[VT_ARCHIVE_KEY_BYTES];
    char hex[2 * VT_ARCHIVE_KEY_BYTES + 1], folder[VT__UUID_TEXT_BYTES];
    vt__uuid_make(folder);
    vt__random_bytes(key, sizeof key);
    vt__hex_encode(hex, key, sizeof key);
    vt__json *json = vt__json_object();
    vt__json_set_string(json, "folder", folder);
    vt__json_set_string(json, "key", hex);
    char *text = vt__json_text(json, false);
    vt__json_free(json);
    vt__wipe(hex, sizeof hex);
    vt__wipe(key, sizeof key);
    if (!text) return vt__code_fail(err, VT__CODE_NO_MEMORY);
    vt__batch batch;
    vt__batch_begin(&batch, service, caller);
    vt__batch_limit(&batch, VT__RECORD_ARCHIVE, VT__SCOPE_ARCHIVES, NULL, VT__ARCHIVES_MAX);
    vt__record *r = vt__batch_add(&batch, VT__ADD, VT__RECORD_ARCHIVE, VT__SCOPE_ARCHIVES, name, name, VT__CODE_ARCHIVE_EXISTS);
    r->body = (const uint8_t *)text;
    r->body_bytes = strlen(text);
    pthread_mutex_lock(&service->writing);
    vt__code code = vt__batch_commit(NULL, &batch, service, err);
    pthread_mutex_unlock(&service->writing);
    vt__free_secret(text, strlen(text));
    return code;
}

vt__code vt__archive_create(vt__service *service, const vt__caller *caller, const char *name, vt_error *err)
{
    vt__code code = begin(service, caller, err);
    if (!code && !vt__collection_id_valid(name)) code = wrong(err, "An archive's name is made of a to z, 0 to 9, - and _; at most 64 of them.");
    if (!code) code = add_record(service, caller, name, err);
    return record(service, caller, "ARCHIVE_CREATE", name, 0, code);
}

static void remove_folder(const vt__service *service, const vt__record *r)
{
    vt__json *json = NULL;
    vt__names names = { NULL, 0 };
    if (vt__json_parse(&json, r->body, r->body_bytes, 0, NULL)) return;
    char *folder = folder_of(service, json);
    if (folder && vt__folder_exists(folder) && !vt__folder_list(&names, folder, NULL))
        for (size_t i = 0; i < names.count; i++) {
            char *path = vt__path_join(folder, names.items[i]);
            if (path) unlink(path);
            vt__free(path);
        }
    if (folder) rmdir(folder);
    vt__names_free(&names);
    vt__free(folder);
    vt__json_free(json);
}

vt__code vt__archive_delete(vt__service *service, const vt__caller *caller, const char *name, vt_error *err)
{
    vt__records found = { NULL, 0 };
    vt__code code = begin(service, caller, err);
    if (!code) code = find(&found, service, caller->tenant, name, err);
    if (!code) code = vt__code_of(vt__jobs_drop_archive(service->jobs, caller->tenant, name, err));
    const vt__change change = { VT__DESTROY, { .tenant = caller->tenant, .scope = VT__SCOPE_ARCHIVES, .owner = name }, 0 };
    if (!code) code = vt__code_of(vt__store_commit(NULL, NULL, service->store, &change, 1, err));
    if (!code) remove_folder(service, &found.items[0]);
    vt__records_free(&found);
    return record(service, caller, "ARCHIVE_DELETE", name, 0, code);
}

vt__code vt__archives_of(vt__records *out, vt__service *service, const char *tenant, vt_error *err)
{
    const vt__query query = { .kind = VT__RECORD_ARCHIVE, .tenant = tenant, .scope = VT__SCOPE_ARCHIVES };
    return vt__code_of(vt__store_find(out, service->store, &query, err));
}

vt__code vt__archives_drop_tenant(vt__service *service, const char *tenant, vt_error *err)
{
    vt__records found = { NULL, 0 };
    vt__code code = vt__archives_of(&found, service, tenant, err);
    for (size_t i = 0; i < found.count && !code; i++) remove_folder(service, &found.items[i]);
    vt__records_free(&found);
    return code;
}

/* ---- looking ---- */

static vt__json *archive_json(const vt__record *r)
{
    char time[VT__TIME_TEXT_BYTES];
    vt__json *out = vt__json_object();
    vt__time_text(time, r->created_ms);
    vt__json_set_string(out, "archive", r->id);
    vt__json_set_string(out, "created", time);
    return out;
}

vt__code vt__archive_list(vt__json **out, vt__service *service, const vt__caller *caller, vt_error *err)
{
    vt__records found = { NULL, 0 };
    vt__code code = begin(service, caller, err);
    if (!code) code = vt__archives_of(&found, service, caller->tenant, err);
    if (!code) *out = vt__json_array();
    for (size_t i = 0; i < found.count && !code; i++) vt__json_append(*out, archive_json(&found.items[i]));
    vt__records_free(&found);
    return record(service, caller, "ARCHIVE_READ", NULL, 0, code);
}

/* The name that a client knows a video by: without the place of the tenant's folder. */
static const char *title_of(const char *path, const char *root)
{
    size_t size = root ? strlen(root) : 0;
    return size && !strncmp(path, root, size) && path[size] == '/' ? path + size + 1 : path;
}

static vt__code list_videos(vt__json *to, vt__service *service, const vt__caller *caller, const char *name, vt_error *err)
{
    vt_archive *archive;
    size_t count = 0;
    char *root = vt__archive_source(service, caller->tenant, "");
    vt__code code = vt__archive_open_for(&archive, service, caller->tenant, name, err);
    if (!code) code = vt__code_of(vt_archive_count(&count, archive, err));
    for (size_t i = 0; i < count && !code; i++) {
        vt_archive_video video;
        vt_status status = vt_archive_video_read(&video, archive, i, err);
        if (status == VT_ENOTFOUND) continue; /* went meanwhile */
        code = vt__code_of(status);
        if (code) break;
        vt__json *one = vt__json_object();
        vt__json_set_string(one, "videoId", video.id);
        vt__json_set_string(one, "video", title_of(video.path, root));
        vt__json_set(one, "duration", vt__json_rounded(video.duration_s, 3));
        vt__json_set_integer(one, "tracks", (int64_t)video.count);
        vt__json_append(to, one);
        vt_archive_video_free(&video);
    }
    vt_archive_close(archive);
    vt__free(root);
    return code;
}

vt__code vt__archive_get(vt__json **out, vt__service *service, const vt__caller *caller, const char *name, vt_error *err)
{
    vt__records found = { NULL, 0 };
    vt__json *videos = vt__json_array();
    *out = NULL;
    vt__code code = begin(service, caller, err);
    if (!code) code = find(&found, service, caller->tenant, name, err);
    if (!code) code = list_videos(videos, service, caller, name, err);
    if (!code) {
        *out = archive_json(&found.items[0]);
        vt__json_set(*out, "videos", videos);
    } else vt__json_free(videos);
    vt__records_free(&found);
    return record(service, caller, "ARCHIVE_READ", name, 0, code);
}

vt__code vt__archive_open(vt_archive **out, vt__service *service, const vt__caller *caller, const char *name, const char *operation, vt_error *err)
{
    *out = NULL;
    vt__code code = begin(service, caller, err);
    if (!code) code = vt__archive_open_for(out, service, caller->tenant, name, err);
    return record(service, caller, operation, name, 0, code);
}

vt__code vt__archive_remove_video(vt__service *service, const vt__caller *caller, const char *name, const char *video_id, vt_error *err)
{
    vt_archive *archive = NULL;
    vt__code code = begin(service, caller, err);
    if (!code) code = vt__archive_open_for(&archive, service, caller->tenant, name, err);
    vt_status status = code ? VT_OK : vt_archive_remove(archive, video_id, err);
    if (status == VT_ENOTFOUND || status == VT_EINVAL) code = VT__CODE_VIDEO_NOT_FOUND;
    else if (status) code = vt__code_of(status);
    vt_archive_close(archive);
    return record(service, caller, "ARCHIVE_REMOVE", name, 0, code);
}

/* ---- adding ---- */

static vt__code there(vt__service *service, const vt__caller *caller, const char *name, vt_error *err)
{
    vt__records found = { NULL, 0 };
    vt__code code = begin(service, caller, err);
    if (!code) code = find(&found, service, caller->tenant, name, err);
    vt__records_free(&found);
    return code;
}

vt__code vt__archive_add_upload(vt__json **out, vt__service *service, const vt__caller *caller, const char *name, vt__upload *upload,
                                const char *title, vt_error *err)
{
    vt__code code = there(service, caller, name, err);
    if (!code && (!*title || strlen(title) > 200)) code = wrong(err, "Give the video a 'name' of 1 to 200 bytes.");
    vt__json *asked = vt__json_object();
    vt__json_set_string(asked, "archive", name);
    vt__json_set_string(asked, "video", title);
    if (!code) return record(service, caller, "ARCHIVE_ADD", name, 0, vt__job_add(out, service, caller, VT__JOB_INDEXING, VT__ACTION_ARCHIVE, asked, upload, err));
    vt__upload_drop(upload);
    vt__json_free(asked);
    return record(service, caller, "ARCHIVE_ADD", name, 0, code);
}

char *vt__archive_source(const vt__service *service, const char *tenant, const char *folder)
{
    const char *root = service->jobs->archive_root;
    char *wanted = root ? vt__format("%s/%s/%s", root, tenant, folder) : NULL, *home = root ? vt__format("%s/%s", root, tenant) : NULL;
    char *real = wanted ? realpath(wanted, NULL) : NULL, *real_home = home ? realpath(home, NULL) : NULL;
    size_t size = real_home ? strlen(real_home) : 0;
    bool inside = real && size && !strncmp(real, real_home, size) && (!real[size] || real[size] == '/');
    char *out = inside && vt__folder_exists(real) ? vt__strdup(real) : NULL;
    free(real);
    free(real_home);
    vt__free(wanted);
    vt__free(home);
    return out;
}

vt__code vt__archive_add_folder(vt__json **out, vt__service *service, const vt__caller *caller, const char *name, const char *folder,
                                vt_error *err)
{
    vt__code code = there(service, caller, name, err);
    char *path = code ? NULL : vt__archive_source(service, caller->tenant, folder);
    if (!code && !path) code = wrong(err, "'folder' is none below this tenant's folder of --archive-root; give it relative to that, or upload the videos.");
    vt__free(path);
    if (!code) {
        vt__json *asked = vt__json_object();
        vt__json_set_string(asked, "archive", name);
        vt__json_set_string(asked, "folder", folder);
        code = vt__job_add(out, service, caller, VT__JOB_INDEXING, VT__ACTION_ARCHIVE, asked, NULL, err);
    }
    return record(service, caller, "ARCHIVE_ADD", name, 0, code);
}

/* ---- searching ---- */

static vt__json *hits_json(const vt_archive_hits *hits, size_t most, const char *root)
{
    vt__json *out = vt__json_object(), *list = vt__json_array();
    for (size_t i = 0; i < hits->count && i < most; i++) {
        const vt_archive_hit *h = &hits->items[i];
        vt__json *one = vt__json_object();
        vt__json_set_string(one, "video", title_of(h->path, root));
        vt__json_set(one, "from", vt__json_rounded(h->from_s, 3));
        vt__json_set(one, "to", vt__json_rounded(h->to_s, 3));
        vt__json_set(one, "best", vt__json_rounded(h->best_s, 3));
        vt__json_set(one, "confidence", vt__json_rounded((double)h->confidence, 5));
        vt__json_append(list, one);
    }
    vt__json_set(out, "hits", list);
    return out;
}

vt__code vt__archive_probe(vt_template *out, vt__service *service, const vt__caller *caller, vt_session *session, const void *image,
                           size_t image_bytes, const vt_box *target, vt_error *err)
{
    vt__code code = begin(service, caller, err);
    if (!code) code = vt__template_of_image(out, service, session, image, image_bytes, target, err);
    return code ? record(service, caller, "ARCHIVE_SEARCH", NULL, 0, code) : code;
}

static vt__code guard(vt__service *service, const vt__caller *caller, const vt__archive_wish *wish, vt_error *err)
{
    vt__code code = vt__guard_stream(service, caller, err);
    for (size_t i = 0; i < wish->people_count && !code; i++) code = vt__guard_person(service, caller, wish->people[i], err);
    return code;
}

vt__code vt__archive_search(vt__json **out, vt__service *service, const vt__caller *caller, const char *name, const vt__archive_wish *wish,
                            vt_error *err)
{
    vt_archive *archive = NULL;
    vt_archive_hits hits = { NULL, 0 };
    vt_template *people = NULL;
    size_t count = 0;
    vt__code code = there(service, caller, name, err);
    if (!code && wish->people_count) code = vt__people_templates(&people, &count, service, caller, VT__ACTION_ARCHIVE, wish->people_in, wish->people, wish->people_count, err);
    if (!code) code = guard(service, caller, wish, err);
    if (!code) code = vt__archive_open_for(&archive, service, caller->tenant, name, err);
    if (!code) {
        vt_status status = vt_archive_search(&hits, archive, service->engine, people ? people : wish->probes, people ? count : wish->probe_count, wish->min_confidence, err);
        code = status == VT_ECONFLICT ? VT__CODE_BAD_ARGUMENT : vt__code_of(status); /* err says which video is of another pack */
    }
    char *root = code ? NULL : vt__archive_source(service, caller->tenant, "");
    if (!code) *out = hits_json(&hits, wish->most, root);
    vt__free(root);
    vt__free_secret(people, count * sizeof *people);
    size_t found = hits.count;
    vt_archive_hits_free(&hits);
    vt_archive_close(archive);
    return record(service, caller, "ARCHIVE_SEARCH", name, found, code);
}

#else

static vt__code no_video(vt__upload *upload, vt_error *err)
{
    vt__upload_drop(upload);
    return vt__code_fail(err, VT__CODE_UNSUPPORTED);
}

vt__code vt__archive_create(vt__service *s, const vt__caller *c, const char *n, vt_error *e) { (void)s, (void)c, (void)n; return no_video(NULL, e); }
vt__code vt__archive_delete(vt__service *s, const vt__caller *c, const char *n, vt_error *e) { (void)s, (void)c, (void)n; return no_video(NULL, e); }
vt__code vt__archive_list(vt__json **o, vt__service *s, const vt__caller *c, vt_error *e) { (void)o, (void)s, (void)c; return no_video(NULL, e); }
vt__code vt__archive_get(vt__json **o, vt__service *s, const vt__caller *c, const char *n, vt_error *e) { (void)o, (void)s, (void)c, (void)n; return no_video(NULL, e); }
vt__code vt__archive_remove_video(vt__service *s, const vt__caller *c, const char *n, const char *v, vt_error *e) { (void)s, (void)c, (void)n, (void)v; return no_video(NULL, e); }
vt__code vt__archive_open(struct vt_archive **o, vt__service *s, const vt__caller *c, const char *n, const char *p, vt_error *e) { (void)o, (void)s, (void)c, (void)n, (void)p; return no_video(NULL, e); }
vt__code vt__archive_add_upload(vt__json **o, vt__service *s, const vt__caller *c, const char *n, vt__upload *u, const char *t, vt_error *e) { (void)o, (void)s, (void)c, (void)n, (void)t; return no_video(u, e); }
vt__code vt__archive_add_folder(vt__json **o, vt__service *s, const vt__caller *c, const char *n, const char *f, vt_error *e) { (void)o, (void)s, (void)c, (void)n, (void)f; return no_video(NULL, e); }
vt__code vt__archive_search(vt__json **o, vt__service *s, const vt__caller *c, const char *n, const vt__archive_wish *w, vt_error *e) { (void)o, (void)s, (void)c, (void)n, (void)w; return no_video(NULL, e); }
vt__code vt__archive_probe(vt_template *o, vt__service *s, const vt__caller *c, vt_session *x, const void *i, size_t n, const vt_box *t, vt_error *e) { (void)o, (void)s, (void)c, (void)x, (void)i, (void)n, (void)t; return no_video(NULL, e); }
vt__code vt__archives_drop_tenant(vt__service *s, const char *t, vt_error *e) { (void)s, (void)t, (void)e; return VT__CODE_OK; }

#endif
