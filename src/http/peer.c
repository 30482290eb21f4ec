#include "http/peer.h"

#include "http/gate.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t v4_in_v6[12] = {[10] = 0xff, [11] = 0xff};
static const uint8_t v6_loopback[16] = {[15] = 1};

static IpAddress from_v4(const uint8_t bytes[4]) {
    IpAddress ip = {.v6 = false};
    memcpy(ip.bytes, bytes, 4);
    return ip;
}

static IpAddress from_v6(const uint8_t bytes[16]) {
    IpAddress ip = {.v6 = true};
    if (memcmp(bytes, v4_in_v6, sizeof v4_in_v6) == 0)
        return from_v4(bytes + 12);
    memcpy(ip.bytes, bytes, 16);
    return ip;
}

IpAddress ip_from_socket(const struct sockaddr *addr) {
    if (addr->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, addr, sizeof in);
        return from_v4((const uint8_t *)&in.sin_addr);
    }
    if (addr->sa_family != AF_INET6)
        return (IpAddress){.v6 = true};
    struct sockaddr_in6 in6;
    memcpy(&in6, addr, sizeof in6);
    return from_v6(in6.sin6_addr.s6_addr);
}

uint16_t port_from_socket(const struct sockaddr *addr) {
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    if (addr->sa_family == AF_INET6) {
        memcpy(&in6, addr, sizeof in6);
        return ntohs(in6.sin6_port);
    }
    memcpy(&in, addr, sizeof in);
    return addr->sa_family == AF_INET ? ntohs(in.sin_port) : 0;
}

bool ip_parse(const char *text, size_t n, IpAddress *ret) {
    char copy[INET6_ADDRSTRLEN];
    uint8_t bytes[16];
    if (n >= sizeof copy)
        return false;
    memcpy(copy, text, n);
    copy[n] = '\0';
    if (strlen(copy) != n)
        return false;
    if (inet_pton(AF_INET, copy, bytes) == 1)
        *ret = from_v4(bytes);
    else if (inet_pton(AF_INET6, copy, bytes) == 1)
        *ret = from_v6(bytes);
    else
        return false;
    return true;
}

ConnPeer ip_peer(const IpAddress *ip) {
    ConnPeer p = {.v6 = ip->v6};
    p.loopback =
        ip->v6 ? memcmp(ip->bytes, v6_loopback, sizeof v6_loopback) == 0 : ip->bytes[0] == 127;
    memcpy(p.bytes, ip->bytes, ip->v6 ? 8 : 4);
    return p;
}

/* "", or ":" and a number. */
static bool is_port(const char *text) {
    size_t n = text[0] == ':' ? strspn(text + 1, "0123456789") : 0;
    return text[0] == '\0' || (n != 0 && n <= 5 && text[1 + n] == '\0');
}

static bool port_is(const char *text, uint16_t port) {
    return text[0] != '\0' ? strtoul(text + 1, NULL, 10) == port : port == 80 || port == 443;
}

bool host_is_address(const char *host, const IpAddress *ip, uint16_t port) {
    bool brackets = host[0] == '[';
    const char *name = host + (brackets ? 1 : 0);
    size_t n = strcspn(name, brackets ? "]" : ":");
    const char *rest = name + n + (brackets && name[n] == ']' ? 1 : 0);
    bool here = ip_peer(ip).loopback;
    IpAddress named;
    if (!is_port(rest))
        return false;
    if (!brackets && http_name_is(name, n, "localhost"))
        return here;
    return ip_parse(name, n, &named) && named.v6 == ip->v6 &&
           memcmp(named.bytes, ip->bytes, sizeof ip->bytes) == 0 && (here || port_is(rest, port));
}

void peer_text(const ConnPeer *peer, char ret[PEER_TEXT]) {
    char text[INET6_ADDRSTRLEN] = "";
    uint8_t bytes[16] = {0};
    if (peer->v6 && peer->loopback) {
        snprintf(ret, PEER_TEXT, "::1");
        return;
    }
    memcpy(bytes, peer->bytes, sizeof peer->bytes);
    inet_ntop(peer->v6 ? AF_INET6 : AF_INET, bytes, text, sizeof text);
    snprintf(ret, PEER_TEXT, "%s%s", text, peer->v6 ? "/64" : "");
}

bool peer_same(const ConnPeer *a, const ConnPeer *b) {
    return a->v6 == b->v6 && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* FNV-1a, its upper half folded in: spreads well enough for tables. */
uint64_t peer_hash(const ConnPeer *peer, uint64_t seed) {
    uint64_t h = 14695981039346656037u ^ seed;
    for (size_t i = 0; i < sizeof peer->bytes; i++)
        h = (h ^ peer->bytes[i]) * 1099511628211u;
    h = (h ^ (peer->v6 ? 0x80u : 0u)) * 1099511628211u;
    return h ^ (h >> 32);
}
