"""What a server tells those who watch over it: its numbers, its health, what it has signed."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import convoke, done  # noqa: E402
from disk import FileLimit, SmallDisk  # noqa: E402
from event_stream import EventStream  # noqa: E402
from exposition import Metrics  # noqa: E402
from http_probe import until  # noqa: E402
from kzg_server import Holder, KzgServer, bearer, compact, error, vectors  # noqa: E402
from market import Market  # noqa: E402

OK = (200, {'status': 'ok'})
NO_JOURNAL = (503, {'status': 'failing', 'why': 'the journal takes no entries'})
NO_TIME = (503, {'status': 'failing', 'why': 'the server does not keep time'})


def metrics(s):
    status, fields, body = s.get('/metrics')
    assert status == 200 and fields['content-type'] == 'text/plain; version=0.0.4; charset=utf-8'
    return Metrics(body.decode())


def health(s):
    return s.json('GET', '/health')


# ---- numbers ----

def every_line_of_the_numbers_can_be_read():
    with KzgServer() as s:
        m = metrics(s)
        assert m['convoke_ceremony_info', 'name', s.json('GET', '/ceremony/status')[1]['name'],
                 'kind', 'kzg'] == 1
        assert m['process_resident_memory_bytes'] > 1e6 and m['process_open_fds'] > 5
        assert m['process_max_fds'] >= m['process_open_fds']
        assert m['convoke_database_bytes'] > 0 and m['convoke_disk_free_bytes'] > 0
        assert m['convoke_healthy'] == 1


def the_table_of_numbers_is_complete():
    path = os.path.join(os.path.dirname(__file__), '..', '..', 'docs', 'METRICS.md')
    with open(path, encoding='utf-8') as f:
        rows = [row.split('|') for row in f if row.startswith('| `')]
    listed = {name: row[2].strip() for row in rows if len(row) == 5
              for name in re.findall(r'`([a-z_]+)(?:\{[a-z,]+\})?`', row[1])}
    with Market(ceremony=True) as s:  # a server of all that there is
        assert metrics(s).types == listed


def numbers_follow_what_happens():
    with KzgServer() as s:
        before = metrics(s)
        holder, other = s.newcomer(), s.newcomer()
        s.take_turn(holder)
        s.ask(other)
        with EventStream(s, '/events'):
            m = metrics(s)
            assert m['convoke_streams'] == 1
        assert (m['convoke_sessions'], m['convoke_turns_total']) == (2, 1)
        assert m['convoke_phase', 'phase', 'free'] == 0
        assert sum(m['convoke_phase', 'phase', p] for p in
                   ('offered', 'fetching', 'computing', 'uploading', 'verifying')) == 1
        assert m['convoke_phase_deadline_timestamp_seconds'] > 1.6e9
        assert m['convoke_journal_entries_total'] > before['convoke_journal_entries_total']
        bad = vectors()['contribution_A']
        bad['contributions'][0]['potPubkey'] = bad['contributions'][1]['potPubkey']
        assert s.give(holder, compact(bad))[0] == 400
        s.contribute_as(other, compact(vectors()['contribution_A']))
        s.take_turn(holder)
        assert s.ask(holder, path='/contribution/abort') == (200, {})
        m = metrics(s)
        assert m['convoke_turns_total'] == 3 and m['convoke_contributions_total'] == 1
        ends = [m['convoke_turn_ends_total', 'outcome', o]
                for o in ('accepted', 'refused', 'expired', 'aborted')]
        assert ends == [1, 1, 0, 1], ends
        assert m['convoke_verification_seconds_count'] == 2
        assert m['convoke_signed_head_entries'] > 0
        assert m['convoke_phase', 'phase', 'free'] == 1
        until(lambda: metrics(s)['convoke_streams'] == 0)


def requests_and_connections_are_counted():
    with KzgServer() as s:
        before = metrics(s)
        with s.connect(), EventStream(s, '/events'):
            for _ in range(5):
                assert s.get('/info/status')[0] == 200
            assert s.get('/nothing')[0] == 404
            until(lambda: metrics(s)['convoke_http_connections', 'phase', 'asleep'] == 1)
            m = metrics(s)
        name = 'convoke_http_requests_total'
        assert m[name, 'status', '2xx'] >= before[name, 'status', '2xx'] + 5
        assert m[name, 'status', '4xx'] == before[name, 'status', '4xx'] + 1
        assert m['convoke_http_request_seconds_count'] > before['convoke_http_request_seconds_count']
        assert m['convoke_http_connections', 'phase', 'waiting'] >= 1


def the_mode_is_among_the_numbers():
    with KzgServer() as s:
        assert metrics(s)['convoke_mode', 'mode', 'open'] == 1
        done(convoke('ceremony', 'pause', s.dir))
        until(lambda: metrics(s)['convoke_mode', 'mode', 'paused'] == 1)
        m = metrics(s)
        assert (m['convoke_mode', 'mode', 'open'], m['convoke_mode', 'mode', 'draining']) == (0, 0)


def numbers_name_nobody():
    with KzgServer() as s:
        invitation, identity = s.invite()
        session = s.session(invitation)
        s.contribute_as(session, compact(vectors()['contribution_A']))
        text = s.get('/metrics')[2].decode().lower()
        for secret in (invitation.split(':')[1], identity.split('|')[1].strip(), session):
            assert secret.lower() not in text, secret


# ---- health ----

def a_server_that_works_is_well():
    with KzgServer() as s:
        assert health(s) == OK


def whoever_cannot_write_the_journal_is_not_well_until_it_can_again():
    with Holder() as s:
        with FileLimit(s) as disk:
            assert health(s) == OK
            disk.fill(1)
            status, _ = s.ask(s.holder, path='/contribution/abort')
            assert status == 500, status
            assert health(s) in (NO_JOURNAL, NO_TIME), health(s)
            assert metrics(s)['convoke_healthy'] == 0
            disk.free()
            until(lambda: health(s) == OK)  # by itself: nobody asks for anything
        assert s.ask(s.holder, path='/contribution/abort') == (200, {})


def a_full_disk_shows_and_passes():
    with KzgServer(serving=False) as s:
        with SmallDisk(s, '32m') as disk:
            s.start()
            session = s.newcomer()
            assert health(s) == OK
            disk.fill(0)
            assert health(s)[0] == 503
            assert s.ask(session)[0] == 500
            disk.free()
            until(lambda: health(s) == OK)
            s.take_turn(session)
            s.stop()


# ---- what is signed ----

def the_newest_head_is_given_once_there_is_one():
    with KzgServer() as s:
        none = (404, error('JournalError::NoHead',
                           'no head is signed before the first contribution'))
        assert s.json('GET', '/journal/head') == none
        for n, name in enumerate(('contribution_A', 'contribution_B'), 1):
            s.contribute_as(s.newcomer(), compact(vectors()[name]))
            status, signed = s.json('GET', '/journal/head')
            assert status == 200
            head = json.loads(signed['head'])
            assert head['entries'] == metrics(s)['convoke_journal_entries_total'], (n, head)
            with open(os.path.join(s.dir, 'heads', head['ceremony'] + '.json'),
                      encoding='ascii') as f:
                assert json.load(f) == signed
        s.stop()
        s.start()
        assert s.json('GET', '/journal/head') == (200, signed)


tap.main(every_line_of_the_numbers_can_be_read,
         the_table_of_numbers_is_complete,
         numbers_follow_what_happens,
         requests_and_connections_are_counted,
         the_mode_is_among_the_numbers,
         numbers_name_nobody,
         a_server_that_works_is_well,
         whoever_cannot_write_the_journal_is_not_well_until_it_can_again,
         a_full_disk_shows_and_passes,
         the_newest_head_is_given_once_there_is_one)
