"""A server that is killed at any instant of a turn loses nothing: started again, the holder goes on,
and what was accepted stays accepted."""
import contextlib
import json
import os
import random
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import convoke  # noqa: E402
from http_probe import read_all, read_reply, split, until  # noqa: E402
from kzg_server import BUSY, Holder, KzgServer, bearer, upload_head  # noqa: E402

SEED = 20230113
SIZES = '256,9:1024,9'  # a verification takes some tens of milliseconds
CHALLENGE = 'POST /lobby/try_contribute HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n%s\r\n\r\n'


class Turn:
    """One person's way to a receipt, past as many kills as it takes. `s.turns` are over."""

    def __init__(self, s, rng):
        self.s, self.rng = s, rng
        self.session, self.answer = s.newcomer(), None
        self.waiting = s.newcomer()
        self.contribution = None

    def crash(self):
        """Kills and starts again; the turn must be as it was."""
        self.s.stop(signal.SIGKILL)
        self.s.start()
        if self.s.count() == self.s.turns:
            assert self.s.ask(self.waiting) == BUSY
        assert self.s.json('GET', '/ceremony/status')[1]['turns'] == self.s.turns + 1, 'lease lost'

    def pause(self, seconds):
        time.sleep(self.rng.random() * seconds)  # the instant of the kill, not a wait for something

    # ---- where it dies ----

    def while_fetching(self):
        with self.s.connect() as c:
            c.sendall((CHALLENGE % bearer(self.session)).encode())
            c.recv(self.rng.choice((1, 1000, 50000)))
            self.crash()

    def while_computing(self):
        self.crash()

    def while_uploading(self):
        part = self.rng.randrange(1, len(self.contribution))
        with self.s.connect() as c:
            c.sendall(upload_head(self.session, len(self.contribution)))
            c.sendall(self.contribution[:part])
            self.pause(0.01)
            self.crash()

    def at_the_last_byte(self):
        with self.s.connect() as c:
            c.sendall(upload_head(self.session, len(self.contribution)) + self.contribution)
            self.pause(0.02)
            self.crash()

    def while_verifying(self):
        with self.s.connect() as c:
            c.sendall(upload_head(self.session, len(self.contribution)) + self.contribution)
            until(lambda: self.s.phase() == 'verifying' or self.s.count() > self.s.turns)
            self.s.seen_verifying += self.s.count() == self.s.turns
            self.pause(0.06)
            self.crash()

    def after_the_answer(self):
        self.take_answer(self.s.give(self.session, self.contribution))
        self.crash()

    # ---- the turn ----

    def take_answer(self, got):
        status, answer = got
        assert status == 200, (status, answer)
        assert self.answer in (None, answer), 'another receipt'
        self.answer = answer

    def run(self, kills):
        self.s.take_turn(self.session)
        for _ in range(kills.get('fetching', 0)):
            self.while_fetching()
        for _ in range(kills.get('computing', 0)):
            self.while_computing()
        self.contribution = self.s.prepare(self.session)
        for name in ('while_uploading', 'at_the_last_byte', 'while_verifying', 'after_the_answer'):
            for _ in range(kills.get(name.split('_')[-1], 0)):
                getattr(self, name)()
        self.take_answer(self.s.give(self.session, self.contribution))
        self.s.turns += 1
        assert self.s.count() == self.s.turns
        assert json.loads(self.s.get('/receipt/%d' % self.s.turns)[2]) == self.answer
        return self.answer


KILLS = (
    {'fetching': 1, 'uploading': 1},
    {'computing': 1, 'byte': 1},
    {'verifying': 1, 'answer': 1},
    {'fetching': 2, 'uploading': 2, 'byte': 1},
    {'uploading': 1, 'verifying': 1},
    {'byte': 2, 'verifying': 2},
    {'uploading': 1, 'byte': 1, 'verifying': 1, 'answer': 2},
)


