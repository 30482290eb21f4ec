"""The prover market's calls, as its protocol's text and its client have them, and bad input."""
import concurrent.futures
import contextlib
import hashlib
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import convoke, done  # noqa: E402
from http_probe import lines, read_reply, until  # noqa: E402
from market import (ACCEPTED, BODY_MAX, FINISHED, INVALID, Market, chunks, example_proof,  # noqa: E402
                    post_head, proof_of, sized, submission)

MIB = 1 << 20
VERDICTS = ('valid', 'invalid', 'malformed', 'error')
NOBODY = (422, b'participant  does not exist')
NOT_FOUND = (404, b'not found')
EXAMPLE_SHA256 = '7c28c56cf29247bd5a633b4dad473d69dca912397a45f71c13ae65b39fc43334'


def no_request(n):
    return 422, b'request %s does not exist' % str(n).encode()


def bad_field(name):
    return 422, b'invalid field ' + name.encode()


# ---- the table of the protocol's reference, row by row, on one market ----

class Table:
    """What the rows share: they are run one after another."""

    market = None
    first = second = bobs = None  # (request, batch_file)
    body = None  # the one that was accepted

    @classmethod
    def start(cls):
        if cls.market is None:
            try:
                example = example_proof()
            except tap.Skip:
                example = None
            cls.market = Market(example=example)
        return cls.market

    @classmethod
    def request(cls):
        cls.start()
        cls.first = cls.first or cls.market.batch('alice')
        return cls.first[0]


def get(path):
    return Table.start().text(path)


def sub(body, who='alice', **options):
    return Table.start().submit(who, body, **options)


def refused(proof='AAAA', **metadata):
    """The answer to alice's submission of a proof that is none."""
    return sub(submission(Table.request(), proof, **metadata))


# Rows that the protocol's own text asks for.

def row_1_a_participant_that_does_not_exist():
    assert get('/get_batch/?participant_id=nobody') == (422, b'participant nobody does not exist')


def row_5_a_batch_is_handed_out():
    Table.request()
    assert re.fullmatch(r'static/[A-Za-z0-9_-]{22,}/[A-Za-z0-9_-]{22,}', Table.first[1]), Table.first
    assert Table.market.fetch(Table.first[1]) == Table.market.batches[0]


def row_16_a_submission_of_nobody():
    assert sub(submission(1, 'AAAA'), who='nobody') == (422, b'participant nobody does not exist')


def row_17_a_submission_for_no_request():
    assert sub(submission(999999, 'AAAA')) == no_request(999999)


def row_29_a_proof_that_is_invalid():
    assert refused('AAAA') == INVALID


def row_31_a_submission_where_the_text_sends_it():
    request = Table.request()
    batch = Table.market.fetch(Table.first[1])
    Table.body = submission(request, proof_of(batch), version=2, acceleration='GPU')
    assert sub(Table.body, path='/get_batch/') == ACCEPTED


def row_36_nothing_is_left():
    assert get('/get_batch/?participant_id=alice') == FINISHED


# Further ones.

def rows_2_to_4_no_participant_an_empty_one_and_two():
    assert get('/get_batch/') == NOBODY
    assert get('/get_batch/?participant_id=') == NOBODY
    assert get('/get_batch/?participant_id=alice&participant_id=bob') == NOBODY


def rows_6_to_8_the_same_batch_again_whatever_the_slashes():
    Table.request()
    _, expected = get('/get_batch/?participant_id=alice')
    for path in ('/get_batch', '//get_batch/', '///get_batch//', '/get_batch/'):
        assert get(path + '?participant_id=alice') == (200, expected)


def row_9_the_head_of_the_example():
    example_proof()
    status, fields, body = Table.start().request('HEAD /static/example-proof.bin HTTP/1.1\nHost: h\n')
    assert (status, fields['content-length'], body) == (200, '1723', b''), fields


def row_10_another_participant_has_another_request():
    Table.request()
    Table.bobs = Table.market.batch('bob')
    assert Table.bobs[0] != Table.first[0] and Table.bobs[1] != Table.first[1]
    assert Table.market.fetch('/' + Table.bobs[1]) == Table.market.batches[0]


