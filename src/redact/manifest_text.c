#include "redact/manifest_text.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"

enum { most_value_bytes = 1 << 20, deepest = 16, end_of_text = -1 };

void vt__text_over(vt__text *out, const void *bytes, size_t size_bytes)
{
    *out = (vt__text){ .file = -1, .bytes = bytes, .size = size_bytes };
}

vt_status vt__text_open(vt__text *out, const char *path, vt_error *err)
{
    *out = (vt__text){ .file = open(path, O_RDONLY | O_CLOEXEC) };
    if (out->file < 0) return vt__fail_errno(err, errno == ENOENT ? VT_ENOTFOUND : VT_EIO, errno, "cannot open %s", path);
    out->buffer = vt__malloc(VT__TEXT_BUFFER_BYTES, 1);
    out->bytes = out->buffer;
    return out->buffer ? VT_OK : vt__fail_memory(err, VT__TEXT_BUFFER_BYTES);
}

vt_status vt__text_from(vt__text *out, const vt_video_bytes *from, vt_error *err)
{
    *out = (vt__text){ .file = -1, .from = from, .buffer = vt__malloc(VT__TEXT_BUFFER_BYTES, 1) };
    out->bytes = out->buffer;
    return out->buffer ? VT_OK : vt__fail_memory(err, VT__TEXT_BUFFER_BYTES);
}

void vt__text_close(vt__text *text)
{
    if (text->file >= 0) close(text->file);
    vt__free(text->buffer);
    *text = (vt__text){ .file = -1 };
}

/* Bytes put into the buffer; 0 at the end and where nothing can be read. */
static ssize_t fill(vt__text *text)
{
    size_t wanted = VT__TEXT_BUFFER_BYTES;
    if (text->from) return text->from->read(text->from->payload, text->buffer, &wanted, text->before) ? (ssize_t)wanted : 0;
    ssize_t got;
    do got = read(text->file, text->buffer, wanted);
    while (got < 0 && errno == EINTR);
    return got;
}

/* The next byte, which stays; end_of_text at the end and where the file cannot be read. */
static int peek(vt__text *text)
{
    if (text->at < text->size) return text->bytes[text->at];
    if (text->file < 0 && !text->from) return end_of_text;
    text->before += text->size;
    ssize_t got = fill(text);
    text->at = 0;
    text->size = got > 0 ? (size_t)got : 0;
    return got > 0 ? text->bytes[0] : end_of_text;
}

static int peek_sign(vt__text *text)
{
    int c = peek(text);
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        text->at++;
        c = peek(text);
    }
    return c;
}

static vt_status wrong(const vt__text *text, const char *expected, vt_error *err)
{
    return vt__fail(err, VT_EFORMAT, "byte %llu: expected %s", (unsigned long long)(text->before + text->at), expected);
}

vt_status vt__text_expect(vt__text *text, char wanted, vt_error *err)
{
    const char sign[2] = { wanted, 0 };
    if (peek_sign(text) != wanted) return wrong(text, sign, err);
    text->at++;
    return VT_OK;
}

vt_status vt__text_more(bool *more, bool *first, vt__text *text, char end, vt_error *err)
{
    int c = peek_sign(text);
    bool begun = !*first;
    *first = false;
    *more = c != end;
    if (c == end) {
        text->at++;
        return VT_OK;
    }
    return begun ? vt__text_expect(text, ',', err) : VT_OK;
}

vt_status vt__text_key(char out[VT__TEXT_KEY_BYTES], vt__text *text, vt_error *err)
{
    size_t length = 0;
    bool plain = true;
    vt_status status = vt__text_expect(text, '"', err);
    for (int c; !status && (c = peek(text)) != '"'; text->at++) {
        if (c < ' ') return wrong(text, "a name", err);
        if (c == '\\') {
            plain = false;
            text->at++;
            if (peek(text) < ' ') return wrong(text, "a name", err);
        }
        if (length < VT__TEXT_KEY_BYTES) out[length++] = (char)c;
    }
    if (status) return status;
    text->at++;
    out[plain && length < VT__TEXT_KEY_BYTES ? length : 0] = 0;
    return vt__text_expect(text, ':', err);
}

