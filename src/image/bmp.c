/* Windows bitmap by hand: 1, 4, 8, 16, 24 and 32 bits, bit fields, RLE4 and RLE8, bottom-up and top-down. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "image/codec.h"

enum { plain = 0, rle8 = 1, rle4 = 2, bitfields = 3, alpha_bitfields = 6, core_header_bytes = 12 };

typedef struct bmp {
    vt__bytes file;
    int width, height; /* height > 0 */
    bool top_down;
    unsigned bits, compression;
    const uint8_t *palette;
    unsigned palette_count, palette_step; /* 3 bytes an entry in the oldest form, else 4 */
    uint32_t masks[3];                    /* red, green, blue of 16 and 32 bits */
    size_t pixels_at;
} bmp;

static uint32_t le16(const uint8_t *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8; }
static uint32_t le32(const uint8_t *p) { return le16(p) | le16(p + 2) << 16; }

static bool sniff(vt__bytes file)
{
    return file.size > 26 && file.data[0] == 'B' && file.data[1] == 'M';
}

static void read_masks(bmp *b, const uint8_t *info, size_t info_bytes)
{
    static const uint32_t defaults[2][3] = { { 0x7C00, 0x3E0, 0x1F }, { 0xFF0000, 0xFF00, 0xFF } };
    memcpy(b->masks, defaults[b->bits == 32], sizeof b->masks);
    if (b->compression != bitfields && b->compression != alpha_bitfields) return;
    if (b->file.size < 14 + info_bytes + 12 && info_bytes < 52) return;
    for (int c = 0; c < 3; c++) b->masks[c] = le32(info + 40 + 4 * c);
}

static bool read_info(bmp *b, const uint8_t *info, size_t info_bytes)
{
    bool core = info_bytes == core_header_bytes;
    int32_t height = core ? (int32_t)le16(info + 6) : (int32_t)le32(info + 8);
    b->width = core ? (int)le16(info + 4) : (int32_t)le32(info + 4);
    b->bits = le16(info + (core ? 10 : 14));
    b->compression = core ? plain : le32(info + 16);
    if (height == INT32_MIN || !height || b->width <= 0) return false;
    b->top_down = height < 0;
    b->height = abs(height);
    unsigned used = core ? 0 : le32(info + 32);
    unsigned most = b->bits <= 8 ? 1u << b->bits : 0;
    b->palette_count = used && used < most ? used : most;
    b->palette_step = core ? 3 : 4;
    return true;
}

/* Which compressions go with which depths. */
static bool known_kind(const bmp *b)
{
    switch (b->compression) {
    case plain: return b->bits == 1 || b->bits == 4 || b->bits == 8 || b->bits == 16 || b->bits == 24 || b->bits == 32;
    case rle8: return b->bits == 8 && !b->top_down;
    case rle4: return b->bits == 4 && !b->top_down;
    case bitfields:
    case alpha_bitfields: return b->bits == 16 || b->bits == 32;
    default: return false;
    }
}

static vt_status parse(bmp *b, vt__bytes file, vt_error *err)
{
    *b = (bmp){ .file = file, .pixels_at = le32(file.data + 10) };
    size_t info_bytes = le32(file.data + 14);
    bool fits = info_bytes == core_header_bytes || (info_bytes >= 40 && info_bytes <= 256);
    if (!fits || 14 + info_bytes > file.size || !read_info(b, file.data + 14, info_bytes))
        return vt__codec_damaged(err, "BMP", "its header");
    if (!known_kind(b)) return vt__fail(err, VT_EUNSUPPORTED, "BMP with %u bits, compression %u", b->bits, b->compression);
    read_masks(b, file.data + 14, info_bytes);
    size_t palette_at = 14 + info_bytes + (b->compression == bitfields && info_bytes == 40 ? 12 : 0);
    b->palette = file.data + palette_at;
    if (palette_at + (size_t)b->palette_count * b->palette_step > file.size || b->pixels_at > file.size)
        return vt__codec_damaged(err, "BMP", "cut short");
    return VT_OK;
}

static vt_status header(vt__header *out, vt__bytes file, vt_error *err)
{
    bmp b;
    vt_status status = parse(&b, file, err);
    *out = (vt__header){ { b.width, b.height }, 1 };
    return status;
}

static void put_index(uint8_t *to, const bmp *b, unsigned index)
{
    if (index >= b->palette_count) index = 0;
    const uint8_t *entry = b->palette + (size_t)index * b->palette_step;
    to[0] = entry[2];
    to[1] = entry[1];
    to[2] = entry[0];
}

/* The bits of `word` under `mask`, widened to 0..255. */
static uint8_t field(uint32_t word, uint32_t mask)
{
    if (!mask) return 0;
    unsigned shift = (unsigned)__builtin_ctz(mask);
    uint64_t most = mask >> shift;
    return (uint8_t)(((uint64_t)((word & mask) >> shift) * 255 + most / 2) / most);
}

