#include "market/links.h"

#include "base/alloc.h"

/* ---- values that are alone ---- */

/* The exclusive or of the values of a group is the last of them, once there is but one. */
typedef struct {
    size_t n, values;
} Group;

static void put(Group *g, size_t value) {
    g->n++;
    g->values ^= value;
}

/* Leaves out the only value of a group, then that of the other group it was of, and so on. */
static void follow(const Links *l, Group *a, Group *b, const Group *from, bool *alone) {
    while (from->n == 1) {
        const size_t value = from->values;
        Group *in_a = &a[l->a[value]], *in_b = &b[l->b[value]];
        alone[value] = true;
        in_a->n--;
        in_a->values ^= value;
        in_b->n--;
        in_b->values ^= value;
        from = from == in_a ? in_b : in_a;
    }
}

bool links_alone(const Links *l, bool *ret, CvkErr *err) {
    _cleanup_free_ Group *a = cvk_alloc(l->a_n, sizeof *a, err);
    _cleanup_free_ Group *b = cvk_alloc(l->b_n, sizeof *b, err);
    if (a == NULL || b == NULL)
        return false;
    for (size_t i = 0; i < l->n; i++) {
        ret[i] = false;
        put(&a[l->a[i]], i);
        put(&b[l->b[i]], i);
    }
    for (size_t g = 0; g < l->a_n; g++)
        follow(l, a, b, &a[g], ret);
    for (size_t g = 0; g < l->b_n; g++)
        follow(l, a, b, &b[g], ret);
    return true;
}

/* ---- parameters ---- */

static size_t root(size_t *above, size_t node) {
    while (above[node] != node) {
        above[node] = above[above[node]];
        node = above[node];
    }
    return node;
}

bool links_rank(const Links *l, size_t *ret, CvkErr *err) {
    _cleanup_free_ size_t *above = cvk_alloc(l->a_n + l->b_n, sizeof *above, err);
    if (above == NULL)
        return false;
    for (size_t i = 0; i < l->a_n + l->b_n; i++)
        above[i] = i;
    *ret = 0; /* each value that joins two parts takes one away, and groups less parts are left */
    for (size_t i = 0; i < l->n; i++) {
        const size_t a = root(above, l->a[i]), b = root(above, l->a_n + l->b[i]);
        *ret += a != b;
        above[a] = b;
    }
    return true;
}
