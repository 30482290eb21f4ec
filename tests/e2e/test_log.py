"""What a server writes of its work: a line for what is of consequence, and no secrets."""
import json
import os
import re
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from event_stream import EventStream  # noqa: E402
from http_probe import until  # noqa: E402
from kzg_server import KzgServer, bearer, compact, query_of, vectors  # noqa: E402
from wallet import Wallet, nonce  # noqa: E402

SAID = ('convoke: listening on ', 'convoke: serving ')  # on standard output
PAIR = re.compile(r' ([a-z_]+)=("(?:[^"\\]|\\.)*"|[^ "=\\]+)')
LINE = re.compile(r'(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (error|warn|info|debug)((?:%s)+)' %
                  PAIR.pattern)


def entries(s):
    """The lines of the log as dictionaries; a line that is none of ours is an error."""
    got = []
    for line in s.log().splitlines():
        if line.startswith(SAID):
            continue
        match = LINE.fullmatch(line)
        assert match, line
        pairs = PAIR.findall(match[3])
        assert len(dict(pairs)) == len(pairs), line
        got.append({'level': match[2], **dict(pairs)})
    return got


def requests(s, **wanted):
    return [e for e in entries(s) if e['event'] == 'http.request' and
            all(e.get(k) == v for k, v in wanted.items())]


def a_ceremony(s):
    """People of all kinds; what of them may not be in a log."""
    secrets = []
    people = [s.invite() for _ in range(3)]
    links = s.links()
    state = query_of(links['eth_auth_url'])['state']
    assert s.callback('wrong')[0] == 400
    sessions = [s.session(invitation) for invitation, _ in people]
    wallet = Wallet()
    s.invite('--wallet', wallet.address)
    parts = nonce(s)
    status, answer = wallet.sign_in(s, nonce=parts['nonce'])
    assert status in (200, 401), answer
    for session in sessions:
        s.ask(session)
    bad = vectors()['contribution_A']
    bad['contributions'][0]['potPubkey'] = bad['contributions'][1]['potPubkey']
    assert s.give(sessions[0], compact(bad))[0] == 400
    s.take_turn(sessions[1])
    assert s.ask(sessions[1], path='/contribution/abort') == (200, {})
    s.take_turn(sessions[2])
    with EventStream(s, '/events/me', bearer(sessions[2])) as own:
        assert s.give(sessions[2], compact(vectors()['contribution_A']))[0] == 200
        own.until(lambda e: e.name == 'over')
    # secrets where they do not belong: in paths and queries
    assert s.get('/' + sessions[0])[0] == 404
    assert s.get('/receipt/' + urllib.parse.quote(people[0][0].strip()))[0] == 404
    assert s.get('/info/status?x=' + sessions[0])[0] == 200
    assert s.json('POST', '/logout', bearer(sessions[0])) == (200, {})
    for invitation, identity in people:
        secrets += [invitation.strip().split(':')[1], identity.strip().split('|')[1][2:]]
    secrets += sessions + [state, parts['nonce'], wallet.address[2:], 'Bearer']
    return secrets


def the_log_of_a_ceremony_holds_no_secrets():
    for level in ('info', 'debug'):
        with KzgServer('wallets=invited', options=['--log-level', level]) as s:
            secrets = a_ceremony(s)
            s.stop()
            log = s.log().lower()
            for secret in secrets:
                assert len(secret) > 5 and secret.lower() not in log, (level, secret)
            assert len(entries(s)) > 10


def what_is_of_consequence_has_a_line():
    with KzgServer('wallets=invited') as s:
        a_ceremony(s)
        s.stop()
        ok = {'level': 'info', 'peer': '127.0.0.1', 'sent': 'yes'}
        sign_ins = requests(s, route='/auth/sign_in', method='POST', sign_in='ok', **ok)
        assert len(sign_ins) == 3, sign_ins
        assert len(requests(s, route='/auth/callback/eth', status='400', **ok)) == 1
        grants = requests(s, route='/lobby/try_contribute', **ok)
        assert [g['lease'] for g in grants] == ['1', '2', '3'], grants
        results = [(r['status'], r['result']) for r in requests(s, route='/contribute', **ok)]
        assert results == [('400', 'refused'), ('200', 'accepted')], results
        assert len(requests(s, route='/contribution/abort', turn='aborted', **ok)) == 1
        assert len(requests(s, route='/logout', session='ended', **ok)) == 1
        assert len(requests(s, route='-', status='404', **ok)) == 1
        for e in requests(s):
            assert e['req'].isdigit() and e['ms'].isdigit(), e
            if 'seq' in e:
                assert int(e['seq']) > 0, e
        told = [int(e['seq']) for e in entries(s) if e['event'].startswith(('lease.', 'contrib'))]
        assert told == sorted(told) and len(told) >= 6, told


def polls_are_told_only_at_the_level_of_debugging():
    for level, expected in (('info', 0), ('debug', 5)):
        with KzgServer(options=['--log-level', level]) as s:
            holder, other = s.newcomer(), s.newcomer()
            s.take_turn(holder)
            for _ in range(5):
                s.ask(other)
            s.get('/info/status')
            s.stop()
            polls = [r for r in requests(s, route='/lobby/try_contribute') if 'lease' not in r]
            assert len(polls) == expected, (level, polls)
            assert len(requests(s, route='/info/status')) == (1 if expected else 0)


def the_number_in_the_log_is_the_one_in_the_answer():
    with KzgServer() as s:
        _, fields, _ = s.get('/nothing')
        until(lambda: requests(s, req=fields['x-request-id'], status='404'))


def refusals_without_end_do_not_fill_the_disk():
    with KzgServer() as s:
        n = 600
        request = b'GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n'
        with s.connect() as c:
            c.sendall(request * n)
            got = b''
            while got.count(b'HTTP/1.1 404') < n:
                got += c.recv(65536)
        written = len(requests(s, status='404'))
        until(lambda: (s.get('/nothing')[0] == 404 and
                       [e for e in entries(s) if e['event'] == 'http.refusals_left_out']))
        left_out = sum(int(e['n']) for e in entries(s) if e['event'] == 'http.refusals_left_out')
        assert 50 <= written < n and left_out > 0, (written, left_out)


def as_json_the_lines_say_the_same():
    with KzgServer(options=['--log-json']) as s:
        s.take_turn(s.newcomer())
        s.stop()
        lines = [json.loads(line) for line in s.log().splitlines()
                 if not line.startswith(SAID)]
        assert [x['lease'] for x in lines if x['event'] == 'http.request' and 'lease' in x] == ['1']


tap.main(the_log_of_a_ceremony_holds_no_secrets,
         what_is_of_consequence_has_a_line,
         polls_are_told_only_at_the_level_of_debugging,
         the_number_in_the_log_is_the_one_in_the_answer,
         refusals_without_end_do_not_fill_the_disk,
         as_json_the_lines_say_the_same)
