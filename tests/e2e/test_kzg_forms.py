"""Challenges, responses and transcripts in several forms: what goes out to whom, what comes in, and
that a ceremony does not care which was used."""
import gzip
import hashlib
import http.server
import json
import os
import select
import socket
import threading
import time

from ceremony import convoke, done, save
from kzg_binary import TYPE, decode, encode
from http_probe import read_reply
from kzg_server import (JSON, NOT_YOUR_TURN, Holder, KzgServer, bearer, compact, tap, vectors)

BINARY = 'Content-Type: ' + TYPE
WANT_BINARY = 'Accept: %s, application/json;q=0.9' % TYPE
GZIP = 'Accept-Encoding: gzip'
VARY = 'Accept, Accept-Encoding'


def give(s, session, body, *fields):
    return s.json('POST', '/contribute', bearer(session), *fields, body=body)


def contribute_binary(s, session, contribution):
    s.take_turn(session)
    body = encode(contribution)
    status, answer = give(s, session, body, BINARY)
    assert status == 200, (status, answer)
    return body, answer


# ---- what goes out ----

def poll(s, session, *fields):
    """(header fields, body) of the challenge that this session has the turn for."""
    status, got, body = s.post('/lobby/try_contribute', bearer(session), *fields)
    assert status == 200 and got['vary'] == VARY, (status, got)
    return got, body


def poll_gzip(s, session, *fields):
    """The same once a worker has made it."""
    end = time.monotonic() + 30
    while True:
        got, body = poll(s, session, GZIP, *fields)
        if 'content-encoding' in got:
            return got, body
        assert json.loads(body) and time.monotonic() < end, 'it is never in gzip'
        time.sleep(0.02)


def a_challenge_goes_out_as_it_is_wished():
    v = vectors()
    with KzgServer() as s:
        for contribution in (None, v['contribution_A']):
            if contribution:
                s.contribute_as(s.newcomer(), contribution)
            a = s.newcomer()
            plain = s.take_turn(a)
            got, body = poll(s, a, WANT_BINARY, GZIP)
            assert got['content-type'] == TYPE and 'content-encoding' not in got, got
            assert compact(decode(body)) == plain
            assert encode(json.loads(plain)) == body
            packed, zipped = poll_gzip(s, a)
            assert packed['content-type'] == 'application/json', packed
            assert gzip.decompress(zipped) == plain
            assert len({got['etag'], packed['etag'], poll(s, a)[0]['etag']}) == 3
            assert s.ask(a, path='/contribution/abort')[0] == 200


# What clients of the original protocol, and libraries, send by themselves.
PLAIN = [
    (),
    ('Accept: */*',),
    ('Accept: application/json',),
    ('Accept: application/json, text/plain, */*',),
    ('Accept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2',),
    ('Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',),
    ('Accept: application/*',),
    ('Accept: text/plain',),
    ('Accept: application/json;q=0, */*',),
    ('Accept: %s;q=0.5, application/json' % TYPE,),
    ('Accept: %s;q=0, */*' % TYPE,),
    ('Accept: ,;q=,"',),
    ('Accept-Encoding: identity',),
    ('Accept-Encoding: deflate, br',),
    ('Accept-Encoding: *',),
    ('Accept-Encoding: gzip;q=0',),
]


def who_wishes_nothing_gets_plain_json():
    with KzgServer() as s:
        a = s.newcomer()
        plain = s.take_turn(a)
        poll_gzip(s, a)  # it is there, and still goes only to who wants it
        for fields in PLAIN:
            got, body = poll(s, a, *fields)
            assert got['content-type'] == 'application/json' and body == plain, (fields, got)
            assert 'content-encoding' not in got, (fields, got)


def the_transcript_goes_out_in_gzip_with_a_name_of_its_own():
    v = vectors()
    path = '/info/current_state'
    with KzgServer() as s:
        s.contribute_as(s.newcomer(), v['contribution_A'])
        status, fields, zipped = s.get(path, GZIP)
        _, plain_fields, plain = s.get(path)
        assert status == 200 and gzip.decompress(zipped) == plain
        assert fields['content-encoding'] == 'gzip' and fields['vary'] == VARY, fields
        assert plain_fields['vary'] == VARY and 'content-encoding' not in plain_fields
        assert fields['etag'] != plain_fields['etag']

        for field, etag, other in ((GZIP, fields['etag'], plain_fields['etag']),
                                   ('X: y', plain_fields['etag'], fields['etag'])):
            status, got, body = s.get(path, field, 'If-None-Match: ' + etag)
            assert (status, body) == (304, b'') and got['etag'] == etag and \
                got['vary'] == VARY and 'content-encoding' not in got, (status, got)
            assert s.get(path, field, 'If-None-Match: ' + other)[0] == 200

        status, got, part = s.get(path, GZIP, 'Range: bytes=10-29', 'If-Range: ' + fields['etag'])
        assert (status, part) == (206, zipped[10:30]), status
        assert got['content-range'] == 'bytes 10-29/%d' % len(zipped), got
        assert got['content-encoding'] == 'gzip', got
        status, got, part = s.get(path, GZIP, 'Range: bytes=999999999-')
        assert (status, part) == (416, b'') and 'content-encoding' not in got, (status, got)
        assert s.get(path, WANT_BINARY)[2] == plain  # which it has no binary form of


