#include "cli/ptau_say.h"

#include "cli/beacon.h"
#include "cli/contribution_say.h"
#include "cli/hash_block.h"
#include "cli/say.h"

void ptau_say_contributions(const Ptau *p, const uint8_t *first) {
    static const char line[] = "-----------------------------------------------------";
    size_t n;
    const Phase1Contribution *list = ptau_contributions(p, &n);
    for (size_t i = n; i-- != 0;) {
        uint8_t hash[BLAKE2B_BYTES];
        say_result("%s", line);
        say_result("Contribution #%zu: %s", i + 1, list[i].params.name);
        say_hash("Next Challenge:", list[i].next_challenge);
        phase1_response_hash(&list[i], hash);
        say_hash("Response Hash:", hash);
        if (i != 0 || first != NULL)
            say_hash("Challenge:", i != 0 ? list[i - 1].next_challenge : first);
        say_beacon(&list[i].params);
    }
    if (n != 0)
        say_result("%s", line);
}

static void put_contribution(const Phase1Contribution *c, JsonWriter *w) {
    uint8_t hash[BLAKE2B_BYTES];
    phase1_response_hash(c, hash);
    contribution_begin(&c->params, w);
    json_field_hex(w, "response_hash", hash, sizeof hash);
    json_field_hex(w, "next_challenge", c->next_challenge, sizeof c->next_challenge);
    json_object_end(w);
}

void ptau_put(const Ptau *p, JsonWriter *w) {
    static const char *const prepared[] = {
        [PTAU_UNPREPARED] = "no", [PTAU_PREPARED_SHORT] = "short", [PTAU_PREPARED] = "yes"};
    const Phase1State *s = ptau_state(p);
    size_t n;
    const Phase1Contribution *list = ptau_contributions(p, &n);
    json_field_uint(w, "bytes", section_file_bytes(ptau_file(p)));
    json_field_str(w, "curve", curve_name(s->curve));
    json_field_uint(w, "power", s->power);
    json_field_uint(w, "ceremony_power", s->ceremony_power);
    json_field_str(w, "prepared", prepared[ptau_prepared(p)]);
    json_put_key(w, "contributions");
    json_array_begin(w);
    for (size_t i = 0; i < n; i++)
        put_contribution(&list[i], w);
    json_array_end(w);
}
