#include "algebra/backend.h"

#include "base/alloc.h"
#include "base/limits.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#define BLOCK 1024 /* points that share one inversion, or are encoded in one go */

Points *points_new(const Group *g, size_t n, CvkErr *err) {
    Points *p = cvk_alloc(1, sizeof *p, err);
    if (p == NULL)
        return NULL;
    *p = (Points){.group = g, .n = n, .at = cvk_alloc(n, g->point_bytes, err)};
    return p->at != NULL ? p : points_free(p);
}

Points *points_free(Points *p) {
    if (p == NULL)
        return NULL;
    free(p->at);
    free(p);
    return NULL;
}

size_t points_n(const Points *p) {
    return p->n;
}

const Group *points_group(const Points *p) {
    return p->group;
}

bool point_is_infinity(const Points *p, size_t i) {
    const unsigned char *at = points_slot(p, i);
    unsigned char any = 0;
    for (size_t k = 0; k < p->group->point_bytes; k++)
        any |= at[k];
    return any == 0;
}

Element points_at(const Points *p, size_t i) {
    assert(i < p->n);
    Element ret = {.group = p->group};
    p->group->to_element(points_slot(p, i), &ret);
    return ret;
}

Points *points_generators(const Group *g, size_t n, CvkErr *err) {
    Points *p = points_new(g, n, err);
    if (p == NULL || n == 0)
        return p;
    Element generator = element_generator(g);
    g->to_points(&generator, 1, points_slot(p, 0));
    for (size_t i = 1; i < n; i++)
        memcpy(points_slot(p, i), points_slot(p, 0), g->point_bytes);
    return p;
}

typedef struct {
    const Element *elements;
    const Points *p;
    atomic_bool infinity;
} FromElements;

static void from_elements_block(void *ctx, size_t i) {
    FromElements *job = ctx;
    size_t n = block_len(job->p->n, BLOCK, i);
    job->p->group->to_points(job->elements + i * BLOCK, n, points_slot(job->p, i * BLOCK));
    for (size_t k = 0; k < n; k++)
        if (point_is_infinity(job->p, i * BLOCK + k))
            atomic_store(&job->infinity, true);
}

bool points_from_elements(const Group *g, const Element *elements, size_t n, CvkPool *pool,
                          Points **ret, CvkErr *err) {
    for (size_t i = 0; i < n; i++)
        assert(elements[i].group == g);
    Points *p = points_new(g, n, err);
    if (p == NULL)
        return false;
    FromElements job = {.elements = elements, .p = p};
    cvk_pool_each(pool, blocks_n(n, BLOCK), from_elements_block, &job);
    if (atomic_load(&job.infinity)) {
        points_free(p);
        return cvk_fail(err, CVK_EBADREQ, "point.infinity", "a point is infinity");
    }
    *ret = p;
    return true;
}

typedef struct {
    const Points *p;
    size_t from, n;
    PointForm form;
    uint8_t *ret;
} Write;

static void write_block(void *ctx, size_t i) {
    Write *job = ctx;
    const Group *g = job->p->group;
    g->encode_points(job->form, points_slot(job->p, job->from + i * BLOCK),
                     block_len(job->n, BLOCK, i), job->ret + i * BLOCK * form_bytes(g, job->form));
}

void points_write(const Points *p, size_t from, size_t n, PointForm form, CvkPool *pool,
                  uint8_t *ret) {
    assert(from <= p->n && n <= p->n - from);
    Write job = {.p = p, .from = from, .n = n, .form = form, .ret = ret};
    cvk_pool_each(pool, blocks_n(n, BLOCK), write_block, &job);
}
