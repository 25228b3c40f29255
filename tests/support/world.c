#include "support/world.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "service/archive.h"
#include "service/liveness_session.h"
#include "service/registration.h"
#include "service/review.h"
#include "support/data.h"
#include "support/made_up.h"
#include "support/test.h"
#ifdef VULTUS_HAVE_VIDEO
#include "video/archive_file.h"
#endif

#define MODEL "recognition_04"
#define BOUNDARY "a-boundary-of-parts"

/* Bodies by method and the end of the path. $ words are filled in; "@" is the picture, "@form" a form with it. */
static const struct {
    const char *method, *tail, *bodies[5];
} bodies[] = {
    { "POST", "/detect", { "@", "{\"url\":\"http://127.0.0.1/\"}" } },
    { "POST", "/findsimilars", { "{\"faceId\":\"$F1\",\"faceIds\":[\"$F2\"]}", "{\"faceId\":\"$F1\",\"faceListId\":\"$T\"}",
                                 "{\"faceId\":\"$F1\",\"largeFaceListId\":\"$T\"}" } },
    { "POST", "/identify", { "{\"faceIds\":[\"$F1\"],\"personGroupId\":\"$T\"}", "{\"faceIds\":[\"$F1\"],\"largePersonGroupId\":\"$T\"}",
                             "{\"faceIds\":[\"$F1\"],\"dynamicPersonGroupId\":\"$T\"}", "{\"faceIds\":[\"$F1\"],\"personIds\":[\"$PD\"]}" } },
    { "POST", "/verify", { "{\"faceId1\":\"$F1\",\"faceId2\":\"$F2\"}", "{\"faceId\":\"$F1\",\"personGroupId\":\"$T\",\"personId\":\"$PG\"}",
                           "{\"faceId\":\"$F1\",\"largePersonGroupId\":\"$T\",\"personId\":\"$PL\"}", "{\"faceId\":\"$F1\",\"personId\":\"$PD\"}" } },
    { "POST", "/group", { "{\"faceIds\":[\"$F1\",\"$F2\"]}" } },
    { "PUT", "/dynamicpersongroups/{dynamicPersonGroupId}", { "{\"name\":\"n\"}", "{\"name\":\"n\",\"addPersonIds\":[\"$PD\"]}" } },
    { "PATCH", "/dynamicpersongroups/{dynamicPersonGroupId}", { "{\"name\":\"m\"}", "{\"removePersonIds\":[\"$PD\"]}", "{\"addPersonIds\":[\"$PD\"]}" } },
    { "PUT", "Id}", { "{\"name\":\"n\",\"recognitionModel\":\"" MODEL "\",\"how\":\"a form\",\"textVersion\":\"1\"}" } },
    { "PATCH", "{persistedFaceId}", { "{\"userData\":\"u\"}" } },
    { "PATCH", "Id}", { "{\"name\":\"m\"}" } },
    { "PATCH", "/settings", { "{\"livenessAbuseMonitoringEnabled\":true}" } },
    { "POST", "/persons", { "{\"name\":\"p\"}" } },
    { "POST", "/persistedfaces", { "@", "{\"url\":\"http://127.0.0.1/\"}" } },
    { "POST", "/detectLivenessWithVerify-sessions", { "@form" } },
    { "POST", "/detectLivenessWithVerify/singleModal/sessions", { "@form" } },
    { "POST", "sessions", { "{\"livenessOperationMode\":\"Passive\",\"deviceCorrelationId\":\"723d6d03-ef33-40a8-9682-23a1feb7bccd\"}" } },
    { "POST", "/vultus/v1/tokens", { "{\"scopes\":\"detect\"}" } },
    { "POST", "/vultus/v1/retention", { "{\"what\":\"pg/$T\",\"days\":9}" } },
    { "POST", "/holds", { "{\"what\":\"$PG\",\"reason\":\"a case\"}" } },
    { "POST", "/release", { "{\"what\":\"$PG\"}" } },
    { "POST", "/policies", { "{\"purpose\":\"none\"}" } },
    { "PUT", "/oversight", { "{\"collection\":\"pg/$T\",\"review\":1}" } },
    { "PUT", "/guards", { "{\"personPerHour\":100}" } },
    { "POST", "/reviews/{reviewId}", { "{}" } },
    { "POST", "/archives/{archiveName}/videos", { "{\"folder\":\".\"}" } },
    { "POST", "/archives/{archiveName}/search", { "{\"personIds\":[\"$PG\"],\"people\":\"pg/$T\"}", "@" } },
    { "POST", "/redactions", { "@", "{\"url\":\"http://127.0.0.1/\"}" } },
    { "POST", "/liveness/links", { "{\"sessionId\":\"$S\"}" } },
    { "POST", "/keys/{keyId}", { NULL } },
    { "POST", "/tenants", { "{\"tenantId\":\"$T\"}" } },
    { "POST", "/keys/{tenantKeyId}", { "{}" } },
};

