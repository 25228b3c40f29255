/* Which network addresses a server may fetch from on a stranger's word. */
#ifndef VT_HTTP_ADDRESS_H
#define VT_HTTP_ADDRESS_H

#include <stdbool.h>

#include <vultus/status.h>

struct sockaddr;

#define VT__MAX_NETWORKS 64

typedef struct vt__network {
    unsigned char bytes[16]; /* IPv4 as ::ffff:a.b.c.d */
    int bits;                /* of the prefix, counted from the IPv6 start */
} vt__network;

typedef struct vt__networks {
    vt__network items[VT__MAX_NETWORKS];
    int count;
} vt__networks;

/* Reads "10.0.0.0/8, 192.168.1.7, fd00::/8"; empty or NULL gives none. VT_EINVAL names the bad one. */
vt_status vt__networks_parse(vt__networks *out, const char *text, vt_error *err);

/* Whether an address in text, as of a client, lies in one of the networks. */
bool vt__networks_hold(const vt__networks *networks, const char *address);

/* Whether an address is public, or in one of the networks allowed (may be NULL). Not public: loopback, private,
 * link-local, shared (CGNAT), cloud metadata, documentation, benchmark, multicast and reserved ranges (RFC 6890), and
 * IPv6 forms that carry such an IPv4 address (mapped, NAT64, 6to4). Families other than IPv4 and IPv6 are refused. */
bool vt__address_allowed(const struct sockaddr *address, const vt__networks *allowed);

#endif
