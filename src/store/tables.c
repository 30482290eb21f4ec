/* The tables beside the journal: contributions, keys, invitations, nonces,
 * sessions. */
#include "base/buf.h"
#include "engine/engine.h"
#include "store/sqlite.h"

#include <inttypes.h>
#include <string.h>

#define SIGNATURE_TEXT 132 /* 65 bytes as digits, perhaps with 0x */
#define KEY_BYTES 256      /* a used key, at most */

/* ---- contributions ---- */

bool store_contribution_add(Store *s, int64_t ceremony, const StoreContribution *c, CvkErr *err) {
    if (c->index > LIMIT_CONTRIBUTIONS || c->record_n > LIMIT_RECORD ||
        strlen(c->receipt) > LIMIT_TEXT_FILE || strlen(c->receipt_signature) > SIGNATURE_TEXT)
        return cvk_fail(err, CVK_ELIMIT, "contribution.big",
                        "the contribution's record is too big");
    return RUN(s, SQL_CONTRIBUTION_ADD, NULL, err, INT(ceremony), INT(c->index), INT(c->seq),
               STR(c->identity), BYTES(c->response, sizeof c->response),
               BYTES(c->session, sizeof c->session), BYTES(c->record, c->record_n), STR(c->receipt),
               STR(c->receipt_signature));
}

bool contribution_row(Query *q, StoreContribution *ret, CvkErr *err) {
    int64_t index, seq;
    size_t ignored;
    if (!column_int(q, 0, 1, LIMIT_CONTRIBUTIONS, &index, err) ||
        !column_int(q, 1, 1, INT64_MAX, &seq, err) ||
        !column_text(q, 2, ret->identity, sizeof ret->identity, err) ||
        !column_fixed(q, 3, ret->response, sizeof ret->response, err) ||
        !column_fixed(q, 4, ret->session, sizeof ret->session, err) ||
        !column_bytes(q, 5, LIMIT_RECORD, &ret->record, &ret->record_n, err) ||
        !column_str(q, 6, LIMIT_TEXT_FILE, &ret->receipt, &ignored, err) ||
        !column_str(q, 7, SIGNATURE_TEXT, &ret->receipt_signature, &ignored, err))
        return false;
    ret->index = (uint64_t)index;
    ret->seq = (uint64_t)seq;
    return true;
}

bool store_contribution_each(Store *s, int64_t ceremony, uint64_t from,
                             bool (*fn)(void *ctx, const StoreContribution *c, CvkErr *err),
                             void *ctx, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    uint64_t next = from; /* where it fails, if it does */
    if (from > LIMIT_CONTRIBUTIONS)
        return true;
    if (!QUERY(s, SQL_CONTRIBUTION_FROM, &q, err, INT(ceremony), INT(from)))
        return false;
    for (;;) {
        StoreContribution c;
        bool row;
        if (!query_next(&q, &row, err))
            return cvk_fail_prefix(err, "contribution %" PRIu64, next);
        if (!row)
            return true;
        if (!contribution_row(&q, &c, err))
            return cvk_fail_prefix(err, "contribution %" PRIu64, next);
        if (!fn(ctx, &c, err))
            return false;
        next = c.index + 1;
    }
}

bool store_contribution_of(Store *s, int64_t ceremony, const uint8_t session[32],
                           const uint8_t response[32],
                           bool (*fn)(void *ctx, const StoreContribution *c, CvkErr *err),
                           void *ctx, bool *ret_found, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    StoreContribution c;
    bool row;
    if (!QUERY(s, SQL_CONTRIBUTION_OF, &q, err, INT(ceremony), BYTES(session, 32),
               BYTES(response, 32)) ||
        !query_next(&q, &row, err))
        return false;
    if (row && (!contribution_row(&q, &c, err) || !fn(ctx, &c, err)))
        return false;
    *ret_found = row;
    return true;
}

/* ---- keys ---- */

