"""convoke verify and receipt verify: what holds, what does not and where, what is no document."""
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import Finished, convoke, json_lines, load, save  # noqa: E402

# A valid G1 and G2 point each that belong nowhere in the documents: minus the generators.
OTHER_G1 = ('0xb7f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00'
            'adb22c6bb')
NOT_IN_GROUP = '0x80' + '00' * 47


def verdict(*args, status):
    got = convoke('verify', *args, '--json')
    assert got.returncode == status, (got.returncode, got.stdout, got.stderr)
    return json_lines(got)


def each_document_alone_is_valid():
    for name in ('transcript.json', 'trusted_setup_4.json', 'trusted_setup_16.json'):
        assert [f['verdict'] for f in verdict(os.path.join(C.out, name), status=0)] == ['valid']
    assert verdict(os.path.join(C.first, 'contribution.json'), status=0)[0]['kind'] == 'contribution'


def a_challenge_is_told_from_a_contribution():
    """A document whose keys are all 1 starts a turn; handed in, it would be no contribution."""
    initial = load(C.first, 'contribution.json')
    g1, g2 = (initial['contributions'][0]['powersOfTau'][k][0] for k in ('G1Powers', 'G2Powers'))
    for sub in initial['contributions']:
        sub['powersOfTau'] = {'G1Powers': [g1] * sub['numG1Powers'], 'G2Powers': [g2] * sub['numG2Powers']}
        sub.update(potPubkey=g2, blsSignature='')
    initial['ecdsaSignature'] = ''
    path = save(initial, C.out, '..', 'initial.json')
    assert verdict(path, status=0)[0]['kind'] == 'challenge'
    finding = verdict(path, '--base', path, status=1)[0]
    assert finding['kind'] == 'contribution' and finding['id'] == 'no_entropy', finding
    for sizes in ('4,3', '4,3:8,3:16,3:32,3'):  # fewer and more than there are
        assert verdict(path, '--sizes', sizes, status=1)[0]['id'] == 'wrong_num_subs'


def a_changed_transcript_is_invalid_and_says_where():
    changes = (
        (lambda t: t['transcripts'][1]['powersOfTau']['G1Powers'].__setitem__(5, OTHER_G1),
         'g1_pairing', 2, 5),
        (lambda t: t['transcripts'][0]['powersOfTau']['G1Powers'].__setitem__(2, NOT_IN_GROUP),
         'bad_g1_point', 1, 2),
        (lambda t: t['transcripts'][2]['powersOfTau']['G2Powers'].reverse(), 'g2_pairing', 3, 0),
        (lambda t: t['transcripts'][2]['witness']['runningProducts'].__setitem__(1, OTHER_G1),
         'broken_chain', 3, 1),
        (lambda t: t['participantEcdsaSignatures'].__setitem__(2, '0x' + '11' * 65),
         'bad_ecdsa', None, 2),
        (lambda t: t['transcripts'][0]['witness']['blsSignatures'].reverse(), 'bad_start', 1, None),
        (lambda t: t['participantIds'].pop(), 'uneven_lists', 1, None),
        (lambda t: t['participantIds'].__setitem__(1, 'nobody'), 'bad_identity', None, 1),
    )
    for change, name, sub, index in changes:
        transcript = load(C.out, 'transcript.json')
        change(transcript)
        finding = verdict(save(transcript, C.root, 'changed.json'), status=1)[0]
        assert finding['id'] == name, finding
        assert sub is None or finding['sub_ceremony'] == sub, finding
        assert index is None or finding['index'] == index, finding


def a_changed_trusted_setup_is_invalid_and_says_where():
    for section, index, name in (('g1_monomial', 7, 'g1_pairing'),
                                 ('g1_lagrange', 3, 'not_lagrange')):
        setup = load(C.out, 'trusted_setup_8.json')
        setup[section][index] = OTHER_G1
        finding = verdict(save(setup, C.root, 'changed.json'), status=1)[0]
        assert (finding['id'], finding['index']) == (name, index), finding
        assert section in finding['message'], finding


def a_contribution_is_held_against_its_base():
    mine = os.path.join(C.first, 'contribution.json')
    other = os.path.join(C.path('person2'), 'contribution.json')
    assert 'on top of that base' in verdict(other, '--base', mine, status=0)[0]['message']
    assert verdict(mine, '--base', other, status=1)[0]['id'] == 'pubkey_pairing'
    assert verdict(mine, '--base', C.path('nothing'), status=2)[0]['verdict'] == 'unusable'


