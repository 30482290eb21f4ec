"""Every request of the KZG participant's protocol as its clients see it: statuses, codes, texts,
types, and that answers carry nothing that they would choke on."""
import base64
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import CONVOKE, convoke, done  # noqa: E402
from http_probe import read_reply, until  # noqa: E402
from kzg_server import (BEEN_HERE, BUSY, EARLY, FORM, HTML, INVALID, JSON, LOBBY_FULL,  # noqa: E402
                        NOT_YOUR_TURN, UNKNOWN, KzgServer, bearer, compact, error, form, query_of,
                        upload_head, vectors)

NEVER = 18446744073709551615
UUID4 = re.compile('[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}')
PATHS = {
    '/auth/request_link': 'GET', '/auth/callback/eth': 'GET', '/auth/callback/github': 'GET',
    '/lobby/try_contribute': 'POST', '/contribute': 'POST', '/contribution/abort': 'POST',
    '/contribute/abort': 'POST', '/info/status': 'GET', '/info/current_state': 'GET',
}


def base64url(text):
    return base64.urlsafe_b64encode(text).decode().rstrip('=')


# ---- signing in ----

def both_links_carry_the_same_state():
    with KzgServer() as s:
        links = s.links()
        assert sorted(links) == ['eth_auth_url', 'github_auth_url'], links
        first, second = (query_of(link)['state'] for link in links.values())
        assert first == second and re.fullmatch('[A-Za-z0-9_-]+', first), links
        assert query_of(s.links()['eth_auth_url'])['state'] != first, 'the state is a constant'


def clients_ask_for_links_in_their_own_ways():
    with KzgServer() as s:
        for query in ('', '?', '?redirect_to=http://localhost:4711/auth_callback',
                      '?redirect_to=http%3A%2F%2F127.0.0.1%3A3000%2Fauth%2Fcallback%2Feth',
                      '?redirect_to=', '?redirect_to=null', '?other=1'):
            for slash in ('', '/'):
                status, links = s.json('GET', '/auth/request_link' + slash + query)
                assert status == 200 and len(links) == 2, (query, slash, links)


def a_browser_signs_in_with_an_invitation():
    with KzgServer() as s:
        invitation, identity = s.invite()
        identity = identity.strip()
        status, fields, body = s.sign_in(invitation)
        assert (status, fields['content-type']) == (200, 'application/json'), (status, fields)
        assert fields['cache-control'] == 'no-store', fields
        token = json.loads(body)
        assert UUID4.fullmatch(token['session_id']), token
        assert token == {'id_token': {'exp': NEVER, 'nickname': identity[4:],
                                      'provider': 'Ethereum', 'sub': identity},
                         'session_id': token['session_id']}, token
        assert b'"exp":18446744073709551615,' in body, 'not exact'
        status, fields, page = s.sign_in(invitation, HTML)
        assert status == 200 and token['session_id'].encode() in page, page


def a_callback_takes_the_invitation_as_its_code():
    with KzgServer() as s:
        invitation, identity = s.invite('--as', 'git|123|Octo-Cat')
        assert identity.strip() == 'git|123|Octo-Cat'
        status, _, body = s.callback(invitation)
        token = json.loads(body)
        assert status == 200 and sorted(token) == ['id_token', 'session_id'], token
        assert token['id_token'] == {'exp': NEVER, 'nickname': 'Octo-Cat', 'provider': 'Github',
                                     'sub': 'git|123|Octo-Cat'}, token
        assert json.loads(s.sign_in(invitation)[2]) == token, 'another session'


