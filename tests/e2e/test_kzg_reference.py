"""The reference's tables of answers (1.1 to 1.8), row by row and byte by byte: what is sent, and the whole
answer that the original's clients know. Where we answer otherwise, docs/PROTOCOLS.md lists it under
the number that a row names."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from http_probe import lines, read_reply, until  # noqa: E402
from kzg_server import HTML, JSON, KzgServer, bearer, compact, query_of, upload_head, vectors  # noqa: E402

NOBODY = '504d898c-e975-4e13-9a48-4f8b95d754fb'
PATHS = (('GET', '/auth/request_link'), ('GET', '/auth/callback/eth'), ('GET', '/auth/callback/github'),
         ('POST', '/lobby/try_contribute'), ('POST', '/contribute'), ('POST', '/contribution/abort'),
         ('POST', '/contribute/abort'), ('GET', '/info/status'), ('GET', '/info/current_state'))
# As production was, but that nobody waits: one turn, then whoever asks again is too early.
LOBBY = ('entry=lobby', 'checkin_every_s=600', 'checkin_tolerance_s=1', 'lobby_max=1', 'on_expired=out',
         'on_aborted=out', 'on_invalid=out')


def refusal(code, text):
    return b'{"code":"%s","error":"%s"}' % (code.encode(), text.encode())


BUSY = 200, refusal('TryContributeError::AnotherContributionInProgress',
                    'another contribution in progress')
EARLY = 400, refusal('TryContributeError::RateLimited', 'call came too early. rate limited')
FULL = 400, refusal('TryContributeError::LobbyIsFull', 'lobby is full')
UNKNOWN = 401, refusal('TryContributeError::UnknownSessionId', 'unknown session id')
INVALID = 400, refusal('SessionError::InvalidSessionId', 'unknown session id')
NOT_TURN = 400, refusal('ContributeError::NotUsersTurn', 'not your turn to participate')
NO_TYPE = 415, refusal('RequestError::UnsupportedMediaType',
                       'Expected request with `Content-Type: application/json`')
TOO_LONG = 413, refusal('RequestError::TooLarge', 'length limit exceeded')


def send(s, method, path, *fields, body=b''):
    """(status, fields, body)"""
    head = '%s %s HTTP/1.1\nHost: localhost\n%s' % (method, path, lines(fields))
    return s.request(head + ('Content-Length: %d\n' % len(body) if method == 'POST' else ''), body)


def check(s, row, expected, method, path, *fields, body=b''):
    status, got, text = send(s, method, path, *fields, body=body)
    assert (status, text) == expected, (row, method, path, status, text)
    assert got['access-control-allow-origin'] == '*', (row, got)
    if text:
        kind = 'text/html' if text.startswith(b'<') else 'application/json'
        assert got['content-type'] == kind, (row, got)


def reference_1_1_general():
    with KzgServer() as s:
        check(s, 'unknown path', (404, b'<h1>Error 404</h1>'), 'GET', '/ceremony')
        check(s, 'wrong method', (405, b''), 'GET', '/contribute')
        check(s, 'wrong method', (405, b''), 'POST', '/info/status')
        for method, path in PATHS:
            plain, slash = (send(s, method, p)[0] for p in (path, path + '/'))
            assert plain == slash, ('a slash at the end', path, plain, slash)
            too_long = 'Content-Length: 10485761'
            with s.connect() as c:
                c.sendall(('%s %s HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n%s\r\n\r\n' %
                           (method, path, too_long)).encode())
                status, fields, body = read_reply(c)
            assert (status, body) == TOO_LONG, ('one byte over the limit', path, status, body)
            assert fields['access-control-allow-origin'] == '*', ('413 without CORS', fields)
        session = bearer(s.newcomer())
        check(s, 'exactly the limit', NOT_TURN, 'POST', '/contribute', session, JSON,
              body=b' ' * 10485760)
        s.take_turn(session.split()[-1])
        check(s, 'no type', NO_TYPE, 'POST', '/contribute', session, body=b'{}')
        check(s, 'another type', NO_TYPE, 'POST', '/contribute', session, 'Content-Type: text/json',
              body=b'{}')
        for kind in ('application/json;charset=utf-8', 'application/vnd.any+json', 'APPLICATION/JSON'):
            got = send(s, 'POST', '/contribute', session, 'Content-Type: ' + kind, body=b'{}')[0]
            assert got == 422, ('a type of JSON', kind, got)


def reference_1_2_request_link():
    with KzgServer() as s:
        for query in ('', '?redirect_to=http://localhost:1/auth_callback', '?redirect_to=nonsense'):
            status, fields, body = send(s, 'GET', '/auth/request_link' + query)
            links = json.loads(body)
            assert (status, fields['content-type']) == (200, 'application/json'), (query, body)
            assert list(links) == ['eth_auth_url', 'github_auth_url'] and body == compact(links), body
            eth, github = (query_of(link)['state'] for link in links.values())
            assert eth == github, 'both carry the same state'


def reference_1_3_callback():
    with KzgServer() as s:
        for provider in ('eth', 'github'):
            path = '/auth/callback/' + provider
            state = query_of(s.links()['eth_auth_url'])['state']
            check(s, 'bad base64', (400, b'{"message":"invalid base64 data in state parameter"}'),
                  'GET', path + '?code=1&state=%25')
            check(s, 'bad JSON', (400, b'{"message":"invalid json in state parameter"}'),
                  'GET', path + '?code=1&state=bm90IGpzb24')
            status, _, body = send(s, 'GET', path + '?code=1&state=' + state)
            assert (status, json.loads(body)['code']) == (400, 'AuthErrorPayload::InvalidAuthCode')
            for query in ('', '?code=1', '?state=x'):
                status, _, body = send(s, 'GET', path + query)
                assert status == 422 and b'Failed to deserialize query string: missing field `' in body
        check(s, 'no such code', (400, refusal('AuthErrorPayload::InvalidAuthCode',
                                               'invalid authorization code')),
              'GET', '/auth/callback/eth?code=1&state=' + state)
        invitation, identity = s.invite()
        status, fields, body = s.callback(invitation)
        form = (b'{"id_token":{"exp":18446744073709551615,"nickname":"(0x[0-9a-f]{40})",'
                b'"provider":"Ethereum","sub":"eth\\|\\1"},"session_id":"[0-9a-f-]{36}"}')
        assert status == 200 and re.fullmatch(form, body), body
        assert identity.strip()[4:].encode() in body, body
        status, fields, nothing = s.callback(invitation, redirect='http://localhost:1/a?x=y')
        form = ('http://localhost:1/a\\?x=y&session_id=[0-9a-f-]{36}&sub=eth%7C0x[0-9a-f]{40}'
                '&nickname=0x[0-9a-f]{40}&provider=Ethereum&exp=18446744073709551615')
        assert (status, nothing) == (303, b'') and re.fullmatch(form, fields['location']), fields
        status, fields, _ = s.callback('1', redirect='http://localhost:1/a')
        assert (status, fields['location']) == \
            (303, 'http://localhost:1/a?code=AuthErrorPayload%3A%3AInvalidAuthCode'
                  '&error=invalid+authorization+code'), fields


def reference_1_4_try_contribute():
    path = '/lobby/try_contribute'
    with KzgServer(*LOBBY) as s:
        holder, second, third = (bearer(s.newcomer()) for _ in range(3))
        check(s, 'no header', INVALID, 'POST', path)
        check(s, 'an unreadable header', INVALID, 'POST', path, 'Authorization: Basic YTpi')
        check(s, 'unknown session', UNKNOWN, 'POST', path, bearer(NOBODY))
        status, fields, base = send(s, 'POST', path, holder, JSON)
        value = json.loads(base)
        assert (status, fields['content-type'], base) == (200, 'application/json', compact(value))
        assert list(value) == ['contributions', 'ecdsaSignature'] and value['ecdsaSignature'] == ''
        for c in value['contributions']:
            assert c['blsSignature'] == '' and c['potPubkey'] == c['powersOfTau']['G2Powers'][0], c
        check(s, 'busy; a body is ignored', BUSY, 'POST', path, second, JSON, body=b'{"any":"body"}')
        check(s, 'too early', EARLY, 'POST', path, second)
        check(s, 'the holder too early', EARLY, 'POST', path, holder)
        check(s, 'a full lobby', FULL, 'POST', path, third)
        check(s, 'again, and not an unknown session', FULL, 'POST', path, third)


def reference_1_5_contribute():
    v = vectors()
    good = compact(v['contribution_A'])
    with KzgServer(*LOBBY) as s:
        path = '/contribute'
        holder, other = bearer(s.newcomer()), bearer(s.newcomer())
        check(s, 'no header', INVALID, 'POST', path, JSON, body=good)
        check(s, 'unknown session', NOT_TURN, 'POST', path, bearer(NOBODY), JSON, body=good)
        check(s, 'without the turn', NOT_TURN, 'POST', path, other, JSON, body=good)
        s.take_turn(holder.split()[-1])
        status, fields, body = send(s, 'POST', path, holder, JSON, body=good)
        form = b'{\n  "receipt": "(\\\\.|[^"\\\\])*",\n  "signature": "[0-9a-f]{130}"\n}'
        assert (status, fields['content-type']) == (200, 'application/json'), (status, fields)
        assert re.fullmatch(form, body), body
        check(s, 'once more, other bytes', NOT_TURN, 'POST', path, holder, JSON, body=good + b' ')
        check(s, 'the session is over', UNKNOWN, 'POST', '/lobby/try_contribute', holder)
        s.take_turn(other.split()[-1])
        bad = json.loads(good)
        check(s, 'too few', (400, refusal(
            'CeremoniesError::UnexpectedNumContributions',
            'contribution invalid: Unexpected number of contributions: expected 3, got 2')),
            'POST', path, other, JSON, body=compact(dict(bad, contributions=bad['contributions'][:2])))
        check(s, 'an invalid one ends the turn', NOT_TURN, 'POST', path, other, JSON, body=good)
        check(s, 'and the session', UNKNOWN, 'POST', '/lobby/try_contribute', other)


def reference_1_6_abort():
    good = compact(vectors()['contribution_A'])
    for path in ('/contribution/abort', '/contribute/abort'):
        with KzgServer() as s:
            holder, other = bearer(s.newcomer()), bearer(s.newcomer())
            check(s, 'no header', INVALID, 'POST', path)
            check(s, 'unknown session', NOT_TURN, 'POST', path, bearer(NOBODY))
            s.take_turn(holder.split()[-1])
            check(s, 'without the turn', NOT_TURN, 'POST', path, other)
            check(s, 'done (departure 3)', (200, b'{}'), 'POST', path, holder)
            check(s, 'once', NOT_TURN, 'POST', path, holder)
            s.take_turn(other.split()[-1])
            with s.connect() as c:
                c.sendall(upload_head(other.split()[-1], len(good)) + good[:1])
                until(lambda: s.phase() == 'uploading')
                check(s, 'while it uploads', (200, b'{}'), 'POST', path, other)
                c.sendall(good[1:])
                status, _, body = read_reply(c)
            assert (status, body) == NOT_TURN, ('the rest of an upload that was given up', body)


def reference_1_7_status():
    with KzgServer('checkin_every_s=600', 'checkin_tolerance_s=600') as s:
        form = b'{"lobby_size":%d,"num_contributions":0,"sequencer_address":"' \
               + s.address().encode() + b'"}'
        holder, other = s.newcomer(), s.newcomer()
        check(s, 'nobody', (200, form % 0), 'GET', '/info/status')
        s.take_turn(holder)
        check(s, 'without the holder', (200, form % 0), 'GET', '/info/status')
        s.ask(other)
        check(s, 'one waits', (200, form % 1), 'GET', '/info/status', HTML)
        status, more = s.json('GET', '/ceremony/status')
        assert status == 200 and set(json.loads(form % 1)) < set(more), 'the seed\'s name has more'


def reference_1_8_current_state():
    v = vectors()
    with KzgServer() as s:
        check(s, 'the file', (200, json.dumps(v['transcript_0'], indent=2).encode()),
              'GET', '/info/current_state')
        session = s.newcomer('--as', v['participants']['A']['identity'])
        s.contribute_as(session, v['contribution_A'])
        check(s, 'after one', (200, json.dumps(v['transcript_1'], indent=2).encode()),
              'GET', '/info/current_state')


if __name__ == '__main__':
    tap.main(reference_1_1_general,
             reference_1_2_request_link,
             reference_1_3_callback,
             reference_1_4_try_contribute,
             reference_1_5_contribute,
             reference_1_6_abort,
             reference_1_7_status,
             reference_1_8_current_state)