def ethereums_trusted_setup_has_ethereums_sizes():
    """One G2 point fewer is still a list of powers, but not what clients load."""
    root = os.path.join(os.path.dirname(__file__), '..', '..')
    with open(os.path.join(root, 'node_modules/c-kzg/deps/c-kzg/trusted_setup.txt'), encoding='ascii') as f:
        lines = f.read().split()
    assert lines[:2] == ['4096', '65']
    lines[1:2] = ['64']
    del lines[2 + 4096 + 64]
    path = os.path.join(C.out, '..', 'short.txt')
    with open(path, 'w', encoding='ascii') as f:
        f.write('\n'.join(lines) + '\n')
    finding = verdict(path, status=1)[0]
    assert finding['id'] == 'wrong_size' and '64 G2' in finding['message'], finding
    assert verdict(path, '--sizes', '4096,64', status=0)[0]['verdict'] == 'valid'


def sizes_can_be_demanded():
    transcript = os.path.join(C.out, 'transcript.json')
    verdict(transcript, '--sizes', '4,3:8,3:16,3', status=0)
    assert verdict(transcript, '--sizes', '4,3:8,3', status=1)[0]['id'] == 'wrong_sizes'


def what_is_no_document_is_unusable():
    for content in ('', '{', '[]', '{}', '{"a":1}', 'hello', '\x00', '{"transcripts":[]',
                    '{"contributions":7}', '4096'):
        path = C.path('odd')
        with open(path, 'w', encoding='utf-8') as f:
            f.write(content)
        findings = verdict(path, status=2)
        assert [f['verdict'] for f in findings] == ['unusable'], (content, findings)
    for path in (C.path('nothing'), C.path('server', 'no', 'way')):
        got = convoke('verify', path)
        assert got.returncode == 2 and got.stderr.startswith('convoke: verify: cannot open'), got


class Copy:
    """`with Copy() as d:` a copy of the export, to be spoilt."""

    def __enter__(self):
        self.dir = C.path('copy')
        shutil.copytree(C.out, self.dir)
        return self.dir

    def __exit__(self, *_):
        shutil.rmtree(self.dir)


def flip(path, at):
    with open(path, 'r+b') as f:
        f.seek(at)
        byte = f.read(1)[0]
        f.seek(at)
        f.write(bytes([byte ^ 1]))


def files_with_a_command_of_their_own_are_sent_there():
    for magic, words in ((b'ptau', 'convoke ptau verify '), (b'zkey', 'convoke zkey verify '),
                         (b'r1cs', 'a .r1cs file'), (b'wtns', 'a .wtns file')):
        path = C.path('file')
        with open(path, 'wb') as f:
            f.write(magic + bytes(40))
        finding, = verdict(path, status=2)
        assert (finding['verdict'], finding['kind']) == ('unusable', magic.decode()), finding
        assert words in finding['message'], finding
    for document in ({'protocol': 'groth16', 'curve': 'bn128'}, {'pi_a': []}):
        finding, = verdict(save(document, C.root, 'groth16.json'), status=2)
        assert finding['kind'] == 'groth16' and "'convoke groth16 verify" in finding['message'], finding


