#include "format/kzg_binary.h"

#include <inttypes.h>
#include <string.h>

#define VERSION 1
#define FIXED 10  /* what the header begins with: magic, version, number of sub-setups, a flag */
#define PER_SUB 9 /* of each sub-setup in the header: two numbers, a flag */
#define MAGIC_N 7

static const uint8_t magic[MAGIC_N] = {KZG_BINARY_FIRST, 'C', 'V', 'K', 'K', 'Z', 'G'};

/* What the header says. */
typedef struct {
    size_t n;
    bool ecdsa;
    struct {
        uint32_t n_g1, n_g2;
        bool bls;
    } at[LIMIT_KZG_SUBS];
} Header;

/* At most 16 times 2^20 G1 and 4096 G2 points: no 64-bit number overflows. */
static uint64_t total_bytes(const Header *h) {
    uint64_t total = FIXED + h->n * PER_SUB + (h->ecdsa ? KZG_ECDSA_BYTES : 0);
    for (size_t i = 0; i < h->n; i++)
        total += (uint64_t)h->at[i].n_g1 * KZG_G1_BYTES + (uint64_t)h->at[i].n_g2 * KZG_G2_BYTES +
                 KZG_G2_BYTES + (h->at[i].bls ? KZG_G1_BYTES : 0);
    return total;
}

/* ---- reading ---- */

typedef struct {
    JsonSource from;
    uint64_t at; /* bytes read so far */
} Input;

static bool take(Input *in, void *into, size_t n, CvkErr *err) {
    uint8_t *to = into;
    while (n != 0) {
        size_t got;
        if (!in->from.read(in->from.ctx, to, n, &got, err))
            return false;
        if (got == 0)
            return cvk_fail(err, CVK_EBADREQ, "binary.length",
                            "it ends at byte %" PRIu64 ", before its header's end or what its "
                            "header announces",
                            in->at);
        in->at += got;
        to += got;
        n -= got;
    }
    return true;
}

static bool take_end(Input *in, CvkErr *err) {
    uint8_t more;
    size_t got;
    if (!in->from.read(in->from.ctx, &more, 1, &got, err))
        return false;
    return got == 0 || cvk_fail(err, CVK_EBADREQ, "binary.length",
                                "at byte %" PRIu64 ": more than its header announces", in->at);
}

static bool take_flag(const Input *in, size_t back, uint8_t byte, bool *ret, CvkErr *err) {
    *ret = byte == 1;
    return byte <= 1 ||
           cvk_fail(err, CVK_EBADREQ, "binary.syntax",
                    "at byte %" PRIu64 ": a flag is 0 or 1, not %u", in->at - back, byte);
}

