"""convoke ptau: files of powers of tau made, cut, told of and exchanged, held against snarkjs's."""
import hashlib
import json
import os
import shutil
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import sections  # noqa: E402
import tap  # noqa: E402
from ceremony import convoke, done  # noqa: E402
from sections import fixture  # noqa: E402

ROOT = tempfile.mkdtemp(prefix='convoke-ptau.')
BLS_GENERATOR_1 = ('17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aef'
                   'fb3af00adb22c6bb08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3ed'
                   'd03cc744a2888ae40caa232946c5e7e1')
BLS_GENERATOR_2 = ('13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57'
                   'e5ac7d055d042b7e024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d177'
                   '0bac0326a805bbefd48056c8c121bdb80606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af'
                   '267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be0ce5d527727d6e118cc9cdc6da2e351a'
                   'adfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801')


def path(name):
    return os.path.join(ROOT, name)


def blake2b(data):
    return hashlib.blake2b(data).hexdigest()


def hashes(text):
    """What hash blocks a command printed, by their titles."""
    found, lines = {}, text.splitlines()
    for i, line in enumerate(lines):
        block = lines[i + 1:i + 5]
        if line.endswith(':') and len(block) == 4 and all(b.startswith('\t\t') for b in block):
            found[line.strip(' :')] = ''.join(block).replace('\t', '').replace(' ', '')
    return found


def fails(*args, status=2, says):
    got = convoke('ptau', *args)
    assert got.returncode == status, (got.returncode, got.stdout, got.stderr)
    assert says in got.stdout + got.stderr, got.stdout + got.stderr
    return got


# ---- new


def a_new_file_is_snarkjs_s_to_the_byte():
    for name in ('bn128', 'bn254'):
        got = done(convoke('ptau', 'new', name, 4, path('new')))
        assert sections.read(path('new')) == sections.read(fixture('det/d4_0000.ptau'))
        assert hashes(got.stdout)['First Contribution Hash'].startswith('205443208540318')


def a_new_file_of_bls12_381_is_all_generators():
    g1, g2 = bytes.fromhex(BLS_GENERATOR_1), bytes.fromhex(BLS_GENERATOR_2)
    for name in ('bls12_381', 'bls12-381'):
        got = done(convoke('ptau', 'new', name, 3, path('new')))
        want = blake2b(hashlib.blake2b().digest() + 15 * g1 + 8 * g2 + 8 * g1 + 8 * g1 + g2)
        assert hashes(got.stdout)['First Contribution Hash'] == want
    sizes = [len(data) for _, data in sections.split(path('new'))]
    assert sizes == [60, 15 * 96, 8 * 192, 8 * 96, 8 * 96, 192, 4], sizes


def a_new_file_of_no_curve_or_power_is_refused():
    for args, says in ((('secp256k1', 4), 'bn254 (bn128) and bls12_381'), (('bn254', 0), '1 to 28'),
                       (('bn254', 29), '1 to 28'), (('bn254', '4x'), '1 to 28'),
                       (('bn254', ''), '1 to 28')):
        fails('new', *args, path('none'), says=says)
    assert not os.path.exists(path('none'))


# ---- info


def info_tells_what_a_file_is():
    got = json.loads(done(convoke('ptau', 'info', fixture('pot4_final.ptau'), '--json')).stdout)
    assert (got['curve'], got['power'], got['ceremony_power']) == ('bn254', 4, 4), got
    assert (got['prepared'], got['bytes'], got['published_as']) == ('yes', 22957, None), got
    assert [c['name'] for c in got['contributions']] == \
        ['first', 'second (imported)', 'Phase1 beacon'], got
    assert [c['type'] for c in got['contributions']] == ['contribution', 'contribution', 'beacon']
    assert got['contributions'][2]['iterations_exp'] == 10
    assert got['contributions'][2]['beacon_hash'].startswith('0x010203')
    response = blake2b(sections.read(fixture('pot4_response_0002')))
    challenge = blake2b(sections.read(fixture('pot4_challenge_0002')))
    assert got['contributions'][1]['response_hash'] == '0x' + response
    assert got['contributions'][0]['next_challenge'] == '0x' + challenge


def info_tells_people_the_same():
    got = done(convoke('ptau', 'info', fixture('pot4_0002.ptau'))).stdout
    assert 'prepared for phase 2: no' in got and 'Contribution #2: second (imported)' in got, got
    newest = got.split('Contribution #1')[0]
    assert hashes(newest)['Response Hash'] == blake2b(sections.read(fixture('pot4_response_0002')))


