/* Prints, for train.py, every face of the pictures named on standard input, as float32: line number, box (left, top,
 * width, height), count of features, 68 landmarks (x, y), features. VULTUS_PACK names the pack's folder. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "face/probes.h"

enum { max_path = 4096, max_picture_bytes = 64 << 20 };

static vt_status write_face(vt_session *session, vt_picture *picture, const vt_face *face, float line, vt_error *err)
{
    static float features[VT__PROBE_MAX_FEATURES];
    size_t count;
    vt_status status = vt__probe_features(features, &count, session, picture, face, err);
    if (status) return status;
    const float head[6] = { line, face->box.left, face->box.top, face->box.width, face->box.height, (float)count };
    fwrite(head, sizeof head, 1, stdout);
    fwrite(face->points68, sizeof face->points68, 1, stdout);
    fwrite(features, sizeof *features, count, stdout);
    return VT_OK;
}

static vt_status write_picture(vt_session *session, const char *path, float line, vt_error *err)
{
    uint8_t *bytes;
    size_t size;
    vt_picture *picture = NULL;
    vt_faces faces = { 0 };
    vt_detect_options options = VT_DETECT_OPTIONS_INIT;
    options.want = VT_WANT_LANDMARKS;
    vt_status status = vt__file_read(&bytes, &size, path, max_picture_bytes, err);
    if (status) return status;
    status = vt_picture_open(&picture, bytes, size, NULL, err);
    if (!status) status = vt_session_detect(&faces, session, picture, &options, err);
    for (size_t i = 0; i < faces.count && !status; i++) status = write_face(session, picture, &faces.items[i], line, err);
    vt_faces_free(&faces);
    vt_picture_close(picture);
    vt__free(bytes);
    return status;
}

int main(void)
{
    vt_engine *engine = NULL;
    vt_session *session = NULL;
    vt_error err;
    const char *pack = getenv("VULTUS_PACK");
    char path[max_path];
    vt_status status = vt_engine_open(&engine, pack ? pack : "", NULL, &err);
    if (!status) status = vt_session_open(&session, engine, &err);
    if (status) fprintf(stderr, "%s\n", err.text);
    for (float line = 0; !status && fgets(path, sizeof path, stdin); line++) {
        path[strcspn(path, "\n")] = 0;
        if (write_picture(session, path, line, &err)) fprintf(stderr, "%s: %s\n", path, err.text);
    }
    vt_session_close(session);
    vt_engine_close(engine);
    return status ? 1 : 0;
}
