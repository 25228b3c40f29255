#include "base/settings.h"

#include <ctype.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

enum { settings_max = 256, ini_max_bytes = 65536 };

struct vt__settings {
    struct {
        char *name;
        char *value;
    } items[settings_max];
    size_t count;
};

/* inih's handler: 0 stops with an error on this line. */
static int take_line(void *user, const char *section, const char *name, const char *value)
{
    vt__settings *settings = user;
    if (section[0] || settings->count == settings_max) return 0;
    char *own_name = vt__strdup(name), *own_value = vt__strdup(value);
    if (!own_name || !own_value) {
        vt__free(own_name);
        vt__free(own_value);
        return 0;
    }
    settings->items[settings->count].name = own_name;
    settings->items[settings->count++].value = own_value;
    return 1;
}

static vt_status read_ini(vt__settings *settings, const char *path, vt_error *err)
{
    uint8_t *text = NULL;
    vt_status status = vt__file_read(&text, NULL, path, ini_max_bytes, err);
    if (status == VT_ENOTFOUND) return VT_OK;
    if (status) return status;
    int line = ini_parse_string((const char *)text, take_line, settings);
    vt__free(text);
    if (line) return vt__fail(err, VT_EFORMAT, "%s line %d: expected \"name = value\" outside of any [section]", path, line);
    return VT_OK;
}

vt_status vt__settings_open(vt__settings **out, const char *ini_path, vt_error *err)
{
    vt__settings *settings = vt__calloc(1, sizeof *settings);
    if (!settings) return vt__fail_memory(err, sizeof *settings);
    vt_status status = ini_path ? read_ini(settings, ini_path, err) : VT_OK;
    if (status) vt__settings_close(settings);
    else *out = settings;
    return status;
}

void vt__settings_close(vt__settings *settings)
{
    if (!settings) return;
    for (size_t i = 0; i < settings->count; i++) {
        vt__free(settings->items[i].name);
        vt__free(settings->items[i].value);
    }
    vt__free(settings);
}

static const char *from_environment(const char *name)
{
    char variable[96] = "VULTUS_";
    size_t used = strlen(variable);
    for (const char *c = name; *c && used + 1 < sizeof variable; c++)
        variable[used++] = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
    variable[used] = 0;
    const char *value = getenv(variable);
    return value && *value ? value : NULL;
}

const char *vt__settings_get(const vt__settings *settings, const char *name)
{
    const char *value = from_environment(name);
    for (size_t i = 0; !value && settings && i < settings->count; i++)
        if (!strcmp(settings->items[i].name, name)) value = settings->items[i].value;
    return value;
}

const char *vt__settings_name_at(const vt__settings *settings, size_t index)
{
    return settings && index < settings->count ? settings->items[index].name : NULL;
}

char *vt__settings_home(void)
{
    const char *home = getenv("VULTUS_HOME");
    if (home && *home) return vt__strdup(home);
    const char *data = getenv("XDG_DATA_HOME");
    if (data && *data) return vt__path_join(data, "vultus");
    const char *user = getenv("HOME");
    return vt__path_join(user && *user ? user : "/root", ".local/share/vultus");
}
