"""Powers of tau that pass between convoke and snarkjs, on the curve that the command line names."""
import functools
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import sections  # noqa: E402
import tap  # noqa: E402
from foreign import CURVES, Work, done, hashes, told_hashes  # noqa: E402

CURVE = sys.argv[1]
CHAIN_POWER = 8
POWER = 5  # where snarkjs has to prepare, which takes it long
LAGRANGE_G1 = 12


def verified_by_both(w, ptau, first_challenge):
    printed = w.verify('ptau verify', ptau)
    told = told_hashes(done(w.ours.run('ptau', 'verify', ptau, '--json')))
    assert told == set(printed) - {first_challenge}, (told, printed)
    return printed


@functools.cache
def new(power):
    """What both make of nothing: the file, and the hash of its challenge."""
    with Work(CURVE) as w:
        said = w.make('ptau new', power, out='0.ptau')
        return w.bytes('0.ptau'), hashes(said)[-1]


def begin(w, power):
    """0.ptau: the hash of its challenge."""
    data, first = new(power)
    w.write('0.ptau', data)
    return first


def chain(makers, closer):
    """Contributions by these, a beacon, and what we prepare from them passes in both."""
    with Work(CURVE) as w:
        first = begin(w, CHAIN_POWER)
        files, printed = w.grow('ptau', [w.both[m] for m in makers], w.both[closer])
        w.ours('ptau prepare', files[-1], out='ready.ptau')
        seen = verified_by_both(w, 'ready.ptau', first)
        assert set(printed) < set(seen), (printed, seen)


def what_we_make_passes_in_both():
    chain((0, 0), 0)


def what_snarkjs_makes_passes_in_both():
    chain((1, 1), 1)


def what_both_make_in_turns_passes_in_both():
    chain((0, 1, 0), 1)
    chain((1, 0, 1), 0)


def what_is_not_random_is_the_same_to_the_byte():
    with Work(CURVE) as w:
        first = begin(w, POWER)
        w.make('ptau export', '0.ptau', out='challenge')
        w.theirs('ptau contribute', '0.ptau', out='1.ptau', name='one')
        w.make('ptau export', '1.ptau', out='challenge')
        w.make('ptau beacon', '1.ptau', out='2.ptau', name='été')
        w.make('ptau prepare', '2.ptau', out='ready.ptau')
        verified_by_both(w, 'ready.ptau', first)


def what_is_truncated_is_the_same_to_the_byte_and_passes_in_both():
    with Work(CURVE) as w:
        first = begin(w, POWER)
        w.ours('ptau beacon', '0.ptau', out='1.ptau')
        w.ours('ptau prepare', '1.ptau', out='o.ptau')
        w.write('s.ptau', w.bytes('o.ptau'))
        w.ours('ptau truncate', 'o.ptau')
        w.theirs('ptau truncate', 's.ptau')
        for power in range(1, POWER):
            w.same('o_%02d.ptau' % power, 's_%02d.ptau' % power)
        for power in (1, POWER - 1):
            verified_by_both(w, 'o_%02d.ptau' % power, first)


def what_is_converted_is_the_same_to_the_byte():
    """Files of old programs lack the last level of section 12."""
    with Work(CURVE) as w:
        begin(w, POWER)
        w.ours('ptau beacon', '0.ptau', out='1.ptau')
        w.ours('ptau prepare', '1.ptau', out='ready.ptau')
        old = [(kind, data[:len(data) // (4 * 2**POWER - 1) * (2 * 2**POWER - 1)]
                if kind == LAGRANGE_G1 else data) for kind, data in sections.split(w.path('ready.ptau'))]
        sections.join(w.path('old.ptau'), old)
        w.make('ptau convert', 'old.ptau', out='new.ptau')
        assert sorted(sections.split(w.path('new.ptau'))) == sorted(sections.split(w.path('ready.ptau')))


def a_challenge_of_either_is_answered_and_imported_by_either():
    with Work(CURVE) as w:
        first = begin(w, CHAIN_POWER)
        one, other = w.exchange('ptau', '0.ptau')
        w.theirs('ptau contribute', one, out='1.ptau')
        w.ours('ptau contribute', other, out='2.ptau')
        verified_by_both(w, '1.ptau', first)
        one, other = w.exchange('ptau', '2.ptau')
        verified_by_both(w, one, first)
        verified_by_both(w, other, first)


def what_is_damaged_passes_in_neither():
    with Work(CURVE) as w:
        begin(w, POWER)
        w.ours('ptau contribute', '0.ptau', out='1.ptau')
        parts = dict(sections.split(w.path('1.ptau')))
        size = 2 * struct.unpack_from('<I', parts[1])[0]
        for kind, length in ((2, size), (3, 2 * size), (4, size), (5, size)):
            bad, at = bytearray(parts[kind]), 3 * length
            bad[at:at + length] = bad[at + length:at + 2 * length]  # another point of the group
            sections.join(w.path('bad.ptau'), sorted({**parts, kind: bytes(bad)}.items()))
            w.refuse('ptau verify', 'bad.ptau')


def a_response_of_the_fixtures_comes_in_and_its_challenge_is_answered():
    with Work(CURVE) as w:
        for name in ('0001.ptau', 'challenge_0002', 'response_0002', '0002.ptau'):
            w.write(name, sections.read(sections.fixture('pot4_' + name)))
        w.make('ptau export', '0001.ptau', out='challenge')
        w.same('challenge', 'challenge_0002')
        w.make('ptau import', '0001.ptau', 'response_0002', out='imported.ptau', name='second (imported)')
        w.same('imported.ptau', '0002.ptau')

        w.ours('ptau respond', 'challenge_0002', out='response')
        w.make('ptau import', '0001.ptau', 'response', out='ours.ptau', name='us')
        w.verify('ptau verify', 'ours.ptau')


if CURVE not in CURVES:
    sys.exit('usage: test_phase1.py bn128|bls12_381')
tap.main(what_we_make_passes_in_both,
         what_snarkjs_makes_passes_in_both,
         what_both_make_in_turns_passes_in_both,
         what_is_not_random_is_the_same_to_the_byte,
         what_is_truncated_is_the_same_to_the_byte_and_passes_in_both,
         what_is_converted_is_the_same_to_the_byte,
         a_challenge_of_either_is_answered_and_imported_by_either,
         what_is_damaged_passes_in_neither,
         *([a_response_of_the_fixtures_comes_in_and_its_challenge_is_answered] if CURVE == 'bn128' else []))
