#include "sim/sim_people.h"

enum { STREAM_CROWD = 1, STREAM_PERSON = 2 };
enum { ANNOUNCEMENTS = 3, BURST_MS = 40000 };

/* In a thousand people; the rest are pollers. */
static const struct {
    const char *name;
    uint32_t per_mille;
} habits[HABIT_N] = {
    [HABIT_POLLER] = {"poller", 0},
    [HABIT_FAST] = {"fast", 120},
    [HABIT_SLOW_COMPUTER] = {"slow-computer", 30},
    [HABIT_SLOW_LINE] = {"slow-line", 25},
    [HABIT_STALLER] = {"staller", 15},
    [HABIT_NO_SHOW] = {"no-show", 20},
    [HABIT_FADER] = {"fader", 70},
    [HABIT_INVALID] = {"invalid", 20},
    [HABIT_MALFORMED] = {"malformed", 20},
    [HABIT_THIEF] = {"thief", 15},
    [HABIT_COPYCAT] = {"copycat", 15},
    [HABIT_TWICE] = {"twice", 30},
    [HABIT_LATE] = {"late", 10},
    [HABIT_LEAVER] = {"leaver", 60},
    [HABIT_ABORTER] = {"aborter", 20},
    [HABIT_LAPTOP] = {"laptop", 80},
    [HABIT_TAB] = {"tab", 40},
};

const char *habit_name(Habit h) {
    return habits[h].name;
}

void crowd_draw(uint64_t seed, uint32_t people, Crowd *ret) {
    SimRng dice = rng_stream(seed, STREAM_CROWD, 0);
    int64_t turn_ms = rng_between(&dice, 2000, 6000);
    *ret = (Crowd){
        .people = people,
        .turn_ms = turn_ms,
        .span_ms = turn_ms * people * rng_between(&dice, 20, 90) / 100 + 60000,
    };
}

static Habit draw_habit(SimRng *dice) {
    uint32_t at = (uint32_t)rng_below(dice, 1000);
    for (int h = HABIT_FAST; h < HABIT_N; h++) {
        if (at < habits[h].per_mille)
            return (Habit)h;
        at -= habits[h].per_mille;
    }
    return HABIT_POLLER;
}

/* Some come one by one, most after an announcement, hundreds within seconds. */
static int64_t draw_arrival(uint64_t seed, const Crowd *c, SimRng *dice) {
    int64_t any = rng_between(dice, 0, c->span_ms);
    uint64_t burst = rng_below(dice, ANNOUNCEMENTS);
    int64_t late = rng_around(dice, BURST_MS / 2);
    if (rng_chance(dice, 400))
        return any;
    SimRng announced = rng_stream(seed, STREAM_CROWD, 1 + burst);
    return burst == 0 ? late : rng_between(&announced, 0, c->span_ms) + late;
}

static void draw_line(Person *p, SimRng *dice) {
    bool bad = rng_chance(dice, 120);
    p->latency_ms = rng_around(dice, bad ? 250 : 60);
    p->loss = bad ? 30 : 2;
    p->twice = bad ? 20 : 2;
    p->cut = bad ? 60 : 5;
}

/* What makes each habit what it is. */
static void apply_habit(Person *p, const Crowd *c, SimRng *dice) {
    switch (p->habit) {
    case HABIT_POLLER:
    case HABIT_THIEF:
    case HABIT_COPYCAT:
    case HABIT_TWICE:
    case HABIT_NO_SHOW:
    case HABIT_FADER:
    case HABIT_INVALID:
    case HABIT_MALFORMED:
    case HABIT_ABORTER:
    case HABIT_TAB:
        break;
    case HABIT_FAST:
        p->poll_ms = 5000;
        break;
    case HABIT_SLOW_COMPUTER:
        p->compute_ms = rng_around(dice, 70000);
        break;
    case HABIT_SLOW_LINE:
        p->upload_ms = rng_around(dice, 40000);
        p->parts = 12;
        break;
    case HABIT_STALLER:
        p->parts = 6;
        break;
    case HABIT_LATE:
        p->compute_ms = rng_between(dice, 200000, 400000);
        break;
    case HABIT_LEAVER:
        p->patience_ms = rng_between(dice, 1000, c->span_ms);
        break;
    case HABIT_LAPTOP:
        p->awake_ms = rng_between(dice, 60000, 1800000);
        p->asleep_ms = rng_around(dice, 120000);
        break;
    case HABIT_N:
        break;
    }
}

void person_draw(uint64_t seed, const Crowd *c, uint32_t number, Person *ret) {
    SimRng dice = rng_stream(seed, STREAM_PERSON, number);
    Person p = {
        .habit = c->plain ? HABIT_POLLER : draw_habit(&dice),
        .self = number,
        .arrives_ms = draw_arrival(seed, c, &dice),
        .poll_ms = 30000,
        .fetch_ms = rng_around(&dice, c->turn_ms / 5),
        .compute_ms = rng_around(&dice, c->turn_ms * 3 / 5),
        .upload_ms = rng_around(&dice, c->turn_ms / 5),
        .parts = 2,
        .returns = (uint32_t)rng_below(&dice, 4),
    };
    draw_line(&p, &dice);
    if (c->plain)
        p.loss = p.twice = p.cut = 0;
    if (p.habit == HABIT_TAB && number > 0)
        p.self = (uint32_t)rng_below(&dice, number);
    apply_habit(&p, c, &dice);
    p.dice = dice;
    *ret = p;
}
