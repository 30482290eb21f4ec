"""What is made from the table of commands: docs/CLI.md, the manual page, completion in shells."""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import CONVOKE, convoke, done  # noqa: E402

ROOT = os.path.join(os.path.dirname(__file__), '..', '..')


def commands():
    """Their names, from the list that people see."""
    listed = done(convoke('help')).stdout.splitlines()
    return [line[2:28].strip() for line in listed if line.startswith('  ')]


def run(*command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, timeout=60, **more)


def scratch(text):
    f = tempfile.NamedTemporaryFile('w', suffix='.1', encoding='utf-8')
    f.write(text)
    f.flush()
    return f


def the_page_in_docs_is_what_the_program_says():
    with open(os.path.join(ROOT, 'docs', 'CLI.md'), encoding='utf-8') as f:
        written = f.read()
    assert written == done(convoke('help', '--markdown')).stdout, \
        'docs/CLI.md is old: build/convoke help --markdown > docs/CLI.md'


def the_manual_has_every_command():
    page = done(convoke('help', '--man')).stdout
    assert len(commands()) > 20
    for command in commands():
        assert '.SS convoke %s\n' % command in page, command


def the_manual_is_well_formed():
    checks = [check for check in (['mandoc', '-Tlint', '-Wwarning'],
                                  ['groff', '-man', '-Tutf8', '-ww', '-z']) if shutil.which(check[0])]
    if not checks:
        raise tap.Skip('neither mandoc nor groff is installed')
    with scratch(done(convoke('help', '--man')).stdout) as page:
        for check in checks:
            said = [line for line in run(*check, page.name).stdout.splitlines()
                    if 'missing date' not in line]
            assert not said, said


BASH = r'''
source <("$1" completion bash)
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_convoke
printf '%s\n' "${COMPREPLY[@]}"
'''


def completed(*words, **more):
    got = run('bash', '-c', BASH, 'bash', os.path.abspath(CONVOKE), 'convoke', *words, **more)
    assert got.returncode == 0, got
    return got.stdout.split()


def needs(shell):
    if shutil.which(shell) is None:
        raise tap.Skip('no ' + shell)


def bash_completes_commands_options_and_values():
    needs('bash')
    firsts = {c.split()[0] for c in commands()}
    assert set(completed('')) == firsts, (completed(''), firsts)
    assert completed('contr') == ['contribute']
    assert set(completed('receipt', '')) == {c.split()[1] for c in commands() if c.startswith('receipt ')}
    assert completed('ceremony', 'fin') == ['finalize']
    for command in commands():
        shown = done(convoke('help', *command.split())).stdout
        options = {line.split()[0] for line in shown.splitlines() if line.startswith('  --')}
        assert set(completed(*command.split(), '--')) == options | {'--help'}, command
    assert completed('contribute', 'URL', '--ecdsa', '') == ['yes', 'no']
    assert completed('contribute', '--offline', 's') == ['submit']
    assert completed('serve', 'x', '--threads', '') == []


def bash_completes_files_and_directories():
    needs('bash')
    with tempfile.TemporaryDirectory() as root:
        os.mkdir(os.path.join(root, 'a-dir'))
        open(os.path.join(root, 'a-file'), 'w', encoding='ascii').close()
        assert set(completed('verify', 'a', cwd=root)) == {'a-dir', 'a-file'}
        assert completed('contribute', 'URL', '--dir', 'a', cwd=root) == ['a-dir']
        assert set(completed('invite', '--out', 'a', cwd=root)) == {'a-dir', 'a-file'}


def other_shells_can_read_theirs():
    tried = 0
    for shell in ('zsh', 'fish'):
        if shutil.which(shell):
            tried += 1
            with scratch(done(convoke('completion', shell)).stdout) as script:
                got = run(shell, '-n', script.name)
            assert got.returncode == 0 and not got.stdout, got
    if not tried:
        raise tap.Skip('neither zsh nor fish is installed')


