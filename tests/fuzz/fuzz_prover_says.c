#include "client/prover_says.h"
#include "codec/money.h"
#include "fuzz/fuzz.h"

#define ROOM (8 * (size_t)LIMIT_PROVER_SAYS) /* escapes may make the rest longer */

static void put_amount(JsonWriter *w, const char *key, int64_t amount) {
    char text[MONEY_TEXT_MAX];
    money_text(amount, text);
    json_put_key(w, key);
    json_put_number(w, text, strlen(text));
}

/* The known members behind the rest, as in a submission. */
static void put_known(const ProverSays *s, JsonWriter *w) {
    if (s->has_time)
        json_field_int(w, "proving_time", s->proving_ms);
    if (s->has_cost)
        put_amount(w, "cost", s->cost);
    if (s->has_price)
        put_amount(w, "price", s->price);
    if (s->has_deployment)
        json_put_key(w, "deployment_version");
    if (s->has_deployment && s->deployment_is_number)
        json_put_number(w, s->deployment, strlen(s->deployment));
    else if (s->has_deployment)
        json_put_str(w, s->deployment);
    if (s->has_acceleration)
        json_field_str(w, "acceleration", s->acceleration);
}

static bool read_into(const char *json, size_t n, ProverSays *ret, CvkBuf *ret_rest,
                      CvkBuf *ret_all) {
    JsonWriter rest = JSON_WRITER(json_to_buf(ret_rest), 0);
    JsonWriter all = JSON_WRITER(json_to_buf(ret_all), 0);
    CvkErr err;
    json_object_begin(&rest);
    json_object_begin(&all);
    if (!prover_says_read(json, n, ret, &rest, &err))
        return false;
    assert(prover_says_read(json, n, ret, &all, &err));
    put_known(ret, &all);
    json_object_end(&rest);
    json_object_end(&all);
    assert(json_finish(&rest, &err) && json_finish(&all, &err));
    return true;
}

static void assert_possible(const ProverSays *s) {
    assert(!s->has_time || (s->proving_ms >= 1 && s->proving_ms < INT64_C(1) << 53));
    assert(!s->has_cost || (s->cost >= 0 && s->cost <= MONEY_MAX));
    assert(!s->has_price || (s->price >= 0 && s->price <= MONEY_MAX));
    assert(!s->has_deployment || s->deployment[0] != '\0');
    assert(!s->has_acceleration || s->acceleration[0] != '\0');
}

static void assert_same(const ProverSays *a, const ProverSays *b) {
    assert(a->has_time == b->has_time && a->proving_ms == b->proving_ms);
    assert(a->has_cost == b->has_cost && a->cost == b->cost);
    assert(a->has_price == b->has_price && a->price == b->price);
    assert(a->has_deployment == b->has_deployment && strcmp(a->deployment, b->deployment) == 0);
    assert(a->deployment_is_number == b->deployment_is_number);
    assert(a->has_acceleration == b->has_acceleration);
    assert(strcmp(a->acceleration, b->acceleration) == 0);
}

/* What is accepted can be, and is read again from what is handed in to the same. */
void fuzz_one(const uint8_t *data, size_t n) {
    CvkBuf rest = CVK_BUF(ROOM), all = CVK_BUF(ROOM);
    CvkBuf rest_again = CVK_BUF(ROOM), all_again = CVK_BUF(ROOM);
    ProverSays s, again;
    if (read_into((const char *)data, n, &s, &rest, &all)) {
        assert_possible(&s);
        if (all.n <= LIMIT_PROVER_SAYS) {
            assert(read_into(cvk_buf_str(&all), all.n, &again, &rest_again, &all_again));
            assert_same(&s, &again);
            assert(rest.n == rest_again.n && memcmp(rest.data, rest_again.data, rest.n) == 0);
            assert(all.n == all_again.n && memcmp(all.data, all_again.data, all.n) == 0);
        }
    }
    cvk_buf_done(&rest);
    cvk_buf_done(&all);
    cvk_buf_done(&rest_again);
    cvk_buf_done(&all_again);
}
