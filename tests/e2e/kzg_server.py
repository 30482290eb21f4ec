"""A server of the KZG participant's protocol, and somebody who speaks it as its clients do:
raw requests, sign-in by the page, the shared vectors."""
import contextlib
import html.parser
import json
import os
import select
import shutil
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import Ceremony, convoke, done  # noqa: E402
from http_probe import lines, read_reply  # noqa: E402

JSON = 'Content-Type: application/json'
FORM = 'Content-Type: application/x-www-form-urlencoded'
HTML = 'Accept: text/html'
KEY_OF_VECTORS = '01' * 32


def error(code, text):
    return {'code': code, 'error': text}


BUSY = (200, error('TryContributeError::AnotherContributionInProgress',
                   'another contribution in progress'))
EARLY = (400, error('TryContributeError::RateLimited', 'call came too early. rate limited'))
LOBBY_FULL = (400, error('TryContributeError::LobbyIsFull', 'lobby is full'))
UNKNOWN = (401, error('TryContributeError::UnknownSessionId', 'unknown session id'))
INVALID = (400, error('SessionError::InvalidSessionId', 'unknown session id'))
NOT_YOUR_TURN = (400, error('ContributeError::NotUsersTurn', 'not your turn to participate'))
BEEN_HERE = (400, error('AuthErrorPayload::UserAlreadyContributed', 'user already contributed'))


def vectors():
    root = os.environ.get('CONVOKE_SHARED', os.path.join(os.path.dirname(__file__), '../../../shared'))
    path = os.path.join(root, 'fixtures/kzg/derived/mini_ceremony_vectors.json')
    if not os.path.exists(path):
        raise tap.Skip('no %s (set CONVOKE_SHARED to the folder of the shared data)' % path)
    with open(path, encoding='utf-8') as f:
        return json.load(f)


def compact(value):
    return json.dumps(value, separators=(',', ':')).encode()


def bearer(session):
    return 'Authorization: Bearer ' + session


def form(**pairs):
    return urllib.parse.urlencode(pairs).encode()


def query_of(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, strict_parsing=True))


def upload_head(session, length, *fields):
    """The head of a POST /contribute, for tests that send its body as they like."""
    fields = ('Content-Length: %d' % length, JSON, bearer(session)) + fields
    return ('POST /contribute HTTP/1.1\nHost: h\n%s\n' % lines(fields)).replace('\n', '\r\n').encode()


