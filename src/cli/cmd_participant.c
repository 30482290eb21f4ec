/* participant list, drop, ban, unban, pardon: the operator and the people of a ceremony. */
#include "base/clock.h"
#include "cli/operator.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "codec/json_write.h"
#include "run/node.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- list ---- */

static const Option list_options[] = {
    OPTION_CEREMONY,
    {"json", NULL, NULL, "Print one JSON object a line."},
    {NULL, NULL, NULL, NULL},
};

/* What matters most about somebody, in a word or two. */
static const char *standing(const EnginePerson *p, char *ret, size_t cap) {
    if (p->banned)
        return "banned";
    if (p->holder)
        return "has the turn";
    if (p->out)
        return "out for good";
    if (p->place != 0) {
        snprintf(ret, cap, "waits, %" PRIu64 " ahead", p->ahead);
        return ret;
    }
    if (p->contributions != 0)
        return "has contributed";
    return p->strikes != 0 ? "has failed" : "known";
}

static void print_line(const EnginePerson *p) {
    char text[48];
    printf("%6" PRIu64 "  %-24s  %" PRIu32 " contributed, %" PRIu32 " strikes  %s\n", p->number,
           standing(p, text, sizeof text), p->contributions, p->strikes,
           p->identity[0] != '\0' ? p->identity : "(identity erased)");
}

static bool print_json(const EnginePerson *p, CvkErr *err) {
    char time[CVK_TIME_TEXT];
    JsonWriter w = JSON_WRITER(json_to_file(stdout), 0);
    json_object_begin(&w);
    json_field_uint(&w, "participant", p->number);
    json_put_key(&w, "identity");
    if (p->identity[0] != '\0')
        json_put_str(&w, p->identity);
    else
        json_put_null(&w);
    json_field_uint(&w, "contributions", p->contributions);
    json_field_uint(&w, "strikes", p->strikes);
    json_field_bool(&w, "waits", p->place != 0);
    json_field_uint(&w, "ahead", p->ahead);
    json_field_bool(&w, "holder", p->holder);
    json_field_bool(&w, "out", p->out);
    json_field_bool(&w, "banned", p->banned);
    json_put_key(&w, "cool_until");
    if (p->cool_until_ms != 0) {
        cvk_time_format(p->cool_until_ms, time);
        json_put_str(&w, time);
    } else {
        json_put_null(&w);
    }
    json_object_end(&w);
    return json_finish(&w, err) && putchar('\n') != EOF;
}

static bool print_all(Ceremony *c, bool json, CvkErr *err) {
    CeremonyStatus status;
    Participant p;
    ceremony_status(c, &status);
    for (uint64_t number = 1; number <= status.view.participants; number++) {
        if (!ceremony_participant(c, number, NULL, &p, err))
            return false;
        if (!json)
            print_line(&p.person);
        else if (!print_json(&p.person, err))
            return false;
    }
    char count[48];
    say_step("%s", say_count(status.view.participants, "participant", count, sizeof count));
    return true;
}

static int run_list(const Args *args) {
    Node *node;
    Ceremony *c;
    CvkErr err;
    if (!operator_open_ceremony(args, &node, &c, &err))
        return say_error("participant list", &err);
    bool ok = print_all(c, args_flag(args, "json"), &err);
    node_close(node);
    return ok ? EXIT_DONE : say_error("participant list", &err);
}

const Subcommand CLI_PARTICIPANT_LIST = {
    .name = "participant list",
    .purpose = "who takes part: numbers, identities, places, strikes",
    .usage = "DIR [--ceremony NAME] [--json]",
    .about = "Everybody whom the journal knows: who joined the queue, had a turn, or was banned. "
             "Who only waits in a lobby is not in the journal, and so not in this list.",
    .options = list_options,
    .examples = "convoke participant list ceremony-2026\n"
                "convoke participant list ceremony-2026 --json",
    .args_min = 1,
    .args_max = 1,
    .run = run_list,
};

/* ---- drop, ban, unban, pardon ---- */

static const Option options[] = {OPTION_CEREMONY, {NULL, NULL, NULL, NULL}};
static const Option ban_options[] = {
    OPTION_CEREMONY,
    {"reason", "WORD", "operator", "Why: one word such as two-accounts. It is public."},
    {NULL, NULL, NULL, NULL},
};

static int run(const Args *args, const Subcommand *self, CommandType what, const char *done) {
    char identity[LIMIT_IDENTITY + 1];
    const char *reason = what == COMMAND_BAN ? args_text(args, "reason") : NULL;
    Node *node;
    Ceremony *c;
    CvkErr err;
    if (!operator_open_ceremony(args, &node, &c, &err))
        return say_error(self->name, &err);
    bool ok = ceremony_who(c, args_at(args, 1), identity, &err) &&
              ceremony_judge_person(c, what, identity, reason, &err);
    node_close(node);
    if (!ok)
        return say_error(self->name, &err);
    say_result("%s %s", identity, done);
    return EXIT_DONE;
}

static int run_drop(const Args *args) {
    return run(args, &CLI_PARTICIPANT_DROP, COMMAND_DROP, "is dropped");
}

static int run_ban(const Args *args) {
    return run(args, &CLI_PARTICIPANT_BAN, COMMAND_BAN, "is banned");
}

static int run_unban(const Args *args) {
    return run(args, &CLI_PARTICIPANT_UNBAN, COMMAND_UNBAN, "is not banned any more");
}

static int run_pardon(const Args *args) {
    return run(args, &CLI_PARTICIPANT_PARDON, COMMAND_PARDON, "is pardoned");
}

#define WHO "WHO is a number from 'participant list', or an identity such as eth|0x... ."

const Subcommand CLI_PARTICIPANT_DROP = {
    .name = "participant drop",
    .purpose = "take somebody's place or turn away, at no other cost",
    .usage = "DIR WHO [--ceremony NAME]",
    .about = WHO " They may come again: for good is 'participant ban'.",
    .options = options,
    .examples = "convoke participant drop ceremony-2026 17",
    .args_min = 2,
    .args_max = 2,
    .run = run_drop,
};

const Subcommand CLI_PARTICIPANT_BAN = {
    .name = "participant ban",
    .purpose = "let somebody take part no more",
    .usage = "DIR WHO [--reason WORD] [--ceremony NAME]",
    .about =
        WHO " A turn under way ends. What they contributed stays: it is in everybody's result. "
            "The ban and its reason are public entries of the journal, the identity is not.",
    .options = ban_options,
    .examples = "convoke participant ban ceremony-2026 17 --reason two-accounts",
    .args_min = 2,
    .args_max = 2,
    .run = run_ban,
};

const Subcommand CLI_PARTICIPANT_UNBAN = {
    .name = "participant unban",
    .purpose = "lift a ban",
    .usage = "DIR WHO [--ceremony NAME]",
    .about = WHO,
    .options = options,
    .examples = "convoke participant unban ceremony-2026 17",
    .args_min = 2,
    .args_max = 2,
    .run = run_unban,
};

const Subcommand CLI_PARTICIPANT_PARDON = {
    .name = "participant pardon",
    .purpose = "forgive somebody's strikes, cool-down or being out",
    .usage = "DIR WHO [--ceremony NAME]",
    .about = WHO " For somebody whose turn was lost to a bad network, say. A ban stays: that is "
                 "'participant unban'.",
    .options = options,
    .examples =
        "convoke participant pardon ceremony-2026 'eth|0x00a329c0648769a73afac7f9381e08fb43dbea72'",
    .args_min = 2,
    .args_max = 2,
    .run = run_pardon,
};
