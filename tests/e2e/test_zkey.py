"""convoke zkey new, info, contribute, beacon, verify and extends, against files that snarkjs wrote."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402

CONVOKE = os.path.join(os.environ['BUILD_DIR'], 'convoke')
FIXTURES = os.path.join(os.environ.get('CONVOKE_SHARED', '../shared'), 'fixtures', 'snarkjs')
BEACON = '0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20'
WORK = tempfile.TemporaryDirectory(prefix='convoke-zkey-')

# What is wrong with each file of bad/: exit status and id, as `zkey verify` sees it.
BAD = {
    'A_byte_flip': (1, 'zkey.a'),
    'H_point_replaced_oncurve': (1, 'zkey.h.ptau'),
    'IC_byte_flip': (1, 'zkey.ic'),
    'L_point_offcurve': (1, 'point.not_on_curve'),
    'L_point_replaced_oncurve': (1, 'zkey.l'),
    'beacon_exp_changed': (1, 'zkey.contribution.beacon'),
    'coef_byte_flip': (1, 'zkey.coefficients'),
    'csHash_flip': (1, 'zkey.circuit_hash'),
    'deltaAfter_replaced': (1, 'zkey.contribution.delta'),
    'fork_from_genesis_STILL_VALID': (0, 'valid'),
    'g1_s_replaced': (1, 'zkey.contribution.transcript'),
    'header_delta1_replaced': (1, 'zkey.delta_g1'),
    'name_changed_STILL_VALID': (0, 'valid'),
    'transcript_flip': (1, 'zkey.contribution.transcript'),
    'truncated': (2, 'file.truncated'),
}


def fixture(*names):
    path = os.path.join(FIXTURES, *names)
    if not os.path.exists(path):
        raise tap.Skip('no %s (set CONVOKE_SHARED to the folder of the shared data)' % path)
    return path


def scratch(name):
    return os.path.join(WORK.name, name)


def zkey(*args, status=0, given=b''):
    got = subprocess.run([CONVOKE, 'zkey', *args], input=given, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, check=False)
    assert got.returncode == status, (args, got.returncode, got.stdout, got.stderr)
    return got.stdout.decode()


def answer(*args, status=0):
    return json.loads(zkey(*args, '--json', status=status))


def same_bytes(one, other):
    with open(one, 'rb') as a, open(other, 'rb') as b:
        return a.read() == b.read()


def plain(log):
    """What snarkjs said, without its colours and labels."""
    with open(log, encoding='utf-8') as f:
        lines = [line.rstrip() for line in f]
    return [line.split('[0m: ', 1)[-1].rstrip() for line in lines]


def initial_keys_are_those_of_snarkjs():
    circuit = fixture('tiny.r1cs')
    for powers, key, log in (('pot4_final.ptau', ('tiny_0000.zkey',), ('log_tiny_0000.txt',)),
                             ('det/d4_final.ptau', ('det', 't_0000.zkey'), ('det', 'log_t_0000.txt'))):
        out = scratch('new.zkey')
        said = zkey('new', circuit, fixture(powers), out)
        assert same_bytes(out, fixture(*key))
        block = [line.strip() for line in said.splitlines()]
        theirs = [line.strip() for line in plain(fixture(*log))]
        assert block[0] == 'Circuit Hash:' and len(block) == 5, said
        assert theirs[-4:] == block[1:], (theirs, said)


def an_initial_key_needs_powers_that_fit():
    out = scratch('new.zkey')
    circuit, powers = fixture('tiny.r1cs'), fixture('pot4_final.ptau')
    for args, name in (((circuit, fixture('pot4_beacon.ptau')), 'ptau.prepared'),
                       ((powers, circuit), 'file.magic'),
                       ((circuit, scratch('no_such_file')), 'file.open')):
        if os.path.exists(out):
            os.unlink(out)
        assert answer('new', *args, out, status=2)['id'] == name
        assert not os.path.exists(out)
    assert answer('new', circuit, powers, circuit, status=2)['id'] == 'file.same'


def a_point_of_the_powers_that_is_none_is_told_with_its_place():
    bad, out = scratch('bad.ptau'), scratch('bad.zkey')
    with open(fixture('det', 'd4_final.ptau'), 'rb') as f:
        data = bytearray(f.read())
    data[-16 * 64] ^= 1  # in betaTauG1's Lagrange bases, the first of the 16 points that are used
    with open(bad, 'wb') as f:
        f.write(data)
    got = answer('new', fixture('tiny.r1cs'), bad, out, status=1)
    assert (got['verdict'], got['section'], got['file']) == ('invalid', 15, bad), got
    assert not os.path.exists(out)


def info_tells_what_a_key_is():
    got = json.loads(zkey('info', fixture('tiny_final.zkey'), '--json'))
    assert (got['kind'], got['curve'], got['bytes']) == ('zkey', 'bn254', 7410), got
    assert (got['variables'], got['public'], got['domain'], got['coefficients']) == (11, 2, 16, 17), got
    assert [(c['type'], c['name']) for c in got['contributions']] == [
        ('contribution', 'alice'), ('contribution', 'bob via bellman'), ('beacon', 'Final Beacon')], got
    said = zkey('info', fixture('tiny_final.zkey'))
    for words in ('curve: bn254', 'variables: 11, of which 2 are public', 'contribution #1 alice:'):
        assert words in said, said


def verify_and_extends_say_of_a_key_what_info_says():
    for file, check in (('tiny_0001.zkey', ('extends', fixture('tiny_0000.zkey'))),
                        ('tiny_final.zkey', ('verify', fixture('tiny.r1cs'), fixture('pot4_final.ptau')))):
        info, got = answer('info', fixture(file)), answer(*check, fixture(file))
        assert info.items() <= got.items(), (info, got)
        assert got.keys() - info.keys() == {'verdict', 'id', 'message'}, got


def files_in_the_wrong_order_are_called_what_they_are():
    circuit, powers, key = fixture('tiny.r1cs'), fixture('pot4_final.ptau'), fixture('tiny_final.zkey')
    for args, words in (((powers, circuit, key), 'it is a .r1cs file, where a .ptau file is wanted'),
                        ((key, powers, circuit), 'it is a .r1cs file, where a .zkey file is wanted'),
                        ((powers, powers, key), 'it is a .ptau file, where a .zkey file is wanted')):
        assert words in answer('verify', *args, status=2)['message'], args
    got = answer('respond', key, scratch('none'), status=2)
    assert "it is a .zkey file, where a challenge or response of bellman's is wanted" in got['message'], got


def beacons_give_the_bytes_of_snarkjs():
    first, second = scratch('t_0001.zkey'), scratch('t_0002.zkey')
    zkey('beacon', fixture('det', 't_0000.zkey'), first, BEACON, '10', '--name', 'B2')
    zkey('beacon', first, second, 'ff' + BEACON, '11')
    assert same_bytes(first, fixture('det', 't_0001.zkey'))
    assert same_bytes(second, fixture('det', 't_0002.zkey'))


def every_key_of_snarkjs_verifies_from_the_initial_key_and_from_the_circuit():
    chains = (
        ([fixture('tiny_%s.zkey' % n) for n in ('0000', '0001', '0002', 'final')],
         fixture('pot4_final.ptau')),
        ([fixture('det', 't_%s.zkey' % n) for n in ('0000', '0001', '0002')],
         fixture('det', 'd4_final.ptau')))
    for keys, powers in chains:
        for key in keys:
            for origin in (keys[0], fixture('tiny.r1cs')):
                assert zkey('verify', origin, powers, key).endswith('ZKey Ok!\n')


def verify_warns_of_what_it_believes():
    first, last = fixture('tiny_0000.zkey'), fixture('tiny_final.zkey')
    for origin, key, words in ((first, first, 'nobody has contributed'),
                               (fixture('tiny.r1cs'), first, 'nobody has contributed'),
                               (last, last, 'is no initial key, it has 3 contributions'),
                               (first, last, None), (fixture('tiny.r1cs'), last, None)):
        got = subprocess.run([CONVOKE, 'zkey', 'verify', origin, fixture('pot4_final.ptau'), key],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
        assert ('warning' in got.stderr.decode()) == (words is not None), (origin, key, got.stderr)
        assert words is None or words in got.stderr.decode(), (origin, key, got.stderr)


def verify_prints_what_snarkjs_prints():
    out = zkey('verify', fixture('tiny_0000.zkey'), fixture('pot4_final.ptau'),
               fixture('tiny_final.zkey'))
    ours, theirs = ([line.rstrip() for line in out.splitlines()],
                    plain(fixture('log_tiny_verify_init.txt')))
    assert ours == theirs, (ours, theirs)


def each_bad_file_is_refused_for_its_own_reason():
    for name, (status, reason) in BAD.items():
        got = answer('verify', fixture('tiny_0000.zkey'), fixture('pot4_final.ptau'),
                     fixture('bad', name + '.zkey'), status=status)
        assert got['id'] == reason, (name, got)
    assert sorted(BAD) == sorted(n[:-5] for n in os.listdir(fixture('bad')) if n.endswith('.zkey'))


def a_truncated_file_is_called_so():
    got = answer('verify', fixture('tiny_0000.zkey'), fixture('pot4_final.ptau'),
                 fixture('bad', 'truncated.zkey'), status=2)
    assert 'truncated' in got['message'], got


def each_key_extends_the_one_before_and_no_other():
    keys = [fixture('tiny_%s.zkey' % n) for n in ('0000', '0001', '0002', 'final')]
    for i, old in enumerate(keys):
        for k, new in enumerate(keys):
            answer('extends', old, new, status=0 if k == i + 1 else 1)


def a_fork_extends_only_what_it_left():
    fork = fixture('bad', 'fork_from_genesis_STILL_VALID.zkey')
    answer('extends', fixture('tiny_0000.zkey'), fork)
    for old in ('tiny_0001.zkey', 'tiny_0002.zkey', 'tiny_final.zkey'):
        got = answer('extends', fixture(old), fork, status=1)
        assert (got['id'], got['contribution']) == ('zkey.prefix', 1), got


def a_renamed_contribution_extends_nothing():
    got = answer('extends', fixture('tiny_0002.zkey'),
                 fixture('bad', 'name_changed_STILL_VALID.zkey'), status=1)
    assert got['id'] == 'zkey.prefix' and 'name' in got['message'], got


def a_contribution_of_ours_verifies_and_its_hash_is_shown():
    old, new = fixture('tiny_0002.zkey'), scratch('ours.zkey')
    made = json.loads(zkey('contribute', old, new, '--name', 'été', '--entropy-file', '-',
                           '--json', given=b'some text'))
    assert answer('extends', old, new)['verdict'] == 'valid'
    got = answer('verify', fixture('tiny.r1cs'), fixture('pot4_final.ptau'), new)
    last = got['contributions'][-1]
    assert last['hash'] == made['contribution_hash'] and last['name'] == 'été', got
    assert got['circuit_hash'] == made['circuit_hash'], got


def the_same_text_never_gives_the_same_contribution():
    old, one, other = fixture('tiny_0000.zkey'), scratch('one.zkey'), scratch('other.zkey')
    for path in (one, other):
        zkey('contribute', old, path, '--entropy-file', '-', given=b'the same')
    assert not same_bytes(one, other)


def a_file_is_never_read_and_written_at_once():
    path = scratch('self.zkey')
    shutil.copy(fixture('tiny_0000.zkey'), path)
    got = json.loads(zkey('contribute', path, path, '--json', status=2))
    assert got['id'] == 'file.same', got
    assert same_bytes(path, fixture('tiny_0000.zkey'))


def what_fails_leaves_no_output():
    out = scratch('none.zkey')
    zkey('contribute', fixture('bad', 'L_point_offcurve.zkey'), out, status=2)
    zkey('beacon', fixture('tiny_0000.zkey'), out, 'abc', '10', status=2)
    zkey('beacon', fixture('tiny_0000.zkey'), out, BEACON, '64', status=2)
    zkey('contribute', fixture('bad', 'header_delta1_replaced.zkey'), out, status=2)
    assert not [n for n in os.listdir(WORK.name) if n.startswith('none')]


def powers_that_do_not_fit_are_no_verdict():
    key = fixture('tiny_final.zkey')
    got = answer('verify', fixture('tiny_0000.zkey'), fixture('det', 'd4_final.ptau'), key, status=1)
    assert got['id'] == 'zkey.ptau', got
    answer('verify', fixture('tiny_0000.zkey'), key, key, status=2)


if __name__ == '__main__':
    tap.main(
        initial_keys_are_those_of_snarkjs,
        an_initial_key_needs_powers_that_fit,
        a_point_of_the_powers_that_is_none_is_told_with_its_place,
        info_tells_what_a_key_is,
        verify_and_extends_say_of_a_key_what_info_says,
        files_in_the_wrong_order_are_called_what_they_are,
        beacons_give_the_bytes_of_snarkjs,
        every_key_of_snarkjs_verifies_from_the_initial_key_and_from_the_circuit,
        verify_warns_of_what_it_believes,
        verify_prints_what_snarkjs_prints,
        each_bad_file_is_refused_for_its_own_reason,
        a_truncated_file_is_called_so,
        each_key_extends_the_one_before_and_no_other,
        a_fork_extends_only_what_it_left,
        a_renamed_contribution_extends_nothing,
        a_contribution_of_ours_verifies_and_its_hash_is_shown,
        the_same_text_never_gives_the_same_contribution,
        a_file_is_never_read_and_written_at_once,
        what_fails_leaves_no_output,
        powers_that_do_not_fit_are_no_verdict,
    )
