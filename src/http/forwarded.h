/* Who asks, behind proxies.
 *
 * A proxy that is trusted (configured, never guessed) appends the address that it was asked from to
 * X-Forwarded-For. Read from the right, each entry is believed as long as whoever wrote it is
 * trusted; the first that is not itself a trusted proxy is the client. All to the left of it is the
 * client's own invention. X-Forwarded-Proto and -Host are not looked at: --public-url says them.
 * Threads: pure functions; a list is immutable once made. */
#pragma once

#include "base/err.h"
#include "http/gate.h"
#include "http/peer.h"

typedef struct ProxyList ProxyList;

/* "10.0.0.0/8, 2001:db8::7": addresses and ranges, at most LIMIT_PROXIES. False: EBADREQ
 * "http.proxies", saying which of them is wrong and why (a range of everybody, bits behind its
 * length). The caller frees the list. */
bool proxies_parse(const char *text, ProxyList **ret, CvkErr *err) MUST_USE;
ProxyList *proxies_free(ProxyList *l); /* NULL is fine; returns NULL */

/* NULL: an empty list. */
bool proxies_hold(const ProxyList *l, const IpAddress *ip);

/* `from` is the socket's address; the fields are those of a request, in the order in which they
 * came. Where an entry is no address the chain ends, at the nearest hop that is known. */
IpAddress forwarded_client(const ProxyList *trusted, const IpAddress *from, const HttpField *fields,
                           size_t n);