def fish_completes_commands_and_options():
    needs('fish')
    with scratch(done(convoke('completion', 'fish')).stdout) as script:
        def asked(line):
            got = run('fish', '--no-config', '-c', "source %s; complete -C '%s'" % (script.name, line))
            assert got.returncode == 0, got
            return {found.split('\t')[0] for found in got.stdout.splitlines()}
        assert asked('convoke ') == {c.split()[0] for c in commands()}
        assert asked('convoke receipt ') >= {'verify'}
        assert {'--invitation', '--dir', '--json'} <= asked('convoke contribute --')
        assert asked('convoke contribute --ecdsa ') == {'yes', 'no'}


# ---- what documents show ----

DOCUMENTS = ('README.md', 'docs/OPERATING.md', 'docs/CLIENTS.md', 'docs/PROTOCOLS.md', 'docs/ENGINE.md',
             'docs/TRANSCRIPT.md', 'docs/CONFIG.md', 'docs/BENCH.md')


def document(name):
    with open(os.path.join(ROOT, name), encoding='utf-8') as f:
        return f.read()


def shell_blocks(text):
    return re.findall(r'```sh\n(.*?)```', text, re.DOTALL)


def calls(text):
    """The words of each call of convoke, in blocks and in `code`."""
    code = [line for block in shell_blocks(text) for line in block.replace('\\\n', ' ').splitlines()]
    code += re.findall(r'`(convoke [^`]+)`', text.replace('\n', ' '))
    for line in code:
        for part in re.split(r'&&|\|\||[;|&](?!\w)|(?<=\s)#', line):
            words = part.split()
            if words and words[0] == 'convoke':
                yield words[1:]


def documents_show_commands_that_there_are_with_options_that_they_have():
    known, seen = commands(), 0
    for name in DOCUMENTS:
        for words in calls(document(name)):
            begins = [' '.join(words[:n]) for n in (3, 2, 1)]
            command = next((b for b in begins if b in known), words[0])
            group = any(c.startswith(command + ' ') for c in known)
            assert command in known or group, (name, words)
            shown = done(convoke('help', *command.split())).stdout
            for word in words:
                if re.match('--[a-z]', word):
                    assert re.search(r'%s\b' % re.escape(word.split('=')[0]), shown + ' --help'), (name, words)
            seen += 1
    assert seen > 60, seen


def the_rehearsal_of_the_operators_page_works_as_it_is_written():
    text = document('docs/OPERATING.md')
    script = shell_blocks(text[text.index('## 5. Rehearse'):])[0]
    with tempfile.TemporaryDirectory() as root, socket.create_server(('127.0.0.1', 0)) as free:
        port = str(free.getsockname()[1])
        free.close()
        script = 'trap \'kill $server\' EXIT\n' + \
            script.replace('3999', port).replace('/tmp/', root + '/').replace(' &\n', ' & server=$!\n')
        assert 'server=$!' in script
        path = os.path.dirname(os.path.abspath(CONVOKE)) + ':' + os.environ['PATH']
        got = run('sh', '-e', '-c', script, cwd=root, env={**os.environ, 'PATH': path})
    assert got.returncode == 0, got.stdout
    assert 'accepted, receipt valid' in got.stdout and 'trusted_setup_16.json: valid' in got.stdout, got.stdout


def an_unknown_shell_is_told():
    got = convoke('completion', 'cmd')
    assert got.returncode == 2 and 'bash, zsh and fish' in got.stderr, got


tap.main(
    the_page_in_docs_is_what_the_program_says,
    the_manual_has_every_command,
    the_manual_is_well_formed,
    bash_completes_commands_options_and_values,
    bash_completes_files_and_directories,
    other_shells_can_read_theirs,
    fish_completes_commands_and_options,
    an_unknown_shell_is_told,
    documents_show_commands_that_there_are_with_options_that_they_have,
    the_rehearsal_of_the_operators_page_works_as_it_is_written,
)