bool store_key_add(Store *s, int64_t ceremony, const void *key, size_t n, CvkErr *err) {
    int64_t added;
    if (n > KEY_BYTES)
        return cvk_fail(err, CVK_ELIMIT, "key.big", "the key is too long");
    if (!RUN(s, SQL_KEY_ADD, &added, err, INT(ceremony), BYTES(key, n)))
        return false;
    return added == 1 || cvk_fail(err, CVK_ECONFLICT, "key.exists", "the key was used before");
}

bool store_key_seen(Store *s, int64_t ceremony, const void *key, size_t n, bool *ret, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    return QUERY(s, SQL_KEY_SEEN, &q, err, INT(ceremony), BYTES(key, n)) &&
           query_next(&q, ret, err);
}

/* ---- invitations ---- */

static bool identity_ok(const char *identity, CvkErr *err) {
    return engine_text_ok(identity, LIMIT_IDENTITY) ||
           cvk_fail(err, CVK_EBADREQ, "identity.text",
                    "an identity has 1 to %d printable characters without space or quotes",
                    LIMIT_IDENTITY);
}

bool store_invitation_add(Store *s, const StoreInvitation *i, CvkErr *err) {
    int64_t added;
    if (!identity_ok(i->identity, err) ||
        !RUN(s, SQL_INVITATION_ADD, &added, err, BYTES(i->address, sizeof i->address),
             STR(i->identity), INT(i->created_ms)))
        return false;
    return added == 1 || cvk_fail(err, CVK_ECONFLICT, "invitation.exists",
                                  "the address has an invitation already");
}

static bool invitation_row(Query *q, StoreInvitation *ret, CvkErr *err) {
    return column_fixed(q, 0, ret->address, sizeof ret->address, err) &&
           column_text(q, 1, ret->identity, sizeof ret->identity, err) &&
           column_int(q, 2, INT64_MIN, INT64_MAX, &ret->created_ms, err);
}

bool store_invitation_each(Store *s, bool (*fn)(void *ctx, const StoreInvitation *i, CvkErr *err),
                           void *ctx, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    StoreInvitation i;
    bool row;
    if (!query_begin(s, SQL_INVITATION_ALL, NULL, 0, &q, err))
        return false;
    while (query_next(&q, &row, err)) {
        if (!row)
            return true;
        if (!invitation_row(&q, &i, err) || !fn(ctx, &i, err))
            return false;
    }
    return false;
}

bool store_invitation_get(Store *s, const uint8_t address[20], StoreInvitation *ret,
                          bool *ret_found, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    StoreInvitation i;
    bool row;
    if (!QUERY(s, SQL_INVITATION_GET, &q, err, BYTES(address, 20)) || !query_next(&q, &row, err))
        return false;
    if (row) {
        if (!invitation_row(&q, &i, err))
            return false;
        *ret = i;
    }
    *ret_found = row;
    return true;
}

/* ---- nonces ---- */

bool store_nonce_use(Store *s, const uint8_t nonce[STORE_NONCE_BYTES], int64_t expires_ms,
                     bool *ret_fresh, CvkErr *err) {
    int64_t added;
    if (!RUN(s, SQL_NONCE_USE, &added, err, BYTES(nonce, STORE_NONCE_BYTES), INT(expires_ms)))
        return false;
    *ret_fresh = added == 1;
    return true;
}

bool store_nonce_expire(Store *s, int64_t now_ms, CvkErr *err) {
    return RUN(s, SQL_NONCE_EXPIRE, NULL, err, INT(now_ms));
}

/* ---- sessions ---- */

bool store_session_put(Store *s, const StoreSession *x, CvkErr *err) {
    return identity_ok(x->identity, err) &&
           RUN(s, SQL_SESSION_PUT, NULL, err, BYTES(x->hash, sizeof x->hash), INT(x->ceremony),
               STR(x->identity), INT(x->created_ms), INT(x->expires_ms), INT(x->ended));
}

