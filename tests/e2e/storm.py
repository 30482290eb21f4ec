"""A ceremony whose server is killed again and again: ten contributors who keep their receipts, a
killer, and a book of what was promised to whom, which the server's directory is held against after
every kill.

Contributors in Python linger in each phase of their turn for as long as the killer aims at it; the
others are `convoke contribute` itself, which lingers nowhere."""
import collections
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import traceback

from ceremony import CONVOKE
from http_probe import PATIENCE, read_reply, until
from kzg_server import BUSY, JSON, bearer, upload_head

PHASES = ('idle', 'fetching', 'computing', 'uploading', 'verifying')
WEIGHTS = (12, 20, 20, 23, 25)
SPREAD_S = {'idle': 0.05, 'fetching': 0.1, 'computing': 0.5, 'uploading': 0.1, 'verifying': 0.05}
STARTING = 0.12  # the part of kills that are followed by one while the server starts
AIM_S = 1.0      # so long the killer waits for the phase that it wants
BASE = 'POST /lobby/try_contribute HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n%s\r\n\r\n'
TROUBLE = (OSError, ValueError, KeyError, IndexError)  # of a server that dies during an answer


def journal_of(directory, scratch):
    """The entries of the journal, from a copy: who reads the files themselves repairs them."""
    os.mkdir(scratch)
    for name in ('convoke.db', 'convoke.db-wal'):
        if os.path.exists(os.path.join(directory, name)):
            shutil.copy(os.path.join(directory, name), scratch)
    db = sqlite3.connect(os.path.join(scratch, 'convoke.db'))
    lines = [line for line, in db.execute('SELECT json FROM journal ORDER BY seq')]
    db.close()
    shutil.rmtree(scratch)
    return lines


class Held:
    """What a journal says of turns: `live` is the lease that runs, in `phase`."""

    def __init__(self, journal):
        self.live, self.phase, self.ended, self.granted = 0, 'idle', {}, set()
        for event in map(json.loads, journal):
            self.take(event['type'], event)

    def take(self, kind, event):
        if kind == 'LeaseGranted':
            self.granted.add(event['lease'])
            self.live, self.phase = event['lease'], event.get('phase', 'fetching')
        elif kind == 'LeaseMoved':
            self.phase = event['phase']
        elif kind == 'ResponseStored':
            self.phase = 'verifying'
        elif kind in ('ContributionAccepted', 'ContributionRefused', 'LeaseExpired', 'LeaseAborted'):
            self.ended[event['lease']] = kind
            self.live, self.phase = 0, 'idle'


class Contributor(threading.Thread):
    """Somebody who wants a receipt. `lease`, once held, must stay theirs until `answer` has come."""

    def __init__(self, storm, number):
        super().__init__(daemon=True)
        self.storm, self.s, self.number, self.begins_at = storm, storm.s, number, number // 2
        self.dir = self.s.path('contributor%d' % number)
        self.rng = random.Random(storm.rng.random())
        self.invitation, self.identity = self.s.invite()
        self.lease = self.answer = self.failed = None

    def run(self):
        try:
            until(lambda: self.storm.turn >= self.begins_at)
            self.contribute()
        except Exception:  # pylint: disable=broad-except
            self.failed = traceback.format_exc()

    def contribute(self):
        raise NotImplementedError


class Program(Contributor):
    """`convoke contribute` from beginning to end."""

    def contribute(self):
        got = subprocess.run([CONVOKE, 'contribute', self.s.url, '--invitation', self.invitation,
                              '--dir', self.dir], capture_output=True, text=True, check=False,
                             stdin=subprocess.DEVNULL, timeout=4 * PATIENCE)
        assert got.returncode == 0, got.stderr
        with open(os.path.join(self.dir, 'receipt.json'), encoding='utf-8') as f:
            self.answer = json.load(f)


