#include "support/faces.h"

#include <stdio.h>

#include "support/data.h"
#include "support/test.h"

#include "base/file.h"
#include "base/memory.h"

test_engine test_engine_open(void)
{
    const char *folder = test_pack_folder();
    if (!folder) test_skip("no model pack: run `packs/build.py`, or name one in VULTUS_PACK");
    test_engine out;
    vt_error err;
    if (vt_engine_open(&out.engine, folder, NULL, &err)) fail_msg("%s", err.text);
    if (vt_session_open(&out.session, out.engine, &err)) fail_msg("%s", err.text);
    return out;
}

void test_engine_close(test_engine *engine)
{
    vt_session_close(engine->session);
    vt_engine_close(engine->engine);
}

test_engine shared;

int open_shared(void **state)
{
    (void)state;
    shared = test_engine_open();
    return 0;
}

int close_shared(void **state)
{
    (void)state;
    test_engine_close(&shared);
    return 0;
}

test_picture test_picture_open(const char *name)
{
    const char *folder = test_data_folder();
    if (!folder) test_skip("no development pictures: name their folder in VULTUS_TEST_DATA");
    char *path = vt__path_join(folder, name);
    test_picture out;
    vt_error err;
    if (vt__file_read(&out.bytes, &out.size, path, 64 << 20, &err)) fail_msg("%s", err.text);
    if (vt_picture_open(&out.picture, out.bytes, out.size, NULL, &err)) fail_msg("%s: %s", path, err.text);
    vt__free(path);
    return out;
}

void test_picture_close(test_picture *picture)
{
    vt_picture_close(picture->picture);
    vt__free(picture->bytes);
}

void test_template(vt_template *out, const test_engine *engine, const char *name)
{
    test_picture picture = test_picture_open(name);
    vt_faces faces;
    assert_int_equal(vt_session_detect(&faces, engine->session, picture.picture, NULL, NULL), VT_OK);
    assert_true(faces.count > 0);
    assert_int_equal(vt_session_template(out, engine->session, picture.picture, &faces.items[0], NULL), VT_OK);
    vt_faces_free(&faces);
    test_picture_close(&picture);
}
