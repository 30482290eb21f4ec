"""What is told as it happens: the public journal, and one's own place and turn."""
import json
import os
import re
import resource
import signal
import socket
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import convoke, done  # noqa: E402
from event_stream import EventStream, journal_lines  # noqa: E402
from http_probe import until  # noqa: E402
from kzg_server import (INVALID, KzgServer, UNKNOWN, bearer, compact, error,  # noqa: E402
                        vectors)

QUEUE = ('entry=fifo', 'checkin_every_s=60', 'checkin_tolerance_s=60', 'on_aborted=place',
         'on_missed=place', 'offer_s=3600', 'park_s=0')


def kinds(events):
    return [e.value['event']['type'] for e in events]


def public_lines(s):
    """The lines of an export of now."""
    with tempfile.TemporaryDirectory(prefix='convoke-e2e.') as at:
        done(convoke('ceremony', 'export', s.dir, at))
        return journal_lines(at)


def newest(s):
    with EventStream(s, '/events') as stream:
        return stream.preface.id


def assert_journal(events, from_, exported):
    """They are the entries from `from_` on, each once, in order, as exported."""
    assert [e.id for e in events] == list(range(from_, from_ + len(events))), events
    assert all(e.name == 'journal' for e in events), events
    assert [e.data for e in events] == exported[from_ - 1:from_ - 1 + len(events)]


# ---- the public journal ----

def a_contribution_is_told_as_it_happens():
    with KzgServer() as s:
        with EventStream(s, '/events') as stream:
            assert stream.fields['cache-control'] == 'no-store', stream.fields
            assert stream.fields['access-control-allow-origin'] == '*', stream.fields
            first = stream.preface.id + 1
            assert stream.quiet()
            session = s.newcomer()
            s.contribute_as(session, compact(vectors()['contribution_A']))
            events = []
            while not events or kinds(events)[-1] != 'ContributionAccepted':
                events.append(stream.next())
        told = kinds(events)
        assert told[0] == 'ParticipantAdmitted' and 'LeaseGranted' in told, told
        assert_journal(events, first, public_lines(s))


def the_whole_journal_is_told_from_its_first_entry():
    with KzgServer() as s:
        done(s.contribute())
        exported = public_lines(s)
        with EventStream(s, '/events?from=1') as stream:
            assert stream.preface.id == 0
            assert_journal(stream.take(len(exported)), 1, exported)
            assert stream.quiet(0.2)


def a_stream_resumes_behind_the_last_event_id():
    with KzgServer() as s:
        done(s.contribute())
        exported = public_lines(s)
        for last in (0, 1, len(exported) - 1, len(exported)):
            # the header field is the newer word: it is what a browser sends when it comes again
            with EventStream(s, '/events?from=1', 'Last-Event-ID: %d' % last) as stream:
                assert stream.preface.id == last
                assert_journal(stream.take(len(exported) - last), last + 1, exported)
                assert stream.quiet()


def nothing_is_lost_or_told_twice_over_a_crash():
    with KzgServer() as s:
        stream = EventStream(s, '/events?from=1')
        done(s.contribute())
        told = [stream.until(lambda e: e.value['event']['type'] == 'ContributionAccepted')]
        last = told[-1].id
        s.stop(signal.SIGKILL)
        stream.close()
        s.start()
        done(s.contribute())
        with EventStream(s, '/events', 'Last-Event-ID: %d' % last) as again:
            events = [again.next()]
            while kinds(events)[-1] != 'ContributionAccepted':
                events.append(again.next())
        assert_journal(events, last + 1, public_lines(s))


def what_the_operator_does_beside_the_server_is_told():
    with KzgServer() as s, EventStream(s, '/events') as stream:
        done(convoke('ceremony', 'pause', s.dir))
        assert kinds(stream.take(1)) == ['ModeChanged']


def a_position_that_is_none_is_refused():
    with KzgServer() as s:
        bad = (400, error('EventsError::BadPosition',
                          'from and Last-Event-ID are numbers of journal entries'))
        away = (400, error('EventsError::NotThere', 'this journal has no such entry yet'))
        for query in ('from=0', 'from=', 'from=-1', 'from=1x', 'from=%zz', 'from=' + '9' * 19):
            assert s.json('GET', '/events?' + query) == bad, query
        for last in ('x', '-1', '1.5', '9' * 19):
            assert s.json('GET', '/events', 'Last-Event-ID: ' + last) == bad, last
        end = newest(s)
        assert s.json('GET', '/events?from=%d' % (end + 2)) == away
        assert s.json('GET', '/events', 'Last-Event-ID: %d' % (end + 1)) == away
        with EventStream(s, '/events?from=%d' % (end + 1)) as stream:
            assert stream.preface.id == end
        status, fields, body = s.request('HEAD /events HTTP/1.1\nHost: h\n')
        assert (status, fields['content-type'], body) == (200, 'text/event-stream', b'')


