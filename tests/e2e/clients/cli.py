"""The first command line client, in Rust, of before the ceremony: slashes at the ends of paths, and
types that know no busy answer, so that it dies of one and its user starts it again."""
from clients.base import Client, Fatal, must_be, only, parse, text_of
from clients.library import Reqwest
from clients.person import Listener

AGAIN_S = 10  # its own rhythm, at which we let its user start it again
JSON = ('Content-Type', 'application/json')
MEMBERS = {'numG1Powers', 'numG2Powers', 'powersOfTau', 'potPubkey'}


class Panic(Exception):
    """`.unwrap()` of what is not of the type."""


class Cli(Client):
    library = Reqwest
    panics = 0

    def bls_identity(self):
        return ''

    def ecdsa_key(self):
        return None

    def sign_in(self):
        self.sign_ins += 1
        listener = Listener('/auth/callback/eth')
        back = 'http://127.0.0.1:%d/auth/callback/eth' % listener.port
        links = parse(self.get('/auth/request_link/?redirect_to=' + back))
        text_of(links, 'github_auth_url')
        got = listener.wait_for(self.person, text_of(links, 'eth_auth_url'))
        if not all(k in got for k in ('session_id', 'sub', 'nickname', 'provider')):
            raise Fatal('Failed to deserialize query string: %s' % got)
        if not got.get('exp', '').isdigit() or int(got['exp']) >= 1 << 64:
            raise Fatal('exp is no u64: %s' % got)
        self.session = got['session_id']

    def wait_for_turn(self):
        while True:
            try:
                return self.try_contribute()
            except Panic:
                self.panics += 1
                self.clock.sleep(AGAIN_S)

    def try_contribute(self):
        reply = self.post('/lobby/try_contribute/', self.bearer())
        value = parse(reply)
        if not isinstance(value, dict) or 'contributions' not in value:
            raise Panic(value)
        only(value, ('contributions', 'ecdsaSignature'))
        for c in value['contributions']:
            if not MEMBERS <= set(c):
                raise Panic(c)
            only(c['powersOfTau'], ('G1Powers', 'G2Powers'))
        return reply.body

    def hand_in(self):
        got = parse(self.post('/contribute/', self.bearer(), JSON, body=self.body()))
        text_of(got, 'receipt')
        text_of(got, 'signature')
        status = parse(must_be(self.get('/info/status/'), 200))
        if not isinstance(status['num_contributions'], int):
            raise Fatal('no status')
        return got
