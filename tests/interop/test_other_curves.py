"""What is of a curve that we do not know, or of another curve than what it comes with, is refused."""
import json
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import sections  # noqa: E402
import tap  # noqa: E402
from foreign import Work  # noqa: E402

POWER = 8
# What circom compiles for beside the two, and what they are called there.
PRIMES = ('bls12377', 'goldilocks', 'grumpkin', 'pallas', 'secq256r1', 'vesta')
# The base field of bls12-377: 377 bits, in as many bytes as that of bls12-381.
BLS12_377 = int('1ae3a4617c510eac63b05c06ca1493b1a22d9f300f5138f1ef3622fba094800170b5d44300000008508c00000000001', 16)


def refused(w, name, *command):
    """Not done, for this reason, which people are told, too: the text."""
    got = w.ours.run(*command, '--json')
    answer = json.loads(got.stdout)
    assert (got.returncode, answer['verdict'], answer['id']) == (2, 'unusable', name), (command, got)
    assert answer['message'] in got.stderr, got.stderr
    assert not w.has('none'), command
    return answer['message']


def ready(w, name='ready.ptau'):
    w.ours('ptau new', POWER, out='0.ptau')
    w.ours('ptau beacon', '0.ptau', out='1.ptau')
    w.ours('ptau prepare', '1.ptau', out=name)
    return name


def circuits_of_other_primes_are_refused_by_both():
    with Work() as w:
        ready(w)
        w.circom('small.circom', 'bn128')
        w.ours('zkey new', 'small.r1cs', 'ready.ptau', out='0.zkey')
        for prime in PRIMES:
            w.circom('small.circom', prime)
            for command in (('zkey', 'new', 'small.r1cs', 'ready.ptau', 'none'),
                            ('zkey', 'verify', 'small.r1cs', 'ready.ptau', '0.zkey')):
                said = refused(w, 'r1cs.prime', *command)
                assert 'small.r1cs: section 1' in said and 'bn254 (bn128) and bls12_381' in said, said
            told = w.theirs.attempt('zkey new', 'small.r1cs', 'ready.ptau', out='none').stdout
            assert 'curve does not match' in told, told  # and leaves an empty file
            os.unlink(w.path('none'))


def powers_and_keys_of_other_primes_are_refused_by_both():
    with Work('bls12_381') as w:
        ready(w)
        w.circom('small.circom')
        w.ours('zkey new', 'small.r1cs', 'ready.ptau', out='0.zkey')
        for name, magic, section in (('ready.ptau', b'ptau', 1), ('0.zkey', b'zkey', 2)):
            parts = [(kind, data[:4] + BLS12_377.to_bytes(48, 'little') + data[52:]
                      if kind == section else data) for kind, data in sections.split(w.path(name))]
            assert struct.unpack_from('<I', dict(parts)[section])[0] == 48
            sections.join(w.path('other' + name[-5:]), parts, magic)
        for command in (('ptau', 'info', 'other.ptau'), ('ptau', 'verify', 'other.ptau'),
                        ('ptau', 'contribute', 'other.ptau', 'none'),
                        ('ptau', 'prepare', 'other.ptau', 'none'),
                        ('ptau', 'export-challenge', 'other.ptau', 'none'),
                        ('zkey', 'new', 'small.r1cs', 'other.ptau', 'none')):
            assert 'section 1 (header), offset 28' in refused(w, 'ptau.curve', *command)
        for command in (('zkey', 'info', 'other.zkey'), ('zkey', 'contribute', 'other.zkey', 'none'),
                        ('zkey', 'verify', 'small.r1cs', 'ready.ptau', 'other.zkey'),
                        ('zkey', 'extends', '0.zkey', 'other.zkey'),
                        ('zkey', 'vkey', 'other.zkey', 'none')):
            refused(w, 'zkey.prime', *command)
        for command in (('ptau verify', 'other.ptau'), ('ptau contribute', 'other.ptau'),
                        ('zkey contribute', 'other.zkey')):
            assert w.theirs.attempt(*command, out='none.theirs').returncode == 1, command


def what_is_of_two_curves_does_not_fit_together():
    with Work('bls12_381') as bls, Work() as w:
        for where, name in ((bls, 'bls'), (w, 'bn')):
            ready(where, name + '.ptau')
            where.circom('small.circom')
            w.write(name + '.r1cs', where.bytes('small.r1cs'))
            w.write(name + '.ptau', where.bytes(name + '.ptau'))
            w.ours('zkey new', name + '.r1cs', name + '.ptau', out=name + '.zkey')
        for one, other in (('bn', 'bls'), ('bls', 'bn')):
            refused(w, 'zkey.curve', 'zkey', 'new', one + '.r1cs', other + '.ptau', 'none')
            refused(w, 'ptau.curve', 'zkey', 'verify', one + '.zkey', other + '.ptau', one + '.zkey')
            got = w.ours.run('zkey', 'extends', one + '.zkey', other + '.zkey')
            assert got.returncode == 1 and 'the old key is for' in got.stdout, got
            told = w.theirs.attempt('zkey new', one + '.r1cs', other + '.ptau', out='none').stdout
            assert 'curve does not match' in told, told  # and leaves an empty file
            os.unlink(w.path('none'))


def a_contract_is_for_bn128_only():
    with Work('bls12_381') as w:
        ready(w)
        w.circom('small.circom')
        w.ours('zkey new', 'small.r1cs', 'ready.ptau', out='0.zkey')
        w.ours('zkey contribute', '0.zkey', out='1.zkey')
        said = refused(w, 'solidity.curve', 'zkey', 'solidity', '1.zkey', 'none')
        assert 'bn254' in said and 'bls12_381' in said, said


tap.main(circuits_of_other_primes_are_refused_by_both,
         powers_and_keys_of_other_primes_are_refused_by_both,
         what_is_of_two_curves_does_not_fit_together,
         a_contract_is_for_bn128_only)
