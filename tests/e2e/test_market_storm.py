"""SIGKILLs at random instants of an experiment, of the server and of provers alike, while the operator
adds batches and participants, and a disk that is full for a while: at the end everybody has proved each
batch once, and all that a prover was told to be accepted is on record. CONVOKE_SEED=N repeats a run, as
far as instants can be repeated."""
import json
import os
import random
import secrets
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import CONVOKE, convoke, done, json_lines  # noqa: E402
from disk import small_disk  # noqa: E402
from market import Market  # noqa: E402

KILLS, BATCHES = 40, 60
SEED = int(os.environ.get('CONVOKE_SEED') or secrets.randbelow(2 ** 32))
WAIT_S = 120  # for what takes seconds on an idle machine
FINISHED, KILLED = 4, -9
PROVER = """#!/bin/sh
sleep 0.0$(($$ % 8))
sha256sum < "$1" | cut -c1-64 | tr -d '\\n'
"""


class Prover(threading.Thread):
    """`convoke prove --loop`, started again whenever it ended, until nothing is left after `stop_when`."""

    def __init__(self, market, who, settled):
        super().__init__(daemon=True)
        self.settled, self.process, self.accepted, self.died, self.odd = settled, None, [], 0, []
        self.words = [CONVOKE, 'prove', market.url, '--id', who, '--dir', market.path('work-' + who),
                      '--prover', market.path('prover.sh'), '--cost', '5.16', '--price', '6.2', '--loop',
                      '--patience', str(WAIT_S), '--json']

    def run(self):
        while True:
            settled = self.settled.is_set()
            with subprocess.Popen(self.words, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  stdin=subprocess.DEVNULL) as self.process:
                out, err = self.process.communicate()
            results = [json.loads(line) for line in out.splitlines()]
            self.accepted += [r['request_id'] for r in results if r['result'] == 'accepted']
            if self.process.returncode == KILLED:
                self.died += 1
            elif self.process.returncode != FINISHED:
                self.odd.append((self.process.returncode, err))
                return
            elif settled:
                return

    def kill(self):
        if self.process is not None:
            self.process.kill()


def storm_over(m, disk=None):
    """The provers, at the end of all: about half of the kills hit the server, the others one of them."""
    dice, settled, hits = random.Random(SEED), threading.Event(), 0
    with open(m.path('prover.sh'), 'w', encoding='utf-8') as f:
        f.write(PROVER)
    os.chmod(m.path('prover.sh'), 0o755)
    provers = [Prover(m, who, settled) for who in ('alice', 'bob', 'carol')]
    for p in provers:
        p.start()
    for kill in range(KILLS):
        time.sleep(dice.uniform(0.02, 0.3))
        if disk and kill == KILLS // 2:
            disk.fill(dice.randrange(0, 20000))
            time.sleep(1)
            disk.free()
        if kill % 10 == 5:
            add_batch(m, 'late%d' % kill)
        if dice.random() < 0.5:
            m.process.kill()
            m.process.wait()
            hits += 1
            m.start()
        else:
            dice.choice(provers).kill()
    done_by_then, = m.rows('SELECT count(*) FROM submission')[0]
    print('# seed %d: %d kills of the server, %d of provers; %d proofs by then' % (
        SEED, hits, sum(p.died for p in provers), done_by_then), flush=True)
    settled.set()
    for p in provers:
        p.join(WAIT_S)
        assert not p.is_alive() and not p.odd, (p.odd, m.log())
    assert hits and all(p.accepted and p.died for p in provers)
    return provers


def add_batch(m, name):
    """As an operator does it, beside the server."""
    folder = m.path('import-' + name)
    os.mkdir(folder)
    with open(os.path.join(folder, name + '.batch'), 'wb') as f:
        f.write(name.encode())
    done(convoke('market', 'batch', 'import', m.dir, folder, '--verifier', 'sha256'))


def check_the_end(m, provers):
    assert m.stop() == 0
    batches = [row[0] for row in m.rows('SELECT id FROM batch ORDER BY id')]
    assert len(batches) > BATCHES, batches
    for number, p in enumerate(provers, 1):
        proved = m.rows('SELECT batch FROM submission JOIN request ON request.id = submission.request '
                        'WHERE participant = ? ORDER BY batch', number)
        assert [row[0] for row in proved] == batches, (number, proved)
    on_record = {row[0] for row in m.rows('SELECT request FROM submission')}
    for p in provers:
        assert set(p.accepted) <= on_record and len(set(p.accepted)) == len(p.accepted), p.accepted
    refused = m.rows("SELECT * FROM attempt WHERE verdict NOT IN ('valid', 'duplicate')")
    assert not refused, refused
    found = json_lines(done(convoke('market', 'verify', m.dir, '--json')))
    assert found[-1]['verdict'] == 'valid', found


def kills_lose_nothing():
    with Market(ids=('alice', 'bob', 'carol'), batches=BATCHES) as m:
        check_the_end(m, storm_over(m))


def kills_and_a_full_disk_lose_nothing():
    with Market(ids=('alice', 'bob', 'carol'), batches=BATCHES, serving=False) as m:
        kind, disk = small_disk(m, '8m')
        with disk:
            m.start()
            print('# ' + kind)
            check_the_end(m, storm_over(m, disk))


if __name__ == '__main__':
    tap.main(kills_lose_nothing, kills_and_a_full_disk_lose_nothing)
