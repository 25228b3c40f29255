/* Mutated requests against the whole wire: no crash, no hang, no 5xx but 501 and 503. A few hundred by default,
 * 20,000 with VULTUS_TEST_LONG. The seed is printed, VULTUS_TEST_SEED sets it. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rest/operation.h"
#include "support/client.h"
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
    char target[1024], body[6000];
    size_t body_bytes;
    make_target(target, sizeof target, operation);
    if (draw(4) == 0) {
        body_bytes = draw(sizeof body);
        for (size_t i = 0; i < body_bytes; i++) body[i] = (char)draw(256);
        if (draw(2)) memcpy(body, "\xff\xd8\xff\xe0", body_bytes < 4 ? body_bytes : 4);
    } else {
        body_bytes = (size_t)snprintf(body, sizeof body, "%s", PICK(values));
    }
    const char *method = draw(6) ? operation->method : PICK(methods);
    int head = snprintf(out, size, "%s %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%s%s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
                        method, target, draw(10) ? "Ocp-Apim-Subscription-Key: " : "X: ", SERVING_KEY, PICK(types), body_bytes);
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
    static char request[16384];
    const char *seed = getenv("VULTUS_TEST_SEED");
    int rounds = getenv("VULTUS_TEST_LONG") ? 20000 : 300, answered = 0;
    uint64_t begun = seed ? strtoull(seed, NULL, 10) : 20261123;
    state_of_random = begun;
    size_t operations = count_operations();
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
        /* 505 is libmicrohttpd's own answer to a request line with another HTTP version */
        if (a.status >= 500 && a.status != 501 && a.status != 503 && a.status != 505)
            fail_msg("seed %llu, request %d: %d %s\n%.*s", (unsigned long long)begun, i, a.status, a.body, (int)size, request);
        client_answer_free(&a);
    }
    printf("%d requests, %d answered, seed %llu\n", rounds, answered, (unsigned long long)begun);
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
