/**
 * The whole library. This program says whether the largest faces of two pictures belong to one person:
 *
 * @code
 * #include <stdio.h>
 * #include <vultus/vultus.h>
 *
 * static unsigned char bytes[64 << 20];
 *
 * static vt_status make_template(vt_template *out, vt_session *session, const char *path, vt_error *err)
 * {
 *     FILE *file = fopen(path, "rb");
 *     size_t size = file ? fread(bytes, 1, sizeof bytes, file) : 0;
 *     if (file) fclose(file);
 *     vt_picture *picture;
 *     vt_status status = vt_picture_open(&picture, bytes, size, NULL, err);
 *     if (status) return status;
 *     vt_faces faces = { 0 };
 *     status = vt_session_detect(&faces, session, picture, NULL, err);
 *     if (!status && !faces.count) snprintf(err->text, sizeof err->text, "no face in %s", path);
 *     if (!status && !faces.count) status = VT_ENOFACE;
 *     if (!status) status = vt_session_template(out, session, picture, &faces.items[0], err);
 *     vt_faces_free(&faces);
 *     vt_picture_close(picture);
 *     return status;
 * }
 *
 * int main(int argc, char **argv)
 * {
 *     static vt_template a, b;
 *     vt_engine *engine = NULL;
 *     vt_session *session = NULL;
 *     vt_error err;
 *     if (argc != 4) return fprintf(stderr, "usage: same PACK PICTURE PICTURE\n"), 2;
 *     vt_status status = vt_engine_open(&engine, argv[1], NULL, &err);
 *     if (!status) status = vt_session_open(&session, engine, &err);
 *     if (!status) status = make_template(&a, session, argv[2], &err);
 *     if (!status) status = make_template(&b, session, argv[3], &err);
 *     if (status) fprintf(stderr, "%s\n", err.text);
 *     else printf("%.3f\n", vt_engine_confidence(engine, vt_cosine(a.values, b.values, a.dimension)));
 *     vt_session_close(session);
 *     vt_engine_close(engine);
 *     return status ? 3 : 0;
 * }
 * @endcode
 *
 * Handles: a vt_engine is immutable and shared by all threads, a vt_session is one thread's. Fallible functions return
 * a vt_status and fill a vt_error (status.h). What comes back through `**out`, or in a struct with a `_free` function,
 * is the caller's to free; what is returned directly is borrowed. An output is written only when a call succeeds,
 * unless its function says otherwise. Pointers must not be NULL unless a function allows it. Options structs begin with
 * struct_size and have an _INIT; NULL options mean defaults, and so does a zero member.
 */
#ifndef VULTUS_H
#define VULTUS_H

#include <vultus/archive.h>
#include <vultus/face.h>
#include <vultus/image.h>
#include <vultus/liveness.h>
#include <vultus/match.h>
#include <vultus/redact.h>
#include <vultus/redact_video.h>
#include <vultus/status.h>
#include <vultus/video.h>

#endif