def verify_says_of_a_file_what_info_says():
    info = json.loads(done(convoke('ptau', 'info', fixture('pot4_final.ptau'), '--json')).stdout)
    got = json.loads(done(convoke('ptau', 'verify', fixture('pot4_final.ptau'), '--json')).stdout)
    assert info.pop('published_as') is None
    assert info.items() <= got.items(), (info, got)
    assert got.keys() - info.keys() == {'verdict', 'id', 'message'}, got


def info_of_a_file_that_only_claims_to_be_published_says_so():
    parts = sections.split(fixture('pot4_final.ptau'))
    lengths = {2: 64 * 511, 3: 128 * 256, 4: 64 * 256, 5: 64 * 256, 12: 64 * 1023, 13: 128 * 511,
               14: 64 * 511, 15: 64 * 511}  # of power 8
    claim = [(kind, (data * 64)[:lengths.get(kind, len(data))]) for kind, data in parts]
    claim[0] = (1, claim[0][1][:36] + struct.pack('<II', 8, 28))
    claim[6] = (7, struct.pack('<I', 0))
    sections.join(path('claim'), claim)
    got = done(convoke('ptau', 'info', path('claim'))).stdout
    assert 'none of the published files' in got and 'truncated from power: 28' in got, got
    assert 'published' not in done(convoke('ptau', 'info', path('claim'), '--no-hash')).stdout


def a_name_cannot_move_the_cursor():
    """Nor turn the line around, be it as UTF-8 or as what an 8-bit terminal obeys."""
    for name, shown in ((b'\x1b[2Jf', '?[2Jf'), (b'\xc2\x9b2Jf', '?2Jf'), (b'\x9b2Jff', '?2Jff'),
                        (b'\xe2\x80\xaeab', '?ab'), (b'\xe2\x81\xa6ab', '?ab'),
                        (b'ab\xe2\x80', 'ab??'), (b'\xe2\x82\xac\xc3\xa9', '\u20ac\u00e9')):
        parts = sections.split(fixture('pot4_0001.ptau'))
        parts[6] = (7, parts[6][1].replace(b'first', name.ljust(5)))
        sections.join(path('escape'), parts)
        got = done(convoke('ptau', 'info', path('escape'))).stdout
        assert 'Contribution #1: ' + shown in got, (name, got)


# ---- truncate


def smaller_files_are_the_beginnings_of_the_larger():
    shutil.copy(fixture('pot4_final.ptau'), path('pot.ptau'))
    got = done(convoke('ptau', 'truncate', path('pot.ptau'))).stdout.split()
    assert got == [path('pot_%02d.ptau' % p) for p in (1, 2, 3)], got
    whole = dict(sections.split(path('pot.ptau')))
    for power in (1, 2, 3):
        n = 1 << power
        lengths = {2: 64 * (2 * n - 1), 3: 128 * n, 4: 64 * n, 5: 64 * n, 12: 64 * (4 * n - 1),
                   13: 128 * (2 * n - 1), 14: 64 * (2 * n - 1), 15: 64 * (2 * n - 1)}
        parts = sections.split(path('pot_%02d.ptau' % power))
        assert [kind for kind, _ in parts] == [1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15]
        for kind, data in parts[1:]:
            assert data == whole[kind][:lengths.get(kind, len(whole[kind]))], (power, kind)
        assert parts[0][1] == whole[1][:36] + struct.pack('<II', power, 4)


def one_smaller_file_is_made_alone():
    said = done(convoke('ptau', 'truncate', fixture('pot4_beacon.ptau'), path('one'), '--power', 2)).stdout
    assert said == path('one_02.ptau') + '\n', said
    assert not os.path.exists(path('one_01.ptau')) and not os.path.exists(path('one_03.ptau'))
    got = json.loads(done(convoke('ptau', 'info', path('one_02.ptau'), '--json')).stdout)
    assert (got['power'], got['ceremony_power'], got['prepared']) == (2, 4, 'no'), got
    done(convoke('ptau', 'verify', path('one_02.ptau')))


def programs_are_told_the_names_of_smaller_files():
    got = json.loads(done(convoke('ptau', 'truncate', fixture('pot4_beacon.ptau'), path('all'), '--json')).stdout)
    assert got['verdict'] == 'valid' and got['file'] == fixture('pot4_beacon.ptau'), got
    assert got['written'] == [path('all_%02d.ptau' % power) for power in (1, 2, 3)], got
    assert all(os.path.exists(name) for name in got['written']), got


def a_file_is_not_truncated_to_what_it_is_not():
    for power in (0, 4, 5, 29):
        fails('truncate', fixture('pot4_final.ptau'), path('no'), '--power', power, says='from')


