/* The contract, row by row, in the order of a client's day: status, and a piece of the answer that must be there.
 * @P stands for the last personId answered, @O for the path of the last operation-location. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/client.h"
#include "support/serving.h"

#define NONE "00000000-0000-4000-8000-000000000000"

typedef struct row {
    const char *method, *target, *body; /* body NULL: none */
    int status;
    const char *piece; /* "" = an empty body */
} row;

/* Rows of a kind of collection: {C} is its path, {K} its words in codes, {T} in messages. */
static const row collection_rows[] = {
    { "PUT", "/face/v1.2/{C}/UPPER", "{\"name\":\"n\"}", 400, "\"BadArgument\",\"message\":\"{T} ID is invalid.\"" },
    { "PUT", "/face/v1.2/{C}/g", "{\"name\":\"\"}", 400, "'name' is empty." },
    { "PUT", "/face/v1.2/{C}/g", "{}", 400, "'name' is empty." },
    { "PUT", "/face/v1.2/{C}/g", "{\"name\":\"n\",\"recognitionModel\":\"x\"}", 400, "'recognitionModel' is invalid." },
    { "PUT", "/face/v1.2/{C}/g", "{", 400, "JSON parsing error." },
    { "PUT", "/face/v1.2/{C}/g", "[]", 400, "Request body is invalid." },
    { "PUT", "//FACE/V1.2//{C}/g", "{\"name\":\"n\",\"unknown\":1,\"recognitionModel\":\"recognition_04\"}", 200, "" },
    { "PUT", "/face/v1.2/{C}/g", "{\"name\":\"n\"}", 409, "{K}Exists\",\"message\":\"{T} already exists.\"" },
    { "GET", "/face/v1.2/{C}/g?returnRecognitionModel=TRUE", NULL, 200, "\"name\":\"n\",\"recognitionModel\":\"recognition_04\"" },
    { "PATCH", "/face/v1.2/{C}/g", "{\"userData\":\"u\"}", 200, "" },
    { "PATCH", "/face/v1.2/{C}/g", "{}", 400, "Both 'name' and 'userData' are empty." },
    { "GET", "/face/v1.0/{C}/g", NULL, 200, "\"name\":\"n\",\"userData\":\"u\"" },
    { "GET", "/face/v1.2/{C}/h", NULL, 404, "{K}NotFound\",\"message\":\"{T} is not found.\"" },
    { "GET", "/face/v1.2/{C}/UPPER", NULL, 404, "{K}NotFound" },
    { "GET", "/face/v1.2/{C}", NULL, 200, "\"name\":\"n\"" },
    { "POST", "/face/v1.2/{C}", NULL, 405, "it knows GET" },
    { "DELETE", "/face/v1.2/{C}/g", NULL, 200, "" },
    { "DELETE", "/face/v1.2/{C}/g", NULL, 404, "{K}NotFound" },
};

