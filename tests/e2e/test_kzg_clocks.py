"""Time that passes while the server does not work, and clocks that are set: nobody loses a turn or a
place, and the ceremony goes on. The wall clock of one server is moved by a preloaded library."""
import email.utils
import json
import os
import signal
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import convoke, done  # noqa: E402
from http_probe import program, until  # noqa: E402
from kzg_server import BUSY, Holder  # noqa: E402
from storm import journal_of  # noqa: E402

DEADLINE_S, AWAY_S = 3, 6
HOUR_MS, DAY_MS = 3600 * 1000, 24 * 3600 * 1000
SHORT = ['%s_s=%d' % (phase, DEADLINE_S) for phase in ('fetch', 'compute', 'upload')]


def events(s):
    return [json.loads(line) for line in journal_of(s.dir, s.path('copy'))]


def date_of(s):
    """What the server takes the time for, by its answers."""
    return email.utils.parsedate_to_datetime(s.get('/health')[1]['date']).timestamp()


def count(s, kind):
    return sum(event['type'] == kind for event in events(s))


def the_holder_finishes(s):
    lease = s.json('GET', '/ceremony/status')[1]['lease']
    assert lease == 1, 'the turn is lost'
    assert s.hand_in()[0] == 200
    assert count(s, 'LeaseGranted') == 1 and count(s, 'LeaseExpired') == 0
    times = [event['now'] for event in events(s)]
    assert times == sorted(times), times


def a_deadline_runs_while_the_server_works():
    with Holder(*SHORT) as s:
        until(lambda: count(s, 'LeaseExpired') == 1)


def a_server_that_was_stopped_for_longer_than_a_deadline_kept_the_turn():
    with Holder(*SHORT) as s:
        s.process.send_signal(signal.SIGSTOP)
        time.sleep(AWAY_S)  # the time itself is what is tested
        s.process.send_signal(signal.SIGCONT)
        until(lambda: count(s, 'ClockSkipped') > 0)
        the_holder_finishes(s)


def a_server_that_was_down_for_longer_than_a_deadline_kept_the_turn():
    with Holder(*SHORT) as s:
        s.stop(signal.SIGKILL)
        time.sleep(AWAY_S)
        s.start()
        assert count(s, 'ClockSkipped') == 1
        the_holder_finishes(s)


class Shifted(Holder):
    """A server whose wall clock `shift` moves, with somebody who waits in the queue."""

    def __init__(self, *rules):
        super().__init__(*rules, serving=False)
        library = program('libshift_clock.so')
        if not os.path.exists(library):
            raise tap.Skip('no %s' % library)
        self.env = {'LD_PRELOAD': library, 'SHIFT_CLOCK': self.path('shift')}
        self.shift(0)
        probe = convoke('version', env=self.env)
        if 'ASan runtime' in probe.stderr:
            raise tap.Skip('nothing can be preloaded before a sanitizer')
        done(probe)
        self.start()
        self.begin()
        self.waiting = self.newcomer()
        assert self.ask(self.waiting) == BUSY

    def shift(self, ms):
        flags = os.O_RDWR | os.O_CREAT
        fd = os.open(self.path('shift'), flags, 0o600)
        os.pwrite(fd, struct.pack('=q', ms), 0)
        os.close(fd)


def an_hour_ahead_costs_nobody_the_turn_or_the_place():
    with Shifted('entry=fifo') as s:
        s.shift(HOUR_MS)
        until(lambda: count(s, 'ClockSkipped') == 1)
        the_holder_finishes(s)
        assert count(s, 'Left') == 0
        s.take_turn(s.waiting)


def a_day_back_costs_nobody_the_turn_or_the_place():
    with Shifted('entry=fifo') as s:
        s.shift(-DAY_MS)
        assert date_of(s) < time.time() - DAY_MS // 2000, 'the clock does not move'
        the_holder_finishes(s)
        assert count(s, 'Left') == 0 and count(s, 'ClockSkipped') == 0
        s.take_turn(s.waiting)
        assert s.give(s.waiting, s.prepare(s.waiting))[0] == 200


def a_start_with_a_clock_a_day_behind_goes_on():
    with Shifted('entry=fifo') as s:
        s.stop()
        s.shift(-DAY_MS)
        s.start()
        the_holder_finishes(s)
        s.take_turn(s.waiting)


if __name__ == '__main__':
    tap.main(a_deadline_runs_while_the_server_works,
             a_server_that_was_stopped_for_longer_than_a_deadline_kept_the_turn,
             a_server_that_was_down_for_longer_than_a_deadline_kept_the_turn,
             an_hour_ahead_costs_nobody_the_turn_or_the_place,
             a_day_back_costs_nobody_the_turn_or_the_place,
             a_start_with_a_clock_a_day_behind_goes_on)
