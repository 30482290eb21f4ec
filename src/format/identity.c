#include "format/identity.h"

#include "base/hex.h"
#include "setup/kzg_identity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAX_FIELDS 3

/* Splits `text` at '|' in place. Returns how many fields there are, though at most MAX_FIELDS are
 * given. */
static size_t split(char *text, const char *fields[MAX_FIELDS]) {
    size_t n = 0;
    for (char *at = text; at != NULL;) {
        char *bar = strchr(at, '|');
        if (bar != NULL)
            *bar++ = '\0';
        if (n < MAX_FIELDS)
            fields[n] = at;
        n++;
        at = bar;
    }
    return n;
}

static bool fail(CvkErr *err, const char *text) {
    return cvk_fail(err, CVK_EBADREQ, "identity.invalid", "%s", text);
}

static bool has_fields(size_t n, size_t want, CvkErr *err) {
    if (n == want)
        return true;
    return fail(err, n < want ? "Missing fields" : "Too many fields");
}

static bool parse_address(const char *text, Identity *id, CvkErr *err) {
    char digits[2 * sizeof id->address + 1];
    if (strncmp(text, "0x", 2) != 0 || !cvk_hex_parse(text, sizeof id->address, id->address))
        return fail(err, "invalid identity");
    cvk_hex_encode(id->address, sizeof id->address, digits);
    id->kind = IDENTITY_ETHEREUM;
    snprintf(id->text, sizeof id->text, "eth|0x%s", digits);
    snprintf(id->nickname, sizeof id->nickname, "0x%s", digits);
    memcpy(id->key, id->text, sizeof id->key);
    return true;
}

/* Decimal digits that fit; leading zeros are taken, as the original server does. */
static bool parse_id(const char *text, uint64_t *ret) {
    uint64_t v = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        uint64_t d = (uint64_t)(*text - '0');
        if (v > (UINT64_MAX - d) / 10)
            return false;
        v = v * 10 + d;
    }
    *ret = v;
    return true;
}

static bool parse_account(const char *number, const char *login, Identity *id, CvkErr *err) {
    if (!parse_id(number, &id->github_id))
        return fail(err, "invalid identity");
    id->kind = IDENTITY_GITHUB;
    int n = snprintf(id->text, sizeof id->text, "git|%" PRIu64 "|%s", id->github_id, login);
    if (n < 0 || (size_t)n >= sizeof id->text || !kzg_identity_is_valid(id->text))
        return fail(err, "invalid identity");
    snprintf(id->key, sizeof id->key, "git|%" PRIu64, id->github_id);
    snprintf(id->nickname, sizeof id->nickname, "%s", login);
    return true;
}

bool identity_parse(const char *text, Identity *ret, CvkErr *err) {
    Identity id = {.kind = IDENTITY_NOBODY};
    char copy[LIMIT_IDENTITY + 1];
    const char *fields[MAX_FIELDS];
    if (*text == '\0') {
        *ret = id;
        return true;
    }
    size_t length = strlen(text);
    if (length > LIMIT_IDENTITY)
        return fail(err, "invalid identity");
    memcpy(copy, text, length + 1);
    size_t n = split(copy, fields);
    bool ok;
    if (strcmp(fields[0], "eth") == 0)
        ok = has_fields(n, 2, err) && parse_address(fields[1], &id, err);
    else if (strcmp(fields[0], "git") == 0)
        ok = has_fields(n, 3, err) && parse_account(fields[1], fields[2], &id, err);
    else
        ok = fail(err, "invalid identity");
    if (ok)
        *ret = id;
    return ok;
}

const char *identity_provider(IdentityKind kind) {
    switch (kind) {
    case IDENTITY_NOBODY:
        return "";
    case IDENTITY_ETHEREUM:
        return "Ethereum";
    case IDENTITY_GITHUB:
        return "Github";
    }
    return "";
}
