"""Keys of a small circuit that pass between convoke and snarkjs, on both curves."""
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from foreign import BEACON, CURVES, Work  # noqa: E402

POWER = 5
HERE = os.path.dirname(__file__)


def verified_by_both(w, key):
    """From the circuit, and from the initial key."""
    w.ours('zkey', 'verify', 'tiny.r1cs', 'ready.ptau', key)
    w.ours('zkey', 'verify', '0.zkey', 'ready.ptau', key)
    assert 'ZKey Ok!' in w.snarkjs('zkvr', 'tiny.r1cs', 'ready.ptau', key)
    assert 'ZKey Ok!' in w.snarkjs('zkvi', '0.zkey', 'ready.ptau', key)


def setup(w, curve):
    """ready.ptau, tiny.r1cs and the initial key, 0.zkey."""
    ours, _, _, prime = curve
    shutil.copy(os.path.join(HERE, 'tiny.circom'), w.dir)
    w.circom('tiny.circom', prime)
    w.ours('ptau', 'new', ours, POWER, '0.ptau')
    w.ours('ptau', 'beacon', '0.ptau', '1.ptau', BEACON, 10)
    w.ours('ptau', 'prepare', '1.ptau', 'ready.ptau')
    w.ours('zkey', 'new', 'tiny.r1cs', 'ready.ptau', '0.zkey')


def each_curve(test):
    def run():
        for curve in CURVES:
            with Work() as w:
                setup(w, curve)
                test(w, curve)
    run.__name__ = test.__name__
    return run


@each_curve
def what_is_not_random_is_the_same_to_the_byte(w, curve):
    del curve
    w.snarkjs('groth16', 'setup', 'tiny.r1cs', 'ready.ptau', '0s.zkey')
    w.same('0.zkey', '0s.zkey')

    w.snarkjs('zkey', 'contribute', '0.zkey', '1.zkey', '-n=one', '-e=x')
    w.ours('zkey', 'beacon', '1.zkey', '2.zkey', BEACON, 11, '--name', 'end')
    w.snarkjs('zkey', 'beacon', '1.zkey', '2s.zkey', BEACON, 11, '-n=end')
    w.same('2.zkey', '2s.zkey')

    w.ours('zkey', 'export', '1.zkey', 'challenge')
    w.snarkjs('zkey', 'export', 'bellman', '1.zkey', 'challenge.s')
    w.same('challenge', 'challenge.s')

    w.ours('zkey', 'vkey', '1.zkey', 'vkey.json')
    w.snarkjs('zkey', 'export', 'verificationkey', '1.zkey', 'vkey.s.json')
    w.same('vkey.json', 'vkey.s.json')


@each_curve
def a_chain_of_both_passes_in_both_and_proves(w, curve):
    del curve
    w.snarkjs('zkey', 'contribute', '0.zkey', '1.zkey', '-n=theirs', '-e=x')
    w.ours('zkey', 'contribute', '1.zkey', '2.zkey', '--name', 'ours', '--entropy', 'y')
    w.snarkjs('zkey', 'contribute', '2.zkey', '3.zkey', '-n=theirs again', '-e=z')
    w.snarkjs('zkey', 'beacon', '3.zkey', '4.zkey', BEACON, 10, '-n=the end')
    verified_by_both(w, '4.zkey')
    for old, new in (('0', '1'), ('1', '2'), ('2', '3'), ('3', '4')):
        w.ours('zkey', 'extends', old + '.zkey', new + '.zkey')

    w.ours('zkey', 'vkey', '4.zkey', 'vkey.json')
    w.prove('4.zkey', 'tiny', {'a': 3, 'b': 11, 'c': 5})
    w.ours('groth16', 'verify', 'vkey.json', 'public.json', 'proof.json')
    w.snarkjs('groth16', 'verify', 'vkey.json', 'public.json', 'proof.json')
    w.write('other.json', w.bytes('public.json').replace(b'"11"', b'"12"'))
    w.ours_refuses('groth16', 'verify', 'vkey.json', 'other.json', 'proof.json')


@each_curve
def a_challenge_of_either_is_answered_and_imported_by_either(w, curve):
    w.ours('zkey', 'contribute', '0.zkey', '1.zkey', '--entropy', 'x')
    w.ours('zkey', 'export', '1.zkey', 'challenge')
    w.snarkjs('zkey', 'bellman', 'contribute', curve[1], 'challenge', 'response', '-e=y')
    w.ours('zkey', 'import', '1.zkey', 'response', '2.zkey', '--name', 'bob')
    w.snarkjs('zkey', 'import', 'bellman', '1.zkey', 'response', '2s.zkey', '-n=bob')
    w.same('2.zkey', '2s.zkey')

    w.snarkjs('zkey', 'export', 'bellman', '2.zkey', 'challenge')
    w.ours('zkey', 'respond', 'challenge', 'response', '--entropy', 'z')
    w.snarkjs('zkey', 'import', 'bellman', '2.zkey', 'response', '3.zkey', '-n=ours')
    verified_by_both(w, '3.zkey')


@each_curve
def a_response_to_another_key_is_not_imported(w, curve):
    del curve
    w.ours('zkey', 'contribute', '0.zkey', '1.zkey', '--entropy', 'x')
    w.ours('zkey', 'export', '0.zkey', 'challenge')
    w.ours('zkey', 'respond', 'challenge', 'response', '--entropy', 'y')

    said = w.ours_refuses('zkey', 'import', '1.zkey', 'response', '2.zkey', '--json')

    assert '"id":"zkey.' in said, said
    assert not os.path.exists(w.path('2.zkey'))


tap.main(what_is_not_random_is_the_same_to_the_byte,
         a_chain_of_both_passes_in_both_and_proves,
         a_challenge_of_either_is_answered_and_imported_by_either,
         a_response_to_another_key_is_not_imported)
