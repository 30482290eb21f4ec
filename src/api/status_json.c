#include "api/status_json.h"

#include "base/clock.h"

static void put_deadlines(JsonWriter *w, const EnginePolicy *p) {
    json_put_key(w, "deadline_ms");
    json_object_begin(w);
    for (int phase = 0; phase < PHASE_N; phase++)
        json_field_int(w, phase_name((Phase)phase), p->deadline_ms[phase]);
    json_object_end(w);
}

static void put_costs(JsonWriter *w, const EnginePolicy *p) {
    json_put_key(w, "cost");
    json_object_begin(w);
    json_field_str(w, "missed", cost_name(p->missed));
    json_field_str(w, "expired", cost_name(p->expired));
    json_field_str(w, "aborted", cost_name(p->aborted));
    json_field_str(w, "invalid", cost_name(p->invalid));
    json_object_end(w);
}

static void put_policy(JsonWriter *w, const EnginePolicy *p) {
    json_put_key(w, "policy");
    json_object_begin(w);
    json_field_str(w, "entry", entry_name(p->entry));
    json_field_uint(w, "waiting_max", p->waiting_max);
    json_field_uint(w, "lobby_max", p->waiting_max); /* its first name */
    json_field_uint(w, "contributions_max", p->contributions_max);
    json_field_int(w, "checkin_every_ms", p->checkin_every_ms);
    json_field_int(w, "checkin_tolerance_ms", p->checkin_tolerance_ms);
    json_field_int(w, "checkin_shortest_ms", p->checkin_shortest_ms);
    json_field_int(w, "checkin_longest_ms", p->checkin_longest_ms);
    json_field_int(w, "checkin_lead_ms", p->checkin_lead_ms);
    json_field_int(w, "ready_ms", p->ready_ms);
    json_field_uint(w, "park_max", p->park_max);
    json_field_int(w, "park_ms", p->park_ms);
    put_deadlines(w, p);
    json_field_uint(w, "upload_rate", p->upload_rate);
    json_field_int(w, "upload_window_ms", p->upload_window_ms);
    put_costs(w, p);
    json_field_uint(w, "strikes_max", p->strikes_max);
    json_field_int(w, "cooldown_ms", p->cooldown_ms);
    json_object_end(w);
}

static void put_measured(JsonWriter *w, const EngineView *v) {
    json_put_key(w, "measured");
    json_object_begin(w);
    json_field_uint(w, "turns", v->turns.n);
    json_field_int(w, "mean_ms", v->turns.mean_ms);
    json_field_int(w, "spread_ms", v->turns.spread_ms);
    json_object_end(w);
}

void status_put_time(JsonWriter *w, const char *key, int64_t ms) {
    char text[CVK_TIME_TEXT];
    json_put_key(w, key);
    if (ms == INT64_MAX) {
        json_put_null(w);
        return;
    }
    cvk_time_format(ms, text);
    json_put_str(w, text);
}

void status_put_estimate(JsonWriter *w, const EngineEstimate *e) {
    json_put_key(w, "expected_wait");
    if (!e->known) {
        json_put_null(w);
        return;
    }
    json_object_begin(w);
    json_field_int(w, "low_ms", e->low_ms);
    json_field_int(w, "mean_ms", e->mean_ms);
    json_field_int(w, "high_ms", e->high_ms);
    json_object_end(w);
}

void status_estimate(const CeremonyStatus *s, EngineEstimate *ret) {
    bool over = s->view.finalized || s->view.handed_over;
    *ret = (EngineEstimate){0};
    if (!over) /* in a lobby the newcomer is one more of them */
        engine_estimate(&s->view, s->view.waiting, s->lobby_size + 1, ret);
}

void status_put_rules(JsonWriter *w, const CeremonyStatus *s, bool waiting_known) {
    const EngineView *v = &s->view;
    EngineEstimate estimate = {0};
    json_field_str(w, "entry", entry_name(v->policy.entry));
    json_field_str(w, "mode", mode_name(v->mode));
    json_field_bool(w, "drained", v->drained);
    json_field_bool(w, "handed_over", v->handed_over);
    json_put_key(w, "waiting");
    if (waiting_known) {
        json_put_uint(w, s->lobby_size);
        status_estimate(s, &estimate);
    } else {
        json_put_null(w);
    }
    put_measured(w, v);
    status_put_estimate(w, &estimate);
    put_policy(w, &v->policy);
}
