/* The integer scan. The upper four bits of all codes stand together, in strips of 16 rows, and are read in one stream; the
 * lower four bits stand row by row and are read only for rows whose upper bits say that they may be among the best.
 *
 * A strip of 16 rows: 16 marks (vt__row_bound's scale and coarse error, the upper halves of two floats), then four quads
 * of four rows. A quad holds pieces of 32 codes: 16 bytes of each of its rows, so that a 64-byte register holds a piece of
 * all four. Byte k of a piece holds code k in its lower and code 16 + k in its upper half. Row i of a strip is in quad
 * i % 4, place i / 4: the order in which the sums of four registers come out.
 * The lower bits of a row: its pieces one after the other, then its fine error as a float.
 *
 * Halves of codes are 0..15 and the probe's codes -127..127, so that sums of products of pairs fit into 16 bits on CPUs
 * without VNNI, and every kernel gives the same integers. */
#ifndef VT_MATCH_KERNEL_SCAN_H
#define VT_MATCH_KERNEL_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"

enum { VT__STRIP = 16, VT__QUAD = 4, VT__PIECE = 16, VT__PIECE_CODES = 32, VT__MARKS_BYTES = 64, VT__SCAN_MAX_PROBES = 4 };

/* Of `width` codes; the last piece is filled up with zeros. */
static inline size_t vt__pieces(size_t width)
{
    return (width + VT__PIECE_CODES - 1) / VT__PIECE_CODES;
}

static inline size_t vt__strip_bytes(size_t width)
{
    return VT__MARKS_BYTES + vt__pieces(width) * VT__PIECE * VT__STRIP;
}

static inline size_t vt__lower_bytes(size_t width)
{
    return vt__pieces(width) * VT__PIECE + sizeof(float);
}

/* Where the first piece of row i (0..15) of a strip begins; the next piece is 64 bytes on. */
static inline size_t vt__upper_at(size_t i, size_t width)
{
    return VT__MARKS_BYTES + i % VT__QUAD * vt__pieces(width) * 64 + i / VT__QUAD * VT__PIECE;
}

/* A probe as the first look needs it. A row may be among the best when
 * scale * s * (32 * (upper . codes) - offset) + length * coarse + slack >= cut, in float, without contraction. */
typedef struct vt__scan_probe {
    const int8_t *codes; /* pieces x 32, on a 64-byte boundary, zeros behind the width */
    float scale;         /* half of vt__probe_code's */
    int32_t offset;      /* 241 x the sum of the codes */
    float length;        /* |q| + F */
    float slack;         /* F + rounding */
    float cut;
} vt__scan_probe;

/* may[p * strip_count + b]: a bit for each row of strip b that may reach probe p's cut. Strips on a 64-byte boundary;
 * 1..VT__SCAN_MAX_PROBES probes. */
typedef void (*vt__scan)(uint16_t *may, const vt__scan_probe *probes, size_t probe_count, const uint8_t *strips,
                         size_t strip_count, size_t width);

/* The dot product of a probe's codes with a row's codes + 128. `upper`: vt__upper_at; `lower`: the row's lower bits. */
typedef int32_t (*vt__row_dot)(const int8_t *codes, const uint8_t *upper, const uint8_t *lower, size_t width);

typedef struct vt__scan_kernel {
    vt__cpu_level level;
    vt__scan scan;
    vt__row_dot row_dot;
} vt__scan_kernel;

/* The widest kernel of this CPU (or what VULTUS_CPU asks for). */
const vt__scan_kernel *vt__scan_choose(void);

/* The kernel of a level, or NULL where this build has none. */
const vt__scan_kernel *vt__scan_of(vt__cpu_level level);

#endif