static void put_word(uint8_t *to, const bmp *b, uint32_t word)
{
    for (int c = 0; c < 3; c++) to[c] = field(word, b->masks[c]);
}

static void unpack_row(uint8_t *to, const bmp *b, const uint8_t *row)
{
    for (int x = 0; x < b->width; x++, to += 3) {
        switch (b->bits) {
        case 1: put_index(to, b, row[x >> 3] >> (7 - (x & 7)) & 1); break;
        case 4: put_index(to, b, x & 1 ? row[x >> 1] & 15 : row[x >> 1] >> 4); break;
        case 8: put_index(to, b, row[x]); break;
        case 16: put_word(to, b, le16(row + 2 * x)); break;
        case 24: to[0] = row[3 * x + 2], to[1] = row[3 * x + 1], to[2] = row[3 * x]; break;
        default: put_word(to, b, le32(row + 4 * x)); break;
        }
    }
}

static vt_status unpack(vt_pixels *out, const bmp *b, vt_error *err)
{
    size_t stride = ((size_t)b->width * b->bits + 31) / 32 * 4;
    if ((b->file.size - b->pixels_at) / stride < (size_t)b->height) return vt__codec_damaged(err, "BMP", "cut short");
    for (int y = 0; y < b->height; y++) {
        int from = b->top_down ? y : b->height - 1 - y;
        unpack_row(out->data + (size_t)y * out->stride_bytes, b, b->file.data + b->pixels_at + (size_t)from * stride);
    }
    return VT_OK;
}

typedef struct rle {
    const bmp *b;
    vt_pixels *out;
    size_t at;
    int x, y;
    bool ended; /* by its mark or behind the last row; else the file was cut */
} rle;

static void rle_put(rle *r, unsigned index)
{
    if (r->x < r->b->width && r->y < r->b->height)
        put_index(r->out->data + (size_t)(r->b->height - 1 - r->y) * r->out->stride_bytes + (size_t)r->x * 3, r->b, index);
    if (r->x < r->b->width) r->x++;
}

static unsigned rle_pick(const rle *r, uint8_t value, unsigned place)
{
    if (r->b->bits == 8) return value;
    return place & 1 ? value & 15u : value >> 4;
}

/* `count` indices that stand as they are, padded to an even number of bytes. */
static bool rle_literal(rle *r, unsigned count)
{
    size_t bytes = r->b->bits == 8 ? count : (count + 1) / 2;
    size_t padded = (bytes + 1) & ~(size_t)1;
    if (r->b->file.size - r->at < bytes) return false;
    for (unsigned i = 0; i < count; i++)
        rle_put(r, rle_pick(r, r->b->file.data[r->at + (r->b->bits == 8 ? i : i / 2)], i));
    r->at += padded < r->b->file.size - r->at ? padded : r->b->file.size - r->at;
    return true;
}

/* After a zero byte: 0 end of line, 1 end of picture, 2 move, else literals. False ends the picture. */
static bool rle_escape(rle *r, unsigned code)
{
    if (code > 2) return rle_literal(r, code);
    if (code == 2) {
        if (r->b->file.size - r->at < 2) return false;
        r->x += r->b->file.data[r->at];
        if (r->x > r->b->width) r->x = r->b->width;
        r->y += r->b->file.data[r->at + 1];
        r->at += 2;
    } else if (code == 0) {
        r->x = 0;
        r->y++;
    }
    r->ended = code == 1 || r->y >= r->b->height;
    return !r->ended;
}

static vt_status rle_unpack(vt_pixels *out, const bmp *b, vt_error *err)
{
    rle r = { .b = b, .out = out, .at = b->pixels_at };
    while (b->file.size - r.at >= 2) {
        unsigned count = b->file.data[r.at], value = b->file.data[r.at + 1];
        r.at += 2;
        if (!count && !rle_escape(&r, value)) break;
        for (unsigned i = 0; i < count; i++) rle_put(&r, rle_pick(&r, (uint8_t)value, i));
    }
    return r.ended ? VT_OK : vt__codec_damaged(err, "BMP", "cut short");
}

static vt_status decode(vt_pixels *out, vt__bytes file, const vt__header *header_read, int eighths, vt_error *err)
{
    (void)eighths;
    bmp b;
    vt_status status = parse(&b, file, err);
    if (!status) status = vt_pixels_create(out, header_read->size, err);
    if (status) return status;
    status = b.compression == rle8 || b.compression == rle4 ? rle_unpack(out, &b, err) : unpack(out, &b, err);
    if (status) vt_pixels_free(out);
    return status;
}

const vt__codec vt__codec_bmp = { VT_FORMAT_BMP, sniff, header, decode, false };