static bool session_row(Query *q, StoreSession *ret, CvkErr *err) {
    int64_t ended;
    if (!column_fixed(q, 0, ret->hash, sizeof ret->hash, err) ||
        !column_int(q, 1, 1, INT64_MAX, &ret->ceremony, err) ||
        !column_text(q, 2, ret->identity, sizeof ret->identity, err) ||
        !column_int(q, 3, INT64_MIN, INT64_MAX, &ret->created_ms, err) ||
        !column_int(q, 4, INT64_MIN, INT64_MAX, &ret->expires_ms, err) ||
        !column_int(q, 5, 0, 1, &ended, err))
        return false;
    ret->ended = ended != 0;
    return true;
}

bool store_session_get(Store *s, const uint8_t hash[32], StoreSession *ret, bool *ret_found,
                       CvkErr *err) {
    _cleanup_query_ Query q = {0};
    StoreSession x;
    bool row;
    if (!QUERY(s, SQL_SESSION_GET, &q, err, BYTES(hash, 32)) || !query_next(&q, &row, err))
        return false;
    if (row) {
        if (!session_row(&q, &x, err))
            return false;
        *ret = x;
    }
    *ret_found = row;
    return true;
}

bool store_session_end(Store *s, int64_t ceremony, const char *identity, CvkErr *err) {
    return RUN(s, SQL_SESSION_END, NULL, err, INT(ceremony), STR(identity));
}

bool store_session_count(Store *s, int64_t ceremony, int64_t now_ms, uint64_t *ret, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    int64_t n;
    bool row;
    if (!QUERY(s, SQL_SESSION_COUNT, &q, err, INT(ceremony), INT(now_ms)) ||
        !query_next(&q, &row, err) || !column_int(&q, 0, 0, INT64_MAX, &n, err))
        return false;
    *ret = (uint64_t)n;
    return true;
}

/* The hashes of those to be renewed; LIMIT_SESSIONS of them at a time. */
static bool find_ending(Store *s, int64_t before_ms, bool (*here)(void *ctx, const StoreSession *x),
                        void *ctx, CvkBuf *ret, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    StoreSession x;
    bool row;
    if (!QUERY(s, SQL_SESSION_ENDING, &q, err, INT(before_ms)))
        return false;
    while (query_next(&q, &row, err)) {
        if (!row || ret->n == ret->max)
            return true;
        if (!session_row(&q, &x, err) ||
            (here(ctx, &x) && !cvk_buf_add(ret, x.hash, sizeof x.hash, err)))
            return false;
    }
    return false;
}

static bool renew_each(Store *s, const CvkBuf *hashes, int64_t until_ms, CvkErr *err) {
    if (!store_begin(s, err))
        return false;
    for (size_t i = 0; i < hashes->n; i += 32)
        if (!RUN(s, SQL_SESSION_RENEW, NULL, err, BYTES(hashes->data + i, 32), INT(until_ms))) {
            store_rollback(s);
            return false;
        }
    if (store_commit(s, err))
        return true;
    store_rollback(s);
    return false;
}

bool store_session_renew(Store *s, int64_t before_ms, int64_t until_ms,
                         bool (*here)(void *ctx, const StoreSession *x), void *ctx, CvkErr *err) {
    _cleanup_buf_ CvkBuf hashes = CVK_BUF((size_t)LIMIT_SESSIONS * 32);
    return find_ending(s, before_ms, here, ctx, &hashes, err) &&
           (hashes.n == 0 || renew_each(s, &hashes, until_ms, err));
}

bool store_session_account(Store *s, int64_t ceremony, const char *from, const char *to,
                           char ret[LIMIT_IDENTITY + 1], bool *ret_found, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    return QUERY(s, SQL_SESSION_ACCOUNT, &q, err, INT(ceremony), STR(from), STR(to)) &&
           query_next(&q, ret_found, err) &&
           (!*ret_found || column_text(&q, 0, ret, LIMIT_IDENTITY + 1, err));
}

bool store_session_expire(Store *s, int64_t now_ms, CvkErr *err) {
    return RUN(s, SQL_SESSION_EXPIRE, NULL, err, INT(now_ms));
}
