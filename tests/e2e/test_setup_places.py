"""Faults in files of powers of tau and keys are told with their place: the file that is wrong,
whichever the command is about, the section, and the offset in the file."""
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import sections  # noqa: E402
import tap  # noqa: E402
from ceremony import convoke, done  # noqa: E402
from setups import BEACON, Setup, answer  # noqa: E402

ROOT = tempfile.mkdtemp(prefix='convoke-setup-places.')
GOOD = Setup(ROOT, 'bn254')
OUT = os.path.join(ROOT, 'out')
BAD = os.path.join(ROOT, 'bad')
OWN = {'challenge', 'mpc', 'response', 'mpc_response'}
NAMES = {'circuit', 'ptau0', 'ptau1', 'ptau2', 'powers', 'key0', 'key1', *OWN}
G1 = 64


def begin():
    for args in (('ptau', 'export-challenge', 'ptau1', 'challenge'),
                 ('ptau', 'respond', 'challenge', 'response'), ('zkey', 'export', 'key1', 'mpc'),
                 ('zkey', 'respond', 'mpc', 'mpc_response')):
        done(convoke(*given(args)))


def given(args, which=None, instead=BAD):
    return [instead if i == which else GOOD.path(a) if i > 1 and a in NAMES else a
            for i, a in enumerate(args)]


def start_of(path, kind):
    """Where a section's bytes begin in its file."""
    at = 12
    for other, data in sections.split(path):
        at += sections.HEAD.size
        if other == kind:
            return at
        at += len(data)
    raise AssertionError((path, kind))


def spoil(name, at, how=lambda byte: byte ^ 1, to=BAD):
    whole = bytearray(sections.read(GOOD.path(name)))
    whole[at] = how(whole[at])
    sections.write(to, whole)
    return to


# Command, which argument is spoilt, the section and the byte in it where a point begins, status.
POINTS = (
    *((('ptau', 'contribute', 'ptau1', OUT), 2, s, at, 2)
      for s, at in ((2, 5 * G1), (3, 2 * 2 * G1), (4, G1), (5, 7 * G1), (6, 0))),
    (('ptau', 'beacon', 'ptau1', OUT, BEACON, 10), 2, 4, 0, 2),
    (('ptau', 'prepare', 'ptau2', OUT), 2, 5, G1, 2),
    (('ptau', 'export-challenge', 'ptau1', OUT), 2, 2, 14 * G1, 1),
    (('ptau', 'verify', 'ptau1'), 2, 4, 3 * G1, 1),
    (('zkey', 'new', 'circuit', 'powers', OUT), 3, 12, 7 * G1, 1),
    (('zkey', 'new', 'circuit', 'powers', OUT), 3, 4, 0, 1),
    (('zkey', 'contribute', 'key1', OUT), 2, 8, 0, 2),
    (('zkey', 'contribute', 'key1', OUT), 2, 9, 3 * G1, 2),
    (('zkey', 'beacon', 'key1', OUT, BEACON, 10), 2, 9, G1, 2),
    (('zkey', 'verify', 'key0', 'powers', 'key1'), 4, 9, 2 * G1, 1),
    (('zkey', 'verify', 'key0', 'powers', 'key1'), 2, 8, G1, 2),
    (('zkey', 'verify', 'key0', 'powers', 'key1'), 3, 4, 0, 2),
    (('zkey', 'verify', 'circuit', 'powers', 'key1'), 3, 12, 7 * G1, 2),
    (('zkey', 'extends', 'key0', 'key1'), 2, 8, G1, 2),
    (('zkey', 'extends', 'key0', 'key1'), 3, 8, G1, 1),
    (('zkey', 'vkey', 'key1', OUT), 2, 3, G1, 1),
    (('zkey', 'solidity', 'key1', OUT), 2, 3, 0, 1),
    (('zkey', 'export', 'key1', OUT), 2, 9, 5 * G1, 1))


def kind_of(name):
    return 'zkey' if name.startswith('key') else 'ptau'


