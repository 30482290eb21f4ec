"""src/http over real sockets (probe_server.c): requests, bodies, jobs, parked polls, files, the end."""
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from http_probe import hang_up, read_all, read_reply, split, until  # noqa: E402
from probe import MIB, STREAM, Running, Stream, counters, report, start  # noqa: E402


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


def short_jobs_are_done_while_long_ones_fill_their_lane():
    with Running() as s:
        clients = [s.connect() for _ in range(64)]
        for c in clients:
            c.sendall(b'POST /job HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n')
        until(lambda: json.loads(s.get('/counters')[2])['jobs'] == 64)
        assert s.post('/job')[0] == 503
        assert s.post('/short')[2] == b'worked'
        s.post('/release')
        for c in clients:
            assert read_reply(c)[2] == b'worked'
            c.close()


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


def a_client_that_hangs_up_while_parked_is_found_by_the_wake():
    """By who is woken, or by the library before it: its poll may see the end first."""
    with Running() as s:
        gone, there = s.connect(), s.connect()
        for c in (gone, there):
            c.sendall(PARK)
        until(lambda: report(s)['parked'] == 2)
        hang_up(gone)
        s.post('/wake')
        assert read_reply(there)[2] == b'woken'
        until(lambda: report(s)['cut'] + report(s)['sent'] == 2)
        assert report(s)['gone'] == 1 or report(s)['cut'] == 1
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
            stream.hang_up()
        s.post('/release')
        assert read_reply(working)[2] == b'worked'
        s.post('/publish')
        until(lambda: counters(s)['requests'][0] == 1)  # the stream, whose client is gone
        got = counters(s)
        assert (got['body'], got['jobs'], got['cut']) == (3, 0, 0), got
        until(lambda: timed_are_answered(counters(s)))


def timed_are_answered(got):
    return got['timed'] == sum(got['requests'][1:])


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


def the_answer_of_a_job_that_ends_with_the_grace_goes_out():
    for i in range(40):  # before it, after it, and between
        s = start(env={'PROBE_GRACE_MS': '0'})
        job = s.connect()
        job.sendall(b'POST /job HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n')
        until(lambda: report(s)['waiting'] == 1)
        ending = threading.Thread(target=lambda: (time.sleep(i % 4 / 1000), s.terminate()))
        ending.start()
        raise_release(s, job)
        ending.join()
        job.close()
        assert s.process.wait(timeout=60) == 0
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
             bodies_arrive_whole_in_both_framings,
             an_early_refusal_reaches_a_client_that_sends_its_body_first,
             an_early_refusal_answers_a_client_that_asks_first,
             a_wanted_body_is_asked_for,
             others_are_served_while_jobs_run,
             more_jobs_than_the_limit_are_answered_503,
        short_jobs_are_done_while_long_ones_fill_their_lane,
             a_client_that_hangs_up_while_its_job_runs_harms_nothing,
             parked_requests_take_neither_threads_nor_jobs,
             a_request_that_cannot_be_parked_is_woken_at_once,
             a_parked_request_may_start_a_job_when_it_is_woken,
             a_client_that_hangs_up_while_parked_is_found_by_the_wake,
             a_stop_answers_those_that_wait,
             a_file_is_sent_whole_in_part_or_not_at_all,
             a_handler_learns_whether_its_file_went_out,
             who_asks_is_told_by_trusted_proxies_only,
             what_the_server_does_is_counted,
             many_threads_at_once_get_their_own_answers,
             a_stop_finishes_what_runs,
             what_becomes_whole_after_the_grace_starts_no_job,
             the_answer_of_a_job_that_ends_with_the_grace_goes_out)
