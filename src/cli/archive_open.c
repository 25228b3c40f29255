#ifdef VULTUS_HAVE_VIDEO
#include "cli/archive_open.h"

#include <ctype.h>
#include <string.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/settings.h"

enum { longest_name = 64 };

static bool is_name(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)name[i]) && name[i] != '-' && name[i] != '_') return false;
    return length > 0 && length <= longest_name;
}

static vt_status read_key(uint8_t key[VT_ARCHIVE_KEY_BYTES], const char *path, bool make, vt_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (make && !vt__file_exists(path)) {
        vt__random_bytes(key, VT_ARCHIVE_KEY_BYTES);
        return vt__file_write(path, key, VT_ARCHIVE_KEY_BYTES, 0600, err);
    }
    vt_status status = vt__file_read(&bytes, &size, path, 4096, err);
    if (!status && size != VT_ARCHIVE_KEY_BYTES) status = vt__fail(err, VT_EINTEGRITY, "%s: not a key of %d bytes", path, VT_ARCHIVE_KEY_BYTES);
    if (!status) memcpy(key, bytes, VT_ARCHIVE_KEY_BYTES);
    vt__free_secret(bytes, size);
    return status;
}

static vt_status open_named(vt_archive **out, const char *name, bool make, vt_error *err)
{
    uint8_t key[VT_ARCHIVE_KEY_BYTES];
    char *home = vt__settings_home(), *keys = home ? vt__path_join(home, "keys") : NULL;
    char *folder = home ? vt__format("%s/archives/%s", home, name) : NULL, *path = keys ? vt__format("%s/archive-%s.key", keys, name) : NULL;
    vt_status status = folder && path ? VT_OK : vt__fail_memory(err, longest_name);
    if (!status && !make && !vt__folder_exists(folder)) status = vt__fail(err, VT_ENOTFOUND, "no archive \"%s\"; `vultus video index` makes it", name);
    if (!status && make) status = vt__folder_make(keys, 0700, err);
    if (!status) status = read_key(key, path, make && !vt__folder_exists(folder), err);
    if (!status) status = vt_archive_open(out, folder, key, err);
    vt__wipe(key, sizeof key);
    vt__free(path);
    vt__free(folder);
    vt__free(keys);
    vt__free(home);
    return status;
}

int vt__archive_open(vt_archive **out, const vt__args *args, bool make)
{
    const char *name = vt__args_get(args, "archive");
    vt_error err;
    if (!name || !is_name(name)) {
        fprintf(stderr, "vultus %s: --archive wants a name of letters, digits, - and _\n", args->command->name);
        return EXIT_WRONG_USE;
    }
    return open_named(out, name, make, &err) ? vt__complain(args, &err) : EXIT_FINE;
}
#else
typedef int vt__no_video_here;
#endif
