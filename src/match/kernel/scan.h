/* The integer scan: dot products of one probe's codes with many rows of codes.
 *
 * Rows stand in quads of four: 16 bytes of row 0, of row 1, of row 2, of row 3, then the next 16 of each, so that one
 * 64-byte register holds a piece of all four and a probe of up to 160 codes stays in ten registers. Codes are signed
 * 8 bit; the probe's are unsigned 7 bit (1..127), so that products of pairs fit into 16 bits on CPUs without VNNI
 * (127 x 127 x 2 < 32,768) and every kernel gives the same integers. */
#ifndef VT_MATCH_KERNEL_SCAN_H
#define VT_MATCH_KERNEL_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"

enum { VT__QUAD = 4, VT__PIECE = 16, VT__SCAN_MAX_PROBES = 4 };

/* Byte distance from one quad to the next for a width that is a multiple of VT__PIECE. */
static inline size_t vt__quad_bytes(size_t width)
{
    return width * VT__QUAD;
}

/* out[p][4 * q + r] = dot of probe p with row r of quad q. probes: `probe_count` (1..4) rows of `width` bytes, each on a
 * 64-byte boundary `width` rounded up to 64 apart; quads on a 64-byte boundary. out rows are out_stride apart. */
typedef void (*vt__scan)(int32_t *out, size_t out_stride, const uint8_t *probes, size_t probe_count, const int8_t *quads,
                         size_t quad_count, size_t width);

typedef struct vt__scan_kernel {
    vt__cpu_level level;
    vt__scan scan;
} vt__scan_kernel;

/* The widest kernel of this CPU (or what VULTUS_CPU asks for). */
const vt__scan_kernel *vt__scan_choose(void);

/* The kernel of a level, or NULL where this build has none. */
const vt__scan_kernel *vt__scan_of(vt__cpu_level level);

#endif
