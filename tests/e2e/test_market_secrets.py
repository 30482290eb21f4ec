"""A prover's id is a secret: whatever goes wrong with their requests, the server writes it nowhere."""
import contextlib
import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import convoke, done  # noqa: E402
from http_probe import lines, read_all, read_reply, split, until  # noqa: E402
from market import (ACCEPTED, INVALID, Market, chunks, imported, judged_by, post_head,  # noqa: E402
                    submission)

MARK = 'zQ7'  # in every id here, whole or in parts
ALICE, BOB, OLD, NOBODY = ('%s-%s-%s' % (MARK, MARK, name) for name in ('alice', 'bob', 'old', 'nobody'))
MIB = 1 << 20
JUDGE = ('case $(/bin/cat "$3") in\ncrash) /usr/bin/env >&2; kill -SEGV $$ ;;\ngood) exit 0 ;;\nesac\nexit 1\n')


def experiment(options=()):
    m = Market('attempts_per_minute=3', ids=(), batches=0, serving=False, options=options)
    m.described = False  # what is asked here is no request that api/openapi.yaml has
    judged = judged_by(m, JUDGE)
    done(imported(m, judged, judged))
    for who in (ALICE, OLD):
        done(convoke('market', 'participant', 'add', m.dir, '--id', who))
    done(convoke('market', 'participant', 'rotate', m.dir, '2', '--id', BOB))
    m.start()
    return m


def status(m, method, target, *fields, body=b'', version='HTTP/1.1'):
    """Of the answer to whatever stands there; its text is for who asked, and may name them."""
    head = '%s %s %s\r\nHost: h\r\n%s' % (method, target, version, lines(fields).replace('\n', '\r\n'))
    with m.connect() as s:
        with contextlib.suppress(ConnectionError):  # it is refused before it is whole
            s.sendall(head.encode() + b'Connection: close\r\n\r\n' + body)
        return split(read_all(s))[0]


# ---- each of these is refused, or fails, with an id in it ----

def heads(m):
    at = '/get_batch/?participant_id='
    for expected, got in (
            (422, status(m, 'GET', at + NOBODY)),
            (422, status(m, 'GET', at + OLD)),
            (422, status(m, 'GET', at + NOBODY + '%20x')),
            (422, status(m, 'GET', at + ALICE + '&participant_id=' + BOB)),
            (404, status(m, 'GET', '/get_batch/' + ALICE)),
            (404, status(m, 'GET', '/%s?participant_id=%s' % (ALICE, ALICE))),
            (404, status(m, 'GET', '/static/%s/%s' % (ALICE, BOB), 'Referer: http://h' + at + ALICE)),
            (405, status(m, 'PUT', at + ALICE)),
            (405, status(m, 'GET', '/submit_proof/?participant_id=' + ALICE)),
            (400, status(m, 'GET', at + ALICE, 'no field %s' % ALICE)),
            (422, status(m, 'GET', at + '%zz' + ALICE)),
            (411, status(m, 'POST', '/submit_proof/?participant_id=' + ALICE))):
        assert got == expected, (got, expected)
    assert status(m, 'GET', at + ALICE, version='HTTP/3.7') >= 400
    assert status(m, 'GET', at + ALICE * 20000) >= 400
    assert status(m, 'GET', 'http://h' + at + NOBODY) >= 400


def bodies(m):
    request, _ = m.batch(ALICE)
    good = submission(request, b'good')
    to = '/submit_proof/?participant_id='
    for expected, got in (
            (422, m.submit(NOBODY, good)), (422, m.submit(BOB, good)),
            (400, m.submit(ALICE, b'{')), (422, m.submit(ALICE, submission(999, 'AAAA'))),
            (422, m.submit(ALICE, submission(request, '@@'))),
            (422, m.submit(ALICE, submission(request, 'AAAA', price='"no"'))),
            (413, m.submit(ALICE, submission(request, 'AAAA', **{'k%d' % i: 'x' * 8000 for i in range(9)}))),
            (415, m.submit(ALICE, good, kind='Content-Encoding: gzip'))):
        assert got[0] == expected, (got, expected)
    assert status(m, 'POST', to + ALICE, 'Expect: 100-continue', 'Content-Length: %d' % (64 * MIB + 1)) == 413
    assert status(m, 'POST', to + ALICE, 'Expect: %s' % ALICE, 'Content-Length: 2', body=b'{}') >= 400
    assert m.submit(ALICE, submission(request, b'crash')) == (500, b'verifier error')
    with moved(m.path('server', 'tmp')):
        assert m.submit(ALICE, good) == (500, b'server error')
    assert m.submit(ALICE, submission(request, b'bad')) == INVALID
    until(lambda: m.submit(ALICE, submission(request, b'bad')) == (503, b'busy'))


