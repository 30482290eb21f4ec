/* Levels that fit in memory are one transform each, and as many as fit together are done at once:
 * small ones keep the threads busy that a large one has no work for.
 *
 * A level that does not fit, of n = rows * columns entries: entry j = b + columns * a stands in row
 * a and column b. Transform the columns; transform the rows, row k at the shift w^k (w: the n-th
 * root); then value k + rows * l stands in row k, column l.
 *
 * Where the field has no 2n-th root of unity (power 28 of bn254), level 2n has the domain
 * {w^i} and after it {g w^i}, g = fr_coset. With t the powers of tau, z = g^n and F the inverse
 * transform of length n, whose shift makes a coset of it:
 *
 *     first half   F(t[n + j] - z t[j]) / (1 - z)
 *     second half  F at the shift 1/g of (t[j] - t[n + j]) / (1 - z)
 *
 * because the basis polynomial of a point of one half is that of its half alone, times X^n - z or
 * X^n - 1, which vanishes on the other. */
#include "setup/phase1_prepare_level.h"

#include "setup/phase1_private.h"

#include <assert.h>
#include <string.h>

#define TOGETHER_MAX (PHASE1_POWER_MAX + 2) /* all levels of tauG1 */

typedef enum { WHOLE, FIRST_HALF, SECOND_HALF } Part;

/* One transform of n entries. */
typedef struct {
    const Levels *levels;
    const Group *group;
    size_t each; /* bytes of a point in scratch and result */
    Part part;
    uint64_t n;
    size_t room; /* points that memory holds of it */
    Fr scale, shift;
    bool shifted;
    Fr z; /* unless WHOLE */
} Transform;

/* `pieces` pieces of `piece` entries each, `step` apart. */
typedef struct {
    uint64_t from, step;
    size_t piece, pieces;
} Places;

/* ---- entries ---- */

/* From where the vector ends there is infinity: zeros in its form. */
static bool read_bytes(const Vector *v, const Places *p, uint8_t *ret, CvkErr *err) {
    size_t each = form_bytes(v->group, v->reading.form);
    for (size_t i = 0; i < p->pieces; i++) {
        uint64_t at = p->from + i * p->step;
        uint64_t left = at < v->n ? v->n - at : 0;
        size_t n = left < p->piece ? (size_t)left : p->piece;
        if (n != 0 &&
            !cvk_source_read(&v->bytes, at * each, ret + i * p->piece * each, n * each, err))
            return false;
    }
    return true;
}

/* Bytes that this run has checked before. */
static bool to_points(const Transform *t, PointForm form, const uint8_t *bytes, size_t n,
                      Points **ret, CvkErr *err) {
    static const Factors none; /* nothing is tested that would need them */
    const PointReading reading = {.form = form, .infinity = true, .ours = true};
    PointReport report;
    if (!points_read(t->group, reading, bytes, n, &none, t->levels->w->pool, ret, NULL, &report,
                     err))
        return false;
    return report.fault == POINT_OK ||
           cvk_fail(err, CVK_EBACKEND, "file.changed", "a point %s, though it was right before",
                    point_fault_text(report.fault));
}

static bool read_points(const Transform *t, const Places *p, Points **ret, CvkErr *err) {
    const Vector *v = t->levels->v;
    size_t n = p->piece * p->pieces;
    _cleanup_free_ uint8_t *bytes = cvk_alloc(n, form_bytes(v->group, v->reading.form), err);
    return bytes != NULL && read_bytes(v, p, bytes, err) &&
           to_points(t, v->reading.form, bytes, n, ret, err);
}

/* The entries of this transform: those of a half are mixed from both halves of the vector. */
static bool read_entries(const Transform *t, const Places *p, Points **ret, CvkErr *err) {
    _cleanup_(points_free_at) Points *low = NULL, *high = NULL, *multiple = NULL;
    CvkPool *pool = t->levels->w->pool;
    Places above = *p;
    if (t->part == WHOLE)
        return read_points(t, p, ret, err);
    above.from += t->n;
    if (!read_points(t, p, &low, err) || !read_points(t, &above, &high, err))
        return false;
    if (t->part == SECOND_HALF)
        return points_subtract(low, high, pool, ret, err);
    /* z is no secret, but one function for multiples is enough */
    const PowersOf times_z = {.first = t->z, .x = fr_from_uint(t->levels->curve, 1)};
    return points_mul_secret(low, &times_z, pool, (CvkProgress){NULL, NULL}, &multiple, err) &&
           points_subtract(high, multiple, pool, ret, err);
}

/* ---- transforms ---- */

static bool transform(const Levels *l, const PointsFft *how, size_t n, CvkErr *err) {
    CvkMeterPart part;
    CvkProgress progress = {NULL, NULL};
    if (l->w->meter != NULL)
        progress = cvk_meter_part(&part, l->w->meter, l->unit);
    return points_fft_many(how, n, l->w->pool, progress, err);
}

