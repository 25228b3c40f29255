/* Pictures redacted over the wire: who is hidden, what stays, who may ask for what. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include <vultus/face.h>

#include "base/file.h"
#include "base/memory.h"
#include "service/recognition.h"
#include "service/state.h"
#include "support/client.h"
#include "support/data.h"
#include "support/serving.h"

#define OTHER_KEY "a-key-without-any-use"

static const vt__caller me = { VT__DEFAULT_TENANT, "1", VT__SCOPE_ALL, NULL, NULL };
static const vt__collection_id family = { VT__KIND_PERSON_GROUP, "family" };
static char dad[VT__UUID_TEXT_BYTES], nobody[VT__UUID_TEXT_BYTES];
static uint8_t *group;
static size_t group_bytes;
static vt_session *session;

static void read_picture(uint8_t **out, size_t *size, const char *name)
{
    char path[512];
    if (!test_data_folder()) test_skip("needs the pictures");
    snprintf(path, sizeof path, "%s/face-samples/%s", test_data_folder(), name);
    if (vt__file_read(out, size, path, 1 << 24, NULL)) test_skip("needs the pictures");
}

static int begin(void **state)
{
    char face[VT__UUID_TEXT_BYTES], made[VT__API_KEY_TEXT_BYTES];
    uint8_t *picture;
    size_t size;
    if (!test_pack_folder()) test_skip("needs a model pack");
    read_picture(&picture, &size, "Family1-Dad1.jpg");
    read_picture(&group, &group_bytes, "identification1.jpg");
    if (serving_begin(state)) return -1;
    serving *server = *state;
    if (vt_session_open(&session, server->engine, NULL)) return -1;
    if (vt__service_key_make(made, server->service, "other", "1", VT__SCOPE_ALL, OTHER_KEY, NULL)) return -1;
    if (vt__collection_create(server->service, &me, family, "Family", NULL, "recognition_04", NULL)) return -1;
    if (vt__person_create(dad, server->service, &me, family, "Dad", NULL, NULL)) return -1;
    if (vt__person_create(nobody, server->service, &me, family, "Nobody", NULL, NULL)) return -1;
    vt__code code = vt__face_add(face, server->service, &me, session, (vt__face_place){ family, dad, NULL }, picture, size, NULL, NULL);
    vt__free(picture);
    return code ? -1 : 0;
}

static int end(void **state)
{
    vt_session_close(session);
    vt__free(group);
    return serving_end(state);
}

static client_answer ask(const serving *server, const char *query, const char *key, const void *body, size_t size)
{
    client_answer answer;
    char headers[256], target[512];
    snprintf(headers, sizeof headers, "Ocp-Apim-Subscription-Key: %s\r\nContent-Type: image/jpeg\r\n", key);
    snprintf(target, sizeof target, "/vultus/v1/redactions%s", query);
    client_request(&answer, server->port, "POST", target, headers, body, size);
    return answer;
}

static vt_faces faces_in(const void *bytes, size_t size)
{
    vt_picture *picture;
    vt_faces faces;
    assert_int_equal(vt_picture_open(&picture, bytes, size, NULL, NULL), VT_OK);
    assert_int_equal(vt_session_detect(&faces, session, picture, NULL, NULL), VT_OK);
    vt_picture_close(picture);
    return faces;
}

static int hidden_in(const client_answer *answer)
{
    char text[32];
    client_header(text, sizeof text, answer, "x-vultus-faces-hidden");
    return text[0] ? (int)strtol(text, NULL, 10) : -1;
}

static bool inside(const vt_faces *faces, float margin, int x, int y)
{
    for (size_t i = 0; i < faces->count; i++) {
        const vt_box *b = &faces->items[i].box;
        float mx = margin * b->width, my = margin * b->height, fx = (float)x, fy = (float)y;
        if (fx >= b->left - mx && fx <= b->left + b->width + mx && fy >= b->top - my && fy <= b->top + b->height + my) return true;
    }
    return false;
}

/* Of each pixel far from all faces the very value of the original; a PNG adds no loss of its own. */
static void expect_rest_unchanged(const client_answer *answer, const vt_faces *faces)
{
    vt_picture *before, *after;
    vt_pixels a, b;
    size_t compared = 0;
    assert_int_equal(vt_picture_open(&before, group, group_bytes, NULL, NULL), VT_OK);
    assert_int_equal(vt_picture_open(&after, answer->body, answer->body_bytes, NULL, NULL), VT_OK);
    assert_int_equal(vt_picture_decode(&a, before, 1, NULL), VT_OK);
    assert_int_equal(vt_picture_decode(&b, after, 1, NULL), VT_OK);
    assert_int_equal(a.size.width, b.size.width);
    assert_int_equal(a.size.height, b.size.height);
    for (int y = 0; y < a.size.height; y++)
        for (int x = 0; x < a.size.width; x++) {
            if (inside(faces, 0.5f, x, y)) continue;
            assert_memory_equal(a.data + (size_t)y * a.stride_bytes + 3 * (size_t)x, b.data + (size_t)y * b.stride_bytes + 3 * (size_t)x, 3);
            compared++;
        }
    assert_true(compared > (size_t)a.size.width * (size_t)a.size.height / 4);
    vt_picture_close(before);
    vt_picture_close(after);
}

