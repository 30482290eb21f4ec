"""What the commands on powers of tau and keys are given that is no such file, and where they cannot
write: each ends with a reason, and nothing is left of it. Kills, full disks, two at once."""
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import sections  # noqa: E402
import tap  # noqa: E402
from ceremony import CONVOKE, WAIT_S, convoke, done  # noqa: E402
from setups import BEACON, CURVES, Setup, answer, end, start  # noqa: E402

ROOT = tempfile.mkdtemp(prefix='convoke-setup-files.')
GOOD = Setup(ROOT, 'bn254')
EXAMPLES = ('challenge', 'response', 'mpc', 'mpc_response', 'vkey', 'json')
OUT = os.path.join(ROOT, 'out')

# Each command with its inputs, and where its output goes.
READERS = (
    ('ptau', 'contribute', 'ptau0', OUT), ('ptau', 'beacon', 'ptau0', OUT, BEACON, 10),
    ('ptau', 'verify', 'ptau1'), ('ptau', 'prepare', 'ptau2', OUT), ('ptau', 'convert', 'powers', OUT),
    ('ptau', 'truncate', 'powers', OUT), ('ptau', 'info', 'powers'),
    ('ptau', 'export-challenge', 'ptau1', OUT), ('ptau', 'respond', 'challenge', OUT),
    ('ptau', 'import-response', 'ptau1', 'response', OUT), ('zkey', 'new', 'circuit', 'powers', OUT),
    ('zkey', 'contribute', 'key0', OUT), ('zkey', 'beacon', 'key0', OUT, BEACON, 10),
    ('zkey', 'verify', 'circuit', 'powers', 'key1'), ('zkey', 'verify', 'key0', 'powers', 'key1'),
    ('zkey', 'extends', 'key0', 'key1'), ('zkey', 'info', 'key1'), ('zkey', 'vkey', 'key1', OUT),
    ('zkey', 'solidity', 'key1', OUT), ('zkey', 'export', 'key1', OUT), ('zkey', 'respond', 'mpc', OUT),
    ('zkey', 'import', 'key1', 'mpc_response', OUT), ('groth16', 'verify', 'vkey', 'json', 'json'))
INPUTS = {'circuit', 'ptau0', 'ptau1', 'ptau2', 'powers', 'key0', 'key1', *EXAMPLES}


def begin():
    for args in (('ptau', 'export-challenge', 'ptau1', 'challenge'),
                 ('ptau', 'respond', 'challenge', 'response'), ('zkey', 'export', 'key1', 'mpc'),
                 ('zkey', 'respond', 'mpc', 'mpc_response'), ('zkey', 'vkey', 'key1', 'vkey')):
        done(convoke(*given(args)))
    sections.write(GOOD.path('json'), b'[]')


def given(args, instead=None, which=None):
    """The arguments with the files' paths, but for the one that is another."""
    return [instead if i == which else GOOD.path(a) if i > 1 and a in INPUTS else a
            for i, a in enumerate(args)]


def leftovers():
    """What was written, or half written, where outputs go."""
    return [n for n in os.listdir(ROOT) if n.startswith('out') or '.tmp-' in n or '.scratch-' in n]


def each_input():
    for args in READERS:
        for i in range(2, len(args)):
            if args[i] in INPUTS:
                yield args, i


def kind_of(args, i):
    """What kind of file a fault of an input is told to be in. Without its letters a circuit is none."""
    if args[:3] == ('zkey', 'verify', 'circuit') and i == 2:
        return 'zkey'
    kinds = {'circuit': 'r1cs', 'powers': 'ptau', 'mpc': 'challenge', 'mpc_response': 'response',
             'json': 'public' if i == 3 else 'proof'}
    return kinds.get(args[i], args[i].rstrip('012').replace('key', 'zkey').replace('vzkey', 'vkey'))


def refuse_as_each_input(path, *says):
    for args, i in each_input():
        got = answer(*given(args, path, i), status=2) if args[1] != 'truncate' else None
        if got is None:
            text = convoke(*given(args, path, i))
            assert text.returncode == 2 and text.stdout == '', (args, text)
            message = text.stderr
        else:
            assert got['file'] == path and got['kind'] == kind_of(args, i), (args, i, got)
            assert got['verdict'] == 'unusable' and got['id'], (args, got)
            message = got['message']
        assert not says or any(word in message for word in says), (args, i, message)
        assert leftovers() == [], (args, leftovers())


