/* Where the tests find real pictures and a pack; they skip where there is none. */
#ifndef VT_TESTS_DATA_H
#define VT_TESTS_DATA_H

/* Exit code that CTest counts as skipped. */
#define TEST_SKIPPED 77

/* VULTUS_TEST_DATA, else ../shared/data, else NULL. Static storage. */
const char *test_data_folder(void);

/* VULTUS_PACK, else VULTUS_HOME's (or the default home's) packs/default, else NULL. Static storage. */
const char *test_pack_folder(void);

/* Prints why to standard error and ends the program as skipped. */
void test_skip(const char *why) __attribute__((noreturn));

#endif
