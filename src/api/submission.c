#include "api/submission.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "codec/base64.h"
#include "codec/json_lift.h"
#include "codec/json_read.h"
#include "codec/json_relay.h"
#include "codec/money.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_MAX ((UINT64_C(1) << 53) - 1) /* what every reader of JSON holds exactly */
#define PIECE 4096                           /* of a proof's text, decoded at once */
#define WRITTEN 4096                         /* bytes of a proof at least, but for the last ones */

/* What we know, in the order in which metadata are judged. */
typedef enum {
    FIELD_PROVING_TIME = 0,
    FIELD_COST,
    FIELD_PRICE,
    FIELD_DEPLOYMENT,
    FIELD_EXTRA, /* all that we do not know; no key of its own */
    FIELD_ACCELERATION,
    FIELD_ERROR,
    FIELD_REQUEST,
    FIELD_PROOF,
    FIELDS_N
} Field;

#define BIT(field) (1u << (field))

static const char *const field_names[FIELDS_N] = {
    [FIELD_PROVING_TIME] = "proving_time",
    [FIELD_COST] = "cost",
    [FIELD_PRICE] = "price",
    [FIELD_DEPLOYMENT] = "deployment_version",
    [FIELD_EXTRA] = "extra",
    [FIELD_ACCELERATION] = "acceleration",
    [FIELD_ERROR] = "error",
    [FIELD_REQUEST] = "request_id",
    [FIELD_PROOF] = "proof_data",
};

struct SubmissionReader {
    CvkSink proof;
    JsonLift *lift;
    CvkSha256 *sum;
    Base64Reader base64;
    size_t proof_n;
    uint8_t bytes[WRITTEN + BASE64_BYTES(PIECE)]; /* of the proof, not written yet */
    size_t bytes_n;
    /* while what is left is read: */
    JsonMemory rest;
    JsonReader *json;
    unsigned seen, good; /* bits of fields */
    JsonWriter extra_writer;
    CvkBuf extra;
    char failure[LIMIT_FAILURE_TEXT + 1];
    SubmissionText text;
};

/* ---- while it arrives ---- */

static bool write_proof(SubmissionReader *r, CvkErr *err) {
    size_t n = r->bytes_n;
    r->bytes_n = 0;
    return n == 0 || cvk_sink_write(&r->proof, r->bytes, n, err);
}

/* However short the pieces are that come (one character, where all are escaped), few writes. */
static bool decode_piece(SubmissionReader *r, const char *text, size_t n, CvkErr *err) {
    size_t got;
    if (!base64_add(&r->base64, text, n, r->bytes + r->bytes_n, &got))
        return true; /* is told when the rest is known to be fine */
    r->proof_n += got;
    r->bytes_n += got;
    return r->bytes_n < WRITTEN || write_proof(r, err);
}

static bool take_proof(void *ctx, const char *text, size_t n, CvkErr *err) {
    SubmissionReader *r = ctx;
    for (size_t at = 0; at < n; at += PIECE)
        if (!decode_piece(r, text + at, n - at < PIECE ? n - at : PIECE, err))
            return false;
    return true;
}

SubmissionReader *submission_reader_new(CvkSink proof, CvkErr *err) {
    SubmissionReader *r = cvk_alloc(1, sizeof *r, err);
    if (r == NULL)
        return NULL;
    JsonLiftTo to = {.key = field_names[FIELD_PROOF],
                     .piece = take_proof,
                     .ctx = r,
                     .rest_max = LIMIT_SUBMISSION_REST};
    r->proof = proof;
    r->extra = CVK_BUF(LIMIT_MARKET_EXTRA);
    r->extra_writer = JSON_WRITER(json_to_buf(&r->extra), 0);
    r->lift = json_lift_new(&to, err);
    r->sum = r->lift == NULL ? NULL : cvk_sha256_new(err);
    return r->sum != NULL ? r : submission_reader_free(r);
}

SubmissionReader *submission_reader_free(SubmissionReader *r) {
    if (r == NULL)
        return NULL;
    json_lift_free(r->lift);
    cvk_sha256_free(r->sum);
    json_reader_free(r->json);
    cvk_buf_done(&r->extra);
    free(r);
    return NULL;
}