@contextlib.contextmanager
def moved(path):
    """What is there cannot be written to: it is no directory any more."""
    os.rename(path, path + '.away')
    with open(path, 'wb'):
        pass
    yield
    os.remove(path)
    os.rename(path + '.away', path)


def breaks(m):
    """Connections that end in the head and in the body, and one upload more than may be."""
    request, _ = m.batch(BOB)
    body = submission(request, b'good')
    data = post_head(BOB, 'Content-Length: %d' % len(body)) + body
    for part in (data[:40], data[:-1], post_head(BOB, 'Transfer-Encoding: chunked') + chunks(body, 9)[:-2],
                 post_head(BOB, 'Transfer-Encoding: chunked') + BOB.encode() + b'\r\n'):
        with m.connect() as s:
            s.sendall(part)
            s.shutdown(socket.SHUT_WR)
            assert split(read_all(s))[0] in (0, 400)
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(m.connect()) for _ in range(4)]
        for s in slow:
            s.sendall(data[:-5])
        until(lambda: m.metric('convoke_market_uploads') == '4')
        assert m.submit(BOB, body) == (503, b'busy')
        slow[0].sendall(data[-5:])
        assert read_reply(slow[0])[::2] == ACCEPTED


def written(m):
    """All bytes of the server's doing, by where they are; answers to provers are theirs."""
    yield 'the log', m.log().encode()
    for page in ('/metrics', '/experiment', '/', '/health', '/events?from=1'):
        with contextlib.suppress(TimeoutError), m.connect() as s:
            s.settimeout(2)
            s.sendall(b'GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n' % page.encode())
            yield page, read_all(s)
    for command in ('status', 'participant list', 'request list', 'export'):
        got = done(convoke('market', *command.split(), m.dir))
        yield command, (got.stdout + got.stderr).encode()
    for folder, _, names in os.walk(m.dir):
        for name in names:
            with open(os.path.join(folder, name), 'rb') as f:
                yield os.path.join(folder, name), f.read()


def nothing_tells(m):
    mark = MARK.encode()
    for where, data in written(m):
        at = data.find(mark)
        assert at < 0, (where, data[max(0, at - 100):at + 60])


def logged(m, *statuses):
    log = m.log()
    missing = [n for n in statuses if 'status=%d' % n not in log and '"status":"%d"' % n not in log]
    assert not missing, (missing, log[-3000:])


def the_ids_of_provers_stand_in_nothing_that_the_server_writes():
    for options in (['--log-level', 'debug'], ['--log-level', 'debug', '--log-json']):
        with experiment(options) as m:
            heads(m)
            bodies(m)
            breaks(m)
            logged(m, 200, 404, 405, 411, 413, 415, 422, 500, 503)
            nothing_tells(m)


def nor_where_they_ask_too_often_or_the_server_ends():
    with experiment(['--log-level', 'debug', '--rates', '0,0,0,2', '--rate-loopback']) as m:
        until(lambda: m.text('/get_batch/?participant_id=' + ALICE) == (503, b'busy'))
        with m.connect() as s:
            s.sendall(post_head(ALICE, 'Content-Length: 100') + b'{')
            m.process.terminate()
        m.stop()
        logged(m, 503)
        m.options = ['--log-level', 'debug']
        m.start()
        nothing_tells(m)


if __name__ == '__main__':
    tap.main(the_ids_of_provers_stand_in_nothing_that_the_server_writes,
             nor_where_they_ask_too_often_or_the_server_ends)
