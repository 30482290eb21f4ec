/* What a curve and its back end have to supply: two tables of functions, chosen once.
 *
 * For curve.c and points*.c, which hold everything that is not particular to one back end: the
 * spreading over threads, the choice of the lowest fault, the subgroup test, the transforms. A back
 * end works on blocks, so that one with vector units can take 8 points at a time.
 *
 * INVARIANT of all table functions on points: those given are on the curve and not infinity, unless
 * the comment says otherwise; `void *` points to Group.point_bytes a point, in the back end's form.
 * Table functions fill Element.w only: curve.c sets Element.group.
 * Threads: every function may run on many threads at once. */
#pragma once

#include "algebra/curve.h"

/* What decode found in a block. */
typedef struct {
    PointReport fault;     /* the first fault that is not POINT_INFINITY, or POINT_OK */
    size_t first_infinity; /* index, or n when there is none */
} DecodeReport;

/* Sums over subsets of points: bit b of scalar i says whether point i is in subset b. */
typedef struct {
    const void *points;
    size_t n;
    const uint8_t *scalars; /* n of scalar_bytes each, little endian */
    size_t scalar_bytes;
    unsigned first_bit, end_bit; /* the bits wanted */
    unsigned window;             /* c: bits that share one pass over the points, 1 to WINDOW_MAX */
} SubsetJob;

#define WINDOW_MAX 16u

/* An element of the target group of the pairing, before the final exponentiation. */
typedef struct {
    uint64_t w[72];
} Gt;

struct Group {
    const char *name;
    const Curve *curve;
    size_t encoded_bytes;
    size_t point_bytes;

    void (*generator)(Element *ret);
    void (*infinity)(Element *ret);
    void (*add)(const Element *a, const Element *b, Element *ret); /* any inputs */
    void (*neg)(const Element *a, Element *ret);
    void (*mul_secret)(const Element *a, const Fr *k, Element *ret);
    bool (*equal)(const Element *a, const Element *b);
    bool (*is_infinity)(const Element *a);
    void (*encode_element)(const Element *a, uint8_t *ret);
    bool (*in_group)(const Element *a); /* of any point on the curve or infinity */

    /* Decodes without the subgroup test; an infinite point and one with a fault are left zero. Goes
     * on behind a fault only as far as it likes. */
    void (*decode)(const uint8_t *bytes, size_t n, void *ret_points, DecodeReport *ret_report);
    /* Index of the first point outside the subgroup; n when all are inside. */
    size_t (*first_outside)(const void *points, size_t n);
    void (*to_element)(const void *point, Element *ret);
    /* False, with nothing promised of ret_points, if one is infinity. n >= 1. */
    bool (*to_points)(const Element *elements, size_t n, void *ret_points);
    void (*encode_points)(const void *points, size_t n, uint8_t *ret);
    /* ret[i] = k[i] * points[i], for n <= MUL_BLOCK; constant time; false if one is infinity. */
    bool (*mul_points_secret)(const void *points, const Fr *k, size_t n, void *ret_points);
    /* ret[b - first_bit] = the sum over subset b. The points need not be in the subgroup. Variable
     * time. False: no memory. */
    bool (*subset_sums)(const SubsetJob *job, Element *ret);
    /* The next two are for transforms: their points may be infinity, which is all zero, before and
     * after. Variable time. False: no memory, and the points are spoilt. */
    bool (*mul_points)(void *points, const Fr *k, size_t n); /* points[i] = k[i] * points[i] */
    bool (*butterflies)(void *low, void *high, size_t n);    /* (low + high, low - high) */
};

#define MUL_BLOCK 64

struct Curve {
    const char *name, *backend;
    const Group *g1, *g2;
    unsigned fr_bits;           /* of the order r */
    uint8_t order_be[FR_BYTES]; /* r */
    unsigned two_adicity;       /* 2^two_adicity divides r - 1 */
    uint64_t fr_generator;      /* of the multiplicative group mod r */

    Fr (*fr_from_be_reduced)(const uint8_t *be, size_t n); /* 1 <= n <= 64, constant time */
    void (*fr_to_be)(const Fr *a, uint8_t ret[FR_BYTES]);  /* constant time */
    Fr (*fr_add)(const Fr *a, const Fr *b);
    Fr (*fr_sub)(const Fr *a, const Fr *b);
    Fr (*fr_mul)(const Fr *a, const Fr *b); /* constant time */
    Fr (*fr_inverse)(const Fr *a);

    void (*hash_to_g1)(const void *msg, size_t n, const char *dst, Element *ret);

    /* The product of the Miller loops of n >= 1 terms, none of them with an infinity. */
    void (*miller)(const PairingTerm *terms, size_t n, Gt *ret);
    void (*gt_mul)(const Gt *a, const Gt *b, Gt *ret);
    bool (*gt_is_one)(const Gt *a); /* after the final exponentiation, which this does */
};

/* Checked points; see curve.h. */
struct Points {
    const Group *group;
    size_t n;
    unsigned char *at; /* n * group->point_bytes */
};

/* n zeroed points; the caller fills them before anybody else sees them. */
Points *points_new(const Group *g, size_t n, CvkErr *err) MUST_USE;

static inline void *points_slot(const Points *p, size_t i) {
    return p->at + i * p->group->point_bytes;
}

/* x^e; e is public, x may be secret. */
Fr fr_pow(const Curve *c, const Fr *x, uint64_t e);

/* For loops over n items in blocks of `size`: how many blocks, and how many items has block i. */
static inline size_t blocks_n(size_t n, size_t size) {
    return (n + size - 1) / size;
}
static inline size_t block_len(size_t n, size_t size, size_t i) {
    return n - i * size < size ? n - i * size : size;
}
