"""The Java client. Jackson's defaults: an object with a member that its class does not have is an
error, so one key more in an answer costs a turn or a receipt."""
from clients import schema
from clients.base import Client, Fatal, must_be, only, parse, text_of
from clients.library import Java
from clients.person import Listener

POLL_S = 30
JSON = ('Content-Type', 'application/json')
BATCH = ('contributions', 'ecdsaSignature')
CONTRIBUTION = ('numG1Powers', 'numG2Powers', 'powersOfTau', 'potPubkey', 'blsSignature')
POWERS = ('G1Powers', 'G2Powers')


class Chotto(Client):
    library = Java
    breaks = False  # in the middle of its computation

    def __init__(self, server, person, clock):
        super().__init__(server, person, clock)
        self.contributions = schema.contribution_schema(self.sizes)

    def bls_identity(self):
        kind, *rest = self.person.identity.split('|')
        return '|'.join([kind, rest[0], '@' + rest[1]]) if kind == 'git' else self.person.identity

    def sign_in(self):
        self.sign_ins += 1
        status = parse(must_be(self.get('/info/status'), 200))
        if not isinstance(status['lobby_size'], int):
            raise Fatal('no lobby size')
        listener = Listener('/auth/callback')
        target = '/auth/request_link?redirect_to=http://localhost:%d/auth/callback' % listener.port
        links = parse(must_be(self.get(target), 200))
        name = 'github_auth_url' if self.person.key is None else 'eth_auth_url'
        got = listener.wait_for(self.person, text_of(links, name))
        if 'session_id' not in got or 'nickname' not in got:
            raise Fatal('must not be null')
        if got.get('provider') not in ('Ethereum', 'Github'):
            raise Fatal('an unknown provider: %s' % got)
        self.session = got['session_id']
        if got['provider'] == 'Ethereum':
            self.read_transcript()

    def read_transcript(self):
        """For the sizes that the account signs."""
        batch = only(parse(must_be(self.get('/info/current_state'), 200)),
                     ('transcripts', 'participantIds', 'participantEcdsaSignatures'))
        for t in batch['transcripts']:
            only(t, ('numG1Powers', 'numG2Powers', 'powersOfTau', 'witness'))
            only(t['powersOfTau'], POWERS)
            only(t['witness'], ('runningProducts', 'potPubkeys', 'blsSignatures'))
        if [[t['numG1Powers'], t['numG2Powers']] for t in batch['transcripts']] != self.sizes:
            raise Fatal('other sizes')

    def wait_for_turn(self):
        while True:
            reply = self.post('/lobby/try_contribute', self.bearer())
            if not self.is_error(reply):
                return self.check_base(must_be(reply, 200))
            self.clock.sleep(POLL_S)

    @staticmethod
    def is_error(reply):
        try:
            error = only(parse(reply), ('code', 'error', 'message'))
        except Fatal:
            return False  # what is no error is taken for a base file
        for final in ('RateLimited', 'UnknownSessionId'):
            if final in error.get('code', ''):
                raise Fatal('the sequencer says ' + final)
        return True

    def check_base(self, reply):
        value = parse(reply)
        where = schema.fault(value, self.contributions)
        if where is not None:
            raise Fatal('not as the schema says: %s' % (where or '/'))
        only(value, BATCH)
        for c in value.get('contributions', ()):
            only(c, CONTRIBUTION)
            only(c['powersOfTau'], POWERS)
        return reply.body

    def compute(self):
        if self.breaks:
            must_be(self.post('/contribution/abort', self.bearer()), 200)
            raise Fatal('could not compute')
        super().compute()

    def hand_in(self):
        reply = must_be(self.post('/contribute', self.bearer(), JSON, body=self.body()), 200)
        got = only(parse(reply), ('receipt', 'signature'))
        text_of(got, 'receipt')
        text_of(got, 'signature')
        return got
