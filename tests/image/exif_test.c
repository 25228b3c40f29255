#include "support/test.h"

#include "image/codec.h"

static void orientation_is_found_or_one(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint8_t bytes[22];
        size_t size;
        int orientation;
    } rows[] = {
        { "little endian", "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0", 22, 6 },
        { "big endian", "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0", 22, 8 },
        { "out of range", "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x09\0\0", 22, 1 },
        { "zero", "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0", 22, 1 },
        { "another tag", "II*\0\x08\0\0\0\x01\0\x13\x01\x03\0\x01\0\0\0\x06\0\0", 22, 1 },
        { "another type", "II*\0\x08\0\0\0\x01\0\x12\x01\x04\0\x01\0\0\0\x06\0\0", 22, 1 },
        { "entry cut", "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0", 21, 1 },
        { "directory far outside", "II*\0\xFF\xFF\xFF\xFF\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0", 22, 1 },
        { "directory at the last byte", "II*\0\x15\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0", 22, 1 },
        { "more entries said than there", "II*\0\x08\0\0\0\xFF\xFF\x13\x01\x03\0\x01\0\0\0\x06\0\0", 22, 1 },
        { "no mark", "XX*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0", 22, 1 },
        { "too short", "II*\0\x08\0\0", 7, 1 },
        { "nothing", "", 0, 1 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        int got = vt__exif_orientation((vt__bytes){ rows[i].bytes, rows[i].size });
        if (got != rows[i].orientation) fail_msg("%s: %d, not %d", rows[i].what, got, rows[i].orientation);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(orientation_is_found_or_one) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