static bool ends_with(const char *text, const char *tail)
{
    size_t a = strlen(text), b = strlen(tail);
    return a >= b && !strcmp(text + a - b, tail);
}

static const char *const *bodies_of(const vt__wire_operation *o)
{
    static const char *const none[] = { NULL };
    for (size_t i = 0; i < ROWS(bodies); i++)
        if (!strcmp(o->method, bodies[i].method) && ends_with(o->pattern, bodies[i].tail)) return bodies[i].bodies;
    return none;
}

size_t world_requests(const vt__wire_operation *operation)
{
    size_t count = 0;
    for (const char *const *b = bodies_of(operation); *b; b++) count++;
    return count ? count : 1;
}

/* ---- making ---- */

static void must(vt__code code, const vt_error *err)
{
    if (code) fail_msg("%s: %s", vt__code_name(code), err->text);
}

static void make_member(world *w, const serving *s, const vt__caller *maker, vt__kind kind)
{
    vt_error err;
    vt_template t = made_up_face((uint32_t)kind + 1, 1);
    const vt__collection_id which = { kind, kind == VT__KIND_DIRECTORY ? "" : w->tag };
    bool persons = vt__kind_get_rules(kind)->holds_persons;
    if (kind != VT__KIND_DIRECTORY) must(vt__collection_create(s->service, maker, which, "Secret name", "secret data", MODEL, &err), &err);
    if (kind == VT__KIND_DYNAMIC_GROUP) return;
    if (persons) must(vt__person_create(w->person[kind], s->service, maker, which, "Secret person", "secret data", &err), &err);
    const vt__face_place place = { which, persons ? w->person[kind] : NULL, kind == VT__KIND_DIRECTORY ? MODEL : NULL };
    must(vt__face_add_template(w->face[kind], s->service, maker, place, &t, "secret data", &err), &err);
    if (vt__kind_get_rules(kind)->trained) must(vt__collection_train(s->service, maker, which, &err), &err);
}

/* One without a track, in the archive. */
static void make_video(world *w, const serving *s, const vt__caller *maker)
{
#ifdef VULTUS_HAVE_VIDEO
    vt_error err;
    vt_archive *archive;
    vt__record_writer writer;
    char name[] = "a video";
    vt_archive_video video = { .path = name };
    if (s->engine) snprintf(video.pack, sizeof video.pack, "%s", vt_engine_digest(s->engine));
    must(vt__archive_open_for(&archive, s->service, maker->tenant, w->tag, &err), &err);
    must(vt__code_of(vt__record_begin(&writer, archive, &video, NULL, &err)), &err);
    must(vt__code_of(vt__record_finish(&writer, 1, &err)), &err);
    memcpy(w->video, writer.id, sizeof w->video);
    vt__record_close(&writer);
    vt_archive_close(archive);
#else
    (void)s, (void)maker;
    memset(w->video, '0', sizeof w->video - 1);
#endif
}

