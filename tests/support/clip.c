#include "support/clip.h"

#include "support/test.h"

#include "base/file.h"
#include "base/memory.h"

/* GIF's codes, all of nine bits: a clear code before the decoder's table would need ten. */
enum { clear_code = 256, end_code = 257, code_bits = 9, codes_between_clears = 250, block_bytes = 255 };

typedef struct writer {
    uint8_t *bytes;
    size_t count, capacity;
    uint32_t held;
    int held_bits;
    size_t block; /* where the present block's length stands */
} writer;

static void put(writer *w, const void *bytes, size_t count)
{
    if (w->count + count > w->capacity) {
        w->capacity = (w->count + count) * 2;
        w->bytes = vt__realloc(w->bytes, w->capacity, 1);
        assert_non_null(w->bytes);
    }
    memcpy(w->bytes + w->count, bytes, count);
    w->count += count;
}

static void put_packed(writer *w, uint8_t byte)
{
    if (w->bytes[w->block] == block_bytes) {
        w->block = w->count;
        put(w, "", 1);
    }
    put(w, &byte, 1);
    w->bytes[w->block]++;
}

static void put_code(writer *w, uint32_t code)
{
    w->held |= code << w->held_bits;
    for (w->held_bits += code_bits; w->held_bits >= 8; w->held_bits -= 8, w->held >>= 8) put_packed(w, (uint8_t)w->held);
}

static void put_frame(writer *w, const vt_pixels *pixels)
{
    const int width = pixels->size.width, height = pixels->size.height;
    const uint8_t head[] = { 0x21, 0xF9, 4, 0, 10, 0, 0, 0, 0x2C, 0, 0, 0, 0, (uint8_t)width, (uint8_t)(width >> 8),
                             (uint8_t)height, (uint8_t)(height >> 8), 0, 8 };
    put(w, head, sizeof head);
    w->block = w->count;
    put(w, "", 1);
    int since = 0;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++, since = (since + 1) % codes_between_clears) {
            const uint8_t *p = pixels->data + (size_t)y * pixels->stride_bytes + (size_t)x * 3;
            if (!since) put_code(w, clear_code);
            put_code(w, (uint32_t)(77 * p[0] + 150 * p[1] + 29 * p[2]) >> 8);
        }
    put_code(w, end_code);
    if (w->held_bits) put_packed(w, (uint8_t)w->held);
    w->held = 0;
    w->held_bits = 0;
    put(w, "", 1);
}

void clip_write(const char *path, const vt_pixels *pixels, int frames)
{
    writer w = { 0 };
    const int width = pixels->size.width, height = pixels->size.height;
    const uint8_t screen[] = { (uint8_t)width, (uint8_t)(width >> 8), (uint8_t)height, (uint8_t)(height >> 8), 0xF7, 0, 0 };
    put(&w, "GIF89a", 6);
    put(&w, screen, sizeof screen);
    for (int level = 0; level < 256; level++) put(&w, (uint8_t[3]){ (uint8_t)level, (uint8_t)level, (uint8_t)level }, 3);
    for (int i = 0; i < frames; i++) put_frame(&w, pixels);
    put(&w, ";", 1);
    assert_int_equal(vt__file_write(path, w.bytes, w.count, 0600, NULL), VT_OK);
    vt__free(w.bytes);
}
