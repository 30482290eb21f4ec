#include "sim/sim_park.h"

#include "sim/sim_kind.h"

#include <unistd.h>

bool sim_park(SimServer *s, const Session *who, void (*wake)(void *ctx), void *ctx) {
    return ceremony_park(sim_server_ceremony(s), who, wake, ctx);
}

static bool read_challenge(const CeremonyFile *f, uint64_t *ret_state, CvkErr *err) {
    char bytes[SIM_RESPONSE_MAX];
    ssize_t n = pread(f->fd, bytes, sizeof bytes, 0);
    return (n >= 0 && sim_kind_challenge(bytes, (size_t)n, ret_state)) ||
           cvk_fail(err, CVK_EINTERNAL, "sim.challenge", "that is no challenge");
}

bool sim_after_park(SimServer *s, const Session *who, Refusal *ret_refusal, uint64_t *ret_lease,
                    uint64_t *ret_state, CvkErr *err) {
    CeremonyFile file = {.fd = -1};
    if (!ceremony_after_park(sim_server_ceremony(s), who, ret_refusal, ret_lease, &file, err))
        return false;
    if (file.fd < 0)
        return true;
    bool ok = read_challenge(&file, ret_state, err);
    close(file.fd);
    return ok;
}