static bool read_all(const Transform *t, PointsFft *ret, CvkErr *err) {
    const Places all = {.piece = (size_t)t->n, .pieces = 1};
    *ret = (PointsFft){.n = (size_t)t->n,
                       .count = 1,
                       .direction = FFT_INVERSE,
                       .scale = t->scale,
                       .shifts = t->shifted ? &t->shift : NULL};
    return read_entries(t, &all, &ret->points, err);
}

/* n transforms at once, the largest first; the last one is written first. */
static bool in_memory(const Transform *t, size_t n, CvkErr *err) {
    const Levels *l = t->levels;
    PointsFft how[TOGETHER_MAX] = {{0}};
    bool done = true;
    assert(n <= TOGETHER_MAX);
    for (size_t i = 0; done && i < n; i++)
        done = read_all(&t[i], &how[i], err);
    done = done && transform(l, how, n, err);
    for (size_t i = n; done && i-- > 0;)
        done = phase1_emit(how[i].points, how[i].n, FORM_MONTGOMERY, l->w->pool, l->to, err);
    for (size_t i = 0; i < n; i++)
        points_free(how[i].points);
    return done;
}

/* ---- over the scratch file: row by row, `columns` points each ---- */

typedef struct {
    const Transform *t;
    size_t rows, columns;
    Fr root; /* the inverse n-th root of unity */
} Table;

/* `points` are `count` columns from `first`, interleaved. */
static bool store_columns(const Table *m, const Points *points, size_t first, size_t count,
                          CvkErr *err) {
    size_t each = m->t->each, n = points_n(points);
    _cleanup_free_ uint8_t *bytes = cvk_alloc(n, each, err);
    if (bytes == NULL)
        return false;
    points_write(points, 0, n, FORM_MONTGOMERY, m->t->levels->w->pool, bytes);
    for (size_t row = 0; row < m->rows; row++)
        if (!cvk_scratch_write(m->t->levels->scratch, ((uint64_t)row * m->columns + first) * each,
                               bytes + row * count * each, count * each, err))
            return false;
    return true;
}

static Fr power_of_two_power(const Curve *c, Fr x, size_t e) {
    for (; e > 1; e /= 2)
        x = fr_mul(c, &x, &x);
    return x;
}