def a_redirect_carries_the_session_in_its_query():
    with KzgServer() as s:
        invitation, identity = s.invite()
        identity = identity.strip()
        for target, kept in (('http://localhost:4711/auth_callback', {}),
                             ('http://127.0.0.1:3000/a/b?x=1&y=%26%3D', {'x': '1', 'y': '&='}),
                             ('http://[::1]:99/#here', {})):
            status, fields, body = s.sign_in(invitation, redirect=target)
            assert (status, body) == (303, b''), (status, body)
            location = fields['location']
            assert location.startswith(target.split('#')[0]), location
            assert location.endswith('#here') == target.endswith('#here'), location
            assert 'sub=eth%7C0x' in location and '|' not in location, location
            got = query_of(location)
            assert UUID4.fullmatch(got.pop('session_id')), got
            assert got == dict(kept, sub=identity, nickname=identity[4:], provider='Ethereum',
                               exp=str(NEVER)), got


def failures_follow_the_redirect():
    v = vectors()
    with KzgServer() as s:
        invitation = s.invite()[0]
        s.contribute_as(s.session(invitation), v['contribution_A'])
        for code, expected in ((invitation, 'UserAlreadyContributed'), ('1', 'InvalidAuthCode')):
            status, fields, _ = s.callback(code, redirect='http://localhost:4711/back?a=b')
            assert status == 303, status
            got = query_of(fields['location'])
            assert got.pop('error') in ('user already contributed', 'invalid authorization code')
            assert got == {'a': 'b', 'code': 'AuthErrorPayload::' + expected}, got
            assert 'code=AuthErrorPayload%3A%3A' + expected in fields['location'], fields
            assert re.search('error=[a-z]+[+][a-z]+[+][a-z]+$', fields['location']), fields
        status, _, body = s.sign_in(invitation)
        assert (status, json.loads(body)) == BEEN_HERE
        status, fields, body = s.callback('nobody')
        assert fields['content-type'] == 'application/json'
        assert (status, json.loads(body)) == \
            (400, error('AuthErrorPayload::InvalidAuthCode', 'invalid authorization code'))


def foreign_redirects_are_refused():
    with KzgServer() as s:
        for bad in ('https://evil.example/', 'http://localhost.evil.example:80/',
                    'http://localhost@evil.example/', 'http://127.0.0.1.evil.example/',
                    'http://evil.example/?http://localhost/', 'http://127.0.0.1:1@evil.example/',
                    'http://localhost\\@evil.example/', 'https://localhost%2eevil.example/'):
            path = '/auth/request_link?' + form(redirect_to=bad).decode()
            status, answer = s.json('GET', path)
            assert status == 400 and answer['code'] == 'AuthErrorPayload::RedirectNotAllowed', \
                (bad, answer)


def a_redirect_that_is_no_address_is_ignored():
    with KzgServer() as s:
        invitation = s.invite()[0]
        for odd in ('nonsense', '//evil.example/', 'javascript:alert(1)', '/path', '\\\\evil',
                    'http://127.0.0.1/\r\nSet-Cookie: a=b', 'http://localhost/\0'):
            assert s.sign_in(invitation, redirect=odd)[0] == 200, odd


def malformed_sign_ins_get_the_original_texts():
    with KzgServer() as s:
        for provider in ('eth', 'github'):
            path = '/auth/callback/' + provider
            for query in ('', '?code=1', '?state=x', '?foo=bar'):
                status, answer = s.json('GET', path + query)
                assert status == 422 and sorted(answer) == ['code', 'error'], (query, answer)
                assert answer['error'].startswith('Failed to deserialize query string: '), answer
            for state in ('***', 'a%20b', 'eyJ=', 'YQ%3D%3D'):
                assert s.json('GET', path + '?code=1&state=' + state) == \
                    (400, {'message': 'invalid base64 data in state parameter'}), state
            for state in (b'not json', b'', b'{', b'[]', b'\xff\xfe', b'{"redirect":7}'):
                assert s.json('GET', path + '?code=1&state=' + base64url(state)) == \
                    (400, {'message': 'invalid json in state parameter'}), state


