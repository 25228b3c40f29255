#include "support/made_up.h"

#include <math.h>

vt_template made_up_face(uint32_t person, uint32_t shot)
{
    vt_template t = { .dimension = 512 };
    uint64_t a = person * UINT64_C(0x9E3779B97F4A7C15) + 1, b = shot * UINT64_C(0xBF58476D1CE4E5B9) + a;
    double sum = 0;
    for (size_t i = 0; i < t.dimension; i++) {
        a = a * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        b = b * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        t.values[i] = (float)(a >> 40) / 8388608.0f - 1 + 0.2f * ((float)(b >> 40) / 8388608.0f - 1);
        sum += (double)t.values[i] * (double)t.values[i];
    }
    for (size_t i = 0; i < t.dimension; i++) t.values[i] = (float)((double)t.values[i] / sqrt(sum));
    return t;
}