void world_make(world *w, const serving *s, const vt__caller *maker, const char *tag)
{
    vt_error err;
    *w = (world){ .tag = "" };
    snprintf(w->tag, sizeof w->tag, "%s", tag);
    for (int kind = 0; kind < VT__KIND_COUNT; kind++) make_member(w, s, maker, (vt__kind)kind);
    const char *const members[] = { w->person[VT__KIND_DIRECTORY] };
    must(vt__members_change(s->service, maker, w->tag, members, 1, NULL, 0, &err), &err);
    for (uint32_t i = 0; i < 2; i++) {
        vt_template t = made_up_face(1 + i, 2);
        must(vt__face_id_make(w->face_id[i], s->service, maker, &t, MODEL, 0, &err), &err);
    }
    must(vt__operation_record(w->operation, s->service, maker, "/persons/x", &err), &err);
    vt__candidate one = { .confidence = 0.6f };
    memcpy(one.id, w->person[VT__KIND_PERSON_GROUP], sizeof one.id);
    const vt__candidates found = { .items = &one, .count = 1 };
    must(vt__review_open(w->review, s->service, maker, (vt__collection_id){ VT__KIND_PERSON_GROUP, w->tag }, w->face_id[0], &found, &err), &err);
    vt__liveness_session session = { .ttl_s = 600, .attempts_allowed = 1, .verify_threshold = -1, .device = "a-device" };
    must(vt__liveness_create(&session, s->service, maker, NULL, NULL, 0, &err), &err);
    snprintf(w->session, sizeof w->session, "%s", session.id);
    must(vt__archive_create(s->service, maker, w->tag, &err), &err);
    make_video(w, s, maker);
    world_register(w->policy, s, maker, "public-liveness", "nobody");
}

void world_of_nothing(world *w, const char *tag)
{
    *w = (world){ .tag = "" };
    snprintf(w->tag, sizeof w->tag, "%s", tag);
    for (int kind = 0; kind < VT__KIND_COUNT; kind++) vt__uuid_make(w->person[kind]), vt__uuid_make(w->face[kind]);
    memset(w->video, '0', sizeof w->video - 1);
    vt__uuid_make(w->face_id[0]);
    vt__uuid_make(w->face_id[1]);
    vt__uuid_make(w->operation);
    vt__uuid_make(w->policy);
    vt__uuid_make(w->review);
    vt__uuid_make(w->session);
}

void world_register(char id[40], const serving *server, const vt__caller *maker, const char *purpose, const char *key_id)
{
    vt__json *json = vt__json_object(), *keys = vt__json_array(), *out = NULL;
    vt_error err;
    vt__json_append(keys, vt__json_string(key_id));
    vt__json_set_string(json, "purpose", purpose);
    vt__json_set(json, "keys", keys);
    for (const vt__policy_member *m = vt__policy_members; m->name; m++) vt__json_set_string(json, m->name, "as our notice says");
    vt__json_set_string(json, "authority", "a court; adults only");
    vt__json_set_integer(json, "retentionDays", 1);
    vt__json_set_bool(json, "termsAccepted", true);
    must(vt__policy_register(&out, server->service, maker, json, &err), &err);
    if (id) snprintf(id, 40, "%s", vt__json_string_or(out, "policyId", ""));
    vt__json_free(out);
    vt__json_free(json);
}

/* ---- asking ---- */

static void fill_path(char out[300], const world *w, const vt__wire_operation *o, const char *new_tag)
{
    vt__kind kind = o->kind < VT__KIND_COUNT ? o->kind : VT__KIND_PERSON_GROUP;
    vt__api_version version = VT__V1_0;
    for (int v = 0; v < VT__VERSIONS; v++)
        if (o->versions >> v & 1) version = (vt__api_version)v;
    const struct {
        const char *name, *value;
    } values[] = {
        { "{apiVersion}", vt__api_version_name(version) }, { "{personId}", w->person[kind] },   { "{persistedFaceId}", w->face[kind] },
        { "{recognitionModel}", MODEL },                   { "{operationId}", w->operation },   { "{sessionId}", w->session },
        { "{sessionImageId}", w->face[0] },                { "{policyId}", w->policy },         { "{reviewId}", w->review },
        { "{consentPersonId}", w->person[kind] },          { "{subjectId}", w->person[kind] },  { "{keyId}", "2" },
        { "{snapshotId}", w->operation },                    { "{tenantId}", w->tag },             { "{tenantKeyId}", "1" },
        { "{videoId}", w->video },
    };
    size_t used = 0;
    for (const char *at = o->pattern; *at; ) {
        const char *value = NULL;
        if (*at != '{') {
            out[used++] = *at++;
            continue;
        }
        for (size_t i = 0; i < ROWS(values) && !value; i++)
            if (!strncmp(at, values[i].name, strlen(values[i].name))) value = values[i].value;
        if (!value) value = strcmp(o->method, "PUT") ? w->tag : new_tag;
        used += (size_t)snprintf(out + used, 300 - used, "%s", value);
        at = strchr(at, '}') + 1;
    }
    out[used] = '\0';
    if (ends_with(out, "/oversight") && !strcmp(o->method, "GET")) snprintf(out + used, 300 - used, "?collection=pg/%s", w->tag);
    if (ends_with(out, "persistedfaces") && strstr(out, "recognitionModels") && !strcmp(o->method, "POST")) snprintf(out + used, 300 - used, "?detectionModel=detection_03");
}