def a_bad_point_is_told_with_file_section_and_offset():
    for args, which, section, at, status in POINTS:
        offset = start_of(GOOD.path(args[which]), section) + at
        spoil(args[which], offset)
        got = answer(*given(args, which), status=status)
        assert got['verdict'] == ('invalid' if status == 1 else 'unusable'), (args, got)
        assert (got['file'], got['kind']) == (BAD, kind_of(args[which])), (args, got)
        assert (got.get('section'), got.get('offset')) == (section, offset), (args, section, got)
        assert got['id'] == 'point.not_on_curve', (args, got)
        assert 'offset %d' % offset in got['message'], (args, got)
        assert not os.path.exists(OUT), args


def people_read_the_same():
    for args, which, section, at, status in POINTS:
        offset = start_of(GOOD.path(args[which]), section) + at
        spoil(args[which], offset)
        got = convoke(*given(args, which))
        said = got.stdout + got.stderr
        place = '(section %d, offset %d)' % (section, offset)
        assert got.returncode == status and BAD + ': ' in said and place in said, (args, said)
        if status == 2:
            assert said.splitlines()[-1].startswith('convoke: %s: ' % kind_of(args[which])), said


# Files without sections: where a point begins, which byte of it is changed and how, and the id.
def plain_points():
    def infinite(byte):
        return byte | 0x40

    n_ic, header = 2, 6 * G1 + 3 * G1
    h = header + 4 + n_ic * G1 + 4
    yield ('ptau', 'respond', 'challenge', OUT), 2, 64 + 3 * G1, 31, None, 2
    yield ('ptau', 'import-response', 'ptau1', 'response', OUT), 3, 64 + 5 * 32, 0, infinite, 1
    yield ('zkey', 'respond', 'mpc', OUT), 2, h, 31, None, 2
    yield ('zkey', 'import', 'key1', 'mpc_response', OUT), 3, h + 2 * G1, 31, None, 1
    yield ('zkey', 'import', 'key1', 'mpc_response', OUT), 3, header + 4 + G1, 31, None, 1


def a_bad_point_in_a_challenge_or_response_is_told_with_its_offset():
    for args, which, offset, byte, how, status in plain_points():
        spoil(args[which], offset + byte, how or (lambda b: b ^ 1))
        got = answer(*given(args, which), status=status)
        kind = 'response' if 'response' in args[which] else 'challenge'
        assert (got['file'], got['kind'], got.get('offset')) == (BAD, kind, offset), (args, got)
        assert 'section' not in got and got['id'].startswith('point.'), (args, got)
        assert '(offset %d)' % offset in got['message'], (args, got)
        assert not os.path.exists(OUT), args


def what_was_changed_in_a_key_is_told_where_it_begins():
    """The lengths of all are right, and each point is one: only the comparison tells."""
    for section, at, name in ((3, 0, 'IC'), (5, G1, 'A'), (4, 4 + 12, 'coefficients')):
        offset = start_of(GOOD.path('key1'), section) + at
        spoil('key1', offset, how=lambda byte: byte ^ 2)
        for args in (('zkey', 'verify', 'key0', 'powers', 'key1'), ('zkey', 'extends', 'key0', 'key1')):
            got = answer(*given(args, len(args) - 1), status=1)
            assert (got['file'], got['section'], got['offset']) == (BAD, section, offset), got
            assert got['message'].startswith(name + ': not as in the '), got


# Where the points of a key's header stand, and what a verdict about each is called.
HEADER = ((84, 'zkey.alpha_g1'), (84 + G1, 'zkey.beta_g1'), (84 + 2 * G1, 'zkey.beta_g2'),
          (84 + 4 * G1, 'zkey.gamma_g2'), (84 + 6 * G1, 'zkey.delta_g1'), (84 + 7 * G1, 'zkey.delta_g2'))


