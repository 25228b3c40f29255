/* A liveness payload. First byte even: the rest is the payload, as it comes. Odd: the rest says what a payload with a sound
 * chain is made of, frames of two bytes of size and time each, so that the reader gets past its hashes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "service/liveness_payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads all; every frame lies within its part. */
static size_t read_frames(vt__payload *reader, const uint8_t *part, size_t part_bytes)
{
    size_t frames = 0;
    bool more = true;
    vt_error err;
    if (vt__payload_take(reader, part, part_bytes, &err)) return 0;
    for (;;) {
        vt__still still;
        if (vt__payload_next(&still, &more, reader, &err) || !more) return frames;
        if (still.jpeg < part || still.bytes > (size_t)(part + part_bytes - still.jpeg)) abort();
        frames++;
    }
}

static void read_raw(const uint8_t *data, size_t size)
{
    vt__payload reader;
    uint8_t *copy = malloc(size ? size : 1); /* of exact size, so that one byte too far is seen */
    size_t half = size / 2;
    if (size) memcpy(copy, data, size);
    vt__payload_open(&reader, "token");
    read_frames(&reader, copy, half);
    read_frames(&reader, copy + half, size - half);
    free(copy);
}

/* What was written is read: as many frames, and the chain that the writer ended with. */
static void read_sound(const uint8_t *data, size_t size)
{
    enum { HEAD = VT__PAYLOAD_TIME_AND_SIZE_BYTES };
    uint8_t *part = malloc(4 + size * (HEAD + VT__SHA256_BYTES)), *to = part + 4, chain[VT__SHA256_BYTES];
    size_t written = 0;
    vt__payload reader;
    memcpy(part, "VLP1", 4);
    vt__sha256(chain, "token", 5);
    for (; size >= 4; written++) {
        size_t wanted = (size_t)data[0] << 8 | data[1], bytes = wanted < size - 4 ? wanted : size - 4;
        const uint8_t head[HEAD] = { 0, 0, data[2], data[3], 0, 0, (uint8_t)(bytes >> 8), (uint8_t)bytes };
        vt__payload_chain(chain, head, data + 4, bytes);
        memcpy(to, head, HEAD);
        memcpy(to + HEAD, chain, sizeof chain);
        memcpy(to + HEAD + sizeof chain, data + 4, bytes);
        to += HEAD + sizeof chain + bytes;
        data += 4 + bytes;
        size -= 4 + bytes;
    }
    vt__payload_open(&reader, "token");
    if (read_frames(&reader, part, (size_t)(to - part)) != written || memcmp(reader.chain, chain, sizeof chain) != 0) abort();
    free(part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size) return 0;
    if (data[0] % 2) read_sound(data + 1, size - 1);
    else read_raw(data + 1, size - 1);
    return 0;
}
