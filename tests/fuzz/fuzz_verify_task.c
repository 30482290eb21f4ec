#include "base/limits.h"
#include "fuzz/fuzz.h"
#include "run/verify_private.h"

#include <sys/socket.h>
#include <unistd.h>

#define INPUT_MAX (32u << 10) /* a socket takes so much at once */

typedef struct {
    uint32_t n[4]; /* of verifier, params, name, expect, as the head says */
} Lengths;

/* A job whose head is about texts of these lengths, and the bytes that follow it. */
static bool sent(int to, const Lengths *said, const uint8_t *data, size_t n) {
    const VerifyHead head = {.verifier_n = said->n[0],
                             .params_n = said->n[1],
                             .name_n = said->n[2],
                             .expect_n = said->n[3],
                             .check = true};
    return verify_send(to, &head, sizeof head, VERIFY_FOR_EVER) &&
           verify_send(to, data, n, VERIFY_FOR_EVER);
}

static void check_text(const char *text, size_t n) {
    assert(n <= LIMIT_VERIFY_JOB && strlen(text) == n - 1);
}

/* A job that is taken has its four texts, each of them as long as was said. */
void fuzz_one(const uint8_t *data, size_t n) {
    VerifyTask t = {.texts = NULL};
    Lengths said;
    int pair[2];
    if (n < sizeof said || n > INPUT_MAX)
        return;
    memcpy(&said, data, sizeof said);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        abort();
    if (!sent(pair[1], &said, data + sizeof said, n - sizeof said))
        abort();
    close(pair[1]);
    t.connection = pair[0];
    if (verify_receive_task(&t)) {
        check_text(t.verifier, said.n[0]);
        check_text(t.params, said.n[1]);
        check_text(t.batch.name, said.n[2]);
        check_text(t.batch.expect, said.n[3]);
    }
    free(t.texts);
    close(pair[0]);
}