class FormParser(html.parser.HTMLParser):
    """The one form of a page: where it goes, and its fields with what they hold."""

    def __init__(self, page):
        super().__init__()
        self.action, self.method, self.fields = None, None, {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == 'form':
            self.action, self.method = attrs['action'], attrs['method']
        if tag == 'input':
            self.fields[attrs['name']] = attrs.get('value', '')


class KzgServer(Ceremony):
    """`with KzgServer() as s:` as Ceremony; by default a lobby as the original's, where nobody has
    to wait, and what a turn that failed costs is nothing, so that one person may try everything."""

    def __init__(self, *rules, copy_of=None, serving=True, **options):
        rules = ('entry=lobby', 'checkin_every_s=0', 'checkin_tolerance_s=0', 'on_expired=nothing',
                 'on_aborted=nothing', 'on_invalid=nothing') + rules
        super().__init__(*rules, serving=False, **options)
        if copy_of is not None:
            shutil.rmtree(self.dir)
            shutil.copytree(copy_of.dir, self.dir)
        if serving:
            self.start()

    def json(self, method, path, *fields, body=None):
        """(status, value of the JSON body); every answer must be readable from a browser."""
        status, headers, text = self.post(path, *fields, body=body or b'') if method == 'POST' \
            else self.request('%s %s HTTP/1.1\nHost: localhost\n%s' % (method, path, lines(fields)))
        assert headers.get('access-control-allow-origin') == '*', headers
        assert headers.get('content-type') == 'application/json', (status, headers, text)
        return status, json.loads(text)

    # ---- signing in ----

    def links(self, redirect=None):
        query = '?' + urllib.parse.urlencode({'redirect_to': redirect}) if redirect else ''
        status, links = self.json('GET', '/auth/request_link' + query)
        assert status == 200, (status, links)
        return links

    def follow(self, link):
        """What a browser's address bar would make of a link: the path at this server."""
        parts = urllib.parse.urlsplit(link)
        assert parts.netloc == 'localhost', link
        return parts.path + ('?' + parts.query if parts.query else '')

    def sign_in(self, invitation, *fields, redirect=None):
        """Opens the link, fills in the form and sends it: the reply."""
        status, _, page = self.get(self.follow(self.links(redirect)['eth_auth_url']), HTML)
        assert status == 200, (status, page)
        found = FormParser(page.decode())
        assert found.method == 'post' and sorted(found.fields) == ['code', 'state'], found.fields
        return self.post(self.follow(found.action), FORM, *fields,
                         body=form(state=found.fields['state'], code=invitation))

    def callback(self, code, redirect=None, provider='eth', **more):
        """What a provider's page would lead to."""
        state = query_of(self.links(redirect)['eth_auth_url'])['state']
        query = form(code=code, state=state, **more).decode()
        return self.get('/auth/callback/%s?%s' % (provider, query))

    def session(self, invitation):
        status, _, body = self.sign_in(invitation)
        assert status == 200, (status, body)
        return json.loads(body)['session_id']

    def newcomer(self, *args):
        """A session of somebody new; `--as`, ID: as another identity."""
        return self.session(self.invite(*args)[0])

    # ---- a turn ----

    def ask(self, session, *fields, path='/lobby/try_contribute'):
        return self.json('POST', path, bearer(session), *fields)

    def take_turn(self, session):
        """The base file of a turn that must be granted, as bytes."""
        status, fields, body = self.post('/lobby/try_contribute', bearer(session))
        assert status == 200 and fields['content-type'] == 'application/json', (status, body)
        assert list(json.loads(body)) == ['contributions', 'ecdsaSignature'], body
        return body

    def give(self, session, contribution):
        """(status, value); `contribution` as bytes or as a value."""
        body = contribution if isinstance(contribution, bytes) else compact(contribution)
        return self.json('POST', '/contribute', bearer(session), JSON, body=body)

    def contribute_as(self, session, contribution):
        """The answer to a contribution that must be accepted."""
        self.take_turn(session)
        status, answer = self.give(session, contribution)
        assert status == 200, (status, answer)
        return answer

    def prepare(self, session):
        """The bytes of a valid contribution of this session's turn (which it takes if need be)."""
        self.people += 1
        where = ['--dir', self.path('person%d' % self.people)]
        done(convoke('contribute', self.url, '--offline', 'request', '--session', session, *where))
        done(convoke('contribute', '--offline', 'compute', *where))
        with open(os.path.join(where[1], 'contribution.json'), 'rb') as f:
            return f.read()

    # ---- what there is ----

    def state(self):
        """Everything that outsiders see of the ceremony's state, as bytes."""
        return self.get('/info/status')[2], self.get('/info/current_state')[2]

    def transcript(self):
        return json.loads(self.get('/info/current_state')[2])

    def count(self):
        return self.json('GET', '/info/status')[1]['num_contributions']

    def phase(self):
        """"free", or what the live turn is at."""
        return self.json('GET', '/ceremony/status')[1]['phase']

    def address(self):
        return self.json('GET', '/info/status')[1]['sequencer_address']

    def stored(self):
        """The files of uploads, wherever they are kept."""
        return sorted(os.path.relpath(os.path.join(at, name), self.dir)
                      for part in ('blobs', 'tmp')
                      for at, _, names in os.walk(self.path('server', part)) for name in names)

    def check_receipt(self, answer):
        """By the program, against the transcript as it is now."""
        with open(self.path('receipt.json'), 'w', encoding='utf-8') as f:
            json.dump(answer, f)
        with open(self.path('transcript.json'), 'wb') as f:
            f.write(self.get('/info/current_state')[2])
        return done(convoke('receipt', 'verify', self.path('receipt.json'), '--address',
                            self.address(), '--transcript', self.path('transcript.json')))

    def check_transcript(self):
        return done(convoke('verify', self.url))



class Holder(KzgServer):
    """`with Holder() as s:` a server of the vectors' sizes and somebody whose turn it is:
    `s.holder`, and `s.body`, the bytes of a valid contribution of theirs."""

    def __init__(self, *rules, **options):
        self.body = compact(vectors()['contribution_A'])
        super().__init__(*rules, **options)
        self.holder = None
        if self.process:
            self.begin()

    def begin(self):
        self.holder = self.newcomer()
        self.take_turn(self.holder)

    @contextlib.contextmanager
    def upload(self, part):
        """A connection on which the first `part` bytes of the contribution have been sent."""
        with self.connect() as c:
            c.sendall(upload_head(self.holder, len(self.body)) + self.body[:part])
            yield c

    def hand_in(self):
        return self.give(self.holder, self.body)


class Poll:
    """A request that may take long to be answered, on its own connection."""

    def __init__(self, server, session):
        self.socket = server.connect()
        self.socket.sendall(('POST /lobby/try_contribute HTTP/1.1\r\nHost: h\r\n%s\r\n'
                             'Content-Length: 0\r\n\r\n' % bearer(session)).encode())

    def answered(self):
        return bool(select.select([self.socket], [], [], 0)[0])

    def read(self):
        """(status, value), once it comes."""
        with self.socket:
            status, _, body = read_reply(self.socket)
        return status, json.loads(body)

    def must_be_the_turn(self):
        status, value = self.read()
        assert status == 200 and 'contributions' in value, (status, value)

    def hang_up(self):
        self.socket.close()