def nobody_contributes_to_a_truncated_file():
    done(convoke('ptau', 'truncate', fixture('pot4_0001.ptau'), path('cut'), '--power', 3))
    fails('export-challenge', path('cut_03.ptau'), path('none'), says='truncated from power 4')
    fails('import-response', path('cut_03.ptau'), fixture('pot4_response_0002'), path('none'),
          says='truncated from power 4')
    assert not os.path.exists(path('none'))


def smaller_files_are_valid():
    """Their last Lagrange basis goes one power further than their powers do."""
    done(convoke('ptau', 'truncate', fixture('pot4_final.ptau'), path('small')))
    for power in (1, 2, 3):
        done(convoke('ptau', 'verify', path('small_%02d.ptau' % power)))


# ---- convert


def a_file_of_an_old_program_gets_what_it_lacks():
    """snarkjs's convert makes the same of it: the file that is prepared today."""
    parts = sections.split(fixture('pot4_final.ptau'))
    old = [(kind, data[:64 * 31] if kind == 12 else data) for kind, data in parts]
    sections.join(path('old'), old)
    fails('prepare', path('old'), path('none'), says='convoke ptau convert')
    done(convoke('ptau', 'convert', path('old'), path('today')))
    assert sections.read(path('today')) == sections.read(fixture('pot4_final.ptau'))


def there_is_nothing_else_to_convert():
    fails('convert', fixture('pot4_final.ptau'), path('none'), says='prepared already')
    fails('convert', fixture('pot4_beacon.ptau'), path('none'), says='convoke ptau prepare')
    assert not os.path.exists(path('none'))


# ---- challenges and responses


def challenges_are_snarkjs_s_to_the_byte():
    for before, challenge in (('det/d4_beacon.ptau', 'det/d4_challenge_0001'),
                              ('pot4_0001.ptau', 'pot4_challenge_0002')):
        got = done(convoke('ptau', 'export-challenge', fixture(before), path('challenge')))
        assert sections.read(path('challenge')) == sections.read(fixture(challenge))
        assert hashes(got.stdout)['New Challenge Hash'] == blake2b(sections.read(path('challenge')))


def the_first_challenge_begins_with_the_hash_of_nothing():
    done(convoke('ptau', 'export-challenge', fixture('det/d4_0000.ptau'), path('challenge')))
    assert sections.read(path('challenge'))[:64] == hashlib.blake2b().digest()


def an_imported_response_gives_snarkjs_s_file():
    got = done(convoke('ptau', 'import-response', fixture('pot4_0001.ptau'),
                       fixture('pot4_response_0002'), path('imported'), '--name',
                       'second (imported)'))
    assert sections.masked(path('imported')) == sections.masked(fixture('pot4_0002.ptau'))
    response = blake2b(sections.read(fixture('pot4_response_0002')))
    assert hashes(got.stdout)['Contribution Response Hash imported'] == response
    done(convoke('ptau', 'verify', path('imported')))


def a_challenge_goes_out_and_its_response_comes_in_on_both_curves():
    for curve in ('bn254', 'bls12_381'):
        done(convoke('ptau', 'new', curve, 3, path('a.ptau')))
        done(convoke('ptau', 'export-challenge', path('a.ptau'), path('challenge')))
        done(convoke('ptau', 'respond', path('challenge'), path('response')))
        done(convoke('ptau', 'import-response', path('a.ptau'), path('response'), path('b.ptau')))
        done(convoke('ptau', 'contribute', path('b.ptau'), path('c.ptau'), '--name', 'c'))
        got = json.loads(done(convoke('ptau', 'info', path('c.ptau'), '--json')).stdout)
        assert [c.get('name') for c in got['contributions']] == [None, 'c'], got
        done(convoke('ptau', 'verify', path('c.ptau')))


def memory_and_threads_do_not_change_what_comes_out():
    done(convoke('ptau', 'import-response', fixture('pot4_0001.ptau'),
                 fixture('pot4_response_0002'), path('small'), '--memory', 16, '--threads', 1,
                 '--name', 'second (imported)'))
    assert sections.masked(path('small')) == sections.masked(fixture('pot4_0002.ptau'))


def changed(name, at, data):
    whole = bytearray(sections.read(fixture('pot4_response_0002')))
    whole[at:at + len(data)] = data
    return sections.write(path(name), bytes(whole))