static void test_all_faces_are_hidden_and_the_rest_stays(void **state)
{
    static const char *const queries[] = { "?format=png", "?format=png&method=pixelate&shape=box", "?format=png&method=block&colour=ff0080&margin=0.3" };
    vt_faces before = faces_in(group, group_bytes);
    assert_true(before.count >= 4);
    for (size_t i = 0; i < ROWS(queries); i++) {
        client_answer answer = ask(*state, queries[i], SERVING_KEY, group, group_bytes);
        char type[64];
        assert_int_equal(answer.status, 200);
        client_header(type, sizeof type, &answer, "Content-Type");
        assert_string_equal(type, "image/png");
        assert_true(hidden_in(&answer) >= (int)before.count);
        vt_faces after = faces_in(answer.body, answer.body_bytes);
        assert_int_equal(after.count, 0);
        expect_rest_unchanged(&answer, &before);
        vt_faces_free(&after);
        client_answer_free(&answer);
    }
    vt_faces_free(&before);
}

static void test_named_people(void **state)
{
    char query[300];
    client_answer all = ask(*state, "", SERVING_KEY, group, group_bytes);
    int faces = hidden_in(&all);
    client_answer_free(&all);
    snprintf(query, sizeof query, "?keep=%s&people=pg/family", dad);
    client_answer keep = ask(*state, query, SERVING_KEY, group, group_bytes);
    assert_int_equal(keep.status, 200);
    assert_int_equal(hidden_in(&keep), faces - 1);
    vt_faces left = faces_in(keep.body, keep.body_bytes);
    assert_int_equal(left.count, 1);
    snprintf(query, sizeof query, "?only=%s&people=pg/family", dad);
    client_answer only = ask(*state, query, SERVING_KEY, group, group_bytes);
    assert_int_equal(hidden_in(&only), 1);
    vt_faces others = faces_in(only.body, only.body_bytes);
    assert_true(others.count >= 3);
    for (size_t i = 0; i < others.count; i++) assert_false(inside(&left, 0, (int)(others.items[i].box.left + others.items[i].box.width / 2), (int)(others.items[i].box.top + others.items[i].box.height / 2)));
    vt_faces_free(&left);
    vt_faces_free(&others);
    client_answer_free(&keep);
    client_answer_free(&only);
}

/* Hiding everybody needs no registered use; telling people apart does, and ends with it. */
static void test_policy(void **state)
{
    char query[300];
    serving *server = *state;
    client_answer plain = ask(server, "", OTHER_KEY, group, group_bytes);
    assert_int_equal(plain.status, 200);
    client_answer_free(&plain);
    server->service->evaluation_until_ms = 0;
    snprintf(query, sizeof query, "?keep=%s&people=pg/family", dad);
    client_answer keep = ask(server, query, SERVING_KEY, group, group_bytes);
    assert_int_equal(keep.status, 403);
    assert_non_null(strstr(keep.body, "UnsupportedFeature"));
    client_answer_free(&keep);
    plain = ask(server, "", SERVING_KEY, group, group_bytes);
    assert_int_equal(plain.status, 200);
    client_answer_free(&plain);
}

static void test_what_is_wrong_is_said(void **state)
{
    static const struct {
        const char *query, *said;
        int status;
    } rows[] = {
        { "?method=erase", "'method' is invalid; give blur or pixelate or block.", 400 },
        { "?shape=star", "'shape' is invalid", 400 },
        { "?margin=2", "'margin' is invalid; give 0 to 1.", 400 },
        { "?cells=1", "cells", 400 },
        { "?colour=red", "six hexadecimal digits", 400 },
        { "?format=gif", "'format' is invalid", 400 },
        { "?minFace=nan", "'minFace' is invalid", 400 },
        { "?keep=x&people=pg/family", "'keep' is invalid; give person ids", 400 },
        { "?keep=00000000-0000-4000-8000-000000000000", "'people' is invalid; give pg/ID", 400 },
        { "?keep=00000000-0000-4000-8000-000000000000&people=pg/family", "is not found", 404 },
        { "?keep=00000000-0000-4000-8000-000000000000&people=pg/others", "PersonGroupNotFound", 404 },
        { "?keep=$NOBODY&people=pg/family", "No persisted face of the person", 404 },
        { "?keep=$NOBODY&only=$NOBODY&people=pg/family", "either 'keep' or 'only'", 400 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char query[512] = "";
        for (const char *at = rows[i].query; *at;) {
            size_t used = strlen(query);
            bool gap = !strncmp(at, "$NOBODY", 7);
            snprintf(query + used, sizeof query - used, "%.*s", gap ? 36 : 1, gap ? nobody : at);
            at += gap ? 7 : 1;
        }
        client_answer answer = ask(*state, query, SERVING_KEY, group, group_bytes);
        if (answer.status != rows[i].status || !strstr(answer.body, rows[i].said)) fail_msg("%s: %d %s", query, answer.status, answer.body);
        client_answer_free(&answer);
    }
    uint8_t *noise = vt__calloc(1, 5000);
    client_answer answer = ask(*state, "", SERVING_KEY, noise, 5000);
    assert_int_equal(answer.status, 400);
    assert_non_null(strstr(answer.body, "InvalidImage"));
    client_answer_free(&answer);
    vt__free(noise);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_faces_are_hidden_and_the_rest_stays),
        cmocka_unit_test(test_named_people),
        cmocka_unit_test(test_what_is_wrong_is_said),
        cmocka_unit_test(test_policy),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
