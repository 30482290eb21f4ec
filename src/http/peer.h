/* Where somebody asks from: addresses, and whom an address counts as when connections and requests
 * are counted. Threads: pure functions. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* IPv4 in the first four bytes (also when it came mapped into IPv6), or IPv6. The rest is zero. */
typedef struct {
    uint8_t bytes[16];
    bool v6;
} IpAddress;

IpAddress ip_from_socket(const struct sockaddr *addr);
uint16_t port_from_socket(const struct sockaddr *addr); /* 0: it has none */
/* n bytes such as "192.0.2.1" or "2001:db8::1", without brackets, port or zone. */
bool ip_parse(const char *text, size_t n, IpAddress *ret);

/* Who is counted: an IPv4 address, or the /64 of an IPv6 one, which is one customer. */
typedef struct {
    uint8_t bytes[8];
    bool v6, loopback;
} ConnPeer;

ConnPeer ip_peer(const IpAddress *ip);
/* Is `host`, as a Host field has it, this address and port? Only addresses are, as others can have
 * any name; without a port it is 80 or 443. Of this machine, "localhost" is one too, and its ports
 * are not looked at: whoever is here could as well be us. */
bool host_is_address(const char *host, const IpAddress *ip, uint16_t port);
/* "192.0.2.1", "2001:db8:1:2::/64". */
#define PEER_TEXT 50
void peer_text(const ConnPeer *peer, char ret[PEER_TEXT]);
bool peer_same(const ConnPeer *a, const ConnPeer *b);
/* With a seed of one's own nobody can aim at another's place in a table. */
uint64_t peer_hash(const ConnPeer *peer, uint64_t seed);
