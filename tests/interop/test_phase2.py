"""Keys of a small circuit that pass between convoke and snarkjs, on the curve that the command line
names."""
import functools
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from foreign import CURVES, Work, done, told_hashes  # noqa: E402

CURVE = sys.argv[1]
POWER = 8  # just suffices
INPUTS = {'a': 3, 'b': 11, 'c': 5}


@functools.cache
def made_once():
    """What each test begins with: the circuit, its powers, and the initial key that both make."""
    with Work(CURVE) as w:
        w.circom('small.circom')
        w.ours('ptau new', POWER, out='0.ptau')
        w.ours('ptau beacon', '0.ptau', out='1.ptau')
        w.ours('ptau prepare', '1.ptau', out='ready.ptau')
        w.make('zkey new', 'small.r1cs', 'ready.ptau', out='0.zkey')
        names = ('small.r1cs', 'small_js/small.wasm', 'ready.ptau', '0.zkey')
        return [(os.path.basename(name), w.bytes(name)) for name in names]


def begin():
    w = Work(CURVE)
    for name, data in made_once():
        w.write(name, data)
    return w


def verified_by_both(w, key):
    """From the circuit, and from the initial key."""
    printed = w.verify('zkey verify circuit', 'small.r1cs', 'ready.ptau', key)
    assert w.verify('zkey verify initial', '0.zkey', 'ready.ptau', key) == printed
    told = told_hashes(done(w.ours.run('zkey', 'verify', '0.zkey', 'ready.ptau', key, '--json')))
    assert told == set(printed), (told, printed)
    return printed


def chain(makers, closer):
    """Contributions by these and a beacon pass in both, and each extends the one before."""
    with begin() as w:
        files, printed = w.grow('zkey', [w.both[m] for m in makers], w.both[closer])
        seen = verified_by_both(w, files[-1])
        assert set(printed) == set(seen), (printed, seen)
        for old, new in zip(files, files[1:]):
            done(w.ours.run('zkey', 'extends', old, new))


def what_we_make_passes_in_both():
    chain((0, 0), 0)


def what_snarkjs_makes_passes_in_both():
    chain((1, 1), 1)


def what_both_make_in_turns_passes_in_both():
    chain((0, 1, 0), 1)
    chain((1, 0, 1), 0)


def what_is_not_random_is_the_same_to_the_byte():
    with begin() as w:
        w.theirs('zkey contribute', '0.zkey', out='1.zkey', name='one')
        w.make('zkey beacon', '1.zkey', out='2.zkey', name='été')
        w.make('zkey export', '2.zkey', out='challenge')
        w.make('zkey vkey', '2.zkey', out='vkey.json')


def a_proof_is_told_from_others_by_both():
    with begin() as w:
        w.ours('zkey contribute', '0.zkey', out='1.zkey')
        w.theirs('zkey contribute', '1.zkey', out='2.zkey')
        w.ours('zkey vkey', '2.zkey', out='vkey.json')
        w.prove('2.zkey', 'small.wasm', INPUTS)
        for program in w.both:
            program('groth16 verify', 'vkey.json', 'public.json', 'proof.json')
        public, proof = w.json('public.json'), w.json('proof.json')
        for at in range(len(public)):
            other = public[:at] + [str(int(public[at]) + 1)] + public[at + 1:]
            w.write('other.json', json.dumps(other).encode())
            w.refuse('groth16 verify', 'vkey.json', 'other.json', 'proof.json')
        proof['pi_a'], proof['pi_c'] = proof['pi_c'], proof['pi_a']
        w.write('other.json', json.dumps(proof).encode())
        w.refuse('groth16 verify', 'vkey.json', 'public.json', 'other.json')


def a_challenge_of_either_is_answered_and_imported_by_either():
    with begin() as w:
        one, other = w.exchange('zkey', '0.zkey')
        w.theirs('zkey contribute', one, out='1.zkey')
        w.ours('zkey contribute', other, out='2.zkey')
        verified_by_both(w, '1.zkey')
        one, other = w.exchange('zkey', '2.zkey')
        verified_by_both(w, one)
        verified_by_both(w, other)


def a_response_to_another_key_is_imported_by_snarkjs_alone():
    """It takes a response to a later key: a contribution that nobody handed in comes with it."""
    with begin() as w:
        w.ours('zkey contribute', '0.zkey', out='1.zkey')
        w.ours('zkey export', '1.zkey', out='challenge')
        w.ours('zkey respond', 'challenge', out='response')
        w.theirs('zkey import', '0.zkey', 'response', out='theirs.zkey')

        got = w.ours.run('zkey', 'import', '0.zkey', 'response', 'ours.zkey', '--json')

        assert got.returncode == 1, got
        assert 'exactly one more' in got.stdout, got.stdout
        assert not w.has('ours.zkey')
        assert w.ours.run('zkey', 'extends', '0.zkey', 'theirs.zkey').returncode == 1


if CURVE not in CURVES:
    sys.exit('usage: test_phase2.py bn128|bls12_381')
tap.main(what_we_make_passes_in_both,
         what_snarkjs_makes_passes_in_both,
         what_both_make_in_turns_passes_in_both,
         what_is_not_random_is_the_same_to_the_byte,
         a_proof_is_told_from_others_by_both,
         a_challenge_of_either_is_answered_and_imported_by_either,
         a_response_to_another_key_is_imported_by_snarkjs_alone)