def lists_of(transcript):
    """The lists that grow, one under the other."""
    witness = [sub['witness'] for sub in transcript['transcripts']]
    return [transcript['participantIds'], transcript['participantEcdsaSignatures']] + \
        [w[key] for w in witness for key in ('runningProducts', 'potPubkeys', 'blsSignatures')]


def the_transcript_can_be_followed():
    v = vectors()
    with KzgServer() as s:
        s.contribute_as(s.newcomer(), v['contribution_A'])
        held = s.transcript()
        s.contribute_as(s.newcomer(), v['contribution_B'])
        whole = s.transcript()
        n = len(held['participantIds'])

        status, fields, body = s.get('/info/current_state?from=%d' % n)
        news = json.loads(body)
        status, _, body = s.get('/info/current_state?from=%d&powers=no' % n)
        bare = json.loads(body)

        assert status == 200 and 'etag' not in fields, fields
        for part in (news, bare):
            for old, new, all_of_it in zip(lists_of(held), lists_of(part), lists_of(whole)):
                assert len(new) == 1 and old + new == all_of_it
        for sub, none, full in zip(news['transcripts'], bare['transcripts'], whole['transcripts']):
            assert sub['powersOfTau'] == full['powersOfTau']
            assert none['powersOfTau'] == {'G1Powers': [], 'G2Powers': []}
            assert (none['numG1Powers'], none['numG2Powers']) == (0, 0)
        assert len(body) < 2500, len(body)
        for query in ('from=0', 'from=0&powers=yes', 'powers=yes', 'from=00', 'x=y'):
            assert s.get('/info/current_state?' + query)[2] == json.dumps(whole, indent=2).encode()
        for beyond in (3, 99, 9999999999):
            part = json.loads(s.get('/info/current_state?powers=no&from=%d' % beyond)[2])
            assert all(some == [] for some in lists_of(part)), part
        assert s.get('/info/current_state?from=1', GZIP)[1].get('content-encoding') is None
        for query in ('from=', 'from=-1', 'from=1x', 'from=0x1', 'from=99999999999', 'from=%201',
                      'powers=', 'powers=maybe', 'from=%ff', 'powers=no%00', 'from=1&powers=NO'):
            status, answer = s.json('GET', '/info/current_state?' + query)
            assert status == 400 and answer['code'] == 'RequestError::BadParameter', (query, answer)


def begin_part(s):
    """A part of 6 MB that is asked for and not read: (connection, status line)."""
    c = socket.socket()
    c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # so that it stays at the server
    c.connect(('127.0.0.1', s.port))
    c.settimeout(60)
    c.sendall(b'GET /info/current_state?from=1 HTTP/1.1\r\nHost: h\r\n\r\n')
    return c, c.recv(12)


def parts_that_are_not_fetched_are_few():
    with KzgServer(sizes='4096,65:8192,65:16384,65:32768,65') as s:
        slow = [begin_part(s) for _ in range(16)]
        assert all(line == b'HTTP/1.1 200' for _, line in slow), slow
        status, fields, _ = s.get('/info/current_state?from=1')
        assert status == 503 and fields['retry-after'], status
        assert s.get('/info/current_state')[0] == 200  # the whole one is there for all
        for c, _ in slow:
            c.close()
        end = time.monotonic() + 30
        while s.get('/info/current_state?powers=no')[0] != 200:
            assert time.monotonic() < end, 'parts that are gone still count'
            time.sleep(0.1)


def answered(clients, n):
    """So many of them, which an answer has come for."""
    end = time.monotonic() + 30
    while True:
        ready = select.select(clients, [], [], 0)[0]
        assert time.monotonic() < end, len(ready)
        if len(ready) >= n:
            return ready
        time.sleep(0.02)


