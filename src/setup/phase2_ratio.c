/* Vectors that a contribution multiplies by 1/d: e(sum r_i new_i, delta) = e(sum r_i old_i, delta
 * before), block by block. Where a block fails, halving finds its lowest wrong point; but first H
 * is held against what an import makes of the old one. */
#include "setup/lowest_broken.h"
#include "setup/phase2_check.h"

static const struct {
    Phase2Use use;
    const char *wrong, *infinite;
} kinds[PHASE2_VECTORS] = {
    [PHASE2_L] = {PHASE2_USE_L, "zkey.l", "zkey.l.infinity"},
    [PHASE2_H] = {PHASE2_USE_H, "zkey.h", "zkey.h.infinity"},
};

/* A block of both vectors, and their sums with the same factors. */
typedef struct {
    const Phase2Check *check;
    Factors factors;
    size_t n;
    Points *new, *old;
    Element new_sum, old_sum;
} Pair;

static bool sums_match(const Pair *p, const Element *new_sum, const Element *old_sum, bool *ret,
                       CvkErr *err) {
    const Phase2Header *new = &p->check->key->header, *old = &p->check->before->header;
    const PairingTerm terms[2] = {{*new_sum, new->delta_g2}, {element_neg(old_sum), old->delta_g2}};
    return pairing_product_is_one(new->curve, terms, 2, p->check->w->pool, ret, err);
}

static bool range_matches(void *ctx, size_t from, size_t n, bool *ret, CvkErr *err) {
    const Pair *p = ctx;
    CvkPool *pool = p->check->w->pool;
    Element new_sum, old_sum;
    return points_combine(p->new, from, n, &p->factors, pool, &new_sum, err) &&
           points_combine(p->old, from, n, &p->factors, pool, &old_sum, err) &&
           sums_match(p, &new_sum, &old_sum, ret, err);
}

/* The lowest wrong point of a block that does not match. */
static bool blame(Pair *p, Phase2Vector which, uint64_t from, CvkErr *err) {
    const Vector *v = &p->check->key->v[which];
    size_t at;
    if (!lowest_broken(range_matches, p, p->n, &at, err))
        return false;
    const Element new = points_at(p->new, at), old = points_at(p->old, at);
    if (element_is_infinity(&new) && !element_is_infinity(&old))
        vector_refuse(v, from + at, p->check->verdict, kinds[which].infinite,
                      "is infinite, and was not before");
    else
        vector_refuse(v, from + at, p->check->verdict, kinds[which].wrong,
                      "is not the point before it divided by what delta was multiplied by");
    return true;
}

/* A block that does not match: the whole of H may still be that of an imported key, and then there
 * is nothing more to compare. */
static bool explain(Pair *p, Phase2Vector which, uint64_t from, bool *ret_imported, CvkErr *err) {
    *ret_imported = false;
    if (which == PHASE2_H && !phase2_h_is_imported(p->check, ret_imported, err))
        return false;
    return *ret_imported || blame(p, which, from, err);
}

/* Reads both; p->old stays NULL when the new one is refused. */
static bool read_pair(Pair *p, Phase2Vector which, uint64_t from, CvkErr *err) {
    const Phase2Check *c = p->check;
    if (!vector_read(&c->key->v[which], from, p->n, c->w, p->factors.label, &p->new, &p->new_sum,
                     c->verdict, err))
        return false;
    return !c->verdict->valid || vector_read_good(&c->before->v[which], from, p->n, c->w,
                                                  p->factors.label, &p->old, &p->old_sum, err);
}

/* *ret_done: what comes behind this block needs no look. */
static bool check_block(Pair *p, Phase2Vector which, uint64_t from, bool *ret_done, CvkErr *err) {
    bool matches = true;
    if (!read_pair(p, which, from, err))
        return false;
    if (!p->check->verdict->valid)
        return true;
    return sums_match(p, &p->new_sum, &p->old_sum, &matches, err) &&
           (matches || explain(p, which, from, ret_done, err));
}

bool phase2_check_ratio(const Phase2Check *c, Phase2Vector which, CvkErr *err) {
    const Vector *v = &c->key->v[which];
    const size_t block = work_block(c->w, v->group, 2);
    bool done = false;
    for (uint64_t at = 0, i = 0; at < v->n && c->verdict->valid && !done; at += block, i++) {
        Pair p = {.check = c,
                  .factors = phase2_factors(c->w, kinds[which].use, i),
                  .n = v->n - at < block ? (size_t)(v->n - at) : block};
        bool ok = check_block(&p, which, at, &done, err);
        points_free(p.new);
        points_free(p.old);
        if (!ok)
            return false;
        cvk_meter_advance(c->w->meter, 2 * p.n / PHASE2_POINTS_A_UNIT);
    }
    return true;
}
