#include "support/folder.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/test.h"

static char folder[64];

const char *test_folder(void)
{
    if (*folder) return folder;
    snprintf(folder, sizeof folder, "/tmp/vultus-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return folder;
}

int test_folder_make(void **state)
{
    (void)state;
    test_folder();
    return 0;
}

int test_folder_remove(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    int result = *folder ? system(command) : 0;
    *folder = 0;
    return result;
}

const char *test_folder_file(const char *name)
{
    static char paths[4][256];
    static unsigned turn;
    char *path = paths[turn++ % ROWS(paths)];
    snprintf(path, sizeof paths[0], "%s/%s", test_folder(), name);
    return path;
}
