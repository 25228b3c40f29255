/* An engine and session on the real pack, and faces of real pictures. */
#ifndef VT_TESTS_FACES_H
#define VT_TESTS_FACES_H

#include <vultus/face.h>

typedef struct test_engine {
    vt_engine *engine;
    vt_session *session;
} test_engine;

/* Ends the program as skipped where there is no pack. */
test_engine test_engine_open(void);
void test_engine_close(test_engine *engine);

/* One for all tests of a program: cmocka's group set-up and tear-down. */
extern test_engine shared;
int open_shared(void **state);
int close_shared(void **state);

/* A picture of the development data ("face-samples/Family1-Dad1.jpg"); skips where the data is absent. */
typedef struct test_picture {
    uint8_t *bytes;
    size_t size;
    vt_picture *picture;
} test_picture;
test_picture test_picture_open(const char *name);
void test_picture_close(test_picture *picture);

/* Template of the largest face of a picture of the development data. */
void test_template(vt_template *out, const test_engine *engine, const char *name);

#endif
