#include "market/panel_csv.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "market/panel_read.h"
#include "market/panel_record.h"

#define END (-1)
#define FAILED (-2)

typedef struct {
    JsonSource from;
    char window[16384];
    size_t at, n, line;
    CvkBuf text;                       /* of one record: its fields, one after the other */
    size_t end[PANEL_CSV_COLUMNS_MAX]; /* where each ends in it */
    size_t fields;
} Reader;

/* The next byte without taking it. */
static int look(Reader *r, CvkErr *err) {
    if (r->at == r->n) {
        r->at = 0;
        if (!r->from.read(r->from.ctx, r->window, sizeof r->window, &r->n, err))
            return FAILED;
    }
    return r->n == 0 ? END : (unsigned char)r->window[r->at];
}

static int take(Reader *r, CvkErr *err) {
    int c = look(r, err);
    r->at += c >= 0;
    r->line += c == '\n';
    return c;
}

/* The rest of a quoted field, whose first quote is taken; two quotes are one. */
static bool quoted(Reader *r, CvkErr *err) {
    for (int c; (c = take(r, err)) != FAILED;) {
        if (c == END)
            return cvk_fail(err, CVK_EBADREQ, "panel.csv", "a quote is never closed");
        if (c == '"') {
            if (look(r, err) != '"')
                return true;
            c = take(r, err);
        }
        char byte = (char)c;
        if (!cvk_buf_add(&r->text, &byte, 1, err))
            return false;
    }
    return false;
}

/* One field and what ends it: ',', '\n' or END. */
static bool field(Reader *r, int *ret_end, CvkErr *err) {
    if (look(r, err) == '"') {
        (void)take(r, err);
        if (!quoted(r, err))
            return false;
    }
    for (int c; (c = take(r, err)) != FAILED;) {
        if (c == ',' || c == '\n' || c == END) {
            *ret_end = c;
            return true;
        }
        char byte = (char)c;
        if (c != '\r' && !cvk_buf_add(&r->text, &byte, 1, err))
            return false;
    }
    return false;
}

/* *ret_more false: the file ends before another record. */
static bool record(Reader *r, bool *ret_more, CvkErr *err) {
    int end = ',';
    r->text.n = 0;
    r->fields = 0;
    int first = look(r, err);
    *ret_more = first != END;
    if (first == FAILED)
        return false;
    while (*ret_more && end == ',') {
        if (r->fields == PANEL_CSV_COLUMNS_MAX)
            return cvk_fail(err, CVK_ELIMIT, "panel.csv", "there are more than %d columns",
                            PANEL_CSV_COLUMNS_MAX);
        if (!field(r, &end, err))
            return false;
        r->end[r->fields++] = r->text.n;
    }
    return true;
}

static bool is_blank(const Reader *r) {
    return r->fields == 1 && r->text.n == 0;
}

static const char *field_at(const Reader *r, size_t i, size_t *ret_n) {
    size_t from = i == 0 ? 0 : r->end[i - 1];
    *ret_n = r->end[i] - from;
    return cvk_buf_str(&r->text) + from;
}

typedef struct {
    char name[PANEL_CSV_COLUMNS_MAX][72];
    size_t n;
} Header;

static void read_header(const Reader *r, Header *h) {
    h->n = r->fields;
    for (size_t i = 0; i < r->fields; i++) {
        size_t n;
        const char *text = field_at(r, i, &n);
        n = n < sizeof h->name[i] ? n : 0; /* a name so long is none of ours */
        memcpy(h->name[i], text, n);
        h->name[i][n] = '\0';
    }
}

static bool put_record(const Reader *r, const Header *h, Record *into, Panel *p, CvkErr *err) {
    if (r->fields != h->n)
        return cvk_fail(err, CVK_EBADREQ, "panel.csv", "there are %zu fields, and %zu names",
                        r->fields, h->n);
    record_clear(into);
    for (size_t i = 0; i < r->fields; i++) {
        size_t n;
        const char *text = field_at(r, i, &n);
        if (!record_put(into, h->name[i], text, n, err))
            return false;
    }
    return record_add(into, p, err);
}

static bool read_all(Reader *r, Header *h, Record *into, Panel *p, CvkErr *err) {
    bool more;
    if (!record(r, &more, err))
        return cvk_fail_prefix(err, "line 1");
    read_header(r, h);
    while (more) {
        size_t line = r->line + 1;
        if (!record(r, &more, err) || (more && !is_blank(r) && !put_record(r, h, into, p, err)))
            return cvk_fail_prefix(err, "line %zu", line);
    }
    return true;
}

bool panel_csv_read(JsonSource from, Panel *p, CvkErr *err) {
    _cleanup_free_ Reader *r = cvk_alloc(1, sizeof *r, err);
    _cleanup_free_ Header *h = cvk_alloc(1, sizeof *h, err);
    _cleanup_free_ Record *into = cvk_alloc(1, sizeof *into, err);
    if (r == NULL || h == NULL || into == NULL)
        return false;
    r->from = from;
    r->text = CVK_BUF(PANEL_RECORD_MAX);
    bool ok = read_all(r, h, into, p, err);
    cvk_buf_done(&r->text);
    return ok;
}
