#include "cli/commands.h"

#include "cli/subcommands.h"

#include <string.h>

const char commands_about[] =
    "convoke runs computations that need many hands, none of which has to be trusted.";

const Command commands[] = {
    {"to run a ceremony, an experiment, or both", &CLI_INIT},
    {NULL, &CLI_SERVE},
    {NULL, &CLI_BACKUP},
    {NULL, &CLI_RESTORE},
    {NULL, &CLI_GC},
    {"to run a ceremony", &CLI_CEREMONY_NEW},
    {NULL, &CLI_INVITE},
    {NULL, &CLI_CEREMONY_STATUS},
    {NULL, &CLI_CEREMONY_PAUSE},
    {NULL, &CLI_CEREMONY_DRAIN},
    {NULL, &CLI_CEREMONY_REOPEN},
    {NULL, &CLI_CEREMONY_FINALIZE},
    {NULL, &CLI_CEREMONY_EXPORT},
    {NULL, &CLI_CEREMONY_IMPORT},
    {NULL, &CLI_PARTICIPANT_LIST},
    {NULL, &CLI_PARTICIPANT_DROP},
    {NULL, &CLI_PARTICIPANT_BAN},
    {NULL, &CLI_PARTICIPANT_UNBAN},
    {NULL, &CLI_PARTICIPANT_PARDON},
    {"to run an experiment with provers", &CLI_MARKET_NEW},
    {NULL, &CLI_MARKET_BATCH_IMPORT},
    {NULL, &CLI_MARKET_BATCH_LIST},
    {NULL, &CLI_MARKET_BATCH_RETIRE},
    {NULL, &CLI_MARKET_BATCH_RESTORE},
    {NULL, &CLI_MARKET_BATCH_SET_META},
    {NULL, &CLI_MARKET_BATCH_EXAMPLE},
    {NULL, &CLI_MARKET_BATCH_GENERATE},
    {NULL, &CLI_MARKET_PARTICIPANT_ADD},
    {NULL, &CLI_MARKET_PARTICIPANT_SET},
    {NULL, &CLI_MARKET_PARTICIPANT_LIST},
    {NULL, &CLI_MARKET_PARTICIPANT_SHOW},
    {NULL, &CLI_MARKET_PARTICIPANT_DISABLE},
    {NULL, &CLI_MARKET_PARTICIPANT_ENABLE},
    {NULL, &CLI_MARKET_PARTICIPANT_ROTATE},
    {NULL, &CLI_MARKET_REQUEST_LIST},
    {NULL, &CLI_MARKET_REQUEST_REOPEN},
    {NULL, &CLI_MARKET_REQUEST_EXPIRE},
    {NULL, &CLI_MARKET_REQUEST_SKIP},
    {NULL, &CLI_MARKET_DEPLOYMENT_SET},
    {NULL, &CLI_MARKET_DEPLOYMENT_LIST},
    {NULL, &CLI_MARKET_STATUS},
    {NULL, &CLI_MARKET_EXPORT},
    {NULL, &CLI_MARKET_ANALYZE},
    {NULL, &CLI_MARKET_SIMULATE},
    {NULL, &CLI_MARKET_VERIFY},
    {"to take part", &CLI_CONTRIBUTE},
    {NULL, &CLI_PROVE_SMOKE}, /* before what its name begins with */
    {NULL, &CLI_PROVE},
    {NULL, &CLI_MARKET_REFERENCE_PROVER},
    {"to check, without trusting anybody", &CLI_VERIFY},
    {NULL, &CLI_RECEIPT_VERIFY},
    {"powers of tau (.ptau)", &CLI_PTAU_NEW},
    {NULL, &CLI_PTAU_CONTRIBUTE},
    {NULL, &CLI_PTAU_EXPORT_CHALLENGE},
    {NULL, &CLI_PTAU_RESPOND},
    {NULL, &CLI_PTAU_IMPORT_RESPONSE},
    {NULL, &CLI_PTAU_BEACON},
    {NULL, &CLI_PTAU_VERIFY},
    {NULL, &CLI_PTAU_PREPARE},
    {NULL, &CLI_PTAU_CONVERT},
    {NULL, &CLI_PTAU_TRUNCATE},
    {NULL, &CLI_PTAU_INFO},
    {"keys of circuits (.zkey)", &CLI_ZKEY_NEW},
    {NULL, &CLI_ZKEY_CONTRIBUTE},
    {NULL, &CLI_ZKEY_EXPORT},
    {NULL, &CLI_ZKEY_RESPOND},
    {NULL, &CLI_ZKEY_IMPORT},
    {NULL, &CLI_ZKEY_BEACON},
    {NULL, &CLI_ZKEY_VERIFY},
    {NULL, &CLI_ZKEY_EXTENDS},
    {NULL, &CLI_ZKEY_INFO},
    {NULL, &CLI_ZKEY_VKEY},
    {NULL, &CLI_ZKEY_SOLIDITY},
    {NULL, &CLI_GROTH16_VERIFY},
    {"other", &CLI_BENCH},
    {NULL, &CLI_HELP},
    {NULL, &CLI_COMPLETION},
    {NULL, &CLI_VERSION},
    {NULL, NULL},
};

/* How many of argv's words name this command: all of its own, or 0. */
static int names(const Subcommand *c, int argc, char **argv) {
    int words = 0;
    for (const char *at = c->name; *at != '\0'; words++) {
        size_t n = strcspn(at, " ");
        if (words == argc || strlen(argv[words]) != n || strncmp(argv[words], at, n) != 0)
            return 0;
        at += n + (at[n] == ' ');
    }
    return words;
}

const Subcommand *commands_find(const Command *table, int argc, char **argv, int *ret_words) {
    for (const Command *c = table; c->command != NULL; c++) {
        *ret_words = names(c->command, argc, argv);
        if (*ret_words > 0)
            return c->command;
    }
    return NULL;
}
