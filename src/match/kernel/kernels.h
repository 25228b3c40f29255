/* The kernels by CPU, for scan.c to choose from. */
#ifndef VT_MATCH_KERNEL_KERNELS_H
#define VT_MATCH_KERNEL_KERNELS_H

#include "match/kernel/scan.h"

/* A row that dies while it is read may be overwritten: its score is thrown away by the live mask that was read before.
 * The thread sanitizer cannot know that. */
#define RACES_WITH_DEAD_ROWS __attribute__((no_sanitize("thread")))

#if defined(__x86_64__)
void vt__scan_avx2(uint16_t *may, const vt__scan_probe *probes, size_t probe_count, const uint8_t *strips, size_t strip_count, size_t width);
void vt__scan_avxvnni(uint16_t *may, const vt__scan_probe *probes, size_t probe_count, const uint8_t *strips, size_t strip_count, size_t width);
void vt__scan_avx512vnni(uint16_t *may, const vt__scan_probe *probes, size_t probe_count, const uint8_t *strips, size_t strip_count, size_t width);
int32_t vt__row_dot_avx2(const int8_t *codes, const uint8_t *upper, const uint8_t *lower, size_t width);
int32_t vt__row_dot_avx512vnni(const int8_t *codes, const uint8_t *upper, const uint8_t *lower, size_t width);
#elif defined(__aarch64__)
void vt__scan_neon(uint16_t *may, const vt__scan_probe *probes, size_t probe_count, const uint8_t *strips, size_t strip_count, size_t width);
void vt__scan_neondot(uint16_t *may, const vt__scan_probe *probes, size_t probe_count, const uint8_t *strips, size_t strip_count, size_t width);
int32_t vt__row_dot_neon(const int8_t *codes, const uint8_t *upper, const uint8_t *lower, size_t width);
#endif

/* The rows of one strip, by the dot products of their upper bits, that may reach the cut. */
uint16_t vt__scan_judge(const vt__scan_probe *probe, const uint8_t *marks, const int32_t dots[VT__STRIP]);

#endif
