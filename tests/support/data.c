#include "support/data.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/settings.h"

const char *test_data_folder(void)
{
    const char *folder = getenv("VULTUS_TEST_DATA");
    if (!folder || !*folder) folder = "../shared/data";
    return vt__folder_exists(folder) ? folder : NULL;
}

const char *test_pack_folder(void)
{
    static char path[4096];
    const char *folder = getenv("VULTUS_PACK");
    char *home = vt__settings_home();
    if (folder && *folder) snprintf(path, sizeof path, "%s", folder);
    else snprintf(path, sizeof path, "%s/packs/default", home ? home : "");
    vt__free(home);
    return vt__folder_exists(path) ? path : NULL;
}

void test_skip(const char *why)
{
    fprintf(stderr, "skipped: %s\n", why);
    exit(TEST_SKIPPED);
}