bool submission_reader_add(SubmissionReader *r, const void *data, size_t n, CvkErr *err) {
    cvk_sha256_add(r->sum, data, n);
    return json_lift_add(r->lift, data, n, err);
}

/* ---- fields; each reads a value, of whatever type it is, and says if it can be that ---- */

/* Goes on only if the value has the type; another is skipped. *ret_is: it has. */
static bool is_type(SubmissionReader *r, JsonType wanted, bool *ret_is, CvkErr *err) {
    JsonType type;
    if (!json_read_peek(r->json, &type, err))
        return false;
    *ret_is = type == wanted;
    return *ret_is || json_read_skip(r->json, err);
}

/* A number's text; *ret_n 0 for anything else. */
static bool read_number(SubmissionReader *r, const char **ret, size_t *ret_n, CvkErr *err) {
    bool is;
    *ret_n = 0;
    return is_type(r, JSON_TYPE_NUMBER, &is, err) &&
           (!is || json_read_number(r->json, ret, ret_n, err));
}

/* Digits alone, up to NUMBER_MAX. */
static bool whole_number(const char *text, size_t n, uint64_t *ret) {
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9' || v > NUMBER_MAX / 10)
            return false;
        v = v * 10 + (uint64_t)(text[i] - '0');
    }
    *ret = v;
    return n != 0 && v <= NUMBER_MAX;
}

static bool read_whole(SubmissionReader *r, Field f, uint64_t *ret, CvkErr *err) {
    const char *text;
    size_t n;
    if (!read_number(r, &text, &n, err))
        return false;
    if (whole_number(text, n, ret) && *ret != 0)
        r->good |= BIT(f);
    return true;
}

static bool read_proving_time(SubmissionReader *r, CvkErr *err) {
    uint64_t ms = 0;
    bool ok = read_whole(r, FIELD_PROVING_TIME, &ms, err);
    r->text.submission.proving_ms = (int64_t)ms;
    return ok;
}

static bool read_money(SubmissionReader *r, Field f, int64_t *ret, char ret_text[32], CvkErr *err) {
    const char *text;
    size_t n;
    char shortest[MONEY_TEXT_MAX];
    if (!read_number(r, &text, &n, err))
        return false;
    if (n == 0 || !money_parse(text, n, ret))
        return true;
    r->good |= BIT(f);
    money_text(*ret, shortest);
    if (n < 32)
        snprintf(ret_text, 32, "%.*s", (int)n, text);
    else
        snprintf(ret_text, 32, "%s", shortest); /* nothing but zeros were too much */
    return true;
}

/* A string as what it says, a number as it is written: 3.10 is not 3.1. */
static bool read_deployment(SubmissionReader *r, CvkErr *err) {
    Submission *s = &r->text.submission;
    JsonType type;
    const char *text;
    size_t n;
    if (!json_read_peek(r->json, &type, err))
        return false;
    if (type != JSON_TYPE_STRING && type != JSON_TYPE_NUMBER)
        return json_read_skip(r->json, err);
    s->deployment_is_text = type == JSON_TYPE_STRING;
    if (!(s->deployment_is_text ? json_read_string(r->json, &text, &n, err)
                                : json_read_number(r->json, &text, &n, err)))
        return false;
    if (n == 0 || n > LIMIT_DEPLOYMENT)
        return true;
    memcpy(s->deployment, text, n);
    s->deployment[n] = '\0';
    r->good |= BIT(FIELD_DEPLOYMENT);
    return true;
}

static bool copy_extra(SubmissionReader *r, const char *key, CvkErr *err) {
    json_put_key(&r->extra_writer, key);
    return json_relay(r->json, &r->extra_writer, err);
}

/* A string with room in ret[cap]; whatever else was said under this name is kept as extra. */
static bool read_short(SubmissionReader *r, Field f, char *ret, size_t cap, CvkErr *err) {
    JsonType type;
    const char *text;
    size_t n;
    if (!json_read_peek(r->json, &type, err))
        return false;
    if (type != JSON_TYPE_STRING)
        return copy_extra(r, field_names[f], err);
    if (!json_read_string(r->json, &text, &n, err))
        return false;
    if (n < cap) {
        memcpy(ret, text, n + 1);
        r->good |= BIT(f);
    } else {
        json_put_key(&r->extra_writer, field_names[f]);
        json_put_strn(&r->extra_writer, text, n);
    }
    return true;
}

