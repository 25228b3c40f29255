#include "http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"

/* IANA special-purpose registries, and two addresses by which clouds hand out credentials */
static const char special[] =
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 "
    "192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 "
    "198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 "
    "::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8";

static const unsigned char mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static bool parse_network(vt__network *out, const char *text)
{
    char address[64];
    const char *slash = strchr(text, '/');
    size_t size = slash ? (size_t)(slash - text) : strlen(text);
    if (size >= sizeof address) return false;
    memcpy(address, text, size);
    address[size] = 0;
    struct in_addr four;
    int most = 128, before = 0;
    if (inet_pton(AF_INET, address, &four) == 1) {
        memcpy(out->bytes, mapped_prefix, 12);
        memcpy(out->bytes + 12, &four, 4);
        most = 32;
        before = 96;
    } else if (inet_pton(AF_INET6, address, out->bytes) != 1) {
        return false;
    }
    char *end = NULL;
    long bits = slash ? strtol(slash + 1, &end, 10) : most;
    if (slash && (end == slash + 1 || *end)) return false;
    out->bits = before + (int)bits;
    return bits >= 0 && bits <= most;
}

vt_status vt__networks_parse(vt__networks *out, const char *text, vt_error *err)
{
    out->count = 0;
    while (text && *(text += strspn(text, ", \t"))) {
        size_t size = strcspn(text, ", \t");
        char one[80];
        if (size >= sizeof one || out->count == VT__MAX_NETWORKS)
            return vt__fail(err, VT_EINVAL, "too long or too many networks; at most %d", VT__MAX_NETWORKS);
        memcpy(one, text, size);
        one[size] = 0;
        if (!parse_network(&out->items[out->count++], one))
            return vt__fail(err, VT_EINVAL, "\"%s\" is no network; write it like 10.0.0.0/8 or fd00::/8", one);
        text += size;
    }
    return VT_OK;
}

static bool in_network(const unsigned char address[16], const vt__network *network)
{
    int whole = network->bits / 8, rest = network->bits % 8;
    if (memcmp(address, network->bytes, (size_t)whole) != 0) return false;
    int mask = 0xff00 >> rest & 0xff;
    return rest == 0 || (address[whole] & mask) == (network->bytes[whole] & mask);
}

static bool in_any(const unsigned char address[16], const vt__networks *networks)
{
    for (int i = 0; networks && i < networks->count; i++)
        if (in_network(address, &networks->items[i])) return true;
    return false;
}

bool vt__networks_hold(const vt__networks *networks, const char *address)
{
    vt__network one;
    return !strchr(address, '/') && parse_network(&one, address) && in_any(one.bytes, networks);
}

/* The IPv4 address that an IPv6 address of a transition mechanism leads to, as mapped; false: none. */
static bool carried_ipv4(unsigned char out[16], const unsigned char address[16])
{
    static const unsigned char nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
    memcpy(out, mapped_prefix, 12);
    if (memcmp(address, nat64, 12) == 0) {
        memcpy(out + 12, address + 12, 4);
    } else if (address[0] == 0x20 && address[1] == 0x02) { /* 6to4 */
        memcpy(out + 12, address + 2, 4);
    } else {
        return false;
    }
    return true;
}

bool vt__address_allowed(const struct sockaddr *address, const vt__networks *allowed)
{
    unsigned char bytes[16], carried[16];
    if (address->sa_family == AF_INET) {
        memcpy(bytes, mapped_prefix, 12);
        memcpy(bytes + 12, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
    } else {
        return false;
    }
    if (in_any(bytes, allowed)) return true;
    vt__networks refused;
    if (vt__networks_parse(&refused, special, NULL)) return false;
    if (in_any(bytes, &refused)) return false;
    return !carried_ipv4(carried, bytes) || in_any(carried, allowed) || !in_any(carried, &refused);
}