class Lingerer(Contributor):
    def contribute(self):
        session = self.insist(lambda: self.s.session(self.invitation), AssertionError)
        self.insist(lambda: self.fetch(session))
        contribution = self.s.prepare(session)
        self.storm.linger(self.lease, 'computing')
        self.answer = self.insist(lambda: self.hand_in(session, contribution))
        again = self.insist(lambda: self.given(session, contribution))
        assert again == self.answer, 'another receipt'

    def insist(self, step, *more):
        """What `step` gives once it gives something, past dead servers and full disks."""
        end = time.monotonic() + 4 * PATIENCE
        while time.monotonic() < end:
            try:
                got = step()
                if got is not None:
                    return got
            except (*TROUBLE, *more):
                pass
            time.sleep(0.005 + 0.02 * self.rng.random())
        raise TimeoutError('no end of trouble')

    def fetch(self, session):
        """Takes the turn, or hears again that it is theirs: the base file, slowly."""
        if self.lease is None:
            until(lambda: self.storm.rank > 0)
        with socket.socket() as c:
            c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # so that little of the file
            c.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)  # is on its way at once
            c.settimeout(PATIENCE)
            c.connect(('127.0.0.1', self.s.port))
            c.sendall((BASE % bearer(session)).encode())
            if self.begins(c):
                self.lease = self.lease or self.insist(self.live_lease)
                self.storm.linger(self.lease, 'fetching')
            status, fields, body = read_reply(c)
        if self.troubled(status) or len(body) < int(fields['content-length']):
            return None
        value = json.loads(body)
        if self.lease is None and (status, value) == BUSY:
            return None
        assert status == 200 and 'contributions' in value, (self.lease, status, value)
        self.lease = self.lease or self.insist(self.live_lease)
        return body

    def begins(self, c):
        """Is a base file on its way? It is not taken from the socket."""
        while True:
            begun = c.recv(1000, socket.MSG_PEEK)
            if not begun or b'\r\n\r\n{"' in begun:
                return b'\r\n\r\n{"contributions"' in begun
            time.sleep(0.001)

    def troubled(self, status):
        self.storm.refused += status >= 500
        return status >= 500

    def live_lease(self):
        return self.storm.status()['lease'] or None

    def hand_in(self, session, contribution):
        """The answer to the contribution; without sending it again if the server has it."""
        now = self.storm.status()
        if now['phase'] in ('verifying', 'free') or now['num_contributions'] >= self.lease:
            status, _, body = self.s.get('/receipt/%d' % self.lease)
            return json.loads(body) if status == 200 else None
        part = self.rng.randrange(1, len(contribution))
        with self.s.connect() as c:
            c.sendall(upload_head(session, len(contribution)) + contribution[:part])
            self.storm.linger(self.lease, 'uploading')
            c.sendall(contribution[part:])
            status, _, body = read_reply(c)
        return self.accepted(status, body)

    def given(self, session, contribution):
        status, _, body = self.s.post('/contribute', bearer(session), JSON, body=contribution)
        return self.accepted(status, body)

    def accepted(self, status, body):
        if self.troubled(status) or not body:
            return None
        answer = json.loads(body)
        assert status == 200 and 'receipt' in answer, (status, answer)
        return answer