/* Its text went by already: of a string an empty one is left. */
static bool read_proof(SubmissionReader *r, CvkErr *err) {
    bool is;
    if (!is_type(r, JSON_TYPE_STRING, &is, err))
        return false;
    if (is && base64_end(&r->base64) && r->proof_n != 0)
        r->good |= BIT(FIELD_PROOF);
    return !is || json_read_skip(r->json, err);
}

static bool read_field(SubmissionReader *r, Field f, CvkErr *err) {
    Submission *s = &r->text.submission;
    switch (f) {
    case FIELD_PROVING_TIME:
        return read_proving_time(r, err);
    case FIELD_COST:
        return read_money(r, f, &s->cost, s->cost_text, err);
    case FIELD_PRICE:
        return read_money(r, f, &s->price, s->price_text, err);
    case FIELD_DEPLOYMENT:
        return read_deployment(r, err);
    case FIELD_ACCELERATION:
        return read_short(r, f, s->acceleration, sizeof s->acceleration, err);
    case FIELD_ERROR:
        return read_short(r, f, r->failure, sizeof r->failure, err);
    case FIELD_REQUEST:
        return read_whole(r, f, &s->request, err);
    case FIELD_PROOF:
    case FIELD_EXTRA:
    case FIELDS_N:
        break;
    }
    return read_proof(r, err);
}

/* ---- the whole ---- */

static Field field_of(const char *key) {
    for (int f = 0; f < FIELDS_N; f++)
        if (f != FIELD_EXTRA && strcmp(key, field_names[f]) == 0)
            return (Field)f;
    return FIELD_EXTRA;
}

static bool read_member(SubmissionReader *r, const char *key, CvkErr *err) {
    Field f = field_of(key);
    if (f == FIELD_EXTRA)
        return copy_extra(r, key, err);
    if ((r->seen & BIT(f)) != 0)
        return json_read_fail(r->json, err, CVK_EBADREQ, "json.syntax", "'%s' is there twice", key);
    r->seen |= BIT(f);
    return read_field(r, f, err);
}

static bool read_members(SubmissionReader *r, CvkErr *err) {
    const char *key;
    if (!json_read_object(r->json, err))
        return false;
    while (json_read_key(r->json, &key, err)) {
        if (key == NULL)
            return json_read_end(r->json, err);
        if (!read_member(r, key, err))
            return false;
    }
    return false;
}

/* With a proof it is no failure, and what "error" says is one thing more that we do not know. */
static void judge_failure(SubmissionReader *r) {
    if ((r->good & BIT(FIELD_ERROR)) == 0)
        return;
    if ((r->seen & BIT(FIELD_PROOF)) == 0) {
        r->text.failure = r->failure;
        return;
    }
    json_put_key(&r->extra_writer, field_names[FIELD_ERROR]);
    json_put_str(&r->extra_writer, r->failure);
}

static void judge(SubmissionReader *r) {
    SubmissionText *t = &r->text;
    judge_failure(r);
    json_object_end(&r->extra_writer);
    if (json_finish(&r->extra_writer, NULL))
        r->good |= BIT(FIELD_EXTRA);
    if (r->extra.n > 2) /* {} */
        t->submission.extra = r->extra.data;
    t->has_request = (r->good & BIT(FIELD_REQUEST)) != 0;
    t->has_proof = (r->good & BIT(FIELD_PROOF)) != 0;
    t->submission.proof_n = r->proof_n;
    for (int f = FIELD_EXTRA; f >= 0; f--)
        if ((r->good & BIT(f)) == 0)
            t->wrong_field = field_names[f];
}

bool submission_reader_end(SubmissionReader *r, const SubmissionText **ret, CvkErr *err) {
    if (!write_proof(r, err))
        return false;
    r->rest.data = json_lift_rest(r->lift, &r->rest.n);
    r->json = json_reader_new(json_from_memory(&r->rest), LIMIT_SUBMISSION_REST, err);
    if (r->json == NULL)
        return false;
    cvk_sha256_finish(r->sum, r->text.submission.body_sha256);
    json_object_begin(&r->extra_writer);
    if (!read_members(r, err))
        return false;
    judge(r);
    *ret = &r->text;
    return true;
}
