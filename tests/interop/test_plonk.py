"""Two PLONK verifiers, ours and one in nothing but Python (tests/support/plonk.py), on proofs made with a
known tau, on what is wrong with them in one place, and on the published one: every step is the same."""
import json
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import plonk  # noqa: E402
import tap  # noqa: E402

JUDGE = os.path.join(os.environ['BUILD_DIR'], 'tests', 'interop', 'plonk_judge')
SHARED = os.environ.get('CONVOKE_SHARED',
                        os.path.join(os.environ['CONVOKE_SOURCE'], '..', 'shared'))


def judge(key_document, expected, proofs):
    """What our verifier says of each proof: a dictionary of its steps."""
    with tempfile.TemporaryDirectory() as folder:
        def put(name, data):
            path = os.path.join(folder, name)
            with open(path, 'wb') as f:
                f.write(data)
            return path
        key = put('vk.json', json.dumps(key_document).encode())
        expect = put('expect.json', json.dumps(expected).encode())
        paths = [put('proof-%d' % i, proof) for i, proof in enumerate(proofs)]
        told = subprocess.run([JUDGE, key, expect] + paths, capture_output=True, check=True, text=True).stdout
    said = []
    for line in told.splitlines():
        name, _, value = line.partition(' ')
        if name == 'verdict':
            said.append({})
        said[-1][name] = value
    assert len(said) == len(proofs), told
    return said


def compare(said, key, pi, words):
    """Every step, number by number; returns the pairing's two points."""
    c = plonk.challenges(pi, words)
    for name, value in c.items():
        assert int(said[name], 16) == value, (name, said[name], hex(value))
    at, after = plonk.openings(key, words, c)
    with_tau, with_one = plonk.pair(words, c, at, after)
    points = {'linear': at[1][0], 'with_tau': with_tau, 'with_one': with_one}
    for name, (x, y) in points.items():
        assert said[name] == '0x%064x%064x' % (x, y), name
    assert said['identities'] == '%d' % plonk.identities_hold(pi, words, c)
    return with_tau, with_one


def proofs_made_with_a_known_tau_are_valid_by_the_same_steps():
    for name in ('one', 'two', 'three'):
        key, tau, pi, words = plonk.simulated(name)
        said, = judge(plonk.key_document(key, tau), plonk.expectation(pi), [plonk.proof_file(pi, words)])
        assert said['verdict'] == 'valid', said
        with_tau, with_one = compare(said, key, pi, words)
        assert plonk.times(with_tau, tau) == with_one


def words_that_are_others_are_invalid_by_the_same_steps():
    rng = random.Random(1)
    key, tau, pi, words = plonk.simulated('tampered')
    wrong = []
    for i in range(0, 22, 2):  # commitments
        wrong.append(words[:i] + list(plonk.times(plonk.G1, rng.randrange(plonk.R))) + words[i + 2:])
    for i in range(22, 40):  # values
        wrong.append(words[:i] + [rng.randrange(plonk.R)] + words[i + 1:])
    for i in (40, 42):  # their proofs
        wrong.append(words[:i] + [words[i], plonk.P - words[i + 1]] + words[i + 2:])
    said = judge(plonk.key_document(key, tau), plonk.expectation(pi), [plonk.proof_file(pi, w) for w in wrong])
    for one, w in zip(said, wrong):
        assert one['verdict'] == 'invalid', one
        with_tau, with_one = compare(one, key, pi, w)
        assert one['identities'] == '0' or plonk.times(with_tau, tau) != with_one


def identities_alone_or_openings_alone_are_not_enough():
    """Values that fit each other but no commitment; and openings that are true, of values that fit not."""
    key, tau, pi, words = plonk.simulated('halves')
    fits = list(words)
    fits[22] = (fits[22] + 1) % plonk.R
    c = plonk.challenges(pi, fits)
    fits[38] = plonk.quotient_right(pi, fits, c) * pow(c['z_to_n'] - 1, -1, plonk.R) % plonk.R
    opened = list(words)
    opened[39] = (opened[39] + 1) % plonk.R
    c = plonk.challenges(pi, opened)
    at, after = plonk.openings(key, opened, c)
    for i, place, part, power in ((40, c['z'], at, 0), (42, c['z'] * plonk.OMEGA, after, len(at))):
        opened[i:i + 2] = plonk.times(plonk.joined(part, c['v'], power), pow(tau - place, -1, plonk.R))
    said = judge(plonk.key_document(key, tau), plonk.expectation(pi),
                 [plonk.proof_file(pi, fits), plonk.proof_file(pi, opened)])
    assert [s['verdict'] for s in said] == ['invalid'] * 2
    assert [s['identities'] for s in said] == ['1', '0']
    with_tau, with_one = compare(said[1], key, pi, opened)
    assert plonk.times(with_tau, tau) == with_one, 'the openings are not true'


def numbers_and_points_that_are_none_are_refused():
    key, tau, pi, words = plonk.simulated('numbers')
    good = plonk.proof_file(pi, words)
    wrong = []
    for i, modulus in ((0, plonk.P), (1, plonk.P), (22, plonk.R), (39, plonk.R), (43, plonk.P)):
        at = good.index(plonk.little(words[i]))
        for value in (words[i] + modulus, modulus, (1 << 254) + words[i] % (1 << 254), (1 << 256) - 1):
            wrong.append(good[:at] + plonk.little(value) + good[at + 32:])
    at = good.index(plonk.little(words[0]))
    wrong.append(good[:at] + bytes(64) + good[at + 64:])  # infinity, and not said to be
    at = good.index(plonk.little(pi))
    wrong.append(good[:at] + plonk.little(pi + plonk.R) + good[at + 32:])
    for one in judge(plonk.key_document(key, tau), plonk.expectation(pi), wrong):
        assert one['verdict'] == 'invalid' and 'eta' not in one, one


def the_published_proof_takes_the_same_steps():
    folder = os.path.join(SHARED, 'fixtures', 'market')
    try:
        with open(os.path.join(folder, 'plonk_zksync_example.json'), encoding='utf-8') as f:
            example = json.load(f)
        document, expected, proof = plonk.published(folder)
    except FileNotFoundError as absent:
        raise tap.Skip('no %s (set CONVOKE_SHARED)' % absent.filename) from absent

    pi = int(example['public_input'], 16)
    words = [int(word, 16) for word in example['proof_words']]
    assert proof == plonk.proof_file(pi, words, proof[:128])

    said, = judge(document, expected, [proof])

    assert said['verdict'] == 'valid', said
    compare(said, plonk.key_of(document), pi, words)


tap.main(proofs_made_with_a_known_tau_are_valid_by_the_same_steps,
         words_that_are_others_are_invalid_by_the_same_steps,
         identities_alone_or_openings_alone_are_not_enough,
         numbers_and_points_that_are_none_are_refused,
         the_published_proof_takes_the_same_steps)
