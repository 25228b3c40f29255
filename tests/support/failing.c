#include "support/failing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static _Thread_local int countdown;
static _Thread_local bool reached;

void failing_set(int nth)
{
    countdown = nth;
    reached = false;
}

bool failing_reached(void)
{
    return reached;
}

static bool fails_now(void)
{
    if (countdown == 0 || --countdown > 0) return false;
    reached = true;
    return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void *__wrap_malloc(size_t size)
{
    return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails_now() ? NULL : __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails_now() ? NULL : __real_aligned_alloc(alignment, size);
}

int failing_each(bool (*work)(void *context), void *context, int ceiling, bool tolerant)
{
    for (int nth = 1; nth <= ceiling; nth++) {
        failing_set(nth);
        bool good = work(context);
        bool failed_one = failing_reached();
        failing_set(0);
        if (!failed_one) {
            assert_true(good);
            return nth - 1;
        }
        if (!tolerant) assert_false(good);
    }
    return ceiling;
}
