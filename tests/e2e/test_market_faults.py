"""The prover market's submissions when connections break, the server dies and clients stall: a request
stays open until a whole body with a valid proof is on record, and no log says whose they are."""
import contextlib
import hashlib
import os
import re
import select
import signal
import socket
import sqlite3
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import convoke, done  # noqa: E402
from http_probe import read_all, read_reply, until  # noqa: E402
from market import (ACCEPTED, Market, chunks, imported, judged_by, post_head,  # noqa: E402
                    proof_of, submission)

RESET = struct.pack('ii', 1, 0)  # SO_LINGER: close() sends a reset
ASKING_EACH = 8  # LIMIT_ASKING_EACH
OK_LINE = b'HTTP/1.1 200'


def on_record(m):
    """Submissions, attempts."""
    return m.rows('SELECT (SELECT count(*) FROM submission), (SELECT count(*) FROM attempt)')[0]


# ---- connections that break ----

def boundaries(data):
    """Places in a request where it is likeliest to matter that no more comes: ends of lines and of
    tokens, within the first and last quanta of base64, and the last byte."""
    ret = {1, len(data) - 2, len(data) - 1}
    for found in re.finditer(rb'\r\n|[{}":, ]+', data):
        ret |= {found.start(), found.end()}
    at = data.index(b'proof_data": "') + 14
    end = data.index(b'"', at)
    ret |= set(range(at, at + 9)) | set(range(end - 8, end + 1))
    return sorted(at for at in ret if at < len(data))


def hung_up(m, *requests):
    """What comes back, together, when nothing follows any of these; the server has closed, too."""
    with contextlib.ExitStack() as stack:
        ends = [stack.enter_context(m.connect()) for _ in requests]
        for s, data in zip(ends, requests):
            s.sendall(data)
        time.sleep(0.002)  # an end that comes together with bytes is noticed, but seconds later
        for s in ends:
            s.shutdown(socket.SHUT_WR)
        return b''.join(read_all(s) for s in ends)


def reset(m, *requests):
    with contextlib.ExitStack() as stack:
        for data in requests:
            s = stack.enter_context(m.connect())
            s.sendall(data)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    until(lambda: m.metric('convoke_market_uploads') == '0')


def in_groups(data, places, n):
    """The beginnings of this, a few at once: no more than one participant may send."""
    beginnings = [data[:at] for at in places]
    return [beginnings[i:i + n] for i in range(0, len(beginnings), n)]


def a_new_submission_that_ends_anywhere_too_early_is_none():
    with Market() as m:
        for whole, who in enumerate(('alice', 'bob')):
            request, file = m.batch(who)
            body = submission(request, proof_of(m.fetch(file)))
            data = {'alice': post_head(who, 'Content-Length: %d' % len(body)) + body,
                    'bob': post_head(who, 'Transfer-Encoding: chunked') + chunks(body, 50)}[who]
            head = data.index(b'\r\n\r\n') + 4
            assert hung_up(m, *(data[:at] for at in range(1, head))) == b''
            for group in in_groups(data, [at for at in boundaries(data) if at >= head], 3):
                assert OK_LINE not in hung_up(m, *group), group
            for group in in_groups(data, range(head, len(data)), 3):
                reset(m, *group)
            assert m.batch(who)[0] == request and on_record(m) == (whole, 0)
            assert os.listdir(m.path('server', 'tmp')) == []
            with m.connect() as s:
                s.sendall(data)
                assert read_reply(s)[::2] == ACCEPTED
            assert on_record(m) == (whole + 1, 0)


def a_new_submission_in_two_pieces_is_as_good_as_in_one():
    n = len(boundaries(post_head('alice', 'Content-Length: 100') + submission(100, proof_of(b''))))
    with Market(ids=('alice',), batches=n) as m:
        for i in range(n):
            request, file = m.batch('alice')
            body = submission(request, proof_of(m.fetch(file)))
            data = post_head('alice', 'Content-Length: %d' % len(body)) + body
            at = boundaries(data)[i]
            with m.connect() as s:
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                s.sendall(data[:at])
                time.sleep(0.002)  # so that they are read apart, mostly; either way all is well
                s.sendall(data[at:])
                assert read_reply(s)[::2] == ACCEPTED, data[:at]
        assert m.rows('SELECT count(*) FROM submission') == [(n,)]


# ---- a server that dies ----

def kept(m, proof):
    """Is this among the files that the server has for good?"""
    digest = hashlib.sha256(proof).hexdigest()
    return any(digest in (folder + name).replace('/', '')
               for folder, _, names in os.walk(m.path('server', 'blobs')) for name in names)


