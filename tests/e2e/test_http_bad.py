"""src/http against clients that are broken, slow, hostile or gone (probe_server.c)."""
import contextlib
import gzip
import json
import os
import resource
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from http_probe import read_all, read_reply, split, until  # noqa: E402
from probe import (BODY_MAX, EMPTY, HELLO, MIB, STREAM, Running, Stream, counters,  # noqa: E402
                   report)

POST = b'POST /take HTTP/1.1\r\nHost: h\r\n'
CHUNKED = POST + b'Transfer-Encoding: chunked\r\n\r\n'
LAST = b'0\r\n\r\n'  # chunk

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
    'two encodings': POST + b'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n' + LAST,
    'one encoding twice': POST + b'Transfer-Encoding: chunked\r\n' * 2 + b'\r\n' + LAST,
    'an encoding behind a control character': POST + b'Transfer-Encoding: \x0bchunked\r\n\r\n' + LAST,
    'an encoding in quotes': POST + b'Transfer-Encoding: "chunked"\r\n\r\n' + LAST,
    'an encoding with a parameter': POST + b'Transfer-Encoding: chunked;x=y\r\n\r\n' + LAST,
    'chunks of an old client': b'POST /take HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n' + LAST,
    'a tab before the colon': POST + b'Content-Length\t: 5\r\n\r\nhello',
    'a list of lengths': POST + b'Content-Length: 5, 5\r\n\r\nhello',
    'a length in hexadecimal': POST + b'Content-Length: 0x5\r\n\r\nhello',
    'an empty length': POST + b'Content-Length:\r\n\r\nhello',
    'a carriage return in a field': b'GET /hello HTTP/1.1\r\nHost: h\r\nX: a\rContent-Length: 5\r\n\r\n',
    'lines that end in carriage returns': b'GET /hello HTTP/1.1\rHost: h\r\r',
    'a zero byte in a field': b'GET /hello HTTP/1.1\r\nHost: h\r\nX: a\0b\r\nY: z\r\n\r\n',
    'a zero byte in the last field': b'GET /hello HTTP/1.1\r\nHost: h\r\nX: a\0\0b\r\n\r\n',
    'a zero byte in a name': b'GET /hello HTTP/1.1\r\nHost: h\r\nX\0: a\r\n\r\n',
    'a zero byte in a length': POST + b'Content-Length: 5\0, 6\r\n\r\nhello',
    'a zero byte in the target': b'GET /hello\0/x HTTP/1.1\r\nHost: h\r\n\r\n',
    'two blanks before the target': b'GET  /hello HTTP/1.1\r\nHost: h\r\n\r\n',
    'a blank before the method': b' GET /hello HTTP/1.1\r\nHost: h\r\n\r\n',
    'a blank in the target': b'GET /hello x HTTP/1.1\r\nHost: h\r\n\r\n',
    'tabs for blanks': b'GET\t/hello\tHTTP/1.1\r\nHost: h\r\n\r\n',
    'no version': b'GET /hello\r\n\r\n',
    'a version in small letters': b'GET /hello http/1.1\r\nHost: h\r\n\r\n',
    'the preface of HTTP/2': b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'a tunnel': b'CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n',
    'a star': b'OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n',
    'an empty host': b'GET /hello HTTP/1.1\r\nHost:\r\n\r\n',
    'a field without a colon': b'GET /hello HTTP/1.1\r\nHost: h\r\nX\r\n\r\n',
    'a negative chunk': CHUNKED + b'-1\r\nx\r\n' + LAST,
    'a chunk size with its prefix': CHUNKED + b'0x1\r\nx\r\n' + LAST,
    'a chunk size with a sign': CHUNKED + b'+1\r\nx\r\n' + LAST,
    'a chunk size with a blank': CHUNKED + b'1 \r\nx\r\n' + LAST,
    'no chunk size': CHUNKED + b'\r\nx\r\n' + LAST,
    'a chunk longer than its size': CHUNKED + b'1\r\nxyz\r\n' + LAST,
    'chunks that end in carriage returns': CHUNKED + b'1\rx\r0\r\r',
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
        assert report(s)['taken'] == 1  # of the chunk that is longer than its size
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


