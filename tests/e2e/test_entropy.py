"""The text that a contributor may add: asked for on a terminal, unseen; from a file; or none."""
import contextlib
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import sections  # noqa: E402
import tap  # noqa: E402
from ceremony import CONVOKE, WAIT_S, convoke, done  # noqa: E402
from setups import Setup, answer  # noqa: E402

ROOT = tempfile.mkdtemp(prefix='convoke-entropy.')
S = Setup(ROOT, 'bls12_381', power=3)
OUT = S.path('out')
PROMPT = 'Enter a random text. (Entropy): '
LIMIT = 65536
COMMANDS = (('ptau', 'contribute', S.path('ptau0')), ('ptau', 'respond', S.path('challenge')),
            ('zkey', 'contribute', S.path('key0')), ('zkey', 'respond', S.path('mpc')))


class Terminal:
    """A command whose standard input and error are a terminal of its own."""

    def __init__(self, *args, **streams):
        self.ours, self.theirs = pty.openpty()
        self.before = termios.tcgetattr(self.theirs)
        self.text = ''
        streams = {'stdin': self.theirs, 'stderr': self.theirs, **streams}
        self.process = subprocess.Popen([CONVOKE, *args], stdout=subprocess.PIPE, text=True,
                                        start_new_session=True, **streams)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()
        os.close(self.ours)
        os.close(self.theirs)

    def until(self, words):
        """Reads until the words have come."""
        end = time.monotonic() + WAIT_S
        while words not in self.text:
            assert time.monotonic() < end and self.process.poll() is None, (words, self.text)
            self.read(0.05)

    def read(self, seconds):
        while select.select([self.ours], [], [], seconds)[0]:
            self.text += os.read(self.ours, 65536).decode()
            seconds = 0

    def type(self, data):
        os.write(self.ours, data)

    def finish(self):
        """(status, standard output); what came last on the terminal is in .text."""
        out = self.process.communicate(timeout=4 * WAIT_S)[0]
        self.read(0)
        return self.process.returncode, out

    def restored(self):
        return termios.tcgetattr(self.theirs) == self.before


def gone(path=OUT):
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
        return False
    return True


def a_terminal_is_asked_and_shows_nothing_of_the_text():
    for command in COMMANDS:
        with Terminal(*command, OUT) as t:
            t.until(PROMPT)
            t.type(b'my cat walks on the k\x7fkeyboard\n')
            status, out = t.finish()
            assert status == 0 and out, (command, t.text)
            assert 'cat' not in t.text + out and t.restored(), (command, t.text)
        assert not gone()


def an_empty_text_is_fine():
    for end in (b'\n', b'\r', b'\x04'):
        with Terminal(*COMMANDS[2], OUT) as t:
            t.until(PROMPT)
            t.type(end)
            assert t.finish()[0] == 0 and t.restored(), t.text
        assert not gone()


def who_changes_their_mind_has_contributed_nothing():
    for command in COMMANDS:
        with Terminal(*command, OUT) as t:
            t.until(PROMPT)
            t.type(b'some\x03')
            assert t.finish()[0] == 2 and 'cancelled' in t.text and t.restored(), t.text
        assert gone() and not [n for n in os.listdir(ROOT) if '.tmp-' in n]


def a_terminal_that_goes_away_ends_the_text():
    """As with ssh: there is nobody to type any more."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs tests by nohup passes on that it is ignored
    with Terminal(*COMMANDS[2], OUT) as t:
        t.until(PROMPT)
        t.process.send_signal(signal.SIGHUP)
        t.process.communicate(timeout=4 * WAIT_S)
        assert t.process.returncode == -signal.SIGHUP
    assert gone()


def nobody_is_asked_for_what_cannot_be_done():
    """No such input, one that is none, an output that cannot be."""
    text = sections.write(S.path('text'), b'hello')
    for layer, command, given in COMMANDS:
        for name, out in (('nothing', OUT), (text, OUT), (given, ROOT), (given, given),
                          (given, os.path.join(ROOT, 'no', 'folder'))):
            with Terminal(layer, command, S.path(name) if name == 'nothing' else name, out) as t:
                assert t.finish()[0] == 2 and PROMPT not in t.text, (layer, command, name, t.text)


def nobody_is_asked_where_there_is_no_terminal():
    with open(os.devnull, 'rb') as nothing:
        for streams in ({'stdin': nothing}, {'stderr': subprocess.DEVNULL}):
            for command in COMMANDS:
                with Terminal(*command, OUT, **streams) as t:
                    assert t.finish()[0] == 0 and PROMPT not in t.text, t.text
                assert not gone()


def a_text_that_is_given_is_not_asked_for():
    text = sections.write(S.path('entropy'), b'some text\n')
    for command in COMMANDS:
        with Terminal(*command, OUT, '--entropy-file', text) as t:
            assert t.finish()[0] == 0 and PROMPT not in t.text and 'some' not in t.text, t.text
        assert not gone()


def a_text_comes_from_a_file_of_any_kind():
    empty = sections.write(S.path('empty'), b'')
    full = sections.write(S.path('full'), b'x' * LIMIT)
    for command in COMMANDS:
        for path in (empty, full):
            answer(*command, OUT, '--entropy-file', path)
            assert not gone()
        for given in (b'', b'words', b'\0\xff' * 100):
            got = subprocess.run([CONVOKE, *command, OUT, '--entropy-file', '-'], input=given,
                                 capture_output=True, check=False, timeout=4 * WAIT_S)
            assert got.returncode == 0 and not gone(), (command, given, got)


def a_file_that_cannot_be_a_text_is_refused():
    long = sections.write(S.path('long'), b'x' * (LIMIT + 1))
    for command in COMMANDS:
        for path, name in ((long, 'entropy.long'), ('/dev/zero', 'entropy.long'),
                           (ROOT, 'file.read'), (S.path('nothing'), 'entropy.file')):
            got = answer(*command, OUT, '--entropy-file', path, status=2)
            assert got['id'] == name and gone(), (command, path, got)


def a_text_among_the_arguments_is_warned_of():
    for command in COMMANDS:
        got = done(convoke(*command, OUT, '--entropy', 'swordfish'))
        assert 'list of processes' in got.stderr and not gone(), got.stderr
        assert 'swordfish' not in got.stdout + got.stderr, got
        got = answer(*command, OUT, '--entropy', 'a', '--entropy-file', '-', status=2)
        assert got['id'] == 'usage.both' and gone(), got


def the_same_text_makes_no_two_contributions_the_same():
    text = sections.write(S.path('same'), b'the same')
    for command in COMMANDS:
        made = []
        for _ in range(2):
            done(convoke(*command, OUT, '--entropy-file', text))
            made.append(sections.read(OUT))
        assert made[0] != made[1] and not gone(), command


try:
    done(convoke('ptau', 'export-challenge', S.path('ptau1'), S.path('challenge')))
    done(convoke('zkey', 'export', S.path('key1'), S.path('mpc')))
    tap.main(a_terminal_is_asked_and_shows_nothing_of_the_text, an_empty_text_is_fine,
             who_changes_their_mind_has_contributed_nothing, a_terminal_that_goes_away_ends_the_text,
             nobody_is_asked_for_what_cannot_be_done, nobody_is_asked_where_there_is_no_terminal,
             a_text_that_is_given_is_not_asked_for, a_text_comes_from_a_file_of_any_kind,
             a_file_that_cannot_be_a_text_is_refused, a_text_among_the_arguments_is_warned_of,
             the_same_text_makes_no_two_contributions_the_same)
finally:
    shutil.rmtree(ROOT)