def a_response_that_is_not_valid_is_not_imported():
    """Each is well formed: only the mathematics tells. The sign bit makes a point its opposite."""
    whole = sections.read(fixture('pot4_response_0002'))
    tau_g1, tau_g2, alpha, beta = 64, 64 + 31 * 32, 64 + 31 * 32 + 16 * 64, 64 + 47 * 32 + 16 * 64
    beta_g2, keys = 64 + 63 * 32 + 16 * 64, len(whole) - 768
    cases = [('another power of tau', tau_g1 + 5 * 32, whole[tau_g1 + 6 * 32:tau_g1 + 7 * 32]),
             ('the last power of tau', tau_g1 + 30 * 32, whole[tau_g1:tau_g1 + 32]),
             ('no generator', tau_g1, whole[tau_g1 + 32:tau_g1 + 64]),
             ('another tau', tau_g1 + 32, bytes([whole[tau_g1 + 32] ^ 0x80])),
             ('tau in G2', tau_g2 + 64, bytes([whole[tau_g2 + 64] ^ 0x80])),
             ('a power in G2', tau_g2 + 9 * 64, bytes([whole[tau_g2 + 9 * 64] ^ 0x80])),
             ('alpha', alpha, bytes([whole[alpha] ^ 0x80])),
             ('alpha tau^i', alpha + 15 * 32, bytes([whole[alpha + 15 * 32] ^ 0x80])),
             ('beta', beta, bytes([whole[beta] ^ 0x80])),
             ('beta tau^i', beta + 32, bytes([whole[beta + 32] ^ 0x80])),
             ('beta in G2', beta_g2, bytes([whole[beta_g2] ^ 0x80])),
             ('keys of tau and alpha', keys, whole[keys + 128:keys + 256]),
             ('g1_sx of tau', keys + 64, whole[keys + 320:keys + 384]),
             ('g2_spx of tau', keys + 384, whole[keys + 512:keys + 640]),
             ('g2_spx of beta', keys + 640, whole[keys + 384:keys + 512]),
             ('an infinite power', tau_g1 + 7 * 32, b'\x40' + bytes(31)),
             ('a coordinate too large', alpha, b'\x3f' + b'\xff' * 31)]
    for what, at, data in cases:
        got = convoke('ptau', 'import-response', fixture('pot4_0001.ptau'),
                      changed('changed', at, data), path('none'))
        assert got.returncode == 1 and 'INVALID' in got.stdout, (what, got.stdout, got.stderr)
        assert not os.path.exists(path('none')), what


def a_response_that_cannot_be_one_is_not_imported():
    whole = sections.read(fixture('pot4_response_0002'))
    for name, data, says in (('short', whole[:-1], 'offset %d: it has' % (len(whole) - 1)),
                             ('long', whole + b'x', 'no response'),
                             ('keys', whole[:-1] + bytes([whole[-1] ^ 1]), 'offset 3808'),
                             ('challenge', sections.read(fixture('pot4_challenge_0002')),
                              'size of a challenge')):
        fails('import-response', fixture('pot4_0001.ptau'), sections.write(path(name), data),
              path('none'), says=says)
    assert not os.path.exists(path('none'))


def a_response_to_another_challenge_is_invalid():
    """As a key's is: it is a response, and the answer is no."""
    whole = sections.read(fixture('pot4_response_0002'))
    done(convoke('ptau', 'new', 'bn254', 3, path('p3')))
    other = sections.write(path('other'), b'\0' + whole[1:])
    for before, response, name in ((fixture('pot4_0001.ptau'), other, 'response.challenge'),
                                   (fixture('pot4_0000.ptau'), fixture('pot4_response_0002'),
                                    'response.challenge'),
                                   (path('p3'), fixture('pot4_response_0002'), 'response.size')):
        got = convoke('ptau', 'import-response', before, response, path('none'), '--json')
        finding = json.loads(got.stdout)
        assert (got.returncode, finding['verdict'], finding['id']) == (1, 'invalid', name), finding
        assert (finding['file'], finding['kind']) == (response, 'response'), finding
        assert finding.get('offset') == (0 if name == 'response.challenge' else None), finding
    assert not os.path.exists(path('none'))


def a_response_with_a_bad_point_is_told_with_its_offset():
    at = 64 + 7 * 32
    bad = changed('bad_point', at, b'\x40' + bytes(31))
    got = json.loads(convoke('ptau', 'import-response', fixture('pot4_0001.ptau'), bad,
                             path('none'), '--json').stdout)
    assert (got['file'], got['id'], got['offset']) == (bad, 'point.infinity', at), got
    assert 'section' not in got and 'offset %d' % at in got['message'], got