def identities_of_those_who_wait_are_not_told():
    with KzgServer(*QUEUE) as s, EventStream(s, '/events?from=1') as stream:
        holder, invited = s.newcomer(), s.invite()
        s.take_turn(holder)
        waiter = s.session(invited[0])
        s.ask(waiter)
        stream.until(lambda e: e.value['event'].get('participant') == 2 and
                     e.value['event']['type'] == 'Joined')
        with EventStream(s, '/events?from=1') as whole:
            told = ' '.join(e.data for e in whole.take(newest(s)))
        for secret in (invited[1].strip(), invited[1].split('|')[1].strip()[2:], waiter, holder):
            assert secret.lower() not in told.lower(), secret


def three_hundred_follow_at_once():
    with KzgServer() as s:
        streams = [EventStream(s, '/events?from=1') for _ in range(90)]
        # the rest come under other addresses of this machine, as one has only so many connections
        streams += [EventStream(Elsewhere(s, i), '/events?from=1') for i in range(210)]
        done(s.contribute())
        exported = public_lines(s)
        for stream in streams:
            assert_journal(stream.take(len(exported)), 1, exported)
            stream.close()
        status, _, _ = s.get('/info/status')
        assert status == 200


class Elsewhere:
    """The same server for a client with another address."""

    def __init__(self, server, number):
        self.server, self.number = server, number

    def connect(self):
        return socket.create_connection(('127.0.0.1', self.server.port), timeout=60,
                                        source_address=('127.0.1.%d' % (1 + self.number % 200), 0))


def who_reads_slowly_hears_everything_and_hinders_nobody():
    with KzgServer() as s:
        slow = EventStream(s, '/events?from=1', buffer=4096)
        with EventStream(s, '/events?from=1') as quick:
            for _ in range(6):  # more than fits between them and the ring's end
                churn(s, 60)
            end = newest(s)
            assert end > 600
            assert quick.until(lambda e: e.id == end)
        exported = public_lines(s)
        assert_journal(slow.take(end), 1, exported)
        slow.close()


def churn(s, n):
    """n times, somebody takes the turn and gives it up."""
    session = s.newcomer()
    for _ in range(n):
        s.take_turn(session)
        assert s.ask(session, path='/contribution/abort') == (200, {})


def what_has_fallen_out_of_memory_is_told_from_the_database():
    with KzgServer() as s:
        churn(s, 600)  # two entries each: the first are not in the ring any more
        exported = public_lines(s)
        assert len(exported) > 1200
        with EventStream(s, '/events?from=1') as stream:
            assert_journal(stream.take(len(exported)), 1, exported)
            churn(s, 1)
            assert stream.next().id == len(exported) + 1