# ---- inputs


def all_of_it_works_with_what_is_given():
    """Else the tests below refuse for reasons of their own."""
    for args in READERS:
        expected = {'convert': 2, 'groth16': 2}.get(args[1] if args[0] != 'groth16' else args[0], 0)
        got = convoke(*given(args))
        assert got.returncode == expected, (args, got)
        for name in leftovers():
            os.unlink(os.path.join(ROOT, name))


def what_is_not_there_is_named():
    refuse_as_each_input(os.path.join(ROOT, 'nothing'), 'No such file')


def a_directory_is_no_file():
    refuse_as_each_input(ROOT, 'no regular file')


def devices_and_pipes_are_not_read():
    pipe = os.path.join(ROOT, 'pipe')
    os.mkfifo(pipe)
    for path in (pipe, '/dev/null', '/dev/zero'):
        refuse_as_each_input(path, 'no regular file')


def an_empty_file_is_refused():
    refuse_as_each_input(sections.write(os.path.join(ROOT, 'empty')))


def a_file_that_is_something_else_is_refused():
    refuse_as_each_input(sections.write(os.path.join(ROOT, 'text'), b'hello, world\n' * 20))


def a_file_that_may_not_be_read_is_named():
    if os.geteuid() == 0:
        raise tap.Skip('root may read everything')
    secret = sections.write(os.path.join(ROOT, 'secret'), b'x')
    os.chmod(secret, 0)
    refuse_as_each_input(secret, 'Permission denied')


def a_header_that_promises_gigabytes_is_refused_at_once():
    """Whatever a header says, no memory is taken for what has not been looked at; a file that is as
    large as it says (and sparse) is no reason, either."""
    counts = (b'\xff\xff\xff\xff', b'\xff\xff\xff\x7f')
    heads, limited = [], little_memory()
    for magic in (b'ptau', b'zkey', b'r1cs', b'wtns'):
        for n in counts:
            heads.append(magic + b'\1\0\0\0' + n)
        for kind in range(1, 11):
            for size in (b'\xff' * 8, (5 << 30).to_bytes(8, 'little')):
                heads.append(magic + b'\1\0\0\0\1\0\0\0' + kind.to_bytes(4, 'little') + size)
    path = os.path.join(ROOT, 'sparse')
    for head in heads:
        sections.write(path, head)
        os.truncate(path, 5 << 30)
        for args in (('ptau', 'info', path), ('zkey', 'info', path),
                     ('zkey', 'new', path, GOOD.path('powers'), OUT)):
            got = convoke(*args, prefix=limited)
            assert got.returncode == 2, (head, args, got)
    assert leftovers() == []


def little_memory():
    """Less than any of those headers asks for; where sanitizers do not need more than there is."""
    limited = ('prlimit', '--as=400000000')
    works = shutil.which('prlimit') and convoke('version', prefix=limited).returncode == 0
    return limited if works else ()


def a_sparse_file_of_a_response_s_size_is_read_no_further_than_its_key():
    """Of power 24 and 23: over 3 GB of zeros."""
    path = os.path.join(ROOT, 'zeros')
    for power, point in ((24, 32), (23, 48)):
        points = (2 * 2**power - 1) + 4 * 2**power + 2  # in sizes of compressed points of G1
        sections.write(path)
        os.truncate(path, 64 + point * (points + 24))
        got = answer('ptau', 'import-response', GOOD.path('ptau1'), path, OUT, status=2)
        assert got['id'] == 'response.point' and 'tau.g1_s' in got['message'], got
    assert leftovers() == []


# ---- outputs


def writers():
    for args in READERS:
        if OUT in args and args[1] not in ('truncate', 'convert'):
            yield args


