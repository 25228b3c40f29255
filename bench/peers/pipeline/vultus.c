/* Vultus as one side of the comparison: reads paths, answers "faces milliseconds". Built by run.py.   usage: vultus PACK */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <vultus/face.h>

enum { most_bytes = 64 << 20 };

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Every face of the picture and its template. */
static vt_status process(size_t *count, vt_session *session, const unsigned char *bytes, size_t size, vt_error *err)
{
    static vt_template made;
    vt_picture *picture;
    vt_faces faces = { 0 };
    vt_status status = vt_picture_open(&picture, bytes, size, NULL, err);
    if (status) return status;
    status = vt_session_detect(&faces, session, picture, NULL, err);
    for (size_t i = 0; !status && i < faces.count; i++)
        status = vt_session_template(&made, session, picture, &faces.items[i], err);
    *count = faces.count;
    vt_faces_free(&faces);
    vt_picture_close(picture);
    return status;
}

static vt_status answer(vt_session *session, const char *path, unsigned char *bytes, vt_error *err)
{
    size_t faces = 0;
    FILE *file = fopen(path, "rb");
    if (!file) return perror(path), VT_ENOTFOUND;
    size_t size = fread(bytes, 1, most_bytes, file);
    fclose(file);
    double begin = now_ms();
    vt_status status = process(&faces, session, bytes, size, err);
    printf("%zu %.4f\n", faces, now_ms() - begin);
    fflush(stdout);
    return status;
}

int main(int argc, char **argv)
{
    static unsigned char bytes[most_bytes];
    char line[4096];
    vt_engine *engine;
    vt_session *session;
    vt_error err = { 0 };
    vt_status status = VT_OK;
    if (argc != 2) return fprintf(stderr, "usage: vultus PACK\n"), 2;
    if (vt_engine_open(&engine, argv[1], NULL, &err) || vt_session_open(&session, engine, &err))
        return fprintf(stderr, "%s\n", err.text), 4;
    while (!status && fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        status = answer(session, line, bytes, &err);
    }
    if (status) fprintf(stderr, "%s\n", err.text);
    vt_session_close(session);
    vt_engine_close(engine);
    return status ? 3 : 0;
}
