/* Inside src/http: a server and a request, between server.c (the library's threads, start and
 * stop), head.c and request.c (what one request goes through), handler.c (what its handler calls),
 * send.c (its reply on the wire) and
 * stream.c (replies without an end). */
#pragma once

#include "http/conn.h"
#include "http/counters.h"
#include "http/reply.h"
#include "http/server.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

/* Each is an HttpCounters' field of that name. */
typedef struct {
    atomic_uint_fast64_t requests[HTTP_STATUS_CLASSES], refused_peers, body_bytes;
    atomic_uint_fast64_t latency[HTTP_LATENCIES + 1], latency_sum_us;
} Counters;

/* Lines of the log about refusals in one second. */
typedef struct {
    int64_t since_ms;
    unsigned written;
    uint64_t left_out;
} RefusalLines;

/* Jobs of one lane. */
typedef struct {
    CvkPool *pool;
    size_t n; /* that wait or run; with the server's lock. LIMIT_JOBS at most */
} Jobs;

struct HttpServer {
    HttpOptions o;
    struct MHD_Daemon *daemon;
    int listener;
    uint16_t port;
    ConnLimits limits;
    ConnTable *conns;
    pthread_mutex_t lock; /* of jobs and streams */
    pthread_cond_t jobs_over;
    Jobs jobs[HTTP_LANES_N];
    RefusalLines refusals; /* lock, too */
    bool no_more_jobs;     /* the server ends: what comes whole only now is refused */
    HttpRequest *streams;  /* all there are; with the lock */
    atomic_bool stopping;
    atomic_uint_fast64_t requests;
    Counters counters;
};

typedef enum {
    REQUEST_NEW = 0, /* its request line has come */
    REQUEST_BODY,    /* its body goes to the handler */
    REQUEST_DROP,    /* it has a reply; the rest of its body is dropped */
    REQUEST_WORKING, /* suspended: the job runs */
    REQUEST_PARKED,  /* suspended: nothing runs until http_wake */
    REQUEST_ANSWERED,
} RequestState;

typedef enum {
    STREAM_AWAKE = 0, /* being pulled, or what was pulled goes out */
    STREAM_WOKEN,     /* the same, but is to be pulled once more before it sleeps */
    STREAM_ASLEEP,    /* its connection is suspended */
} StreamState;

typedef struct {
    ptrdiff_t (*pull)(HttpRequest *r, char *buf, size_t cap); /* NULL: it is no stream */
    void (*begun)(HttpRequest *r);
    atomic_int state; /* StreamState */
    bool listed;
    HttpRequest *next, *prev; /* in the server's list */
} Stream;

typedef struct {
    const char *key; /* NULL: none */
    char value[64];
} HttpTold;

struct HttpRequest {
    HttpServer *server;
    struct MHD_Connection *mhd;
    Conn *conn;
    const HttpRoute *route; /* NULL: none was found */
    HttpTold told[HTTP_TOLD_MAX];
    const HttpHandler *handler; /* NULL: refused before a route was found */
    void *data;
    void (*job)(HttpRequest *r);
    Jobs *jobs;                    /* where it runs */
    bool (*park)(HttpRequest *r);  /* NULL: it is not to be parked */
    void (*woken)(HttpRequest *r); /* with park */
    Stream stream;
    HttpReply reply;
    RequestState state;
    ConnPeer peer;
    uint64_t number, body_n;
    size_t body_max;
    int64_t started_ms;
    uint64_t acked;   /* request_acked when the reply began */
    int64_t whole_us; /* when it was; 0: not yet, or it waits on purpose */
    bool get;         /* GET or HEAD */
    bool head;        /* HEAD */
    bool bad_target;
    char method[16];
    const char *raw_target; /* where the library keeps it; good until the head is judged */
    size_t raw_target_n;
    char *path; /* decoded */
    const char *query, *tail;
    max_align_t notes[]; /* HttpOptions.notes_bytes; behind them the target and the path */
};

/* server.c. Jobs that wait or run. Held: the server's lock. */
size_t server_jobs(const HttpServer *s);

/* counters.c */
void count_request(Counters *c, unsigned status, uint64_t body_bytes); /* status 0: no answer */
void count_refused_peer(Counters *c);
void count_latency(Counters *c, uint64_t us);

/* send.c. Queues the reply (an error when there is none) and lets the request's memory of it go. */
enum MHD_Result request_send(HttpRequest *r);
/* send.c. How many bytes of this connection have arrived at the other side, as the system knows. */
uint64_t request_acked(const HttpRequest *r);
/* send.c. Begins the stream that the handler asked for. */
enum MHD_Result request_stream(HttpRequest *r);

/* stream.c. The reply that pulls; begins the stream, unless it is for HEAD. NULL: memory is short,
 * and nothing began. */
struct MHD_Response *stream_make_response(HttpRequest *r);
void stream_over(HttpRequest *r);   /* nothing to do for what is no stream */
void stream_end_all(HttpServer *s); /* the server is stopping: all end where they are */

/* head.c. False: the reply says why the request cannot be trusted even as to where it ends. */
bool head_passes(HttpRequest *r, const char *method, const char *version);

/* handler.c. The reply that was set is a refusal of the server's own. */
void request_reword(HttpRequest *r, HttpRefusal why, const HttpRoute *route);

/* request.c. `target` is as it came; NULL: memory is short. */
HttpRequest *request_new(HttpServer *s, struct MHD_Connection *mhd, Conn *conn, const char *target);
/* The library's callback for the head, each piece of the body, its end, and after a resume. */
enum MHD_Result request_access(HttpRequest *r, const char *method, const char *version,
                               const char *data, size_t *data_n);
/* request_log.c: its line in the log. */
void request_log(HttpRequest *r, bool sent);
/* The request is over, whether its reply went out or not: tells the handler, logs, frees. */
void request_end(HttpRequest *r, bool completed);