def rows_11_to_15_paths_that_lead_nowhere():
    own = Table.market.batch('bob')[1].split('/')[1]
    for path in ('/static/%s/%s' % ('A' * 24, 'A' * 24), '/static/', '/static/../../etc/passwd',
                 '/static/%2e%2e/%2e%2e/etc/passwd', '/static/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
                 '/static/' + own + '/', '/static/' + own, '/static/%s/%s' % (own, own),
                 '/static/%s/../%s' % (own, own), '/static/example-batch.bin/x'):
        assert get(path) == NOT_FOUND, path


def row_18_a_submission_for_anothers_request():
    assert sub(submission(Table.request(), 'AAAA'), who='bob') == no_request(Table.first[0])


def rows_19_and_20_what_is_no_object_of_json():
    assert sub(b'{"request_id":') == (400, b'malformed JSON')
    assert sub(b'[1]') == (400, b'malformed JSON')
    assert sub(b'') == (400, b'malformed JSON')
    assert sub(submission(1, 'AA\nAA')) == (400, b'malformed JSON')
    assert sub(b'{"request_id": 1, "request_id": 1}') == (400, b'malformed JSON')


def row_21_a_request_that_is_no_number():
    assert sub(submission('"x"', 'AAAA')) == no_request('')


def rows_22_to_26_metadata_that_cannot_be():
    assert refused(time=-5) == bad_field('proving_time')
    assert refused(time=0) == bad_field('proving_time')
    assert refused(cost='"3"') == bad_field('cost')
    assert refused(price=-1) == bad_field('price')
    assert refused(version='null') == bad_field('deployment_version')


def rows_27_and_28_a_proof_that_is_no_base64_or_empty():
    assert refused('@@@@') == INVALID
    assert refused('') == INVALID


def row_30_the_request_is_still_open():
    request = Table.request()
    assert Table.market.batch('alice') == Table.first and request == Table.first[0]


def row_32_the_same_body_again():
    assert sub(Table.body) == ACCEPTED


def row_33_another_body_for_what_is_done():
    assert sub(Table.body.replace(b'1000', b'1001')) == no_request(Table.first[0])


def row_34_then_the_next_batch():
    Table.second = Table.market.batch('alice')
    assert Table.second[0] != Table.first[0] and Table.second[1] != Table.first[1]


def row_35_cents_have_decimals_and_types_of_content_mean_nothing():
    request, file = Table.second
    body = submission(request, proof_of(Table.market.fetch(file)), cost='0.0516', price='0.07',
                      version='3.10')
    assert sub(body, path='/submit_proof', kind='Content-Type: text/plain') == ACCEPTED
    assert Table.market.rows('SELECT cost, cost_text, price, price_text, deployment FROM submission '
                             'WHERE request = ?', request) == \
        [(51600, '0.0516', 70000, '0.07', '3.10')]


def row_37_the_other_still_has_theirs():
    assert Table.market.batch('bob') == Table.bobs


def rows_38_to_40_methods_and_paths_that_are_none():
    for method, path, allowed in (('GET', '/submit_proof/', 'POST, OPTIONS'),
                                  ('PUT', '/get_batch/', 'GET, HEAD, POST, OPTIONS'),
                                  ('DELETE', '/static/x', 'GET, HEAD, OPTIONS')):
        status, fields, body = Table.market.request('%s %s HTTP/1.1\nHost: h\n' % (method, path))
        assert (status, body, fields['allow']) == (405, b'method not allowed', allowed), fields
    assert get('/nope') == NOT_FOUND


def row_41_the_example():
    example_proof()
    assert hashlib.sha256(Table.market.fetch('static/example-proof.bin')).hexdigest() == EXAMPLE_SHA256


def row_42_eight_at_once_get_one_request():
    with Market() as m, concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: m.batch('bob'), range(8)))) == 1
        assert m.rows('SELECT count(*) FROM request') == [(1,)]


def the_ids_of_participants_and_paths_of_batches_stand_in_no_log():
    m = Table.start()
    log = m.log()
    assert 'route=/get_batch' in log and 'route=/static/*/*' in log, log[-2000:]
    for secret in ('alice', 'bob', 'nobody', *Table.first[1].split('/')[1:]):
        assert secret not in log, [line for line in log.splitlines() if secret in line]


