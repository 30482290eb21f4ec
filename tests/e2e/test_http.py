"""src/http against clients good and bad, over real sockets (probe_server.c)."""
import http.client
import json
import os
import resource
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from http_probe import Server, lines, program, read_all, read_reply, split, until  # noqa: E402

MIB = 1 << 20
BODY_MAX = 10 * MIB


def start(head_ms=600000, upload_ms=600000, discard_ms=600000, window_ms=600000, rate=1,
          body_max=BODY_MAX, **more):
    return Server(program('probe_server'), *(str(n) for n in (head_ms, upload_ms, discard_ms,
                                                             window_ms, rate, body_max)), **more)


class Running:
    """`with Running() as s:` and at the end it must have stopped cleanly."""

    def __init__(self, **limits):
        self.limits = limits

    def __enter__(self):
        self.server = start(**self.limits)
        return self.server

    def __exit__(self, kind, *_):
        if kind is not None:
            self.server.process.kill()
        status = self.server.wait()
        assert kind is not None or status == 0, 'the server ended with status %d' % status


def report(s):
    return json.loads(s.get('/report')[2])


def a_request_is_answered_with_the_common_headers():
    with Running() as s:
        status, fields, body = s.get('/hello')
    assert (status, body) == (200, b'hello'), (status, body)
    assert fields['access-control-allow-origin'] == '*'
    assert fields['cache-control'] == 'no-store'
    assert fields['x-content-type-options'] == 'nosniff'
    assert int(fields['x-request-id']) > 0


def connections_are_kept_alive():
    with Running() as s, s.connect() as c:
        for _ in range(3):
            c.sendall(b'GET /hello HTTP/1.1\r\nHost: h\r\n\r\n')
            assert read_reply(c)[0] == 200


def what_does_not_exist_is_told():
    with Running() as s:
        status, fields, body = s.get('/nothing')
        assert (status, body) == (404, b'<h1>Error 404</h1>'), (status, body)
        assert fields['content-type'] == 'text/html'
        assert fields['access-control-allow-origin'] == '*'
        status, fields, body = s.get('/refuse')
        assert (status, body, fields['allow']) == (405, b'', 'POST, OPTIONS'), (status, body, fields)


def head_gives_the_headers_only():
    with Running() as s:
        status, fields, body = s.request('HEAD /hello HTTP/1.1\nHost: h\n')
    assert (status, fields['content-length'], body) == (200, '5', b'')


def a_preflight_is_answered():
    with Running() as s:
        status, fields, _ = s.request('OPTIONS /refuse HTTP/1.1\nHost: h\nOrigin: http://x\n'
                                      'Access-Control-Request-Method: POST\n')
    assert status == 204, status
    assert 'authorization' in fields['access-control-allow-headers']
    assert 'content-type' in fields['access-control-allow-headers']
    assert 'POST' in fields['access-control-allow-methods']


BAD = {
    'length and chunks': b'POST /take HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n'
                         b'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'two lengths': b'POST /take HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello',
    'no host': b'GET /hello HTTP/1.1\r\n\r\n',
    'two hosts': b'GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
    'a space before the colon': b'GET /hello HTTP/1.1\r\nHost : h\r\n\r\n',
    'a host that is none': b'GET /hello HTTP/1.1\r\nHost: a"><b\r\n\r\n',
    'a length with a sign': b'POST /take HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\nhello',
    'a negative length': b'POST /take HTTP/1.1\r\nHost: h\r\nContent-Length: -5\r\n\r\nhello',
    'a length with letters': b'POST /take HTTP/1.1\r\nHost: h\r\nContent-Length: 5x\r\n\r\nhello',
    'an endless length': b'POST /take HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\nx',
    'an unknown encoding': b'POST /take HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    'a name in quotes': b'GET /hello HTTP/1.1\r\nHost: h\r\n"X": y\r\n\r\n',
    'two authorizations': b'GET /hello HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer a\r\n'
                          b'Authorization: Bearer b\r\n\r\n',
    'a huge header': b'GET /hello HTTP/1.1\r\nHost: h\r\nX: ' + b'y' * 70000 + b'\r\n\r\n',
    'a long header': b'GET /hello HTTP/1.1\r\nHost: h\r\nX: ' + b'y' * 9000 + b'\r\n\r\n',
    'too many headers': b'GET /hello HTTP/1.1\r\nHost: h\r\n' + b'X: y\r\n' * 100 + b'\r\n',
    'a long target': b'GET /hello?' + b'y' * 17000 + b' HTTP/1.1\r\nHost: h\r\n\r\n',
    'a zero byte in the path': b'GET /hello%00x HTTP/1.1\r\nHost: h\r\n\r\n',
    'a bad escape': b'GET /hello%zz HTTP/1.1\r\nHost: h\r\n\r\n',
    'an absolute target': b'GET http://h/hello HTTP/1.1\r\nHost: h\r\n\r\n',
    'an unknown version': b'GET /hello HTTP/9.9\r\nHost: h\r\n\r\n',
    'no request at all': b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
    'a folded field': b'GET /hello HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n',
    'a folded encoding': b'POST /take HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n chunked\r\n'
                         b'Content-Length: 3\r\n\r\n0\r\n\r\n',
    'a folded length': b'POST /take HTTP/1.1\r\nHost: h\r\nX: y\r\n\tContent-Length: 3\r\n\r\nabc',
    'a folded first field': b'GET /hello HTTP/1.1\r\n X: y\r\nHost: h\r\n\r\n',
    'a huge chunk size': b'POST /take HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n'
                         b'fffffffffffffffff\r\nx',
}


