#include "base/file.h"
#include "base/hex.h"
#include "format/doc.h"
#include "format/trusted_setup.h"
#include "format/trusted_setup_private.h"

#include <stdlib.h>
#include <string.h>

#define WORD_MAX ((size_t)2 * KZG_G2_BYTES)

/* Words separated by white space, as c-kzg's fscanf sees them. */
typedef struct {
    JsonSource source;
    size_t left; /* bytes that may still come */
    size_t line;
    size_t at, n;
    char window[4096];
    char word[WORD_MAX];
    size_t word_n; /* 0: the end */
} Words;

static bool fail(const Words *w, CvkErr *err, const char *text) {
    return cvk_fail(err, CVK_EBADREQ, "doc.text", "line %zu: %s", w->line, text);
}

/* *ret_any = false at the end. One byte over the limit is asked for, to see whether it is there. */
static bool fill(Words *w, bool *ret_any, CvkErr *err) {
    size_t ask = w->left == 0 ? 1 : w->left < sizeof w->window ? w->left : sizeof w->window;
    if (!w->source.read(w->source.ctx, w->window, ask, &w->n, err))
        return false;
    if (w->n > w->left)
        return cvk_fail(err, CVK_ELIMIT, "json.size", "line %zu: the document is too long",
                        w->line);
    w->left -= w->n;
    w->at = 0;
    *ret_any = w->n != 0;
    return true;
}

static bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool next_word(Words *w, CvkErr *err) {
    bool any = true;
    for (w->word_n = 0;; w->at++) {
        if (w->at == w->n) {
            if (!fill(w, &any, err))
                return false;
            if (!any)
                return true;
        }
        char c = w->window[w->at];
        if (is_space(c) && w->word_n != 0)
            return true; /* the space is seen again, and its line counted then */
        if (c == '\n')
            w->line++;
        if (is_space(c))
            continue;
        if (w->word_n == WORD_MAX)
            return fail(w, err, "a word too long for a point");
        w->word[w->word_n++] = c;
    }
}

static bool next_count(Words *w, size_t max, size_t *ret, CvkErr *err) {
    if (!next_word(w, err))
        return false;
    size_t v = 0;
    for (size_t i = 0; i < w->word_n && v <= max; i++) {
        if (w->word[i] < '0' || w->word[i] > '9')
            return fail(w, err, "expected a number of points");
        v = v * 10 + (size_t)(w->word[i] - '0');
    }
    if (w->word_n == 0 || v == 0 || v > max)
        return fail(w, err, "expected a number of points, within the limits");
    *ret = v;
    return true;
}

/* `list` grows with the points that are there, whatever the count said. */
static bool next_points(Words *w, size_t n, DocList *list, CvkErr *err) {
    while (list->n < n) {
        if (!next_word(w, err))
            return false;
        if (w->word_n == 0)
            return fail(w, err, "the list of points is shorter than its number says");
        uint8_t *point = doc_list_add(list, err);
        if (point == NULL)
            return false;
        if (w->word_n != 2 * list->item_size || !cvk_hex_decode(w->word, list->item_size, point))
            return fail(w, err, "not a point: expected lower-case hex digits, 96 or 192");
    }
    return true;
}

static bool read_all(Words *w, TrustedSetupWire *t, CvkErr *err) {
    size_t n_g1, n_g2;
    if (!next_count(w, LIMIT_KZG_G1_POWERS, &n_g1, err) ||
        !next_count(w, LIMIT_KZG_G2_POWERS, &n_g2, err))
        return false;
    DocList lagrange = {.item_size = KZG_G1_BYTES, .max = n_g1};
    DocList g2 = {.item_size = KZG_G2_BYTES, .max = n_g2};
    DocList g1 = {.item_size = KZG_G1_BYTES, .max = n_g1};
    bool ok = next_points(w, n_g1, &lagrange, err) && next_points(w, n_g2, &g2, err) &&
              next_points(w, n_g1, &g1, err) && next_word(w, err) &&
              (w->word_n == 0 || fail(w, err, "more points than the numbers say"));
    t->g1_lagrange = lagrange.items;
    t->g2_monomial = g2.items;
    t->g1_monomial = g1.items;
    t->n_g1 = n_g1;
    t->n_g2 = n_g2;
    return ok;
}

bool trusted_setup_read_text(JsonSource source, size_t max, TrustedSetupWire **ret, CvkErr *err) {
    Words w = {.source = source, .left = max, .line = 1};
    TrustedSetupWire *t = trusted_setup_wire_new(0, 0, err);
    if (t == NULL)
        return false;
    free(t->g1_monomial);
    free(t->g1_lagrange);
    free(t->g2_monomial);
    *t = (TrustedSetupWire){0};
    if (!read_all(&w, t, err)) {
        trusted_setup_wire_free(t);
        return false;
    }
    *ret = t;
    return true;
}

/* Gives again the bytes that were read to look at them. */
typedef struct {
    JsonSource rest;
    char first;
    bool given;
} Peeked;

static bool read_peeked(void *ctx, void *into, size_t cap, size_t *ret_n, CvkErr *err) {
    Peeked *p = ctx;
    if (p->given)
        return p->rest.read(p->rest.ctx, into, cap, ret_n, err);
    memcpy(into, &p->first, 1);
    p->given = true;
    *ret_n = 1;
    return true;
}

bool trusted_setup_read(JsonSource source, size_t max, TrustedSetupWire **ret, CvkErr *err) {
    Peeked p = {.rest = source};
    size_t n;
    if (!source.read(source.ctx, &p.first, 1, &n, err))
        return false;
    p.given = n == 0;
    JsonSource again = {.read = read_peeked, .ctx = &p};
    if (n != 0 && p.first >= '0' && p.first <= '9')
        return trusted_setup_read_text(again, max, ret, err);
    return trusted_setup_read_json(again, max, ret, err);
}

bool trusted_setup_file(const char *path, TrustedSetupWire **ret, CvkErr *err) {
    FILE *f = cvk_file_open_regular(path, true, err);
    if (f == NULL)
        return false;
    bool ok = trusted_setup_read(json_from_file(f), LIMIT_JSON_FILE, ret, err);
    fclose(f);
    return ok || cvk_fail_named(err, path);
}

/* ---- writing ---- */

static bool write_points(JsonSink sink, const void *points, size_t n, size_t size, CvkErr *err) {
    char line[WORD_MAX + 2];
    for (size_t i = 0; i < n; i++) {
        cvk_hex_encode((const uint8_t *)points + i * size, size, line);
        line[2 * size] = '\n';
        if (!sink.write(sink.ctx, line, 2 * size + 1, err))
            return false;
    }
    return true;
}

bool trusted_setup_write_text(JsonSink sink, const TrustedSetupWire *t, CvkErr *err) {
    char counts[64];
    int n = snprintf(counts, sizeof counts, "%zu\n%zu\n", t->n_g1, t->n_g2);
    return sink.write(sink.ctx, counts, (size_t)n, err) &&
           write_points(sink, t->g1_lagrange, t->n_g1, KZG_G1_BYTES, err) &&
           write_points(sink, t->g2_monomial, t->n_g2, KZG_G2_BYTES, err) &&
           write_points(sink, t->g1_monomial, t->n_g1, KZG_G1_BYTES, err);
}
