/* What this processor can do, found once (CPUID and XGETBV, or HWCAP) and capped by VULTUS_CPU
 * = portable | avx2 | avxvnni | avx512vnni | neon | neondot. */
#ifndef VT_BASE_CPU_H
#define VT_BASE_CPU_H

typedef enum vt__cpu_level {
    VT__CPU_PORTABLE = 0,
    VT__CPU_AVX2,
    VT__CPU_AVXVNNI,
    VT__CPU_AVX512VNNI,
    VT__CPU_NEON,
    VT__CPU_NEONDOT /* NEON with the dot product of 8-bit numbers */
} vt__cpu_level;

/* The best level of this processor, or the one that the environment asks for where the processor has it. */
vt__cpu_level vt__cpu_get_level(void);
const char *vt__cpu_level_name(vt__cpu_level level);

/* How many processors this process may use (affinity and cgroup quota), at least 1. */
int vt__cpu_count(void);

#endif
