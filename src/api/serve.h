/* The HTTP server of a node: the original protocols' paths bound to one ceremony, one prover
 * market, or one of each, our own beside them (docs/PROTOCOLS.md has the table). Threads: start and
 * stop from one. */
#pragma once

#include "http/rate.h"
#include "run/node.h"

#include <stdint.h>

/* How often one address may ask (one /64 network of IPv6). */
typedef enum {
    API_RATE_LOGIN = 0, /* attempts to sign in */
    API_RATE_ANONYMOUS, /* the rest, without a valid session */
    API_RATE_SIGNED_IN, /* the rest, with one */
    API_RATE_INFO,      /* status, events, pages, metrics; and a prover market's requests */
    API_RATES_N
} ApiRate;

extern const RateLimit api_usual_rates[API_RATES_N];

typedef struct {
    const char *address;    /* to listen on; NULL: 127.0.0.1 */
    uint16_t port;          /* 0: any free one */
    const char *public_url; /* how clients reach us, such as https://ceremony.example.org/kzg,
                               without a slash at its end; NULL: from each request's Host */
    const char *redirects;  /* origins that sign-in may lead to, comma-separated; loopback always;
                               NULL: none */
    const char *ceremony;   /* its name; NULL: the only one, if there is one */
    const char *experiment; /* the same. Neither: CVK_ENOTFOUND "serve.nothing" */
    const RateLimit *rates; /* API_RATES_N of them; NULL: the usual ones */
    /* Proxies that are believed who asks them: addresses and ranges, comma-separated; NULL: none */
    const char *trusted_proxies;
    const char *tls_cert, *tls_key; /* PEM files: then it speaks HTTPS; NULL: plain HTTP */
    bool rate_loopback; /* for clients on this machine too; usually they are the operator's, or
                           a proxy that speaks for many */
    bool legacy_login;  /* also take signatures of the constant text of 2022 (AUTH_CONSTANT_TEXT) */
} ApiOptions;

typedef struct ApiServer ApiServer;

/* The node outlives the server. */
bool api_serve_start(Node *n, const ApiOptions *o, ApiServer **ret, CvkErr *err) MUST_USE;
uint16_t api_serve_port(const ApiServer *s);

/* Accepts nothing new and finishes what runs, at most LIMIT_STOP_MS for uploads and downloads. NULL
 * is fine; returns NULL. */
ApiServer *api_serve_stop(ApiServer *s);