static const row other_rows[] = {
    { "PUT", "/face/v1.2/persongroups/g", "{\"name\":\"n\"}", 200, "" },
    { "GET", "/face/v1.2/persongroups/g/training", NULL, 404, "\"PersonGroupNotTrained\",\"message\":\"Person group not trained.\"" },
    { "POST", "/face/v1.2/persongroups/g/persons", "{\"name\":\"Ann\",\"userData\":\"u\"}", 200, "\"personId\":" },
    { "GET", "/face/v1.2/persongroups/g/persons/@P", NULL, 200, "\"name\":\"Ann\",\"userData\":\"u\",\"persistedFaceIds\":[]" },
    { "PATCH", "/face/v1.2/persongroups/g/persons/@P", "{\"name\":\"Bea\"}", 200, "" },
    { "GET", "/face/v1.2/persongroups/g/persons?start=&top=1", NULL, 200, "\"name\":\"Bea\"" },
    { "GET", "/face/v1.2/persongroups/g/persons?start=@P", NULL, 200, "[]" },
    { "GET", "/face/v1.2/persongroups/g/persons?top=0", NULL, 400, "'top' is invalid." },
    { "GET", "/face/v1.2/persongroups/g/persons/" NONE, NULL, 404, "Person " NONE " is not found." },
    { "GET", "/face/v1.2/persongroups/g/persons/@P/persistedfaces/" NONE, NULL, 404, "Persisted face " NONE " is not found." },
    { "POST", "/face/v1.2/persongroups/g/persons/@P/persistedfaces", "{\"url\":\"http://127.0.0.1/\"}", 400, "\"InvalidURL\",\"message\":\"Invalid image URL." },
    { "POST", "/face/v1.2/persongroups/g/persons/@P/persistedfaces", "{\"url\":\"file:///etc/passwd\"}", 400, "InvalidURL" },
    { "POST", "/face/v1.2/persongroups/g/persons/@P/persistedfaces?targetFace=1,2,3", "{\"url\":\"x\"}", 400, "Invalid argument targetFace." },
    { "DELETE", "/face/v1.2/persongroups/g/persons/@P", NULL, 200, "" },
    { "POST", "/face/v1.2/persongroups/g/train", NULL, 202, "" },
    { "GET", "@O", NULL, 200, "\"status\":" },
    { "GET", "/docs/rest", NULL, 200, "# The wire" },
    { "GET", "/docs/nothing", NULL, 404, "ResourceNotFound" },
    { "GET", "/", NULL, 200, "<a href=\"/docs/accuracy\">accuracy</a> · " },
    { "GET", "/face/v1.2/persons", NULL, 404, "it is in v1.0-preview, v1.1-preview.1, v1.2-preview.1" },
    { "POST", "/face/v1.1-preview.1/persons", "{\"name\":\"Cec\"}", 202, "\"personId\":" },
    { "GET", "@O", NULL, 200, "\"status\":\"succeeded\"" },
    { "GET", "/face/v1.1-preview.1/persons/@P", NULL, 200, "\"name\":\"Cec\"" },
    { "PUT", "/face/v1.1-preview.1/dynamicpersongroups/d", "{\"name\":\"n\",\"addPersonIds\":[\"@P\"]}", 202, "" },
    { "GET", "/face/v1.1-preview.1/dynamicpersongroups/d/persons", NULL, 200, "{\"personIds\":[\"" },
    { "GET", "/face/v1.1-preview.1/persons/@P/dynamicPersonGroupReferences", NULL, 200, "{\"dynamicPersonGroupIds\":[\"d\"]}" },
    { "PATCH", "/face/v1.1-preview.1/dynamicpersongroups/d", "{\"name\":\"m\"}", 200, "" },
    { "PUT", "/face/v1.1-preview.1/dynamicpersongroups/d", "{\"name\":\"n\"}", 409, "Dynamic person group ID d already exists." },
    { "DELETE", "/face/v1.1-preview.1/dynamicpersongroups/d", NULL, 202, "" },
    { "POST", "/face/v1.2-preview.1/persons/@P/recognitionModels/recognition_01/persistedfaces", "{\"url\":\"x\"}", 400, "not allowed in the person directory" },
    { "DELETE", "/face/v1.1-preview.1/persons/@P", NULL, 202, "" },
    { "POST", "/face/v1.2/verify", "{\"faceId1\":\"" NONE "\",\"faceId2\":\"" NONE "\"}", 404, "\"FaceNotFound\",\"message\":\"Face is not found.\"" },
    { "POST", "/face/v1.2/verify", "{\"faceId1\":\"x\",\"faceId2\":\"y\"}", 400, "Face ID is invalid." },
    { "POST", "/face/v1.2/identify", "{\"faceIds\":[],\"personGroupId\":\"g\"}", 400, "The length of faceIds is not in a valid range." },
    { "POST", "/face/v1.2/identify", "{\"faceIds\":[\"" NONE "\"]}", 400, "MissingIdentificationScopeParameters" },
    { "POST", "/face/v1.0/identify", "{\"faceIds\":[\"" NONE "\"]}", 400, "PersonGroupIdAndLargePersonGroupIdBothNull" },
    { "POST", "/face/v1.0/identify", "{\"faceIds\":[\"" NONE "\"],\"personGroupId\":\"g\",\"largePersonGroupId\":\"g\"}", 400, "PersonGroupIdAndLargePersonGroupIdBothNotNull" },
    { "POST", "/face/v1.2/identify", "{\"faceIds\":[\"" NONE "\"],\"personGroupId\":\"no\"}", 400, "NotFound" },
    { "POST", "/face/v1.2/identify", "{\"faceIds\":[\"" NONE "\"],\"personGroupId\":\"g\",\"maxNumOfCandidatesReturned\":101}", 400, "The argument maxNumOfCandidatesReturned is not valid." },
    { "POST", "/face/v1.2/findsimilars", "{\"faceId\":\"" NONE "\"}", 400, "LargeFaceListId, faceListId and faceIds are all null." },
    { "POST", "/face/v1.2/findsimilars", "{\"faceId\":\"" NONE "\",\"faceListId\":\"a\",\"largeFaceListId\":\"b\"}", 400, "2 or more of" },
    { "POST", "/face/v1.2/findsimilars", "{\"faceId\":\"" NONE "\",\"faceListId\":\"a\",\"mode\":\"x\"}", 400, "Mode is invalid." },
    { "POST", "/face/v1.2/group", "{\"faceIds\":[\"" NONE "\"]}", 400, "The length of faceIds is not in a valid range." },
    { "POST", "/face/v1.2/detect?returnFaceAttributes=age", "{\"url\":\"http://x/\"}", 403, "UnsupportedFeature" },
    { "POST", "/face/v1.2/detect?returnFaceAttributes=noise&detectionModel=detection_03", "{\"url\":\"http://x/\"}", 400, "Invalid argument returnFaceAttributes." },
    { "POST", "/face/v1.2/detect?returnFaceAttributes=blur&detectionModel=detection_02", "{\"url\":\"http://x/\"}", 400, "'returnFaceAttributes' is not supported by detection_02." },
    { "POST", "/face/v1.2/detect?returnFaceLandmarks=true&detectionModel=detection_02", "{\"url\":\"http://x/\"}", 400, "'returnLandmarks' is not supported by detection_02." },
    { "POST", "/face/v1.2/detect?faceIdTimeToLive=59", "{\"url\":\"http://x/\"}", 400, "BadArgument" },
    { "POST", "/face/v1.2/detect", "{\"sessionImageId\":\"x\"}", 404, "Session image is not found;" },
    { "GET", "/face/v1.0/snapshots", NULL, 501, "snapshots were retired" },
    { "GET", "/face/v1.2/nothing", NULL, 404, "ResourceNotFound" },
    { "POST", "/vultus/v1/keys/3", NULL, 400, "There are keys 1 and 2." },
    { "POST", "/vultus/v1/keys/2", NULL, 200, "{\"key\":\"" },
    { "POST", "/vultus/v1/tokens", "{\"scopes\":\"detect,manage\"}", 200, "{\"token\":\"vt2.5." },
    { "POST", "/vultus/v1/tokens", "{\"scopes\":\"all\"}", 400, "Give scopes that you have" },
    { "GET", "/face/v9/persongroups", NULL, 404, "API version in the path is not known" },
};