static bool take_digits(double *value, int *digits, vt__text *text)
{
    int taken = 0;
    for (int c = peek(text); c >= '0' && c <= '9'; c = peek(text)) {
        *value = *value * 10 + (c - '0');
        text->at++;
        taken++;
    }
    *digits = taken;
    return taken > 0 && taken < 300;
}

/* By hand, as strtod heeds the locale; a box needs no last bit. */
vt_status vt__text_number(double *out, vt__text *text, vt_error *err)
{
    double value = 0, exponent = 0;
    int digits = 0, decimals = 0, unused;
    bool minus = peek_sign(text) == '-';
    text->at += minus;
    if (!take_digits(&value, &digits, text)) return wrong(text, "a number", err);
    if (peek(text) == '.') {
        text->at++;
        if (!take_digits(&value, &decimals, text)) return wrong(text, "a number", err);
    }
    if (peek(text) == 'e' || peek(text) == 'E') {
        text->at++;
        bool small = peek(text) == '-';
        text->at += small || peek(text) == '+';
        if (!take_digits(&exponent, &unused, text) || exponent > 300) return wrong(text, "a number", err);
        if (small) exponent = -exponent;
    }
    double power = exponent - decimals;
    value = power < 0 ? value / pow(10, -power) : value * pow(10, power);
    *out = minus ? -value : value;
    return isfinite(*out) ? VT_OK : wrong(text, "a number", err);
}

static vt_status take_string(vt__buffer *out, vt__text *text, vt_error *err)
{
    bool escaped = false;
    for (bool begun = false;; begun = true) {
        int c = peek(text);
        if (c == end_of_text) return wrong(text, "the end of a string", err);
        char byte = (char)c;
        vt__buffer_append(out, &byte, 1);
        text->at++;
        if (begun && c == '"' && !escaped) return VT_OK;
        escaped = c == '\\' && !escaped;
    }
}

/* The text of one value: up to the end of what it opens, or of a word. */
static vt_status take_value(vt__buffer *out, vt__text *text, vt_error *err)
{
    int depth = 0;
    do {
        int c = peek_sign(text);
        if (c == end_of_text) return wrong(text, "a value", err);
        if (depth == 0 && (c == ',' || c == '}' || c == ']' || c == ':')) return wrong(text, "a value", err);
        if (c == '"') {
            vt_status status = take_string(out, text, err);
            if (status) return status;
            continue;
        }
        if (c == '{' || c == '[') depth++;
        if (c == '}' || c == ']') depth--;
        bool word = c != '{' && c != '[' && c != '}' && c != ']' && c != ',' && c != ':';
        do {
            char byte = (char)peek(text);
            vt__buffer_append(out, &byte, 1);
            text->at++;
        } while (word && peek(text) != end_of_text && !strchr("{}[],:\" \t\r\n", peek(text)));
        if (word) vt__buffer_append(out, " ", 1);
        if (depth > deepest || out->status) return vt__fail(err, VT_ELIMIT, "byte %llu: a value that is too large", (unsigned long long)(text->before + text->at));
    } while (depth > 0);
    return VT_OK;
}

vt_status vt__text_value(vt__json **out, vt__text *text, vt_error *err)
{
    vt__buffer value;
    vt__buffer_init(&value, most_value_bytes);
    *out = NULL;
    vt_status status = take_value(&value, text, err);
    if (!status && value.status) status = vt__fail(err, value.status, "a value that is too large");
    if (!status) status = vt__json_parse(out, value.data, value.size, deepest, err);
    vt__buffer_free(&value);
    return status;
}

vt_status vt__text_end(vt__text *text, vt_error *err)
{
    return peek_sign(text) == end_of_text ? VT_OK : wrong(text, "the end", err);
}
