/* Says whether two pictures show one person.   usage: verify PACK PICTURE PICTURE */
#include <stdio.h>
#include <stdlib.h>

#include <vultus/face.h>
#include <vultus/match.h>

/* Template of the largest face of a file. */
static vt_status template_of(vt_template *out, vt_session *session, const char *path, vt_error *err)
{
    static unsigned char bytes[32 << 20];
    FILE *file = fopen(path, "rb");
    size_t size = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    vt_picture *picture = NULL;
    vt_faces faces = { 0 };
    vt_status status = vt_picture_open(&picture, bytes, size, NULL, err);
    if (file) fclose(file);
    if (!status) status = vt_session_detect(&faces, session, picture, NULL, err);
    if (!status && !faces.count) status = VT_ENOFACE;
    if (status == VT_ENOFACE) fprintf(stderr, "%s: no face\n", path);
    if (!status) status = vt_session_template(out, session, picture, &faces.items[0], err);
    vt_faces_free(&faces);
    vt_picture_close(picture);
    return status;
}

int main(int argc, char **argv)
{
    static vt_template a, b;
    vt_engine *engine;
    vt_session *session;
    vt_error err = { VT_OK, "" };
    if (argc != 4) return fprintf(stderr, "usage: verify PACK PICTURE PICTURE\n"), 2;
    if (vt_engine_open(&engine, argv[1], NULL, &err) || vt_session_open(&session, engine, &err)) return fprintf(stderr, "%s\n", err.text), 4;
    if (template_of(&a, session, argv[2], &err) || template_of(&b, session, argv[3], &err)) return fprintf(stderr, "%s\n", err.text), 3;
    float confidence = vt_engine_confidence(engine, vt_cosine(a.values, b.values, a.dimension));
    printf("%s, confidence %.3f\n", confidence >= VT_IDENTICAL_CONFIDENCE ? "same person" : "different persons", (double)confidence);
    vt_session_close(session);
    vt_engine_close(engine);
    return confidence >= VT_IDENTICAL_CONFIDENCE ? 0 : 1;
}