def bad_requests_are_refused_and_their_connection_ends():
    with Running() as s:
        for what, request in BAD.items():
            # a request smuggled behind the bad one must not be answered
            reply = s.raw(request + b'GET /hello HTTP/1.1\r\nHost: h\r\n\r\n')
            status = split(reply)[0]
            assert status == 0 or 400 <= status < 600, '%s: %d' % (what, status)
            assert b' 200 ' not in reply and b'hello' not in reply, what
        assert report(s)['taken'] == 0
        assert s.get('/hello')[0] == 200


def the_gate_says_why():
    with Running() as s:
        status, fields, body = split(s.raw(BAD['two authorizations']))
    assert status == 400 and fields['connection'].lower() == 'close'
    assert json.loads(body) == {'code': 'RequestError::Malformed',
                                'error': 'more than one Authorization header'}, body


def bare_line_feeds_hide_no_field():
    with Running() as s:
        assert split(s.raw(b'GET /hello HTTP/1.1\nHost: h\nConnection: close\n\n'))[0] == 200
        reply = s.raw(b'POST /take HTTP/1.1\r\nHost: h\r\nX: y\nTransfer-Encoding: chunked\r\n'
                      b'Content-Length: 3\r\n\r\n0\r\n\r\n')
        assert split(reply)[0] == 400, reply
        assert report(s)['taken'] == 0


def bodies_arrive_whole_in_both_framings():
    body = b'x' * 3 * MIB
    with Running() as s:
        assert json.loads(s.post('/take', body=body)[2])['taken'] == len(body)
        chunks = b''.join(b'%x\r\n%s\r\n' % (65536, body[i:i + 65536])
                          for i in range(0, len(body), 65536)) + b'0\r\n\r\n'
        reply = s.request('POST /take HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n', chunks)
        assert json.loads(reply[2])['taken'] == 2 * len(body)


def an_early_refusal_reaches_a_client_that_sends_its_body_first():
    with Running() as s:
        client = http.client.HTTPConnection('127.0.0.1', s.port, timeout=60)
        for _ in range(2):  # and the connection can be used again
            client.request('POST', '/refuse', b'x' * 6 * MIB, {'Content-Type': 'application/json'})
            reply = client.getresponse()
            assert reply.status == 400
            assert json.loads(reply.read())['code'] == 'Probe::Refused'
        client.close()
        assert report(s)['taken'] == 0


def an_early_refusal_answers_a_client_that_asks_first():
    with Running() as s, s.connect() as c:
        c.sendall(b'POST /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 6000000\r\n'
                  b'Expect: 100-continue\r\n\r\n')
        status, fields, body = split(read_all(c))
        assert status == 400 and fields['connection'].lower() == 'close'
        assert json.loads(body)['code'] == 'Probe::Refused'


