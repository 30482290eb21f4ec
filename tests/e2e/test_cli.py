"""The command line itself: help that teaches, errors that say what to do."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import CONVOKE, Ceremony, convoke, done, json_lines  # noqa: E402

COMMANDS = ('init', 'ceremony new', 'ceremony status', 'ceremony pause', 'ceremony drain',
            'ceremony reopen', 'ceremony finalize', 'ceremony export', 'ceremony import',
            'participant list', 'participant drop', 'participant ban', 'participant unban',
            'participant pardon', 'backup', 'restore', 'invite', 'serve', 'contribute', 'verify',
            'receipt verify', 'bench', 'help', 'completion', 'version')


def the_list_of_commands_names_each():
    listed = done(convoke('help')).stdout
    for command in COMMANDS:
        assert '  %s ' % command in listed, command
    assert done(convoke('--help')).stdout == listed


def each_command_teaches_itself():
    for command in COMMANDS:
        text = done(convoke('help', *command.split())).stdout
        for part in ('convoke %s: ' % command, 'usage: convoke %s' % command, '\nexamples:\n',
                     '\nexit codes:\n  0  '):
            assert part in text, (command, part)
        assert done(convoke(*command.split(), '--help')).stdout == text
        assert max(map(len, text.splitlines())) <= 100, text


def the_version_is_one_line():
    assert done(convoke('version')).stdout.startswith('convoke ')
    assert convoke('--version').stdout == convoke('version').stdout


def assert_error(args, *parts):
    got = convoke(*args)
    last = got.stderr.splitlines()[-1] if got.stderr else ''
    assert got.returncode == 2, (args, got.returncode)
    assert got.stdout == '', (args, got.stdout)
    assert last.startswith('convoke: '), (args, got.stderr)
    assert not last.endswith('.'), last
    for part in parts:
        assert part in last, (args, part, got.stderr)


def mistakes_are_told_with_what_to_do():
    with Ceremony(serving=False) as c:
        used, powers = c.path('server'), c.path('some.ptau')
        with open(powers, 'wb') as f:
            f.write(b'ptau\x01\0\0\0')
        for args, *parts in (
                (['conduct'], 'no command', "'convoke help'"),
                (['help', 'conduct'], 'no command'),
                (['ceremony'], 'is one of these'),
                (['ceremony', 'start'], "'ceremony start' is no command", 'is one of these'),
                (['powersoftau', 'new', 'bn128', '4', 'x.ptau'], 'docs/SNARKJS.md', "'convoke ptau'"),
                (['ptau', 'export', 'challenge', 'a', 'b'], "'ptau export' is no command"),
                (['zkey', 'export', 'verificationkey', 'a', 'b'], 'zkey export IN OUT'),
                (['init'], 'usage: convoke init DIR'),
                (['init', used], 'convoke: init: '),
                (['init', 'a', 'b'], "'b' is one argument too many"),
                (['init', '--force', 'a'], "'--force' is no option", 'convoke help init'),
                (['ceremony', 'new', used, '--preset', 'bitcoin'], 'bitcoin'),
                (['ceremony', 'new', used, '--name', 'x', '--sizes', '5,3'], 'power of two'),
                (['ceremony', 'new', used, '--name', 'x', '--set', 'speed=9'], 'speed=9'),
                (['ceremony', 'new', used, '--name', 'x', '--set', 'compute_s=soon'], 'compute_s'),
                (['ceremony', 'new', used, '--name', 'kzg'], 'kzg'),
                (['ceremony', 'new', used, '--preset'], 'needs a value'),
                (['ceremony', 'status', c.path('nothing')], 'ceremony status: '),
                (['ceremony', 'status', used, '--ceremony', 'other'], 'other'),
                (['ceremony', 'export', used, used], 'ceremony export: '),
                (['invite', used, '--count', '0'], '--count'),
                (['invite', used, '--count', '-1'], '--count'),
                (['invite', used, '--as', 'me'], 'invite: '),
                (['invite', used, '--as', 'git|1|a', '--count', '2'], '--as'),
                (['invite', used, '--out', c.path('server', 'convoke.db')], 'is there already'),
                (['serve', used, '--listen', '3000'], '127.0.0.1:3000'),
                (['serve', used, '--listen', '127.0.0.1:99999'], '127.0.0.1:3000'),
                *((['serve', used, '--rates', rates], '50,100,50,120') for rates in
                  ('1,2', '1,2,-3', '1,2,3,', '1,2,3,x', '1,2,3,4,5', '1,2,3x')),
                (['serve', c.path('nothing'), '--listen', '127.0.0.1:0'], 'serve: '),
                (['contribute'], 'name the server'),
                (['contribute', 'https://x.example'], '--invitation'),
                (['contribute', powers], "'convoke ptau contribute IN OUT'"),
                (['contribute', 'https://x.example', '--invitation', 'please'], 'no invitation'),
                (['contribute', 'https://x.example', '--invitation', '@' + c.path('none')], 'none'),
                (['contribute', 'https://x.example', '--session', 'x', '--dir', c.path('p')],
                 'session'),
                (['contribute', 'https://x.example', '--ecdsa', 'maybe'], '--ecdsa is yes or no'),
                (['contribute', 'https://x.example', '--identity', 'me'], 'identity'),
                (['contribute', 'https://x.example', '--sizes', 'big'], 'contribute: '),
                (['contribute', '--offline', 'later'], 'request, compute, submit'),
                (['contribute', '--offline', 'compute', '--dir', c.path('none')], 'request'),
                (['verify'], 'usage: convoke verify'),
                (['verify', 'http://example.org'], '--allow-http'),
                (['verify', 'ftp://example.org'], 'https'),
                (['verify', used, '--threads', 'many'], '--threads'),
                (['verify', used, '--sizes', 'many'], 'verify: '),
                (['receipt', 'verify', c.path('none')], 'cannot open'),
                (['backup', c.path('none'), c.path('out')], 'is no convoke directory'),
                (['backup', used], 'usage: convoke backup'),
                (['restore', used, c.path('out')], 'is no backup'),
                (['restore', used, used], 'not empty'),
                (['bench', 'nothing'], '--list'),
                (['bench', '--rounds', '1000'], '--rounds'),
        ):
            assert_error(args, *parts)


def plain_http_to_another_machine_needs_a_word():
    with Ceremony(serving=False) as c:
        invitation, _ = c.invite()
        assert_error(['contribute', 'http://example.org', '--invitation', invitation, '--dir',
                      c.path('p')], 'in the open', '--allow-http')


def a_full_disk_on_standard_output_is_an_error():
    with open('/dev/full', 'w', encoding='ascii') as full:
        got = subprocess.run([CONVOKE, 'help'], stdout=full, stderr=subprocess.PIPE, text=True,
                             check=False)
    assert got.returncode == 2 and 'standard output' in got.stderr, got


def a_reader_who_wants_no_more_is_told_nothing():
    with Ceremony(serving=False) as c:
        done(convoke('market', 'new', c.dir, '--dev'))
        os.mkdir(c.path('src'))
        for n in range(40):  # so that the journal is more than stdio holds back
            with open(c.path('src', '%d.batch' % n), 'w', encoding='ascii') as f:
                f.write('batch %d' % n)
        done(convoke('market', 'batch', 'import', c.dir, c.path('src'), '--verifier', 'sha256'))
        for words in (['help'], ['market', 'status', c.dir], ['market', 'export', c.dir, '--table', 'events'],
                      ['market', 'batch', 'list', c.dir, '--json']):
            ours, theirs = os.pipe()
            os.close(ours)
            got = subprocess.run([CONVOKE, *words], stdout=theirs, stderr=subprocess.PIPE, text=True, check=False)
            os.close(theirs)
            assert got.stderr == '' and got.returncode == 2, (words, got)
            with open('/dev/full', 'w', encoding='ascii') as full:
                got = subprocess.run([CONVOKE, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
            assert got.stderr == 'convoke: cannot write to standard output\n' and got.returncode == 2, (words, got)


def the_benches_are_listed_without_running():
    listed = done(convoke('bench', '--list')).stdout
    for name in ('kzg.contribute', 'kzg.verify', 'kzg.memory'):
        assert name in listed


def a_status_is_for_people_or_for_machines():
    with Ceremony(serving=False) as c:
        assert '0 contributions accepted' in done(convoke('ceremony', 'status', c.dir)).stdout
        status = json_lines(done(convoke('ceremony', 'status', c.dir, '--json')))[0]
        assert status['contributions'] == 0 and status['holder'] is None, status


def an_export_before_the_end_has_no_trusted_setups():
    with Ceremony(serving=False) as c:
        out = c.export()
        assert sorted(os.listdir(out)) == ['definition.json', 'journal.jsonl', 'manifest.json',
                                           'participants.json', 'receipts.json', 'transcript.json']
        done(convoke('verify', out))


tap.main(
    the_list_of_commands_names_each,
    each_command_teaches_itself,
    the_version_is_one_line,
    mistakes_are_told_with_what_to_do,
    plain_http_to_another_machine_needs_a_word,
    a_full_disk_on_standard_output_is_an_error,
    a_reader_who_wants_no_more_is_told_nothing,
    the_benches_are_listed_without_running,
    a_status_is_for_people_or_for_machines,
    an_export_before_the_end_has_no_trusted_setups,
)
