#include "support/test.h"

#include "base/crypto.h"

static void hex_of(char *out, const void *bytes, size_t size)
{
    vt__hex_encode(out, bytes, size);
}

static void published_digests(void **state)
{
    (void)state;
    uint8_t digest[32];
    char hex[65];
    vt__sha256(digest, "abc", 3); /* FIPS 180-2 example */
    hex_of(hex, digest, 32);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    vt__sha256_state pieces;
    vt__sha256_begin(&pieces);
    vt__sha256_add(&pieces, "a", 1);
    vt__sha256_add(&pieces, "bc", 2);
    vt__sha256_end(digest, &pieces);
    hex_of(hex, digest, 32);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    vt__hmac_sha256(digest, "Jefe", 4, "what do ya want for nothing?", 28); /* RFC 4231 case 2 */
    hex_of(hex, digest, 32);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void uuids(void **state)
{
    (void)state;
    char a[VT__UUID_TEXT_BYTES], b[VT__UUID_TEXT_BYTES];
    vt__uuid_make(a);
    vt__uuid_make(b);
    assert_true(vt__uuid_valid(a));
    assert_int_equal(a[14], '4');
    assert_non_null(strchr("89ab", a[19]));
    assert_string_not_equal(a, b);
    static const char *const bad[] = { "", "x", "00000000-0000-4000-8000-00000000000", "00000000-0000-4000-8000-0000000000000",
                                       "00000000_0000-4000-8000-000000000000", "g0000000-0000-4000-8000-000000000000" };
    for (size_t i = 0; i < ROWS(bad); i++) assert_false(vt__uuid_valid(bad[i]));
    assert_true(vt__uuid_valid("ABCDEF00-0000-4000-8000-000000000000"));
}

static void base64url_round_trip(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *text;
    } rows[] = { { "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" }, { "\xff\xfe\xfd", "__79" } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[16];
        uint8_t bytes[8];
        size_t size = 99;
        vt__base64url_encode(text, rows[i].bytes, strlen(rows[i].bytes));
        assert_string_equal(text, rows[i].text);
        assert_int_equal(vt__base64url_length(strlen(rows[i].bytes)), strlen(text));
        assert_true(vt__base64url_decode(bytes, sizeof bytes, &size, text, strlen(text)));
        assert_int_equal(size, strlen(rows[i].bytes));
        assert_memory_equal(bytes, rows[i].bytes, size);
    }
    uint8_t bytes[2];
    size_t size;
    assert_false(vt__base64url_decode(bytes, sizeof bytes, &size, "Zm9v", 4));
    assert_false(vt__base64url_decode(bytes, sizeof bytes, &size, "Z!", 2));
}

static void seal_binds_content_context_and_key(void **state)
{
    (void)state;
    uint8_t key[VT__KEY_BYTES], sealed[5 + VT__SEAL_EXTRA_BYTES], opened[5];
    vt__random_bytes(key, sizeof key);
    vt__seal(sealed, "hello", 5, "row 1", 5, key);
    assert_int_equal(vt__open(opened, sealed, sizeof sealed, "row 1", 5, key, NULL), VT_OK);
    assert_memory_equal(opened, "hello", 5);
    vt_error err;
    assert_int_equal(vt__open(opened, sealed, sizeof sealed, "row 2", 5, key, &err), VT_EINTEGRITY);
    assert_int_equal(vt__open(opened, sealed, VT__SEAL_EXTRA_BYTES - 1, "row 1", 5, key, &err), VT_EINTEGRITY);
    for (size_t i = 0; i < sizeof sealed; i++) {
        sealed[i] ^= 1;
        assert_int_equal(vt__open(opened, sealed, sizeof sealed, "row 1", 5, key, &err), VT_EINTEGRITY);
        sealed[i] ^= 1;
    }
    key[0] ^= 1;
    assert_int_equal(vt__open(opened, sealed, sizeof sealed, "row 1", 5, key, &err), VT_EINTEGRITY);
}

static void signatures(void **state)
{
    (void)state;
    uint8_t public_key[VT__SIGN_PUBLIC_BYTES], secret_key[VT__SIGN_SECRET_BYTES], signature[VT__SIGNATURE_BYTES];
    vt__sign_keypair(public_key, secret_key);
    vt__sign(signature, "text", 4, secret_key);
    assert_true(vt__signature_valid(signature, "text", 4, public_key));
    assert_false(vt__signature_valid(signature, "texu", 4, public_key));
}

static void derived_keys_differ_by_purpose_and_id(void **state)
{
    (void)state;
    uint8_t key[VT__KEY_BYTES] = { 1 }, a[32], b[32], c[32], again[32];
    vt__key_derive(a, key, "face", "1");
    vt__key_derive(b, key, "face1", "");
    vt__key_derive(c, key, "face", "2");
    vt__key_derive(again, key, "face", "1");
    assert_memory_equal(a, again, 32);
    assert_memory_not_equal(a, b, 32);
    assert_memory_not_equal(a, c, 32);
}

static void locked_memory(void **state)
{
    (void)state;
    uint8_t *memory = vt__locked_alloc(10000, NULL);
    assert_non_null(memory);
    memset(memory, 7, 10000);
    vt__locked_free(memory, 10000);
    vt__locked_free(NULL, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_digests),
        cmocka_unit_test(uuids),
        cmocka_unit_test(base64url_round_trip),
        cmocka_unit_test(seal_binds_content_context_and_key),
        cmocka_unit_test(signatures),
        cmocka_unit_test(derived_keys_differ_by_purpose_and_id),
        cmocka_unit_test(locked_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
