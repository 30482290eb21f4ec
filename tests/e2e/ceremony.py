"""A small ceremony run by real processes, for tests in Python."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

from http_probe import Server

CONVOKE = os.path.join(os.environ.get('BUILD_DIR', 'build'), 'convoke')
SIZES = '4,3:8,3:16,3'
RULES = ('checkin_every_s=1', 'checkin_tolerance_s=1')
WAIT_S = 60


def convoke(*args, env=None, prefix=()):
    """Runs the program to its end: .returncode, .stdout, .stderr."""
    environment = {k: v for k, v in os.environ.items() if k != 'CONVOKE_INVITATION'}
    environment.update(env or {})
    return subprocess.run([*prefix, CONVOKE, *(str(a) for a in args)], capture_output=True,
                          text=True, errors='replace', env=environment, check=False,
                          stdin=subprocess.DEVNULL, timeout=4 * WAIT_S)


def done(result):
    """The result, which must have ended with 0."""
    assert result.returncode == 0, 'status %d\n%s%s' % (result.returncode, result.stdout,
                                                         result.stderr)
    return result


def has_ended(pid):
    """Also when nobody has waited for it."""
    try:
        with open('/proc/%d/stat' % pid, 'rb') as f:
            state = f.read().rpartition(b') ')[2][:1]
    except OSError:
        return True
    return state in (b'Z', b'X', b'')


def json_lines(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


class Ceremony:
    """`with Ceremony() as c:` a directory with an open ceremony and a running server."""

    described = True  # by api/openapi.yaml
    connect, raw, request = Server.connect, Server.raw, Server.request
    get, post = Server.get, Server.post
    tls = None

    def __init__(self, *rules, preset='kzg', sizes=SIZES, serving=True, key=None, options=()):
        self.root = tempfile.mkdtemp(prefix='convoke-e2e.')
        self.dir = self.path('server')
        self.process, self.port, self.people = None, 0, 0
        self.env = {}  # of the server, besides ours
        self.options = list(options)  # of serve
        self.prefix = []  # what runs it
        self.sizes = sizes
        done(convoke('init', self.dir))
        if key is not None:  # the server's own
            with open(self.path('server', 'server.key'), 'w', encoding='ascii') as f:
                f.write(key)
        settings = [word for rule in RULES + rules for word in ('--set', rule)]
        done(convoke('ceremony', 'new', self.dir, '--preset', preset, '--sizes', sizes, *settings))
        if serving:
            self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.root)

    def path(self, *names):
        return os.path.join(self.root, *names)

    @property
    def url(self):
        return 'http://127.0.0.1:%d' % self.port

    def spawn(self):
        """Starts the server, on the port it had before, if any; it does not listen yet."""
        if os.path.exists(self.path('port')):
            os.remove(self.path('port'))
        with open(self.path('log'), 'ab') as log:
            self.process = subprocess.Popen(
                [*self.prefix, CONVOKE, 'serve', self.dir, '--listen', '127.0.0.1:%d' % self.port,
                 '--port-file', self.path('port'), *self.options], stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, env={**os.environ, **self.env})

    def starts(self):
        """False: it ended by itself, as it must when it cannot run: with status 2."""
        self.spawn()
        end = time.monotonic() + WAIT_S
        while not os.path.exists(self.path('port')):
            if self.process.poll() is not None:
                assert self.process.returncode == 2, self.log()
                return False
            assert time.monotonic() < end, 'the server does not listen'
            time.sleep(0.01)
        with open(self.path('port'), encoding='ascii') as f:
            self.port = int(f.read())
        return True

    def start(self):
        assert self.starts(), self.log()

    def log(self):
        with open(self.path('log'), encoding='utf-8', errors='replace') as f:
            return f.read()

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        status = self.process.wait(WAIT_S)
        self.process = None
        return status

    def invite(self, *args):
        """(invitation, identity)"""
        return done(convoke('invite', self.dir, *args)).stdout.split(maxsplit=1)

    def person(self):
        """The arguments of somebody new: an invitation and a directory."""
        self.people += 1
        invitation, _ = self.invite()
        return ['--invitation', invitation, '--dir', self.path('person%d' % self.people)]

    def contribute(self, *args):
        return convoke('contribute', self.url, *(args or self.person()), '--json')

    def export(self, *args):
        out = self.path('public')
        done(convoke('ceremony', 'export', self.dir, out, *args))
        return out

    def status(self):
        return json_lines(done(convoke('ceremony', 'status', self.dir, '--json')))[0]

    def server_status(self):
        return json.loads(self.get('/ceremony/status')[2])


class Finished(Ceremony):
    """Two contributions, finalized, exported; the first contributor's files in person1."""

    def __init__(self):
        super().__init__()
        done(self.contribute())
        done(self.contribute())
        self.stop()
        done(convoke('ceremony', 'finalize', self.dir))
        self.out = self.export()
        self.first = self.path('person1')


def load(*path):
    with open(os.path.join(*path), encoding='utf-8') as f:
        return json.load(f)


def save(document, *path):
    with open(os.path.join(*path), 'w', encoding='utf-8') as f:
        json.dump(document, f)
    return os.path.join(*path)