def what_comes_behind_chunks_is_not_answered():
    """Where sloppy chunks end is seen differently by different servers."""
    with Running() as s:
        for body in (b'1\r\nx\r\n', b'1\nx\n', b'1;a=b\r\nx\r\n', b'1;\nx\r\n',
                     b'00000000000000000001\r\nx\r\n'):
            status, fields, answer = split(s.raw(CHUNKED + body + LAST + HELLO))
            assert (status, fields['connection'].lower()) == (200, 'close'), (body, status)
            assert b'HTTP/1.1' not in answer and b'hello' not in answer, (body, answer)
        assert report(s)['taken'] == 5


def fields_behind_a_body_are_none_of_its_head():
    with Running() as s:
        for field in (b'Content-Length: 50', b'Host: other', b'X-Forwarded-For: 203.0.113.9'):
            assert split(s.raw(CHUNKED + b'1\r\nx\r\n0\r\n' + field + b'\r\n\r\n'))[0] == 200


def requests_in_two_pieces_are_requests_wherever_they_are_cut():
    chunked = CHUNKED + b'3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n'
    plain = POST + b'Content-Length: 5\r\nConnection: close\r\n\r\nabcde'
    taken = 0
    with Running() as s:
        for request in (chunked, plain):
            for cut in range(1, len(request)):
                with s.connect() as c:
                    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    c.sendall(request[:cut])
                    c.sendall(request[cut:])
                    status, _, body = split(read_all(c))
                taken += 5
                assert (status, json.loads(body)['taken']) == (200, taken), (cut, request)


