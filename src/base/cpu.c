#include "base/cpu.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#elif defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

static const char *const level_names[] = {
    [VT__CPU_PORTABLE] = "portable", [VT__CPU_AVX2] = "avx2",  [VT__CPU_AVXVNNI] = "avxvnni",
    [VT__CPU_AVX512VNNI] = "avx512vnni", [VT__CPU_NEON] = "neon", [VT__CPU_NEONDOT] = "neondot",
};

const char *vt__cpu_level_name(vt__cpu_level level)
{
    return level_names[level];
}

#if defined(__x86_64__)
/* AVX-VNNI is leaf 7 subleaf 1 EAX bit 4: __builtin_cpu_supports does not know it in every compiler we take. */
static int has_avxvnni(void)
{
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> 4 & 1);
}

/* __builtin_cpu_supports looks at XGETBV too, so an operating system without the state says no. */
static int supports(vt__cpu_level level)
{
    switch (level) {
    case VT__CPU_PORTABLE: return 1;
    case VT__CPU_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case VT__CPU_AVXVNNI: return supports(VT__CPU_AVX2) && has_avxvnni();
    case VT__CPU_AVX512VNNI:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
    default: return 0;
    }
}
#else
static int supports(vt__cpu_level level)
{
#if defined(__aarch64__) && defined(__ARM_NEON)
    if (level == VT__CPU_NEONDOT) return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
    return level == VT__CPU_PORTABLE || level == VT__CPU_NEON;
#else
    return level == VT__CPU_PORTABLE;
#endif
}
#endif

static vt__cpu_level best_level(void)
{
    static const vt__cpu_level order[] = { VT__CPU_AVX512VNNI, VT__CPU_AVXVNNI, VT__CPU_AVX2, VT__CPU_NEONDOT, VT__CPU_NEON };
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (supports(order[i])) return order[i];
    return VT__CPU_PORTABLE;
}

vt__cpu_level vt__cpu_get_level(void)
{
    const char *wanted = getenv("VULTUS_CPU");
    for (size_t i = 0; wanted && i < sizeof level_names / sizeof level_names[0]; i++)
        if (!strcmp(wanted, level_names[i]) && supports((vt__cpu_level)i)) return (vt__cpu_level)i;
    return best_level();
}

/* "max 100000" or "150000 100000" in cgroup v2: processors rounded up, 0 when there is no quota. */
static int cgroup_quota(void)
{
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "r");
    if (!file) return 0;
    long quota = 0, period = 0;
    int fields = fscanf(file, "%ld %ld", &quota, &period);
    fclose(file);
    return fields == 2 && quota > 0 && period > 0 ? (int)((quota + period - 1) / period) : 0;
}

int vt__cpu_count(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    int quota = cgroup_quota();
    if (quota > 0 && quota < count) count = quota;
    return count > 0 ? count : 1;
}
