"""The C++ client. It polls often, knows answers by their `code`, and holds the base file and the
whole transcript against the specification's schemas, the identities' pattern loosened."""
import contextlib

from clients import schema
from clients.base import Client, Fatal, must_be, parse, text_of
from clients.library import Curl
from clients.person import Listener

POLL_S, LINK_AGAIN_S = 5, 2
BUSY = 'TryContributeError::AnotherContributionInProgress'
JSON = ('Content-Type', 'application/json')


class Cpp(Client):
    library = Curl

    def __init__(self, server, person, clock, session=None):
        """`session`: of an earlier sign-in (--sessionid)."""
        super().__init__(server, person, clock)
        self.session = session
        self.contributions = schema.contribution_schema(self.sizes)
        self.transcripts = schema.transcript_schema(self.sizes, schema.LOOSE_GITHUB)

    def live(self):
        must_be(self.get('/info/status'), 200)
        transcript = parse(must_be(self.get('/info/current_state'), 200))
        self.must_match(transcript, self.transcripts)
        if self.session is not None:
            self.take_turn()
        else:
            super().live()

    def take_turn(self):
        self.base = self.wait_for_turn()
        self.compute()
        self.receipt = self.hand_in()

    @staticmethod
    def must_match(value, wanted):
        where = schema.fault(value, wanted)
        if where is not None:
            raise Fatal('not as the schema says: %s' % (where or '/'))

    def sign_in(self):
        self.sign_ins += 1
        listener = Listener('/auth_callback')
        target = '/auth/request_link?redirect_to=http://localhost:%d/auth_callback' % listener.port
        reply = self.get(target)
        while reply.status != 200:
            self.clock.sleep(LINK_AGAIN_S)
            reply = self.get(target)
        name = 'github_auth_url' if self.person.key is None else 'eth_auth_url'
        got = listener.wait_for(self.person, text_of(parse(reply), name))
        if not all(got.get(k) for k in ('session_id', 'nickname', 'provider')):
            raise Fatal('sign-in failed: %s' % got)
        if got['provider'] == 'Ethereum' and not (len(got['nickname']) == 42 and
                                                  got['nickname'].startswith('0x')):
            raise Fatal('no address: ' + got['nickname'])
        self.session = got['session_id']

    def wait_for_turn(self):
        while True:
            with contextlib.suppress(OSError):  # "We will keep trying to contribute."
                base = self.try_contribute()
                if base is not None:
                    return base
                self.show_lobby()
            self.clock.sleep(POLL_S)

    def try_contribute(self):
        reply = self.post('/lobby/try_contribute', self.bearer())
        value = parse(reply)
        code = value.get('code') if isinstance(value, dict) else None
        if reply.status == 401 and code == 'TryContributeError::UnknownSessionId':
            self.sign_in()
        if reply.status != 200 or code == BUSY:
            return None
        self.must_match(value, self.contributions)
        if 'contributions' not in value:
            raise Fatal('no contributions: %.200r' % value)
        return reply.body

    def show_lobby(self):
        reply = self.get('/info/status')
        if reply.status == 200 and not isinstance(parse(reply)['lobby_size'], int):
            raise Fatal('no lobby size')

    def hand_in(self):
        reply = must_be(self.post('/contribute', self.bearer(), JSON, body=self.body()), 200)
        got = parse(reply)
        text_of(got, 'signature')
        text_of(got, 'receipt')
        return got

    def dress(self, contribution):
        """nlohmann::json sorts the members of objects."""
        dressed = super().dress(contribution)
        return {'contributions': [dict(sorted(c.items())) for c in dressed['contributions']],
                'ecdsaSignature': dressed['ecdsaSignature']}
