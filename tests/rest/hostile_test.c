/* Mutated requests against the whole wire: method, path, query, headers, JSON, multipart and pictures of every format,
 * among them real ones with a face. No crash, no hang, no 5xx but 501 and 503. A few hundred by default, 20,000 with
 * VULTUS_TEST_LONG. The seed is printed, VULTUS_TEST_SEED sets it. */
#include "support/test.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "rest/operation.h"
#include "support/client.h"
#include "support/data.h"
#include "support/serving.h"

static uint64_t state_of_random;

static uint32_t draw(uint32_t below)
{
    state_of_random = state_of_random * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(state_of_random >> 33) % below;
}

static const char *const ids[] = { "g", "a-b_c", "00000000-0000-4000-8000-000000000000", "UPPER", "..", "%00", "%zz", "*", "" };
static const char *const values[] = {
    "{}", "{\"name\":\"n\"}", "{\"name\":\"\"}", "{\"name\":null,\"userData\":7}", "[", "\"x\"", "{\"url\":\"http://127.0.0.1/\"}",
    "{\"url\":\"file:///etc/passwd\"}", "{\"url\":5}", "{\"faceIds\":[\"00000000-0000-4000-8000-000000000000\"]}",
    "{\"faceIds\":[1,2]}", "{\"faceId\":\"00000000-0000-4000-8000-000000000000\",\"faceListId\":\"g\"}",
    "{\"faceId\":\"00000000-0000-4000-8000-000000000000\",\"personId\":\"00000000-0000-4000-8000-000000000000\",\"personGroupId\":\"g\"}",
    "{\"faceId1\":\"00000000-0000-4000-8000-000000000000\",\"faceId2\":\"00000000-0000-4000-8000-000000000001\"}",
    "{\"faceIds\":[\"00000000-0000-4000-8000-000000000000\"],\"personGroupId\":\"g\",\"maxNumOfCandidatesReturned\":1e99}",
    "{\"faceIds\":[\"00000000-0000-4000-8000-000000000000\"],\"personIds\":[\"*\"]}", "{\"addPersonIds\":[\"x\"]}",
    "{\"name\":\"\\ud800\"}", "{\"name\":\"a\",\"recognitionModel\":\"recognition_99\"}", "{\"a\":{\"a\":{\"a\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}}}",
};
static const char *const queries[] = { "", "?top=5&start=a", "?top=-1", "?top=99999999999999999999", "?start=%ff%fe", "?returnFaceAttributes=headPose,,x",
                                       "?detectionModel=detection_02&returnFaceLandmarks=true", "?targetFace=1,2,3,4", "?targetFace=,,,",
                                       "?faceIdTimeToLive=1", "?returnFaceId=maybe", "?userData=%00", "?&&=&a" };
static const char *const types[] = { "application/json", "application/octet-stream", "multipart/form-data; boundary=X", "text/plain", "", ";;;" };
static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW" };

#define PICK(table) table[draw(ROWS(table))]

/* The operation's path with ids of all kinds for its {names}. */
static void make_target(char *out, size_t size, const vt__wire_operation *operation)
{
    size_t used = 0;
    for (const char *at = operation->pattern; *at && used + 64 < size;) {
        if (*at != '{') {
            out[used++] = *at++;
            continue;
        }
        bool version = strncmp(at, "{apiVersion}", 12) == 0;
        used += (size_t)snprintf(out + used, size - used, "%s",
                                 version ? draw(8) ? vt__api_version_name((vt__api_version)draw(VT__VERSIONS)) : "v9" : PICK(ids));
        at += strcspn(at, "}") + 1;
    }
    snprintf(out + used, size - used, "%s", PICK(queries));
}

/* ---- pictures ---- */

enum { PICTURES_MAX = 200, BODY_MAX = 60000 };
static const char *const with_faces[] = { "Family1-Dad1.jpg", "Family1-Daughter3.jpg" };

static struct {
    uint8_t *bytes;
    size_t size_bytes;
} pictures[PICTURES_MAX];
static size_t picture_count, face_count; /* those with faces come last */

static void add_picture(const char *path)
{
    if (picture_count < PICTURES_MAX &&
        vt__file_read(&pictures[picture_count].bytes, &pictures[picture_count].size_bytes, path, BODY_MAX, NULL) == VT_OK)
        picture_count++;
}

static void read_pictures(void)
{
    glob_t found;
    char path[600];
    assert_int_equal(glob("fuzz/corpus/image_*/*", 0, NULL, &found), 0); /* tests run in the repository's folder */
    for (size_t k = 0; k < found.gl_pathc; k++) add_picture(found.gl_pathv[k]);
    globfree(&found);
    size_t before = picture_count;
    assert_true(before > 50);
    for (size_t i = 0; i < ROWS(with_faces) && test_data_folder(); i++) {
        snprintf(path, sizeof path, "%s/face-samples/%s", test_data_folder(), with_faces[i]);
        add_picture(path);
    }
    face_count = picture_count - before;
}

static void free_pictures(void)
{
    for (size_t i = 0; i < picture_count; i++) vt__free(pictures[i].bytes);
    picture_count = 0;
}

/* Decoding and detection cost most: one picture in eight has a face. */
static size_t put_picture(char *out)
{
    size_t without = picture_count - face_count;
    size_t at = face_count && draw(8) == 0 ? without + draw((uint32_t)face_count) : draw((uint32_t)without);
    size_t size = pictures[at].size_bytes;
    memcpy(out, pictures[at].bytes, size);
    for (uint32_t i = draw(6); i > 0 && size; i--) out[draw((uint32_t)size)] = (char)draw(256);
    if (draw(8) == 0) size = draw((uint32_t)size + 1);
    if (size < 1100 && draw(2)) { /* past the least size that is looked at */
        memset(out + size, 0, 1100 - size);
        size = 1100;
    }
    return size;
}

