/* A vt__json is a json_t under another name: no allocation of its own. A failed build step leaves a NULL, which
 * setters record by making the container unprintable: see `poison`. */
#include "base/json.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* A key that cannot come from anywhere else marks a container in which a set failed. */
static const char poison[] = "\x01vt_failed";

static json_t *inner(const vt__json *value)
{
    return (json_t *)value; /* jansson reads through non-const pointers */
}

static vt__json *outer(json_t *value)
{
    return (vt__json *)value;
}

/* jansson's own depth limit is 2,048; ours is judged before it recurses. Strings are skipped with their escapes. */
static bool depth_within(const char *text, size_t size_bytes, unsigned max_depth)
{
    unsigned depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < size_bytes; i++) {
        char c = text[i];
        if (quoted && c == '\\') i++;
        else if (c == '"') quoted = !quoted;
        else if (!quoted && (c == '{' || c == '[') && ++depth > max_depth) return false;
        else if (!quoted && (c == '}' || c == ']') && depth) depth--;
    }
    return true;
}

vt_status vt__json_parse(vt__json **out, const void *text, size_t size_bytes, unsigned max_depth, vt_error *err)
{
    if (!max_depth) max_depth = 64;
    if (!depth_within(text, size_bytes, max_depth))
        return vt__fail(err, VT_ELIMIT, "JSON is nested deeper than %u levels", max_depth);
    json_error_t where;
    json_t *value = json_loadb(text ? text : "", size_bytes, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &where);
    if (!value && json_error_code(&where) == json_error_out_of_memory) return vt__fail_memory(err, size_bytes);
    if (!value)
        return vt__fail(err, VT_EFORMAT, "JSON line %d, column %d: %s", where.line, where.column, where.text);
    *out = outer(value);
    return VT_OK;
}

void vt__json_free(vt__json *value)
{
    json_decref(inner(value));
}

static bool poisoned(const json_t *value)
{
    const char *key;
    json_t *member;
    size_t index;
    if (json_is_object(value)) {
        if (json_object_get(value, poison)) return true;
        json_object_foreach((json_t *)value, key, member) if (poisoned(member)) return true;
    }
    if (json_is_array(value)) {
        json_array_foreach(value, index, member) if (poisoned(member)) return true;
    }
    return false;
}

char *vt__json_text(const vt__json *value, bool indented)
{
    if (!value || poisoned(inner(value))) return NULL;
    size_t flags = JSON_ENCODE_ANY | JSON_REAL_PRECISION(9) | (indented ? JSON_INDENT(2) : JSON_COMPACT);
    char *text = json_dumps(inner(value), flags);
    char *own = vt__strdup(text); /* jansson may have been given another allocator by the program around us */
    free(text);
    return own;
}

vt__json_kind vt__json_get_kind(const vt__json *value)
{
    if (!value) return VT__JSON_NULL;
    switch (json_typeof(inner(value))) {
    case JSON_OBJECT: return VT__JSON_OBJECT;
    case JSON_ARRAY: return VT__JSON_ARRAY;
    case JSON_STRING: return VT__JSON_STRING;
    case JSON_INTEGER: return VT__JSON_INTEGER;
    case JSON_REAL: return VT__JSON_REAL;
    case JSON_TRUE:
    case JSON_FALSE: return VT__JSON_BOOL;
    default: return VT__JSON_NULL;
    }
}

const vt__json *vt__json_get(const vt__json *object, const char *key)
{
    return outer(json_object_get(inner(object), key));
}

size_t vt__json_count(const vt__json *value)
{
    return json_is_array(inner(value)) ? json_array_size(inner(value)) : json_object_size(inner(value));
}

const vt__json *vt__json_at(const vt__json *array, size_t index)
{
    return outer(json_array_get(inner(array), index));
}

static void *member_at(const vt__json *object, size_t index)
{
    void *iterator = json_object_iter(inner(object));
    while (iterator && index--) iterator = json_object_iter_next(inner(object), iterator);
    return iterator;
}

