#include "client/prover_says.h"

#include "codec/json_relay.h"
#include "codec/money.h"

#include <string.h>

#define TIME_MAX (UINT64_C(1) << 53)

bool prover_says_amount(JsonReader *r, const char *key, int64_t *ret, CvkErr *err) {
    const char *text;
    size_t n;
    if (!json_read_number(r, &text, &n, err))
        return false;
    if (!money_parse(text, n, ret))
        return json_read_fail(r, err, CVK_EBADREQ, "prover.says", "no amount of cents: %s", key);
    return true;
}

bool prover_says_time(JsonReader *r, int64_t *ret, CvkErr *err) {
    uint64_t ms;
    if (!json_read_uint(r, TIME_MAX - 1, &ms, err))
        return false;
    *ret = (int64_t)ms;
    return ms >= 1 ||
           json_read_fail(r, err, CVK_EBADREQ, "prover.says", "no time takes no millisecond");
}

/* A string, or a number as it is written. */
static bool read_word(JsonReader *r, char *ret, size_t cap, bool *ret_number, CvkErr *err) {
    const char *text;
    size_t n;
    JsonType type;
    if (!json_read_peek(r, &type, err))
        return false;
    *ret_number = type == JSON_TYPE_NUMBER;
    if (!(*ret_number ? json_read_number(r, &text, &n, err) : json_read_string(r, &text, &n, err)))
        return false;
    if (n < 1 || n >= cap)
        return json_read_fail(r, err, CVK_EBADREQ, "prover.says", "1 to %zu characters, please",
                              cap - 1);
    memcpy(ret, text, n);
    ret[n] = '\0';
    return true;
}

/* One member; what nobody here understands goes on to the server. */
static bool read_member(JsonReader *r, const char *key, ProverSays *s, JsonWriter *w, CvkErr *err) {
    bool number;
    if (strcmp(key, "proving_time") == 0)
        return s->has_time = prover_says_time(r, &s->proving_ms, err);
    if (strcmp(key, "cost") == 0)
        return s->has_cost = prover_says_amount(r, key, &s->cost, err);
    if (strcmp(key, "price") == 0)
        return s->has_price = prover_says_amount(r, key, &s->price, err);
    if (strcmp(key, "deployment_version") == 0)
        return s->has_deployment =
                   read_word(r, s->deployment, sizeof s->deployment, &s->deployment_is_number, err);
    if (strcmp(key, "acceleration") == 0)
        return s->has_acceleration =
                   read_word(r, s->acceleration, sizeof s->acceleration, &number, err);
    if (strcmp(key, "request_id") == 0 || strcmp(key, "proof_data") == 0)
        return json_read_fail(r, err, CVK_EBADREQ, "prover.says", "%s is not the prover's to say",
                              key);
    json_put_key(w, key);
    return json_relay(r, w, err);
}

bool prover_says_read(const char *json, size_t n, ProverSays *ret, JsonWriter *rest, CvkErr *err) {
    JsonMemory memory = {.data = json, .n = n};
    ProverSays says = {.has_time = false};
    const char *key;
    JsonReader *r = json_reader_new(json_from_memory(&memory), LIMIT_PROVER_SAYS, err);
    bool ok = r != NULL && json_read_object(r, err);
    while (ok && (ok = json_read_key(r, &key, err)) && key != NULL)
        ok = read_member(r, key, &says, rest, err);
    ok = ok && json_read_end(r, err);
    json_reader_free(r);
    if (ok)
        *ret = says;
    return ok;
}
