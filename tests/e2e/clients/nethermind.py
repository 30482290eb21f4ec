"""The C# client. It knows statuses only: any 400 to a poll is a rate limit, and it gives up."""
from clients.base import Client, Fatal, must_be, parse, text_of
from clients.library import DotNet

POLL_S = 30
JSON = ('Content-Type', 'application/json; charset=utf-8')


class Nethermind(Client):
    library = DotNet

    def bls_identity(self):
        """Another tag than everybody's, too: but nobody reads it, for its key is not the one."""
        kind, *rest = self.person.identity.split('|')
        return '|'.join([kind, rest[0], '@' + rest[1].lower()]) if kind == 'git' \
            else self.person.identity

    def dress(self, contribution):
        contributions = super().dress(contribution)['contributions']
        for c in contributions:
            c['bls_signature'] = c.pop('blsSignature')
        return {'contributions': contributions}

    def sign_in(self):
        self.sign_ins += 1
        links = parse(must_be(self.get('/auth/request_link'), 200))
        name = 'github_auth_url' if self.person.key is None else 'eth_auth_url'
        self.session = self.person.sign_in(text_of(links, name))

    def wait_for_turn(self):
        while True:
            reply = self.post('/lobby/try_contribute', self.bearer())
            if reply.status == 400:
                raise Fatal('You have been rate limited. Try a longer polling interval')
            if reply.status == 401:
                raise Fatal('unauthorized')
            value = parse(must_be(reply, 200))
            if 'error' not in value:
                if not value.get('contributions'):
                    raise Fatal('no contributions: %.200r' % value)
                return reply.body
            self.clock.sleep(POLL_S)

    def hand_in(self):
        reply = must_be(self.post('/contribute', self.bearer(), JSON, body=self.body()), 200)
        if reply.get('Content-Type').partition(';')[0].strip() != 'application/json':
            raise Fatal('no JSON: %s' % reply.get('Content-Type'))  # before it reads a byte
        got = parse(reply)
        return {'receipt': text_of(got, 'receipt'), 'signature': text_of(got, 'signature')}
