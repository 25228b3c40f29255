/* The scene of fuzz/corpus/image_*: 64 x 32, four plain quadrants, in every kind of every format (fuzz/make_pictures.py). */
#ifndef VT_TESTS_SCENE_H
#define VT_TESTS_SCENE_H

#include <vultus/image.h>

enum { SCENE_WIDTH = 64, SCENE_HEIGHT = 32 };

/* Top left, top right, bottom left, bottom right. */
typedef struct scene_look {
    uint8_t colours[4][3];
} scene_look;

extern const scene_look scene_colours, scene_greys, scene_black_white;

typedef struct scene_file {
    const char *path; /* in fuzz/corpus */
    const scene_look *look;
    int tolerance;   /* of a sample, 0 for what is lossless */
    int margin_px;   /* around the quadrants' borders, not looked at */
    int orientation; /* that the header states; 0 = 1 */
} scene_file;

/* The file's bytes; the caller frees them with vt__free. */
uint8_t *scene_read(size_t *size_bytes, const char *path);

typedef struct scene_codec {
    vt_format format;
    const scene_file *files;
    size_t count;
    size_t damaged;     /* how many of them, from the first, are cut and turned as well */
    double least_share; /* of the cuts that must be noticed: one behind the last pixel need not */
} scene_codec;

/* The tests of a decoder, as a program's main runs them. Each file: size, format and every pixel are as its row says;
 * cut at 60 places and with 200 bits turned (seeded) it decodes to its stated size or fails with a line of text, and
 * its first half fails; with each allocation failing in turn it fails. */
int scene_run(const scene_codec *codecs, size_t count);

/* Opens bytes and decodes at `scale`; the size the pixels have, or the status. */
vt_status scene_decode(vt_size *out, const void *bytes, size_t size_bytes, float scale, vt_error *err);

#endif
