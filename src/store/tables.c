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
               BYTES(c->uploader, sizeof c->uploader), BYTES(c->record, c->record_n),
               STR(c->receipt), STR(c->receipt_signature));
}

bool contribution_row(Query *q, StoreContribution *ret, CvkErr *err) {
    int64_t index, seq;
    size_t ignored;
    if (!column_int(q, 0, 1, LIMIT_CONTRIBUTIONS, &index, err) ||
        !column_int(q, 1, 1, INT64_MAX, &seq, err) ||
        !column_text(q, 2, ret->identity, sizeof ret->identity, err) ||
        !column_fixed(q, 3, ret->response, sizeof ret->response, err) ||
        !column_fixed(q, 4, ret->uploader, sizeof ret->uploader, err) ||
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

bool store_contribution_of(Store *s, int64_t ceremony, const uint8_t uploader[32],
                           const uint8_t response[32],
                           bool (*fn)(void *ctx, const StoreContribution *c, CvkErr *err),
                           void *ctx, bool *ret_found, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    StoreContribution c;
    bool row;
    if (!QUERY(s, SQL_CONTRIBUTION_OF, &q, err, INT(ceremony), BYTES(uploader, 32),
               BYTES(response, response != NULL ? 32 : 0)) ||
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
    int64_t ended, generation;
    if (!column_fixed(q, 0, ret->hash, sizeof ret->hash, err) ||
        !column_int(q, 1, 1, INT64_MAX, &ret->ceremony, err) ||
        !column_text(q, 2, ret->identity, sizeof ret->identity, err) ||
        !column_int(q, 3, INT64_MIN, INT64_MAX, &ret->created_ms, err) ||
        !column_int(q, 4, INT64_MIN, INT64_MAX, &ret->expires_ms, err) ||
        !column_int(q, 5, 0, 1, &ended, err) || !column_int(q, 6, 0, INT64_MAX, &generation, err))
        return false;
    ret->generation = (uint64_t)generation;
    ret->ended = ended != 0;
    return true;
}

bool store_session_each(Store *s, int64_t ceremony,
                        bool (*fn)(void *ctx, const StoreSession *x, CvkErr *err), void *ctx,
                        CvkErr *err) {
    _cleanup_query_ Query q = {0};
    StoreSession x;
    bool row;
    if (!QUERY(s, SQL_SESSION_ALL, &q, err, INT(ceremony)))
        return false;
    while (query_next(&q, &row, err)) {
        if (!row)
            return true;
        if (!session_row(&q, &x, err) || !fn(ctx, &x, err))
            return false;
    }
    return false;
}

bool store_session_end(Store *s, int64_t ceremony, const char *identity, CvkErr *err) {
    return RUN(s, SQL_SESSION_END, NULL, err, INT(ceremony), STR(identity));
}

bool store_session_generation(Store *s, int64_t ceremony, const char *identity, uint64_t *ret,
                              CvkErr *err) {
    _cleanup_query_ Query q = {0};
    int64_t n = 0;
    bool row;
    if (!QUERY(s, SQL_GENERATION_GET, &q, err, INT(ceremony), STR(identity)) ||
        !query_next(&q, &row, err) || (row && !column_int(&q, 0, 1, INT64_MAX, &n, err)))
        return false;
    *ret = (uint64_t)n;
    return true;
}

/* What belongs together; `ok`: all of it was done. */
static bool end_transaction(Store *s, bool ok, CvkErr *err) {
    if (ok && store_commit(s, err))
        return true;
    store_rollback(s);
    return false;
}

bool store_session_log_out(Store *s, int64_t ceremony, const char *identity, CvkErr *err) {
    if (!store_begin(s, err))
        return false;
    bool ok = RUN(s, SQL_SESSION_REMOVE, NULL, err, INT(ceremony), STR(identity)) &&
              RUN(s, SQL_GENERATION_RAISE, NULL, err, INT(ceremony), STR(identity));
    return end_transaction(s, ok, err);
}

bool store_session_renew(Store *s, const uint8_t (*hashes)[32], size_t n, int64_t until_ms,
                         CvkErr *err) {
    bool ok = true;
    if (!store_begin(s, err))
        return false;
    for (size_t i = 0; ok && i < n; i++)
        ok = RUN(s, SQL_SESSION_RENEW, NULL, err, BYTES(hashes[i], 32), INT(until_ms));
    return end_transaction(s, ok, err);
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