def pipelined_requests_are_answered_in_their_order():
    sent = (HELLO + POST + b'Content-Length: 3\r\n\r\nabc' + HELLO +
            b'POST /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nGET ' +
            b'HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n' + b'POST /job HTTP/1.1\r\n' + EMPTY +
            b'POST /park HTTP/1.1\r\n' + EMPTY + b'GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n' +
            b'GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    with Running() as s, s.connect() as c:
        c.sendall(sent)
        until(lambda: report(s)['waiting'] == 1)
        s.post('/release')
        until(lambda: s.post('/wake')[0] == 200 and report(s)['parked'] == 0)
        answers = read_all(c).split(b'HTTP/1.1 ')[1:]
    got = [(int(a[:3]), a.partition(b'\r\n\r\n')[2]) for a in answers]
    assert [status for status, _ in got] == [200, 200, 200, 400, 200, 200, 200, 404, 200], got
    bodies = [body for _, body in got]
    assert json.loads(bodies[1])['taken'] == 3
    assert bodies[0] == bodies[2] == bodies[8] == b'hello' and bodies[4] == b'', bodies
    assert bodies[5:7] == [b'worked', b'woken'], bodies


def compressed_bodies_are_refused_on_the_headers():
    bomb = gzip.compress(bytes(10 * MIB))
    with Running() as s:
        for encoding in ('gzip', 'br', 'deflate', 'gzip, gzip', 'x-gzip', 'identity, gzip'):
            status, fields, body = s.post('/take', 'Content-Encoding: ' + encoding, body=bomb)
            assert (status, fields['accept-encoding']) == (415, 'identity'), encoding
            assert json.loads(body)['code'] == 'RequestError::UnsupportedMediaType', body
        with s.connect() as c:  # who asks first need not send it
            c.sendall(POST + b'Content-Encoding: gzip\r\nContent-Length: %d\r\n'
                      b'Expect: 100-continue\r\n\r\n' % len(bomb))
            assert split(read_all(c))[0] == 415
        assert report(s)['taken'] == 0
        assert json.loads(s.post('/take', 'Content-Encoding: identity', body=b'abc')[2])['taken'] == 3


def a_body_over_the_limit_is_answered_413():
    with Running(body_max=MIB) as s:
        status, _, body = s.post('/take', body=b'x' * (MIB + 1))
        assert status == 413, status
        assert json.loads(body)['error'] == 'length limit exceeded'
        chunks = (b'10000\r\n' + b'x' * 65536 + b'\r\n') * 17 + b'0\r\n\r\n'
        reply = s.request('POST /take HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n', chunks)
        assert reply[0] == 413, reply
        assert report(s)['taken'] <= MIB


def ten_mib_are_taken_and_one_byte_more_is_not():
    with Running() as s:
        for more, status in ((0, 200), (1, 413)):
            assert s.post('/take', body=bytes(BODY_MAX + more))[0] == status
            chunks = b'%x\r\n%s\r\n0\r\n\r\n' % (BODY_MAX + more, bytes(BODY_MAX + more))
            assert split(s.raw(CHUNKED + chunks))[0] == status
        with s.connect() as c:
            c.sendall(POST + b'Content-Length: %d\r\nExpect: 100-continue\r\n\r\n' % (BODY_MAX + 1))
            assert split(read_all(c))[0] == 413
        assert report(s)['taken'] <= 3 * BODY_MAX


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


def is_cut(c):
    """Sends one more byte."""
    try:
        c.sendall(b'x')
        return c.recv(1, socket.MSG_DONTWAIT) == b''
    except BlockingIOError:
        return False
    except (BrokenPipeError, ConnectionResetError):
        return True


def slow_clients_keep_nobody_from_being_served():
    """Three hundred that send a byte now and then, in the head and in the body, until they are cut."""
    with Running(head_ms=1000, window_ms=1000, rate=1000) as s, contextlib.ExitStack() as stack:
        slow = [stack.enter_context(s.connect()) for _ in range(300)]
        begun = (b'GET /he', b'GET /hello HTTP/1.1\r\nHost: h\r\nX: ',
                 POST + b'Content-Length: 100000\r\n\r\n', CHUNKED + b'fffff\r\n')
        for i, c in enumerate(slow):
            c.sendall(begun[i % len(begun)])
        while slow:
            assert s.get('/hello')[0] == 200
            slow = [c for c in slow if not is_cut(c)]


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


def clients_that_hang_up_at_any_byte_leave_nothing_behind():
    requests = (b'POST /job HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc',
                CHUNKED + b'3\r\nabc\r\n' + LAST, b'GET /file HTTP/1.1\r\nHost: h\r\n\r\n', STREAM)
    with Running() as s:
        s.post('/release')
        for request in requests:
            for cut in range(len(request) + 1):
                with s.connect() as c:
                    c.sendall(request[:cut])
                    if cut % 2 == 0:  # RST instead of FIN
                        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        # Nobody watches the streams, so that they are woken until all are found: one may begin late.
        until(lambda: s.post('/publish')[0] == 200 and
              counters(s)['connections'] == [0, 1, 0, 0, 0, 0, 0])  # this one
        assert counters(s)['jobs'] == 0 and s.get('/hello')[0] == 200


def threads_of(s):
    with open('/proc/%d/status' % s.process.pid, encoding='ascii') as f:
        return next(line for line in f if line.startswith('Threads:'))


def two_thousand_idle_connections_cost_no_thread():
    """Half of them have never sent a request, the others are kept for their next one."""
    need = 2600
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < need:
        raise tap.Skip('only %d descriptors, %d are needed' % (hard, need))
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, need), hard))
    with Running() as s, contextlib.ExitStack() as stack, s.connect() as working:
        before = threads_of(s)
        idle = [stack.enter_context(s.connect()) for _ in range(2000)]
        for c in idle[::2]:
            c.sendall(HELLO)
        for c in idle[::2]:
            assert read_reply(c)[2] == b'hello'
        for _ in range(100):
            working.sendall(HELLO)
            assert read_reply(working)[2] == b'hello'
        assert threads_of(s) == before
        assert sum(counters(s)['connections']) == 2002  # with the one that asks
        for c in idle[::100]:
            c.sendall(HELLO)
            assert read_reply(c)[2] == b'hello'


if __name__ == '__main__':
    tap.main(bad_requests_are_refused_and_their_connection_ends,
             the_gate_says_why,
             bare_line_feeds_hide_no_field,
             what_comes_behind_chunks_is_not_answered,
             fields_behind_a_body_are_none_of_its_head,
             requests_in_two_pieces_are_requests_wherever_they_are_cut,
             pipelined_requests_are_answered_in_their_order,
             compressed_bodies_are_refused_on_the_headers,
             a_body_over_the_limit_is_answered_413,
             ten_mib_are_taken_and_one_byte_more_is_not,
             a_body_without_end_is_cut_off,
             a_head_that_does_not_end_is_cut_off,
             silent_connections_are_cut_off,
             a_trickling_upload_is_cut_off,
             an_upload_has_an_end,
             an_unwanted_body_has_an_end_too,
             slow_clients_keep_nobody_from_being_served,
             a_client_that_hangs_up_within_its_body_is_noticed,
             a_client_that_closes_its_half_after_the_body_gets_its_answer,
             in_a_crowd_connections_are_not_kept,
             clients_that_hang_up_at_any_byte_leave_nothing_behind,
             two_thousand_idle_connections_cost_no_thread)