class Storm:
    """`Storm(s, seed, disk).run(kills, full)`: after each number of kills in `full` the disk is full
    for a while. `hits`: how many kills hit which phase, by the journal that they
    left; `late`: how many came when all had contributed."""

    def __init__(self, s, seed, disk=None, lingerers=7, programs=3):
        self.s, self.disk, self.rng = s, disk, random.Random(seed)
        self.turn, self.rank, self.over = 0, 0, False  # what those who linger look at
        self.journal, self.hits = [], collections.Counter()
        self.spells = self.refused = self.late = 0
        kinds = [Lingerer] * (lingerers - 1) + [Program] * programs
        self.rng.shuffle(kinds)
        self.people = [kind(self, i) for i, kind in enumerate(kinds + [Lingerer])]
        self.people[-1].begins_at = len(kinds)  # at the end there must be somebody to hit

    def status(self):
        return json.loads(self.s.get('/ceremony/status')[2])

    def linger(self, lease, phase):
        """Until the killer has done with this phase of this turn."""
        def done():
            turn, rank = self.turn + 1, self.rank
            return self.over or turn > lease or (turn == lease and rank > PHASES.index(phase))
        until(done)

    def run(self, kills, full=()):
        for person in self.people:
            person.start()
        while self.killed() < kills:
            self.one_turn(kills, full)
        self.over = True
        for person in self.people:
            person.join(4 * PATIENCE)
            assert not person.failed, person.failed
            assert person.answer, 'number %d has no receipt' % person.number

    def killed(self):
        return sum(self.hits.values())

    # ---- the killer ----

    def plan(self, left):
        """The phases to hit in this turn, in their order."""
        turns = len(self.people) - self.turn
        if turns <= 0:
            return ['idle'] * left
        aims = self.rng.choices(PHASES, WEIGHTS, k=-(-left // turns))
        if turns == 1:  # who is killed while verifying is done after that
            aims = ['uploading' if aim == 'verifying' else aim for aim in aims[1:]] + ['verifying']
        return sorted(aims, key=PHASES.index)

    def one_turn(self, kills, full):
        for aim in self.plan(kills - self.killed()):
            self.rank = PHASES.index(aim)
            if self.look_for(aim) > self.turn:
                break
            if self.spells < len(full) and self.killed() >= full[self.spells]:
                self.without_space()
            elif self.killed() < kills:
                self.kill()
        self.rank = len(PHASES)
        if self.turn < len(self.people):
            until(lambda: self.contributions() > self.turn)
        turn, self.rank = self.contributions(), 0
        self.turn = turn

    def contributions(self):
        for person in self.people:
            assert not person.failed, person.failed
        return self.status()['num_contributions']

    def look_for(self, aim):
        """Waits for an instant of the phase `aim`, but not for long: contributions so far."""
        name = 'free' if aim == 'idle' else aim
        end = time.monotonic() + AIM_S
        while time.monotonic() < end:
            now = self.status()
            if now['phase'] == name or now['num_contributions'] > self.turn:
                break
            time.sleep(0.003)
        time.sleep(self.rng.random() ** 2 * SPREAD_S[aim])  # the instant itself, not a wait for anything
        return self.contributions()

    def kill(self):
        self.late += self.turn >= len(self.people)
        self.s.stop(signal.SIGKILL)
        self.hits[self.check_dead().phase] += 1
        if self.rng.random() < STARTING:
            self.s.spawn()
            time.sleep(self.rng.random() * 0.015)
            self.s.stop(signal.SIGKILL)
            self.hits['starting'] += 1
        self.s.start()
        self.check_alive()

    def without_space(self):
        """A full disk, on which all go on as they can, and a kill on it."""
        left, last = self.rng.choice((0, 4096, 16384)), self.turn == len(self.people) - 1
        self.rank = PHASES.index('uploading') if last else len(PHASES)  # the last turn must go on
        end = time.monotonic() + 0.3 + 0.3 * self.rng.random()
        spare = self.s.invite()[0]
        self.disk.fill(left)
        while time.monotonic() < end:
            self.refused += self.s.sign_in(spare)[0] >= 500
        self.spells += 1
        self.s.stop(signal.SIGKILL)
        self.hits[self.check_dead().phase] += 1
        if self.s.starts():  # it may or may not be able to
            self.disk.fill(left)
            time.sleep(0.3)
            self.disk.free()
        else:
            self.refused += 1
            self.disk.free()
            self.s.start()
        self.check_alive()

    # ---- the book ----

    def check_dead(self):
        """What a kill left: all that was promised, and all that was there before."""
        journal = journal_of(self.s.dir, self.s.path('copy'))
        assert journal[:len(self.journal)] == self.journal, 'the journal lost an entry'
        self.journal = journal
        held = Held(journal)
        assert set(held.ended.values()) <= {'ContributionAccepted'}, held.ended
        for lease in [p.lease for p in self.people if p.lease]:
            assert lease in held.granted, 'lease %d lost' % lease
            assert lease == held.live or lease in held.ended, 'lease %d not held' % lease
        return held

    def check_alive(self):
        live, now = Held(self.journal).live, self.status()
        assert live == 0 or now['lease'] == live or now['num_contributions'] >= live, (live, now)
        count = now['num_contributions']
        receipts = [json.loads(self.s.get('/receipt/%d' % i)[2]) for i in range(1, count + 1)]
        for person in self.people:
            assert person.answer in [None, *receipts], 'the receipt of %d is lost' % person.number