def transcripts_that_take_long_hold_up_no_contribution():
    """Anybody may ask for them, and making one takes seconds when it is long: here, until the test
    writes what it is packed from."""
    with Holder() as s:
        s.get('/info/current_state')
        cache = s.path('server', 'cache')
        name, = (n for n in os.listdir(cache) if '-transcript-' in n)
        plain = os.path.join(cache, name)
        os.unlink(plain)
        os.mkfifo(plain)
        clients = [s.connect() for _ in range(80)]
        for c in clients:
            c.sendall(b'GET /info/current_state HTTP/1.1\r\nHost: h\r\n%s\r\nConnection: close\r\n\r\n'
                      % GZIP.encode())
        try:
            refused = answered(clients, 16)  # 64 wait
            assert all(read_reply(c)[0] == 503 for c in refused)
            status, answer = s.give(s.holder, s.body)
            assert status == 200, (status, answer)
        finally:
            with open(plain, 'wb') as f:
                f.write(b'{}')
        assert all(read_reply(c)[0] == 200 for c in clients if c not in refused)


# ---- what comes in ----

def a_ceremony_of_both_forms_is_as_good_as_any():
    v = vectors()
    with KzgServer() as s:
        a, b = s.newcomer(), s.newcomer()
        s.contribute_as(a, v['contribution_A'])
        body, answer = contribute_binary(s, b, v['contribution_B'])
        assert s.count() == 2
        s.check_receipt(answer)
        s.check_transcript()
        state = s.state()

        s.stop()
        s.start()

        assert s.state() == state
        status, again = give(s, b, body, BINARY)
        assert (status, again) == (200, answer), (status, again)
        after = s.newcomer()
        s.take_turn(after)  # which the binary one is the base of
        assert s.ask(after, path='/contribution/abort')[0] == 200
        s.stop()
        done(convoke('ceremony', 'finalize', s.dir))
        done(convoke('verify', s.export()))


def a_repeated_upload_needs_the_same_form():
    v = vectors()
    with KzgServer() as s:
        a = s.newcomer()
        body, answer = contribute_binary(s, a, v['contribution_A'])
        assert give(s, a, body, BINARY) == (200, answer)
        assert give(s, a, compact(v['contribution_A']), JSON) == NOT_YOUR_TURN


def what_is_not_the_named_form_is_refused_and_the_turn_goes_on():
    v = vectors()
    with KzgServer() as s:
        a = s.newcomer()
        s.take_turn(a)
        right = encode(v['contribution_A'])
        cases = [
            (BINARY, compact(v['contribution_A']), 400, 'InvalidBinary', 'does not begin'),
            (JSON, right, 400, 'InvalidJson', 'begins as application/vnd.convoke.kzg'),
            (BINARY, b'', 400, 'InvalidBinary', 'does not begin'),
            (BINARY, right[:-1], 400, 'InvalidBinary', 'announces'),
            (BINARY, right + b'\0', 400, 'InvalidBinary', 'at byte %d' % len(right)),
            (BINARY, right[:9], 400, 'InvalidBinary', 'ends at byte 9'),
            (BINARY, right[:7] + b'\2' + right[8:], 400, 'InvalidBinary', 'version 2'),
            (BINARY, right[:8] + b'\x11' + right[9:], 422, 'WrongShape', '17 sub-setups'),
            (BINARY, right[:10] + b'\xff' + right[11:], 422, 'WrongShape', 'at byte 10'),
            ('Content-Type: text/plain', right, 415, 'UnsupportedMediaType', 'Expected request'),
            (BINARY + '\nContent-Encoding: gzip', right, 415, 'UnsupportedMediaType', 'Encoding'),
        ]
        for fields, body, status, kind, text in cases:
            got, answer = give(s, a, body, fields)
            assert got == status and answer['code'] == 'RequestError::' + kind and \
                text in answer['error'], (fields, len(body), got, answer)
        assert s.stored() == []
        assert give(s, a, right, BINARY)[0] == 200


def a_wrong_contribution_is_refused_alike_in_both_forms():
    v = vectors()
    wrong = json.loads(json.dumps(v['contribution_A']))
    points = wrong['contributions'][0]['powersOfTau']['G1Powers']
    points[1], points[2] = points[2], points[1]
    answers = []
    with KzgServer() as s:
        for body, field in ((compact(wrong), JSON), (encode(wrong), BINARY)):
            session = s.newcomer()
            s.take_turn(session)
            answers.append(give(s, session, body, field))
    assert answers[0] == answers[1] and answers[0][0] == 400, answers


# ---- our own client ----

def read(*path):
    with open(os.path.join(*path), 'rb') as f:
        return f.read()