class Dying:
    """alice's submission to a server that is about to be killed; its verifier is a program which tells
    when it is done."""

    def __init__(self, market, script):
        self.market = market
        self.verified = market.path('verified')
        manifest = judged_by(market, script % {'done': self.verified})
        done(imported(market, manifest, manifest))
        market.start()
        self.request, self.file = market.batch('alice')
        self.body = submission(self.request, b'a proof')

    @contextlib.contextmanager
    def sent(self):
        with self.market.connect() as s:
            s.sendall(post_head('alice', 'Content-Length: %d' % len(self.body)) + self.body)
            yield s

    def kill(self, s):
        """Now; no answer had come."""
        s.setblocking(False)
        try:
            came = s.recv(1)
        except BlockingIOError:
            came = b''
        self.market.stop(signal.SIGKILL)
        assert came == b'', 'it had answered'

    def comes_back(self):
        judged_by(self.market, 'exit 0')
        self.market.start()

    def submit(self, body=None):
        return self.market.submit('alice', body or self.body)


def ask(s):
    s.sendall(b'GET /get_batch/?participant_id=alice HTTP/1.1\r\nHost: x\r\n\r\n')


def who_waits_for_the_database_keeps_nobody_from_their_file():
    """Another process writes for long. One prover asks until they are told to come again."""
    with Market() as m, contextlib.ExitStack() as open_ones:
        _, file = m.batch('bob')
        db = open_ones.enter_context(
            contextlib.closing(sqlite3.connect(m.path('server', 'convoke.db'), isolation_level=None)))
        db.execute('BEGIN IMMEDIATE')
        waiting = [open_ones.enter_context(m.connect()) for _ in range(ASKING_EACH + 1)]
        for s in waiting:
            ask(s)
        until(lambda: select.select(waiting, [], [], 0)[0])
        refused = select.select(waiting, [], [], 0)[0]
        assert len(refused) == 1, 'others waited less'
        assert read_reply(refused[0])[0] == 503
        waiting.remove(refused[0])

        assert m.fetch(file) == m.batches[0]
        assert select.select(waiting, [], [], 0)[0] == [], 'they had not waited'

        db.execute('ROLLBACK')
        answers = {read_reply(s)[2] for s in waiting}
        assert len(answers) == 1 and b'batch_file' in answers.pop()


def killed_while_a_proof_is_verified_it_has_the_request_open():
    with Market(ids=('alice',), batches=0, serving=False) as m:
        d = Dying(m, 'echo > %(done)s; /bin/sleep 1000')
        with d.sent() as s:
            until(lambda: os.path.exists(d.verified))
            d.kill(s)
        d.comes_back()
        assert on_record(m) == (0, 0) and m.batch('alice') == (d.request, d.file)
        assert d.submit() == ACCEPTED and on_record(m) == (1, 0)


def killed_between_verification_and_commit_it_has_the_request_open():
    """Nobody else can write: the server, which has its verdict, waits for the database."""
    with Market(ids=('alice',), batches=0, serving=False) as m:
        d = Dying(m, 'echo > %(done)s; exit 0')
        with contextlib.closing(sqlite3.connect(m.path('server', 'convoke.db'), isolation_level=None)) as db:
            db.execute('BEGIN IMMEDIATE')
            with d.sent() as s:
                until(lambda: kept(m, b'a proof'))
                assert os.path.exists(d.verified)
                d.kill(s)
            db.execute('ROLLBACK')
        d.comes_back()
        assert on_record(m) == (0, 0) and m.batch('alice') == (d.request, d.file)
        assert os.listdir(m.path('server', 'tmp')) == []
        assert d.submit() == ACCEPTED and on_record(m) == (1, 0)


def killed_after_the_commit_it_gives_the_answer_again():
    """Whether it has sent its answer is all the same to who has not read it."""
    with Market(ids=('alice',), batches=0, serving=False) as m:
        d = Dying(m, 'echo > %(done)s; exit 0')
        with d.sent():
            until(lambda: on_record(m) == (1, 0))
            m.stop(signal.SIGKILL)
        d.comes_back()
        assert d.submit() == ACCEPTED and on_record(m) == (1, 0)
        status, text = d.submit(d.body.replace(b'1000', b'1001'))
        assert (status, text) == (422, b'request %d does not exist' % d.request)
        assert m.batch('alice')[0] != d.request


if __name__ == '__main__':
    tap.main(
        a_new_submission_that_ends_anywhere_too_early_is_none,
        a_new_submission_in_two_pieces_is_as_good_as_in_one,
        who_waits_for_the_database_keeps_nobody_from_their_file,
        killed_while_a_proof_is_verified_it_has_the_request_open,
        killed_between_verification_and_commit_it_has_the_request_open,
        killed_after_the_commit_it_gives_the_answer_again)
