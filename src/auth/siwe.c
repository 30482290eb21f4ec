#include "auth/siwe.h"

#include "auth/auth.h"
#include "auth/uri.h"
#include "base/clock.h"
#include "base/hex.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define WANTS " wants you to sign in with your Ethereum account:"
#define RESOURCES "Resources:"
#define NONCE_LEAST 8
#define CHAIN_ID_DIGITS 78 /* 2^256 */

/* ---- what each line may hold ---- */

static bool is_version(const char *s, size_t n) {
    return n == 1 && s[0] == '1';
}

static bool is_chain_id(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (s[i] < '0' || s[i] > '9')
            return false;
    return n > 0 && n <= CHAIN_ID_DIGITS;
}

static bool is_nonce(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!(s[i] >= '0' && s[i] <= '9') && !(s[i] >= 'a' && s[i] <= 'z') &&
            !(s[i] >= 'A' && s[i] <= 'Z'))
            return false;
    return n >= NONCE_LEAST;
}

static bool is_time(const char *s, size_t n) {
    int64_t ms;
    return cvk_time_parse(s, n, &ms);
}

/* The lines with a name, in their order. */
#define AT(member) offsetof(SiweMessage, member)
static const struct {
    const char *name; /* what stands before ": " */
    size_t at;
    bool optional;
    bool (*fits)(const char *s, size_t n);
} fields[] = {
    {"URI", AT(uri), false, uri_is_valid},
    {"Version", AT(version), false, is_version},
    {"Chain ID", AT(chain_id), false, is_chain_id},
    {"Nonce", AT(nonce), false, is_nonce},
    {"Issued At", AT(issued_at), false, is_time},
    {"Expiration Time", AT(expires_at), true, is_time},
    {"Not Before", AT(not_before), true, is_time},
    {"Request ID", AT(request_id), true, uri_is_segment},
};
#define N_FIELDS (sizeof fields / sizeof *fields)

static bool fail_at(const char *what, CvkErr *err) {
    return cvk_fail(err, CVK_EBADREQ, "siwe.syntax",
                    "not a Sign-In with Ethereum message (EIP-4361): its %s", what);
}

static bool fail_long(CvkErr *err) {
    return cvk_fail(err, CVK_ELIMIT, "siwe.long",
                    "the message is longer than %d bytes, or lists more than %d resources",
                    LIMIT_SIWE, LIMIT_SIWE_RESOURCES);
}

/* ---- reading ---- */

typedef struct {
    const char *at, *end;
    bool over; /* the last line was taken: no line feed stood behind it */
} Lines;

/* The next line, without taking it. */
static SiweText peek_line(const Lines *l) {
    if (l->over)
        return (SiweText){.at = NULL};
    const char *lf = memchr(l->at, '\n', (size_t)(l->end - l->at));
    return (SiweText){.at = l->at, .n = (size_t)((lf != NULL ? lf : l->end) - l->at)};
}

static void pass_line(Lines *l, SiweText line) {
    l->over = line.at + line.n == l->end;
    l->at = l->over ? l->end : line.at + line.n + 1;
}

static SiweText take_line(Lines *l) {
    SiweText line = peek_line(l);
    if (line.at != NULL)
        pass_line(l, line);
    return line;
}

static bool begins_with(SiweText line, const char *prefix) {
    size_t n = strlen(prefix);
    return line.at != NULL && line.n >= n && memcmp(line.at, prefix, n) == 0;
}

static SiweText without(SiweText line, size_t n) {
    return (SiweText){.at = line.at + n, .n = line.n - n};
}

/* [scheme "://"] domain " wants you ..." */
static bool take_domain(Lines *l, SiweMessage *m, CvkErr *err) {
    SiweText line = take_line(l);
    size_t wants = sizeof WANTS - 1;
    if (line.at == NULL || line.n < wants || memcmp(line.at + line.n - wants, WANTS, wants) != 0)
        return fail_at("first line", err);
    line.n -= wants;
    for (size_t i = 0; i + 3 <= line.n && m->scheme.at == NULL; i++)
        if (memcmp(line.at + i, "://", 3) == 0) {
            m->scheme = (SiweText){.at = line.at, .n = i};
            m->domain = without(line, i + 3);
        }
    if (m->scheme.at == NULL)
        m->domain = line;
    return ((m->scheme.at == NULL || uri_is_scheme(m->scheme.at, m->scheme.n)) &&
            uri_is_authority(m->domain.at, m->domain.n)) ||
           fail_at("domain", err);
}

