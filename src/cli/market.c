#include "cli/market.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "cli/operator.h"
#include "cli/say.h"
#include "codec/json_write.h"
#include "codec/money.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX ((size_t)1 << 20)

bool market_open(const Args *args, Node **ret_node, Experiment **ret, CvkErr *err) {
    Node *node;
    if (!operator_open(args, &node, err))
        return false;
    if (!node_experiment(node, args_text(args, "experiment"), ret, err)) {
        node_close(node);
        return false;
    }
    *ret_node = node;
    return true;
}

bool market_number(const Args *args, size_t at, const char *what, uint64_t max, uint64_t *ret,
                   CvkErr *err) {
    const char *text = args_at(args, at);
    uint64_t v = 0;
    for (const char *c = text; *c >= '0' && *c <= '9' && v <= max; c++)
        v = 10 * v + (uint64_t)(*c - '0');
    if (v == 0 || v > max || strspn(text, "0123456789") != strlen(text) || text[0] == '0')
        return cvk_fail(err, CVK_EBADREQ, "usage.number", "'%.40s' is no number of a %s", text,
                        what);
    *ret = v;
    return true;
}

/* ---- lists ---- */

struct Listing {
    TableWriter *json; /* NULL: for people */
    CvkBuf line;
    size_t n;
    const Column *columns;
};

static bool is_time(const Column *c) {
    size_t n = strlen(c->name);
    return c->type == COLUMN_INT && n > 3 && strcmp(c->name + n - 3, "_ms") == 0;
}

static int width(const Column *c) {
    int least = c->type == COLUMN_TEXT ? 12 : is_time(c) ? CVK_TIME_TEXT - 1 : 7;
    int name = (int)strlen(c->name);
    return name > least ? name : least;
}

/* What people see of a cell; `room` holds it where it is no text already. */
static const char *shown(const Column *c, const Cell *cell, char room[CVK_TIME_TEXT]) {
    _Static_assert(CVK_TIME_TEXT >= MONEY_TEXT_MAX, "room for both");
    if (!cell->given || (is_time(c) && cell->n == 0))
        return "-";
    switch (c->type) {
    case COLUMN_INT:
        if (is_time(c))
            cvk_time_format(cell->n, room);
        else
            snprintf(room, CVK_TIME_TEXT, "%" PRId64, cell->n);
        return room;
    case COLUMN_CENTS:
        money_text(cell->n, room);
        return room;
    case COLUMN_NUMBER:
    case COLUMN_TEXT:
        return cell->text[0] != '\0' ? cell->text : "-";
    }
    return "";
}

static bool put_line(Listing *l, const Cell *cells, CvkErr *err) {
    char room[CVK_TIME_TEXT];
    l->line.n = 0;
    for (size_t i = 0; i < l->n; i++) {
        const Column *c = &l->columns[i];
        const char *text = cells != NULL ? shown(c, &cells[i], room) : c->name;
        bool last = i + 1 == l->n;
        if (!cvk_buf_add_fmt(&l->line, err,
                             c->type == COLUMN_TEXT || is_time(c) ? "%-*s%s" : "%*s%s",
                             last ? 0 : width(c), text, last ? "" : "  "))
            return false;
    }
    say_result("%s", cvk_buf_str(&l->line));
    return true;
}

static bool to_stdout(void *ctx, const void *data, size_t n, CvkErr *err) {
    (void)ctx;
    return fwrite(data, 1, n, stdout) == n ||
           cvk_fail(err, CVK_EBACKEND, "write", "cannot write to standard output");
}

const CvkSink market_stdout = {to_stdout, NULL};

bool listing_new(const Args *args, const Column *columns, size_t n, Listing **ret, CvkErr *err) {
    Listing *l = cvk_alloc(1, sizeof *l, err);
    if (l == NULL)
        return false;
    *l = (Listing){NULL, CVK_BUF(LINE_MAX), n, columns};
    if (args_flag(args, "json")
            ? !table_writer_new(TABLE_JSONL, columns, n, &market_stdout, &l->json, err)
            : !put_line(l, NULL, err))
        return listing_end(l, false, err);
    *ret = l;
    return true;
}

bool listing_row(Listing *l, const Cell *cells, CvkErr *err) {
    return l->json != NULL ? table_write(l->json, cells, err) : put_line(l, cells, err);
}

bool listing_end(Listing *l, bool ok, CvkErr *err) {
    ok = ok && (l->json == NULL || table_end(l->json, err));
    table_writer_free(l->json);
    cvk_buf_done(&l->line);
    free(l);
    return ok;
}

/* ---- flags ---- */

/* "NAME,NAME" */
static bool add_flags(const char *list, uint32_t *flags, CvkErr *err) {
    while (*list != '\0') {
        size_t n = strcspn(list, ",");
        unsigned bit = 0;
        while (bit < MARKET_FLAGS_N &&
               (strlen(market_flag_name(bit)) != n || strncmp(market_flag_name(bit), list, n) != 0))
            bit++;
        if (bit == MARKET_FLAGS_N)
            return cvk_fail(err, CVK_EBADREQ, "usage.value", "there is no flag '%.*s'",
                            (int)(n < 40 ? n : 40), list);
        *flags |= 1u << bit;
        list += n + (list[n] == ',');
    }
    return true;
}

bool market_flags_excluded(const Args *args, uint32_t *ret, CvkErr *err) {
    *ret = 0;
    for (const char *const *at = args_list(args, "flags-exclude"); *at != NULL; at++)
        if (!add_flags(*at, ret, err))
            return false;
    return true;
}