def states_of_others_sign_nobody_in():
    with KzgServer() as s, KzgServer() as other:
        invitation = s.invite()[0]
        state = query_of(s.links('http://localhost/')['eth_auth_url'])['state']
        sealed = json.loads(base64.urlsafe_b64decode(state + '=' * (-len(state) % 4)))
        sealed['redirect'] = 'https://evil.example/'
        for forged in (b'{"redirect":null}', b'{"redirect":"https://evil.example/"}',
                       compact(sealed)):
            query = form(code=invitation, state=base64url(forged)).decode()
            status, fields, body = s.get('/auth/callback/eth?' + query)
            assert status == 400 and 'location' not in fields, (status, fields)
            assert b'session_id' not in body, body
        query = form(code=invitation, state=query_of(other.links()['eth_auth_url'])['state'])
        assert s.get('/auth/callback/eth?' + query.decode())[0] == 400


# ---- turns ----

def without_a_bearer_token_there_is_no_session():
    with KzgServer() as s:
        for path, method in PATHS.items():
            if method == 'GET':
                continue
            for field in ('X: y', 'Authorization: Basic YTpi', 'Authorization: Bearer',
                          'Authorization: Bearer ', 'Authorization: Bearer a b',
                          'Authorization: ' + 'x' * 300):
                assert s.json('POST', path, field, JSON) == INVALID, (path, field)


def unknown_sessions_have_no_turn():
    with KzgServer() as s:
        for token in ('504d898c-e975-4e13-9a48-4f8b95d754fb', 'x', '%00', 'x' * 100):
            assert s.ask(token) == UNKNOWN, token
            assert s.give(token, b'{}') == NOT_YOUR_TURN, token
            assert s.ask(token, path='/contribution/abort') == NOT_YOUR_TURN, token
            assert s.ask(token, path='/contribute/abort') == NOT_YOUR_TURN, token


def the_bearer_scheme_is_read_as_clients_write_it():
    with KzgServer() as s:
        session = s.newcomer()
        for field in ('Authorization: bearer ' + session, 'authorization:Bearer ' + session,
                      'AUTHORIZATION: BEARER  ' + session + ' '):
            assert s.post('/lobby/try_contribute', field)[0] == 200, field


def who_comes_second_is_told_that_it_is_busy():
    with KzgServer('checkin_every_s=30', 'checkin_tolerance_s=30') as s:
        first, second = s.newcomer(), s.newcomer()
        s.take_turn(first)
        status, fields, body = s.post('/lobby/try_contribute', bearer(second), JSON)
        assert (status, fields['content-type']) == (200, 'application/json'), (status, fields)
        assert body == compact(BUSY[1]), body
        assert 'retry-after' in fields
        assert s.ask(second) == BUSY
        assert s.json('GET', '/info/status')[1]['lobby_size'] == 1, 'the holder does not count'
        assert s.give(second, b'{}') == NOT_YOUR_TURN
        assert s.ask(second, path='/contribution/abort') == NOT_YOUR_TURN


def the_holder_gets_the_same_base_again():
    with KzgServer() as s:
        session = s.newcomer()
        base = s.take_turn(session)
        assert base == compact(json.loads(base)), 'not compact'
        for path in ('/lobby/try_contribute', '/lobby/try_contribute/'):
            assert s.post(path, bearer(session))[2] == base
        assert s.json('GET', '/ceremony/status')[1]['turns'] == 1
        for c in json.loads(base)['contributions']:
            assert list(c) == ['numG1Powers', 'numG2Powers', 'powersOfTau', 'potPubkey',
                               'blsSignature'], c
            assert c['blsSignature'] == '' and c['potPubkey'] == c['powersOfTau']['G2Powers'][0]


def who_comes_too_early_is_rate_limited():
    with KzgServer('checkin_every_s=600', 'checkin_tolerance_s=1') as s:
        first, second = s.newcomer(), s.newcomer()
        s.take_turn(first)
        assert s.ask(first) == EARLY, 'the holder may not reload it at once'
        assert s.ask(second) == BUSY, 'the first time is never too early'
        assert s.ask(second) == EARLY
        assert s.ask(first, path='/contribution/abort') == (200, {})
        assert s.ask(second) == EARLY, 'also while the slot is free'