def what_happened_stands_in_the_metrics():
    m = Table.start()
    assert m.metric('convoke_market_submissions_total{result="accepted"}') == '2'
    assert m.metric('convoke_market_submissions_total{result="repeated"}') == '1'
    assert m.metric('convoke_market_submissions_total{result="invalid"}') == '3'
    assert m.metric('convoke_market_submissions_total{result="malformed"}') == '5'
    judged = [int(m.metric('convoke_market_proofs_total{verdict="%s"}' % v)) for v in VERDICTS]
    assert judged == [2, 0, 1, 0], judged  # what is no base64, or empty, is not judged
    assert m.metric('convoke_market_verification_seconds_count') == '3'
    assert m.metric('convoke_market_requests{state="done"}') == '2'
    assert m.metric('convoke_market_requests{state="open"}') == '1'
    assert int(m.metric('convoke_market_strangers_total')) >= 4
    assert float(m.metric('convoke_market_oldest_open_timestamp_seconds')) > time.time() - 3600
    assert int(m.metric('convoke_market_file_bytes_total')) >= 2 * len(m.batches[0])


# ---- the protocol's own client, byte for byte ----

CLIENT_FIELDS = ('User-Agent: python-requests/2.34.2', 'Accept-Encoding: gzip, deflate', 'Accept: */*',
                 'Connection: keep-alive')


class Client:
    """Three connections, each closed by the client after one answer."""

    def __init__(self, market, who, base=''):
        self.market, self.who, self.base = market, who, base
        self.host = 'Host: 127.0.0.1:%d' % market.port

    def exchange(self, first, *fields, body=b''):
        head = '%s HTTP/1.1\n%s\n' % (first, lines((self.host, *fields)))
        with self.market.connect() as s:
            s.sendall(head.replace('\n', '\r\n').encode() + body)
            status, _, text = read_reply(s)
            return status, text

    def get_batch(self):
        return self.exchange('GET %s/get_batch/?participant_id=%s' % (self.base, self.who), *CLIENT_FIELDS)

    def stub(self, batch_file):
        return self.exchange('GET %s/%s' % (self.base, batch_file), 'User-Agent: curl/7.88.1', 'Accept: */*')

    def submit(self, request, proof):
        body = json.dumps({'request_id': request, 'proof_data': proof, 'proving_time': 7200000,
                           'cost': 100000, 'price': 10100, 'acceleration': 'GPU',
                           'deployment_version': 2}).encode()
        return self.exchange('POST %s/submit_proof/?participant_id=%s' % (self.base, self.who),
                             *CLIENT_FIELDS, 'Content-Length: %d' % len(body),
                             'Content-Type: application/json', body=body)

    def run(self, proof=None):
        """What it prints last; `proof`: what the stub makes, instead of a valid one."""
        status, text = self.get_batch()
        if status != 200:
            return status, text
        answer = json.loads(text)
        status, batch = self.stub(answer['batch_file'])
        assert status == 200, (status, batch)
        made = proof if proof is not None else proof_of(batch)
        return self.submit(answer['request_id'], submission(1, made).split(b'"')[5].decode())


def the_original_client_is_told_what_becomes_of_its_proofs():
    with Market() as m:
        alice = Client(m, 'alice')
        with open(example_proof(), 'rb') as f:
            rejected = f.read()
        first = alice.get_batch()
        for _ in range(3):
            assert alice.run(rejected) == INVALID
            assert alice.get_batch() == first
        assert m.rows('SELECT count(*) FROM attempt') == [(3,)]
        assert m.rows('SELECT count(*) FROM submission') == [(0,)]

        assert alice.run() == ACCEPTED
        assert alice.run() == ACCEPTED
        assert alice.run() == FINISHED
        assert Client(m, 'mallory').run() == (422, b'participant mallory does not exist')
        # flags: price below cost, impossible time
        assert m.rows('SELECT proving_ms, cost_text, price_text, deployment, deployment_is_text, '
                      'acceleration, flags & 7 FROM submission ORDER BY request LIMIT 1') == \
            [(7200000, '100000', '10100', '2', 0, 'GPU', 3)]


def a_base_address_with_a_slash_at_its_end_is_as_good():
    with Market() as m:
        alice = Client(m, 'alice', base='/')
        assert [alice.run() for _ in range(3)] == [ACCEPTED, ACCEPTED, FINISHED]


# ---- bodies as they come ----

def in_pieces(market, pieces):
    """The answer to what is sent in these pieces, one segment each."""
    with market.connect() as s:
        for piece in pieces:
            s.sendall(piece)
            time.sleep(0.0005)  # so that they are not joined, mostly; either way the answer is the same
        status, _, text = read_reply(s)
        return status, text