const char *vt__json_key_at(const vt__json *object, size_t index)
{
    void *iterator = member_at(object, index);
    return iterator ? json_object_iter_key(iterator) : NULL;
}

const vt__json *vt__json_value_at(const vt__json *object, size_t index)
{
    void *iterator = member_at(object, index);
    return iterator ? outer(json_object_iter_value(iterator)) : NULL;
}

bool vt__json_as_string(const char **out, const vt__json *value)
{
    if (!json_is_string(inner(value))) return false;
    *out = json_string_value(inner(value));
    return true;
}

bool vt__json_as_bool(bool *out, const vt__json *value)
{
    if (!json_is_boolean(inner(value))) return false;
    *out = json_is_true(inner(value));
    return true;
}

bool vt__json_as_integer(int64_t *out, const vt__json *value)
{
    if (!json_is_integer(inner(value))) return false;
    *out = json_integer_value(inner(value));
    return true;
}

bool vt__json_as_number(double *out, const vt__json *value)
{
    if (!json_is_number(inner(value))) return false;
    *out = json_number_value(inner(value));
    return true;
}

const char *vt__json_string_or(const vt__json *object, const char *key, const char *fallback)
{
    vt__json_as_string(&fallback, vt__json_get(object, key));
    return fallback;
}

double vt__json_number_or(const vt__json *object, const char *key, double fallback)
{
    vt__json_as_number(&fallback, vt__json_get(object, key));
    return fallback;
}

int64_t vt__json_integer_or(const vt__json *object, const char *key, int64_t fallback)
{
    vt__json_as_integer(&fallback, vt__json_get(object, key));
    return fallback;
}

bool vt__json_bool_or(const vt__json *object, const char *key, bool fallback)
{
    vt__json_as_bool(&fallback, vt__json_get(object, key));
    return fallback;
}

vt__json *vt__json_object(void) { return outer(json_object()); }
vt__json *vt__json_array(void) { return outer(json_array()); }
vt__json *vt__json_string(const char *text) { return outer(json_string(text)); }
vt__json *vt__json_string_n(const char *text, size_t size_bytes) { return outer(json_stringn(text, size_bytes)); }
vt__json *vt__json_integer(int64_t number) { return outer(json_integer(number)); }
vt__json *vt__json_bool(bool truth) { return outer(json_boolean(truth)); }
vt__json *vt__json_null(void) { return outer(json_null()); }
vt__json *vt__json_copy(const vt__json *value) { return outer(json_deep_copy(inner(value))); }

vt__json *vt__json_real(double number)
{
    return outer(isfinite(number) ? json_real(number) : json_null());
}

vt__json *vt__json_rounded(double number, int decimals)
{
    double scale = pow(10, decimals);
    return vt__json_real(round(number * scale) / scale);
}

static void mark_failed(json_t *container)
{
    if (json_is_object(container)) json_object_set_new_nocheck(container, poison, json_true());
    if (json_is_array(container)) {
        json_t *mark = json_object();
        if (mark) json_object_set_new_nocheck(mark, poison, json_true());
        json_array_append_new(container, mark);
    }
}

void vt__json_set(vt__json *object, const char *key, vt__json *value)
{
    if (json_object_set_new(inner(object), key, inner(value))) mark_failed(inner(object));
}

void vt__json_set_string(vt__json *object, const char *key, const char *text)
{
    if (text) vt__json_set(object, key, vt__json_string(text));
}

void vt__json_set_integer(vt__json *object, const char *key, int64_t number)
{
    vt__json_set(object, key, vt__json_integer(number));
}

void vt__json_set_real(vt__json *object, const char *key, double number)
{
    vt__json_set(object, key, vt__json_real(number));
}

void vt__json_set_bool(vt__json *object, const char *key, bool truth)
{
    vt__json_set(object, key, vt__json_bool(truth));
}

void vt__json_append(vt__json *array, vt__json *value)
{
    if (json_array_append_new(inner(array), inner(value))) mark_failed(inner(array));
}