def a_wanted_body_is_asked_for():
    with Running() as s, s.connect() as c:
        c.sendall(b'POST /take HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n')
        assert c.recv(100).startswith(b'HTTP/1.1 100 ')
        c.sendall(b'abc')
        assert read_reply(c)[0] == 200


def a_body_over_the_limit_is_answered_413():
    with Running(body_max=MIB) as s:
        status, _, body = s.post('/take', body=b'x' * (MIB + 1))
        assert status == 413, status
        assert json.loads(body)['error'] == 'length limit exceeded'
        chunks = (b'10000\r\n' + b'x' * 65536 + b'\r\n') * 17 + b'0\r\n\r\n'
        reply = s.request('POST /take HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n', chunks)
        assert reply[0] == 413, reply
        assert report(s)['taken'] <= MIB


def a_body_without_end_is_cut_off():
    with Running(body_max=MIB) as s, s.connect() as c:
        c.sendall(b'POST /take HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n')
        try:
            for _ in range(1000):
                c.sendall(b'10000\r\n' + b'x' * 65536 + b'\r\n')
        except (BrokenPipeError, ConnectionResetError):
            return
        raise AssertionError('64 MB were taken')


def a_head_that_does_not_end_is_cut_off():
    with Running(head_ms=300) as s, s.connect() as c:
        c.sendall(b'GET /hello HTTP/1.1\r\nHost: h\r\n')
        try:
            until(lambda: c.sendall(b'X: y\r\n') or c.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK) == b'')
        except BlockingIOError:
            assert read_all(c) == b''
        except (BrokenPipeError, ConnectionResetError):
            pass


def silent_connections_are_cut_off():
    with Running(head_ms=300) as s, s.connect() as c:
        assert read_all(c) == b''


def a_trickling_upload_is_cut_off():
    with Running(window_ms=300, rate=100000) as s, s.connect() as c:
        c.sendall(b'POST /take HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nx')
        assert read_all(c) == b''


def an_upload_has_an_end():
    with Running(upload_ms=300) as s, s.connect() as c:
        c.sendall(b'POST /take HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nx')
        assert read_all(c) == b''


def an_unwanted_body_has_an_end_too():
    with Running(discard_ms=300) as s, s.connect() as c:
        c.sendall(b'POST /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nx')
        assert read_all(c) == b''


def a_client_that_hangs_up_within_its_body_is_noticed():
    """Also when the end of the connection comes together with the last bytes."""
    heads = [b'POST /job HTTP/1.1\r\nHost: h\r\n' + framing for framing in (
        b'Content-Length: 1000\r\n\r\n', b'Content-Length: 1000\r\n\r\nx',
        b'Transfer-Encoding: chunked\r\n\r\n', b'Transfer-Encoding: chunked\r\n\r\n5\r\nab')]
    with Running() as s:
        for head in heads * 8:
            with s.connect() as c:
                c.sendall(head)
        until(lambda: report(s)['cut'] == 8 * len(heads))


def a_client_that_closes_its_half_after_the_body_gets_its_answer():
    with Running() as s:
        for _ in range(8):
            with s.connect() as c:
                c.sendall(b'POST /take HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody')
                c.shutdown(socket.SHUT_WR)
                assert split(read_all(c))[0] == 200


def others_are_served_while_jobs_run():
    with Running() as s:
        clients = [s.connect() for _ in range(4)]
        for c in clients:
            c.sendall(b'POST /job HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n')
        until(lambda: report(s)['waiting'] == 2)  # two workers: the others wait in the queue
        assert s.get('/hello')[0] == 200
        s.post('/release')
        for c in clients:
            assert read_reply(c)[2] == b'worked'
            c.close()


