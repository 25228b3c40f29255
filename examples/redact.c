/* Hides the faces of a picture.   usage: redact PACK PICTURE OUT.png */
#include <stdio.h>
#include <stdlib.h>

#include <vultus/face.h>
#include <vultus/redact.h>

/* Finds the faces of `picture` and covers them in `pixels`. */
static vt_status hide(vt_pixels *pixels, vt_session *session, vt_picture *picture, vt_error *err)
{
    vt_faces faces;
    vt_detect_options options = VT_DETECT_OPTIONS_INIT;
    options.min_score = 0.4f; /* one too many is better than one too few */
    vt_status status = vt_session_detect(&faces, session, picture, &options, err);
    for (size_t i = 0; !status && i < faces.count; i++) status = vt_redact_pixels(pixels, &faces.items[i].box, 1, NULL, err);
    vt_faces_free(&faces);
    return status;
}

int main(int argc, char **argv)
{
    static unsigned char bytes[32 << 20];
    vt_engine *engine;
    vt_session *session;
    vt_picture *picture;
    vt_pixels pixels;
    vt_error err;
    FILE *file = argc == 4 ? fopen(argv[2], "rb") : NULL;
    if (!file) return fprintf(stderr, "usage: redact PACK PICTURE OUT.png\n"), 2;
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    if (vt_engine_open(&engine, argv[1], NULL, &err) || vt_session_open(&session, engine, &err)) return fprintf(stderr, "%s\n", err.text), 4;
    if (vt_picture_open(&picture, bytes, size, NULL, &err) || vt_picture_decode(&pixels, picture, 1, &err) || hide(&pixels, session, picture, &err))
        return fprintf(stderr, "%s\n", err.text), 3;
    uint8_t *out;
    size_t out_size;
    if (vt_pixels_encode(&out, &out_size, &pixels, VT_FORMAT_PNG, NULL, &err)) return fprintf(stderr, "%s\n", err.text), 3;
    file = fopen(argv[3], "wb");
    if (!file || fwrite(out, 1, out_size, file) != out_size || fclose(file)) return perror(argv[3]), 3;
    vt_bytes_free(out);
    vt_picture_close(picture);
    vt_session_close(session);
    vt_engine_close(engine);
    return 0;
}
