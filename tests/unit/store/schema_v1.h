/* A database as the first release left it: its schema, word for word, and a journal of two entries
 * with a contribution. Never changed: such databases exist. */
#pragma once

#define SCHEMA_V1                                                                                  \
    "CREATE TABLE ceremony ("                                                                      \
    "  id INTEGER PRIMARY KEY,"                                                                    \
    "  name TEXT NOT NULL UNIQUE,"                                                                 \
    "  kind TEXT NOT NULL,"                                                                        \
    "  definition TEXT NOT NULL,"                                                                  \
    "  created_ms INTEGER NOT NULL"                                                                \
    ") STRICT;"                                                                                    \
    "CREATE TABLE journal ("                                                                       \
    "  ceremony INTEGER NOT NULL REFERENCES ceremony (id),"                                        \
    "  seq INTEGER NOT NULL CHECK (seq > 0),"                                                      \
    "  json TEXT NOT NULL,"                                                                        \
    "  hash BLOB NOT NULL CHECK (length(hash) = 32),"                                              \
    "  PRIMARY KEY (ceremony, seq)"                                                                \
    ") STRICT, WITHOUT ROWID;"                                                                     \
    "CREATE TABLE snapshot ("                                                                      \
    "  ceremony INTEGER PRIMARY KEY REFERENCES ceremony (id),"                                     \
    "  seq INTEGER NOT NULL,"                                                                      \
    "  state BLOB NOT NULL"                                                                        \
    ") STRICT;"                                                                                    \
    "CREATE TABLE contribution ("                                                                  \
    "  ceremony INTEGER NOT NULL REFERENCES ceremony (id),"                                        \
    "  idx INTEGER NOT NULL CHECK (idx > 0),"                                                      \
    "  seq INTEGER NOT NULL,"                                                                      \
    "  identity TEXT NOT NULL,"                                                                    \
    "  response BLOB NOT NULL CHECK (length(response) = 32),"                                      \
    "  session BLOB NOT NULL CHECK (length(session) = 32),"                                        \
    "  record BLOB NOT NULL,"                                                                      \
    "  receipt TEXT NOT NULL,"                                                                     \
    "  signature TEXT NOT NULL,"                                                                   \
    "  PRIMARY KEY (ceremony, idx),"                                                               \
    "  UNIQUE (ceremony, seq),"                                                                    \
    "  FOREIGN KEY (ceremony, seq) REFERENCES journal (ceremony, seq)"                             \
    "    DEFERRABLE INITIALLY DEFERRED"                                                            \
    ") STRICT;"                                                                                    \
    "CREATE INDEX contribution_upload ON contribution (session, response);"                        \
    "CREATE TABLE used_key ("                                                                      \
    "  ceremony INTEGER NOT NULL REFERENCES ceremony (id),"                                        \
    "  key BLOB NOT NULL,"                                                                         \
    "  PRIMARY KEY (ceremony, key)"                                                                \
    ") STRICT, WITHOUT ROWID;"                                                                     \
    "CREATE TABLE invitation ("                                                                    \
    "  address BLOB PRIMARY KEY NOT NULL CHECK (length(address) = 20),"                            \
    "  identity TEXT NOT NULL,"                                                                    \
    "  created_ms INTEGER NOT NULL"                                                                \
    ") STRICT, WITHOUT ROWID;"                                                                     \
    "CREATE TABLE session ("                                                                       \
    "  hash BLOB PRIMARY KEY NOT NULL CHECK (length(hash) = 32),"                                  \
    "  ceremony INTEGER NOT NULL REFERENCES ceremony (id),"                                        \
    "  identity TEXT NOT NULL,"                                                                    \
    "  created_ms INTEGER NOT NULL,"                                                               \
    "  expires_ms INTEGER NOT NULL,"                                                               \
    "  ended INTEGER NOT NULL CHECK (ended IN (0, 1))"                                             \
    ") STRICT, WITHOUT ROWID;"                                                                     \
    "CREATE INDEX session_identity ON session (ceremony, identity);"                               \
    "CREATE INDEX session_live ON session (ceremony, ended, expires_ms);"                          \
    "CREATE INDEX session_expiry ON session (expires_ms);"                                         \
    "PRAGMA application_id = 1668705073; PRAGMA user_version = 1;"

#define JOURNAL_V1                                                                                 \
    "INSERT INTO ceremony VALUES (1, 'old', 'kzg', '{}', 1000);"                                   \
    "INSERT INTO journal VALUES (1, 1, '{\"one\"}', "                                              \
    "x'04f8a3e4910f6b5d541dc1f15e602c5476016137d9d4ded01b28140afd284d3d');"                        \
    "INSERT INTO journal VALUES (1, 2, '{\"two\"}', "                                              \
    "x'82b6ae7c0dbf4619c35c5d8345773129b5fc8f17c076ed95b647e1a56596a754');"                        \
    "INSERT INTO snapshot VALUES (1, 1, x'0102');"                                                 \
    "INSERT INTO contribution VALUES (1, 1, 2, 'eth|0xaa', zeroblob(32), zeroblob(32), x'07', "    \
    "'receipt', 'signature');"
