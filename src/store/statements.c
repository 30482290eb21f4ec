/* Every statement of SQLite's, by its name. */
#include "store/sqlite.h"

#define CONTRIBUTION_COLUMNS "idx, seq, identity, response, session, record, receipt, signature"
#define PARTICIPANT_COLUMNS "id, secret, token, grp, label, note, allowed, created_ms, contact"
#define BATCH_COLUMNS                                                                              \
    "id, name, sha256, size, verifier, params, expect, covariates, block, retired, created_ms"
#define REQUEST_COLUMNS                                                                            \
    "id, participant, batch, seq, token, state, issued_ms, since_ms, closed_ms, body, refetches, " \
    "first_get_ms, last_get_ms, bytes_served, whole"
#define SUBMISSION_COLUMNS                                                                         \
    "proof, proof_n, canonical, proving_ms, cost, price, cost_text, price_text, deployment, "      \
    "deployment_is_text, acceleration, extra, received_ms, verify_us, verifier, flags, attempts"
#define ATTEMPT_COLUMNS                                                                            \
    "id, request, participant, received_ms, verdict, proof, proof_n, verify_us, why"
#define DEPLOYMENT_COLUMNS                                                                         \
    "participant, deployment, description, hardware, rate, power_w, changed_ms"

const char *const store_statements[SQL_N] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_DATA_VERSION] = "PRAGMA data_version",
    [SQL_CEREMONY_ADD] =
        "INSERT INTO ceremony (name, kind, definition, created_ms) VALUES (?1, ?2, ?3, ?4) "
        "ON CONFLICT (name) DO NOTHING",
    [SQL_CEREMONY_BY_NAME] = "SELECT id, name, kind, definition FROM ceremony WHERE name = ?1",
    [SQL_CEREMONY_ALL] = "SELECT id, name, kind, definition FROM ceremony ORDER BY id",
    [SQL_CEREMONY_LOST] =
        "SELECT 1 FROM journal_head WHERE ceremony NOT IN (SELECT id FROM ceremony) LIMIT 1",
    [SQL_CEREMONY_SWEEP] = "DELETE FROM ceremony WHERE id NOT IN (SELECT ceremony FROM journal)",
    /* One statement: that seq follows the newest is looked at in the same moment. */
    [SQL_JOURNAL_ADD] =
        "INSERT INTO journal (ceremony, seq, json, hash) SELECT ?1, ?2, ?3, ?4 WHERE ?2 = 1 + "
        "(SELECT coalesce(max(seq), 0) FROM journal WHERE ceremony = ?1)",
    [SQL_JOURNAL_HEAD] =
        "SELECT seq, hash FROM journal WHERE ceremony = ?1 ORDER BY seq DESC LIMIT 1",
    [SQL_JOURNAL_AT] = "SELECT seq, hash FROM journal WHERE ceremony = ?1 AND seq = ?2",
    [SQL_JOURNAL_FROM] = "SELECT j.seq, j.json, j.hash, p.salt, p.json AS part FROM journal j "
                         "LEFT JOIN journal_private p ON p.ceremony = j.ceremony AND p.seq = j.seq "
                         "WHERE j.ceremony = ?1 AND j.seq >= ?2 ORDER BY j.seq",
    [SQL_JOURNAL_ONE] = "SELECT j.seq, j.json, j.hash, p.salt, p.json AS part FROM journal j "
                        "LEFT JOIN journal_private p ON p.ceremony = j.ceremony AND p.seq = j.seq "
                        "WHERE j.ceremony = ?1 AND j.seq = ?2",
    [SQL_JOURNAL_BARE] = "SELECT seq, json, hash, NULL, NULL FROM journal "
                         "WHERE ceremony = ?1 AND seq = ?2",
    [SQL_PRIVATE_ADD] =
        "INSERT INTO journal_private (ceremony, seq, salt, json) VALUES (?1, ?2, ?3, ?4)",
    /* Only of an entry that is the newest now. */
    [SQL_HEAD_PUT] =
        "INSERT INTO journal_head (ceremony, seq, hash, root) SELECT ceremony, seq, hash, ?4 "
        "FROM journal WHERE ceremony = ?1 AND seq = ?2 AND hash = ?3 "
        "AND seq = (SELECT max(seq) FROM journal WHERE ceremony = ?1) "
        "ON CONFLICT (ceremony) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, "
        "root = excluded.root",
    /* With the journal's own end, both from one moment. */
    [SQL_HEAD_GET] =
        "SELECT h.seq, h.hash, h.root, j.seq, j.hash FROM journal_head h LEFT JOIN journal j "
        "ON j.ceremony = ?1 AND j.seq = (SELECT max(seq) FROM journal WHERE ceremony = ?1) "
        "WHERE h.ceremony = ?1",
    [SQL_SNAPSHOT_PUT] =
        "INSERT INTO snapshot (ceremony, seq, state) VALUES (?1, ?2, ?3) ON CONFLICT (ceremony) "
        "DO UPDATE SET seq = excluded.seq, state = excluded.state WHERE excluded.seq >= seq",
    [SQL_SNAPSHOT_GET] = "SELECT seq, state FROM snapshot WHERE ceremony = ?1",
    [SQL_SNAPSHOT_DROP] = "DELETE FROM snapshot WHERE ceremony = ?1",
    [SQL_CONTRIBUTION_ADD] = "INSERT INTO contribution (ceremony, " CONTRIBUTION_COLUMNS
                             ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [SQL_CONTRIBUTION_FROM] = "SELECT " CONTRIBUTION_COLUMNS
                              " FROM contribution WHERE ceremony = ?1 AND idx >= ?2 ORDER BY idx",
    /* Left to itself, SQLite reads all contributions from the newest on, to save sorting. */
    [SQL_CONTRIBUTION_OF] =
        "SELECT " CONTRIBUTION_COLUMNS " FROM contribution INDEXED BY contribution_upload "
        "WHERE ceremony = ?1 AND session = ?2 AND (length(?3) = 0 OR response = ?3) "
        "ORDER BY idx DESC LIMIT 1",
    [SQL_CONTRIBUTION_AT] =
        "SELECT " CONTRIBUTION_COLUMNS " FROM contribution WHERE ceremony = ?1 AND seq = ?2",
    [SQL_CONTRIBUTION_LAST] =
        "SELECT idx FROM contribution WHERE ceremony = ?1 ORDER BY idx DESC LIMIT 1",
    [SQL_KEY_ADD] = "INSERT INTO used_key (ceremony, key) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    [SQL_KEY_SEEN] = "SELECT 1 FROM used_key WHERE ceremony = ?1 AND key = ?2",
    [SQL_INVITATION_ADD] =
        "INSERT INTO invitation (address, identity, created_ms) VALUES (?1, ?2, ?3) "
        "ON CONFLICT (address) DO NOTHING",
    [SQL_INVITATION_GET] =
        "SELECT address, identity, created_ms FROM invitation WHERE address = ?1",
    [SQL_INVITATION_ALL] = "SELECT address, identity, created_ms FROM invitation ORDER BY address",
    [SQL_NONCE_USE] =
        "INSERT INTO used_nonce (nonce, expires_ms) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    [SQL_NONCE_EXPIRE] = "DELETE FROM used_nonce WHERE expires_ms < ?1",
    [SQL_SESSION_PUT] =
        "INSERT INTO session (hash, ceremony, identity, created_ms, expires_ms, ended) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (hash) DO UPDATE SET "
        "ceremony = excluded.ceremony, identity = excluded.identity, "
        "created_ms = excluded.created_ms, expires_ms = excluded.expires_ms, "
        "ended = excluded.ended",
    [SQL_SESSION_ALL] =
        "SELECT hash, session.ceremony, session.identity, created_ms, expires_ms, ended, "
        "coalesce(generation, 0) FROM session LEFT JOIN session_generation AS raised "
        "ON raised.ceremony = session.ceremony AND raised.identity = session.identity "
        "WHERE session.ceremony = ?1",
    [SQL_SESSION_END] = "UPDATE session SET ended = 1 WHERE ceremony = ?1 AND identity = ?2",
    [SQL_SESSION_REMOVE] = "DELETE FROM session WHERE ceremony = ?1 AND identity = ?2",
    [SQL_SESSION_RENEW] = "UPDATE session SET expires_ms = ?2 WHERE hash = ?1",
    [SQL_SESSION_ACCOUNT] = "SELECT identity FROM session WHERE ceremony = ?1 "
                            "AND identity >= ?2 AND identity < ?3 ORDER BY created_ms LIMIT 1",
    [SQL_SESSION_EXPIRE] = "DELETE FROM session WHERE expires_ms < ?1",
    [SQL_GENERATION_GET] =
        "SELECT generation FROM session_generation WHERE ceremony = ?1 AND identity = ?2",
    [SQL_GENERATION_RAISE] =
        "INSERT INTO session_generation (ceremony, identity, generation) VALUES (?1, ?2, 1) "
        "ON CONFLICT (ceremony, identity) DO UPDATE SET generation = generation + 1",
    [SQL_VACUUM_INTO] = "VACUUM INTO ?1",

    /* ---- the tables of experiments ---- */
    [SQL_BEGIN_READ] = "BEGIN",
    [SQL_PARTICIPANT_ADD] = "INSERT INTO participant (experiment, " PARTICIPANT_COLUMNS
                            ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [SQL_PARTICIPANT_SET] =
        "UPDATE participant SET secret = ?3, allowed = ?4 WHERE experiment = ?1 AND id = ?2",
    [SQL_PARTICIPANT_DESCRIBE] = "UPDATE participant SET label = ?3, contact = ?4, note = ?5 WHERE "
                                 "experiment = ?1 AND id = ?2",
    [SQL_PARTICIPANT_FROM] = "SELECT " PARTICIPANT_COLUMNS
                             " FROM participant WHERE experiment = ?1 AND id >= ?2 ORDER BY id",
    [SQL_BATCH_ADD] = "INSERT INTO batch (experiment, " BATCH_COLUMNS
                      ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    [SQL_BATCH_RETIRE] = "UPDATE batch SET retired = ?3 WHERE experiment = ?1 AND id = ?2",
    [SQL_BATCH_DESCRIBE] = "UPDATE batch SET covariates = ?3 WHERE experiment = ?1 AND id = ?2",
    [SQL_BATCH_FROM] =
        "SELECT " BATCH_COLUMNS " FROM batch WHERE experiment = ?1 AND id >= ?2 ORDER BY id",
    [SQL_BATCH_LIKE] =
        "SELECT " BATCH_COLUMNS " FROM batch WHERE experiment = ?1 AND (name = ?2 OR sha256 = ?3) "
        "ORDER BY name = ?2 DESC LIMIT 1",
    [SQL_REQUEST_ADD] = "INSERT INTO request (experiment, " REQUEST_COLUMNS
                        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
                        "?15, ?16)",
    [SQL_REQUEST_CLOSE] = "UPDATE request SET state = ?3, closed_ms = ?4, body = ?5 "
                          "WHERE experiment = ?1 AND id = ?2 AND state = 0",
    [SQL_REQUEST_REOPEN] = "UPDATE request SET state = 0, closed_ms = 0, since_ms = ?3 "
                           "WHERE experiment = ?1 AND id = ?2 AND state <> 0",
    [SQL_REQUEST_SERVED] = "UPDATE request SET refetches = refetches + ?3, "
                           "first_get_ms = CASE first_get_ms WHEN 0 THEN ?4 ELSE first_get_ms END, "
                           "last_get_ms = max(last_get_ms, ?5), bytes_served = bytes_served + ?6, "
                           "whole = whole + ?7 WHERE experiment = ?1 AND id = ?2",
    [SQL_REQUEST_FROM] =
        "SELECT " REQUEST_COLUMNS " FROM request WHERE experiment = ?1 AND id >= ?2 ORDER BY id",
    [SQL_REQUEST_UNPROVED] =
        "SELECT " REQUEST_COLUMNS " FROM request WHERE experiment = ?1 AND state <> 1 ORDER BY id",
    [SQL_REQUEST_TOKEN] =
        "SELECT r.id, b.sha256, b.size FROM request r "
        "JOIN participant p ON p.experiment = r.experiment AND p.id = r.participant "
        "JOIN batch b ON b.experiment = r.experiment AND b.id = r.batch "
        "WHERE r.experiment = ?1 AND r.token = ?3 AND p.token = ?2 AND p.allowed = 1",
    [SQL_SUBMISSION_ADD] =
        "INSERT INTO submission (experiment, request, " SUBMISSION_COLUMNS
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, "
        "?18, ?19)",
    [SQL_SUBMISSION_FROM] =
        "SELECT s.request, participant, batch, seq, issued_ms, first_get_ms, " SUBMISSION_COLUMNS
        " FROM submission s JOIN request r ON r.experiment = ?1 AND r.id = s.request "
        "WHERE s.experiment = ?1 AND s.request >= ?2 ORDER BY s.request",
    [SQL_SUBMISSION_SEEN] =
        "SELECT 1 FROM submission WHERE experiment = ?1 AND canonical = ?2 LIMIT 1",
    [SQL_ATTEMPT_ADD] = "INSERT INTO attempt (experiment, " ATTEMPT_COLUMNS
                        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [SQL_ATTEMPT_FROM] =
        "SELECT " ATTEMPT_COLUMNS " FROM attempt WHERE experiment = ?1 AND id >= ?2 ORDER BY id",
    [SQL_ATTEMPT_LAST] = "SELECT coalesce(max(id), 0) FROM attempt WHERE experiment = ?1",
    [SQL_ATTEMPT_COUNT] = "SELECT count(*) FROM attempt WHERE experiment = ?1 AND request = ?2 "
                          "AND verdict <> 'error'",
    [SQL_MARKET_COUNT] = "SELECT (SELECT count(*) FROM submission WHERE experiment = ?1), "
                         "(SELECT count(*) FROM attempt WHERE experiment = ?1)",
    [SQL_DEPLOYMENT_PUT] =
        "INSERT INTO deployment (experiment, " DEPLOYMENT_COLUMNS
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (experiment, participant, "
        "deployment) DO UPDATE SET description = excluded.description, "
        "hardware = excluded.hardware, rate = excluded.rate, power_w = excluded.power_w, "
        "changed_ms = excluded.changed_ms",
    [SQL_DEPLOYMENT_ALL] = "SELECT " DEPLOYMENT_COLUMNS " FROM deployment WHERE experiment = ?1 "
                           "ORDER BY participant, deployment",
    [SQL_PUBLIC_PUT] =
        "INSERT INTO public_file (experiment, name, sha256, size) VALUES (?1, ?2, ?3, ?4) "
        "ON CONFLICT (experiment, name) DO UPDATE SET sha256 = excluded.sha256, "
        "size = excluded.size",
    [SQL_PUBLIC_ALL] =
        "SELECT name, sha256, size FROM public_file WHERE experiment = ?1 ORDER BY name",
};
