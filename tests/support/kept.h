/* All that a data folder may hold: each table, kind of record and file with what erases it, so that a new one is not forgotten. */
#ifndef VT_TESTS_KEPT_H
#define VT_TESTS_KEPT_H

/* Fails the test when the folder holds something that the lists in kept.c do not name; returns how many kinds of record it has. */
int kept_is_known(const char *data_folder);

#endif