def what_stands_alone_in_a_key_is_told_where_it_stands():
    """Another point of the same group in the place of each of the header's, another hash, a contribution less."""
    parts = dict(sections.split(GOOD.path('key1')))
    start, hashed = start_of(GOOD.path('key1'), 2), start_of(GOOD.path('key1'), 10)
    for at, name in HEADER:
        n, points = (2 * G1, parts[10][64 + 4 + 3 * G1:]) if name.endswith('g2') else (G1, parts[9])
        whole = bytearray(sections.read(GOOD.path('key1')))
        whole[start + at:start + at + n] = points[:n]
        sections.write(BAD, whole)
        for args in (('zkey', 'verify', 'key0', 'powers', 'key1'), ('zkey', 'extends', 'key0', 'key1')):
            got = answer(*given(args, len(args) - 1), status=1)
            assert (got['file'], got['id']) == (BAD, name), got
            assert (got['section'], got['offset']) == (2, start + at), got
    spoil('key1', hashed)
    got = answer('zkey', 'extends', GOOD.path('key0'), BAD, status=1)
    assert (got['id'], got['section'], got['offset']) == ('zkey.circuit_hash', 10, hashed), got
    got = answer('zkey', 'extends', GOOD.path('key1'), GOOD.path('key0'), status=1)
    assert (got['file'], got['id']) == (GOOD.path('key0'), 'zkey.count'), got
    assert (got['section'], got['offset']) == (10, start_of(GOOD.path('key0'), 10) + 64), got


def a_next_challenge_that_is_another_is_told_with_its_contribution():
    start = start_of(GOOD.path('ptau1'), 7)
    spoil('ptau1', start + 4 + 3 * G1 + 2 * 2 * G1 + (6 + 3 * 2) * G1 + 216)
    got = answer('ptau', 'verify', BAD, status=1)
    assert (got['id'], got['section'], got['offset']) == ('ptau.next_challenge', 7, start + 4), got


def a_contribution_that_is_wrong_is_told_where_it_begins():
    """Another point of the same curve stands where a proof should."""
    powers = dict(sections.split(GOOD.path('ptau1')))
    key, hashed = dict(sections.split(GOOD.path('key1'))), 64 + 4
    for name, kind, parts, at, command, found in (
            ('ptau1', 7, powers, 4 + 3 * G1 + 2 * 2 * G1, ('ptau', 'verify', BAD), 4),
            ('key1', 10, key, hashed + G1, ('zkey', 'extends', GOOD.path('key0'), BAD), hashed)):
        whole, start = bytearray(sections.read(GOOD.path(name))), start_of(GOOD.path(name), kind)
        whole[start + at:start + at + G1] = parts[2 if name == 'ptau1' else 9][-G1:]
        sections.write(BAD, whole)
        got = answer(*command, status=1)
        assert (got['file'], got['section'], got['offset']) == (BAD, kind, start + found), got
        assert got['contribution'] == 1 and 'contribution 1: ' in got['message'], got


def the_key_of_a_response_is_told_where_it_begins():
    whole = bytearray(sections.read(GOOD.path('response')))
    key = len(whole) - (6 * G1 + 3 * 2 * G1)
    whole[key:key + G1], whole[key + G1:key + 2 * G1] = whole[key + G1:key + 2 * G1], whole[key:key + G1]
    sections.write(BAD, whole)
    got = answer('ptau', 'import-response', GOOD.path('ptau1'), BAD, OUT, status=1)
    assert (got['file'], got['offset'], got['id']) == (BAD, key, 'ptau.key.tau'), got


def headers_are_told_by_the_offset_in_the_file():
    for name, section, at, how in (('ptau1', 1, 4 + 32, lambda b: 99), ('key1', 2, 4, lambda b: b ^ 1),
                                   ('key1', 10, 64 + 4, lambda b: b ^ 1), ('ptau1', 7, 4, lambda b: b ^ 1)):
        offset = start_of(GOOD.path(name), section) + at
        spoil(name, offset, how)
        got = answer('ptau' if 'ptau' in name else 'zkey', 'info', BAD, status=2)
        assert (got['section'], got['offset']) == (section, offset), (name, got)
        assert 'section %d (' % section in got['message'], (name, got)
        assert 'offset %d: ' % offset in got['message'], (name, got)


def deep_directory(n):
    """One whose path has about n bytes."""
    folder = ROOT
    while len(folder) < n:
        folder = os.path.join(folder, 'd' * 40)
    os.makedirs(folder, exist_ok=True)
    return folder


