/* What a curve and its back end have to supply: two tables of functions, chosen once.
 *
 * For curve.c and points*.c, which hold everything that is not particular to one back end: the
 * spreading over threads, the choice of the lowest fault, the subgroup test, the transforms. A back
 * end works on blocks, so that one with vector units can take 8 points at a time.
 *
 * INVARIANT of all table functions on points: those given are on the curve; `void *` points to
 * Group.point_bytes a point, in the back end's form, in which infinity is all zero bytes and
 * equal points are equal bytes. Which points are infinite is public. Table functions fill Element.w
 * only: curve.c sets Element.group. Threads: every function may run on many threads at once. */
#pragma once

#include "algebra/curve.h"
#include "algebra/word2.h"

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

/* Sums of points by signed digits of their scalars: ret[b] = the sum of +-points[i] over those i
 * with bit b in the size of digits[i], so that the sum of 2^b ret[b] over b < window is that of
 * digits[i] * points[i]. */
typedef struct {
    const void *points;
    size_t n;
    const int16_t *digits; /* one each, of size 2^(window - 1) at most */
    unsigned window;       /* 2 to DIGIT_WINDOW_MAX */
} DigitJob;

#define DIGIT_WINDOW_MAX 14u

/* Small linear maps of points, many side by side ("lanes"):
 * ret[i * forms + f] = sum over t < terms of k[(i * forms + f) * terms + t] * points[i * terms + t]
 * for i < n, f < forms. Forms of one lane share their points' tables, terms of one form their
 * doublings: that is what a transform by split radix is made of. terms = forms = 1 multiplies. */
typedef struct {
    const void *points;
    const Fr *k;
    size_t n, terms, forms;
} LinearJob;

/* What a scalar is split into by a group's endomorphism. */
typedef struct {
    Word2 size;
    bool negative;
} ScalarPart;

#define PARTS_MAX 4        /* of a scalar */
#define LINEAR_MAX 2       /* terms, forms */
#define POINT_WORDS_MAX 24 /* of 64 bits, in Group.point_bytes of any group */

#define MILLER_TERMS 8 /* that share the squarings of one Miller loop */

/* An element of the target group of the pairing, before the final exponentiation. */
typedef struct {
    uint64_t w[72];
} Gt;

struct Group {
    const char *name;
    const Curve *curve;
    unsigned degree;      /* of the field of the coordinates over the prime one: 1 or 2 */
    bool cofactor_is_one; /* every point of the curve is in the group: there is nothing to test */
    /* The smallest prime factor of the cofactor, if it is above 2^8: what is outside the group is
     * then seen by sums with digits below it. Else 0: by sums over subsets. */
    unsigned cofactor_prime;
    size_t point_bytes;

    void (*generator)(Element *ret);
    void (*infinity)(Element *ret);
    void (*add)(const Element *a, const Element *b, Element *ret); /* any inputs */
    void (*neg)(const Element *a, Element *ret);
    void (*mul_secret)(const Element *a, const Fr *k, Element *ret);
    bool (*equal)(const Element *a, const Element *b);
    bool (*is_infinity)(const Element *a);
    bool (*in_group)(const Element *a); /* of any point on the curve or infinity */
    /* The point with this x times the cofactor; x is `degree` Montgomery residues below q. Of its
     * two y it has the larger one (as numbers; of two coefficients c1 counts, and c0 where c1 is
     * zero) or the other. False: there is no such point. Variable time. */
    bool (*lift_x)(const uint64_t *x, bool larger, Element *ret);

    /* Decodes without the subgroup test; an infinite point and one with a fault are left zero. Goes
     * on behind a fault only as far as it likes. form_bytes of each point. */
    void (*decode)(PointForm form, const uint8_t *bytes, size_t n, void *ret_points,
                   DecodeReport *ret_report);
    void (*encode_points)(PointForm form, const void *points, size_t n, uint8_t *ret);
    /* Index of the first point outside the subgroup; n when all are inside, as infinity is. */
    size_t (*first_outside)(const void *points, size_t n);
    void (*to_element)(const void *point, Element *ret);
    void (*to_points)(const Element *elements, size_t n, void *ret_points);
    /* ret[i] = k[i] * points[i], for n <= MUL_BLOCK; constant time in k; infinite points stay so.
     * ret may be points. */
    void (*mul_points_secret)(const void *points, const Fr *k, size_t n, void *ret_points);
    /* ret[b - first_bit] = the sum over subset b. The points need not be in the subgroup. Variable
     * time. False: no memory. */
    bool (*subset_sums)(const SubsetJob *job, Element *ret);

    /* The same for signed digits; they may be infinity. */
    bool (*digit_sums)(const DigitJob *job, Element *ret);
    /* k = the sum over i < parts of ret[i] times what image i of a point multiplies it by; image 0
     * is the point itself. Variable time, points in the subgroup or infinity. */
    unsigned parts, part_bits;
    void (*split)(const Fr *k, ScalarPart *ret);
    void (*images)(const void *points, size_t n, unsigned part, void *ret);

    /* For transforms and sums of many points; variable time. The points are in the subgroup. False:
     * no memory, and what was to be written is spoilt. */
    bool (*linear)(const LinearJob *job, void *ret);      /* ret may be points when forms = terms */
    bool (*butterflies)(void *low, void *high, size_t n); /* (low + high, low - high) */
    bool (*add_points)(void *sums, const void *points, size_t n); /* sums[i] += points[i] */
    void (*neg_points)(void *points, size_t n);
};

#define MUL_BLOCK 256

struct Curve {
    const char *name, *backend;
    const Group *g1, *g2;
    size_t base_bytes;          /* of q, the prime of the field of G1's coordinates */
    uint8_t base_prime_be[48];  /* q, in the first base_bytes */
    unsigned fr_bits;           /* of the order r */
    uint8_t order_be[FR_BYTES]; /* r */
    unsigned two_adicity;       /* 2^two_adicity divides r - 1 */
    uint64_t fr_nonsquare;      /* the smallest number that is no square mod r */

    Fr (*fr_from_be_reduced)(const uint8_t *be, size_t n); /* 1 <= n <= 64, constant time */
    void (*fr_to_be)(const Fr *a, uint8_t ret[FR_BYTES]);  /* constant time */
    Fr (*fr_add)(const Fr *a, const Fr *b);
    Fr (*fr_sub)(const Fr *a, const Fr *b);
    Fr (*fr_mul)(const Fr *a, const Fr *b); /* constant time */
    Fr (*fr_inverse)(const Fr *a);

    void (*hash_to_g1)(const void *msg, size_t n, const char *dst, Element *ret);

    /* The product of the Miller loops of 1 to MILLER_TERMS terms, none of them with an infinity. */
    void (*miller)(const PairingTerm *terms, size_t n, Gt *ret);
    void (*gt_mul)(const Gt *a, const Gt *b, Gt *ret);
    /* The next two do the final exponentiation first. */
    bool (*gt_is_one)(const Gt *a);
    void (*gt_coordinates)(const Gt *a, uint8_t *ret); /* see pairing_coordinates */
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

bool point_is_infinity(const Points *p, size_t i);

/* For loops over n items in blocks of `size`: how many blocks, and how many items has block i. */
static inline size_t blocks_n(size_t n, size_t size) {
    return (n + size - 1) / size;
}
static inline size_t block_len(size_t n, size_t size, size_t i) {
    return n - i * size < size ? n - i * size : size;
}
