/* Makes the n-th allocation of this thread fail, by the linker's --wrap on malloc and its kin. */
#ifndef VT_TESTS_FAILING_H
#define VT_TESTS_FAILING_H

#include <stdbool.h>

/* The nth (from 1) allocation from now on in this thread fails, once; 0 = none. */
void failing_set(int nth);

/* Whether the allocation that was set has been reached. */
bool failing_reached(void);

/* Calls `work` with the 1st, 2nd, 3rd ... allocation failing, until one run reaches no failure (at most `ceiling`
 * runs). `work` returns true when it succeeded; a run whose failure was reached must return false unless `tolerant`.
 * Returns how many allocations were made to fail. Leaks show under the address sanitizer. */
int failing_each(bool (*work)(void *context), void *context, int ceiling, bool tolerant);

#endif
