/* convoke: finds the subcommand, parses its options, runs it. */
#include "base/log.h"
#include "base/temporary.h"
#include "cli/commands.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "market/verifier.h"
#include "run/verify_process.h"

#include <assert.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int run_command(const Subcommand *c, int argc, char **argv) {
    Args *args;
    bool wants_help;
    CvkErr err;
    if (!args_parse(c, argc, argv, &args, &wants_help, &err))
        return say_error(NULL, &err);
    int status = EXIT_DONE;
    if (wants_help)
        subcommand_help(c, stdout);
    else {
        if (c != &CLI_SERVE) /* it waits for signals, and ends in its own way */
            cvk_temporary_watch();
        status = c->run(args);
    }
    args_free(args);
    assert(exits_text(&c->exits, (ExitCode)status) != NULL); /* else its help would be wrong */
    return status;
}

static int run(int argc, char **argv) {
    int words;
    const Subcommand *c = commands_find(commands, argc, argv, &words);
    if (c != NULL)
        return run_command(c, argc - words + 1, argv + words - 1);
    return help_unknown(argv, argc);
}

/* Who reads wants no more, as `head` does: they have closed their end of the pipe. */
static bool reader_has_left(void) {
    struct pollfd out = {.fd = STDOUT_FILENO};
    return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

static int finish(int status) {
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    if (reader_has_left())
        return EXIT_UNUSABLE;
    say_step("convoke: cannot write to standard output");
    return EXIT_UNUSABLE;
}

/* Where one of them is closed, the next file to be opened would take its number, and what is said
 * would be written into that file. What is put there instead fails as a closed one does. */
static bool hold_standard_streams(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return false;
    return true;
}

int main(int argc, char **argv) {
    static const char *const also[][2] = {
        {"--help", "help"}, {"-h", "help"}, {"--version", "version"}};
    if (!hold_standard_streams())
        return EXIT_UNUSABLE;
    if (verify_process_asked(argc, argv)) /* a server's: no command for people */
        return verify_process_serve(verifier_find);
    signal(SIGPIPE, SIG_IGN);
    cvk_log_setup(LOG_WARN, false); /* commands speak for themselves; serve logs more */
    if (argc < 2) {
        help_list(stderr);
        return EXIT_UNUSABLE;
    }
    char word[16];
    for (size_t i = 0; i < sizeof also / sizeof *also; i++) {
        if (strcmp(argv[1], also[i][0]) == 0) {
            snprintf(word, sizeof word, "%s", also[i][1]);
            argv[1] = word;
        }
    }
    return finish(run(argc - 1, argv + 1));
}