/* ---- bodies ---- */

static size_t put_text(char *out, const char *text)
{
    size_t size = strlen(text);
    memcpy(out, text, size);
    return size;
}

static size_t put_noise(char *out)
{
    size_t size = draw(6000);
    for (size_t i = 0; i < size; i++) out[i] = (char)draw(256);
    if (draw(2)) memcpy(out, "\xff\xd8\xff\xe0", size < 4 ? size : 4);
    return size;
}

static size_t put_json(char *out)
{
    size_t size = put_text(out, PICK(values));
    for (uint32_t i = draw(4) ? 0 : draw(5); i > 0; i--) out[draw((uint32_t)size)] = (char)draw(256);
    return size;
}

static const char *const part_heads[] = {
    "--X\r\nContent-Disposition: form-data; name=\"Parameters\"\r\nContent-Type: application/json\r\n\r\n{\"livenessOperationMode\":\"Passive\"}\r\n",
    "--X\r\nContent-Disposition: form-data; name=\"VerifyImage\"; filename=\"a\"\r\n\r\n", "--X\r\nContent-Disposition: form-data\r\n\r\n",
    "--X\r\nContent-Disposition: form-data; name=\"content\"; filename=\"x.mp4\"\r\n\r\n", "--X\r\n\r\n", "--X--\r\n--X\r\n", "--X\r\nA",
};

static size_t put_multipart(char *out)
{
    size_t used = 0;
    for (uint32_t parts = 1 + draw(3); parts > 0; parts--) {
        used += put_text(out + used, PICK(part_heads));
        if (draw(2) && used + 2 < 6000) used += draw(2) ? put_picture(out + used) : put_json(out + used);
        if (used > 30000) break;
        used += put_text(out + used, "\r\n");
    }
    if (draw(5)) used += put_text(out + used, "--X--\r\n");
    for (uint32_t i = draw(3) ? 0 : draw(6); i > 0; i--) out[draw((uint32_t)used)] = (char)draw(256);
    return used;
}

/* A body and, three times in four, the type that belongs to it. */
static size_t put_body(char *out, const char **type)
{
    static const struct {
        size_t (*put)(char *out);
        const char *type;
    } kinds[] = { { put_noise, "application/octet-stream" }, { put_json, "application/json" }, { put_json, "application/json" },
                  { put_picture, "application/octet-stream" }, { put_picture, "image/jpeg" }, { put_multipart, "multipart/form-data; boundary=X" } };
    size_t at = draw(ROWS(kinds));
    *type = draw(4) ? kinds[at].type : PICK(types);
    return kinds[at].put(out);
}

/* ---- requests ---- */

static size_t count_operations(void)
{
    size_t count = 0;
    while (vt__wire_operation_at(count)) count++;
    return count;
}

/* A whole request as bytes; sometimes a few of them are changed or the end is cut off. */
static size_t make_request(char *out, size_t size, size_t operations)
{
    const vt__wire_operation *operation = vt__wire_operation_at(draw((uint32_t)operations));
    for (int i = 0; i < 3 && !(operation->takes & (VT__TAKES_IMAGE | VT__TAKES_MULTIPART)); i++) /* they are few */
        operation = vt__wire_operation_at(draw((uint32_t)operations));
    char target[1024];
    static char body[2 * BODY_MAX];
    const char *type;
    make_target(target, sizeof target, operation);
    size_t body_bytes = put_body(body, &type);
    const char *method = draw(6) ? operation->method : PICK(methods);
    int head = snprintf(out, size, "%s %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%s%s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
                        method, target, draw(10) ? "Ocp-Apim-Subscription-Key: " : "X: ", SERVING_KEY, type, body_bytes);
    size_t used = (size_t)head;
    memcpy(out + used, body, body_bytes);
    used += body_bytes;
    if (draw(12) == 0)
        for (uint32_t i = draw(8); i > 0; i--) out[draw((uint32_t)used)] = (char)draw(256);
    return draw(100) ? used : draw((uint32_t)used);
}

static void mutated_requests(void **state)
{
    serving *s = *state;
    static char request[2 * BODY_MAX + 8192];
    const char *seed = getenv("VULTUS_TEST_SEED");
    int rounds = getenv("VULTUS_TEST_LONG") ? 20000 : 300, answered = 0, good = 0;
    uint64_t begun = seed ? strtoull(seed, NULL, 10) : 20261123;
    state_of_random = begun;
    size_t operations = count_operations();
    read_pictures();
    for (int i = 0; i < rounds; i++) {
        size_t size = make_request(request, sizeof request, operations);
        client_answer a;
        int socket = client_connect(s->port);
        assert_true(socket >= 0);
        client_send(socket, request, size);
        shutdown(socket, 1); /* a cut request ends here and is no hang */
        client_read(&a, socket);
        close(socket);
        answered += a.status != 0;
        good += a.status / 100 == 2;
        /* 505 is libmicrohttpd's own answer to a request line with another HTTP version */
        if (a.status >= 500 && a.status != 501 && a.status != 503 && a.status != 505)
            fail_msg("seed %llu, request %d: %d %s\n%.*s", (unsigned long long)begun, i, a.status, a.body, (int)size, request);
        client_answer_free(&a);
    }
    free_pictures();
    printf("%d requests, %d answered, %d of them with 2xx, seed %llu\n", rounds, answered, good, (unsigned long long)begun);
    assert_true(answered > rounds / 2);
    client_answer a;
    client_request(&a, s->port, "GET", "/healthz", "", NULL, 0);
    assert_int_equal(a.status, 200);
    client_answer_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(mutated_requests, serving_begin, serving_end) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