static bool transform_columns(const Table *m, CvkErr *err) {
    const Levels *l = m->t->levels;
    size_t most = m->t->room / m->rows, count = most < m->columns ? most : m->columns;
    _cleanup_free_ Fr *shifts = cvk_alloc(count, sizeof *shifts, err);
    if (shifts == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        shifts[i] = power_of_two_power(l->curve, m->t->shift, m->columns);
    PointsFft how = {.n = m->rows,
                     .count = count,
                     .interleaved = true,
                     .direction = FFT_INVERSE,
                     .scale = fr_from_uint(l->curve, 1),
                     .shifts = m->t->shifted ? shifts : NULL};
    for (size_t first = 0; first < m->columns; first += count) {
        _cleanup_(points_free_at) Points *points = NULL;
        const Places places = {
            .from = first, .step = m->columns, .piece = count, .pieces = m->rows};
        if (!read_entries(m->t, &places, &points, err))
            return false;
        how.points = points;
        if (!transform(l, &how, 1, err) || !store_columns(m, points, first, count, err))
            return false;
    }
    return true;
}

/* One batch of rows, read and written where it lies. */
static bool transform_batch(const Table *m, PointsFft how, size_t first, uint8_t *bytes,
                            CvkErr *err) {
    _cleanup_(points_free_at) Points *points = NULL;
    const Levels *l = m->t->levels;
    size_t n = how.count * m->columns, size = n * m->t->each;
    uint64_t at = (uint64_t)first * m->columns * m->t->each;
    if (!cvk_scratch_read(l->scratch, at, bytes, size, err) ||
        !to_points(m->t, FORM_MONTGOMERY, bytes, n, &points, err))
        return false;
    how.points = points;
    if (!transform(l, &how, 1, err))
        return false;
    points_write(points, 0, n, FORM_MONTGOMERY, l->w->pool, bytes);
    return cvk_scratch_write(l->scratch, at, bytes, size, err);
}

static bool transform_rows(const Table *m, CvkErr *err) {
    const Curve *c = m->t->levels->curve;
    size_t most = m->t->room / m->columns, count = most < m->rows ? most : m->rows;
    _cleanup_free_ uint8_t *bytes = cvk_alloc(count * m->columns, m->t->each, err);
    _cleanup_free_ Fr *shifts = cvk_alloc(count, sizeof *shifts, err);
    if (bytes == NULL || shifts == NULL)
        return false;
    const PointsFft how = {.n = m->columns,
                           .count = count,
                           .direction = FFT_INVERSE,
                           .scale = m->t->scale,
                           .shifts = shifts};
    Fr shift = m->t->shift;
    for (size_t first = 0; first < m->rows; first += count) {
        for (size_t i = 0; i < count; i++, shift = fr_mul(c, &shift, &m->root))
            shifts[i] = shift;
        if (!transform_batch(m, how, first, bytes, err))
            return false;
    }
    return true;
}

/* Column by column, as the values are numbered. */
static bool write_columns(const Table *m, CvkErr *err) {
    size_t each = m->t->each;
    size_t most = m->t->room / m->rows, count = most < m->columns ? most : m->columns;
    _cleanup_free_ uint8_t *piece = cvk_alloc(count, each, err);
    _cleanup_free_ uint8_t *bytes = cvk_alloc(count * m->rows, each, err);
    if (piece == NULL || bytes == NULL)
        return false;
    for (size_t first = 0; first < m->columns; first += count) {
        for (size_t row = 0; row < m->rows; row++) {
            uint64_t at = ((uint64_t)row * m->columns + first) * each;
            if (!cvk_scratch_read(m->t->levels->scratch, at, piece, count * each, err))
                return false;
            for (size_t i = 0; i < count; i++)
                memcpy(bytes + (i * m->rows + row) * each, piece + i * each, each);
        }
        if (!cvk_sink_write(m->t->levels->to, bytes, count * m->rows * each, err))
            return false;
    }
    return true;
}

static bool over_scratch(const Transform *t, unsigned bits, CvkErr *err) {
    Table m = {.t = t, .rows = (size_t)1 << (bits + 1) / 2, .columns = (size_t)1 << bits / 2};
    assert(m.rows <= t->room);
    if (!fr_root_of_unity(t->levels->curve, (size_t)t->n, &m.root))
        return cvk_fail(err, CVK_EINTERNAL, "fft.size", "a level is too large");
    m.root = fr_inverse(t->levels->curve, &m.root);
    return transform_columns(&m, err) && transform_rows(&m, err) && write_columns(&m, err);
}

/* ---- levels ---- */

static bool write_transform(const Transform *t, unsigned bits, CvkErr *err) {
    return t->n <= t->room ? in_memory(t, 1, err) : over_scratch(t, bits, err);
}

/* 1 / n, and for a half 1 / (n (1 - z)) */
static Fr scale_of(const Curve *c, const Transform *t) {
    Fr divisor = fr_from_uint(c, t->n);
    if (t->part != WHOLE) {
        Fr one = fr_from_uint(c, 1), rest = fr_sub(c, &one, &t->z);
        divisor = fr_mul(c, &divisor, &rest);
    }
    return fr_inverse(c, &divisor);
}

static bool write_halves(Transform *t, unsigned bits, CvkErr *err) {
    const Levels *l = t->levels;
    const Fr g = fr_coset(l->curve);
    t->part = FIRST_HALF;
    t->room = l->capacity / 2; /* of both halves of the vector, and of their mixture */
    t->z = power_of_two_power(l->curve, g, (size_t)t->n);
    t->scale = scale_of(l->curve, t);
    if (!write_transform(t, bits, err))
        return false;
    t->part = SECOND_HALF;
    t->shift = fr_inverse(l->curve, &g);
    t->shifted = true;
    if (!write_transform(t, bits, err))
        return false;
    cvk_meter_advance(l->w->meter, l->unit * (size_t)t->n); /* what one transform would be more */
    return true;
}

static Transform level(const Levels *l, unsigned bits) {
    Transform t = {.levels = l,
                   .group = l->v->group,
                   .each = form_bytes(l->v->group, FORM_MONTGOMERY),
                   .n = (uint64_t)1 << bits,
                   .room = l->capacity,
                   .shift = fr_from_uint(l->curve, 1)};
    t.scale = scale_of(l->curve, &t);
    return t;
}

static bool write_alone(const Levels *l, unsigned p, CvkErr *err) {
    bool halves = p > l->two_adicity;
    unsigned bits = halves ? p - 1 : p;
    assert(bits <= l->two_adicity);
    Transform t = level(l, bits);
    return halves ? write_halves(&t, bits, err) : write_transform(&t, bits, err);
}

/* How many levels from the first on memory holds together. */
static unsigned together(const Levels *l, unsigned first, unsigned last) {
    size_t room = l->capacity;
    unsigned p = first;
    for (; p <= last && p <= l->two_adicity && (uint64_t)1 << p <= room; p++)
        room -= (size_t)1 << p;
    return p - first;
}

static bool write_together(const Levels *l, unsigned first, unsigned n, CvkErr *err) {
    Transform t[TOGETHER_MAX];
    assert(n <= TOGETHER_MAX);
    for (unsigned i = 0; i < n; i++)
        t[i] = level(l, first + n - 1 - i);
    return in_memory(t, n, err);
}

bool levels_write(const Levels *l, unsigned first, unsigned last, CvkErr *err) {
    for (unsigned p = first; p <= last;) {
        unsigned n = together(l, p, last);
        if (n == 0 ? !write_alone(l, p, err) : !write_together(l, p, n, err))
            return false;
        p += n == 0 ? 1 : n;
    }
    return true;
}
