"""convoke verify DIR against operators who forge: they hold the key of the manifest, so everything in
it may be a lie, and its signature shows only who lies."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import Finished, convoke, load, save  # noqa: E402
from forgery import Forged  # noqa: E402
from journal import compact, signer  # noqa: E402


def server_key():
    return C.path('server', 'server.key')


def forged():
    return Forged(C)


def a_copy_signed_again_is_valid():
    """The tests below find what they say they find."""
    with forged() as f:
        f.sign()
        assert f.verdict(status=0) == set()


def an_export_of_nothing_is_no_export():
    with forged() as f:
        f.drop(*(n for n in os.listdir(f.dir) if n != 'manifest.json'))
        f.sign()
        assert ('transcript.json', 'manifest.incomplete') in f.verdict()


def none_of_the_records_may_be_left_out():
    for name in ('definition.json', 'journal.jsonl', 'receipts.json', 'transcript.json'):
        with forged() as f:
            f.drop(name)
            f.sign()
            assert (name, 'manifest.incomplete') in f.verdict(), name


def a_file_named_twice_is_refused():
    """Readers would choose different ones."""
    with forged() as f:
        f.sign()
        f.manifest['files'].append(dict(f.manifest['files'][0], size=1))
        text = compact(f.manifest)
        with open(f.path('manifest.json'), 'w', encoding='utf-8') as out:
            out.write(signer(server_key(), text=text))
        assert ('manifest.json', 'doc.field') in f.verdict()


def the_transcript_has_as_many_contributions_as_the_manifest_says():
    with forged() as f:
        f.manifest['contributions'] = 1
        save(load(f.dir, 'receipts.json')[:1], f.dir, 'receipts.json')
        f.sign()
        assert ('transcript.json', 'transcript.count') in f.verdict()


def the_journal_of_a_finalized_ceremony_has_no_more_than_the_transcript():
    with forged() as f:
        t = load(f.dir, 'transcript.json')
        for name in ('participantIds', 'participantEcdsaSignatures'):
            t[name].pop()
        for sub, base in zip(t['transcripts'], load(C.first, 'contribution.json')['contributions']):
            sub['powersOfTau'] = base['powersOfTau']
            for values in sub['witness'].values():
                values.pop()
        save(t, f.dir, 'transcript.json')
        save(load(f.dir, 'receipts.json')[:1], f.dir, 'receipts.json')
        f.manifest['contributions'] = 1
        f.drop(*(n for n in os.listdir(f.dir) if n.startswith('trusted_setup')))
        f.sign()
        assert f.verdict() == {('journal.jsonl', 'journal.state')}


def the_manifests_sizes_are_the_transcripts():
    for sizes, culprit in (('4,3:8,3', 'transcript.json'), ('', 'manifest.json'),
                           ('many', 'manifest.json')):
        with forged() as f:
            f.manifest['sizes'] = sizes
            f.sign()
            assert culprit in {name for name, _ in f.verdict()}, sizes
            if culprit == 'manifest.json':
                f.verdict('--sizes', '4,3:8,3:16,3')


def a_manifest_by_another_key_does_not_fit_the_journal():
    key = C.path('other.key')
    with open(key, 'w', encoding='ascii') as f:
        f.write('11' * 32 + '\n')
    with forged() as f:
        f.manifest['server'] = signer(key, 'address')
        f.sign(key)
        assert f.verdict() == {('journal.jsonl', 'journal.key')}


def the_server_can_be_named():
    address = signer(server_key(), 'address')
    with forged() as f:
        f.verdict('--address', address.lower(), status=0)
        assert f.verdict('--address', '0x' + '12' * 20) == {('manifest.json', 'manifest.server')}
        got = convoke('verify', f.dir, '--address', 'me')
        assert got.returncode == 2 and '--address' in got.stderr, got
        got = convoke('verify', f.path('transcript.json'), '--address', address)
        assert got.returncode == 2 and 'directory' in got.stderr, got


def what_is_no_file_is_not_opened():
    """A pipe would wait for ever, a device might never end, a link leads elsewhere."""
    def link(path):
        os.rename(path, C.path('elsewhere'))
        os.symlink(C.path('elsewhere'), path)

    def pipe(path):
        os.remove(path)
        os.mkfifo(path)

    def device(path):
        os.remove(path)
        os.symlink('/dev/zero', path)

    def directory(path):
        os.remove(path)
        os.mkdir(path)

    for spoil in (link, pipe, device, directory):
        for name in ('transcript.json', 'definition.json', 'manifest.json'):
            with forged() as f:
                spoil(f.path(name))
                assert {n for n, _ in f.verdict()} == {name}, (spoil, name)


def a_document_that_is_no_file_is_unusable():
    pipe = C.path('pipe')
    os.mkfifo(pipe)
    got = convoke('verify', pipe)
    assert got.returncode == 2 and 'no regular file' in got.stdout, got


def a_file_far_larger_than_the_manifest_says_is_not_read_through():
    with forged() as f:
        os.truncate(f.path('definition.json'), 1 << 42)
        assert f.verdict() == {('definition.json', 'manifest.size')}


def names_of_files_cannot_write_on_the_terminal():
    with forged() as f:
        with open(f.path('a\x1b[2Jb\nc'), 'w', encoding='utf-8') as out:
            out.write('x')
        got = convoke('verify', f.dir)
        assert got.returncode == 1 and '\x1b' not in got.stdout and 'a?[2Jb?c' in got.stdout, got
        assert ('a\x1b[2Jb\nc', 'manifest.unlisted') in f.verdict()


with Finished() as C:
    tap.main(
        a_copy_signed_again_is_valid,
        an_export_of_nothing_is_no_export,
        none_of_the_records_may_be_left_out,
        a_file_named_twice_is_refused,
        the_transcript_has_as_many_contributions_as_the_manifest_says,
        the_journal_of_a_finalized_ceremony_has_no_more_than_the_transcript,
        the_manifests_sizes_are_the_transcripts,
        a_manifest_by_another_key_does_not_fit_the_journal,
        the_server_can_be_named,
        what_is_no_file_is_not_opened,
        a_document_that_is_no_file_is_unusable,
        a_file_far_larger_than_the_manifest_says_is_not_read_through,
        names_of_files_cannot_write_on_the_terminal,
    )
