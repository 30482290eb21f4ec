"""The two clients in Go. Both send no signature at all; encoding/json ignores members that a struct
does not have. They differ in what ends the wait, and in what a refused upload means."""
import contextlib

from clients.base import Fatal, UnsignedClient, must_be, parse, text_of
from clients.library import Go

POLL_S, UPLOAD_AGAIN_S = 30, 1
JSON = ('Content-Type', 'application/json')


class GoClient(UnsignedClient):
    library = Go

    def sign_in(self):
        """By hand: the user opens the link and pastes what the page shows."""
        self.sign_ins += 1
        links = parse(must_be(self.get('/auth/request_link'), 200))
        text_of(links, 'eth_auth_url')
        self.session = self.person.sign_in(text_of(links, 'github_auth_url'))

    def decode(self, body, value):
        """Its own reading of a base file: counts that fit their lists."""
        if not value.get('contributions'):
            raise Fatal('no contributions: %.200r' % body)
        for c in value['contributions']:
            if c['numG1Powers'] != len(c['powersOfTau']['G1Powers']) or \
                    c['numG2Powers'] != len(c['powersOfTau']['G2Powers']):
                raise Fatal('the counts do not fit')
        return body


class Jsign(GoClient):
    """kzgcli: whatever is wrong, it tries again: the turn every 30 s, the upload every second."""

    def wait_for_turn(self):
        while True:
            with contextlib.suppress(OSError):
                reply = self.post('/lobby/try_contribute', self.bearer())
                value = parse(reply) if reply.status == 200 else {'error': 'status'}
                if not value.get('error'):
                    return self.decode(reply.body, value)
            self.clock.sleep(POLL_S)

    def hand_in(self):
        body = self.body()
        while True:
            with contextlib.suppress(OSError):
                reply = self.post('/contribute', self.bearer(), JSON, body=body)
                if reply.status == 200:
                    got = parse(reply)
                    return {k: text_of(got, k) for k in ('receipt', 'signature')}
            self.clock.sleep(UPLOAD_AGAIN_S)


class Arnaucube(GoClient):
    """GitHub only; busy is what has the English text in it."""

    def wait_for_turn(self):
        while True:
            reply = self.post('/lobby/try_contribute', self.bearer(), JSON)
            if reply.status == 401:
                self.sign_in()
            elif reply.status == 200 and b'another contribution in progress' not in reply.body:
                return self.decode(reply.body, parse(reply))
            self.clock.sleep(POLL_S)

    def hand_in(self):
        reply = self.post('/contribute', self.bearer(), JSON, body=self.body())
        got = parse(must_be(reply, 200))
        return {'receipt': text_of(got, 'receipt'), 'signature': text_of(got, 'signature')}