def cut(data, at):
    return [data[:at], data[at:]]


def a_short_request_may_be_cut_anywhere():
    with Market() as m:
        request, file = m.batch('alice')
        body = submission(request, proof_of(m.fetch(file)))
        data = post_head('alice', 'Content-Length: %d' % len(body)) + body
        assert m.submit('alice', body) == ACCEPTED
        for at in range(1, len(data)):
            assert in_pieces(m, cut(data, at)) == ACCEPTED, at
        for n in (1, 2, 7, len(body)):
            head = post_head('alice', 'Transfer-Encoding: chunked')
            assert in_pieces(m, [head, chunks(body, n)]) == ACCEPTED, n
        assert m.rows('SELECT count(*) FROM submission') == [(1,)]


def a_long_request_may_be_cut_in_many_places():
    with Market('attempts_per_minute=60000') as m:
        request, _ = m.batch('alice')
        body = submission(request, os.urandom(300000), price='"no"')
        head = post_head('alice', 'Content-Length: %d' % len(body))
        for at in (1, 20, 34, 35, 36, 4096, 12288, 65536, 100001, len(body) - 100, len(body) - 60,
                   len(body) - 1):
            assert in_pieces(m, [head, *cut(body, at)]) == bad_field('price'), at
        for n in (1000, 4096, 65536):
            pieces = [body[i:i + n] for i in range(0, len(body), n)]
            assert in_pieces(m, [head, *pieces]) == bad_field('price'), n
            assert in_pieces(m, [post_head('alice', 'Transfer-Encoding: chunked'),
                                 chunks(body, n)]) == bad_field('price'), n


def a_body_that_is_announced_is_asked_for():
    with Market() as m:
        request, file = m.batch('alice')
        body = submission(request, proof_of(m.fetch(file)))
        with m.connect() as s:
            s.sendall(post_head('alice', 'Expect: 100-continue', 'Content-Length: %d' % len(body)))
            assert s.recv(1000).startswith(b'HTTP/1.1 100 Continue')
            s.sendall(body)
            status, _, text = read_reply(s)
        assert (status, text) == ACCEPTED


def a_body_that_is_announced_by_nobody_is_not():
    with Market() as m:
        for who, length, expected in (('nobody', 10, (422, b'participant nobody does not exist')),
                                      ('alice', BODY_MAX + 1, (413, b'request body too large'))):
            with m.connect() as s:
                s.sendall(post_head(who, 'Expect: 100-continue', 'Content-Length: %d' % length))
                status, _, text = read_reply(s)
            assert (status, text) == expected


def a_body_without_a_length_is_refused():
    with Market() as m:
        status, _, body = m.request('POST /submit_proof/?participant_id=alice HTTP/1.1\nHost: h\n')
        assert (status, body) == (411, b'length required')


def a_packed_body_is_refused():
    with Market() as m:
        assert m.submit('alice', b'{}', kind='Content-Encoding: gzip') == \
            (415, b'content encoding not supported')


def peak_memory(market):
    with open('/proc/%d/status' % market.process.pid, encoding='ascii') as f:
        return int(re.search(r'VmHWM:\s+(\d+) kB', f.read())[1]) << 10


def a_body_of_64_mib_is_read_in_little_memory_and_a_byte_more_is_refused():
    with Market() as m:
        request, _ = m.batch('alice')
        m.submit('alice', submission(request, 'AAAA'))
        before = peak_memory(m)
        body = sized(request, BODY_MAX)
        assert len(body) == BODY_MAX
        assert m.submit('alice', body) == INVALID
        grown = peak_memory(m) - before
        assert grown < 8 * MIB or 'sanitize' in os.environ.get('BUILD_DIR', ''), grown
        body = b' ' + body
        assert m.submit('alice', body) == (413, b'request body too large')
        with m.connect() as s:
            s.sendall(post_head('alice', 'Transfer-Encoding: chunked') + chunks(body, MIB))
            status, _, text = read_reply(s)
        assert (status, text) == (413, b'request body too large')
        assert m.rows('SELECT count(*) FROM attempt') == [(2,)]
        assert os.listdir(m.path('server', 'tmp')) == []