static bool take_address(Lines *l, SiweMessage *m, CvkErr *err) {
    char text[ETH_ADDRESS_TEXT];
    SiweText line = take_line(l);
    if (line.at == NULL || line.n != sizeof text - 1)
        return fail_at("address", err);
    memcpy(text, line.at, line.n);
    text[line.n] = '\0';
    return eth_address_read(text, m->address) ||
           fail_at("address (are its capitals those of EIP-55?)", err);
}

static bool take_empty_line(Lines *l, CvkErr *err) {
    SiweText line = take_line(l);
    return (line.at != NULL && line.n == 0) || fail_at("empty lines around the statement", err);
}

static bool take_statement(Lines *l, SiweMessage *m, CvkErr *err) {
    if (!take_empty_line(l, err))
        return false;
    SiweText line = peek_line(l);
    if (line.at != NULL && line.n > 0) {
        if (!uri_is_plain(line.at, line.n))
            return fail_at("statement", err);
        m->statement = line;
        pass_line(l, line);
    }
    return take_empty_line(l, err);
}

static bool take_field(Lines *l, size_t i, SiweMessage *m, CvkErr *err) {
    SiweText line = peek_line(l);
    size_t name = strlen(fields[i].name);
    bool here = begins_with(line, fields[i].name) && line.n >= name + 2 &&
                memcmp(line.at + name, ": ", 2) == 0;
    if (!here)
        return fields[i].optional || fail_at(fields[i].name, err);
    SiweText value = without(line, name + 2);
    if (!fields[i].fits(value.at, value.n))
        return fail_at(fields[i].name, err);
    memcpy((char *)m + fields[i].at, &value, sizeof value);
    pass_line(l, line);
    return true;
}

static bool take_resources(Lines *l, SiweMessage *m, CvkErr *err) {
    SiweText line = peek_line(l);
    if (line.n != sizeof RESOURCES - 1 || !begins_with(line, RESOURCES))
        return true;
    m->has_resources = true;
    pass_line(l, line);
    for (line = take_line(l); line.at != NULL; line = take_line(l)) {
        if (!begins_with(line, "- ") || !uri_is_valid(line.at + 2, line.n - 2))
            return fail_at("resources", err);
        if (m->n_resources == LIMIT_SIWE_RESOURCES)
            return fail_long(err);
        m->resources[m->n_resources++] = without(line, 2);
    }
    return true;
}

bool siwe_read(const char *text, size_t n, SiweMessage *ret, CvkErr *err) {
    Lines l = {.at = text, .end = text + n};
    SiweMessage m = {.n_resources = 0};
    if (n > LIMIT_SIWE)
        return fail_long(err);
    if (!take_domain(&l, &m, err) || !take_address(&l, &m, err) || !take_statement(&l, &m, err))
        return false;
    for (size_t i = 0; i < N_FIELDS; i++)
        if (!take_field(&l, i, &m, err))
            return false;
    if (!take_resources(&l, &m, err))
        return false;
    if (!l.over)
        return fail_at("end: there is more than a message has", err);
    *ret = m;
    return true;
}

/* ---- writing ---- */

static bool add(CvkBuf *b, SiweText t, CvkErr *err) {
    return cvk_buf_add(b, t.at, t.n, err);
}

static bool write_domain(const SiweMessage *m, CvkBuf *b, CvkErr *err) {
    if ((m->scheme.at != NULL && !uri_is_scheme(m->scheme.at, m->scheme.n)) ||
        m->domain.at == NULL || !uri_is_authority(m->domain.at, m->domain.n))
        return fail_at("domain", err);
    return (m->scheme.at == NULL || (add(b, m->scheme, err) && cvk_buf_add_str(b, "://", err))) &&
           add(b, m->domain, err) && cvk_buf_add_str(b, WANTS "\n", err);
}

static bool write_statement(const SiweMessage *m, CvkBuf *b, CvkErr *err) {
    char address[ETH_ADDRESS_TEXT];
    eth_address_checksummed(m->address, address);
    if (!cvk_buf_add_fmt(b, err, "%s\n\n", address))
        return false;
    if (m->statement.at == NULL)
        return cvk_buf_add_str(b, "\n", err);
    if (m->statement.n == 0 || !uri_is_plain(m->statement.at, m->statement.n))
        return fail_at("statement", err);
    return add(b, m->statement, err) && cvk_buf_add_str(b, "\n\n", err);
}

