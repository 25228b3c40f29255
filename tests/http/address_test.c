#include "support/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "http/address.h"

static bool judge(const char *text, const char *allowed)
{
    vt__networks networks;
    assert_int_equal(vt__networks_parse(&networks, allowed, NULL), VT_OK);
    struct sockaddr_in four = { .sin_family = AF_INET };
    struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1) return vt__address_allowed((struct sockaddr *)&four, &networks);
    assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
    return vt__address_allowed((struct sockaddr *)&six, &networks);
}

static void addresses(void **state)
{
    (void)state;
    static const struct {
        const char *address, *allowed;
        bool good;
    } rows[] = {
        { "8.8.8.8", NULL, true },
        { "1.1.1.1", "", true },
        { "2606:4700::1111", NULL, true },
        { "127.0.0.1", NULL, false },
        { "127.255.0.9", NULL, false },
        { "0.0.0.0", NULL, false },
        { "10.1.2.3", NULL, false },
        { "100.64.0.1", NULL, false },
        { "100.63.255.255", NULL, true },
        { "100.128.0.0", NULL, true },
        { "100.100.100.200", NULL, false }, /* metadata */
        { "168.63.129.16", NULL, false },   /* metadata on a public address */
        { "168.63.129.17", NULL, true },
        { "169.254.169.254", NULL, false },
        { "172.16.0.1", NULL, false },
        { "172.31.255.255", NULL, false },
        { "172.32.0.1", NULL, true },
        { "192.168.1.1", NULL, false },
        { "198.18.0.1", NULL, false },
        { "224.0.0.1", NULL, false },
        { "255.255.255.255", NULL, false },
        { "::", NULL, false },
        { "::1", NULL, false },
        { "::127.0.0.1", NULL, false },
        { "::ffff:127.0.0.1", NULL, false },
        { "::ffff:10.0.0.1", NULL, false },
        { "::ffff:8.8.8.8", NULL, true },
        { "64:ff9b::7f00:1", NULL, false },
        { "64:ff9b::808:808", NULL, true },
        { "2002:7f00:1::", NULL, false },
        { "2002:a9fe:a9fe::1", NULL, false },
        { "2001:0:1::1", NULL, false },
        { "fc00::1", NULL, false },
        { "fd00:ec2::254", NULL, false }, /* metadata */
        { "fe80::1", NULL, false },
        { "ff02::1", NULL, false },
        { "127.0.0.1", "127.0.0.0/8", true },
        { "10.9.8.7", "127.0.0.0/8, 10.9.8.7", true },
        { "10.9.8.6", "127.0.0.0/8, 10.9.8.7", false },
        { "::ffff:10.9.8.7", "10.9.8.0/24", true },
        { "fd00::7", "fd00::/8", true },
        { "169.254.169.254", "0.0.0.0/0", true },
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        if (judge(rows[i].address, rows[i].allowed) != rows[i].good) fail_msg("%s", rows[i].address);
}

static void other_families_are_refused(void **state)
{
    (void)state;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    assert_false(vt__address_allowed((struct sockaddr *)&address, NULL));
}

static void bad_networks(void **state)
{
    (void)state;
    static const char *rows[] = { "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "fd00::/129", "10.0.0.0/8x" };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__networks networks;
        vt_error err;
        assert_int_equal(vt__networks_parse(&networks, rows[i], &err), VT_EINVAL);
        assert_non_null(strstr(err.text, "is no network; write it like 10.0.0.0/8 or fd00::/8"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test(other_families_are_refused),
        cmocka_unit_test(bad_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
