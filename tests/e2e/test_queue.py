"""A ceremony with a queue, as the original protocol's clients meet it: parked polls, places, and
what is answered when no turn can be had."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import convoke, done  # noqa: E402
from http_probe import until  # noqa: E402
from kzg_server import BUSY, EARLY, LOBBY_FULL, UNKNOWN, KzgServer, Poll, bearer, error  # noqa: E402

# Whoever asks as often as they like is neither early nor late; only what a test names has a cost.
RULES = ('entry=fifo', 'checkin_every_s=60', 'checkin_tolerance_s=60', 'on_aborted=place',
         'on_missed=place', 'park_s=3600', 'park_max=3', 'offer_s=3600')
CLOSED = (400, error('TryContributeError::CeremonyClosed', 'the ceremony takes nobody new'))
MOVED = (400, error('TryContributeError::CeremonyHandedOver',
                    'the ceremony has moved to another server'))


class Queue(KzgServer):
    def __init__(self, *rules):
        super().__init__(*RULES, *rules)

    def call(self, session):
        """(status, fields, value) of a poll that is answered at once."""
        status, fields, body = self.post('/lobby/try_contribute', bearer(session))
        return status, fields, json.loads(body)

    def answer(self, session):
        status, _, value = self.call(session)
        return status, value

    def busy(self, session):
        """The header fields of a busy answer, which has no key of ours in its body."""
        status, fields, value = self.call(session)
        assert (status, value) == BUSY, (status, value)
        return fields

    def waiting(self):
        return self.json('GET', '/ceremony/status')[1]['waiting']

    def in_turn(self):
        """The number of the turn under way, 0 for none, and what it is at."""
        status = self.json('GET', '/ceremony/status')[1]
        return status['lease'], status['phase']

    def abort(self, session):
        assert self.ask(session, path='/contribution/abort') == (200, {})

    def set_mode(self, command, name):
        """By the operator, beside the server, which sees it soon."""
        done(convoke('ceremony', command, self.dir))
        until(lambda: self.json('GET', '/ceremony/status')[1]['mode'] == name)

    def join_parked(self, session):
        """Joins behind those who wait; the poll sleeps."""
        before = self.waiting()
        poll = Poll(self, session)
        until(lambda: self.waiting() == before + 1)
        return poll


def the_sleeping_poll_of_the_next_in_line_is_answered_with_the_turn():
    with Queue() as s:
        first, second = s.newcomer(), s.newcomer()
        s.take_turn(first)
        poll = s.join_parked(second)
        assert not poll.answered()
        s.abort(first)
        poll.must_be_the_turn()
        assert s.in_turn() == (2, 'fetching') or s.in_turn() == (2, 'computing')


def turns_come_in_the_order_of_joining():
    with Queue() as s:
        people = [s.newcomer() for _ in range(4)]
        s.take_turn(people[0])
        polls = [s.join_parked(session) for session in people[1:]]
        for session, poll in zip(people, polls):
            assert not any(p.answered() for p in polls[polls.index(poll):])
            s.abort(session)
            poll.must_be_the_turn()


def only_the_first_few_in_line_are_kept_on_the_line():
    with Queue('park_max=1') as s:
        people = [s.newcomer() for _ in range(4)]
        s.take_turn(people[0])
        first = s.join_parked(people[1])
        fields = s.busy(people[2])
        assert (fields['x-queue-position'], fields['x-queue-size']) == ('2', '2'), fields
        fields = s.busy(people[3])
        assert (fields['x-queue-position'], fields['x-queue-size']) == ('3', '3'), fields
        s.abort(people[0])
        first.must_be_the_turn()


def a_poll_that_slept_its_time_out_is_answered_busy_as_ever():
    with Queue('park_s=1') as s:
        first, second = s.newcomer(), s.newcomer()
        s.take_turn(first)
        assert Poll(s, second).read() == BUSY
        assert s.in_turn()[0] == 1


def who_hung_up_loses_only_the_start_window():
    with Queue('offer_s=1') as s:
        first, gone, third = s.newcomer(), s.newcomer(), s.newcomer()
        s.take_turn(first)
        s.join_parked(gone).hang_up()
        poll = s.join_parked(third)
        s.abort(first)
        poll.must_be_the_turn()
        status = s.json('GET', '/ceremony/status')[1]
        assert (status['lease'], status['expired']) == (3, 1), status


def who_hung_up_and_comes_back_in_the_start_window_has_the_turn():
    with Queue() as s:
        first, gone, third = s.newcomer(), s.newcomer(), s.newcomer()
        s.take_turn(first)
        s.join_parked(gone).hang_up()
        behind = s.join_parked(third)
        s.abort(first)
        until(lambda: s.in_turn()[0] == 2)
        assert s.in_turn() == (2, 'offered')  # the one who had hung up is not taken as having come
        s.take_turn(gone)
        assert not behind.answered()


def a_second_poll_of_somebody_whose_first_sleeps_is_answered_at_once():
    with Queue() as s:
        first, second = s.newcomer(), s.newcomer()
        s.take_turn(first)
        poll = s.join_parked(second)
        assert s.busy(second)['x-queue-position'] == '1'
        s.abort(first)
        poll.must_be_the_turn()


def a_server_that_stops_wakes_the_polls_that_sleep():
    with Queue() as s:
        people = [s.newcomer() for _ in range(4)]
        s.take_turn(people[0])
        polls = [s.join_parked(session) for session in people[1:]]
        assert s.stop() == 0  # long before park_s is over
        assert [poll.read() for poll in polls] == 3 * [BUSY]
        s.start()
        assert s.waiting() == 3  # nobody has lost a place


def whoever_asks_first_has_the_free_turn_when_nobody_is_ready():
    """As those do who ask every 30 s, where nothing can be parked."""
    with Queue('park_s=0') as s:
        first, second, third = s.newcomer(), s.newcomer(), s.newcomer()
        s.take_turn(first)
        assert s.busy(second)['x-queue-position'] == '1'
        assert s.busy(third)['x-queue-position'] == '2'
        s.abort(first)
        s.take_turn(third)
        assert s.busy(second)['x-queue-position'] == '1'  # keeps the place


def the_longest_waiter_who_asks_often_is_offered_the_turn():
    with Queue('park_s=0', 'ready_s=600') as s:
        first, second, third = s.newcomer(), s.newcomer(), s.newcomer()
        s.take_turn(first)
        for session in (second, third, second, third):
            s.busy(session)
        s.abort(first)
        assert s.in_turn() == (2, 'offered')
        s.busy(third)
        s.take_turn(second)


def a_busy_answer_says_when_to_ask_again():
    with Queue('park_s=0') as s:
        first, second = s.newcomer(), s.newcomer()
        s.take_turn(first)
        fields = s.busy(second)
        assert fields['retry-after'] == '60', fields  # nothing was measured yet
        assert 'x-expected-wait' not in fields, fields


def measured_turns_give_an_expected_wait():
    with Queue('park_s=0', 'contributions_max=0') as s:
        holder, second = s.newcomer(), s.newcomer()
        for _ in range(5):
            s.take_turn(holder)
            s.abort(holder)
        s.take_turn(holder)
        low, mean, high = map(int, s.busy(second)['x-expected-wait'].split('-'))
        assert 0 <= low <= mean <= high, (low, mean, high)
        status = s.json('GET', '/ceremony/status')[1]
        assert status['measured']['turns'] >= 5, status
        assert sorted(status['expected_wait']) == ['high_ms', 'low_ms', 'mean_ms'], status
        page = s.get('/')[2].decode()
        assert 'expected wait' in page and 'waiting in the queue' in page, page


def asking_too_soon_is_told_with_the_wait():
    with Queue('park_s=0', 'checkin_shortest_s=600', 'checkin_tolerance_s=0') as s:
        first, second = s.newcomer(), s.newcomer()
        s.take_turn(first)
        s.busy(second)
        status, fields, value = s.call(second)
        assert (status, value) == EARLY, (status, value)
        assert (fields['retry-after'], fields['x-queue-position']) == ('600', '1'), fields


def a_full_queue_says_so():
    with Queue('waiting_max=1', 'park_s=0') as s:
        people = [s.newcomer() for _ in range(3)]
        s.take_turn(people[0])
        s.busy(people[1])
        status, fields, value = s.call(people[2])
        assert (status, value) == LOBBY_FULL, (status, value)
        assert 'x-queue-position' not in fields and fields['retry-after'] == '60', fields


def a_cool_down_is_told_with_its_rest():
    with Queue('on_aborted=cooldown', 'cooldown_s=1000') as s:
        session = s.newcomer()
        s.take_turn(session)
        s.abort(session)
        status, fields, value = s.call(session)
        assert (status, value) == EARLY, (status, value)
        assert 900 < int(fields['retry-after']) <= 1000, fields
        assert fields['x-cool-down'] == fields['retry-after'], fields


def who_has_too_many_strikes_is_out():
    with Queue('on_aborted=strike', 'strikes_max=1', 'cooldown_s=0') as s:
        session = s.newcomer()
        s.take_turn(session)
        s.abort(session)
        assert s.answer(session) == UNKNOWN


def a_draining_queue_takes_nobody_new_and_serves_those_who_wait():
    with Queue('contributions_max=0') as s:
        first, second, late = s.newcomer(), s.newcomer(), s.newcomer()
        s.take_turn(first)
        poll = s.join_parked(second)
        s.set_mode('drain', 'draining')
        status, fields, value = s.call(late)
        assert (status, value) == CLOSED, (status, value)
        assert fields['x-ceremony-mode'] == 'draining' and 'retry-after' not in fields, fields
        s.abort(first)
        poll.must_be_the_turn()
        s.abort(second)
        status = s.json('GET', '/ceremony/status')[1]
        assert (status['drained'], status['lease']) == (True, 0), status
        assert 'had their turn' in s.get('/')[2].decode()


def in_a_pause_people_may_wait_and_nobody_gets_the_turn():
    with Queue('park_s=0') as s:
        first, second = s.newcomer(), s.newcomer()
        s.set_mode('pause', 'paused')
        fields = s.busy(first)
        assert (fields['x-queue-position'], fields['x-ceremony-mode']) == ('1', 'paused'), fields
        assert s.busy(second)['x-queue-position'] == '2'
        assert 'is paused' in s.get('/')[2].decode()
        s.set_mode('reopen', 'open')
        s.take_turn(first)


def a_ceremony_that_was_handed_over_says_so():
    with Queue() as s:
        session = s.newcomer()
        waiting = s.newcomer()
        s.set_mode('pause', 'paused')
        assert s.answer(waiting) == BUSY
        done(convoke('ceremony', 'export', s.dir, s.path('bundle'), '--to', '0x' + 40 * '1'))
        until(lambda: s.json('GET', '/ceremony/status')[1]['handed_over'])
        for who in (session, waiting):
            assert s.answer(who) == MOVED
        status, _, body = s.sign_in(s.invite()[0])
        assert (status, json.loads(body)['code']) == (503, 'AuthErrorPayload::CeremonyHandedOver')
        assert s.json('GET', '/ceremony/status')[1]['phase'] == 'handed-over'
        assert 'moved to another server' in s.get('/')[2].decode()


def status_has_the_whole_policy():
    with Queue() as s:
        status = s.json('GET', '/ceremony/status')[1]
        assert (status['entry'], status['mode'], status['waiting']) == ('fifo', 'open', 0), status
        assert (status['drained'], status['handed_over']) == (False, False), status
        assert (status['measured']['turns'], status['expected_wait']) == (0, None), status
        policy = status['policy']
        assert policy['park_ms'] == 3600000 and policy['park_max'] == 3, policy
        assert policy['cost'] == {'missed': 'place', 'expired': 'nothing', 'aborted': 'place',
                                  'invalid': 'nothing'}, policy
        assert policy['deadline_ms']['offered'] == 3600000, policy


tap.main(the_sleeping_poll_of_the_next_in_line_is_answered_with_the_turn,
         turns_come_in_the_order_of_joining,
         only_the_first_few_in_line_are_kept_on_the_line,
         a_poll_that_slept_its_time_out_is_answered_busy_as_ever,
         who_hung_up_loses_only_the_start_window,
         who_hung_up_and_comes_back_in_the_start_window_has_the_turn,
         a_second_poll_of_somebody_whose_first_sleeps_is_answered_at_once,
         a_server_that_stops_wakes_the_polls_that_sleep,
         whoever_asks_first_has_the_free_turn_when_nobody_is_ready,
         the_longest_waiter_who_asks_often_is_offered_the_turn,
         a_busy_answer_says_when_to_ask_again,
         measured_turns_give_an_expected_wait,
         asking_too_soon_is_told_with_the_wait,
         a_full_queue_says_so,
         a_cool_down_is_told_with_its_rest,
         who_has_too_many_strikes_is_out,
         a_draining_queue_takes_nobody_new_and_serves_those_who_wait,
         in_a_pause_people_may_wait_and_nobody_gets_the_turn,
         a_ceremony_that_was_handed_over_says_so,
         status_has_the_whole_policy)
