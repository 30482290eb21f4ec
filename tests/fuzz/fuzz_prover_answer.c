#include "base/limits.h"
#include "client/prover_answer.h"
#include "fuzz/fuzz.h"

#define ID "alice"

/* Any answer of a server means one of the kinds, without the participant's id in what is kept of
 * it; and a task that is read leads to a file below the server's address, and nowhere else. */
void fuzz_one(const uint8_t *data, size_t n) {
    if (n < 2)
        return;
    WebReply r = {.status = 100 + data[0] * 2 + data[1] % 2,
                  .retry_after_s = data[1] / 2 - 1,
                  .into = CVK_BUF(LIMIT_REPLY)};
    ProverAnswer a;
    ProverTask t;
    CvkErr err;
    if (cvk_buf_add(&r.into, data + 2, n - 2, &err)) {
        prover_answer_read(&r, ID, &a);
        assert(a.kind <= PROVER_STRANGE);
        assert(strlen(a.text) < sizeof a.text && strstr(a.text, ID) == NULL);
        if (prover_task_read(cvk_buf_str(&r.into), r.into.n, &t, &err))
            assert(prover_path_check(t.path) && t.path[0] != '/' && strstr(t.path, "..") == NULL);
    }
    cvk_buf_done(&r.into);
}
