"""The web page (zkparty), with the original's mathematics in WebAssembly. A page of another origin:
the browser asks before each request that is not simple, and hides answers that do not allow it."""
import urllib.parse

from clients.base import Client, Fatal, parse, text_of
from clients.library import Chrome

ORIGIN = 'https://ceremony.example.org'
HOME = ORIGIN + '/redirect'
POLL_S = 32
SIMPLE = ('text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data')


class Hidden(Exception):
    """What fetch() gives a script when the browser withholds an answer: a TypeError, like that of a
    network that is down."""


class Web(Client):
    library = Chrome

    def bls_identity(self):
        """It looks the account up at the provider and puts an @ before its name."""
        kind, *rest = self.person.identity.split('|')
        return '|'.join([kind, rest[0], '@' + rest[1]]) if kind == 'git' else self.person.identity

    def sign_in(self):
        self.sign_ins += 1
        status = self.fetch('GET', '/info/status')
        if not isinstance(status.get('lobby_size'), int):
            raise Fatal('no lobby size')
        back = urllib.parse.quote(HOME, safe='')
        links = self.fetch('GET', '/auth/request_link?redirect_to=' + back)
        provider = 'github' if self.person.key is None else 'eth'
        location = self.person.sign_in(text_of(links, provider + '_auth_url'))
        if not location.startswith(HOME + '?'):
            raise Fatal('the browser is elsewhere: ' + location)
        got = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))
        if not all(got.get(k) for k in ('exp', 'nickname', 'provider', 'session_id', 'sub')):
            raise Fatal('sign-in failed: %s' % got)
        if got['provider'] not in ('Ethereum', 'Github'):
            raise Fatal('an unknown provider: ' + got['provider'])
        self.session = got['session_id']

    def wait_for_turn(self):
        while True:
            try:
                got = self.fetch('POST', '/lobby/try_contribute')
            except (Hidden, OSError):
                got = {'error': 'the network is down', 'code': ''}
            if 'error' not in got:
                if 'contributions' not in got:
                    raise Fatal('neither an error nor contributions: %.200r' % got)
                return self.last_body
            if got['code'] == 'TryContributeError::UnknownSessionId':
                self.sign_in()  # the page shows where one signs in, and its user does
            self.clock.sleep(POLL_S)

    def hand_in(self):
        got = self.fetch('POST', '/contribute', self.body())
        if 'error' in got:
            raise Fatal('%s: %s' % (got.get('code'), got['error']))
        text_of(got, 'signature')
        if not isinstance(parse_text(text_of(got, 'receipt')).get('witness'), list):
            raise Fatal('a receipt without witness')
        return got

    # ---- fetch() ----

    def fetch(self, method, target, body=None):
        """res.json(), of whatever status."""
        fields = [('Origin', ORIGIN), ('Sec-Fetch-Site', 'cross-site'), ('Sec-Fetch-Mode', 'cors'),
                  ('Sec-Fetch-Dest', 'empty'), ('Referer', ORIGIN + '/'), ('Accept', '*/*')]
        if method == 'POST':
            own = [self.bearer(), ('Content-Type', 'application/json')]
            self.preflight(method, target, fields, own)
            fields = own + fields
        reply = self.note(self.http.request(method, target, fields, body))
        if reply.get('Access-Control-Allow-Origin') not in ('*', ORIGIN):
            raise Hidden(target)
        self.last_body = reply.body
        return parse(reply)

    def preflight(self, method, target, fields, own):
        asked = sorted(name.lower() for name, value in own if value not in SIMPLE)
        reply = self.http.request('OPTIONS', target, [
            ('Access-Control-Request-Method', method),
            ('Access-Control-Request-Headers', ','.join(asked)), *fields])
        allowed = words(reply.get('Access-Control-Allow-Headers'))
        if not 200 <= reply.status < 300 or \
                reply.get('Access-Control-Allow-Origin') not in ('*', ORIGIN):
            raise Hidden(target)
        for name in asked:  # "*" does not cover Authorization
            if name not in allowed and (name == 'authorization' or '*' not in allowed):
                raise Hidden(name)


def words(text):
    return [word.strip().lower() for word in (text or '').split(',')]


def parse_text(text):
    class Text:
        status, body = 200, text
    return parse(Text)
