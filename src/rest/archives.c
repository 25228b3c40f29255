/* Archives of videos over the wire. */
#include "service/archive.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "rest/handlers.h"
#include "rest/jobs.h"
#include "rest/redaction_query.h"
#include "service/oversight.h"

static const char *name_of(const vt__call *call)
{
    return vt__http_param(call->request, "archiveName");
}

static void answer(vt__call *call, vt__code code, vt__json *json, const vt_error *err)
{
    if (!vt__call_refused(call, code, err)) vt__call_json(call, 200, json);
}

void vt__rest_archive_create(vt__call *call)
{
    vt_error err;
    vt__code code = vt__archive_create(call->service, &call->caller, name_of(call), &err);
    if (!vt__call_refused(call, code, &err)) vt__call_empty(call, 200);
}

void vt__rest_archive_delete(vt__call *call)
{
    vt_error err;
    vt__code code = vt__archive_delete(call->service, &call->caller, name_of(call), &err);
    if (!vt__call_refused(call, code, &err)) vt__call_empty(call, 204);
}

void vt__rest_archive_list(vt__call *call)
{
    vt__json *json = NULL;
    vt_error err;
    vt__code code = vt__archive_list(&json, call->service, &call->caller, &err);
    answer(call, code, json, &err);
}

void vt__rest_archive_get(vt__call *call)
{
    vt__json *json = NULL;
    vt_error err;
    vt__code code = vt__archive_get(&json, call->service, &call->caller, name_of(call), &err);
    answer(call, code, json, &err);
}

void vt__rest_archive_remove_video(vt__call *call)
{
    vt_error err;
    vt__code code = vt__archive_remove_video(call->service, &call->caller, name_of(call), vt__http_param(call->request, "videoId"), &err);
    if (!vt__call_refused(call, code, &err)) vt__call_empty(call, 204);
}

void vt__rest_archive_add(vt__call *call)
{
    vt__json *job = NULL;
    vt_error err;
    vt__code code;
    if (call->body) {
        const char *folder;
        if (!vt__read_string(&folder, call, "folder")) return;
        code = vt__archive_add_folder(&job, call->service, &call->caller, name_of(call), folder ? folder : "..", &err);
    } else {
        const char *title = vt__http_query(call->request, "name");
        vt__upload *upload = vt__take_upload(call);
        if (!upload) return;
        code = vt__archive_add_upload(&job, call->service, &call->caller, name_of(call), upload, title ? title : "", &err);
    }
    if (vt__call_refused(call, code, &err)) return;
    vt__call_link(call, "Operation-Location", "/vultus/v1/jobs/%s", vt__json_string_or(job, "jobId", ""));
    vt__call_json(call, 202, job);
}

/* ---- searching ---- */

static void search(vt__call *call, const vt__archive_wish *wish)
{
    vt__json *json = NULL;
    vt_error err;
    vt__code code = vt__archive_search(&json, call->service, &call->caller, name_of(call), wish, &err);
    answer(call, code, json, &err);
}

static void search_people(vt__call *call)
{
    vt__archive_wish wish = { 0 };
    const char *where, **ids = NULL;
    double least;
    int64_t most;
    if (!vt__read_string(&where, call, "people") || !vt__read_number(&least, call, "minConfidence", 0.5, 0, 1, VT__WIRE_BODY_INVALID) ||
        !vt__read_integer(&most, call, "most", 1000, 1, VT__ARCHIVE_HITS_MAX, VT__WIRE_BODY_INVALID) ||
        !vt__read_uuids(&ids, &wish.people_count, call, "personIds", 1, VT__PEOPLE_MAX, VT__WIRE_BODY_INVALID, VT__WIRE_PERSON_ID_INVALID))
        return;
    bool named = ids && where && vt__oversight_collection(&wish.people_in, where) && wish.people_in.kind != VT__KIND_DYNAMIC_GROUP;
    if (!named) vt__call_fail_about(call, VT__WIRE_ARGUMENT, "Give 'personIds', and in 'people' where they are enrolled: pg/ID, lpg/ID or dir.");
    if (named) {
        call->kind = wish.people_in.kind;
        wish.people = ids;
        wish.min_confidence = (float)least;
        wish.most = (size_t)most;
        search(call, &wish);
    }
    vt__free(ids);
}

static void search_picture(vt__call *call)
{
    const uint8_t *image;
    size_t image_bytes;
    vt_box target;
    bool given;
    float least = 0.5f, most = 1000;
    vt_template probe;
    vt_error err;
    if (!vt__read_query_number(&least, call, "minConfidence", 0, 1) || !vt__read_query_number(&most, call, "most", 1, VT__ARCHIVE_HITS_MAX) ||
        !vt__read_target_face(&target, &given, call) || !vt__read_image(&image, &image_bytes, call))
        return;
    vt__code code = vt__archive_probe(&probe, call->service, &call->caller, call->session, image, image_bytes, given ? &target : NULL, &err);
    if (!vt__call_refused(call, code, &err))
        search(call, &(vt__archive_wish){ .probes = &probe, .probe_count = 1, .min_confidence = least, .most = (size_t)most });
    vt__wipe(&probe, sizeof probe);
}

void vt__rest_archive_search(vt__call *call)
{
    if (call->body) search_people(call);
    else search_picture(call);
}
