"""A circuit of 10,001 constraints from the powers of tau to a contract on Ethereum: the keys by both
tools, the proof by snarkjs, verified by both, and by our contract in an EVM."""
import atexit
import functools
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from foreign import BEACON, Work  # noqa: E402

POWER = 14
ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617
PRIME = 21888242871839275222246405745257275088696311157297823662689037894645226208583
HERE = os.path.dirname(__file__)


@functools.cache
def ceremony():
    """A directory with the circuit's files, keys and a proof, made once."""
    w = Work()
    atexit.register(w.__exit__)
    shutil.copy(os.path.join(HERE, 'chain.circom'), w.dir)
    w.circom('chain.circom', 'bn128')
    w.ours('ptau', 'new', 'bn254', POWER, '0.ptau')
    w.ours('ptau', 'contribute', '0.ptau', '1.ptau', '--entropy', 'x')
    w.ours('ptau', 'prepare', '1.ptau', 'ready.ptau')
    w.ours('zkey', 'new', 'chain.r1cs', 'ready.ptau', '0.zkey')
    w.ours('zkey', 'contribute', '0.zkey', '1.zkey', '--entropy', 'y')
    w.snarkjs('zkey', 'contribute', '1.zkey', '2.zkey', '-e=z')
    w.ours('zkey', 'beacon', '2.zkey', 'final.zkey', BEACON, 10)
    w.ours('zkey', 'vkey', 'final.zkey', 'vkey.json')
    w.ours('zkey', 'solidity', 'final.zkey', 'ours.sol')
    w.snarkjs('zkey', 'export', 'solidityverifier', 'final.zkey', 'theirs.sol')
    w.prove('final.zkey', 'chain', {'a': 3, 'b': 11})
    return w


def arguments(w):
    """What verifyProof takes, as numbers: a, b with its parts turned round, c, public inputs."""
    proof, inputs = w.json('proof.json'), w.json('public.json')
    b = [part for coordinate in proof['pi_b'][:2] for part in reversed(coordinate)]
    return [int(n) for n in proof['pi_a'][:2] + b + proof['pi_c'][:2] + inputs]


def changed(call, at, value):
    return call[:at] + [value] + call[at + 1:]


def the_final_key_passes_in_both():
    w = ceremony()
    w.ours('zkey', 'verify', 'chain.r1cs', 'ready.ptau', 'final.zkey')
    assert 'ZKey Ok!' in w.snarkjs('zkvi', '0.zkey', 'ready.ptau', 'final.zkey')


def the_proof_passes_in_both():
    w = ceremony()
    w.ours('groth16', 'verify', 'vkey.json', 'public.json', 'proof.json')
    assert 'OK!' in w.snarkjs('groth16', 'verify', 'vkey.json', 'public.json', 'proof.json')


def the_contract_takes_the_proof_for_no_more_gas_than_snarkjs_s():
    w = ceremony()
    for runs in ('200', '1', '1000000', 'none'):
        ours, [answer] = w.evm('ours.sol', [arguments(w)], runs)
        theirs, [other] = w.evm('theirs.sol', [arguments(w)], runs)
        assert answer['valid'] and other['valid'], (answer, other)
        assert ours['method'] == theirs['method'], (ours, theirs)
        assert answer['gas'] <= other['gas'], (runs, answer, other)
        assert ours['bytes'] <= theirs['bytes'], (runs, ours, theirs)
        print('# optimizer %s: %d gas, snarkjs\'s %d' % (runs, answer['gas'], other['gas']))


def the_contract_refuses_whatever_is_changed():
    w = ceremony()
    call = arguments(w)
    calls = [changed(call, at, call[at] + 1) for at in range(len(call))]
    calls += [changed(call, at, 0) for at in range(len(call))]
    calls += [changed(call, at, call[at] + PRIME) for at in range(8)]  # the same to a lax reader
    calls += [changed(call, at, call[at] + ORDER) for at in range(8, len(call))]
    calls += [changed(call, at, 2**256 - 1) for at in range(len(call))]
    calls += [changed(changed(call, 1, PRIME - call[1]), 3, call[3]), [0] * len(call)]

    about, answers = w.evm('ours.sol', calls)

    assert about['complaints'] == 0, about
    assert all(a['returned'] and not a['valid'] for a in answers), answers


def a_key_without_contributions_gives_no_contract():
    w = ceremony()
    for command in ('solidity', 'vkey'):
        said = w.ours_refuses('zkey', command, '0.zkey', 'none', '--json')
        assert '"id":"zkey.no_contribution"' in said, said
        assert not os.path.exists(w.path('none'))


tap.main(the_final_key_passes_in_both,
         the_proof_passes_in_both,
         the_contract_takes_the_proof_for_no_more_gas_than_snarkjs_s,
         the_contract_refuses_whatever_is_changed,
         a_key_without_contributions_gives_no_contract)
