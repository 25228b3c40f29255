/* Time. Code that decides by time takes a vt__clock, so that tests can move it. */
#ifndef VT_BASE_CLOCK_H
#define VT_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define VT__TIME_TEXT_BYTES 32

/* Milliseconds since 1970-01-01 UTC. `now` is called from any thread. */
typedef struct vt__clock {
    int64_t (*now_ms)(void *context);
    void *context;
} vt__clock;

/* The system's clock. */
vt__clock vt__clock_system(void);
int64_t vt__clock_now_ms(const vt__clock *clock);

/* Nanoseconds of a clock that never goes back, for durations. */
int64_t vt__monotonic_ns(void);

/* "2021-06-08T20:21:21.159Z": ISO 8601 UTC, trailing zeros of the fraction (and an empty fraction) trimmed. */
void vt__time_text(char out[VT__TIME_TEXT_BYTES], int64_t time_ms);

/* Reads what vt__time_text writes, and "+00:00" for "Z". */
bool vt__time_parse(int64_t *out_ms, const char *text);

#endif
