/* Pairing-friendly curves, seen by the layers above as: a scalar field, two groups, a pairing.
 *
 * This is the interface behind which curves (bls12_381, bn254) and back ends (blst, portable C,
 * avx512ifma later) stand: a Curve is a table of functions chosen once; code above never names a
 * back end and treats G1 and G2 alike.
 *
 * INVARIANT. There are two kinds of group values:
 * - Points: a vector of affine points, each on the curve and in the prime-order subgroup, and NOT
 * infinity unless it was made with `infinity` allowed (Groth16's keys have infinite points where a
 * signal is not used). It can be made only by decoding (which checks) or by an operation that
 * keeps the invariant (and checks what it made). Nothing above re-checks.
 * - Element: one member of the subgroup that may be infinity: the result of a sum. It becomes a
 * point only through points_from_elements, which refuses infinity. Peers' bytes are neither: they
 * are plain uint8_t until decoded.
 *
 * THREADS. Everything is immutable once made, so share freely. Functions that take a CvkPool spread
 * their work over it (NULL: the calling thread alone).
 * TIME. Functions whose names end in _secret take constant time in their scalars; all others only
 * ever see public data. See docs/adr for the dangers of the blst in use, and how this layer guards.
 */
#pragma once

#include "base/err.h"
#include "base/pool.h"
#include "base/progress.h"
#include "base/rng.h"

#include <stddef.h>
#include <stdint.h>

typedef struct Curve Curve;
typedef struct Group Group;
typedef struct Points Points;

const Curve *curve_bls12_381(void);
const Curve *curve_bn254(void);
const char *curve_name(const Curve *c);    /* "bls12_381", "bn254" */
const char *curve_backend(const Curve *c); /* "blst", "portable" */
const Group *curve_g1(const Curve *c);
const Group *curve_g2(const Curve *c);

/* The field that coordinates of G1 are in: its prime q, little endian, and how many bytes (32 for
 * bn254, 48 for bls12_381). */
size_t curve_base_bytes(const Curve *c);
void curve_base_prime(const Curve *c, uint8_t *ret_le);
void curve_order(const Curve *c, uint8_t ret_le[32]); /* r */

/* How points lie in bytes. */
typedef enum {
    /* x with three flag bits, big endian: Ethereum's and ZCash's. bls12_381 only. */
    FORM_ZCASH,
    /* x, y as Montgomery residues, little endian, c0 before c1: .ptau and .zkey. Infinity: zeros */
    FORM_MONTGOMERY,
    /* x, y, big endian, c1 before c0: what is hashed, challenges. Infinity: written as snarkjs
     * writes it (zeros for bn254), read also with the flag 0x40. */
    FORM_UNCOMPRESSED,
    /* x, big endian, c1 before c0, bit 0x80 for the larger y, 0x40 for infinity: responses. For
     * bls12_381 this is NOT FORM_ZCASH. */
    FORM_COMPRESSED,
} PointForm;

#define FORM_BYTES_MAX 192 /* of one point in any form, group and curve */

size_t form_bytes(const Group *g, PointForm form);
const char *group_name(const Group *g); /* "G1", "G2" */

/* ---- scalars: the field of the groups' order r ---- */

/* In every back end w is the Montgomery residue for R = 2^256, least significant word first, below
 * r: files hold scalars so. */
typedef struct {
    uint64_t w[4];
} Fr;

#define FR_BYTES 32

Fr fr_from_uint(const Curve *c, uint64_t v);
bool fr_from_be(const Curve *c, const uint8_t be[FR_BYTES],
                Fr *ret) MUST_USE;                                  /* false: not below r */
Fr fr_from_be_reduced(const Curve *c, const uint8_t *be, size_t n); /* n <= 64 bytes, mod r */
bool fr_from_le(const Curve *c, const uint8_t le[FR_BYTES],
                Fr *ret) MUST_USE; /* false: not below r */
void fr_to_be(const Curve *c, const Fr *a, uint8_t ret[FR_BYTES]);
void fr_to_le(const Curve *c, const Fr *a, uint8_t ret[FR_BYTES]);
/* The residue that is the field element's Montgomery form: 32 bytes little endian. */
void fr_to_montgomery(const Fr *a, uint8_t ret[FR_BYTES]);
bool fr_from_montgomery(const Curve *c, const uint8_t le[FR_BYTES], Fr *ret) MUST_USE;
Fr fr_neg(const Curve *c, const Fr *a);
Fr fr_add(const Curve *c, const Fr *a, const Fr *b);
Fr fr_sub(const Curve *c, const Fr *a, const Fr *b);
Fr fr_mul(const Curve *c, const Fr *a, const Fr *b); /* constant time */
Fr fr_inverse(const Curve *c, const Fr *a);          /* 0 for 0; public values only */
Fr fr_pow(const Curve *c, const Fr *x, uint64_t e);  /* e is public, x may be secret */
bool fr_equal(const Fr *a, const Fr *b);             /* public values only */
bool fr_is_zero(const Fr *a);                        /* public values only */
/* 5^((r-1)/n), a generator of the subgroup of order n, a power of two: the one of .ptau and .zkey
 * files, and of all transforms here. False: no such n. Ethereum's KZG takes 7 for bls12_381. */