def twenty_kills_lose_nothing():
    rng = random.Random(SEED)
    with KzgServer(sizes=SIZES) as s:
        s.turns = s.seen_verifying = 0
        receipts = [Turn(s, rng).run(kills) for kills in KILLS]
        assert sum(sum(kills.values()) for kills in KILLS) >= 20
        assert s.seen_verifying > 0, 'no kill came in time'
        transcript = s.transcript()
        for index, answer in enumerate(receipts, 1):
            assert json.loads(s.get('/receipt/%d' % index)[2]) == answer, index
            text = json.loads(answer['receipt'])
            assert transcript['participantIds'][index] == text['identity'], index
            assert [t['witness']['potPubkeys'][index] for t in transcript['transcripts']] == \
                text['witness'], index
            s.check_receipt(answer)
        assert len(transcript['participantIds']) == len(KILLS) + 1
        s.check_transcript()
        assert s.stop() == 0
        assert s.status()['contributions'] == len(KILLS)


def a_kill_leaves_no_litter():
    with Holder() as s:
        with s.upload(len(s.body) - 1):
            until(lambda: any(f.startswith('tmp/') for f in s.stored()))
            s.stop(signal.SIGKILL)
        s.start()
        assert s.stored() == []
        assert s.hand_in()[0] == 200
        assert len(s.stored()) == 1 and s.stored()[0].startswith('blobs/'), s.stored()


def a_directory_has_one_server_and_a_dead_one_leaves_it_free():
    with Holder() as s:
        second = convoke('serve', s.dir, '--listen', '127.0.0.1:0')
        assert second.returncode == 2 and second.stderr.startswith('convoke: serve: '), second
        assert 'stop it first' in second.stderr, second.stderr
        assert s.hand_in()[0] == 200
        s.stop(signal.SIGKILL)
        s.start()
        assert s.count() == 1


def a_receipt_is_given_again_after_any_restart():
    with Holder() as s:
        answer = s.hand_in()[1]
        for how in (signal.SIGTERM, signal.SIGKILL, signal.SIGINT):
            s.stop(how)
            s.start()
            assert s.hand_in() == (200, answer), how
            assert json.loads(s.get('/receipt/1')[2]) == answer, how
        s.check_receipt(answer)


def a_stop_during_a_verification_finishes_and_answers_it():
    with KzgServer(sizes='4096,65') as s:
        for _ in range(5):  # the verification may be over before we look
            session = s.newcomer()
            contribution = s.prepare(session)
            with s.connect() as c:
                c.sendall(upload_head(session, len(contribution)) + contribution)
                until(lambda: s.phase() in ('verifying', 'free'))
                caught = s.phase() == 'verifying'
                status_of = threading.Thread(target=stop_into, args=(s, ended := []))
                status_of.start()
                status, _, body = read_reply(c)
                status_of.join()
            assert ended == [0], ended
            assert status == 200 and 'receipt' in json.loads(body), (status, body)
            s.start()
            assert s.give(session, contribution) == (200, json.loads(body))
            if caught:
                return
        raise AssertionError('no verification was seen')


def stop_into(s, ended):
    ended.append(s.stop())


def while_it_stops_nobody_new_is_served():
    with Holder() as s, contextlib.ExitStack() as stack:
        idle = [stack.enter_context(s.connect()) for _ in range(10)]
        with s.upload(10) as c:
            until(lambda: s.phase() == 'uploading')
            s.process.send_signal(signal.SIGTERM)
            until(lambda: refused(s))
            until(lambda: turned_away(idle.pop()))  # who came in that very instant may be served
            c.sendall(s.body[10:])
            status, _, reply = read_reply(c)
            assert status == 200 and 'receipt' in json.loads(reply), (status, reply)
        assert s.process.wait(60) == 0


def turned_away(c):
    with contextlib.suppress(BrokenPipeError):
        c.sendall(b'GET /info/status HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    return split(read_all(c))[0] in (0, 503)


def refused(s):
    try:
        s.connect().close()
        return False
    except OSError:
        return True


if __name__ == '__main__':
    tap.main(
        twenty_kills_lose_nothing,
        a_kill_leaves_no_litter,
        a_directory_has_one_server_and_a_dead_one_leaves_it_free,
        a_receipt_is_given_again_after_any_restart,
        a_stop_during_a_verification_finishes_and_answers_it,
        while_it_stops_nobody_new_is_served,
    )
