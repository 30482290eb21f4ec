/* What the operator sees of a ceremony's events. */
#include "base/log.h"
#include "run/journal.h"

#include <stdio.h>

void journal_tell(const Ceremony *c, uint64_t seq, const Event *e) {
    char entry[24], lease[24], number[24];
    snprintf(entry, sizeof entry, "%llu", (unsigned long long)seq);
    snprintf(lease, sizeof lease, "%llu", (unsigned long long)e->lease);
    snprintf(number, sizeof number, "%llu", (unsigned long long)engine_concerns(c->state, e));
    switch (e->type) {
    case EVENT_LEASE_GRANTED:
        cvk_log(LOG_INFO, "lease.granted", "ceremony", c->name, "seq", entry, "lease", lease,
                "participant", number, NULL);
        break;
    case EVENT_CONTRIBUTION_ACCEPTED:
        snprintf(number, sizeof number, "%llu", (unsigned long long)e->u.accepted.index);
        cvk_log(LOG_INFO, "contribution.accepted", "ceremony", c->name, "seq", entry, "lease",
                lease, "index", number, NULL);
        break;
    case EVENT_CONTRIBUTION_REFUSED:
        cvk_log(LOG_INFO, "contribution.refused", "ceremony", c->name, "seq", entry, "lease", lease,
                "reason", e->u.refused.reason, NULL);
        break;
    case EVENT_LEASE_EXPIRED:
        cvk_log(LOG_INFO, "lease.expired", "ceremony", c->name, "seq", entry, "lease", lease,
                "phase", phase_name(e->u.expired.phase), NULL);
        break;
    case EVENT_LEASE_ABORTED:
        cvk_log(LOG_INFO, "lease.aborted", "ceremony", c->name, "seq", entry, "lease", lease, NULL);
        break;
    case EVENT_JOINED:
        cvk_log(LOG_INFO, "queue.joined", "ceremony", c->name, "seq", entry, "participant", number,
                NULL);
        break;
    case EVENT_LEFT:
        cvk_log(LOG_INFO, "queue.left", "ceremony", c->name, "seq", entry, "participant", number,
                "reason", left_name(e->u.left.reason), NULL);
        break;
    case EVENT_CLOCK_SKIPPED:
        snprintf(number, sizeof number, "%lld", (long long)e->u.skipped.by_ms);
        cvk_log(LOG_WARN, "clock.skipped", "ceremony", c->name, "seq", entry, "ms", number, NULL);
        break;
    case EVENT_MODE_CHANGED:
        cvk_log(LOG_INFO, "ceremony.mode", "ceremony", c->name, "seq", entry, "mode",
                mode_name(e->u.mode.mode), NULL);
        break;
    case EVENT_PARTICIPANT_BANNED:
    case EVENT_PARTICIPANT_UNBANNED:
    case EVENT_PARTICIPANT_PARDONED:
        cvk_log(LOG_INFO, "participant.changed", "ceremony", c->name, "seq", entry, "participant",
                number, "by", event_name(e->type), NULL);
        break;
    case EVENT_CEREMONY_OPENED:
    case EVENT_PARTICIPANT_ADMITTED:
    case EVENT_LEASE_MOVED:
    case EVENT_RESPONSE_STORED:
    case EVENT_HANDED_OVER:
    case EVENT_TAKEN_OVER:
    case EVENT_CEREMONY_FINALIZED:
    case EVENT_N:
        break;
    }
}