def an_output_that_cannot_be_is_told_before_the_work():
    pipe, folder = os.path.join(ROOT, 'pipe_out'), os.path.join(ROOT, 'folder')
    os.mkfifo(pipe)
    os.mkdir(folder)
    for args in writers():
        where = args.index(OUT)
        for path, name in ((folder, 'file.kind'), (pipe, 'file.kind'), ('/dev/null', 'file.kind'),
                           (os.path.join(ROOT, 'no', 'such', 'folder'), 'file.create'),
                           ('x' * 5000, 'path.long')):
            got = answer(*given(args, path, where), status=2)
            assert got['id'] == name, (args, path, got)
    assert os.listdir(folder) == [] and leftovers() == []
    assert os.path.exists('/dev/null') and not os.path.isfile('/dev/null')


def an_output_is_none_of_the_inputs():
    before = {n: sections.read(os.path.join(ROOT, n)) for n in os.listdir(ROOT)
              if n.startswith(GOOD.curve)}
    link = os.path.join(ROOT, 'link')
    for args in writers():
        for name in INPUTS.intersection(args[2:]):
            for how in (None, os.link, os.symlink):
                path = link if how else GOOD.path(name)
                if how:
                    how(GOOD.path(name), link)
                got = answer(*given(args, path, args.index(OUT)), status=2)
                assert got['id'] == 'file.same', (args, how, got)
                if how:
                    os.unlink(link)
    assert all(sections.read(os.path.join(ROOT, n)) == data for n, data in before.items())
    assert leftovers() == []


def an_output_that_is_there_is_replaced_when_the_new_one_is_whole():
    for args in writers():
        sections.write(OUT, b'old')
        done(convoke(*given(args)))
        assert sections.read(OUT) != b'old' and leftovers() == ['out'], leftovers()
        os.unlink(OUT)


def what_fails_leaves_the_old_output():
    for args, i in each_input():
        if OUT not in args or args[1] == 'truncate':
            continue
        sections.write(OUT, b'old')
        answer(*given(args, os.path.join(ROOT, 'text'), i), status=2)
        assert sections.read(OUT) == b'old' and leftovers() == ['out'], leftovers()
    os.unlink(OUT)


def without_space_nothing_is_written():
    """As a limit on the size of files: what is written beyond it fails."""
    for args in writers():
        for limit in (0, 100, 700):
            process = start(*given(args), '--json',
                            preexec_fn=lambda n=limit: forbid_larger_files(n))
            status, said = end(process)
            assert status == 2 and 'unusable' in said, (args, limit, status, said)
            assert 'file.' in said and leftovers() == [], (args, limit, said, leftovers())


def forbid_larger_files(n):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n, n))


def open_files(process):
    """What each of its file descriptors is, as far as it stays open meanwhile."""
    folder, found = '/proc/%d/fd' % process.pid, {}
    for number in os.listdir(folder):
        try:
            found[int(number)] = os.readlink(os.path.join(folder, number))
        except FileNotFoundError:
            pass
    return found


def a_closed_stream_does_not_become_a_file():
    """Else progress would be written into an output. While the text to mix in is waited for, the
    input is open, and so is what would have been opened before it."""
    if not os.path.isdir('/proc/self/fd'):
        raise tap.Skip('no /proc to look at')
    source, opened = os.path.realpath(GOOD.path('ptau0')), {}
    process = subprocess.Popen([CONVOKE, 'ptau', 'contribute', source, OUT, '--entropy-file', '-'],
                               stdin=subprocess.PIPE,
                               preexec_fn=lambda: (os.close(1), os.close(2)))
    until = time.monotonic() + WAIT_S
    while source not in opened.values():
        assert process.poll() is None and time.monotonic() < until, (process.poll(), opened)
        opened = open_files(process)
    assert opened.get(1) == opened.get(2) == '/dev/null', opened
    process.communicate(b'a text')
    assert process.returncode == 2, 'the hash cannot have been told'
    assert answer('ptau', 'verify', OUT)['verdict'] == 'valid'
    os.unlink(OUT)


# ---- ends without notice


