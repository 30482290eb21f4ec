"""Each command on powers of tau and keys, on both curves: what it makes, what it tells a program with
--json, and how it ends."""
import json
import os
import re
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import sections  # noqa: E402
import tap  # noqa: E402
from ceremony import convoke, done  # noqa: E402
from setups import BEACON, CURVES, Setup, answer  # noqa: E402

ROOT = tempfile.mkdtemp(prefix='convoke-setups.')
SETUPS = [Setup(ROOT, curve) for curve in CURVES]

ALWAYS = ['file', 'kind', 'verdict', 'id', 'message']
POWERS = ['bytes', 'curve', 'power', 'ceremony_power', 'prepared', 'contributions']
KEY = ['bytes', 'curve', 'variables', 'public', 'domain', 'coefficients', 'circuit_hash',
       'contributions']
# The command, its arguments (names of a setup's files), and what its answer has besides ALWAYS.
COMMANDS = (
    (('ptau', 'contribute', 'ptau0', 'a'), ['response_hash', 'next_challenge']),
    (('ptau', 'beacon', 'ptau1', 'a', BEACON, 10), ['response_hash', 'next_challenge']),
    (('ptau', 'verify', 'ptau1'), POWERS),
    (('ptau', 'verify', 'powers'), POWERS),
    (('ptau', 'prepare', 'ptau2', 'a'), []),
    (('ptau', 'export-challenge', 'ptau1', 'challenge'), ['last_response', 'challenge']),
    (('ptau', 'respond', 'challenge', 'response'), ['last_response', 'challenge', 'response_hash']),
    (('ptau', 'import-response', 'ptau1', 'response', 'a'), ['response_hash', 'next_challenge']),
    (('ptau', 'verify', 'a'), POWERS),
    (('zkey', 'new', 'circuit', 'powers', 'a'), ['circuit_hash']),
    (('zkey', 'contribute', 'key0', 'a'), ['circuit_hash', 'contribution_hash']),
    (('zkey', 'beacon', 'key1', 'key2', BEACON, 10), ['circuit_hash', 'contribution_hash']),
    (('zkey', 'verify', 'circuit', 'powers', 'key2'), KEY),
    (('zkey', 'verify', 'key0', 'powers', 'key2'), KEY),
    (('zkey', 'extends', 'key1', 'key2'), KEY),
    (('zkey', 'export', 'key1', 'mpc'), []),
    (('zkey', 'respond', 'mpc', 'mpc_response'), ['contribution_hash']),
    (('zkey', 'import', 'key1', 'mpc_response', 'a'), ['circuit_hash', 'contribution_hash']),
    (('zkey', 'extends', 'key1', 'a'), KEY),
    (('zkey', 'vkey', 'key2', 'vkey.json'), []),
)
FILES = {'ptau0', 'ptau1', 'ptau2', 'powers', 'circuit', 'key0', 'key1', 'key2', 'a', 'challenge',
         'response', 'mpc', 'mpc_response', 'vkey.json', 'cut'}


def paths(s, args):
    return [s.path(a) if a in FILES else a for a in args]


def every_command_answers_programs_on_both_curves():
    for s in SETUPS:
        for args, more in COMMANDS:
            got = answer(*paths(s, args))
            assert list(got) == ALWAYS + more, (args, got)
            assert (got['verdict'], got['id']) == ('valid', 'valid'), (args, got)
            for key in got:
                if key.endswith('hash') or key.endswith('challenge') or key == 'last_response':
                    assert re.fullmatch('0x[0-9a-f]{128}', got[key]), (args, key, got[key])


def with_json_nothing_is_said_elsewhere():
    for s in SETUPS:
        for args, _ in COMMANDS:
            got = done(convoke(*paths(s, args), '--json'))
            assert got.stderr == '', (args, got.stderr)


