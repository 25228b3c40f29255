/* A fresh folder below /tmp for a program's tests: cmocka's group set-up and tear-down. */
#ifndef VT_TESTS_FOLDER_H
#define VT_TESTS_FOLDER_H

int test_folder_make(void **state);
int test_folder_remove(void **state); /* with all in it; fine when there is none */

/* Its path, made at the first call. Static storage. */
const char *test_folder(void);

/* The path of a file in it. Static storage, good for the next three calls. */
const char *test_folder_file(const char *name);

#endif