def any_flipped_byte_of_an_export_is_found_in_its_file():
    for name in sorted(os.listdir(C.out)):
        size = os.path.getsize(os.path.join(C.out, name))
        for at in {0, size // 3, size // 2, size - 1}:
            with Copy() as d:
                flip(os.path.join(d, name), at)
                findings = verdict(d, status=1)
            bad = {f['file'] for f in findings if f['verdict'] != 'valid'}
            assert bad == {name}, (name, at, findings)


def all_broken_files_of_an_export_are_told():
    with Copy() as d:
        for name in ('definition.json', 'receipts.json', 'trusted_setup_4.json'):
            path = os.path.join(d, name)
            flip(path, os.path.getsize(path) // 2)
        os.remove(os.path.join(d, 'trusted_setup_8.json'))
        save({}, d, 'extra.json')
        findings = verdict(d, status=1)
    bad = {f['file'] for f in findings if f['verdict'] != 'valid'}
    assert bad == {'definition.json', 'receipts.json', 'trusted_setup_4.json',
                   'trusted_setup_8.json', 'extra.json'}, findings


def files_of_two_exports_do_not_go_together():
    with Finished() as other, Copy() as d:
        for name in os.listdir(other.out):
            if name != 'transcript.json':
                shutil.copy(os.path.join(other.out, name), d)
        bad = {f['file'] for f in verdict(d, status=1) if f['verdict'] != 'valid'}
        assert 'transcript.json' in bad, bad
        shutil.copy(os.path.join(other.out, 'transcript.json'), d)
        verdict(d, status=0)


def a_directory_that_is_no_export_is_unusable():
    os.makedirs(C.path('empty'), exist_ok=True)
    for path in (C.path('empty'), C.dir):
        assert [f['verdict'] for f in verdict(path, status=2)] == ['unusable'], path


def nothing_is_vouched_for_without_a_manifest():
    with Copy() as d:
        os.remove(os.path.join(d, 'manifest.json'))
        findings = verdict(d, status=1)
    assert {f['file'] for f in findings if f['verdict'] != 'valid'} == {'manifest.json'}, findings
    assert 'definition.json' not in {f['file'] for f in findings}, findings


def receipt(*args, status):
    got = convoke('receipt', 'verify', *args, '--json')
    assert got.returncode == status, (got.returncode, got.stdout, got.stderr)
    return json.loads(got.stdout) if status < 2 else got.stderr


def a_receipt_is_held_against_key_and_transcript():
    path = os.path.join(C.first, 'receipt.json')
    transcript = os.path.join(C.out, 'transcript.json')
    got = receipt(path, status=0)
    assert got['verdict'] == 'valid' and got['identity'].startswith('eth|0x'), got
    assert receipt(path, '--address', got['signer'], '--transcript', transcript,
                   status=0)['index'] == 1
    assert 'another key' in receipt(path, '--address', '0x' + '12' * 20, status=1)['message']
    short = load(transcript)
    for t in short['transcripts']:
        for values in t['witness'].values():
            del values[1]
    del short['participantIds'][1], short['participantEcdsaSignatures'][1]
    assert 'not in that transcript' in receipt(path, '--transcript', save(short, C.root, 's.json'),
                                               status=1)['message']


def a_changed_receipt_is_signed_by_somebody_else():
    path = os.path.join(C.first, 'receipt.json')
    signer = receipt(path, status=0)['signer']
    changed = load(path)
    changed['receipt'] = changed['receipt'].replace('eth|0x', 'eth|0X', 1)
    got = receipt(save(changed, C.root, 'r.json'), '--address', signer, status=1)
    assert got['verdict'] == 'invalid', got


def a_receipt_for_no_keys_is_for_nothing():
    """It would be found in a transcript without sub-ceremonies by its name alone."""
    changed = load(C.first, 'receipt.json')
    who = json.loads(changed['receipt'])['identity']
    changed['receipt'] = json.dumps({'identity': who, 'witness': []})
    empty = {'transcripts': [], 'participantIds': ['', who], 'participantEcdsaSignatures': ['', '']}
    got = receipt(save(changed, C.root, 'r.json'), '--transcript', save(empty, C.root, 's.json'),
                  status=1)
    assert 'no keys' in got['message'], got


def what_is_no_receipt_is_unusable():
    for document in ({}, [], {'receipt': 1}, {'receipt': '{}', 'signature': '00'}):
        assert receipt(save(document, C.root, 'r.json'), status=2).startswith('convoke: ')
    assert 'cannot open' in receipt(C.path('nothing'), status=2)


with Finished() as C:
    tap.main(
        each_document_alone_is_valid,
        a_challenge_is_told_from_a_contribution,
        a_changed_transcript_is_invalid_and_says_where,
        a_changed_trusted_setup_is_invalid_and_says_where,
        a_contribution_is_held_against_its_base,
        ethereums_trusted_setup_has_ethereums_sizes,
        sizes_can_be_demanded,
        what_is_no_document_is_unusable,
        files_with_a_command_of_their_own_are_sent_there,
        any_flipped_byte_of_an_export_is_found_in_its_file,
        all_broken_files_of_an_export_are_told,
        files_of_two_exports_do_not_go_together,
        a_directory_that_is_no_export_is_unusable,
        nothing_is_vouched_for_without_a_manifest,
        a_receipt_is_held_against_key_and_transcript,
        a_changed_receipt_is_signed_by_somebody_else,
        a_receipt_for_no_keys_is_for_nothing,
        what_is_no_receipt_is_unusable,
    )
