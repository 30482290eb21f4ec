"""What takes long shows on a terminal how far it is and how long it will take, and elsewhere nothing
that moves a cursor. The clock is made to run fast, so that nothing need take long here."""
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import CONVOKE, WAIT_S, convoke, done  # noqa: E402
from setups import BEACON, Setup  # noqa: E402

ROOT = tempfile.mkdtemp(prefix='convoke-bars.')
S = Setup(ROOT, 'bn254', power=8, rows=100)
CLOCK = os.path.abspath(os.path.join(os.path.dirname(CONVOKE), 'tests', 'e2e', 'libfast_clock.so'))
BAR = re.compile(r'\r\x1b\[K  ([a-z ]+) \[[#.]{30}\] +\d+ %(?:, \d+ (?:s|min) left)?')

# A command, and the bars it shows one after the other.
COMMANDS = (
    (('ptau', 'new', 'bn254', 8, 'out'), ['writing', 'hashing']),
    (('ptau', 'contribute', 'ptau0', 'out'), ['hashing', 'contributing', 'hashing']),
    (('ptau', 'contribute', 'ptau1', 'out'), ['contributing', 'hashing']),
    (('ptau', 'beacon', 'ptau1', 'out', BEACON, 10), ['contributing', 'hashing']),
    (('ptau', 'verify', 'ptau2'), ['verifying']),
    (('ptau', 'verify', 'powers'), ['verifying']),
    (('ptau', 'prepare', 'ptau2', 'out'), ['preparing']),
    (('ptau', 'truncate', 'powers', 'out'), ['truncating']),
    (('ptau', 'export-challenge', 'ptau0', 'out'), ['hashing', 'exporting']),
    (('ptau', 'export-challenge', 'ptau1', 'challenge'), ['exporting']),
    (('ptau', 'respond', 'challenge', 'response'), ['hashing', 'contributing']),
    (('ptau', 'import-response', 'ptau1', 'response', 'out'), ['importing']),
    (('zkey', 'new', 'circuit', 'powers', 'out'), ['making the key']),
    (('zkey', 'contribute', 'key0', 'out'), ['contributing']),
    (('zkey', 'verify', 'circuit', 'powers', 'key1'), ['making the initial key', 'verifying']),
    (('zkey', 'verify', 'key0', 'powers', 'key1'), ['verifying']),
    (('zkey', 'extends', 'key0', 'key1'), ['verifying']),
    (('zkey', 'export', 'key1', 'mpc'), ['exporting']),
    (('zkey', 'respond', 'mpc', 'mpc_response'), ['contributing']),
    (('zkey', 'import', 'key1', 'mpc_response', 'out'), ['importing']),
)
FILES = {'ptau0', 'ptau1', 'ptau2', 'powers', 'circuit', 'key0', 'key1', 'out', 'challenge', 'response',
         'mpc', 'mpc_response'}


def named(args):
    return [str(a) if i < 2 or a not in FILES else S.path(a) for i, a in enumerate(args)]


def quick():
    """An environment in which the clock is quick."""
    env = {**os.environ, 'LD_PRELOAD': CLOCK}
    if 'ASan runtime' in convoke('version', env=env).stderr:
        raise tap.Skip('nothing can be preloaded before a sanitizer')
    return env


def on_terminal(args):
    """(what a command writes to the terminal that is its standard error, its standard output)."""
    ours, theirs = pty.openpty()
    seen = []

    def read():
        try:
            while True:
                seen.append(os.read(ours, 65536))
        except OSError:  # the other end is closed
            pass

    reader = threading.Thread(target=read)
    with subprocess.Popen([CONVOKE, *named(args)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=theirs, env=quick()) as process:
        os.close(theirs)
        reader.start()
        out = process.communicate(timeout=4 * WAIT_S)[0]
    reader.join()
    os.close(ours)
    text = b''.join(seen).decode()
    assert process.returncode == 0, (args, text)
    return text, out.decode()


def labels(text):
    """The bars that were drawn, each as often as another came between."""
    found = []
    for label in BAR.findall(text):
        if not found or found[-1] != label:
            found.append(label)
    return found


def what_takes_long_shows_how_long_it_will_take():
    for args, bars in COMMANDS:
        text, _ = on_terminal(args)
        assert labels(text) == bars, (args, bars, text)
        for bar in bars:
            assert re.search(bar + r' \[#[#.]{29}\] +\d+ %, \d+ (s|min) left', text), (args, text)


def a_bar_never_goes_back_and_is_gone_in_the_end():
    for args, bars in COMMANDS:
        text, _ = on_terminal(args)
        last, label = -1, None
        for now, percent in re.findall(r'([a-z ]+) \[[#.]{30}\] +(\d+) %', text):
            assert now != label or int(percent) >= last, (args, text)
            last, label = int(percent), now
        assert text.rstrip('\r\n').endswith('\r\x1b[K'), (args, bars, text)


def programs_see_no_bar():
    for args, _ in COMMANDS:
        text, out = on_terminal((*args, '--json'))
        assert text == '', (args, text)
        assert out.startswith('{') and out.count('\n') == 1, (args, out)


def where_there_is_no_terminal_no_cursor_moves():
    for args, _ in COMMANDS:
        got = done(convoke(*named(args), env=quick()))
        assert '\r' not in got.stderr and '\x1b' not in got.stderr, (args, got.stderr)
        for line in got.stderr.splitlines():  # one every ten seconds of that clock
            assert re.fullmatch(r'  [a-z ]+ \[[#.]{30}\] +\d+ %(, \d+ (s|min) left)?', line), line


def what_is_quick_shows_nothing():
    for args, _ in COMMANDS[:4]:
        assert done(convoke(*named(args))).stderr == ''


try:
    tap.main(what_takes_long_shows_how_long_it_will_take,
             a_bar_never_goes_back_and_is_gone_in_the_end, programs_see_no_bar,
             where_there_is_no_terminal_no_cursor_moves, what_is_quick_shows_nothing)
finally:
    shutil.rmtree(ROOT)
