#include "base/sha256.h"
#include "engine/engine.h"
#include "fuzz/fuzz.h"

/* Any bytes, as they are and with a checksum that fits: a state that is read is one that could be,
 * gives the same bytes again, and lives on. */
static void read_and_go_on(const uint8_t *bytes, size_t n) {
    EngineState *s;
    if (!engine_snapshot_read(bytes, n, &s, NULL))
        return;
    engine_check(s);

    uint8_t *again;
    size_t again_n;
    bool ok = engine_snapshot_write(s, &again, &again_n, NULL);
    assert(ok && again_n == n && memcmp(again, bytes, n) == 0);
    free(again);

    EngineView v;
    engine_view(s, &v);
    Events events = {.n = 0};
    Refusal refusal;
    const Command tick = {.type = COMMAND_TICK};
    Presence *nobody = presence_new(NULL);
    if (v.open && nobody != NULL)
        engine_decide(s, nobody, &tick, ENGINE_TIME_MAX, &events, &refusal);
    ok = engine_reserve(s, events.n, NULL);
    for (size_t i = 0; ok && i < events.n; i++) {
        engine_apply(s, &events.at[i]);
        engine_check(s);
    }
    presence_free(nobody);
    engine_state_free(s);
}

void fuzz_one(const uint8_t *data, size_t n) {
    read_and_go_on(data, n);
    if (n < 32)
        return;
    uint8_t *sealed = malloc(n);
    if (sealed == NULL)
        return;
    memcpy(sealed, data, n - 32);
    cvk_sha256(sealed, n - 32, sealed + n - 32);
    read_and_go_on(sealed, n);
    free(sealed);
}
