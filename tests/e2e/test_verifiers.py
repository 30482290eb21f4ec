"""Verifiers behind a real server: what is a proof of which batch, and what a verifier's accident does
to those who ask: nothing."""
import hashlib
import json
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import plonk  # noqa: E402
import tap  # noqa: E402
from ceremony import CONVOKE, Finished, convoke, done, has_ended, json_lines  # noqa: E402
from http_probe import until  # noqa: E402
from market import (ACCEPTED, INVALID, Market, example_proof, imported, judged_by,  # noqa: E402
                    submission)

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
VECTORS = os.path.normpath(os.path.join(SOURCE, 'tests', 'vectors', 'groth16'))
ERROR = (500, b'verifier error')


def vector(name):
    """One of the documents that snarkjs made for a circuit over bls12_381."""
    with open(os.path.join(VECTORS, 'bls12381_%s.json' % name), 'rb') as f:
        return f.read()


def serving(*manifests):
    market = Market(ids=('alice',), batches=0, serving=False)
    done(imported(market, *manifests))
    market.start()
    return market


def groth16(expect, key=None):
    return {'verifier': 'groth16', 'expect': expect,
            'params': key if key is not None else {'vkey': os.path.join(VECTORS, 'bls12381_vkey.json')}}


def helper_of(market):
    """The process that forks those that verify; None: there is none."""
    pid = market.process.pid
    for task in os.listdir('/proc/%d/task' % pid):
        with open('/proc/%d/task/%s/children' % (pid, task), encoding='ascii') as f:
            for child in f.read().split():
                return int(child)
    return None


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


def a_ceremony_s_result_is_what_batches_are_proved_with():
    """The whole way: contributions, a trusted setup, batches over it, and the prover's own command."""
    with Finished() as c, Market(ids=('alice',), batches=0, serving=False) as m:
        setup = os.path.join(c.out, 'trusted_setup_16.json')
        other = os.path.join(c.out, 'trusted_setup_8.json')
        done(convoke('market', 'batch', 'generate', m.path('batches'), '--setup', setup, '--count', 2))
        done(convoke('market', 'batch', 'import', m.dir, m.path('batches')))
        m.start()
        prove = ['prove', m.url, '--id', 'alice', '--dir', m.path('work'), '--cost', '1', '--price', '2',
                 '--patience', '60', '--json', '--prover']

        first, _ = m.batch('alice')
        small = convoke(*prove, '%s market reference-prover --setup %s' % (CONVOKE, other))
        assert small.returncode != 0, 'proofs over another size of the ceremony are none'
        told = json_lines(done(convoke(*prove, '%s market reference-prover --setup %s' % (CONVOKE, setup))))

        assert [(t['result'], t['request_id']) for t in told] == [('accepted', first)], told
        batch = m.path('batches', '0001.batch')
        proof = subprocess.run([CONVOKE, 'market', 'reference-prover', batch, '--setup', setup],
                               check=True, capture_output=True).stdout
        assert m.rows('SELECT proof, proof_n FROM submission') == [
            (hashlib.sha256(proof).digest(), len(proof))]
        second, _ = m.batch('alice')
        assert second != first and m.submit('alice', submission(second, proof)) == INVALID
        assert m.batch('alice')[0] == second


def flipped(data, bit):
    return data[:bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1:]


def the_published_plonk_proof_is_good_for_its_own_batch_only():
    key, expected, proof = plonk.published(os.path.dirname(example_proof()))
    params = {'vkey': key}
    coords = expected['aggregation_result_coords']
    others = {**expected, 'public_input': '0x%x' % (int(expected['public_input'], 16) + 1)}
    elsewhere = {**expected, 'aggregation_result_coords': coords[1:] + coords[:1]}
    with serving(*({'verifier': 'plonk-zksync-era', 'params': params, 'expect': e}
                   for e in (expected, others, elsewhere))) as m:
        first, _ = m.batch('alice')
        refused = {  # what is changed in the file: what the operator hears; provers hear one thing
            flipped(proof, 8 * (len(proof) - 1)): 'malformed',  # the version
            flipped(proof, 8 * 128): 'malformed',  # the circuit's rows
            flipped(proof, 8 * 248): 'malformed',  # the flag of infinity of a point
            flipped(proof, 8 * 144): 'invalid',  # the public input
            flipped(proof, 8 * 0): 'invalid',  # what the batch came to
            flipped(proof, 8 * 184): 'invalid',  # a point
            flipped(proof, 8 * 1515): 'invalid',  # a value
            proof[:-1]: 'malformed',
            proof + b'\0': 'malformed'}
        for changed in refused:
            assert m.submit('alice', submission(first, changed)) == INVALID
        told = m.rows('SELECT proof, verdict FROM attempt ORDER BY id')
        assert told == [(hashlib.sha256(p).digest(), v) for p, v in refused.items()], told

        assert m.submit('alice', submission(first, proof)) == ACCEPTED
        for n in (2, 3):
            request, _ = m.batch('alice')
            assert request == n and m.submit('alice', submission(request, proof)) == INVALID
            assert m.rows('SELECT verdict FROM attempt ORDER BY id DESC LIMIT 1') == [('invalid',)]
            assert m.batch('alice')[0] == request
            done(convoke('market', 'request', 'skip', m.dir, request))
            until(lambda: m.text('/get_batch/?participant_id=alice')[0] != 200 or m.batch('alice')[0] != request)
        assert m.rows('SELECT request FROM submission') == [(first,)]


def a_batch_whose_proofs_could_not_be_verified_is_not_taken():
    with Market(ids=('alice',), batches=0, serving=False) as m:
        for wrong, text in ((groth16(['1']), 'public inputs'), (groth16(None), 'expected'),
                            (groth16(['1'], {'vkey': '/nowhere'}), '/nowhere'),
                            ({'verifier': 'exec', 'params': {'command': '/nowhere'}}, '/nowhere')):
            refused = imported(m, wrong)
            assert refused.returncode == 2 and text in refused.stderr, refused


def a_program_that_crashes_or_hangs_leaves_the_request_open():
    with Market(ids=('alice',), batches=0, serving=False) as m:
        done(imported(m, judged_by(m, 'case $(/bin/cat "$3") in\n'
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
        a_ceremony_s_result_is_what_batches_are_proved_with,
        the_published_plonk_proof_is_good_for_its_own_batch_only,
        a_batch_whose_proofs_could_not_be_verified_is_not_taken,
        a_program_that_crashes_or_hangs_leaves_the_request_open,
        a_helper_that_was_killed_is_missed_by_nobody,
        the_helper_ends_with_its_server)