def metadata_without_an_end_are_refused():
    with Market() as m:
        request, _ = m.batch('alice')
        answer = m.submit('alice', submission(request, 'AAAA', more='x' * 8000, most='y' * 8000))
        assert answer == INVALID, answer
        assert m.submit('alice', submission(request, 'AAAA', a='x' * 8000, b='y' * 8000, c='z' * 400)) == \
            bad_field('extra')
        assert m.submit('alice', submission(request, 'AAAA', **{'k%d' % i: 'x' * 8000 for i in range(9)})) == \
            (413, b'request body too large')


# ---- many, slow, gone ----

def idle_connections_keep_nobody_waiting():
    with Market() as m, contextlib.ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(m.connect())
        m.prove('alice')


def who_sends_slowly_keeps_nobody_waiting():
    with Market() as m, contextlib.ExitStack() as stack:
        request, file = m.batch('alice')
        body = submission(request, proof_of(m.fetch(file)))
        slow = []
        for _ in range(4):
            s = stack.enter_context(m.connect())
            s.sendall(post_head('alice', 'Content-Length: %d' % len(body)) + body[:20])
            slow.append(s)
        until(lambda: m.metric('convoke_market_uploads') == '4')
        status, fields, text = m.post('/submit_proof/?participant_id=alice', body=body)
        assert (status, text) == (503, b'busy') and int(fields['retry-after']) > 0, fields
        m.prove('bob')
        for s in slow[1:]:
            s.close()
        for i in range(20, len(body)):
            slow[0].sendall(body[i:i + 1])
        status, _, text = read_reply(slow[0])
        assert (status, text) == ACCEPTED
        until(lambda: m.metric('convoke_market_uploads') == '0')
        assert os.listdir(m.path('server', 'tmp')) == []


def of_two_at_once_one_is_recorded():
    with Market('attempts_per_minute=1000') as m, concurrent.futures.ThreadPoolExecutor(4) as pool:
        request, file = m.batch('alice')
        proof = proof_of(m.fetch(file))
        answers = list(pool.map(lambda t: m.submit('alice', submission(request, proof, time=t)), range(1, 5)))
        assert sorted(set(answers)) == [ACCEPTED, no_request(request)], answers
        assert answers.count(ACCEPTED) == 1
        assert m.rows('SELECT count(*) FROM submission') == [(1,)]


def whoever_asks_too_often_is_answered_busy_and_never_finished():
    with Market(options=['--rates', '0,0,0,1', '--rate-loopback']) as m:
        m.batch('alice')
        status, fields, body = m.get('/get_batch/?participant_id=alice')
        assert (status, body) == (503, b'busy') and int(fields['retry-after']) > 0


def invalid_proofs_without_end_are_answered_busy():
    with Market('attempts_per_minute=3') as m:
        request, _ = m.batch('alice')
        answers = [m.submit('alice', submission(request, 'AAAB')) for _ in range(5)]
        assert answers == [INVALID] * 3 + [(503, b'busy')] * 2, answers
        m.prove('bob')


def a_prover_may_say_that_they_could_not():
    with Market() as m:
        request, _ = m.batch('alice')
        body = json.dumps({'request_id': request, 'error': 'out of memory'}).encode()
        assert m.submit('alice', body) == (200, b'failure recorded')
        assert m.submit('alice', body.replace(b'%d' % request, b'77')) == no_request(77)
        assert m.submit('bob', body) == no_request(request)
        assert m.rows('SELECT request, why FROM attempt') == [(request, 'out of memory')]
        assert m.batch('alice')[0] == request


def failures_without_end_are_answered_busy():
    with Market('attempts_per_minute=3') as m:
        request, file = m.batch('alice')
        body = json.dumps({'request_id': request, 'error': 'out of memory'}).encode()
        answers = [m.submit('alice', body) for _ in range(4)]
        assert answers == [(200, b'failure recorded')] * 3 + [(503, b'busy')], answers
        assert [m.submit('alice', submission(request, 'AAAB', price='"no"')) for _ in range(4)] == [
            bad_field('price')] * 4
        assert m.rows('SELECT verdict, count(*) FROM attempt GROUP BY verdict ORDER BY verdict') == [
            ('badmeta', 3), ('failed', 3)]
        assert m.submit('alice', submission(request, proof_of(m.fetch(file)))) == ACCEPTED


# ---- files ----

