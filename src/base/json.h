/* JSON values (RFC 8259) over jansson: the only door to it. Values are counted references owned as each
 * function says. A value is used by one thread at a time. */
#ifndef VT_BASE_JSON_H
#define VT_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vultus/status.h>

typedef struct vt__json vt__json; /* a value; opaque */

typedef enum vt__json_kind {
    VT__JSON_NULL = 0,
    VT__JSON_BOOL,
    VT__JSON_INTEGER,
    VT__JSON_REAL,
    VT__JSON_STRING,
    VT__JSON_ARRAY,
    VT__JSON_OBJECT
} vt__json_kind;

/* Parses one value. VT_EFORMAT with line, column and cause; VT_ELIMIT deeper than max_depth (0 = 64).
 * Duplicate keys and invalid UTF-8 are refused. Caller frees with vt__json_free. */
vt_status vt__json_parse(vt__json **out, const void *text, size_t size_bytes, unsigned max_depth, vt_error *err);
void vt__json_free(vt__json *value); /* NULL is allowed */

/* Text of a value, compact or indented by two; floats with at most 9 significant digits. vt__free it. NULL: no memory. */
char *vt__json_text(const vt__json *value, bool indented);

vt__json_kind vt__json_get_kind(const vt__json *value); /* VT__JSON_NULL for NULL */

/* Reading an object's member: borrowed, NULL when absent or when `object` is no object. */
const vt__json *vt__json_get(const vt__json *object, const char *key);
size_t vt__json_count(const vt__json *array_or_object);                      /* 0 for other kinds */
const vt__json *vt__json_at(const vt__json *array, size_t index);            /* NULL outside */
const char *vt__json_key_at(const vt__json *object, size_t index);           /* insertion order */
const vt__json *vt__json_value_at(const vt__json *object, size_t index);

/* Scalars: false (and *out untouched) when the value is NULL or of another kind. Strings are borrowed. */
bool vt__json_as_string(const char **out, const vt__json *value);
bool vt__json_as_bool(bool *out, const vt__json *value);
bool vt__json_as_integer(int64_t *out, const vt__json *value);
bool vt__json_as_number(double *out, const vt__json *value); /* integers too */

/* The member as string / number / integer / bool, or `fallback` when absent or of another kind. */
const char *vt__json_string_or(const vt__json *object, const char *key, const char *fallback);
double vt__json_number_or(const vt__json *object, const char *key, double fallback);
int64_t vt__json_integer_or(const vt__json *object, const char *key, int64_t fallback);
bool vt__json_bool_or(const vt__json *object, const char *key, bool fallback);

/* Building. A NULL result means no memory; setters take NULL values as failure, so that a chain can be checked
 * once: any failed set makes vt__json_text of the root return NULL. Setters take ownership of `value`. */
vt__json *vt__json_object(void);
vt__json *vt__json_array(void);
vt__json *vt__json_string(const char *text);
vt__json *vt__json_string_n(const char *text, size_t size_bytes);
vt__json *vt__json_integer(int64_t number);
vt__json *vt__json_real(double number); /* not finite: null */
vt__json *vt__json_rounded(double number, int decimals);
vt__json *vt__json_bool(bool truth);
vt__json *vt__json_null(void);
vt__json *vt__json_copy(const vt__json *value); /* deep */

void vt__json_set(vt__json *object, const char *key, vt__json *value);
void vt__json_set_string(vt__json *object, const char *key, const char *text); /* NULL text: member left out */
void vt__json_set_integer(vt__json *object, const char *key, int64_t number);
void vt__json_set_real(vt__json *object, const char *key, double number);
void vt__json_set_bool(vt__json *object, const char *key, bool truth);
void vt__json_append(vt__json *array, vt__json *value);

#endif
