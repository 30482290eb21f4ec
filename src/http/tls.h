/* The certificate and the key of a server that speaks TLS itself, from PEM files as certificate
 * authorities' tools write them.
 *
 * Whatever is wrong with them is told at the start, by name, and not by clients that cannot
 * connect. The key lies in locked memory here, and is wiped; the TLS library makes a copy of its
 * own, which lives as long as the server. Threads: one. */
#pragma once

#include "base/err.h"

typedef struct {
    char *cert; /* PEM text: the server's own certificate, then those of its authorities */
    char *key;  /* PEM text, secret */
} TlsFiles;

/* The protocol versions and ciphers: TLS 1.2 and 1.3 with forward secrecy. */
#define TLS_PRIORITIES "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:%SERVER_PRECEDENCE"

/* False: EBADREQ or EBACKEND, saying which file, what is wrong and what to do (not there; the key
 * readable by everybody, or under a password; not PEM; not the key of the certificate). An expired
 * certificate is only logged. On true the caller ends it with tls_done. */
bool tls_load(const char *cert_path, const char *key_path, TlsFiles *ret, CvkErr *err) MUST_USE;
void tls_done(TlsFiles *f); /* zeroed is fine */
