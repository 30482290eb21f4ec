#include "setup/phase2_chain.h"

#include "setup/phase2_check.h"

#include <inttypes.h>
#include <string.h>

/* ---- what is hashed ---- */

static void hash_element(CvkBlake2b *b, const Element *a) {
    uint8_t bytes[FORM_BYTES_MAX];
    element_write(a, FORM_UNCOMPRESSED, bytes);
    cvk_blake2b_add(b, bytes, form_bytes(a->group, FORM_UNCOMPRESSED));
}

Phase2Chain phase2_chain(const uint8_t circuit_hash[BLAKE2B_BYTES]) {
    Phase2Chain chain;
    cvk_blake2b_init(&chain.hash);
    cvk_blake2b_add(&chain.hash, circuit_hash, BLAKE2B_BYTES);
    return chain;
}

static void hash_contribution(CvkBlake2b *b, const Phase2Contribution *c) {
    hash_element(b, &c->delta_after);
    hash_element(b, &c->g1_s);
    hash_element(b, &c->g1_sx);
    hash_element(b, &c->g2_spx);
    cvk_blake2b_add(b, c->transcript, BLAKE2B_BYTES);
}

void phase2_chain_add(Phase2Chain *chain, const Phase2Contribution *c) {
    hash_contribution(&chain->hash, c);
}

void phase2_chain_transcript(const Phase2Chain *chain, const Element *g1_s, const Element *g1_sx,
                             uint8_t ret[BLAKE2B_BYTES]) {
    CvkBlake2b b = chain->hash;
    hash_element(&b, g1_s);
    hash_element(&b, g1_sx);
    cvk_blake2b_finish(&b, ret);
}

void phase2_contribution_hash(const Phase2Contribution *c, uint8_t ret[BLAKE2B_BYTES]) {
    CvkBlake2b b;
    cvk_blake2b_init(&b);
    hash_contribution(&b, c);
    cvk_blake2b_finish(&b, ret);
}

Element phase2_delta_after(const Phase2Key *key, uint32_t n) {
    return n == 0 ? element_generator(curve_g1(key->header.curve))
                  : key->contributions[n - 1].delta_after;
}

/* ---- replaying ---- */

#define LINKS 64 /* contributions whose pairings are one product */

typedef enum {
    FAULT_NONE,
    FAULT_TRANSCRIPT,
    FAULT_INFINITY,
    FAULT_BEACON,
    FAULT_KEY,
    FAULT_DELTA,
} LinkFault;

static const struct {
    const char *id, *text;
} faults[] = {
    [FAULT_TRANSCRIPT] = {"zkey.contribution.transcript",
                          "its transcript is not the hash of what was published before it"},
    [FAULT_INFINITY] = {"zkey.contribution.infinity", "one of its points is infinite"},
    [FAULT_BEACON] = {"zkey.contribution.beacon", "its key is not the one that the beacon gives"},
    [FAULT_KEY] = {"zkey.contribution.key", "it does not prove that its author knew the secret"},
    [FAULT_DELTA] = {"zkey.contribution.delta",
                     "its delta is not the one before it times its secret"},
};

/* One contribution under examination. */
typedef struct {
    const Phase2Contribution *c;
    Element before;                    /* delta */
    uint8_t transcript[BLAKE2B_BYTES]; /* as it should be */
    LinkFault fault;                   /* of those that need no pairing */
    Element hashed;                    /* g2_sp */
    PairingTerm terms[2];
} Link;

typedef struct {
    const Curve *curve;
    Factors factors;
    CvkPool *pool;
    uint32_t first; /* number of link 0, from 0 */
    Link links[LINKS];
    PairingTerm product[2 * LINKS];
} Block;

static bool has_infinity(const Phase2Contribution *c) {
    return element_is_infinity(&c->delta_after) || element_is_infinity(&c->g1_s) ||
           element_is_infinity(&c->g1_sx) || element_is_infinity(&c->g2_spx);
}

/* The secret of a beacon is public: anybody can multiply by it. */
static bool beacon_gives(const Curve *curve, const Phase2Contribution *c) {
    Draw draw;
    if (!beacon_draw(&c->params, &draw, NULL))
        return false;
    Fr d = draw_fr(curve, &draw);
    Element g1_s = draw_element(curve_g1(curve), &draw), g1_sx = element_mul(&g1_s, &d);
    return element_equal(&g1_s, &c->g1_s) && element_equal(&g1_sx, &c->g1_sx);
}

/* -(r a + s b) for minus, else r a + s b */
static Element combine(const Element *a, const Fr *r, const Element *b, const Fr *s, bool minus) {
    Element ra = element_mul(a, r), sb = element_mul(b, s), sum = element_add(&ra, &sb);
    return minus ? element_neg(&sum) : sum;
}

