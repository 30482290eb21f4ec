"""What all emulated clients share: their life as a thread, time, mathematics, and reading JSON."""
import collections
import json
import subprocess
import tempfile
import threading
import traceback

from http_probe import program


class Fatal(Exception):
    """The client tells its user that it cannot go on, and ends."""


class Clock:
    """Time that runs `speed` times as fast as the clients believe; the server's settings must be
    scaled by the same factor. It ends for all clients at once: no test leaves any behind."""

    def __init__(self, speed):
        self.speed, self.over = speed, threading.Event()

    def sleep(self, seconds):
        if self.over.wait(seconds / self.speed):
            raise Fatal('the test is over')


class Client(threading.Thread):
    """One client and its user. When it has ended: `receipt` and `contribution` (what was sent), or
    `ended`, what it told its user, or `failed`, a fault of the emulation or of the server."""
    library = None         # class of clients.library
    signs_bls = True
    fields = ('numG1Powers', 'numG2Powers', 'powersOfTau', 'potPubkey', 'blsSignature')

    def __init__(self, server, person, clock):
        super().__init__(daemon=True)
        self.server, self.person, self.clock = server, person, clock
        self.sizes = [[int(n) for n in s.split(',')] for s in server.sizes.split(':')]
        self.http = self.library(server.port)  # pylint: disable=not-callable
        self.session = self.base = self.sent = self.receipt = self.ended = self.failed = None
        self.codes = collections.Counter()  # what the server answered
        self.sign_ins = 0

    def run(self):
        try:
            self.live()
        except Fatal as why:
            self.ended = str(why)
        except Exception:  # pylint: disable=broad-except
            self.failed = traceback.format_exc()

    def live(self):
        self.sign_in()
        self.base = self.wait_for_turn()
        self.compute()
        self.receipt = self.hand_in()

    def sign_in(self):
        raise NotImplementedError

    def wait_for_turn(self):
        raise NotImplementedError

    def hand_in(self):
        raise NotImplementedError

    # ---- mathematics ----

    def bls_identity(self):
        """What this client signs with the keys of its contribution; "": nothing."""
        return self.person.identity

    def ecdsa_key(self):
        """The key of the account that signs the public keys, or None."""
        return self.person.key

    def compute(self):
        """By the helper; `self.sent` is its value, as this client will write it."""
        with tempfile.NamedTemporaryFile('w') as key:
            key.write(self.ecdsa_key() or '')
            key.flush()
            made = subprocess.run([program('contribute_as'), self.bls_identity(),
                                   key.name if self.ecdsa_key() else ''],
                                  input=self.base, capture_output=True, check=False)
        assert made.returncode == 0, made.stderr
        self.sent = self.dress(json.loads(made.stdout))

    def dress(self, contribution):
        """The contribution with the members that this client sends, in its order."""
        return {'contributions': [{k: c[k] for k in self.fields}
                                  for c in contribution['contributions']],
                'ecdsaSignature': contribution['ecdsaSignature']}

    def body(self):
        return json.dumps(self.sent, separators=(',', ':')).encode()

    # ---- talking ----

    def bearer(self):
        return 'Authorization', 'Bearer ' + self.session

    def get(self, target, *own):
        return self.note(self.http.request('GET', target, own))

    def post(self, target, *own, body=None):
        return self.note(self.http.request('POST', target, own, body))

    def note(self, reply):
        try:
            code = json.loads(reply.body).get('code', '')
        except (ValueError, AttributeError):
            code = ''
        self.codes[code.rpartition(':')[2] or reply.status] += 1
        return reply


def parse(reply):
    """As every JSON parser does that is not told to be lenient."""
    def no_constant(name):
        raise Fatal('%s is not JSON' % name)
    try:
        return json.loads(reply.body, parse_constant=no_constant)
    except ValueError as why:
        raise Fatal('not JSON (%d): %r' % (reply.status, reply.body[:200])) from why


def must_be(reply, status):
    if reply.status != status:
        raise Fatal('status %d: %r' % (reply.status, reply.body[:300]))
    return reply


def text_of(value, key):
    """A member that must be a string, for parsers that know types."""
    if not isinstance(value, dict) or not isinstance(value.get(key), str):
        raise Fatal('no text `%s` in %.200r' % (key, value))
    return value[key]


def only(value, keys):
    """Jackson's defaults: an object with no member that the class does not have."""
    if not isinstance(value, dict) or not set(value) <= set(keys):
        raise Fatal('an object of %s expected, not %.200r' % (', '.join(keys), value))
    return value


class UnsignedClient(Client):
    """Sends neither signature: the members that would hold them are not there."""
    fields = ('numG1Powers', 'numG2Powers', 'powersOfTau', 'potPubkey')

    def bls_identity(self):
        return ''

    def ecdsa_key(self):
        return None

    def dress(self, contribution):
        return {'contributions': super().dress(contribution)['contributions']}