def people_are_told_without_json():
    for s in SETUPS:
        for args, more in COMMANDS:
            got = done(convoke(*paths(s, args)))
            assert '{' not in got.stdout, (args, got.stdout)
            assert bool(got.stdout) == bool(more), (args, got.stdout)


def contributions_are_listed_with_their_names_and_kinds():
    for s in SETUPS:
        for args in (('ptau', 'info', 'powers'), ('ptau', 'verify', 'powers')):
            got = answer(*paths(s, args))
            assert [(c['type'], c['name']) for c in got['contributions']] == [
                ('contribution', 'alice'), ('beacon', 'the end')], got
            assert got['contributions'][1]['iterations_exp'] == 10, got
            assert (got['curve'], got['power'], got['prepared']) == (s.curve, 3, 'yes'), got
        got = answer('zkey', 'info', s.path('key1'))
        assert [(c['type'], c['name']) for c in got['contributions']] == [
            ('contribution', 'alice')], got
        assert (got['curve'], got['variables'], got['public'], got['domain']) == (s.curve, 7, 1, 8)


def smaller_powers_serve_a_smaller_circuit():
    for s in SETUPS:
        done(convoke('ptau', 'truncate', s.path('powers'), s.path('cut')))
        for power in (1, 2):
            cut = s.path('cut_%02d.ptau' % power)
            assert answer('ptau', 'verify', cut)['power'] == power
        got = answer('zkey', 'new', s.path('circuit'), cut, s.path('none'), status=2)
        assert got['verdict'] == 'unusable' and not os.path.exists(s.path('none')), got


def a_prepared_file_of_an_old_program_is_converted():
    for s in SETUPS:
        point = {'bn254': 64, 'bls12_381': 96}[s.curve]
        old = [(kind, data[:point * 15] if kind == 12 else data)
               for kind, data in sections.split(s.path('powers'))]
        sections.join(s.path('old'), old)
        assert answer('ptau', 'convert', s.path('old'), s.path('today'))['verdict'] == 'valid'
        assert sections.read(s.path('today')) == sections.read(s.path('powers'))


def two_runs_of_what_is_not_random_give_the_same_bytes():
    for s in SETUPS:
        for args in (('ptau', 'beacon', 'ptau1', 'a', BEACON, 10), ('ptau', 'prepare', 'ptau2', 'a'),
                     ('ptau', 'export-challenge', 'ptau1', 'a'), ('zkey', 'export', 'key1', 'a'),
                     ('zkey', 'new', 'circuit', 'powers', 'a'), ('zkey', 'vkey', 'key1', 'a'),
                     ('zkey', 'beacon', 'key1', 'a', BEACON, 10)):
            made = []
            for threads in (1, 3):
                done(convoke(*paths(s, args), '--threads', threads))
                made.append(sections.read(s.path('a')))
            assert made[0] == made[1], args


def files_of_two_curves_do_not_go_together():
    ours, theirs = SETUPS
    for status, *args in ((1, 'ptau', 'import-response', ours.path('ptau1'), theirs.path('response')),
                          (2, 'zkey', 'new', ours.path('circuit'), theirs.path('powers')),
                          (1, 'zkey', 'import', ours.path('key1'), theirs.path('mpc_response'))):
        got = answer(*args, ours.path('none'), status=status)
        assert 'bls12_381' in got['message'], got
        assert not os.path.exists(ours.path('none'))
    assert answer('zkey', 'extends', ours.path('key0'), theirs.path('key1'), status=1)
    assert answer('zkey', 'verify', ours.path('key0'), ours.path('powers'), theirs.path('key1'),
                  status=1)


def another_contributor_s_key_is_invalid():
    for s in SETUPS:
        got = answer('zkey', 'extends', s.path('key0'), s.path('key0'), status=1)
        assert got['verdict'] == 'invalid', got
        got = convoke('zkey', 'extends', s.path('key0'), s.path('key0'))
        assert got.returncode == 1 and 'INVALID' in got.stdout, got
        got = convoke('ptau', 'verify', s.path('ptau0'))
        assert got.returncode == 1 and 'nobody has contributed' in got.stdout, got


