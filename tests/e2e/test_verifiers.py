"""Verifiers behind a real server: what is a proof of which batch, and what a verifier's accident does
to those who ask: nothing."""
import json
import os
import signal
import stat
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import convoke, done  # noqa: E402
from http_probe import until  # noqa: E402
from market import ACCEPTED, INVALID, Market, submission  # noqa: E402

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
VECTORS = os.path.normpath(os.path.join(SOURCE, 'tests', 'vectors', 'groth16'))
ERROR = (500, b'verifier error')


def vector(name):
    """One of the documents that snarkjs made for a circuit over bls12_381."""
    with open(os.path.join(VECTORS, 'bls12381_%s.json' % name), 'rb') as f:
        return f.read()


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


def serving(*manifests):
    market = Market(ids=('alice',), batches=0, serving=False)
    done(imported(market, *manifests))
    market.start()
    return market


def groth16(expect, key=None):
    return {'verifier': 'groth16', 'expect': expect,
            'params': key if key is not None else {'vkey': os.path.join(VECTORS, 'bls12381_vkey.json')}}


def program(market, lines):
    """The manifest of a batch whose proofs are judged by these lines for the shell."""
    path = market.path('judge')
    with open(path, 'w', encoding='utf-8') as f:
        f.write('#!/bin/sh\n' + lines)
    os.chmod(path, stat.S_IRWXU)
    return {'verifier': 'exec', 'params': {'command': path, 'wall_s': 2}}


def helper_of(market):
    """The process that forks those that verify; None: there is none."""
    pid = market.process.pid
    for task in os.listdir('/proc/%d/task' % pid):
        with open('/proc/%d/task/%s/children' % (pid, task), encoding='ascii') as f:
            for child in f.read().split():
                return int(child)
    return None


def has_ended(pid):
    """Also when nobody has waited for it."""
    try:
        with open('/proc/%d/cmdline' % pid, 'rb') as f:
            return f.read() == b''
    except OSError:
        return True


def a_groth16_proof_is_good_for_its_own_batch_only():
    inputs = json.loads(vector('public'))
    others = inputs[:-1] + [str(int(inputs[-1]) + 1)]
    with serving(groth16(inputs), groth16(others, json.loads(vector('vkey')))) as m:
        first, _ = m.batch('alice')
        assert m.submit('alice', submission(first, b'garbage')) == INVALID
        assert m.submit('alice', submission(first, vector('proof'))) == ACCEPTED
        second, _ = m.batch('alice')
        assert second != first
        assert m.submit('alice', submission(second, vector('proof'))) == INVALID
        assert m.batch('alice')[0] == second
        assert [v for v, in m.rows('SELECT verdict FROM attempt ORDER BY id')][:2] == [
            'malformed', 'invalid']


def a_batch_whose_proofs_could_not_be_verified_is_not_taken():
    with Market(ids=('alice',), batches=0, serving=False) as m:
        for wrong, text in ((groth16(['1']), 'public inputs'), (groth16(None), 'expected'),
                            (groth16(['1'], {'vkey': '/nowhere'}), '/nowhere'),
                            ({'verifier': 'exec', 'params': {'command': '/nowhere'}}, '/nowhere')):
            refused = imported(m, wrong)
            assert refused.returncode == 2 and text in refused.stderr, refused


def a_program_that_crashes_or_hangs_leaves_the_request_open():
    with Market(ids=('alice',), batches=0, serving=False) as m:
        done(imported(m, program(m, 'case $(/bin/cat "$3") in\n'
                                    'crash) echo oh no >&2; kill -SEGV $$ ;;\n'
                                    'hang) /bin/sleep 1000 ;;\n'
                                    'good) exit 0 ;;\n'
                                    'esac\nexit 1\n')))
        m.start()
        request, _ = m.batch('alice')
        for proof, answer in ((b'crash', ERROR), (b'hang', ERROR), (b'bad', INVALID),
                              (b'good', ACCEPTED)):
            assert m.submit('alice', submission(request, proof)) == answer, proof
        whys = [why for why, in m.rows("SELECT why FROM attempt WHERE verdict = 'error' ORDER BY id")]
        assert whys == ['killed by SIGSEGV: oh no', 'took longer than 2000 ms'], whys


def a_helper_that_was_killed_is_missed_by_nobody():
    inputs = json.loads(vector('public'))
    with serving(groth16(inputs)) as m:
        request, _ = m.batch('alice')
        assert m.submit('alice', submission(request, b'garbage')) == INVALID
        os.kill(helper_of(m), signal.SIGKILL)
        assert m.submit('alice', submission(request, vector('proof'))) == ACCEPTED


def the_helper_ends_with_its_server():
    with serving(groth16(json.loads(vector('public')))) as m:
        request, _ = m.batch('alice')
        assert m.submit('alice', submission(request, b'garbage')) == INVALID
        helper = helper_of(m)
        m.process.kill()
        m.process.wait()
        until(lambda: has_ended(helper))


if __name__ == '__main__':
    tap.main(
        a_groth16_proof_is_good_for_its_own_batch_only,
        a_batch_whose_proofs_could_not_be_verified_is_not_taken,
        a_program_that_crashes_or_hangs_leaves_the_request_open,
        a_helper_that_was_killed_is_missed_by_nobody,
        the_helper_ends_with_its_server)