def killed_while_it_writes(args, number):
    """Runs a command until there is a temporary file of its own, and kills it. True: it was in time;
    false: the output was there."""
    before, old = set(os.listdir(ROOT)), leftovers()
    process = start(*args)
    until = time.monotonic() + WAIT_S
    while process.poll() is None and not set(os.listdir(ROOT)) - before:
        assert time.monotonic() < until
        time.sleep(0.002)
    process.send_signal(number)
    process.communicate()
    assert process.returncode in (0, -number), (args, number, process.returncode)
    assert number == signal.SIGKILL or set(leftovers()) <= set(old) | {'out'}, (args, leftovers())
    whole = os.path.exists(OUT)
    if whole:
        assert answer('ptau', 'verify', OUT)['verdict'] == 'valid'
        os.unlink(OUT)
    return not whole


def a_kill_leaves_no_output_and_does_not_hinder_the_next_run():
    for args in (('ptau', 'contribute', LARGE.path('ptau0'), OUT),
                 ('ptau', 'prepare', LARGE.path('ptau2'), OUT)):
        in_time = [killed_while_it_writes(args, number)
                   for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
        assert any(in_time[1:]), 'it is too quick to be killed'
        done(convoke(*args))
        assert answer('ptau', 'verify', OUT)['verdict'] == 'valid'
        for name in leftovers():
            os.unlink(os.path.join(ROOT, name))


def an_output_that_is_there_stays_when_ctrl_c_ends_the_next_one():
    for args in (('ptau', 'contribute', LARGE.path('ptau0'), OUT),
                 ('ptau', 'prepare', LARGE.path('ptau2'), OUT)):
        sections.write(OUT, b'old')
        process = start(*args)
        until = time.monotonic() + WAIT_S
        while process.poll() is None and leftovers() == ['out']:
            assert time.monotonic() < until
            time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        process.communicate()
        assert process.returncode == -signal.SIGINT, (args, process.returncode)
        assert leftovers() == ['out'] and sections.read(OUT) == b'old', (args, leftovers())
        os.unlink(OUT)


def a_key_that_is_made_to_verify_one_goes_with_ctrl_c():
    folder = os.path.join(ROOT, 'tmpdir')
    os.mkdir(folder)
    process = start('zkey', 'verify', *(LARGE.path(n) for n in ('circuit', 'powers', 'key1')),
                    env={**os.environ, 'TMPDIR': folder})
    until = time.monotonic() + WAIT_S
    while process.poll() is None and not os.listdir(folder):
        assert time.monotonic() < until
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode in (0, -signal.SIGINT), process.returncode
    assert os.listdir(folder) == [], os.listdir(folder)


def two_at_once_give_one_of_the_two():
    processes = [start('ptau', 'contribute', LARGE.path('ptau0'), OUT, '--name', str(i), '--json')
                 for i in range(3)]
    ends = [end(p) for p in processes]
    assert [status for status, _ in ends] == [0, 0, 0], ends
    got = answer('ptau', 'verify', OUT)
    assert len(got['contributions']) == 1 and got['contributions'][0]['name'] in ('0', '1', '2'), got
    assert any(got['contributions'][0]['response_hash'] in said for _, said in ends)
    assert leftovers() == ['out'], leftovers()
    os.unlink(OUT)


try:
    begin()
    LARGE = Setup(ROOT, 'bls12_381', power=9)
    tap.main(all_of_it_works_with_what_is_given, what_is_not_there_is_named, a_directory_is_no_file,
             devices_and_pipes_are_not_read, an_empty_file_is_refused,
             a_file_that_is_something_else_is_refused, a_file_that_may_not_be_read_is_named,
             a_header_that_promises_gigabytes_is_refused_at_once,
             a_sparse_file_of_a_response_s_size_is_read_no_further_than_its_key,
             an_output_that_cannot_be_is_told_before_the_work, an_output_is_none_of_the_inputs,
             an_output_that_is_there_is_replaced_when_the_new_one_is_whole,
             what_fails_leaves_the_old_output, without_space_nothing_is_written,
             a_closed_stream_does_not_become_a_file,
             a_kill_leaves_no_output_and_does_not_hinder_the_next_run,
             an_output_that_is_there_stays_when_ctrl_c_ends_the_next_one,
             a_key_that_is_made_to_verify_one_goes_with_ctrl_c,
             two_at_once_give_one_of_the_two)
finally:
    shutil.rmtree(ROOT)