def whoever_is_one_too_many_is_sent_away_for_a_while():
    limit = 2000  # LIMIT_STREAMS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * limit:
        raise tap.Skip('only %d files may be open here' % hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with KzgServer() as s:
        streams = [EventStream(Elsewhere(s, i), '/events') for i in range(limit)]
        status, fields, body = s.get('/events')
        assert (status, json.loads(body)['code']) == (503, 'EventsError::TooManyStreams'), body
        assert int(fields['retry-after']) > 0
        session = s.newcomer()
        assert s.json('GET', '/events/me', bearer(session))[0] == 503
        churn(s, 1)
        for stream in streams:  # and all of the others hear what happens
            assert kinds(stream.take(1)) == ['ParticipantAdmitted']
            stream.close()
        churn(s, 1)  # finds that they are gone
        until(lambda: s.request('HEAD /events HTTP/1.1\nHost: h\n')[0] == 200)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def a_silent_stream_says_now_and_then_that_it_is_there():
    with KzgServer() as s:
        session = s.newcomer()
        with EventStream(s, '/events') as public, own(s, session) as mine:
            assert mine.next().name == 'place'
            assert public.block().comment  # in 15 s; a test gives up after a minute
            assert mine.block().comment


def streams_end_when_the_server_stops():
    with KzgServer() as s:
        session = s.newcomer()
        streams = [EventStream(s, '/events') for _ in range(20)]
        streams += [EventStream(s, '/events/me', bearer(session)) for _ in range(20)]
        ended = []

        def listen():
            for stream in streams:
                while stream.next() is not None:
                    pass
                ended.append(stream)
        listener = threading.Thread(target=listen)
        listener.start()
        assert s.stop() == 0
        listener.join(60)
        assert len(ended) == len(streams)


# ---- one's own ----

def own(s, session):
    return EventStream(s, '/events/me', bearer(session))


def whoever_has_no_session_has_no_stream_of_their_own():
    with KzgServer() as s:
        assert s.json('GET', '/events/me') == INVALID
        assert s.json('GET', '/events/me', bearer('0' * 36)) == UNKNOWN


def a_turn_in_a_queue_is_told_from_waiting_to_its_end():
    with KzgServer(*QUEUE) as s:
        first, second, third = s.newcomer(), s.newcomer(), s.newcomer()
        with own(s, third) as stream:
            assert next_of(stream) == ('place', {'waits': False, 'position': None, 'ahead': None,
                                                 'waiting': 0, 'expected_wait': None,
                                                 'mode': 'open'})
            s.take_turn(first)
            s.ask(second)
            s.ask(third)
            event = stream.until(lambda e: e.value.get('position') is not None)
            assert (event.name, event.value['waits'], event.value['position'],
                    event.value['ahead']) == ('place', True, 2, 1), event
            s.ask(first, path='/contribution/abort')
            s.take_turn(second)
            event = stream.until(lambda e: e.name == 'next')
            assert (event.value['position'], event.value['ahead']) == (1, 0), event
            s.ask(second, path='/contribution/abort')
            s.take_turn(third)
            event = stream.until(lambda e: e.name == 'turn')
            assert event.value['lease'] == 3, event
            assert event.value['phase'] in ('offered', 'fetching', 'computing'), event
            assert re.fullmatch(r'\d{4}-\d\d-\d\dT[\d:.]+Z', event.value['phase_ends']), event
            assert 0 < event.value['left_ms'] <= 3600000, event
            status, _ = s.give(third, compact(vectors()['contribution_A']))
            assert status == 200
            event = stream.until(lambda e: e.name == 'over')
            assert event.value == {'outcome': 'accepted', 'index': 1, 'reason': None}
            assert stream.next() is None
        with own(s, third) as again:  # who comes again hears that it is over
            event = again.next()
            assert (event.name, event.value['outcome'], event.value['index']) == \
                ('over', 'accepted', 1), event
            assert again.next() is None
        s.stop(signal.SIGKILL)
        s.start()
        with own(s, third) as again:
            assert again.next().value == {'outcome': 'accepted', 'index': 1, 'reason': None}


def next_of(stream):
    event = stream.next()
    return event.name, event.value


def a_turn_in_a_lobby_is_told_without_a_place():
    with KzgServer('checkin_every_s=30', 'checkin_tolerance_s=30') as s:
        first, second = s.newcomer(), s.newcomer()
        s.take_turn(first)
        s.ask(second)
        with own(s, second) as stream:
            name, value = next_of(stream)
            assert (name, value['waits'], value['position'], value['waiting']) == \
                ('place', True, None, 1), (name, value)
            s.ask(first, path='/contribution/abort')
            s.take_turn(second)
            assert stream.until(lambda e: e.name == 'turn').value['lease'] == 2
            body = vectors()['contribution_A']
            body['contributions'][0]['potPubkey'] = body['contributions'][1]['potPubkey']
            status, answer = s.give(second, compact(body))
            assert status == 400, answer
            event = stream.until(lambda e: e.name == 'over')
            assert event.value == {'outcome': 'refused', 'index': None, 'reason': answer['code']}
            assert stream.next() is None


def a_turn_that_runs_out_is_told():
    with KzgServer('fetch_s=1', 'compute_s=1') as s:
        session = s.newcomer()
        with own(s, session) as stream:
            s.take_turn(session)
            event = stream.until(lambda e: e.name == 'over')
            assert event.value['outcome'] == 'expired', event
            assert event.value['reason'] in ('fetching', 'computing'), event


def a_place_that_is_lost_is_told():
    with KzgServer(*QUEUE) as s:
        first, invited = s.newcomer(), s.invite()
        s.take_turn(first)
        second = s.session(invited[0])
        s.ask(second)
        with own(s, second) as stream:
            done(convoke('participant', 'drop', s.dir, invited[1].strip()))
            event = stream.until(lambda e: e.name == 'over')
            assert event.value == {'outcome': 'left', 'index': None, 'reason': 'dropped'}


def an_own_stream_is_no_check_in():
    with KzgServer(*QUEUE) as s:
        session = s.newcomer()
        with own(s, session) as stream:
            stream.next()
            assert s.json('GET', '/ceremony/status')[1]['waiting'] == 0
            until(lambda: s.phase() == 'free')


tap.main(a_contribution_is_told_as_it_happens,
         the_whole_journal_is_told_from_its_first_entry,
         a_stream_resumes_behind_the_last_event_id,
         nothing_is_lost_or_told_twice_over_a_crash,
         what_the_operator_does_beside_the_server_is_told,
         a_position_that_is_none_is_refused,
         identities_of_those_who_wait_are_not_told,
         three_hundred_follow_at_once,
         who_reads_slowly_hears_everything_and_hinders_nobody,
         what_has_fallen_out_of_memory_is_told_from_the_database,
         whoever_is_one_too_many_is_sent_away_for_a_while,
         a_silent_stream_says_now_and_then_that_it_is_there,
         streams_end_when_the_server_stops,
         whoever_has_no_session_has_no_stream_of_their_own,
         a_turn_in_a_queue_is_told_from_waiting_to_its_end,
         a_turn_in_a_lobby_is_told_without_a_place,
         a_turn_that_runs_out_is_told,
         a_place_that_is_lost_is_told,
         an_own_stream_is_no_check_in)