bool fr_root_of_unity(const Curve *c, size_t n, Fr *ret) MUST_USE;
/* The same from another number, which must not be a square in the field. */
bool fr_root_of_unity_from(const Curve *c, uint64_t nonsquare, size_t n, Fr *ret) MUST_USE;
/* Roots of unity of order 2^k are there up to this k. */
unsigned fr_two_adicity(const Curve *c);
/* The square of 5: w^i and fr_coset * w^i are all different. */
Fr fr_coset(const Curve *c);

/* ---- elements ---- */

/* Opaque; holds its group. All-zero is not an element. */
typedef struct {
    const Group *group;
    uint64_t w[36];
} Element;

Element element_generator(const Group *g);
Element element_infinity(const Group *g);
Element element_add(const Element *a, const Element *b); /* complete: any inputs */
Element element_neg(const Element *a);
Element element_mul(const Element *a, const Fr *k);        /* public */
Element element_mul_secret(const Element *a, const Fr *k); /* constant time in k */
bool element_equal(const Element *a, const Element *b);
bool element_is_infinity(const Element *a);
void element_write(const Element *a, PointForm form, uint8_t *ret); /* form_bytes */

/* Hash to G1 per RFC 9380, suite <curve>G1_XMD:SHA-256_SSWU_RO_. */
Element element_hash_to_g1(const Curve *c, const void *msg, size_t n, const char *dst);

/* ---- checked vectors ---- */

typedef enum {
    POINT_OK = 0,
    POINT_NOT_COMPRESSED, /* the compression flag is absent */
    POINT_BAD_INFINITY,   /* the infinity flag with other bits set */
    POINT_X_TOO_LARGE,    /* a coordinate is not below p; `component` says which: 0, or 1 for c1 */
    POINT_NOT_ON_CURVE,   /* no y for this x */
    POINT_NOT_IN_GROUP,   /* on the curve, outside the prime-order subgroup (x = 0 among them) */
    POINT_INFINITY,       /* a valid encoding of infinity, where no vector may hold it */
} PointFault;

typedef struct {
    PointFault fault;
    size_t index;       /* of the first (lowest) point with a fault */
    unsigned component; /* for POINT_X_TOO_LARGE */
} PointReport;

/* 128-bit factors r_i for random linear combinations: the stream (seed, label), 16 bytes each,
 * little endian. The seed must be unknown to whoever made the points: draw it after they have
 * arrived. */
typedef struct {
    uint8_t seed[CVK_SEED_BYTES];
    uint64_t label;
} Factors;

typedef struct {
    PointForm form;
    bool infinity; /* infinite points may stand in the vector: they are no fault */
    bool ours;     /* these bytes have been read and checked before, in this run: whether points are
                    * in the subgroup is not tested again */
} PointReading;

/* Decodes and checks n points.
 *
 * Any fault but infinity: *ret_points = NULL and *ret_report names the lowest index with such a
 * fault. Otherwise *ret_points holds the points before the first infinite one (all n if there is
 * none or they are allowed; the report is POINT_OK or POINT_INFINITY at index points_n). Every
 * given point has been checked in all cases but the first. Subgroup: vectors of at least a few
 * hundred points by random sums drawn from `factors` (a bad point passes with probability 2^-128;
 * docs/ALGEBRA.md), shorter ones point by point. ret_combination (may be NULL): sum of r_i P_i over
 * the points of *ret_points, from the same sums. False: no verdict (memory).
 * Cost: bls12_381 about 20 us a compressed G1 point and thread. */
bool points_read(const Group *g, PointReading reading, const uint8_t *bytes, size_t n,
                 const Factors *factors, CvkPool *pool, Points **ret_points,
                 Element *ret_combination, PointReport *ret_report, CvkErr *err) MUST_USE;

/* One point, checked in full; infinity is a fault unless allowed. */
PointFault element_read(const Group *g, PointReading reading, const uint8_t *bytes,
                        Element *ret) MUST_USE;
const char *point_fault_text(PointFault fault); /* "is not on the curve" */

Points *points_free(Points *p); /* NULL is fine; returns NULL */
size_t points_n(const Points *p);
const Group *points_group(const Points *p);
Element points_at(const Points *p, size_t i);

/* n times the generator: the initial state of a ceremony. */
Points *points_generators(const Group *g, size_t n, CvkErr *err) MUST_USE;

/* False with id "point.infinity" (CVK_EBADREQ) if one of them is infinity. */
bool points_from_elements(const Group *g, const Element *elements, size_t n, CvkPool *pool,
                          Points **ret, CvkErr *err) MUST_USE;

/* form_bytes(g, form) each for points [from, from + n), to ret. */
void points_write(const Points *p, size_t from, size_t n, PointForm form, CvkPool *pool,
                  uint8_t *ret);

