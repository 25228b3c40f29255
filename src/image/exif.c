#include "image/codec.h"

enum { orientation_tag = 0x0112, short_type = 3, max_entries = 512 };

static unsigned read16(const uint8_t *p, bool big)
{
    return big ? (unsigned)p[0] << 8 | p[1] : (unsigned)p[1] << 8 | p[0];
}

static uint32_t read32(const uint8_t *p, bool big)
{
    return big ? (uint32_t)read16(p, big) << 16 | read16(p + 2, big) : (uint32_t)read16(p + 2, big) << 16 | read16(p, big);
}

int vt__exif_orientation(vt__bytes tiff)
{
    if (tiff.size < 8) return 1;
    bool big = tiff.data[0] == 'M';
    if ((!big && tiff.data[0] != 'I') || read16(tiff.data + 2, big) != 42) return 1;
    size_t at = read32(tiff.data + 4, big);
    if (at > tiff.size - 2) return 1;
    unsigned entries = read16(tiff.data + at, big);
    at += 2;
    for (unsigned i = 0; i < entries && i < max_entries && tiff.size - at >= 12; i++, at += 12) {
        const uint8_t *entry = tiff.data + at;
        if (read16(entry, big) != orientation_tag || read16(entry + 2, big) != short_type) continue;
        unsigned value = read16(entry + 8, big);
        return value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}
