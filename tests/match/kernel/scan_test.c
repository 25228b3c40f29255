#include "support/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "match/kernel/scan.h"

enum { most_width = 1024, most_strips = 5, probes_stride = 1024 };

typedef struct input {
    int8_t *codes; /* of four probes */
    uint8_t *strips, *lower;
    vt__scan_probe probes[VT__SCAN_MAX_PROBES];
    size_t width, strip_count;
} input;

static void put_floats(uint8_t *mark, float scale, float coarse)
{
    uint32_t upper, lower;
    memcpy(&upper, &scale, sizeof upper);
    memcpy(&lower, &coarse, sizeof lower);
    upper = (upper & 0xFFFF0000u) | lower >> 16;
    memcpy(mark, &upper, sizeof upper);
}

/* Random codes, or the largest there are; cuts so that about half of the rows pass. */
static void fill(input *in, bool extreme)
{
    for (size_t i = 0; i < VT__SCAN_MAX_PROBES * probes_stride; i++) in->codes[i] = 0;
    for (size_t p = 0; p < VT__SCAN_MAX_PROBES; p++) {
        int sum = 0;
        for (size_t i = 0; i < in->width; i++) {
            int8_t code = extreme ? (p & 1 ? -127 : 127) : (int8_t)(rand() % 255 - 127);
            in->codes[p * probes_stride + i] = code;
            sum += code;
        }
        in->probes[p] = (vt__scan_probe){ .codes = in->codes + p * probes_stride, .scale = 0.0005f, .offset = 241 * sum, .length = 1, .slack = 0.01f, .cut = 0.1f };
    }
    for (size_t b = 0; b < in->strip_count; b++) {
        uint8_t *strip = in->strips + b * vt__strip_bytes(in->width);
        for (size_t i = 0; i < vt__strip_bytes(in->width); i++) strip[i] = extreme ? 0xFF : (uint8_t)rand();
        for (size_t i = 0; i < VT__STRIP; i++) put_floats(strip + i * 4, 0.001f + 0.0001f * (float)(rand() % 20), 0.1f * (float)(rand() % 7) / 6);
    }
    for (size_t i = 0; i < vt__lower_bytes(in->width); i++) in->lower[i] = extreme ? 0xFF : (uint8_t)rand();
}

static void compare(const vt__scan_kernel *kernel, const input *in, size_t probe_count, const char *name, size_t *passed)
{
    uint16_t expected[VT__SCAN_MAX_PROBES * most_strips], got[VT__SCAN_MAX_PROBES * most_strips];
    const vt__scan_kernel *portable = vt__scan_of(VT__CPU_PORTABLE);
    portable->scan(expected, in->probes, probe_count, in->strips, in->strip_count, in->width);
    kernel->scan(got, in->probes, probe_count, in->strips, in->strip_count, in->width);
    for (size_t i = 0; i < probe_count * in->strip_count; i++) {
        if (expected[i] != got[i]) fail_msg("%s, width %zu, %zu probes, strip %zu: %04x, not %04x", name, in->width, probe_count, i, got[i], expected[i]);
        *passed += (size_t)__builtin_popcount(got[i]);
    }
    for (size_t r = 0; r < VT__STRIP; r++) {
        const uint8_t *upper = in->strips + vt__upper_at(r, in->width);
        int32_t wanted = portable->row_dot(in->codes, upper, in->lower, in->width), dot = kernel->row_dot(in->codes, upper, in->lower, in->width);
        if (wanted != dot) fail_msg("%s, width %zu, row %zu: %d, not %d", name, in->width, r, dot, wanted);
    }
}

static bool runs(vt__cpu_level level)
{
    setenv("VULTUS_CPU", vt__cpu_level_name(level), 1);
    bool is = vt__cpu_get_level() == level;
    unsetenv("VULTUS_CPU");
    return is;
}

/* Every kernel that this CPU runs gives the portable one's answers, over all widths, counts of strips and probes, places
 * of the lower bits in memory, and with the largest codes there are. */
static void kernels_agree(void **state)
{
    (void)state;
    input in = { .codes = vt__calloc_aligned(VT__SCAN_MAX_PROBES, probes_stride), .strips = vt__calloc_aligned(most_strips, vt__strip_bytes(most_width)) };
    uint8_t *lower = vt__calloc_aligned(2, vt__lower_bytes(most_width));
    for (int level = VT__CPU_PORTABLE + 1; level <= VT__CPU_NEONDOT; level++) {
        const vt__scan_kernel *kernel = vt__scan_of((vt__cpu_level)level);
        if (!kernel || !runs((vt__cpu_level)level)) continue;
        size_t passed = 0, rows = 0;
        for (in.width = 16; in.width <= most_width; in.width += 16)
            for (size_t probe_count = 1; probe_count <= VT__SCAN_MAX_PROBES; probe_count++) {
                in.strip_count = 1 + in.width / 16 % most_strips;
                in.lower = lower + (in.width / 16 * 7 + probe_count) % 64;
                fill(&in, in.width % 64 == 48);
                compare(kernel, &in, probe_count, vt__cpu_level_name((vt__cpu_level)level), &passed);
                rows += probe_count * in.strip_count * VT__STRIP;
            }
        print_message("%s: %zu of %zu rows passed, as in the portable kernel\n", vt__cpu_level_name((vt__cpu_level)level), passed, rows);
        assert_in_range(passed, rows / 10, rows * 9 / 10);
    }
    assert_int_equal(vt__scan_choose()->level, vt__cpu_get_level());
    vt__free(in.codes);
    vt__free(in.strips);
    vt__free(lower);
}

/* The dot product of a row whose halves are known, worked out by hand. */
static void halves_are_put_together(void **state)
{
    (void)state;
    enum { width = 32 };
    int8_t codes[width] __attribute__((aligned(64)));
    uint8_t strip[64 + 16 * 16] __attribute__((aligned(64))) = { 0 }, lower[20] = { 0 };
    for (int i = 0; i < width; i++) codes[i] = (int8_t)(i + 1);
    size_t at = vt__upper_at(6, width); /* quad 2, place 1 */
    assert_int_equal(at, 64 + 2 * 64 + 16);
    strip[at] = 0x21;      /* code 0: 16 + 3; code 16: 32 + 4 */
    lower[0] = 0x43;
    strip[at + 15] = 0x0F; /* code 15: 240 + 15; code 31: 0 */
    lower[15] = 0x0F;
    int32_t expected = 19 * 1 + 36 * 17 + 255 * 16;
    for (int level = VT__CPU_PORTABLE; level <= VT__CPU_NEONDOT; level++) {
        const vt__scan_kernel *kernel = vt__scan_of((vt__cpu_level)level);
        if (kernel && runs((vt__cpu_level)level)) assert_int_equal(kernel->row_dot(codes, strip + at, lower, width), expected);
    }
    /* the first look: 32 x (1 x 1 + 2 x 17 + 15 x 16) - offset = 32 x 275, times the scales of 2 and 0.5: 8800 */
    put_floats(strip + 6 * 4, 2, 1);
    vt__scan_probe probe = { codes, 0.5f, 0, 10, 5, 8815 };
    uint16_t may;
    vt__scan_choose()->scan(&may, &probe, 1, strip, 1, width);
    assert_int_equal(may, 1 << 6);
    probe.cut = 8816;
    vt__scan_choose()->scan(&may, &probe, 1, strip, 1, width);
    assert_int_equal(may, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(kernels_agree), cmocka_unit_test(halves_are_put_together) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
