"""The KZG participant's protocol (src/api) over a real node with tiny sizes (api_server.c)."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from http_probe import Server, program, read_all, read_reply, split, until  # noqa: E402

JSON = 'Content-Type: application/json'
FORM = 'Content-Type: application/x-www-form-urlencoded'
REDIRECTS = 'https://app.example.org'


class Api(Server):
    described = True

    def __init__(self, invitations, directory, *more):
        super().__init__(program('api_server'), directory, str(invitations), REDIRECTS, *more)
        self.invitations = [self.process.stdout.readline().decode().split() for _ in range(invitations)]

    def json(self, method, path, *fields, body=b''):
        status, headers, text = self.get(path, *fields) if method == 'GET' else \
            self.post(path, *fields, body=body)
        assert headers.get('access-control-allow-origin') == '*', headers
        return status, json.loads(text)

    def state(self, redirect=None):
        query = '?redirect_to=' + redirect if redirect else ''
        status, links = self.json('GET', '/auth/request_link' + query)
        assert status == 200, links
        return query_of(links['eth_auth_url'])['state']

    def sign_in(self, number, redirect=None):
        return self.post('/auth/sign_in', FORM, body=form(state=self.state(redirect),
                                                         code=self.invitations[number][0]))

    def session(self, number):
        status, _, body = self.sign_in(number)
        assert status == 200, body
        return json.loads(body)['session_id']


class Running:
    def __init__(self, invitations=3, more=()):
        self.invitations = invitations
        self.more = more

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory(prefix='convoke-api-')
        self.api = Api(self.invitations, os.path.join(self.directory.name, 'dir'), *self.more)
        return self.api

    def __exit__(self, kind, *_):
        if kind is not None:
            self.api.process.kill()
        status = self.api.wait()
        self.directory.cleanup()
        assert kind is not None or status == 0, 'the server ended with status %d' % status


def form(**pairs):
    return urllib.parse.urlencode(pairs).encode()


def query_of(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, strict_parsing=True))


def bearer(session):
    return 'Authorization: Bearer ' + session


def error(code, text):
    return {'code': code, 'error': text}


def vectors():
    root = os.environ.get('CONVOKE_SHARED', os.path.join(os.path.dirname(__file__), '../../../shared'))
    path = os.path.join(root, 'fixtures/kzg/derived/mini_ceremony_vectors.json')
    if not os.path.exists(path):
        raise tap.Skip('no %s (set CONVOKE_SHARED to the folder of the shared data)' % path)
    with open(path, encoding='utf-8') as f:
        return json.load(f)


NOT_YOUR_TURN = (400, error('ContributeError::NotUsersTurn', 'not your turn to participate'))
BUSY = (200, error('TryContributeError::AnotherContributionInProgress',
                   'another contribution in progress'))
UNKNOWN = (401, error('TryContributeError::UnknownSessionId', 'unknown session id'))
INVALID = (400, error('SessionError::InvalidSessionId', 'unknown session id'))


def both_links_carry_the_same_state():
    with Running() as s:
        status, links = s.json('GET', '/auth/request_link/')
        assert status == 200 and sorted(links) == ['eth_auth_url', 'github_auth_url'], links
        assert links['eth_auth_url'].startswith('http://localhost/auth/sign_in?state=')
        assert query_of(links['eth_auth_url'])['state'] == query_of(links['github_auth_url'])['state']


def a_redirect_must_be_allowed():
    with Running() as s:
        for good in ('http://localhost:1234/auth_callback', 'http%3A%2F%2F127.0.0.1%3A3000%2F',
                     'https://app.example.org/x', 'nonsense'):
            assert s.json('GET', '/auth/request_link?redirect_to=' + good)[0] == 200, good
        for bad in ('https://evil.example/', 'http://localhost.evil.example/',
                    'https://app.example.org.evil.example/', 'http://localhost@evil.example/',
                    'http://localhost/' + '%22' * 2000):  # no URL has quotes
            status, told = s.json('GET', '/auth/request_link?redirect_to=' + bad)
            assert (status, told['code']) == (400, 'AuthErrorPayload::RedirectNotAllowed'), bad[:80]


def an_invitation_signs_in():
    with Running() as s:
        status, fields, body = s.sign_in(0)
        identity = s.invitations[0][1]
        assert status == 200 and fields['cache-control'] == 'no-store'
        token = json.loads(body)
        assert len(token.pop('session_id')) == 36
        assert token == {'id_token': {'exp': 18446744073709551615, 'nickname': identity[4:],
                                      'provider': 'Ethereum', 'sub': identity}}, token
        assert s.session(0) == s.session(0)  # the same person, the same session


def a_sign_in_leads_back_to_where_it_came_from():
    with Running() as s:
        status, fields, _ = s.sign_in(0, 'http://localhost:1234/back%3Fa=b')
        assert status == 303, status
        url, got = fields['location'].split('?')[0], query_of(fields['location'])
        assert url == 'http://localhost:1234/back'
        identity = s.invitations[0][1]
        assert len(got.pop('session_id')) == 36
        assert got == {'a': 'b', 'sub': identity, 'nickname': identity[4:], 'provider': 'Ethereum',
                       'exp': '18446744073709551615'}, got
        assert 'sub=eth%7C0x' in fields['location']


def a_failed_sign_in_is_told_in_the_same_way():
    wrong = 'AuthErrorPayload::InvalidAuthCode'
    with Running() as s:
        for code in ('', 'nonsense', '0x' + '11' * 65, 'convoke-invitation-v1:' + '22' * 32):
            path = '/auth/callback/eth?' + form(code=code, state=s.state()).decode()
            assert s.json('GET', path) == (400, error(wrong, 'invalid authorization code')), code
        state = s.state('http://localhost:1/x')
        status, fields, _ = s.get('/auth/callback/eth?' + form(code='no', state=state).decode())
        assert status == 303
        assert fields['location'] == ('http://localhost:1/x?code=AuthErrorPayload%3A%3AInvalidAuthCode'
                                      '&error=invalid+authorization+code'), fields
        status, fields, _ = s.get('/auth/callback/github?' + form(code='1', state=state).decode())
        assert status == 303 and query_of(fields['location'])['code'] == wrong


def malformed_sign_ins_are_refused():
    with Running() as s:
        assert s.json('GET', '/auth/callback/eth')[0] == 422
        assert s.json('GET', '/auth/callback/eth?code=1') == \
            (422, error('RequestError::MissingParameter',
                        'Failed to deserialize query string: missing field `state`'))
        assert s.json('GET', '/auth/callback/github?code=1&state=***') == \
            (400, {'message': 'invalid base64 data in state parameter'})
        assert s.json('GET', '/auth/callback/eth?code=1&state=bm90IGpzb24') == \
            (400, {'message': 'invalid json in state parameter'})
        forged = 'eyJyZWRpcmVjdCI6bnVsbH0'  # {"redirect":null}, which nobody sealed
        assert s.json('GET', '/auth/callback/eth?code=1&state=' + forged)[0] == 400
        assert s.json('GET', '/auth/callback/eth?code=%zz&state=x')[0] == 400
        assert s.json('POST', '/auth/sign_in', JSON, body=b'{}')[0] == 415
        assert s.json('POST', '/auth/sign_in', FORM, body=b'x=' + b'y' * 9000)[0] == 413


def the_sign_in_page_is_for_people():
    with Running() as s:
        state = s.state('http://localhost:1234/back')
        status, fields, body = s.get('/auth/sign_in?state=' + state)
        assert status == 200 and fields['content-type'] == 'text/html; charset=utf-8'
        policy = fields['content-security-policy']
        assert "default-src 'none'" in policy and policy.endswith("form-action 'self' http://localhost:1234")
        assert fields['referrer-policy'] == 'no-referrer' and fields['cache-control'] == 'no-store'
        assert state.encode() in body
        scripts = re.findall(b'<script[^>]*>', body)  # of ours, and none within the page
        assert scripts == [b'<script type="module" src="http://localhost/sign_in.js">'], scripts
        assert s.get('/auth/sign_in?state=%22%3E%3Cb%3E')[0] == 400
        assert s.get('/style.css')[1]['content-type'] == 'text/css'
        status, _, body = s.post('/auth/sign_in', FORM, 'Accept: text/html',
                                 body=form(state=s.state(), code=s.invitations[0][0]))
        assert status == 200 and b'session id' in body
        status, fields, body = s.post('/auth/sign_in', FORM, 'Accept: text/html',
                                      body=form(state=s.state(), code='mistyped'))
        assert status == 400 and fields['content-type'] == 'text/html; charset=utf-8'
        assert b'invalid authorization code' in body and b'session id' not in body


def people_see_what_this_is():
    with Running() as s:
        status, fields, body = s.get('/')
        assert status == 200 and b'convoke contribute http://localhost' in body
        assert b'<script' not in body and b'http://localhost/style.css' in body
        assert s.json('GET', '/health') == (200, {'status': 'ok'})


def status_has_three_keys_and_the_alias_more():
    with Running() as s:
        status, info = s.json('GET', '/info/status/')
        assert status == 200 and sorted(info) == ['lobby_size', 'num_contributions', 'sequencer_address']
        assert (info['lobby_size'], info['num_contributions']) == (0, 0)
        status, more = s.json('GET', '/ceremony/status')
        assert status == 200 and more['phase'] == 'free' and more['phase_ends'] is None
        assert more['policy']['checkin_every_ms'] == 10000
        assert more['sequencer_address'] == info['sequencer_address']


def without_a_session_nothing_is_given():
    with Running() as s:
        for path in ('/lobby/try_contribute', '/contribute', '/contribution/abort', '/contribute/abort'):
            for field in ('X: y', 'Authorization: Basic abc', 'Authorization: Bearer ', 'Authorization: Bearer'):
                assert s.json('POST', path, field) == INVALID, (path, field)
            other = UNKNOWN if path == '/lobby/try_contribute' else NOT_YOUR_TURN
            assert s.json('POST', path, bearer('00000000-0000-4000-8000-000000000000'), JSON) == other, path


def one_takes_a_turn_while_others_wait():
    with Running() as s:
        first, second = s.session(0), s.session(1)
        status, fields, body = s.post('/lobby/try_contribute', bearer(first))
        base = json.loads(body)
        assert status == 200 and [c['numG1Powers'] for c in base['contributions']] == [4, 8, 16]
        assert fields['content-type'] == 'application/json'
        status, fields, body = s.post('/lobby/try_contribute/', bearer(second), JSON)
        assert (status, json.loads(body)) == BUSY
        assert fields['retry-after'] == '10' and fields['x-lobby-size'] == '1'
        assert s.post('/lobby/try_contribute', bearer(first))[2] == json.dumps(base, separators=(',', ':')).encode()
        assert s.json('GET', '/info/status')[1]['lobby_size'] == 1
        assert s.json('POST', '/contribution/abort', bearer(second)) == NOT_YOUR_TURN
        assert s.json('POST', '/contribution/abort', bearer(first)) == (200, {})
        assert s.json('POST', '/contribute/abort', bearer(first)) == NOT_YOUR_TURN
        assert 'contributions' in s.json('POST', '/lobby/try_contribute', bearer(second))[1]


def a_contribution_is_accepted_and_receipted():
    contribution = json.dumps(vectors()['contribution_A']).encode()
    with Running() as s:
        session = s.session(0)
        s.post('/lobby/try_contribute', bearer(session))
        status, fields, body = s.post('/contribute', bearer(session), JSON + ';charset=utf-8',
                                      body=contribution)
        assert status == 200, body
        answer = json.loads(body)
        assert body.decode() == json.dumps(answer, indent=2), body
        assert sorted(answer) == ['receipt', 'signature'] and len(answer['signature']) == 130
        assert json.loads(answer['receipt'])['identity'] == s.invitations[0][1]
        assert s.get('/receipt/1')[2] == body
        assert s.json('GET', '/receipt/2')[0] == 404 and s.json('GET', '/receipt/x')[0] == 404
        assert s.json('GET', '/info/status')[1]['num_contributions'] == 1
        assert s.json('POST', '/lobby/try_contribute', bearer(session)) == UNKNOWN
        status, _, again = s.sign_in(0)
        assert (status, json.loads(again)['code']) == (400, 'AuthErrorPayload::UserAlreadyContributed')
        repeated = s.post('/contribute', bearer(session), JSON, body=contribution)
        assert repeated[0] == 200 and repeated[2] == body, repeated


def the_transcript_names_its_contents():
    contribution = json.dumps(vectors()['contribution_A']).encode()
    with Running() as s:
        status, fields, body = s.get('/info/current_state')
        assert status == 200 and json.loads(body)['participantIds'] == ['']
        etag = fields['etag']
        assert s.get('/info/current_state', 'If-None-Match: ' + etag)[0] == 304
        assert s.get('/info/current_state', 'Range: bytes=0-0')[2] == b'{'
        session = s.session(0)
        s.post('/lobby/try_contribute', bearer(session))
        assert s.post('/contribute', bearer(session), JSON, body=contribution)[0] == 200
        status, fields, body = s.get('/info/current_state', 'If-None-Match: ' + etag)
        assert status == 200 and fields['etag'] != etag
        assert json.loads(body)['participantIds'] == ['', s.invitations[0][1]]


def unfit_bodies_are_told_apart_and_cost_no_turn():
    contribution = vectors()['contribution_A']
    with Running() as s:
        session = s.session(0)
        s.post('/lobby/try_contribute', bearer(session))
        for fields in ((), ('Content-Type: text/plain',), ('Content-Type: application/jsonx',)):
            status, told = s.json('POST', '/contribute', bearer(session), *fields, body=b'{}')
            assert status == 415, told
            assert told['error'] == 'Expected request with `Content-Type: application/json`'
        status, told = s.json('POST', '/contribute', bearer(session), JSON, body=b'{"contributions":')
        assert (status, told['code']) == (400, 'RequestError::InvalidJson')
        assert told['error'].startswith('Failed to parse the request body as JSON: ')
        status, told = s.json('POST', '/contribute', bearer(session), JSON, body=b'{"contributions":7}')
        assert (status, told['code']) == (422, 'RequestError::WrongShape')
        assert told['error'].startswith('Failed to deserialize the JSON body into the target type: ')
        status, told = s.json('POST', '/contribute', bearer(session), JSON, body=b'x' * (10485760 + 1))
        assert (status, told['error']) == (413, 'length limit exceeded')
        body = json.dumps(contribution).encode()
        assert s.post('/contribute', bearer(session), 'Content-Type: application/x+json', body=body)[0] == 200


def every_invalid_contribution_gets_its_documented_error():
    cases = [c for c in vectors()['negative_and_edge_cases'] if c.get('apply_on') == 'transcript_1']
    assert len(cases) > 10
    first = json.dumps(vectors()['contribution_A']).encode()
    with Running(len(cases) + 1) as s:
        session = s.session(0)
        s.post('/lobby/try_contribute', bearer(session))
        assert s.post('/contribute', bearer(session), JSON, body=first)[0] == 200
        told = 0
        for number, case in enumerate(cases, 1):
            if case['http'] == 200 or 'contribution' not in case:
                continue
            session = s.session(number)
            assert 'contributions' in s.json('POST', '/lobby/try_contribute', bearer(session))[1]
            body = case['contribution']
            body = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            status, answer = s.json('POST', '/contribute', bearer(session), JSON, body=body)
            assert status == case['http'], (case['name'], status, answer)
            if status == 400:
                assert answer == error(case['code'], case['error']), (case['name'], answer)
                assert s.json('POST', '/contribute', bearer(session), JSON, body=body) == NOT_YOUR_TURN
            else:
                s.post('/contribution/abort', bearer(session))
            told += 1
        assert told > 10, told
        assert s.json('GET', '/info/status')[1]['num_contributions'] == 1


def an_upload_without_a_turn_is_refused_and_the_client_sees_it():
    with Running() as s:
        url = 'http://127.0.0.1:%d/contribute' % s.port
        request = urllib.request.Request(url, b'x' * 6000000, {
            'Authorization': 'Bearer ' + s.session(0), 'Content-Type': 'application/json'})
        try:
            urllib.request.urlopen(request, timeout=60)
            raise AssertionError('it was accepted')
        except urllib.error.HTTPError as refused:
            assert refused.code == 400
            assert json.loads(refused.read()) == NOT_YOUR_TURN[1]
        with s.connect() as c:
            c.sendall(b'POST /contribute HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n'
                      b'Content-Length: 6000000\r\nExpect: 100-continue\r\nAuthorization: Bearer ' +
                      s.session(0).encode() + b'\r\n\r\n')
            status, _, body = split(read_all(c))
            assert (status, json.loads(body)) == NOT_YOUR_TURN


def node_clients_see_the_refusal_too():
    node = shutil.which('node')
    if node is None:
        raise tap.Skip('no node')
    script = os.path.join(os.path.dirname(__file__), 'early_refusal.mjs')
    with Running() as s:
        done = subprocess.run([node, script, str(s.port), '/contribute'], stdout=subprocess.PIPE,
                              timeout=60, check=False)
    assert done.returncode == 0, done
    seen = [line.split(' ', 2) for line in done.stdout.decode().splitlines()]
    assert [case for case, _, _ in seen] == ['fetch', 'http', 'expect'], seen
    for case, status, body in seen:
        assert (int(status), json.loads(body)) == NOT_YOUR_TURN, (case, status, body)


def a_client_that_vanishes_during_its_upload_keeps_its_turn():
    contribution = json.dumps(vectors()['contribution_A']).encode()
    with Running() as s:
        session = s.session(0)
        s.post('/lobby/try_contribute', bearer(session))
        with s.connect() as c:
            c.sendall(b'POST /contribute HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n'
                      b'Content-Length: %d\r\nAuthorization: Bearer %s\r\n\r\n' %
                      (len(contribution), session.encode()) + contribution[:1000])
            until(lambda: s.json('GET', '/ceremony/status')[1]['phase'] == 'uploading')
        assert s.post('/contribute', bearer(session), JSON, body=contribution)[0] == 200


def a_stop_finishes_an_upload_under_way():
    contribution = json.dumps(vectors()['contribution_A']).encode()
    with Running() as s:
        session = s.session(0)
        s.post('/lobby/try_contribute', bearer(session))
        with s.connect() as c:
            c.sendall(b'POST /contribute HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n'
                      b'Content-Length: %d\r\nExpect: 100-continue\r\nAuthorization: Bearer %s\r\n\r\n' %
                      (len(contribution), session.encode()))
            assert c.recv(100).startswith(b'HTTP/1.1 100')
            s.terminate()
            c.sendall(contribution)
            status, fields, body = read_reply(c)
            assert status == 200 and 'receipt' in json.loads(body), body


if __name__ == '__main__':
    tap.main(both_links_carry_the_same_state,
             a_redirect_must_be_allowed,
             an_invitation_signs_in,
             a_sign_in_leads_back_to_where_it_came_from,
             a_failed_sign_in_is_told_in_the_same_way,
             malformed_sign_ins_are_refused,
             the_sign_in_page_is_for_people,
             people_see_what_this_is,
             status_has_three_keys_and_the_alias_more,
             without_a_session_nothing_is_given,
             one_takes_a_turn_while_others_wait,
             a_contribution_is_accepted_and_receipted,
             the_transcript_names_its_contents,
             unfit_bodies_are_told_apart_and_cost_no_turn,
             every_invalid_contribution_gets_its_documented_error,
             an_upload_without_a_turn_is_refused_and_the_client_sees_it,
             node_clients_see_the_refusal_too,
             a_client_that_vanishes_during_its_upload_keeps_its_turn,
             a_stop_finishes_an_upload_under_way)