static char *fill_body(const world *w, const char *template_)
{
    const struct {
        const char *name, *value;
    } values[] = {
        { "$F1", w->face_id[0] }, { "$F2", w->face_id[1] }, { "$PG", w->person[VT__KIND_PERSON_GROUP] },
        { "$PL", w->person[VT__KIND_LARGE_PERSON_GROUP] }, { "$PD", w->person[VT__KIND_DIRECTORY] }, { "$T", w->tag }, { "$S", w->session },
    };
    char *out = vt__strdup("");
    for (const char *at = template_; *at;) {
        const char *value = NULL;
        size_t skip_bytes = strcspn(at, "$");
        char *grown = vt__format("%s%.*s", out, (int)skip_bytes, at);
        vt__free(out);
        out = grown;
        at += skip_bytes;
        for (size_t i = 0; *at && i < ROWS(values) && !value; i++)
            if (!strncmp(at, values[i].name, strlen(values[i].name))) value = values[i].value, at += strlen(values[i].name);
        if (!value) continue;
        grown = vt__format("%s%s", out, value);
        vt__free(out);
        out = grown;
    }
    return out;
}

/* The picture, alone or in a form. */
static bool picture_body(uint8_t **out, size_t *size, bool form)
{
    static const char before[] = "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"Parameters\"\r\n\r\n{\"livenessOperationMode\":\"Passive\","
                                 "\"deviceCorrelationId\":\"723d6d03-ef33-40a8-9682-23a1feb7bccd\"}\r\n--" BOUNDARY
                                 "\r\nContent-Disposition: form-data; name=\"verifyImage\"; filename=\"a.jpg\"\r\n\r\n";
    static const char after[] = "\r\n--" BOUNDARY "--\r\n";
    char path[512];
    uint8_t *picture = NULL;
    const char *folder = test_data_folder();
    if (!folder) return false;
    snprintf(path, sizeof path, "%s/face-samples/Family1-Dad1.jpg", folder);
    if (vt__file_read(&picture, size, path, 1 << 24, NULL)) return false;
    *out = picture;
    if (!form) return true;
    *out = vt__malloc(*size + sizeof before + sizeof after, 1);
    memcpy(*out, before, sizeof before - 1);
    memcpy(*out + sizeof before - 1, picture, *size);
    memcpy(*out + sizeof before - 1 + *size, after, sizeof after - 1);
    *size += sizeof before + sizeof after - 2;
    vt__free(picture);
    return true;
}

bool world_ask(client_answer *out, const serving *server, const world *w, const vt__wire_operation *o, size_t n, const char *key, const char *new_tag)
{
    char path[300], headers[300];
    const char *body = bodies_of(o)[0] ? bodies_of(o)[n] : NULL, *type = "application/json";
    uint8_t *bytes = NULL;
    size_t size = 0;
    fill_path(path, w, o, new_tag);
    if (body && body[0] == '@') {
        type = body[1] ? "multipart/form-data; boundary=" BOUNDARY : "application/octet-stream";
        if (!picture_body(&bytes, &size, body[1])) return false;
    } else if (body) {
        bytes = (uint8_t *)fill_body(w, body);
        size = strlen((char *)bytes);
    }
    int used = snprintf(headers, sizeof headers, "Ocp-Apim-Subscription-Key: %s\r\n", key);
    if (body) snprintf(headers + used, sizeof headers - (size_t)used, "Content-Type: %s\r\n", type);
    client_request(out, server->port, o->method, path, headers, bytes ? (const void *)bytes : "", size);
    vt__free(bytes);
    return true;
}
