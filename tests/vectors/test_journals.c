/* Journals of each version of events lead to the same state for ever. v1.jsonl is the export of a
 * small ceremony by the first release; v2.jsonl was made by the second one's engine, with every
 * type of event in it, and v2.private.jsonl holds the openings of its commitments. */
#include "base/file.h"
#include "base/hex.h"
#include "base/merkle.h"
#include "engine/event_json.h"
#include "format/head.h"
#include "format/journal_lines.h"
#include "support/test.h"

#include <inttypes.h>

#define ROOM ((size_t)1 << 20)

typedef struct {
    const char *file, *openings; /* openings NULL: commitments stay closed */
    uint64_t entries;
    const char *state, *root; /* after the last entry */
    unsigned types;           /* that occur */
} Vector;

#define V2_STATE "03f136f3af89209fe492b0d6c0d7fb3198618108201a34700d7325f34c408291"
#define V2_ROOT "5ecb5d2fdafe289464937a5d6b98df86dbc4d5150c8cabf655f080ab4cd7837f"

static const Vector vectors[] = {
    {"v1.jsonl", NULL, 33, "2ca97197d38b50afe45c180bde50883576c88aa0d363d65ed44e16f4fc019e00",
     "3010ed3c9e824338f7faedeb9a51e6f8226a97d371c630df914d493f6eb65596", 9},
    {"v2.jsonl", NULL, 79, V2_STATE, V2_ROOT, EVENT_N - 1},
    {"v2.jsonl", "v2.private.jsonl", 79, V2_STATE, V2_ROOT, EVENT_N - 1},
};
#define VECTORS (sizeof vectors / sizeof vectors[0])

static void load(const char *name, CvkBuf *b) {
    char path[LIMIT_PATH];
    const char *source = getenv("CONVOKE_SOURCE");
    CvkErr err = {0};
    snprintf(path, sizeof path, "%s/tests/vectors/journal/%s", source != NULL ? source : ".", name);
    if (!cvk_file_read(path, b, &err))
        fail_msg("%s", err.msg);
}

/* Takes the next line, without its newline; false: there is none. */
static bool next_line(const char **at, char ret[EVENT_JSON_MAX + 256]) {
    size_t n = strcspn(*at, "\n");
    if (n == 0)
        return false;
    assert_true(n < EVENT_JSON_MAX + 256);
    memcpy(ret, *at, n);
    ret[n] = '\0';
    *at += n + ((*at)[n] == '\n' ? 1 : 0);
    return true;
}

typedef struct {
    EngineState *state;
    uint8_t chain[32];
    CvkMerkle tree;
    unsigned seen;   /* bits of the types that occurred */
    SignedHead head; /* of HandedOver, signed by the old server */
    uint8_t old_key[ENGINE_KEY_BYTES];
} Replay;

/* The opening of the next admission: {"seq":N,"salt":"0x...","private":{...}} */
static void open_event(Event *e, uint64_t seq, const char **openings) {
    char line[EVENT_JSON_MAX + 256], digits[65];
    uint8_t salt[EVENT_SALT_BYTES];
    uint64_t of;
    int at = 0;
    CvkErr err = {0};
    assert_true(next_line(openings, line));
    assert_int_equal(sscanf(line, "{\"seq\":%" SCNu64 ",\"salt\":\"0x%64[0-9a-f]\",\"private\":%n",
                            &of, digits, &at),
                     2);
    assert_int_equal(of, seq);
    assert_true(cvk_hex_decode(digits, sizeof salt, salt));
    if (!event_open(e, salt, line + at, strlen(line + at) - 1, &err))
        fail_msg("%" PRIu64 ": %s", seq, err.msg);
    assert_true(e->u.admitted.identity[0] != '\0');
}

static void note_handover(Replay *r, const Event *e) {
    if (e->type == EVENT_CEREMONY_OPENED)
        memcpy(r->old_key, e->u.opened.key, sizeof r->old_key);
    if (e->type == EVENT_HANDED_OVER) {
        snprintf(r->head.head.ceremony, sizeof r->head.head.ceremony, "golden");
        r->head.head.entries = r->tree.n;
        cvk_merkle_root(&r->tree, r->head.head.root);
    }
    if (e->type == EVENT_TAKEN_OVER) {
        assert_memory_equal(e->u.taken_over.root, r->head.head.root, MERKLE_HASH);
        memcpy(r->head.signature, e->u.taken_over.signature, sizeof r->head.signature);
    }
}

static void replay_line(Replay *r, const char *line, const char **openings) {
    JournalLine l;
    uint8_t leaf[MERKLE_HASH];
    Event e;
    CvkErr err = {0};
    if (!journal_line_read(line, strlen(line), r->tree.n + 1, &l, &err))
        fail_msg("%s", err.msg);
    event_chain(r->chain, l.event, l.event_n, r->chain);
    assert_memory_equal(r->chain, l.hash, sizeof l.hash);
    cvk_merkle_leaf(l.event, l.event_n, leaf);
    cvk_merkle_add(&r->tree, leaf);
    if (!event_read(l.event, l.event_n, &e, &err))
        fail_msg("%" PRIu64 ": %s", l.seq, err.msg);
    if (openings != NULL && event_has_private(&e))
        open_event(&e, l.seq, openings);
    if (!engine_reserve(r->state, 1, &err) || !engine_admits(r->state, &e, &err))
        fail_msg("%" PRIu64 ": %s", l.seq, err.msg);
    engine_apply(r->state, &e);
    engine_check(r->state);
    r->seen |= 1u << e.type;
    note_handover(r, &e);
}

