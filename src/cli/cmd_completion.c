#include "cli/completion.h"
#include "cli/say.h"
#include "cli/subcommands.h"

#include <stdio.h>
#include <string.h>

static const Option options[] = {{NULL, NULL, NULL, NULL}};

static int run(const Args *args) {
    static const struct {
        const char *shell;
        void (*write)(const Command *table, void *out);
    } shells[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(args_at(args, 0), shells[i].shell) == 0) {
            shells[i].write(commands, stdout);
            return EXIT_DONE;
        }
    CvkErr err;
    cvk_fail(&err, CVK_EBADREQ, "usage.value", "there is completion for bash, zsh and fish");
    return say_error("completion", &err);
}

const Subcommand CLI_COMPLETION = {
    .name = "completion",
    .purpose = "what your shell needs to complete convoke's commands and options",
    .usage = "bash|zsh|fish",
    .options = options,
    .examples = "source <(convoke completion bash)\n"
                "convoke completion zsh > ~/.zfunc/_convoke\n"
                "convoke completion fish > ~/.config/fish/completions/convoke.fish",
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
