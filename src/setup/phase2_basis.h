/* The two bases of a key's H. With n the domain and w a root of unity of order 2n,
 *
 *     in a .zkey      H_j: the Lagrange basis' points of the odd places w^(2j + 1), j < n
 *     in mpcparams    h_i = [(tau^(n + i) - tau^i) / delta], i < n - 1
 *
 * say the same:
 *     H = inverse transform of (-1/2 w^-i h_i), with infinity for h_(n - 1);
 *     h_i = -2 w^i (transform of H)_i, and the last point of that is infinite.
 * Public data only. Memory: all n points at once. */
#pragma once

#include "setup/phase2.h"

/* Both read and check the whole H of a key and give its n points in the other basis; a point that
 * is none is a verdict (then *ret is NULL), and so is an H whose last point would not be infinite
 * ("zkey.h.basis"). About n (log2(n) / 2 + 1) multiplications. False: "phase2.domain" (there is no
 * such root), memory. */
bool phase2_h_tau(const Phase2Key *lagrange, const Work *w, Points **ret, Verdict *verdict,
                  CvkErr *err) MUST_USE;
bool phase2_h_lagrange(const Phase2Key *tau, const Work *w, Points **ret, Verdict *verdict,
                       CvkErr *err) MUST_USE;

/* For meters, of a domain of n. */
size_t phase2_basis_units(uint32_t n);
