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

/* Size, format and every pixel of each file are as the row says. */
void scene_check_files(const scene_file *files, size_t count, vt_format format);

/* Every file cut at 60 places and with 200 bits turned (seeded): decodes to its stated size or fails with a line of text; cut
 * to its first half it fails, and `least_share` of the cuts fail (a cut behind the last pixel need not). */
void scene_check_damage(const scene_file *files, size_t count, double least_share);

/* Opening and decoding with each allocation failing in turn. */
void scene_check_allocations(const scene_file *files, size_t count);

/* Opens bytes and decodes at `scale`; the size the pixels have, or the status. */
vt_status scene_decode(vt_size *out, const void *bytes, size_t size_bytes, float scale, vt_error *err);

#endif