def more_jobs_than_the_limit_are_answered_503():
    with Running() as s:
        clients = [s.connect() for _ in range(80)]
        for c in clients:
            c.sendall(b'POST /job HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
        refused = 0
        until(lambda: report(s)['asked'] == 80)
        s.post('/release')
        for c in clients:
            status, fields, _ = split(read_all(c))
            assert status in (200, 503), status
            refused += status == 503
            assert status == 200 or int(fields['retry-after']) > 0
            c.close()
        assert refused == 80 - 64, refused


def a_client_that_hangs_up_while_its_job_runs_harms_nothing():
    with Running() as s:
        for _ in range(2):
            c = s.connect()
            c.sendall(b'POST /job HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n')
            until(lambda: report(s)['waiting'] >= 1)
            c.close()
        s.post('/release')
        until(lambda: report(s)['waiting'] == 0)
        assert s.post('/job')[2] == b'worked'


PARK = b'POST /park HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n'


def parked_requests_take_neither_threads_nor_jobs():
    with Running() as s:
        clients = [s.connect() for _ in range(100)]  # more than there are jobs
        for c in clients:
            c.sendall(PARK)
        until(lambda: report(s)['parked'] == 100)
        assert s.get('/hello')[0] == 200
        s.post('/wake')
        for c in clients:
            assert read_reply(c)[2] == b'woken'
            c.sendall(b'GET /hello HTTP/1.1\r\nHost: h\r\n\r\n')  # and the connection goes on
            assert read_reply(c)[0] == 200
            c.close()


def a_request_that_cannot_be_parked_is_woken_at_once():
    with Running() as s:
        s.post('/release')  # the probe parks nobody any more
        assert s.post('/park')[2] == b'woken'


def a_parked_request_may_start_a_job_when_it_is_woken():
    with Running() as s:
        c = s.connect()
        c.sendall(PARK.replace(b'/park', b'/park?job'))
        until(lambda: report(s)['parked'] == 1)
        s.post('/wake')
        until(lambda: report(s)['waiting'] == 1)
        s.post('/release')
        assert read_reply(c)[2] == b'worked'
        c.close()


def a_client_that_hangs_up_while_parked_is_seen_when_it_is_woken():
    with Running() as s:
        gone, there = s.connect(), s.connect()
        for c in (gone, there):
            c.sendall(PARK)
        until(lambda: report(s)['parked'] == 2)
        gone.close()
        s.post('/wake')
        assert read_reply(there)[2] == b'woken'
        until(lambda: report(s)['cut'] + report(s)['sent'] == 2)
        assert report(s)['gone'] == 1
        there.close()


def a_stop_answers_those_that_wait():
    with Running() as s:
        c = s.connect()
        c.sendall(PARK)
        until(lambda: report(s)['parked'] == 1)
        s.terminate()
        s.process.stdin.close()  # the probe wakes all then
        assert read_reply(c)[2] == b'woken'
        c.close()


STREAM = b'GET /stream HTTP/1.1\r\nHost: h\r\n\r\n'


class Stream:
    """A client of /stream: its lines as they come."""

    def __init__(self, s, request=STREAM):
        self.socket = s.connect()
        self.socket.sendall(request)
        self.file = self.socket.makefile('rb')
        self.status = int(self.file.readline().split()[1])
        self.fields = {}
        while (line := self.file.readline()) != b'\r\n':
            name, _, value = line.decode().partition(':')
            self.fields[name.lower()] = value.strip()

    def chunk(self):
        size = int(self.file.readline(), 16)
        data = self.file.read(size)
        assert self.file.readline() == b'\r\n'
        return data

    def lines(self, n):
        """The next n lines (they may be any number of chunks), or all until the end."""
        data = b''
        while data.count(b'\n') < n:
            piece = self.chunk()
            if not piece:
                break
            data += piece
        return data.split()

    def close(self):
        self.file.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def numbers(first, last):
    return [b'%d' % i for i in range(first, last + 1)]


def a_stream_tells_what_comes_when_it_comes():
    with Running() as s:
        c = Stream(s)
        assert (c.status, c.fields['transfer-encoding']) == (200, 'chunked'), c.fields
        assert (c.fields['content-type'], c.fields['cache-control']) == ('text/plain', 'no-store')
        for turn in range(3):
            s.post('/publish')
            assert c.lines(100) == numbers(100 * turn + 1, 100 * turn + 100)
        assert report(s)['sent'] + report(s)['cut'] == 0
        c.close()


def a_stream_that_ends_leaves_its_connection_in_use():
    with Running() as s:
        s.post('/publish')
        c = Stream(s)
        assert c.lines(100) == numbers(1, 100)
        s.post('/finish')
        assert c.chunk() == b''
        until(lambda: report(s)['sent'] == 1)
        c.socket.sendall(b'GET /hello HTTP/1.1\r\nHost: h\r\n\r\n')
        assert read_reply(c.socket)[2] == b'hello'
        c.close()


def no_wake_of_a_stream_is_lost():
    """Two hundred streams, woken by two threads at once while the server's own put them to sleep."""
    with Running() as s:
        streams = [Stream(s) for _ in range(200)]
        publishers = [s.connect() for _ in range(20)]
        for p in publishers:
            p.sendall(b'POST /publish HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n')
        for p in publishers:
            assert read_reply(p)[2] == b'published'
            p.close()
        for c in streams:
            assert c.lines(2000) == numbers(1, 2000)
            c.close()


def a_stream_is_no_thread_and_no_job():
    with Running() as s:
        streams = [Stream(s) for _ in range(100)]
        assert s.get('/hello')[0] == 200 and report(s)['streams'] == 100
        s.post('/release')
        assert s.post('/job')[2] == b'worked'
        for c in streams:
            c.close()


def a_client_of_a_stream_that_hung_up_is_found_by_the_next_wake():
    with Running() as s:
        gone, there = Stream(s), Stream(s)
        until(lambda: report(s)['streams'] == 2)
        gone.close()
        s.post('/publish')
        until(lambda: report(s)['streams'] == 1)
        assert (report(s)['cut'], report(s)['sent']) == (1, 0)
        assert there.lines(100) == numbers(1, 100)
        there.close()


def a_client_that_takes_nothing_of_a_stream_is_cut_off():
    with Running(env={'PROBE_STALL_MS': '300'}) as s:
        there, slow = Stream(s), s.connect()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(STREAM.replace(b'/stream', b'/stream?gush'))
        until(lambda: report(s)['cut'] == 1)
        s.post('/publish')  # one with nothing to take has all the time in the world
        assert there.lines(100) == numbers(1, 100)
        there.close()
        slow.close()


def a_silent_stream_outlives_a_silent_connection():
    with Running(head_ms=300, env={'PROBE_STALL_MS': '300'}) as s:
        c = Stream(s)
        for _ in range(2):
            with s.connect() as silent:
                assert read_all(silent) == b''
        s.post('/publish')
        assert c.lines(100) == numbers(1, 100)
        c.close()


def head_of_a_stream_begins_none():
    with Running() as s, s.connect() as c:
        c.sendall(STREAM.replace(b'GET', b'HEAD'))
        status, fields, body = split(read_all(c))
        assert (status, fields['content-type'], body) == (200, 'text/plain', b''), body
        assert (report(s)['streams'], report(s)['sent']) == (0, 1)


def a_stream_over_http_1_0_ends_with_its_connection():
    with Running() as s, s.connect() as c:
        s.post('/publish')
        c.sendall(b'GET /stream HTTP/1.0\r\n\r\n')
        until(lambda: report(s)['streams'] == 1)
        s.post('/finish')
        status, fields, body = split(read_all(c))
        assert (status, body.split()) == (200, numbers(1, 100))
        assert 'transfer-encoding' not in fields, fields


def a_stop_ends_streams():
    with Running() as s:
        streams = [Stream(s) for _ in range(50)]
        until(lambda: report(s)['streams'] == 50)
        s.terminate()
        for c in streams:
            assert c.chunk() == b''
            c.close()


def a_stop_does_not_wait_for_a_client_that_takes_nothing():
    with Running() as s, s.connect() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(STREAM.replace(b'/stream', b'/stream?gush'))
        until(lambda: report(s)['streams'] == 1)
        s.terminate()
        assert s.wait() == 0  # in the five seconds of LIMIT_LAST_REPLY_MS, not the grace of 30


def a_file_is_sent_whole_in_part_or_not_at_all():
    with Running() as s:
        status, fields, body = s.get('/file')
        assert status == 200 and len(body) == 5000000
        assert body[250:253] == bytes((250, 0, 1))
        assert fields['etag'] == '"etag-of-file"' and fields['cache-control'] == 'no-cache'
        status, fields, body = s.get('/file', 'Range: bytes=1000000-1000009')
        assert status == 206 and body == bytes(i % 251 for i in range(1000000, 1000010))
        assert fields['content-range'] == 'bytes 1000000-1000009/5000000'
        assert s.get('/file', 'Range: bytes=5000000-')[0] == 416
        status, fields, body = s.get('/file', 'If-None-Match: "etag-of-file"')
        assert (status, body, fields['etag']) == (304, b'', '"etag-of-file"')


def a_handler_learns_whether_its_file_went_out():
    with Running() as s:
        assert s.get('/file')[0] == 200
        until(lambda: report(s)['sent'] == 1)
        with s.connect() as c:
            c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            c.sendall(b'GET /file HTTP/1.1\r\nHost: h\r\n\r\n')
            c.recv(1000)
        until(lambda: report(s)['cut'] == 1)
        assert report(s)['sent'] == 1


def in_a_crowd_connections_are_not_kept():
    hello = b'GET /hello HTTP/1.1\r\nHost: h\r\n\r\n'
    with Running(env={'PROBE_CROWD': '3'}) as s, Stream(s), s.connect() as kept:
        kept.sendall(hello)
        assert 'connection' not in read_reply(kept)[1]
        with Stream(s):
            assert read_all(kept) == b''  # silent, it makes room
            with s.connect() as c:
                c.sendall(hello)
                status, fields, body = split(read_all(c))
        assert (status, body, fields['connection'].lower()) == (200, b'hello', 'close'), fields


def who_asks_is_told_by_trusted_proxies_only():
    hops = ('X-Forwarded-For: 127.0.0.1, 198.51.100.7', 'X-Forwarded-For: 203.0.113.9, 10.0.0.1')
    with Running() as s:
        assert s.get('/who', *hops)[2] == b'7f000001 here'
    with Running(env={'PROBE_PROXIES': '127.0.0.1'}) as s:
        assert s.get('/who', *hops)[2] == b'0a000001'
        assert s.get('/who')[2] == b'7f000001 here'
    with Running(env={'PROBE_PROXIES': '127.0.0.0/8, 10.0.0.0/8'}) as s:
        assert s.get('/who', *hops)[2] == b'cb007109'
        assert s.get('/who', 'X-Forwarded-For: [2001:db8:1:2:3::4]:80')[2] == b'20010db800010002'


def counters(s):
    return json.loads(s.get('/counters')[2])


def what_the_server_does_is_counted():
    with Running() as s, s.connect() as working:
        with Stream(s, STREAM) as stream:
            working.sendall(b'POST /job HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc')
            s.get('/nothing'), s.post('/refuse')
            until(lambda: report(s)['waiting'] == 1 and report(s)['streams'] == 1)
            # in their phases: this request, the job, the stream
            until(lambda: counters(s)['connections'] == [0, 1, 0, 1, 0, 0, 1])
            got = counters(s)
            assert got['requests'][4] == 2 and got['requests'][5] == 0, got
            assert got['requests'][2] >= 3 and got['jobs'] == 1, got
        s.post('/release')
        assert read_reply(working)[2] == b'worked'
        s.post('/publish')
        until(lambda: counters(s)['requests'][0] == 1)  # the stream, whose client is gone
        got = counters(s)
        assert (got['body'], got['jobs'], got['cut']) == (3, 0, 0), got
        until(lambda: timed_are_answered(counters(s)))


def timed_are_answered(got):
    return got['timed'] == sum(got['requests'][1:])


def five_hundred_connections_are_served_at_once():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    with Running() as s:
        clients = [s.connect() for _ in range(500)]
        for half in (b'GET /hello HTTP/1.1\r\n', b'Host: h\r\n\r\n'):
            for c in clients:
                c.sendall(half)
        for c in clients:
            assert read_reply(c)[2] == b'hello'
        for c in clients:
            c.close()


def many_threads_at_once_get_their_own_answers():
    failures = []

    def client(s, number):
        connection = http.client.HTTPConnection('127.0.0.1', s.port, timeout=60)
        for turn in range(20):
            connection.request('GET', '/file', headers={'Range': 'bytes=%d-%d' % (number, number)})
            reply = connection.getresponse()
            if reply.read() != bytes([number % 251]):
                failures.append((number, turn))
        connection.close()

    with Running() as s:
        threads = [threading.Thread(target=client, args=(s, n)) for n in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    assert not failures, failures


def a_stop_finishes_what_runs():
    with Running() as s:
        job, upload, idle = s.connect(), s.connect(), s.connect()
        idle.sendall(b'GET /hello HTTP/1.1\r\nHost: h\r\n\r\n')
        assert read_reply(idle)[0] == 200
        job.sendall(b'POST /job HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n')
        upload.sendall(b'POST /take HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab')
        until(lambda: report(s)['waiting'] == 1 and report(s)['taken'] == 2)
        s.terminate()
        until(lambda: refused(s))
        upload.sendall(b'cd')
        assert json.loads(read_reply(upload)[2])['taken'] == 4
        idle.sendall(b'POST /release HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n')
        assert read_reply(idle)[0] == 503  # nothing new is begun, so the job is released from inside
        raise_release(s, job)
        for c in (job, upload, idle):
            c.close()


def what_becomes_whole_after_the_grace_starts_no_job():
    """A job that began while the server ends would find its connection gone."""
    s = start(env={'PROBE_GRACE_MS': '0'}, log=subprocess.PIPE)
    job, late = s.connect(), s.connect()
    job.sendall(b'POST /job HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n')
    late.sendall(b'POST /job HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab')
    until(lambda: report(s)['waiting'] == 1 and report(s)['taken'] == 2)
    s.terminate()
    while b'http.stop' not in s.process.stderr.readline():
        pass
    late.sendall(b'cd')
    assert read_reply(late)[0] == 503
    raise_release(s, job)
    late.close()
    job.close()
    assert s.process.wait(timeout=60) == 0
    s.process.stderr.close()
    s.process.stdout.close()


def refused(s):
    try:
        s.connect().close()
        return False
    except ConnectionResetError:  # it was in the backlog
        return False
    except ConnectionRefusedError:
        return True


def raise_release(s, job):
    """The probe server releases its jobs when its standard input ends."""
    s.process.stdin.close()
    assert read_reply(job)[2] == b'worked'


if __name__ == '__main__':
    tap.main(a_request_is_answered_with_the_common_headers,
             connections_are_kept_alive,
             what_does_not_exist_is_told,
             head_gives_the_headers_only,
             a_preflight_is_answered,
             bad_requests_are_refused_and_their_connection_ends,
             the_gate_says_why,
             bare_line_feeds_hide_no_field,
             bodies_arrive_whole_in_both_framings,
             an_early_refusal_reaches_a_client_that_sends_its_body_first,
             an_early_refusal_answers_a_client_that_asks_first,
             a_wanted_body_is_asked_for,
             a_body_over_the_limit_is_answered_413,
             a_body_without_end_is_cut_off,
             a_head_that_does_not_end_is_cut_off,
             silent_connections_are_cut_off,
             a_trickling_upload_is_cut_off,
             an_upload_has_an_end,
             an_unwanted_body_has_an_end_too,
             a_client_that_hangs_up_within_its_body_is_noticed,
             a_client_that_closes_its_half_after_the_body_gets_its_answer,
             others_are_served_while_jobs_run,
             more_jobs_than_the_limit_are_answered_503,
             a_client_that_hangs_up_while_its_job_runs_harms_nothing,
             parked_requests_take_neither_threads_nor_jobs,
             a_request_that_cannot_be_parked_is_woken_at_once,
             a_parked_request_may_start_a_job_when_it_is_woken,
             a_client_that_hangs_up_while_parked_is_seen_when_it_is_woken,
             a_stop_answers_those_that_wait,
             a_stream_tells_what_comes_when_it_comes,
             a_stream_that_ends_leaves_its_connection_in_use,
             no_wake_of_a_stream_is_lost,
             a_stream_is_no_thread_and_no_job,
             a_client_of_a_stream_that_hung_up_is_found_by_the_next_wake,
             a_client_that_takes_nothing_of_a_stream_is_cut_off,
             a_silent_stream_outlives_a_silent_connection,
             head_of_a_stream_begins_none,
             a_stream_over_http_1_0_ends_with_its_connection,
             a_stop_ends_streams,
             a_stop_does_not_wait_for_a_client_that_takes_nothing,
             a_file_is_sent_whole_in_part_or_not_at_all,
             a_handler_learns_whether_its_file_went_out,
             in_a_crowd_connections_are_not_kept,
             who_asks_is_told_by_trusted_proxies_only,
             what_the_server_does_is_counted,
             five_hundred_connections_are_served_at_once,
             many_threads_at_once_get_their_own_answers,
             a_stop_finishes_what_runs,
             what_becomes_whole_after_the_grace_starts_no_job)
