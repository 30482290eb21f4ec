/* The two bases of a key's H. With n the domain and w a root of unity of order 2n,
 *
 *     in a .zkey      H_j: the Lagrange basis' points of the odd places w^(2j + 1), j < n
 *     in mpcparams    h_i = [(tau^(n + i) - tau^i) / delta], i < n - 1
 *
 * say the same but for one term:
 *     h_i = -2 w^i (transform of H)_i;
 *     H = inverse transform of (-1/2 w^-i h_i), with infinity for h_(n - 1).
 * The term of h_(n - 1) is lost on the way, as it is in snarkjs. No prover meets it: what is
 * multiplied with it is coefficient n - 1 of a polynomial of degree n - 2. (A .zkey from powers of
 * tau that end before tau^(2n - 1) has half of it only.)
 * Public data only. Memory: all n points at once. */
#pragma once

#include "setup/phase2.h"

/* Both read and check the whole H of a key and give its points in the other basis, n - 1 and n; a
 * point that is none is a verdict, and then *ret is NULL. About n (log2(n) / 2 + 1)
 * multiplications. False: "phase2.domain" (there is no such root), memory. */
bool phase2_h_tau(const Phase2Key *lagrange, const Work *w, Points **ret, Verdict *verdict,
                  CvkErr *err) MUST_USE;
bool phase2_h_lagrange(const Phase2Key *tau, const Work *w, Points **ret, Verdict *verdict,
                       CvkErr *err) MUST_USE;

/* For meters, of a domain of n. */
size_t phase2_basis_units(uint32_t n);