def contracts_are_for_bn254_only():
    ours, theirs = SETUPS
    assert answer('zkey', 'solidity', ours.path('key1'), ours.path('sol'))['verdict'] == 'valid'
    got = answer('zkey', 'solidity', theirs.path('key1'), theirs.path('sol'), status=2)
    assert 'bn254' in got['message'] and not os.path.exists(theirs.path('sol')), got


def a_key_that_nobody_contributed_to_gives_nothing_to_verify_with():
    for s in SETUPS:
        for command in ('vkey', 'solidity'):
            convoke('zkey', command, s.path('key0'), s.path('none'))
            assert not os.path.exists(s.path('none'))
        assert answer('zkey', 'vkey', s.path('key0'), s.path('none'), status=1)['id'], s.curve


# ---- proofs


def proof(curve):
    """(key, inputs, proof) made elsewhere, over each curve."""
    if curve == 'bn254':
        return [sections.fixture('tiny_%s.json' % n) for n in ('vkey', 'public', 'proof')]
    at = os.path.join(os.path.dirname(__file__), '..', 'vectors', 'groth16')
    return [os.path.join(at, 'bls12381_%s.json' % n) for n in ('vkey', 'public', 'proof')]


def changed_inputs(path, change):
    with open(path, encoding='utf-8') as f:
        values = json.load(f)
    with open(os.path.join(ROOT, 'public.json'), 'w', encoding='utf-8') as f:
        json.dump(change(values), f)
    return f.name


def a_document_that_is_cut_off_is_told_with_its_byte():
    key, inputs, given = proof('bn254')
    bad = os.path.join(ROOT, 'cut.json')
    for i, path in enumerate((key, inputs, given)):
        data = sections.read(path)
        for n in (1, len(data) // 2):
            sections.write(bad, data[:n])
            files = [bad if j == i else p for j, p in enumerate((key, inputs, given))]
            got = answer('groth16', 'verify', *files, status=2)
            assert got['file'] == bad and got['offset'] <= n, got
            assert '(byte %d)' % got['offset'] in got['message'], got


def a_proof_is_valid_for_its_inputs_alone():
    for s in SETUPS:
        key, inputs, given = proof(s.curve)
        assert answer('groth16', 'verify', key, inputs, given)['verdict'] == 'valid'
        done(convoke('groth16', 'verify', key, inputs, given))
        for i in range(2):
            other = changed_inputs(inputs, lambda v, i=i: v[:i] + [str(int(v[i]) ^ 1)] + v[i + 1:])
            got = answer('groth16', 'verify', key, other, given, status=1)
            assert got['verdict'] == 'invalid', got
        for change in (lambda v: v[:-1], lambda v: v + ['0']):
            got = answer('groth16', 'verify', key, changed_inputs(inputs, change), given, status=1)
            assert got['verdict'] == 'invalid', got
    (key, inputs, _), (_, _, other) = (proof(c) for c in CURVES)
    assert answer('groth16', 'verify', key, inputs, other, status=1)['id'] == 'proof.curve'


try:
    tap.main(every_command_answers_programs_on_both_curves, with_json_nothing_is_said_elsewhere,
             people_are_told_without_json, contributions_are_listed_with_their_names_and_kinds,
             smaller_powers_serve_a_smaller_circuit, a_prepared_file_of_an_old_program_is_converted,
             two_runs_of_what_is_not_random_give_the_same_bytes,
             a_document_that_is_cut_off_is_told_with_its_byte,
             files_of_two_curves_do_not_go_together, another_contributor_s_key_is_invalid,
             contracts_are_for_bn254_only,
             a_key_that_nobody_contributed_to_gives_nothing_to_verify_with,
             a_proof_is_valid_for_its_inputs_alone)
finally:
    shutil.rmtree(ROOT)