def a_batch_is_a_file_with_ranges_and_a_tag():
    with Market() as m:
        _, file = m.batch('alice')
        batch = m.batches[0]
        status, fields, body = m.get('/' + file)
        tag = '"%s"' % hashlib.sha256(batch).hexdigest()
        assert (status, body, fields['etag']) == (200, batch, tag)
        assert fields['content-type'] == 'application/octet-stream', fields
        assert (fields['cache-control'], fields['x-content-type-options']) == ('no-store', 'nosniff')
        status, fields, body = m.get('/' + file, 'Range: bytes=2-4')
        assert (status, body, fields['content-range']) == (206, batch[2:5], 'bytes 2-4/%d' % len(batch))
        assert m.get('/' + file, 'If-None-Match: ' + tag)[0] == 304
        assert m.get('/' + file, 'Range: bytes=99-')[0] == 416
        status, fields, body = m.request('HEAD /%s HTTP/1.1\nHost: h\n' % file)
        assert (status, fields['content-length'], body) == (200, str(len(batch)), b'')


def a_batch_that_came_in_parts_came_whole():
    not_fetched = 4
    with Market(ids=('alice', 'bob', 'carol', 'dave')) as m:
        for who, ranges in (('alice', ('bytes=0-3', 'bytes=4-')), ('bob', ('bytes=0-3',)), ('carol', ()),
                            ('dave', ('bytes=-1',))):
            request, file = m.batch(who)
            for wanted in ranges:
                assert m.get('/' + file, 'Range: ' + wanted)[0] == 206
            assert m.submit(who, submission(request, proof_of(m.batches[0]))) == ACCEPTED
        flags = [row[0] & not_fetched for row in m.rows('SELECT flags FROM submission ORDER BY request')]
        assert flags == [0, not_fetched, not_fetched, not_fetched], flags


def break_off(m, file, n):
    """Reads so many bytes of a file at least, and hangs up. Returns how many came."""
    with m.connect() as s:
        s.sendall(b'GET /%s HTTP/1.1\r\nHost: h\r\n\r\n' % file.encode())
        got = b''
        while b'\r\n\r\n' not in got or len(got) < n:
            got += s.recv(1 << 16)
        return len(got.split(b'\r\n\r\n', 1)[1])


def a_download_that_broke_off_may_be_resumed():
    not_fetched = 4
    batch = os.urandom(1 << 20) * 32
    with Market() as m:
        os.mkdir(m.path('large'))
        with open(m.path('large', 'large.batch'), 'wb') as f:
            f.write(batch)
        for who in ('alice', 'bob'):
            m.prove(who)
            m.prove(who)
        done(convoke('market', 'batch', 'import', m.dir, m.path('large'), '--verifier', 'sha256'))
        for who, resumes in (('alice', True), ('bob', False)):
            request, file = m.batch(who)
            at = break_off(m, file, 1 << 20)
            assert at < len(batch)
            wanted = 'bytes=%d-' % at if resumes else 'bytes=-1'
            status, _, rest = m.get('/' + file, 'Range: ' + wanted)
            assert (status, rest) == (206, batch[at if resumes else -1:])
            assert m.submit(who, submission(request, proof_of(batch))) == ACCEPTED
        flags = [row[0] & not_fetched for row in m.rows('SELECT flags FROM submission ORDER BY request')]
        assert flags == [0, 0, 0, 0, 0, not_fetched], flags


# ---- what is served ----

def a_ceremony_and_a_market_are_served_together():
    with Market(ceremony=True) as m:
        m.prove('alice')
        assert m.get('/nope')[2] == b'<h1>Error 404</h1>'
        assert m.text('/static/nope') == NOT_FOUND
        assert m.text('/static/a/b/c') == NOT_FOUND
        assert m.get('/')[1]['content-type'].startswith('text/html')
        assert json.loads(m.get('/info/status')[2])['num_contributions'] == 0
        assert json.loads(m.get('/experiment')[2])['batches'] == 2
        assert m.metric('convoke_contributions_total') == '0'
        assert m.metric('convoke_market_requests{state="done"}') == '1'


def a_market_alone_says_what_it_is():
    with Market('open_max=3', 'request_ttl_s=60') as m:
        info = json.loads(m.get('/')[2])
        assert m.get('/experiment')[2] == m.get('/')[2]
        assert (info['experiment'], info['open_requests'], info['request_ttl_ms']) == ('tiny', 3, 60000)
        assert info['body_bytes_max'] == BODY_MAX
        assert m.text('/info/status') == NOT_FOUND
        assert m.get('/health')[0] == 200