static bool write_field(const SiweMessage *m, size_t i, CvkBuf *b, CvkErr *err) {
    SiweText value;
    memcpy(&value, (const char *)m + fields[i].at, sizeof value);
    if (value.at == NULL)
        return fields[i].optional || fail_at(fields[i].name, err);
    if (!fields[i].fits(value.at, value.n))
        return fail_at(fields[i].name, err);
    return cvk_buf_add_fmt(b, err, "%s%s: ", i == 0 ? "" : "\n", fields[i].name) &&
           add(b, value, err);
}

static bool write_resources(const SiweMessage *m, CvkBuf *b, CvkErr *err) {
    if (!m->has_resources)
        return true;
    if (m->n_resources > LIMIT_SIWE_RESOURCES)
        return fail_long(err);
    if (!cvk_buf_add_str(b, "\n" RESOURCES, err))
        return false;
    for (size_t i = 0; i < m->n_resources; i++) {
        if (!uri_is_valid(m->resources[i].at, m->resources[i].n))
            return fail_at("resources", err);
        if (!cvk_buf_add_str(b, "\n- ", err) || !add(b, m->resources[i], err))
            return false;
    }
    return true;
}

bool siwe_write(const SiweMessage *m, CvkBuf *b, CvkErr *err) {
    size_t begin = b->n;
    if (!write_domain(m, b, err) || !write_statement(m, b, err))
        return false;
    for (size_t i = 0; i < N_FIELDS; i++)
        if (!write_field(m, i, b, err))
            return false;
    return write_resources(m, b, err) && (b->n - begin <= LIMIT_SIWE || fail_long(err));
}

/* ---- judging ---- */

/* [scheme "://"] rest: does it name this server? */
static bool is_of(SiweText scheme, SiweText rest, const char *server) {
    char address[LIMIT_SIWE + 16], name[AUTH_SERVER_MAX];
    bool http = scheme.n == 4 && memcmp(scheme.at, "http", 4) == 0;
    bool https = scheme.n == 5 && memcmp(scheme.at, "https", 5) == 0;
    if (scheme.at != NULL && !http && !https)
        return false;
    int n = snprintf(address, sizeof address, "%s%.*s",
                     https  ? "https://"
                     : http ? "http://"
                            : "",
                     (int)rest.n, rest.at);
    return n > 0 && (size_t)n < sizeof address && auth_server_name(address, name) &&
           strcmp(name, server) == 0;
}

static bool is_uri_of(SiweText uri, const char *server) {
    const char *colon = memchr(uri.at, ':', uri.n);
    size_t scheme = (size_t)(colon - uri.at); /* each URI has one */
    return uri.n > scheme + 3 && memcmp(colon, "://", 3) == 0 &&
           is_of((SiweText){.at = uri.at, .n = scheme}, without(uri, scheme + 3), server);
}

static int64_t time_of(SiweText t, int64_t without) {
    int64_t ms = without;
    return t.at != NULL && cvk_time_parse(t.at, t.n, &ms) ? ms : without;
}

bool siwe_check(const SiweMessage *m, const char *server, int64_t now_ms, CvkErr *err) {
    if (!is_of(m->scheme, m->domain, server) || !is_uri_of(m->uri, server))
        return cvk_fail(err, CVK_EAUTH, "siwe.domain",
                        "the message signs in to %.*s, and this server is called %.80s: sign only "
                        "for the site where you are",
                        (int)(m->domain.n < 60 ? m->domain.n : 60), m->domain.at, server);
    if (time_of(m->issued_at, INT64_MAX) > now_ms + SIWE_SKEW_MS ||
        time_of(m->not_before, INT64_MIN) > now_ms + SIWE_SKEW_MS)
        return cvk_fail(err, CVK_EAUTH, "siwe.time",
                        "the message is not valid yet: is your clock right?");
    return time_of(m->expires_at, INT64_MAX) > now_ms ||
           cvk_fail(err, CVK_EAUTH, "siwe.time", "the message has expired: sign in anew");
}

bool siwe_signed_by(const char *text, size_t n, const char *signature,
                    const uint8_t address[ETH_ADDRESS_BYTES]) {
    uint8_t bytes[ETH_SIGNATURE_BYTES], digest[32], signer[ETH_ADDRESS_BYTES];
    if (!cvk_hex_parse(signature, sizeof bytes, bytes))
        return false;
    eth_personal_digest(text, n, digest);
    return eth_recover(digest, bytes, signer) && memcmp(signer, address, sizeof signer) == 0;
}
