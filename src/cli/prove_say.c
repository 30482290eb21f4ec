#include "cli/prove_say.h"

#include "cli/say.h"
#include "codec/json_write.h"
#include "codec/money.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What programs read. */
static const char *result_name(ExitCode status) {
    switch (status) {
    case EXIT_DONE:
        return "accepted";
    case EXIT_STRANGER:
        return "stranger";
    case EXIT_FINISHED:
        return "finished";
    case EXIT_REFUSED:
        return "refused";
    case EXIT_PROVER:
        return "prover failed";
    case EXIT_NETWORK:
        return "no connection";
    case EXIT_SERVER:
        return "server failed";
    case EXIT_INVALID:
    case EXIT_UNUSABLE:
        break;
    }
    return "not done";
}

static void print_json(const ProveOutcome *o, const char *message) {
    JsonWriter w = JSON_WRITER(json_to_file(stdout), 0);
    json_object_begin(&w);
    json_field_str(&w, "result", result_name(o->status));
    json_field_int(&w, "status", o->status);
    if (o->request != 0)
        json_field_uint(&w, "request_id", o->request);
    if (o->proving_ms != 0) {
        json_field_int(&w, "proving_time", o->proving_ms);
        prove_put_cents(&w, "cost", o->cost);
        prove_put_cents(&w, "price", o->price);
    }
    json_field_str(&w, "message", message);
    json_object_end(&w);
    if (json_finish(&w, NULL))
        putchar('\n');
    fflush(stdout);
}

static void print_accepted(const ProveOutcome *o) {
    char cost[MONEY_TEXT_MAX], price[MONEY_TEXT_MAX];
    money_text(o->cost, cost);
    money_text(o->price, price);
    say_result("request %" PRIu64 ": accepted: %.3f s, cost %s cents, price %s cents", o->request,
               (double)o->proving_ms / 1e3, cost, price);
}

void prove_say(const ProveOutcome *o, bool json) {
    if (json)
        print_json(o, o->text);
    if (o->status == EXIT_DONE) {
        if (!json)
            print_accepted(o);
    } else if (o->request != 0) {
        say_step("convoke: prove: request %" PRIu64 ": %s", o->request, o->text);
    } else {
        say_step("convoke: prove: %s", o->text);
    }
}

void prove_say_error(const ProveOutcome *o, const CvkErr *err, bool json) {
    if (json)
        print_json(o, err->msg);
    say_error("prove", err);
}

static bool begins(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

ExitCode prove_error_exit(const CvkErr *err) {
    if (begins(err->id, "prover.failed"))
        return EXIT_PROVER;
    if (begins(err->id, "server.") || begins(err->id, "batch."))
        return EXIT_SERVER;
    if (begins(err->id, "net.") && err->code != CVK_EBADREQ)
        return EXIT_NETWORK;
    return EXIT_UNUSABLE;
}