static char person[40], operation[200];

static void put_in(char *text, size_t size, const char *gap, const char *value)
{
    char *at;
    while ((at = strstr(text, gap))) {
        char rest[2000];
        snprintf(rest, sizeof rest, "%s", at + strlen(gap));
        snprintf(at, size - (size_t)(at - text), "%s%s", value, rest);
    }
}

static void remember(const client_answer *a)
{
    char header[300];
    const char *at = strstr(a->body, "\"personId\":\"");
    if (at) snprintf(person, sizeof person, "%.36s", at + 12);
    client_header(header, sizeof header, a, "operation-location");
    if (header[0]) snprintf(operation, sizeof operation, "%s", strstr(header, "/face/"));
}

static void check(serving *s, const row *r, const char *const kind[3])
{
    char target[600], body[600], piece[600];
    snprintf(target, sizeof target, "%s", r->target);
    snprintf(body, sizeof body, "%s", r->body ? r->body : "");
    snprintf(piece, sizeof piece, "%s", r->piece);
    static const char *const gaps[] = { "{C}", "{K}", "{T}" };
    for (int i = 0; kind && i < 3; i++) {
        put_in(target, sizeof target, gaps[i], kind[i]);
        put_in(piece, sizeof piece, gaps[i], kind[i]);
    }
    put_in(target, sizeof target, "@P", person);
    put_in(target, sizeof target, "@O", operation);
    put_in(body, sizeof body, "@P", person);
    client_answer a;
    client_request(&a, s->port, r->method, target,
                   r->body ? "ocp-apim-subscription-key: " SERVING_KEY "\r\nContent-Type: application/json\r\n"
                           : "ocp-apim-subscription-key: " SERVING_KEY "\r\n",
                   body, strlen(body));
    bool good = a.status == r->status && (piece[0] ? strstr(a.body, piece) != NULL : a.body_bytes == 0);
    if (!good) fail_msg("%s %s %s\n-> %d %s\nexpected %d %s", r->method, target, body, a.status, a.body, r->status, piece);
    char id[40];
    client_header(id, sizeof id, &a, "apim-request-id");
    assert_int_equal(strlen(id), 36);
    remember(&a);
    client_answer_free(&a);
}

static void collections(void **state)
{
    static const char *const kinds[][3] = {
        { "facelists", "\"FaceList", "Face list" },
        { "largefacelists", "\"LargeFaceList", "Large face list" },
        { "persongroups", "\"PersonGroup", "Person group" },
        { "largePersonGroups", "\"LargePersonGroup", "Large person group" },
    };
    for (size_t k = 0; k < ROWS(kinds); k++)
        for (size_t i = 0; i < ROWS(collection_rows); i++) check(*state, &collection_rows[i], kinds[k]);
}

/* Comparing faces needs a pack's calibration; without a pack those rows are left out. */
static bool needs_pack(const row *r)
{
    return strstr(r->target, "/verify") || strstr(r->target, "/identify") || strstr(r->target, "/findsimilars") || strstr(r->target, "/group");
}

static void the_rest(void **state)
{
    const serving *s = *state;
    for (size_t i = 0; i < ROWS(other_rows); i++)
        if (s->engine || !needs_pack(&other_rows[i])) check(*state, &other_rows[i], NULL);
}

static void credentials(void **state)
{
    serving *s = *state;
    static const char *const wrong[] = { "", "Ocp-Apim-Subscription-Key: x\r\n", "Authorization: Bearer vt2.31.9999999999.1.MQ.ZGVmYXVsdA.x\r\n" };
    client_answer a;
    for (size_t i = 0; i < ROWS(wrong); i++) {
        client_request(&a, s->port, "GET", "/face/v1.2/persongroups", wrong[i], NULL, 0);
        assert_int_equal(a.status, 401);
        assert_non_null(strstr(a.body, "\"code\":\"401\""));
        client_answer_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collections),
        cmocka_unit_test(the_rest),
        cmocka_unit_test(credentials),
    };
    return cmocka_run_group_tests(tests, serving_begin, serving_end);
}