def a_full_lobby_takes_nobody_else():
    with KzgServer('lobby_max=1', 'checkin_every_s=600', 'checkin_tolerance_s=600') as s:
        first, second, third = (s.newcomer() for _ in range(3))
        s.take_turn(first)
        assert s.ask(second) == BUSY
        for _ in range(2):
            assert s.ask(third) == LOBBY_FULL
        assert s.ask(second) == BUSY
        s.ask(first, path='/contribution/abort')
        s.take_turn(second)


def both_abort_paths_free_the_slot():
    with KzgServer() as s:
        first, second = s.newcomer(), s.newcomer()
        for path in ('/contribution/abort', '/contribute/abort', '/contribution/abort/'):
            s.take_turn(first)
            assert s.ask(second) == BUSY
            status, fields, body = s.post(path, bearer(first))
            assert (status, fields['content-type'], body) == (200, 'application/json', b'{}'), path
            assert s.ask(first, path=path) == NOT_YOUR_TURN, path
            s.take_turn(second)
            s.ask(second, path=path)


def aborting_may_cost_the_place():
    with KzgServer('on_aborted=out') as s:
        invitation = s.invite()[0]
        session = s.session(invitation)
        s.take_turn(session)
        assert s.ask(session, path='/contribution/abort') == (200, {})
        assert s.ask(session) == UNKNOWN
        status, _, body = s.sign_in(invitation)
        assert (status, json.loads(body)) == BEEN_HERE


def while_an_upload_is_not_whole_the_base_is_given_again():
    v = vectors()
    with KzgServer() as s:
        session = s.newcomer()
        s.take_turn(session)
        body = compact(v['contribution_A'])
        with s.connect() as c:
            c.sendall(upload_head(session, len(body)) + body[:100])
            until(lambda: s.phase() == 'uploading')
            status, base = s.ask(session)  # as after an upload that broke off
            assert status == 200 and 'contributions' in base, base
            assert s.ask(session, path='/contribution/abort')[0] == 200, 'until it is complete'


def whoever_contributed_is_done():
    v = vectors()
    with KzgServer() as s:
        invitation = s.invite()[0]
        session = s.session(invitation)
        answer = s.contribute_as(session, v['contribution_A'])
        assert s.ask(session) == UNKNOWN
        assert s.ask(session, path='/contribution/abort') == NOT_YOUR_TURN
        assert s.give(session, v['contribution_B']) == NOT_YOUR_TURN
        assert s.give(session, v['contribution_A']) == (200, answer)
        status, _, body = s.sign_in(invitation)
        assert (status, json.loads(body)) == BEEN_HERE
        assert s.count() == 1


def where_the_rules_allow_it_one_may_contribute_again():
    v = vectors()
    with KzgServer('repeat=true') as s:
        session = s.newcomer('--as', 'git|123|kustosz')
        s.contribute_as(session, v['contribution_A'])
        s.contribute_as(session, v['contribution_B'])
        assert s.transcript()['participantIds'] == ['', 'git|123|kustosz', 'git|123|kustosz']
        s.check_transcript()


def who_is_too_slow_loses_the_turn():
    v = vectors()
    for cost in ('nothing', 'out'):
        with KzgServer('fetch_s=1', 'compute_s=1', 'on_expired=' + cost) as s:
            invitation = s.invite()[0]
            session = s.session(invitation)
            s.take_turn(session)
            until(lambda: s.phase() == 'free')
            assert s.give(session, v['contribution_A']) == NOT_YOUR_TURN
            assert s.count() == 0 and s.stored() == []
            if cost == 'nothing':
                s.take_turn(session)
                continue
            assert s.ask(session) == UNKNOWN
            status, _, body = s.sign_in(invitation)
            assert (status, json.loads(body)) == BEEN_HERE
            s.take_turn(s.newcomer())


