/* Prints where the faces of a picture are.   usage: detect PACK PICTURE */
#include <stdio.h>
#include <stdlib.h>

#include <vultus/face.h>

int main(int argc, char **argv)
{
    static unsigned char bytes[32 << 20];
    vt_engine *engine;
    vt_session *session;
    vt_picture *picture;
    vt_faces faces;
    vt_error err;
    FILE *file = argc == 3 ? fopen(argv[2], "rb") : NULL;
    if (!file) return fprintf(stderr, "usage: detect PACK PICTURE\n"), 2;
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    if (vt_engine_open(&engine, argv[1], NULL, &err)) return fprintf(stderr, "%s\n", err.text), 4;
    if (vt_session_open(&session, engine, &err)) return fprintf(stderr, "%s\n", err.text), 4;
    if (vt_picture_open(&picture, bytes, size, NULL, &err)) return fprintf(stderr, "%s\n", err.text), 3;
    if (vt_session_detect(&faces, session, picture, NULL, &err)) return fprintf(stderr, "%s\n", err.text), 3;
    for (size_t i = 0; i < faces.count; i++)
        printf("%.0f %.0f %.0f %.0f\n", (double)faces.items[i].box.left, (double)faces.items[i].box.top,
               (double)faces.items[i].box.width, (double)faces.items[i].box.height);
    vt_faces_free(&faces);
    vt_picture_close(picture);
    vt_session_close(session);
    vt_engine_close(engine);
    return 0;
}
