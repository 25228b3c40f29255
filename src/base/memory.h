/* Allocation with checked sizes. Plain malloc underneath, so that the tests can make any of them fail at link time. */
#ifndef VT_BASE_MEMORY_H
#define VT_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* count * size zeroed bytes; NULL on overflow or when there is no memory. Free with vt__free. */
void *vt__calloc(size_t count, size_t size_bytes);

/* count * size bytes, not cleared. */
void *vt__malloc(size_t count, size_t size_bytes);

/* Resizes; NULL on overflow or failure, and then `old` is still valid. */
void *vt__realloc(void *old, size_t count, size_t size_bytes);

/* 64-byte aligned (for SIMD and tensors), zeroed. Free with vt__free. */
void *vt__calloc_aligned(size_t count, size_t size_bytes);

void vt__free(void *memory);

/* Clears, in a way the compiler keeps, then frees: for keys and templates. */
void vt__free_secret(void *memory, size_t size_bytes);

/* Copies a zero-terminated string; NULL for NULL or when there is no memory. */
char *vt__strdup(const char *text);

/* printf into fresh memory; NULL when there is none. */
char *vt__format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* *out = a * b (a + b); false on overflow. */
bool vt__mul_size(size_t *out, size_t a, size_t b);
bool vt__add_size(size_t *out, size_t a, size_t b);

#endif