def who_stays_away_leaves_the_lobby_and_may_come_back():
    with KzgServer('checkin_every_s=1', 'checkin_tolerance_s=0') as s:
        first, second = s.newcomer(), s.newcomer()
        s.take_turn(first)
        for _ in range(2):
            status, fields, body = s.post('/lobby/try_contribute', bearer(second))
            assert (status, json.loads(body)) == BUSY and fields['x-lobby-size'] == '1', fields
            until(lambda: s.json('GET', '/info/status')[1]['lobby_size'] == 0)


def everybody_in_a_lobby_gets_a_turn():
    with KzgServer('checkin_every_s=1', 'checkin_tolerance_s=1') as s:
        people = [subprocess.Popen([CONVOKE, 'contribute', s.url, *s.person()], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                  for _ in range(6)]
        for p in people:
            said, _ = p.communicate(timeout=120)
            assert p.returncode == 0, said
        assert s.count() == 6
        s.check_transcript()


def a_finished_ceremony_says_so():
    v = vectors()
    with KzgServer() as s:
        first, second = s.newcomer(), s.newcomer()
        answer = s.contribute_as(first, v['contribution_A'])
        done(convoke('ceremony', 'finalize', s.dir))  # beside the running server
        finished = (400, error('TryContributeError::CeremonyFinished',
                               'the ceremony is finished: it takes no more contributions'))
        until(lambda: s.phase() == 'finished')
        assert s.ask(second) == finished
        assert s.give(second, v['contribution_B']) == NOT_YOUR_TURN
        assert s.give(first, v['contribution_A']) == (200, answer)
        assert s.count() == 1


def a_receipt_is_pretty_and_can_be_had_again():
    v = vectors()
    with KzgServer() as s:
        session = s.newcomer()
        s.take_turn(session)
        status, fields, body = s.post('/contribute/', bearer(session),
                                      'Content-Type: application/json;charset=utf-8',
                                      body=compact(v['contribution_A']))
        assert (status, fields['content-type']) == (200, 'application/json'), (status, body)
        assert body.decode() == json.dumps(json.loads(body), indent=2), body
        assert re.fullmatch('[0-9a-f]{128}1[bc]', json.loads(body)['signature']), body
        assert s.get('/receipt/1')[2] == body


def unfit_bodies_keep_their_status():
    with KzgServer() as s:
        session = s.newcomer()
        s.take_turn(session)
        before = s.state()
        wrong = 'Expected request with `Content-Type: application/json`'
        for kind in ('X: y', 'Content-Type: text/plain', 'Content-Type: application/jsonp',
                     'Content-Type:', 'Content-Type: multipart/form-data; application/json'):
            status, answer = s.json('POST', '/contribute', bearer(session), kind, body=b'{}')
            assert (status, answer['error']) == (415, wrong), (kind, answer)
        for body in (b'', b' ', b'{', b'nonsense', b'{"contributions":[', b'\x00', b'\xff',
                     b'{} {}', b'[' * 100):
            status, answer = s.give(session, body)
            assert status in (400, 422), (body, answer)
            assert answer['code'] in ('RequestError::InvalidJson', 'RequestError::WrongShape')
            intro = 'Failed to parse the request body as JSON: ' if status == 400 else \
                'Failed to deserialize the JSON body into the target type: '
            assert answer['error'].startswith(intro), (body, answer)
        for body in (b'[]', b'{}', b'null', b'7', b'{"contributions":7}', b'{"contributions":{}}',
                     b'{"contributions":[],"ecdsaSignature":7}', b'{"contributions":[7]}',
                     b'{"contributions":[{}]}', b'{"ecdsaSignature":""}'):
            status, answer = s.give(session, body)
            assert (status, answer['code']) == (422, 'RequestError::WrongShape'), (body, answer)
        for ecdsa in ('0x00', '0x' + 'AB' * 65, 'ab' * 65, '0x' + 'zz' * 65):
            status, answer = s.give(session, {'contributions': [], 'ecdsaSignature': ecdsa})
            assert status == 422, (ecdsa, answer)
        assert s.state() == before and s.stored() == []


def bodies_over_the_limit_are_refused():
    with KzgServer() as s:
        session = s.newcomer()
        s.take_turn(session)
        too_long = b' ' * 10485761
        status, answer = s.give(session, too_long)
        assert (status, answer['error']) == (413, 'length limit exceeded'), answer
        with s.connect() as c:
            c.sendall(upload_head(session, 0).replace(b'Content-Length: 0',
                                                      b'Transfer-Encoding: chunked'))
            for _ in range(11):
                c.sendall(b'100000\r\n' + b' ' * 0x100000 + b'\r\n')
            c.sendall(b'0\r\n\r\n')
            status, _, body = read_reply(c)
        assert status == 413 and json.loads(body)['error'] == 'length limit exceeded', body
        until(lambda: s.stored() == [])


# ---- information, paths, browsers ----

def status_tells_three_things():
    with KzgServer() as s:
        for path in ('/info/status', '/info/status/', '/info/status?x=y'):
            status, fields, body = s.get(path)
            assert (status, fields['content-type']) == (200, 'application/json'), (path, fields)
            assert re.fullmatch(b'{"lobby_size":0,"num_contributions":0,'
                                b'"sequencer_address":"0x[0-9a-fA-F]{40}"}', body), body
        status, more = s.json('GET', '/ceremony/status')
        assert status == 200 and set(json.loads(body)) <= set(more), more


def the_state_is_the_transcript():
    with KzgServer() as s:
        status, fields, body = s.get('/info/current_state')
        assert (status, fields['content-type']) == (200, 'application/json'), fields
        assert int(fields['content-length']) == len(body)
        transcript = json.loads(body)
        assert list(transcript) == ['transcripts', 'participantIds', 'participantEcdsaSignatures']
        for t in transcript['transcripts']:
            assert list(t) == ['numG1Powers', 'numG2Powers', 'powersOfTau', 'witness'], t
            assert list(t['witness']) == ['runningProducts', 'potPubkeys', 'blsSignatures'], t
        assert s.get('/info/current_state', 'If-None-Match: ' + fields['etag'])[0] == 304
        status, part, piece = s.get('/info/current_state', 'Range: bytes=2-11')
        assert (status, piece) == (206, body[2:12]), (status, part, piece)
        status, head, nothing = s.request('HEAD /info/current_state HTTP/1.1\nHost: h\n')
        assert (status, nothing, head['content-length']) == (200, b'', fields['content-length'])


def preflights_allow_what_clients_send():
    with KzgServer() as s:
        for path, method in PATHS.items():
            status, fields, body = s.request(
                'OPTIONS %s HTTP/1.1\nHost: h\nOrigin: https://ceremony.example.org\n'
                'Access-Control-Request-Method: %s\n'
                'Access-Control-Request-Headers: authorization,content-type\n' % (path, method))
            assert status in (200, 204) and body == b'', (path, status)
            assert fields['access-control-allow-origin'] == '*', (path, fields)
            allowed = re.split(', *', fields['access-control-allow-headers'].lower())
            assert 'authorization' in allowed and 'content-type' in allowed, (path, fields)
            assert method in re.split(', *', fields['access-control-allow-methods']), (path, fields)


def what_is_not_there_is_answered_as_the_original_does():
    with KzgServer() as s:
        for path in ('/nothing', '/contribute/x', '/auth', '/info/status/x', '//info/status',
                     '/INFO/STATUS', '/info/../info/status', '/%2e%2e/etc/passwd'):
            status, fields, body = s.get(path)
            assert (status, body) == (404, b'<h1>Error 404</h1>'), (path, status, body)
            assert fields['content-type'].startswith('text/html'), (path, fields)
            assert fields['access-control-allow-origin'] == '*', (path, fields)


def a_wrong_method_is_405_without_a_body():
    with KzgServer() as s:
        for path, method in PATHS.items():
            for wrong in {'GET', 'POST', 'PUT', 'DELETE', 'PATCH'} - {method}:
                status, fields, body = s.request('%s %s HTTP/1.1\nHost: h\nContent-Length: 0\n' %
                                                 (wrong, path))
                assert (status, body) == (405, b''), (wrong, path, status, body)
                assert method in fields['allow'], (wrong, path, fields)


def errors_too_can_be_read_by_browsers():
    with KzgServer() as s:
        assert s.json('POST', '/contribute', 'Origin: https://x.example')[0] == 400
        session = s.newcomer()
        s.take_turn(session)
        assert s.json('POST', '/contribute', bearer(session), JSON, body=b' ' * 10485761)[0] == 413
        assert s.json('GET', '/info/status', bearer('a'), bearer('b'))[0] == 400


def a_full_turn_as_the_reference_traces_it():
    """What every client does, in its order, with nothing but what came before."""
    v = vectors()
    with KzgServer() as s:
        back = 'http://localhost:4711/auth_callback'
        invitation = s.invite('--as', v['participants']['A']['identity'])[0]
        location = s.sign_in(invitation, redirect=back)[1]['location']
        got = query_of(location)
        assert all(got[k] for k in ('exp', 'nickname', 'provider', 'session_id', 'sub')), got
        assert got['provider'] in ('Ethereum', 'Github')
        session = got['session_id']
        status, base = s.ask(session)
        assert status == 200 and base == v['base_0']
        status, receipt = s.give(session, v['contribution_A'])
        assert status == 200 and sorted(receipt) == ['receipt', 'signature'], receipt
        assert s.ask(session) == UNKNOWN
        keys = [t['witness']['potPubkeys'][-1] for t in s.transcript()['transcripts']]
        assert keys == json.loads(receipt['receipt'])['witness']


if __name__ == '__main__':
    tap.main(
        both_links_carry_the_same_state,
        clients_ask_for_links_in_their_own_ways,
        a_browser_signs_in_with_an_invitation,
        a_callback_takes_the_invitation_as_its_code,
        a_redirect_carries_the_session_in_its_query,
        failures_follow_the_redirect,
        foreign_redirects_are_refused,
        a_redirect_that_is_no_address_is_ignored,
        malformed_sign_ins_get_the_original_texts,
        states_of_others_sign_nobody_in,
        without_a_bearer_token_there_is_no_session,
        unknown_sessions_have_no_turn,
        the_bearer_scheme_is_read_as_clients_write_it,
        who_comes_second_is_told_that_it_is_busy,
        the_holder_gets_the_same_base_again,
        who_comes_too_early_is_rate_limited,
        a_full_lobby_takes_nobody_else,
        both_abort_paths_free_the_slot,
        aborting_may_cost_the_place,
        while_an_upload_is_not_whole_the_base_is_given_again,
        whoever_contributed_is_done,
        where_the_rules_allow_it_one_may_contribute_again,
        who_is_too_slow_loses_the_turn,
        who_stays_away_leaves_the_lobby_and_may_come_back,
        everybody_in_a_lobby_gets_a_turn,
        a_finished_ceremony_says_so,
        a_receipt_is_pretty_and_can_be_had_again,
        unfit_bodies_keep_their_status,
        bodies_over_the_limit_are_refused,
        status_tells_three_things,
        the_state_is_the_transcript,
        preflights_allow_what_clients_send,
        what_is_not_there_is_answered_as_the_original_does,
        a_wrong_method_is_405_without_a_body,
        errors_too_can_be_read_by_browsers,
        a_full_turn_as_the_reference_traces_it,
    )
