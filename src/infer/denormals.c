#include "infer/denormals.h"

#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>

enum { flush_to_zero = 0x8000, denormals_are_zero = 0x0040 };

void vt__denormals_flush(bool flush)
{
    const unsigned bits = flush_to_zero | denormals_are_zero, control = _mm_getcsr();
    _mm_setcsr(flush ? control | bits : control & ~bits);
}
#elif defined(__aarch64__)
void vt__denormals_flush(bool flush)
{
    const uint64_t flush_bit = 1u << 24; /* FPCR.FZ */
    uint64_t control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    control = flush ? control | flush_bit : control & ~flush_bit;
    __asm__ volatile("msr fpcr, %0" : : "r"(control));
}
#else
void vt__denormals_flush(bool flush)
{
    (void)flush; /* slower at worst: the answers are the same */
}
#endif