static void prepare_link(void *ctx, size_t i) {
    Block *b = ctx;
    Link *link = &b->links[i];
    const Phase2Contribution *c = link->c;
    link->fault = memcmp(link->transcript, c->transcript, BLAKE2B_BYTES) != 0 ? FAULT_TRANSCRIPT
                  : has_infinity(c)                                           ? FAULT_INFINITY
                  : c->params.beacon && !beacon_gives(b->curve, c)            ? FAULT_BEACON
                                                                              : FAULT_NONE;
    if (link->fault != FAULT_NONE)
        return;
    const size_t at = 2 * (b->first + i);
    Fr r = factors_at(b->curve, &b->factors, at), s = factors_at(b->curve, &b->factors, at + 1);
    link->hashed = draw_hash_to_g2(b->curve, c->transcript);
    link->terms[0] = (PairingTerm){combine(&c->g1_s, &r, &link->before, &s, false), c->g2_spx};
    link->terms[1] = (PairingTerm){combine(&c->g1_sx, &r, &c->delta_after, &s, true), link->hashed};
}

/* Of a link whose terms do not multiply to one: which of its two equations does not hold? */
static bool blame_link(const Block *b, const Link *link, LinkFault *ret, CvkErr *err) {
    const Phase2Contribution *c = link->c;
    const PairingTerm key[2] = {{c->g1_s, c->g2_spx}, {element_neg(&c->g1_sx), link->hashed}};
    bool known;
    if (!pairing_product_is_one(b->curve, key, 2, b->pool, &known, err))
        return false;
    *ret = known ? FAULT_DELTA : FAULT_KEY;
    return true;
}

/* The product over the first n links is not one: the lowest at fault. */
static bool blame(const Block *b, size_t n, size_t *ret_at, LinkFault *ret, CvkErr *err) {
    for (size_t i = 0; i < n; i++) {
        bool one;
        if (!pairing_product_is_one(b->curve, b->links[i].terms, 2, b->pool, &one, err))
            return false;
        if (!one) {
            *ret_at = i;
            return blame_link(b, &b->links[i], ret, err);
        }
    }
    return cvk_fail(err, CVK_EINTERNAL, "zkey.chain",
                    "contributions hold one by one but not together");
}

/* *ret = FAULT_NONE, or the fault of link *ret_at, the first of n that has one. */
static bool judge(Block *b, size_t n, size_t *ret_at, LinkFault *ret, CvkErr *err) {
    size_t right = 0;
    bool one = true;
    for (; right < n && b->links[right].fault == FAULT_NONE; right++)
        memcpy(&b->product[2 * right], b->links[right].terms, sizeof b->links[right].terms);
    if (right != 0 && !pairing_product_is_one(b->curve, b->product, 2 * right, b->pool, &one, err))
        return false;
    if (!one)
        return blame(b, right, ret_at, ret, err);
    *ret_at = right;
    *ret = right < n ? b->links[right].fault : FAULT_NONE;
    return true;
}

/* Fills the block's first n links and moves the chain behind them. */
static void fill(Block *b, const Phase2Key *key, uint32_t first, size_t n, Phase2Chain *chain) {
    b->first = first;
    for (size_t i = 0; i < n; i++) {
        Link *link = &b->links[i];
        link->c = &key->contributions[first + i];
        link->before = phase2_delta_after(key, first + (uint32_t)i);
        phase2_chain_transcript(chain, &link->c->g1_s, &link->c->g1_sx, link->transcript);
        phase2_chain_add(chain, link->c);
    }
}

static bool check_beacons(const Phase2Key *key, const Phase2Replay *how, CvkErr *err) {
    uint64_t spent = 0;
    for (uint32_t i = how->from; i < key->contributions_n; i++) {
        const ContributionParams *p = &key->contributions[i].params;
        if (p->beacon && !beacon_is_quick(p, (size_t)i + 1, how->beacon_exp_max, &spent, err))
            return cvk_fail_named(err, key->v[PHASE2_L].bytes.file);
    }
    return true;
}

bool phase2_replay(const Phase2Key *key, const Phase2Replay *how, const Work *w, Verdict *verdict,
                   CvkErr *err) {
    Phase2Chain chain = phase2_chain(key->circuit_hash);
    _cleanup_free_ Block *b = cvk_alloc(1, sizeof *b, err);
    if (b == NULL || !check_beacons(key, how, err))
        return false;
    b->curve = key->header.curve;
    b->factors = phase2_factors(w, PHASE2_USE_CHAIN, 0);
    b->pool = w->pool;
    for (uint32_t i = 0; i < how->from; i++)
        phase2_chain_add(&chain, &key->contributions[i]);
    for (uint32_t at = how->from; at < key->contributions_n && verdict->valid; at += LINKS) {
        size_t left = key->contributions_n - at, n = left < LINKS ? left : LINKS, wrong = 0;
        LinkFault fault = FAULT_NONE;
        fill(b, key, at, n, &chain);
        cvk_pool_each(w->pool, n, prepare_link, b);
        if (!judge(b, n, &wrong, &fault, err))
            return false;
        if (fault != FAULT_NONE)
            phase2_refuse_contribution(verdict, key, at + (uint32_t)wrong + 1, faults[fault].id,
                                       "%s", faults[fault].text);
        cvk_meter_advance(w->meter, n * PHASE2_CONTRIBUTION_UNITS);
    }
    return true;
}
