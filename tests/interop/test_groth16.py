"""Proofs of generated batches before snarkjs, on the curve that the command line names."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from foreign import CURVES, Work, done  # noqa: E402

CURVE = sys.argv[1]
POWER = 6  # just suffices
CONSTRAINTS = 40


def generate(w, out, setup, *options):
    """Batches; their manifests."""
    done(w.ours.run('market', 'batch', 'generate', out, '--kind', 'groth16', '--setup', setup, '--curve',
                    CURVES[CURVE][0], '--constraints', str(CONSTRAINTS), '--count', '2', *options))
    return [json.loads(w.bytes(os.path.join(out, '%04d.json' % n))) for n in (1, 2)]


def prove(w, batch, setup):
    w.write('proof.json', done(w.ours.run('market', 'reference-prover', batch, '--setup', setup)).encode())


def judged_by_both(w, manifest):
    """Of proof.json with a batch's expected inputs, under the key that snarkjs exported."""
    w.write('public.json', json.dumps(manifest['expect']).encode())
    verdicts = [p.attempt('groth16 verify', 'vkey.json', 'public.json', 'proof.json').returncode == 0
                for p in w.both]
    assert verdicts[0] == verdicts[1], verdicts
    return verdicts[0]


def snarkjs_accepts_a_proof_for_its_own_batch_only():
    with Work(CURVE) as w:
        first, second = generate(w, 'batches', 'key.zkey')
        w.theirs('zkey vkey', 'key.zkey', out='vkey.json')
        prove(w, 'batches/0001.batch', 'key.zkey')
        assert judged_by_both(w, first)
        assert not judged_by_both(w, second)


def a_manifest_has_the_key_that_snarkjs_exports():
    with Work(CURVE) as w:
        first, _ = generate(w, 'batches', 'key.zkey')
        w.theirs('zkey vkey', 'key.zkey', out='vkey.json')
        assert first['params'] == json.loads(w.bytes('vkey.json'))


def a_key_that_snarkjs_made_of_the_circuit_is_a_setup():
    with Work(CURVE) as w:
        generate(w, 'first', 'ours.zkey', '--circuit', 'squares.r1cs')
        w.ours('ptau new', POWER, out='0.ptau')
        w.ours('ptau beacon', '0.ptau', out='1.ptau')
        w.ours('ptau prepare', '1.ptau', out='ready.ptau')
        w.theirs('zkey new', 'squares.r1cs', 'ready.ptau', out='0.zkey')
        w.theirs('zkey contribute', '0.zkey', out='1.zkey', name='somebody')
        w.theirs('zkey verify circuit', 'squares.r1cs', 'ready.ptau', '1.zkey')
        first, second = generate(w, 'second', '1.zkey')
        w.theirs('zkey vkey', '1.zkey', out='vkey.json')
        prove(w, 'second/0002.batch', '1.zkey')
        assert judged_by_both(w, second)
        assert not judged_by_both(w, first)
        refused = w.ours.run('market', 'batch', 'generate', 'third', '--kind', 'groth16', '--setup', '0.zkey')
        assert refused.returncode == 2 and 'nobody has contributed' in refused.stderr, refused


tap.main(snarkjs_accepts_a_proof_for_its_own_batch_only,
         a_manifest_has_the_key_that_snarkjs_exports,
         a_key_that_snarkjs_made_of_the_circuit_is_a_setup)
