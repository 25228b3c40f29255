#include <vultus/match.h>

/* Sixteen partial sums: enough for the compiler to fill vector registers, and the same order on every CPU, so that
 * answers do not depend on the vector level. */
float vt_cosine(const float *a, const float *b, size_t dimension)
{
    float sums[16] = { 0 };
    size_t i = 0;
    for (; i + 16 <= dimension; i += 16)
        for (size_t k = 0; k < 16; k++) sums[k] += a[i + k] * b[i + k];
    for (size_t k = 0; i < dimension; i++, k++) sums[k] += a[i] * b[i];
    for (size_t width = 8; width; width /= 2)
        for (size_t k = 0; k < width; k++) sums[k] += sums[k + width];
    return sums[0];
}
