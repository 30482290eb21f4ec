#include "cli/market.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/words.h"
#include "cli/say.h"
#include "codec/json_write.h"
#include "codec/money.h"
#include "run/node.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX ((size_t)1 << 20)

static bool open_for(const Args *args, NodeOptions options, Node **ret_node, Experiment **ret,
                     CvkErr *err) {
    Node *node;
    if (!node_open(args_at(args, 0), options, &node, err))
        return false;
    if (!node_experiment(node, args_text(args, "experiment"), ret, err)) {
        node_close(node);
        return false;
    }
    *ret_node = node;
    return true;
}

bool market_open(const Args *args, Node **ret_node, Experiment **ret, CvkErr *err) {
    return open_for(args, (NodeOptions){.serving = false}, ret_node, ret, err);
}

bool market_open_tables(const Args *args, Node **ret_node, Experiment **ret, CvkErr *err) {
    return open_for(args, (NodeOptions){.tables_only = true}, ret_node, ret, err);
}

const Option market_options[] = {OPTION_EXPERIMENT, NO_OPTION};
const Option market_list_options[] = {OPTION_EXPERIMENT, OPTION_JSON_LINES, NO_OPTION};

static int act_on(const Args *args, NodeOptions options, MarketAct *act, void *ctx) {
    Experiment *e;
    Node *node;
    CvkErr err;
    if (!open_for(args, options, &node, &e, &err))
        return say_error(args_command(args), &err);
    bool ok = act(e, args, ctx, &err);
    node_close(node);
    return ok ? EXIT_DONE : say_error(args_command(args), &err);
}

int market_act(const Args *args, MarketAct *act, void *ctx) {
    return act_on(args, (NodeOptions){.serving = false}, act, ctx);
}

int market_act_on_tables(const Args *args, MarketAct *act, void *ctx) {
    return act_on(args, (NodeOptions){.tables_only = true}, act, ctx);
}

/* ---- lists ---- */

struct Listing {
    TableWriter *json; /* NULL: for people */
    CvkBuf line;
    size_t n;
    const Column *columns;
    bool named; /* the columns' names went out: with the first row, or at the end */
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
    return fwrite(data, 1, n, stdout) == n || say_output_failed(err);
}

const CvkSink market_stdout = {to_stdout, NULL};

static bool put_names(Listing *l, CvkErr *err) {
    if (l->json != NULL || l->named)
        return true;
    l->named = true;
    return put_line(l, NULL, err);
}

bool listing_row(Listing *l, const Cell *cells, CvkErr *err) {
    return put_names(l, err) &&
           (l->json != NULL ? table_write(l->json, cells, err) : put_line(l, cells, err));
}

static bool list(Experiment *e, const Args *args, void *ctx, CvkErr *err) {
    const MarketList *what = ctx;
    Listing l = {.line = CVK_BUF(LINE_MAX), .n = what->n, .columns = what->columns};
    bool ok = (!args_flag(args, "json") ||
               table_writer_new(TABLE_JSONL, l.columns, l.n, &market_stdout, &l.json, err)) &&
              what->rows(e, args, &l, err) && put_names(&l, err) &&
              (l.json == NULL || table_end(l.json, err));
    table_writer_free(l.json);
    cvk_buf_done(&l.line);
    return ok;
}

int market_list(const Args *args, const MarketList *what) {
    MarketList copy = *what;
    return market_act(args, list, &copy);
}

/* ---- flags ---- */

/* "NAME,NAME" */
static bool add_flags(const char *list, uint32_t *flags, CvkErr *err) {
    const char *names[MARKET_FLAGS_N];
    for (unsigned bit = 0; bit < MARKET_FLAGS_N; bit++)
        names[bit] = market_flag_name(bit);
    while (*list != '\0') {
        char one[48];
        size_t n = strcspn(list, ","), bit;
        snprintf(one, sizeof one, "%.*s", (int)(n < sizeof one ? n : sizeof one), list);
        if (!cvk_words_find("each of --flags-exclude", one, names, MARKET_FLAGS_N, &bit, err))
            return false;
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
