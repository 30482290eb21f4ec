#include "cli/say.h"
#include "cli/subcommands.h"
#include "run/node.h"

static const Option options[] = {{NULL, NULL, NULL, NULL}};

static int run(const Args *args) {
    const char *dir = args_at(args, 0);
    CvkErr err;
    if (!node_init(dir, &err))
        return say_error("init", &err);
    Node *node;
    if (!node_open(dir, (NodeOptions){.serving = false}, &node, &err))
        return say_error("init", &err);
    say_result("%s is ready; receipts will be signed by %s", dir, node_address(node));
    say_step("next: convoke ceremony new %s --preset ethereum, or convoke market new %s", dir, dir);
    node_close(node);
    return EXIT_DONE;
}

const Subcommand CLI_INIT = {
    .name = "init",
    .purpose = "make a directory for ceremonies and experiments, with a fresh server key",
    .usage = "DIR",
    .about = "DIR holds everything the server knows: the database, the contributions, and the key "
             "that signs receipts (DIR/server.key). Back it up; keep the key private.",
    .options = options,
    .examples = "convoke init ceremony-2026",
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
