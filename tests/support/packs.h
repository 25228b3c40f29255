/* The real pack with another manifest. */
#ifndef VT_TESTS_PACKS_H
#define VT_TESTS_PACKS_H

#include "base/json.h"

/* Makes the folder `to`: the real pack's files as links, and its manifest as `change` leaves it. Skips without a pack. */
void test_pack_changed(const char *to, void (*change)(vt__json *manifest));
void test_pack_remove(const char *folder);

/* Changes for test_pack_changed: the manifest without the models of a task. */
void test_pack_drop(vt__json *manifest, const char *task);

#endif
