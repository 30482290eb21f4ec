/* What the transforms of scalars and of points share. */
#pragma once

#include "algebra/backend.h"

unsigned fft_log2(size_t n); /* of a power of two */
size_t fft_reverse_bits(size_t v, unsigned bits);

/* w^0 .. w^(count - 1) for w the n-th root of unity, or its inverse. NULL (CVK_EBADREQ "fft.size")
 * when there is no such root. The caller frees. */
Fr *fft_roots(const Curve *c, FftDirection direction, size_t n, size_t count, CvkErr *err) MUST_USE;
