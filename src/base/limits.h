/* Every cap on what a peer or a file can make us hold, by name. Listed in docs/CONFIG.md; a buffer,
 * list, body or depth without a name here is a fault. Sizes are bytes unless the name says
 * otherwise. */
#pragma once

/* KZG setups */
#define LIMIT_KZG_SUBS 16              /* sub-setups of one ceremony */
#define LIMIT_KZG_G1_POWERS (1u << 20) /* G1 powers of one sub-setup */
#define LIMIT_KZG_G2_POWERS 4096u      /* G2 powers of one sub-setup */
#define LIMIT_CONTRIBUTIONS (1u << 22) /* accepted contributions of one ceremony */
#define LIMIT_MEMBERS (1u << 22)       /* identities that contributed to a ceremony or are out */
#define LIMIT_RECORD (64u << 10)       /* what the transcript keeps of one contribution */
#define LIMIT_SNAPSHOT (1u << 30)      /* a state of the engine as bytes */
#define LIMIT_IDENTITY 128             /* an identity string, such as eth|0x... or git|1|login */

/* Groth16 */
#define LIMIT_PUBLIC_INPUTS (1u << 20) /* of one circuit, in a key or public.json */

/* JSON */
#define LIMIT_JSON_DEPTH 16                /* nesting */
#define LIMIT_JSON_STRING 8192             /* one string, decoded; a receipt is the longest */
#define LIMIT_JSON_FILE ((size_t)1 << 32)  /* one file given to the CLI (streamed) */
#define LIMIT_TRANSCRIPT ((size_t)1 << 32) /* a transcript that a client downloads */

/* HTTP server */
#define LIMIT_BODY (10u << 20) /* one request body (10 MiB: what the original server takes) */
#define LIMIT_DISCARD_MS                                                                           \
    60000                      /* how long an unwanted body is read before the connection is cut   \
                                */
#define LIMIT_UPLOADS 8        /* under way at once under one lease */
#define LIMIT_UPLOAD_MS 600000 /* one upload, first byte to last */
#define LIMIT_CONNECTIONS 8192 /* at once: 13 KiB each, see LIMIT_CONNECTION_MEMORY */
#define LIMIT_CONNECTIONS_CROWD 6144 /* from so many on, none is kept for its next request */
#define LIMIT_CROWD_HEAD_MS 10000    /* and then this stands for LIMIT_HEAD_MS */
#define LIMIT_CONNECTIONS_PER_IP 100 /* at once; trusted proxies may make more */
#define LIMIT_OWN_DESCRIPTORS 512    /* kept for the database, files that are sent, and the like */
#define LIMIT_TLS_FILE (256u << 10)  /* a certificate with its chain, or a key */
#define LIMIT_PROXIES 64             /* addresses and ranges of trusted proxies */
/* Headers of one request and its buffers. The library writes all of it at the end of a request, so
 * this and 0.7 KiB (1.4 for a stream) is what a kept connection costs, as measured: 8192 of them
 * are 104 MiB. */
#define LIMIT_CONNECTION_MEMORY (12u << 10)
#define LIMIT_CONNECTION_IDLE_S 60 /* silence on a connection */
#define LIMIT_HEADERS 64           /* header fields of one request */
#define LIMIT_HEADER_NAME 128      /* one field's name */
#define LIMIT_HEADER_VALUE 8192    /* one field's value */
#define LIMIT_TARGET 8192          /* path and query of one request */
#define LIMIT_HEAD_MS 75000        /* from connecting, or the last reply, to a whole request head */
#define LIMIT_UPLOAD_RATE 16384    /* bytes a second that an upload must make ... */
#define LIMIT_UPLOAD_WINDOW_MS 30000 /* ... over so long */
#define LIMIT_SEND_MS 3600000        /* one reply, from its first byte to its last */
#define LIMIT_STREAM_STALL_MS 60000  /* a stream whose client takes nothing of what there is */
#define LIMIT_STREAM_BUFFER 32768    /* of a stream, on its way in the kernel */
#define LIMIT_STREAMS 2000           /* streams of events open at once */
#define LIMIT_STREAM_BEAT_MS 15000   /* so long a stream is silent at most */
#define LIMIT_FORM 8192              /* the sign-in form's body */
#define LIMIT_QUEUE_BODY 4096        /* what comes with a request about the queue */
#define LIMIT_STOP_MS 60000          /* how long a stop waits for uploads and downloads under way */
#define LIMIT_LAST_REPLY_MS 5000     /* and then for the answers that are on their way */
#define LIMIT_RATE_CLIENTS 4096      /* addresses whose request rate is remembered at once */
#define LIMIT_LOG_REFUSALS 50        /* lines a second about requests that were refused */
#define LIMIT_JOBS 64                /* requests whose work waits or runs in one lane at once */
#define LIMIT_ASKING_EACH 8          /* of them one prover's that ask for a batch */
#define LIMIT_PARTS 16               /* parts of transcripts that are made or sent at once */

