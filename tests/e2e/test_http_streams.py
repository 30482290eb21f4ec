"""Answers without an end over src/http (probe_server.c): woken from anywhere, pulled by the server."""
import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from http_probe import read_all, read_reply, split, until  # noqa: E402
from probe import HELLO, STREAM, Running, Stream, numbers, report  # noqa: E402


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
        gone.hang_up()
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


if __name__ == '__main__':
    tap.main(a_stream_tells_what_comes_when_it_comes,
             a_stream_that_ends_leaves_its_connection_in_use,
             no_wake_of_a_stream_is_lost,
             a_stream_is_no_thread_and_no_job,
             a_client_of_a_stream_that_hung_up_is_found_by_the_next_wake,
             a_client_that_takes_nothing_of_a_stream_is_cut_off,
             a_silent_stream_outlives_a_silent_connection,
             head_of_a_stream_begins_none,
             a_stream_over_http_1_0_ends_with_its_connection,
             a_stop_ends_streams,
             a_stop_does_not_wait_for_a_client_that_takes_nothing)
