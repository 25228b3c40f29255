#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t system_now_ms(void *context)
{
    (void)context;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

vt__clock vt__clock_system(void)
{
    return (vt__clock){ system_now_ms, NULL };
}

int64_t vt__clock_now_ms(const vt__clock *clock)
{
    return clock->now_ms(clock->context);
}

int64_t vt__monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void vt__time_text(char out[VT__TIME_TEXT_BYTES], int64_t time_ms)
{
    int64_t fraction = time_ms % 1000;
    if (fraction < 0) fraction += 1000;
    time_t seconds = (time_t)((time_ms - fraction) / 1000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    size_t used = strftime(out, VT__TIME_TEXT_BYTES, "%Y-%m-%dT%H:%M:%S", &parts);
    if (fraction) used += (size_t)snprintf(out + used, VT__TIME_TEXT_BYTES - used, ".%03d", (int)fraction);
    while (fraction && out[used - 1] == '0') used--;
    snprintf(out + used, VT__TIME_TEXT_BYTES - used, "Z");
}

/* ".159" and any number of further digits: milliseconds; moves *text behind it. */
static int read_fraction_ms(const char **text)
{
    if (**text != '.') return 0;
    int value = 0, weight = 100;
    for ((*text)++; **text >= '0' && **text <= '9'; (*text)++, weight /= 10) value += (**text - '0') * weight;
    return value;
}

bool vt__time_parse(int64_t *out_ms, const char *text)
{
    struct tm parts;
    memset(&parts, 0, sizeof parts);
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
    if (!rest) return false;
    int fraction = read_fraction_ms(&rest);
    if (strcmp(rest, "Z") != 0 && strcmp(rest, "+00:00") != 0) return false;
    *out_ms = (int64_t)timegm(&parts) * 1000 + fraction;
    return true;
}
