/* A vector of points that lies somewhere as bytes: read, checked and worked on in blocks, so that
 * memory is bounded whatever its length. */
#pragma once

#include "algebra/curve.h"
#include "base/meter.h"
#include "base/source.h"
#include "setup/verdict.h"

#include <stdint.h>

typedef struct {
    const char *name; /* "tauG1" */
    uint32_t section; /* of its file, for messages; 0: none */
    const Group *group;
    PointReading reading;
    uint64_t n;
    CvkSource bytes; /* n * form_bytes */
} Vector;

/* What every long computation is given. `seed` of random factors: drawn by the caller after the
 * data have arrived. */
typedef struct {
    CvkPool *pool;
    CvkMeter *meter;
    size_t memory; /* bytes that blocks and tables may take together, at least WORK_MEMORY_MIN */
    uint8_t seed[CVK_SEED_BYTES];
} Work;

#define WORK_MEMORY_MIN ((size_t)16 << 20)
#define WORK_MEMORY_DEFAULT ((size_t)512 << 20)

/* The factors of this seed that have this label: each use has one of its own. */
Factors work_factors(const Work *w, uint64_t label);

/* How many points of this group to take at a time, when `shares` blocks live at once. */
size_t work_block(const Work *w, const Group *g, unsigned shares);

/* verdict_refuse_at of point `index` of a vector, "<name>[<index>] <text>", or of all of it
 * (VECTOR_WHOLE), "<name> <text>". */
#define VECTOR_WHOLE UINT64_MAX
bool vector_refuse(const Vector *v, uint64_t index, Verdict *verdict, const char *id,
                   const char *text);
/* Where point `index` lies. Memory that is no section is no place. */
CvkPlace vector_place(const Vector *v, uint64_t index);

/* Points [from, from + n), checked. A fault is a verdict: "tauG1[17] is not on the curve", with
 * section and offset; then *ret is NULL. ret_combination as in points_read, with the factors
 * (seed, label) counted from `from`. */
bool vector_read(const Vector *v, uint64_t from, size_t n, const Work *w, uint64_t label,
                 Points **ret, Element *ret_combination, Verdict *verdict, CvkErr *err) MUST_USE;

/* The same, of points that must be good: what is none is an error (verdict_need). */
bool vector_read_good(const Vector *v, uint64_t from, size_t n, const Work *w, uint64_t label,
                      Points **ret, Element *ret_combination, CvkErr *err) MUST_USE;

/* All its points in another form to `to`, read and checked block by block. A fault is a verdict,
 * and then what has been written is worth nothing. One unit of the meter a point. */
bool vector_write(const Vector *v, PointForm form, const Work *w, uint64_t label, const CvkSink *to,
                  Verdict *verdict, CvkErr *err) MUST_USE;
