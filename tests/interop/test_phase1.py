"""Powers of tau that pass between convoke and snarkjs, on both curves."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from foreign import BEACON, CURVES, Work  # noqa: E402

POWER = 3
STATE_UNUSED = 128  # bytes of a contribution's hash state of which only some mean something


def verified_by_both(w, ptau):
    w.ours('ptau', 'verify', ptau)
    assert 'Powers of Tau Ok!' in w.snarkjs('powersoftau', 'verify', ptau)


def each_curve(test):
    def run():
        for curve in CURVES:
            with Work() as w:
                test(w, *curve[:2])
    run.__name__ = test.__name__
    return run


@each_curve
def what_is_not_random_is_the_same_to_the_byte(w, ours, theirs):
    w.ours('ptau', 'new', ours, POWER, 'o0.ptau')
    w.snarkjs('powersoftau', 'new', theirs, POWER, 's0.ptau')
    w.same('o0.ptau', 's0.ptau')

    w.snarkjs('powersoftau', 'contribute', 's0.ptau', 's1.ptau', '-n=one', '-e=x')
    w.ours('ptau', 'export-challenge', 's1.ptau', 'o.challenge')
    w.snarkjs('powersoftau', 'export', 'challenge', 's1.ptau', 's.challenge')
    w.same('o.challenge', 's.challenge')

    w.ours('ptau', 'prepare', 's1.ptau', 'o1.ready')
    w.snarkjs('powersoftau', 'prepare', 'phase2', 's1.ptau', 's1.ready')
    w.same('o1.ready', 's1.ready')

    w.ours('ptau', 'beacon', 's1.ptau', 'o2.ptau', BEACON, 10, '--name', 'end')
    w.snarkjs('powersoftau', 'beacon', 's1.ptau', 's2.ptau', BEACON, 10, '-n=end')
    same_but_for_the_unused_state(w, 'o2.ptau', 's2.ptau', params=2 + 3 + 2 + 2 + 32)


def same_but_for_the_unused_state(w, one, other, params):
    """Two files whose last section is that of the contributions; the last one's params are so long,
    and 216 bytes of hash state stand before its next challenge, type and length of the params."""
    a, b = w.bytes(one), w.bytes(other)
    state = len(a) - params - 8 - 64 - 216
    assert len(a) == len(b)
    assert a[:state] == b[:state], 'the files differ before the last hash state'
    assert a[state + STATE_UNUSED:] == b[state + STATE_UNUSED:], 'the files differ after it'


@each_curve
def a_chain_of_both_passes_in_both(w, ours, theirs):
    del theirs
    w.ours('ptau', 'new', ours, POWER, '0.ptau')
    w.snarkjs('powersoftau', 'contribute', '0.ptau', '1.ptau', '-n=theirs', '-e=x')
    w.ours('ptau', 'contribute', '1.ptau', '2.ptau', '--name', 'ours', '--entropy', 'y')
    w.snarkjs('powersoftau', 'contribute', '2.ptau', '3.ptau', '-n=theirs again', '-e=z')
    w.ours('ptau', 'beacon', '3.ptau', '4.ptau', BEACON, 10, '--name', 'the end')
    verified_by_both(w, '4.ptau')

    w.ours('ptau', 'prepare', '4.ptau', '5.ptau')
    verified_by_both(w, '5.ptau')


@each_curve
def a_challenge_of_either_is_answered_and_imported_by_either(w, ours, theirs):
    w.ours('ptau', 'new', ours, POWER, '0.ptau')
    w.ours('ptau', 'contribute', '0.ptau', '1.ptau', '--entropy', 'x')
    w.ours('ptau', 'export-challenge', '1.ptau', 'challenge')
    w.snarkjs('powersoftau', 'challenge', 'contribute', theirs, 'challenge', 'response', '-e=y')
    w.ours('ptau', 'import-response', '1.ptau', 'response', '2.ptau', '--name', 'bob')
    w.snarkjs('powersoftau', 'import', 'response', '1.ptau', 'response', '2s.ptau', '-n=bob')
    same_but_for_the_unused_state(w, '2.ptau', '2s.ptau', params=2 + 3)

    w.snarkjs('powersoftau', 'export', 'challenge', '2.ptau', 'challenge')
    w.ours('ptau', 'respond', 'challenge', 'response', '--entropy', 'z')
    w.snarkjs('powersoftau', 'import', 'response', '2.ptau', 'response', '3.ptau', '-n=ours')
    verified_by_both(w, '3.ptau')


@each_curve
def what_is_damaged_passes_in_neither(w, ours, theirs):
    del theirs
    w.ours('ptau', 'new', ours, POWER, '0.ptau')
    w.ours('ptau', 'contribute', '0.ptau', '1.ptau', '--entropy', 'x')
    data = bytearray(w.bytes('1.ptau'))
    at = data.index(b'\x02\x00\x00\x00', 40) + 12  # the first point, the generator ...
    data[at:at + 64] = data[at + 64:at + 128]  # ... is overwritten
    w.write('bad.ptau', bytes(data))

    w.ours_refuses('ptau', 'verify', 'bad.ptau')
    w.snarkjs_refuses('powersoftau', 'verify', 'bad.ptau')


tap.main(what_is_not_random_is_the_same_to_the_byte,
         a_chain_of_both_passes_in_both,
         a_challenge_of_either_is_answered_and_imported_by_either,
         what_is_damaged_passes_in_neither)