def a_long_path_is_named_to_its_end():
    for n in (120, 200, 300, 1000):
        folder = deep_directory(n)
        path = spoil('ptau1', start_of(GOOD.path('ptau1'), 2) + G1, to=os.path.join(folder, 'bad.ptau'))
        absent = os.path.join(folder, 'absent.ptau')
        got = answer('ptau', 'contribute', path, OUT, status=2)
        assert got['file'] == path and '/bad.ptau: tauG1[1]' in got['message'], got
        assert n > 200 or path in got['message'], got
        got = answer('ptau', 'verify', path, status=1)
        assert got['file'] == path, got
        for args in (('ptau', 'info', absent), ('zkey', 'info', absent), ('ptau', 'respond', absent, OUT),
                     ('zkey', 'respond', absent, OUT)):
            got = answer(*args, status=2)
            assert got['file'] == absent, got
            assert "/absent.ptau'" in got['message'], got
        got = answer('ptau', 'new', 'bn254', 2, os.path.join(folder, 'no', 'new.ptau'), status=2)
        assert "/no/new.ptau'" in got['message'], got


def an_output_that_cannot_be_written_is_the_file_at_fault():
    nowhere = os.path.join(ROOT, 'no such', 'folder')
    for args, kind in ((('ptau', 'export-challenge', 'ptau1', OUT), 'challenge'),
                       (('ptau', 'import-response', 'ptau1', 'response', OUT), 'ptau'),
                       (('zkey', 'export', 'key1', OUT), 'challenge'),
                       (('zkey', 'vkey', 'key1', OUT), 'vkey'),
                       (('zkey', 'import', 'key1', 'mpc_response', OUT), 'zkey')):
        got = answer(*given(args, args.index(OUT), nowhere), status=2)
        assert (got['file'], got['kind'], got['id']) == (nowhere, kind, 'file.create'), got


def a_beacon_that_takes_long_is_told_with_its_file_and_what_to_do():
    key2 = GOOD.path('key2')
    done(convoke('zkey', 'beacon', GOOD.path('key1'), key2, BEACON, 10))
    for name, args in (('ptau2', ('ptau', 'verify', BAD)),
                       ('key2', ('zkey', 'verify', GOOD.path('key0'), GOOD.path('powers'), BAD)),
                       ('key2', ('zkey', 'extends', GOOD.path('key1'), BAD))):
        fields = b'\x02\x0a\x03\x20' + bytes.fromhex(BEACON)
        whole = sections.read(GOOD.path(name))
        assert whole.count(fields) == 1, name
        sections.write(BAD, whole.replace(fields, b'\x02\x3f' + fields[2:]))
        got = answer(*args, status=2)
        assert (got['id'], got['file']) == ('beacon.slow', BAD), (args, got)
        assert got['message'].startswith(BAD + ': contribution 2 is a beacon of 2^63'), got
        assert '--slow-beacons' in got['message'], got


def a_key_whose_delta_is_another_s_is_not_contributed_to():
    """It is the input that is wrong, and the output that the command is about."""
    parts = dict(sections.split(GOOD.path('key1')))
    parts[10] = dict(sections.split(GOOD.path('key0')))[10]
    sections.join(BAD, parts.items(), magic=b'zkey')
    got = answer('zkey', 'contribute', BAD, OUT, status=2)
    assert (got['id'], got['file']) == ('zkey.delta', BAD), got
    assert got['message'].startswith(BAD + ': delta in G1'), got


try:
    begin()
    tap.main(a_bad_point_is_told_with_file_section_and_offset, people_read_the_same,
             a_bad_point_in_a_challenge_or_response_is_told_with_its_offset,
             what_was_changed_in_a_key_is_told_where_it_begins,
             what_stands_alone_in_a_key_is_told_where_it_stands,
             a_next_challenge_that_is_another_is_told_with_its_contribution,
             a_contribution_that_is_wrong_is_told_where_it_begins,
             the_key_of_a_response_is_told_where_it_begins,
             headers_are_told_by_the_offset_in_the_file, a_long_path_is_named_to_its_end,
             an_output_that_cannot_be_written_is_the_file_at_fault,
             a_beacon_that_takes_long_is_told_with_its_file_and_what_to_do,
             a_key_whose_delta_is_another_s_is_not_contributed_to)
finally:
    shutil.rmtree(ROOT)