def our_client_speaks_binary_and_keeps_json():
    with KzgServer() as s:
        person = s.person()
        done(s.contribute(*person))
        kept = read(person[3], 'contribution.json')
        sent = read(person[3], 'contribution.bin')
        assert encode(json.loads(kept)) == sent
        receipt = json.loads(json.loads(read(person[3], 'receipt.json'))['receipt'])
        assert receipt['response'] == '0x' + hashlib.sha256(sent).hexdigest(), receipt
        assert [read(s.dir, path) for path in s.stored()] == [sent]


def what_was_accepted_is_handed_in_again_by_another_process():
    with KzgServer() as s:
        person = s.person()
        done(convoke('contribute', s.url, '--offline', 'request', *person))
        done(convoke('contribute', '--offline', 'compute', *person))
        session = json.loads(read(person[3], 'request.json'))['session']
        response = json.loads(read(person[3], 'contribution.json'))
        assert give(s, session, encode(response), BINARY)[0] == 200  # and its answer is lost
        outcome = done(convoke('contribute', '--offline', 'submit', *person[2:], '--json'))
        assert json.loads(outcome.stdout)['index'] == 1, outcome.stdout


def a_request_of_an_earlier_version_is_handed_in_as_json():
    with KzgServer() as s:
        person = s.person()
        done(convoke('contribute', s.url, '--offline', 'request', *person))
        request = json.loads(read(person[3], 'request.json'))
        assert request.pop('type') == TYPE
        save(request, person[3], 'request.json')
        done(convoke('contribute', '--offline', 'compute', *person))
        done(convoke('contribute', '--offline', 'submit', *person[2:]))
        assert [read(s.dir, path) for path in s.stored()] == [read(person[3], 'contribution.json')]
        assert not os.path.exists(os.path.join(person[3], 'contribution.bin'))


def binary_files_can_be_verified():
    v = vectors()
    with KzgServer(serving=False) as s:
        def verdict(batch, base=None):
            paths = []
            for part in filter(None, (batch, base)):
                paths.append(s.path('file%d' % len(paths)))
                with open(paths[-1], 'wb') as f:
                    f.write(part)
            more = ('--base', paths[1]) if base else ()
            got = convoke('verify', paths[0], '--json', *more)
            return got.returncode, json.loads(got.stdout.splitlines()[0])['kind']

        good = encode(v['contribution_A'])
        bad = bytearray(good)
        bad[10 + 27 + 48 + 47] ^= 1
        assert verdict(good) == (0, 'contribution')
        assert verdict(encode(v['base_1'])) == (0, 'challenge')
        assert verdict(good, encode(v['base_0'])) == (0, 'contribution')
        assert verdict(good, compact(v['base_0'])) == (0, 'contribution')
        assert verdict(compact(v['contribution_A']), encode(v['base_0'])) == (0, 'contribution')
        assert verdict(good, encode(v['base_1'])) == (1, 'contribution')
        assert verdict(bytes(bad)) == (1, 'contribution')
        assert verdict(good[:-1]) == (2, 'contribution')


class Garbage(http.server.BaseHTTPRequestHandler):
    """Says that what it sends is in gzip."""

    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Encoding', 'gzip')
        self.send_header('Content-Length', '9')
        self.end_headers()
        self.wfile.write(b'{"a": 12}')

    def log_message(self, *_):
        pass


def an_answer_that_does_not_unpack_ends_it_at_once():
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), Garbage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        got = convoke('verify', 'http://127.0.0.1:%d' % server.server_port)
        server.shutdown()
    assert got.returncode == 2 and 'trying again' not in got.stderr, got.stderr


if __name__ == '__main__':
    tap.main(
        a_challenge_goes_out_as_it_is_wished,
        who_wishes_nothing_gets_plain_json,
        the_transcript_goes_out_in_gzip_with_a_name_of_its_own,
        the_transcript_can_be_followed,
        parts_that_are_not_fetched_are_few,
        transcripts_that_take_long_hold_up_no_contribution,
        a_ceremony_of_both_forms_is_as_good_as_any,
        a_repeated_upload_needs_the_same_form,
        what_is_not_the_named_form_is_refused_and_the_turn_goes_on,
        a_wrong_contribution_is_refused_alike_in_both_forms,
        our_client_speaks_binary_and_keeps_json,
        what_was_accepted_is_handed_in_again_by_another_process,
        a_request_of_an_earlier_version_is_handed_in_as_json,
        binary_files_can_be_verified,
        an_answer_that_does_not_unpack_ends_it_at_once,
    )
