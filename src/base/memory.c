#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No object may be larger: keeps sizes representable as ptrdiff_t. */
static const size_t size_ceiling = PTRDIFF_MAX;

bool vt__mul_size(size_t *out, size_t a, size_t b)
{
    return !__builtin_mul_overflow(a, b, out);
}

bool vt__add_size(size_t *out, size_t a, size_t b)
{
    return !__builtin_add_overflow(a, b, out);
}

void *vt__malloc(size_t count, size_t size_bytes)
{
    size_t total;
    if (!vt__mul_size(&total, count, size_bytes) || total > size_ceiling) return NULL;
    return malloc(total ? total : 1);
}

void *vt__calloc(size_t count, size_t size_bytes)
{
    size_t total;
    if (!vt__mul_size(&total, count, size_bytes) || total > size_ceiling) return NULL;
    return calloc(1, total ? total : 1);
}

void *vt__realloc(void *old, size_t count, size_t size_bytes)
{
    size_t total;
    if (!vt__mul_size(&total, count, size_bytes) || total > size_ceiling) return NULL;
    return realloc(old, total ? total : 1);
}

void *vt__calloc_aligned(size_t count, size_t size_bytes)
{
    size_t total;
    if (!vt__mul_size(&total, count, size_bytes) || total > size_ceiling - 64) return NULL;
    total = (total + 63) & ~(size_t)63;
    void *memory = aligned_alloc(64, total ? total : 64);
    if (memory) memset(memory, 0, total ? total : 64);
    return memory;
}

void vt__free(void *memory)
{
    free(memory);
}

void vt__free_secret(void *memory, size_t size_bytes)
{
    if (!memory) return;
    explicit_bzero(memory, size_bytes);
    free(memory);
}

char *vt__strdup(const char *text)
{
    if (!text) return NULL;
    size_t size = strlen(text) + 1;
    char *copy = vt__malloc(size, 1);
    if (copy) memcpy(copy, text, size);
    return copy;
}

char *vt__format(const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : vt__malloc((size_t)length + 1, 1);
    if (text) vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}
