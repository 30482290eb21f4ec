"""A circuit of 10,001 constraints from the powers of tau to a contract on Ethereum: the keys by both
tools, the proof by snarkjs, verified by both, and by our contract in an EVM."""
import atexit
import functools
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from foreign import Work, done, hashes  # noqa: E402

POWER = 14
ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617
PRIME = 21888242871839275222246405745257275088696311157297823662689037894645226208583
POINTS = 8  # the first numbers of a call are the proof's coordinates, the others public inputs


@functools.cache
def ceremony():
    """A directory with the circuit's files, keys and a proof, made once; and `call`, what verifyProof
    takes as numbers, in the order in which snarkjs tells people to give them."""
    w = Work()
    atexit.register(w.__exit__)
    w.circom('chain.circom')
    w.ours('ptau new', POWER, out='0.ptau')
    w.ours('ptau beacon', '0.ptau', out='1.ptau')
    w.ours('ptau prepare', '1.ptau', out='ready.ptau')
    w.ours('zkey new', 'chain.r1cs', 'ready.ptau', out='0.zkey')
    w.files, w.printed = w.grow('zkey', w.both, w.ours)
    w.final = w.files[-1]
    w.ours('zkey vkey', w.final, out='vkey.json')
    w.ours('zkey solidity', w.final, out='ours.sol')
    w.theirs('zkey solidity', w.final, out='theirs.sol')
    w.prove(w.final, 'chain_js/chain.wasm', {'a': 3, 'b': [11, 5, 7, 2]})
    told = done(w.theirs.run('zkey', 'export', 'soliditycalldata', 'public.json', 'proof.json'))
    w.call = [int(word, 16) for word in re.findall(r'"(0x[0-9a-f]+)"', told)]
    assert len(w.call) == POINTS + len(w.json('public.json')) == POINTS + 5, told
    return w


def changed(call, at, value):
    return call[:at] + [value] + call[at + 1:]


def the_circuit_is_a_real_one():
    w = ceremony()
    told = done(w.theirs.run('r1cs', 'info', 'chain.r1cs'))
    assert int(re.search(r'# of Constraints: *([0-9]+)', told)[1]) == 10001, told


def the_initial_key_is_the_same_to_the_byte():
    ceremony().make('zkey new', 'chain.r1cs', 'ready.ptau', out='again.zkey')


def the_last_key_passes_in_both():
    w = ceremony()
    printed = w.verify('zkey verify initial', '0.zkey', 'ready.ptau', w.final)
    assert set(printed) == set(w.printed), (printed, w.printed)
    assert hashes(w.ours('zkey verify circuit', 'chain.r1cs', 'ready.ptau', w.final)) == printed
    for old, new in zip(w.files, w.files[1:]):
        done(w.ours.run('zkey', 'extends', old, new))


def the_proof_passes_in_both():
    w = ceremony()
    for program in w.both:
        program('groth16 verify', 'vkey.json', 'public.json', 'proof.json')


def the_contract_takes_the_proof_for_no_more_gas_than_snarkjs_s():
    w = ceremony()
    for runs in ('200', '1', '1000000', 'none'):
        ours, [answer] = w.evm('ours.sol', [w.call], runs)
        theirs, [other] = w.evm('theirs.sol', [w.call], runs)
        assert answer['valid'] and other['valid'], (answer, other)
        assert ours['method'] == theirs['method'], (ours, theirs)
        assert answer['gas'] <= other['gas'], (runs, answer, other)
        assert ours['bytes'] <= theirs['bytes'], (runs, ours, theirs)
        print('# optimizer %s: %d gas, snarkjs\'s %d; %d bytes, snarkjs\'s %d' % (
            runs, answer['gas'], other['gas'], ours['bytes'], theirs['bytes']))


def the_contract_refuses_whatever_is_changed():
    w = ceremony()
    call = w.call
    calls = [changed(call, at, call[at] + 1) for at in range(len(call))]
    calls += [changed(call, at, 0) for at in range(len(call))]
    calls += [changed(call, at, call[at] + PRIME) for at in range(POINTS)]  # the same to a lax reader
    calls += [changed(call, at, call[at] + ORDER) for at in range(POINTS, len(call))]
    calls += [changed(call, at, 2**256 - 1) for at in range(len(call))]
    calls += [changed(call, 1, PRIME - call[1]), [0] * len(call)]

    about, answers = w.evm('ours.sol', calls + [call])

    assert about['complaints'] == 0, about
    assert answers.pop()['valid']
    assert all(a['returned'] and not a['valid'] for a in answers), answers


def a_key_without_contributions_gives_no_contract():
    w = ceremony()
    for command in ('solidity', 'vkey'):
        got = w.ours.run('zkey', command, '0.zkey', 'none', '--json')
        assert got.returncode == 1 and '"id":"zkey.no_contribution"' in got.stdout, got
        assert not w.has('none')


tap.main(the_circuit_is_a_real_one,
         the_initial_key_is_the_same_to_the_byte,
         the_last_key_passes_in_both,
         the_proof_passes_in_both,
         the_contract_takes_the_proof_for_no_more_gas_than_snarkjs_s,
         the_contract_refuses_whatever_is_changed,
         a_key_without_contributions_gives_no_contract)