static uint32_t big_endian(const uint8_t b[4]) {
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static bool take_size(Input *in, Header *h, size_t i, CvkErr *err) {
    uint8_t b[PER_SUB];
    if (!take(in, b, sizeof b, err))
        return false;
    h->at[i].n_g1 = big_endian(b);
    h->at[i].n_g2 = big_endian(b + 4);
    if (h->at[i].n_g1 > LIMIT_KZG_G1_POWERS || h->at[i].n_g2 > LIMIT_KZG_G2_POWERS)
        return cvk_fail(err, CVK_ELIMIT, "binary.limit",
                        "at byte %" PRIu64 ": %" PRIu32 " G1 and %" PRIu32
                        " G2 powers, at most %u and %u are possible",
                        in->at - PER_SUB, h->at[i].n_g1, h->at[i].n_g2, LIMIT_KZG_G1_POWERS,
                        LIMIT_KZG_G2_POWERS);
    return take_flag(in, 1, b[8], &h->at[i].bls, err);
}

static bool take_header(Input *in, Header *h, CvkErr *err) {
    uint8_t b[FIXED];
    if (!take(in, b, MAGIC_N + 1, err))
        return false;
    if (memcmp(b, magic, MAGIC_N) != 0)
        return cvk_fail(err, CVK_EBADREQ, "binary.syntax",
                        "at byte 0: it does not begin with the bytes 89 \"CVKKZG\"");
    if (b[MAGIC_N] != VERSION)
        return cvk_fail(err, CVK_EBADREQ, "binary.syntax",
                        "at byte %d: version %u, and only version %d is known", MAGIC_N, b[MAGIC_N],
                        VERSION);
    if (!take(in, b, 2, err))
        return false;
    if (b[0] > LIMIT_KZG_SUBS)
        return cvk_fail(err, CVK_ELIMIT, "binary.limit",
                        "at byte %d: %u sub-setups, at most %d are possible", MAGIC_N + 1, b[0],
                        LIMIT_KZG_SUBS);
    h->n = b[0];
    if (!take_flag(in, 1, b[1], &h->ecdsa, err))
        return false;
    for (size_t i = 0; i < h->n; i++)
        if (!take_size(in, h, i, err))
            return false;
    return true;
}

static bool take_sub(Input *in, const Header *h, size_t i, KzgSubWire *sub, CvkErr *err) {
    KzgPowersWire *p = &sub->powers;
    sub->bls.present = h->at[i].bls;
    return kzg_powers_wire_alloc(p, h->at[i].n_g1, h->at[i].n_g2, err) &&
           take(in, p->g1, p->n_g1 * KZG_G1_BYTES, err) &&
           take(in, p->g2, p->n_g2 * KZG_G2_BYTES, err) &&
           take(in, sub->pubkey, sizeof sub->pubkey, err) &&
           (!sub->bls.present || take(in, sub->bls.bytes, sizeof sub->bls.bytes, err));
}

static bool take_body(Input *in, const Header *h, KzgWire *w, CvkErr *err) {
    for (size_t i = 0; i < h->n; i++)
        if (!take_sub(in, h, i, &w->subs[i], err))
            return false;
    w->ecdsa.present = h->ecdsa;
    return (!h->ecdsa || take(in, w->ecdsa.bytes, sizeof w->ecdsa.bytes, err)) && take_end(in, err);
}

bool kzg_binary_read(JsonSource source, size_t max, KzgWire **ret, CvkErr *err) {
    Input in = {.from = source};
    Header h = {0};
    if (!take_header(&in, &h, err))
        return false;
    if (total_bytes(&h) > max)
        return cvk_fail(err, CVK_EBADREQ, "binary.length",
                        "its header announces %" PRIu64 " bytes, and there are at most %zu",
                        total_bytes(&h), max);
    KzgWire *w = kzg_wire_new(h.n, err);
    if (w == NULL)
        return false;
    if (!take_body(&in, &h, w, err)) {
        kzg_wire_free(w);
        return false;
    }
    *ret = w;
    return true;
}

/* ---- writing ---- */

static void put_number(uint8_t to[4], size_t n) {
    to[0] = (uint8_t)(n >> 24);
    to[1] = (uint8_t)(n >> 16);
    to[2] = (uint8_t)(n >> 8);
    to[3] = (uint8_t)n;
}

/* `bare`: without signatures. */
static bool put_header(JsonSink to, const KzgWire *w, bool bare, CvkErr *err) {
    uint8_t b[FIXED + LIMIT_KZG_SUBS * PER_SUB], *at = b + FIXED;
    memcpy(b, magic, MAGIC_N);
    b[MAGIC_N] = VERSION;
    b[MAGIC_N + 1] = (uint8_t)w->n;
    b[MAGIC_N + 2] = !bare && w->ecdsa.present;
    for (size_t i = 0; i < w->n; i++, at += PER_SUB) {
        put_number(at, w->subs[i].powers.n_g1);
        put_number(at + 4, w->subs[i].powers.n_g2);
        at[8] = !bare && w->subs[i].bls.present;
    }
    return to.write(to.ctx, b, (size_t)(at - b), err);
}

static bool put_powers(JsonSink to, const KzgPowersWire *p, CvkErr *err) {
    return (p->n_g1 == 0 || to.write(to.ctx, p->g1, p->n_g1 * KZG_G1_BYTES, err)) &&
           (p->n_g2 == 0 || to.write(to.ctx, p->g2, p->n_g2 * KZG_G2_BYTES, err));
}

bool kzg_binary_write(JsonSink sink, const KzgWire *w, CvkErr *err) {
    bool ok = put_header(sink, w, false, err);
    for (size_t i = 0; ok && i < w->n; i++) {
        const KzgSubWire *sub = &w->subs[i];
        ok =
            put_powers(sink, &sub->powers, err) &&
            sink.write(sink.ctx, sub->pubkey, sizeof sub->pubkey, err) &&
            (!sub->bls.present || sink.write(sink.ctx, sub->bls.bytes, sizeof sub->bls.bytes, err));
    }
    return ok &&
           (!w->ecdsa.present || sink.write(sink.ctx, w->ecdsa.bytes, sizeof w->ecdsa.bytes, err));
}

bool kzg_binary_challenge_write(JsonSink sink, const KzgWire *state, CvkErr *err) {
    bool ok = put_header(sink, state, true, err);
    for (size_t i = 0; ok && i < state->n; i++)
        ok = put_powers(sink, &state->subs[i].powers, err) &&
             sink.write(sink.ctx, KZG_G2_GENERATOR, KZG_G2_BYTES, err);
    return ok;
}
