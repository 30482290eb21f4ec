#include "http/counters.h"

#include "http/server_private.h"

const uint64_t http_latency_us[HTTP_LATENCIES] = {
    100, 250, 500, 1000, 2500, 5000, 10000, 20000, 50000, 100000, 500000, 2500000, 10000000};

static void add(atomic_uint_fast64_t *to, uint64_t n) {
    atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

static uint64_t get(const atomic_uint_fast64_t *from) {
    return atomic_load_explicit(from, memory_order_relaxed);
}

void count_request(Counters *c, unsigned status, uint64_t body_bytes) {
    add(&c->requests[status / 100 < HTTP_STATUS_CLASSES ? status / 100 : 0], 1);
    if (body_bytes != 0)
        add(&c->body_bytes, body_bytes);
}

void count_refused_peer(Counters *c) {
    add(&c->refused_peers, 1);
}

void count_latency(Counters *c, uint64_t us) {
    size_t i = 0;
    while (i < HTTP_LATENCIES && us > http_latency_us[i])
        i++;
    add(&c->latency[i], 1);
    add(&c->latency_sum_us, us);
}

void http_counters(const HttpRequest *r, HttpCounters *ret) {
    HttpServer *s = r->server;
    const Counters *c = &s->counters;
    for (size_t i = 0; i < HTTP_STATUS_CLASSES; i++)
        ret->requests[i] = get(&c->requests[i]);
    for (size_t i = 0; i <= HTTP_LATENCIES; i++)
        ret->latency[i] = get(&c->latency[i]);
    ret->latency_sum_us = get(&c->latency_sum_us);
    ret->body_bytes = get(&c->body_bytes);
    ret->refused_peers = get(&c->refused_peers);
    conn_count(s->conns, ret->connections, &ret->cut);
    pthread_mutex_lock(&s->lock);
    ret->jobs = server_jobs(s);
    pthread_mutex_unlock(&s->lock);
}
