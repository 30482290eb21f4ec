#include "base/meter.h"
#include "support/test.h"

typedef struct {
    size_t calls, done, total;
} Seen;

static void see(void *ctx, size_t done, size_t total) {
    Seen *s = ctx;
    assert_true(done >= s->done);
    *s = (Seen){s->calls + 1, done, total};
}

static void parts_add_up_to_the_whole(void **state) {
    (void)state;
    Seen seen = {0};
    CvkMeter m;
    CvkMeterPart part;
    cvk_meter_init(&m, (CvkProgress){see, &seen}, 30);

    CvkProgress first = cvk_meter_part(&part, &m, 1);
    first.fn(first.ctx, 4, 10);
    first.fn(first.ctx, 10, 10);
    assert_int_equal(seen.done, 10);
    CvkProgress second = cvk_meter_part(&part, &m, 2);
    second.fn(second.ctx, 3, 10);
    assert_int_equal(seen.done, 16);
    cvk_meter_advance(&m, 5);

    assert_int_equal(seen.done, 21);
    assert_int_equal(seen.total, 30);
    cvk_meter_done(&m);
}

static void it_never_goes_past_the_total(void **state) {
    (void)state;
    Seen seen = {0};
    CvkMeter m;
    cvk_meter_init(&m, (CvkProgress){see, &seen}, 10);

    cvk_meter_advance(&m, 8);
    cvk_meter_advance(&m, 8);

    assert_int_equal(seen.done, 10);
    cvk_meter_done(&m);
}

static void nobody_has_to_look(void **state) {
    (void)state;
    CvkMeter m;
    CvkMeterPart part;
    cvk_meter_init(&m, (CvkProgress){0}, 10);

    CvkProgress p = cvk_meter_part(&part, &m, 1);
    p.fn(p.ctx, 3, 3);

    assert_int_equal(m.done, 3);
    cvk_meter_done(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(parts_add_up_to_the_whole),
        TEST(it_never_goes_past_the_total),
        TEST(nobody_has_to_look),
    };
    return cmocka_run_group_tests_name("base/meter", tests, NULL, NULL);
}