def what_is_not_there_is_not_served():
    with Market(serving=False) as m:
        wrong = convoke('serve', m.dir, '--listen', '127.0.0.1:0', '--experiment', 'other')
        assert wrong.returncode == 2 and 'other' in wrong.stderr, wrong.stderr
        wrong = convoke('serve', m.dir, '--listen', '127.0.0.1:0', '--ceremony', 'other')
        assert wrong.returncode == 2, wrong.stderr


def a_posted_price_is_told_to_whom_it_is_for():
    with Market('group=cheap:12.5', ids=('alice:cheap', 'bob')) as m:
        _, answer = m.text('/get_batch/?participant_id=alice')
        assert json.loads(answer)['posted_price'] == 12.5 and b'"posted_price": 12.5}' in answer, answer
        m.batch('bob')


def a_server_that_was_killed_goes_on_where_it_was():
    with Market() as m:
        first = m.batch('alice')
        body = submission(first[0], proof_of(m.fetch(first[1])))
        m.stop(9)
        m.start()
        assert m.batch('alice') == first
        assert m.submit('alice', body) == ACCEPTED
        m.stop(9)
        m.start()
        assert m.submit('alice', body) == ACCEPTED
        assert m.batch('alice') != first
        assert m.rows('SELECT count(*) FROM submission') == [(1,)]


def main():
    try:
        tap.main(
            row_1_a_participant_that_does_not_exist,
            rows_2_to_4_no_participant_an_empty_one_and_two,
            row_5_a_batch_is_handed_out,
            rows_6_to_8_the_same_batch_again_whatever_the_slashes,
            row_9_the_head_of_the_example,
            row_10_another_participant_has_another_request,
            rows_11_to_15_paths_that_lead_nowhere,
            row_16_a_submission_of_nobody,
            row_17_a_submission_for_no_request,
            row_18_a_submission_for_anothers_request,
            rows_19_and_20_what_is_no_object_of_json,
            row_21_a_request_that_is_no_number,
            rows_22_to_26_metadata_that_cannot_be,
            rows_27_and_28_a_proof_that_is_no_base64_or_empty,
            row_29_a_proof_that_is_invalid,
            row_30_the_request_is_still_open,
            row_31_a_submission_where_the_text_sends_it,
            row_32_the_same_body_again,
            row_33_another_body_for_what_is_done,
            row_34_then_the_next_batch,
            row_35_cents_have_decimals_and_types_of_content_mean_nothing,
            row_36_nothing_is_left,
            row_37_the_other_still_has_theirs,
            rows_38_to_40_methods_and_paths_that_are_none,
            row_41_the_example,
            row_42_eight_at_once_get_one_request,
            the_ids_of_participants_and_paths_of_batches_stand_in_no_log,
            what_happened_stands_in_the_metrics,
            the_original_client_is_told_what_becomes_of_its_proofs,
            a_base_address_with_a_slash_at_its_end_is_as_good,
            a_short_request_may_be_cut_anywhere,
            a_long_request_may_be_cut_in_many_places,
            a_body_that_is_announced_is_asked_for,
            a_body_that_is_announced_by_nobody_is_not,
            a_body_without_a_length_is_refused,
            a_packed_body_is_refused,
            a_body_of_64_mib_is_read_in_little_memory_and_a_byte_more_is_refused,
            metadata_without_an_end_are_refused,
            idle_connections_keep_nobody_waiting,
            who_sends_slowly_keeps_nobody_waiting,
            of_two_at_once_one_is_recorded,
            whoever_asks_too_often_is_answered_busy_and_never_finished,
            invalid_proofs_without_end_are_answered_busy,
            a_prover_may_say_that_they_could_not,
            failures_without_end_are_answered_busy,
            a_batch_is_a_file_with_ranges_and_a_tag,
            a_batch_that_came_in_parts_came_whole,
            a_download_that_broke_off_may_be_resumed,
            a_ceremony_and_a_market_are_served_together,
            a_market_alone_says_what_it_is,
            what_is_not_there_is_not_served,
            a_posted_price_is_told_to_whom_it_is_for,
            a_server_that_was_killed_goes_on_where_it_was)
    finally:
        if Table.market is not None:
            Table.market.__exit__()


if __name__ == '__main__':
    main()