def powers_that_are_not_what_they_claim_are_not_exported():
    parts = sections.split(fixture('det/d4_0000.ptau'))
    beacon = sections.split(fixture('det/d4_beacon.ptau'))
    parts[1] = beacon[1]  # powers to which nobody is said to have contributed
    fails('export-challenge', sections.join(path('claimed'), parts), path('none'), status=1,
          says='begins with')
    parts = sections.split(fixture('pot4_0001.ptau'))
    parts[1] = (2, parts[1][1][:5 * 64] + parts[1][1][6 * 64:7 * 64] + parts[1][1][6 * 64:])
    got = convoke('ptau', 'export-challenge', sections.join(path('swapped'), parts), path('none'))
    assert got.returncode == 1 and 'INVALID' in got.stdout, (got.stdout, got.stderr)
    parts[1] = (2, parts[1][1][:5 * 64] + b'\1' + parts[1][1][5 * 64 + 1:])
    got = convoke('ptau', 'export-challenge', sections.join(path('off'), parts), path('none'),
                  '--json')
    finding = json.loads(got.stdout)
    assert got.returncode == 1 and finding['section'] == 2, finding
    assert finding['offset'] == 80 + 5 * 64, finding
    assert not os.path.exists(path('none'))


# ---- all of them


def an_input_is_never_the_output():
    for args in (('export-challenge', 'same', 'same'),
                 ('import-response', 'same', 'answer', 'same'),
                 ('import-response', 'same', 'answer', 'answer'),
                 ('export-challenge', 'same', 'link')):
        shutil.copy(fixture('pot4_0001.ptau'), path('same'))
        shutil.copy(fixture('pot4_response_0002'), path('answer'))
        if not os.path.exists(path('link')):
            os.link(path('same'), path('link'))
        fails(args[0], *(path(a) for a in args[1:]), says='another name')
        assert sections.read(path('same')) == sections.read(fixture('pot4_0001.ptau'))
        assert sections.read(path('answer')) == sections.read(fixture('pot4_response_0002'))


def nothing_is_left_of_what_failed():
    """Temporary files go with the failures above."""
    left = [name for name in os.listdir(ROOT) if '.tmp-' in name]
    assert not left, left


def what_is_no_such_file_is_refused_with_its_name():
    sections.write(path('text'), b'hello')
    for args in (('info',), ('truncate',), ('export-challenge', path('none')),
                 ('import-response', fixture('pot4_response_0002'), path('none'))):
        fails(args[0], path('text'), *args[1:], says='text: ')
        fails(args[0], path('absent'), *args[1:], says='absent')
        fails(args[0], ROOT, *args[1:], says='no regular file')
    fails('respond', fixture('pot4_0001.ptau'), path('none'),
          says='it is a .ptau file, where a challenge is wanted')
    fails('import-response', fixture('pot4_0001.ptau'), fixture('tiny_0000.zkey'), path('none'),
          says='it is a .zkey file, where a response is wanted')
    fails('info', fixture('tiny_0000.zkey'), says='it is a .zkey file, where a .ptau file is wanted')


try:
    tap.main(a_new_file_is_snarkjs_s_to_the_byte, a_new_file_of_bls12_381_is_all_generators,
             a_new_file_of_no_curve_or_power_is_refused, info_tells_what_a_file_is,
             info_tells_people_the_same,
             verify_says_of_a_file_what_info_says, info_of_a_file_that_only_claims_to_be_published_says_so,
             a_name_cannot_move_the_cursor, smaller_files_are_the_beginnings_of_the_larger,
             one_smaller_file_is_made_alone, programs_are_told_the_names_of_smaller_files,
             smaller_files_are_valid,
             a_file_of_an_old_program_gets_what_it_lacks, there_is_nothing_else_to_convert,
             a_file_is_not_truncated_to_what_it_is_not,
             nobody_contributes_to_a_truncated_file, challenges_are_snarkjs_s_to_the_byte,
             the_first_challenge_begins_with_the_hash_of_nothing,
             an_imported_response_gives_snarkjs_s_file,
             a_challenge_goes_out_and_its_response_comes_in_on_both_curves,
             memory_and_threads_do_not_change_what_comes_out,
             a_response_that_is_not_valid_is_not_imported,
             a_response_that_cannot_be_one_is_not_imported,
             a_response_to_another_challenge_is_invalid,
             a_response_with_a_bad_point_is_told_with_its_offset,
             powers_that_are_not_what_they_claim_are_not_exported, an_input_is_never_the_output,
             nothing_is_left_of_what_failed, what_is_no_such_file_is_refused_with_its_name)
finally:
    shutil.rmtree(ROOT)