/* Replays all of it; before entry `through_snapshot` the state goes through a snapshot (0: never).
 */
static Replay replay(const Vector *v, uint64_t through_snapshot) {
    _cleanup_buf_ CvkBuf journal = CVK_BUF(ROOM);
    _cleanup_buf_ CvkBuf private = CVK_BUF(ROOM);
    char line[EVENT_JSON_MAX + 256];
    load(v->file, &journal);
    if (v->openings != NULL)
        load(v->openings, &private);
    Replay r = {.state = engine_state_new(NULL)};
    const char *at = cvk_buf_str(&journal), *openings = cvk_buf_str(&private);
    assert_non_null(r.state);
    while (next_line(&at, line)) {
        if (r.tree.n + 1 == through_snapshot) {
            uint8_t *bytes;
            size_t n;
            assert_true(engine_snapshot_write(r.state, &bytes, &n, NULL));
            engine_state_free(r.state);
            assert_true(engine_snapshot_read(bytes, n, &r.state, NULL));
            free(bytes);
        }
        replay_line(&r, line, v->openings != NULL ? &openings : NULL);
    }
    return r;
}

static void assert_hex(const uint8_t hash[32], const char *want) {
    char text[65];
    cvk_hex_encode(hash, 32, text);
    assert_string_equal(text, want);
}

static void assert_leads_to(const Replay *r, const Vector *v) {
    uint8_t hash[32];
    assert_int_equal(r->tree.n, v->entries);
    engine_state_hash(r->state, hash);
    assert_hex(hash, v->state);
    cvk_merkle_root(&r->tree, hash);
    assert_hex(hash, v->root);
}

static void each_journal_leads_to_its_state(void **state) {
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        Replay r = replay(&vectors[i], 0);

        assert_leads_to(&r, &vectors[i]);
        engine_state_free(r.state);
    }
}

static void a_snapshot_anywhere_makes_no_difference(void **state) {
    (void)state;
    for (size_t i = 0; i < VECTORS; i++)
        for (uint64_t at = 2; at <= vectors[i].entries; at++) {
            Replay r = replay(&vectors[i], at);

            assert_leads_to(&r, &vectors[i]);
            engine_state_free(r.state);
        }
}

static void every_type_of_event_of_its_version_occurs(void **state) {
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        Replay r = replay(&vectors[i], 0);

        assert_int_equal(__builtin_popcount(r.seen), vectors[i].types);
        engine_state_free(r.state);
    }
}

static void the_first_release_ended_with_four_contributions(void **state) {
    (void)state;
    EngineView v;
    EnginePerson p;

    Replay r = replay(&vectors[0], 0);

    engine_view(r.state, &v);
    assert_true(v.finalized);
    assert_int_equal(v.contributions, 4);
    assert_int_equal(v.refused, 1);
    assert_int_equal(v.expired, 1);
    assert_int_equal(v.aborted, 1);
    assert_int_equal(v.policy.entry, ENTRY_LOBBY);
    assert_true(engine_person(r.state, 0, "git|123|octo", &p));
    assert_int_equal(p.contributions, 1);
    engine_state_free(r.state);
}

static void a_handover_is_signed_by_the_old_server(void **state) {
    (void)state;
    uint8_t signer[ETH_ADDRESS_BYTES];

    Replay r = replay(&vectors[1], 0);

    assert_true(head_signer(&r.head, signer));
    assert_memory_equal(signer, r.old_key, ENGINE_KEY_BYTES);
    engine_state_free(r.state);
}

/* By the state alone, without the chain; only that a phase was reached may be passed over. */
static void an_event_left_out_is_noticed(void **state) {
    (void)state;
    _cleanup_buf_ CvkBuf journal = CVK_BUF(ROOM);
    char line[EVENT_JSON_MAX + 256];
    load("v2.jsonl", &journal);
    for (uint64_t left_out = 1; left_out < vectors[1].entries; left_out++) {
        const char *at = cvk_buf_str(&journal);
        EngineState *s = engine_state_new(NULL);
        bool noticed = false;
        EventType type = EVENT_N;
        for (uint64_t seq = 1; !noticed && next_line(&at, line); seq++) {
            JournalLine l;
            Event e;
            assert_true(journal_line_read(line, strlen(line), seq, &l, NULL));
            assert_true(event_read(l.event, l.event_n, &e, NULL));
            if (seq == left_out) {
                type = e.type;
                continue;
            }
            assert_true(engine_reserve(s, 1, NULL));
            noticed = !engine_admits(s, &e, NULL);
            if (!noticed)
                engine_apply(s, &e);
        }
        uint8_t hash[32];
        char text[65];
        engine_state_hash(s, hash);
        cvk_hex_encode(hash, 32, text);
        if (!noticed && type != EVENT_LEASE_MOVED && strcmp(text, V2_STATE) == 0)
            fail_msg("without entry %" PRIu64 " all is as it was", left_out);
        engine_state_free(s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(each_journal_leads_to_its_state),
        TEST(a_snapshot_anywhere_makes_no_difference),
        TEST(every_type_of_event_of_its_version_occurs),
        TEST(the_first_release_ended_with_four_contributions),
        TEST(a_handover_is_signed_by_the_old_server),
        TEST(an_event_left_out_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