/* A ceremony */
#define LIMIT_PARKED 64               /* polls that wait for an answer at once */
#define LIMIT_FEED_LINES 1024         /* newest journal lines that are kept in memory ... */
#define LIMIT_FEED_BYTES (512u << 10) /* ... and their bytes */
#define LIMIT_FEED_PAGE (32u << 10)   /* older journal lines that are read for one reader at once */
#define LIMIT_FEED_WATCHERS 8         /* parts of the program that are told when it grows */

/* A prover experiment */
#define LIMIT_MARKET_PARTICIPANTS 65536u /* of one experiment */
#define LIMIT_MARKET_BATCHES (1u << 20)
#define LIMIT_MARKET_BATCH ((size_t)1 << 36) /* one batch's file */
#define LIMIT_MARKET_REQUESTS (1u << 28)
#define LIMIT_MARKET_OPEN 64                    /* requests that a participant may have open */
#define LIMIT_MARKET_MANIFEST ((size_t)1 << 20) /* of a batch that is imported */
#define LIMIT_MARKET_COVARIATES 64              /* of one batch */
#define LIMIT_TABLE_COLUMNS (1u << 18)          /* of an export: a panel has three a participant */
#define LIMIT_MARKET_JSON (256u << 10)    /* a batch's parameters, expectation or covariates */
#define LIMIT_MARKET_EXTRA (16u << 10)    /* of a submission, beside the fields that are known */
#define LIMIT_PROVER_ID 64                /* characters of base/name.h */
#define LIMIT_DEPLOYMENT 256              /* bytes of what a prover calls an installation */
#define LIMIT_ACCELERATION 31             /* bytes of "GPU" and the like */
#define LIMIT_MARKET_NOTE 4096            /* what an operator writes of somebody or something */
#define LIMIT_SUBMISSION (64u << 20)      /* the body of a submission */
#define LIMIT_SUBMISSION_REST (64u << 10) /* of it, what is not the proof */
#define LIMIT_FAILURE_TEXT 4096           /* what a prover says of a proof that failed */
#define LIMIT_SUBMISSIONS 64              /* that arrive or are verified at once ... */
#define LIMIT_SUBMISSIONS_EACH 4          /* ... and those of one participant */

/* A directory */
#define LIMIT_CEREMONIES 64       /* that it holds */
#define LIMIT_COLLECT_AGE_S 86400 /* of a file that nothing names, before it may be deleted */

/* Proofs: each is verified in a process of its own */
#define LIMIT_VERIFY_MS 60000           /* from its start to its verdict */
#define LIMIT_VERIFY_GRACE_MS 10000     /* beyond it, for the processes that watch that one */
#define LIMIT_VERIFY_CPU_S 60           /* of that process */
#define LIMIT_VERIFY_MEMORY (1u << 30)  /* its address space */
#define LIMIT_VERIFY_JOB (4u << 20)     /* a verifier's parameters and what it expects of a batch */
#define LIMIT_VKEY (64u << 20)          /* a verification key of a verifier */
#define LIMIT_EXEC_MEMORY (4ull << 30)  /* data of a program of the operator's, unless it says */
#define LIMIT_EXEC_WORDS 64             /* of its command */
#define LIMIT_EXEC_S 86400              /* that it may ask for */
#define LIMIT_EXEC_MEMORY_MB (1u << 20) /* that it may ask for */

/* Sign-in */
#define LIMIT_REDIRECT 2048     /* a redirect_to address */
#define LIMIT_SESSIONS 100000   /* at once */
#define LIMIT_SIWE 2048         /* a message that a wallet signs to sign in (EIP-4361) */
#define LIMIT_SIWE_RESOURCES 16 /* that it lists */
#define LIMIT_LOGIN 8192        /* the body of POST /login: such a message as JSON, and a state */

/* Client */
#define LIMIT_REPLY                                                                                \
    (64u << 10) /* any answer of a server that is not a challenge or a transcript                  \
                 */
#define LIMIT_CHALLENGE (64u << 20)
#define LIMIT_BATCH ((size_t)1 << 34) /* a batch that a prover downloads */
#define LIMIT_OWN_PROOF (48u << 20)   /* a proof that a prover hands in: 64 MiB as base64 */
#define LIMIT_PROVER_SAYS (16u << 10) /* what a prover says of itself besides */

/* Files */
#define LIMIT_SECTIONS 64               /* of a .ptau, .zkey, .r1cs or .wtns; snarkjs writes 11 */
#define LIMIT_TEXT_FILE (1u << 20)      /* configuration, keys, invitations, receipts */
#define LIMIT_FILE_CONTRIBUTIONS 65536u /* to a .ptau or .zkey */
#define LIMIT_ENTROPY (64u << 10)       /* what a person adds to the system's randomness */
#define LIMIT_PATH 4096
