"""czg-keremony, in JavaScript: it takes the base file's own objects, and deletes what it cannot
fill."""
from clients.base import Fatal, UnsignedClient, must_be, parse, text_of
from clients.library import Axios

POLL_S = 30
JSON = ('Content-Type', 'application/json;charset=utf-8')


class Czg(UnsignedClient):
    library = Axios

    def sign_in(self):
        self.sign_ins += 1
        links = parse(must_be(self.get('/auth/request_link'), 200))
        text_of(links, 'github_auth_url')
        self.session = self.person.sign_in(text_of(links, 'eth_auth_url'))

    def wait_for_turn(self):
        while True:
            reply = self.post('/lobby/try_contribute', self.bearer())
            value = parse(reply)
            if reply.status == 200 and 'error' not in value:
                if len(value['contributions']) != len(self.sizes):
                    raise Fatal('other contributions: %.200r' % value)
                return reply.body
            self.clock.sleep(POLL_S)

    def hand_in(self):
        got = parse(must_be(self.post('/contribute', self.bearer(), JSON, body=self.body()), 200))
        text_of(got, 'receipt')
        text_of(got, 'signature')
        return got