/* ret[i] = first * x^(from + i) * p[i], constant time in `first` and x, neither of them zero;
 * infinite points stay so. Powers are wiped. x = 1 multiplies all by `first`. bls12_381: about
 * 100 us a G1 point and thread; bn254: 40. */
typedef struct {
    Fr first, x;
    uint64_t from;
} PowersOf;
bool points_mul_secret(const Points *p, const PowersOf *k, CvkPool *pool, CvkProgress progress,
                       Points **ret, CvkErr *err) MUST_USE;

/* sums[out] += k * p[in] for each term, in any order; public. `sums` may hold infinity; a new one
 * of n infinities: points_infinities. Cost: an addition for k = 1 or -1, else about 30 us (bn254
 * G1); memory of four points a term. False (memory): the sums are as they were. */
typedef struct {
    uint32_t out, in;
    Fr k;
} PointTerm;
Points *points_infinities(const Group *g, size_t n, CvkErr *err) MUST_USE;
bool points_accumulate(Points *sums, const Points *p, const PointTerm *terms, size_t n,
                       CvkPool *pool, CvkErr *err) MUST_USE;
/* ret[i] = a[i] - b[i], public; may be infinite. n points each. */
bool points_subtract(const Points *a, const Points *b, CvkPool *pool, Points **ret,
                     CvkErr *err) MUST_USE;
bool points_any_infinite(const Points *p);
/* A copy of points [from, from + n). */
Points *points_part(const Points *p, size_t from, size_t n, CvkErr *err) MUST_USE;
bool points_equal(const Points *a, size_t a_from, const Points *b, size_t b_from, size_t n);

/* Sum over i in [0, n) of r_i * p[from + i] with the 128-bit factors. from + n <= points_n(p). */
bool points_combine(const Points *p, size_t from, size_t n, const Factors *factors, CvkPool *pool,
                    Element *ret, CvkErr *err) MUST_USE;

/* Sum over i of k[i] * p[from + i], any scalars (public). */
bool points_combine_fr(const Points *p, size_t from, size_t n, const Fr *k, CvkPool *pool,
                       Element *ret, CvkErr *err) MUST_USE;

/* r_i alone, as a scalar. */
Fr factors_at(const Curve *c, const Factors *f, size_t i);
/* r_from .. r_(from + n - 1). */
void factors_list(const Curve *c, const Factors *f, size_t from, size_t n, Fr *ret);

/* Fourier transforms in place, natural order in and out; n a power of two (else CVK_EBADREQ
 * "fft.size"). Inverse: with the root's inverse, and divided by n. */
typedef enum { FFT_FORWARD, FFT_INVERSE } FftDirection;
bool fr_fft(const Curve *c, FftDirection direction, Fr *a, size_t n, CvkPool *pool,
            CvkErr *err) MUST_USE;

/* Of points; infinite ones may go in and come out. The inverse makes of p[j] = tau^j G the Lagrange
 * basis L_i(tau) G (infinite all but one when tau is in the domain). Progress: n log2(n) / 2 units;
 * for bls12_381 G1 of about 60 us. False: the points are spoilt. */
bool points_fft(Points *p, FftDirection direction, CvkPool *pool, CvkProgress progress,
                CvkErr *err) MUST_USE;

/* `count` transforms of n points each: value k is scale * (sum over j of (shift * w^k)^j entry[j])
 * with w the n-th root of unity, or its inverse. The inverse's division is not done here: it is
 * part of the scale. */
typedef struct {
    Points *points;   /* points_n is n * count */
    size_t n, count;  /* n is a power of two */
    bool interleaved; /* entry i of transform t is at i * count + t, otherwise at t * n + i */
    FftDirection direction;
    Fr scale;
    const Fr *shifts; /* one for each transform; NULL: all one */
} PointsFft;

/* Transforms of any sizes at once, in one group and direction: no thread waits for one of them
 * while there is work in others. Those that take longest should come first. Progress: all their
 * units. The largest size is tested ("fft.size"). False: all points are spoilt. */
bool points_fft_many(const PointsFft *how, size_t n, CvkPool *pool, CvkProgress progress,
                     CvkErr *err) MUST_USE;

/* ---- pairing ---- */

typedef struct {
    Element g1, g2;
} PairingTerm;

/* Is the product of e(g1, g2) over all terms one? Terms with an infinity count as one. About 0.3 ms
 * a term and thread, 0.4 ms at the end. */
bool pairing_product_is_one(const Curve *c, const PairingTerm *terms, size_t n, CvkPool *pool,
                            bool *ret_one, CvkErr *err) MUST_USE;

/* e(g1, g2) as the 12 coordinates that snarkjs writes in a verification key (2 of 3 of 2, in that
 * order), curve_base_bytes each, big endian. Neither may be infinity. */
void pairing_coordinates(const Curve *c, const Element *g1, const Element *g2, uint8_t *ret);
