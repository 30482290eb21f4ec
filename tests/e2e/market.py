"""A small prover market run by real processes: batches whose proof is their sha256."""
import base64
import hashlib
import json
import os
import sqlite3
import stat
import subprocess
import tempfile

import tap
from ceremony import Ceremony, convoke, done
from http_probe import lines, program

JSON = 'Content-Type: application/json'
ACCEPTED = (200, b'proof submitted successfully')
INVALID = (422, b'invalid proof')
BODY_MAX = 64 << 20
FINISHED = (429, b'no more batches left to prove')


def example_proof():
    """The file of the shared data that the protocol's own client sends."""
    root = os.environ.get('CONVOKE_SHARED', os.path.join(os.path.dirname(__file__), '../../../shared'))
    path = os.path.join(root, 'fixtures/market/example-proof.bin')
    if not os.path.exists(path):
        raise tap.Skip('no %s (set CONVOKE_SHARED to the folder of the shared data)' % path)
    return path


def proof_of(batch):
    """What the verifier for tests takes."""
    return hashlib.sha256(batch).hexdigest().encode()


def submission(request, proof, time=1000, cost=100, price=200, version='"v1"', **extra):
    """The body of a submission; `proof` as bytes, or as the text that stands for it. Numbers may be
    texts, to be written as they are."""
    text = proof if isinstance(proof, str) else base64.b64encode(proof).decode()
    more = ''.join(', %s: %s' % (json.dumps(k), json.dumps(v)) for k, v in extra.items())
    return ('{"request_id": %s, "proof_data": "%s", "proving_time": %s, "cost": %s, "price": %s, '
            '"deployment_version": %s%s}' % (request, text, time, cost, price, version, more)).encode()


def sized(request, n):
    """A body of n bytes."""
    empty = len(submission(request, ''))
    digits = (n - empty) // 4 * 4
    return submission(request, 'A' * digits).replace(b'{', b'{' + b' ' * (n - empty - digits), 1)


def post_head(who, *fields):
    return ('POST /submit_proof/?participant_id=%s HTTP/1.1\nHost: h\n%s\n' %
            (who, lines(fields))).replace('\n', '\r\n').encode()


def chunks(body, n):
    return b''.join(b'%x\r\n%s\r\n' % (len(body[i:i + n]), body[i:i + n])
                    for i in range(0, len(body), n)) + b'0\r\n\r\n'


class Market(Ceremony):
    """`with Market() as m:` a directory with an experiment and a running server."""

    def __init__(self, *settings, ids=('alice', 'bob'), batches=2, example=None, options=(),
                 ceremony=False, serving=True):  # pylint: disable=super-init-not-called
        self.root = tempfile.mkdtemp(prefix='convoke-e2e.')
        self.dir = self.path('server')
        self.process, self.port, self.people = None, 0, 0
        self.env, self.prefix = {}, []
        self.options = list(options) or ['--log-level', 'debug']
        done(convoke('init', self.dir))
        if ceremony:
            done(convoke('ceremony', 'new', self.dir, '--preset', 'kzg', '--sizes', '4,3:8,3'))
        self.batches = [b'batch %d\n' % n for n in range(1, batches + 1)]
        self.make(*(word for s in ('order=sequential', *settings) for word in ('set', s)),
                  *(word for i in ids for word in ('id', i)),
                  *(word for n in range(batches) for word in ('batch', self.batch_path(n))),
                  *(['example', self.batch_path(0), example] if example else []))
        if serving:
            self.start()

    def batch_path(self, n):
        path = self.path('%04d.batch' % (n + 1))
        with open(path, 'wb') as f:
            f.write(self.batches[n])
        return path

    def make(self, *words):
        made = subprocess.run([program('market_make'), self.dir, *words], capture_output=True,
                              text=True, check=False)
        assert made.returncode == 0, made.stderr

    # ---- what a prover does ----

    def text(self, path, *fields):
        status, _, body = self.get(path, *fields)
        return status, body

    def batch(self, who):
        """(request, batch_file) of an answer that must be one."""
        status, fields, body = self.get('/get_batch/?participant_id=' + who)
        assert (status, fields['content-type']) == (200, 'application/json'), (status, fields, body)
        value = json.loads(body)
        assert body == b'{"batch_file": "%s", "request_id": %d}' % (
            value['batch_file'].encode(), value['request_id']), body
        return value['request_id'], value['batch_file']

    def fetch(self, file):
        status, _, body = self.get('/' + file)
        assert status == 200, (status, body)
        return body

    def submit(self, who, body, path='/submit_proof/', kind=JSON):
        status, fields, text = self.post('%s?participant_id=%s' % (path, who), kind, body=body)
        assert fields['content-type'] == 'text/plain; charset=utf-8', fields
        return status, text

    def prove(self, who, **metadata):
        """One batch, all the way; the request's number."""
        request, file = self.batch(who)
        answer = self.submit(who, submission(request, proof_of(self.fetch(file)), **metadata))
        assert answer == ACCEPTED, answer
        return request

    # ---- what is on record ----

    def rows(self, query, *values):
        with sqlite3.connect('file:%s?mode=ro' % self.path('server', 'convoke.db'), uri=True) as db:
            return db.execute(query, values).fetchall()

    def metric(self, name):
        """Its value; KeyError: it is not told."""
        _, _, page = self.get('/metrics')
        return dict(line.rsplit(' ', 1) for line in page.decode().splitlines()
                    if not line.startswith('#'))[name]


def imported(market, *manifests):
    """Imports batches 1, 2, .. with these manifests; what the command said."""
    folder = market.path('batches')
    os.makedirs(folder, exist_ok=True)
    for n, manifest in enumerate(manifests, 1):
        name = '%04d' % n
        with open(os.path.join(folder, name + '.batch'), 'w', encoding='utf-8') as f:
            f.write('batch %d\n' % n)
        with open(os.path.join(folder, name + '.json'), 'w', encoding='utf-8') as f:
            json.dump({'name': name, **manifest}, f)
    return convoke('market', 'batch', 'import', market.dir, folder, '--allow-exec')


def judged_by(market, script):
    """The manifest of a batch whose proofs are judged by these lines for the shell."""
    path = market.path('judge')
    with open(path, 'w', encoding='utf-8') as f:
        f.write('#!/bin/sh\n' + script)
    os.chmod(path, stat.S_IRWXU)
    return {'verifier': 'exec', 'params': {'command': path, 'wall_s': 2}}
