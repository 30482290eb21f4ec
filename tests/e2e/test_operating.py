"""What examples/ has for operators: the systemd units, and the proxies, each before a real server."""
import contextlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import CONVOKE, convoke, done  # noqa: E402
from certificate import Certificate  # noqa: E402
from http_probe import PATIENCE, read_reply, until  # noqa: E402
from kzg_server import KzgServer, bearer, compact, vectors  # noqa: E402
from market import ACCEPTED, BODY_MAX, sized, submission  # noqa: E402
from recorded import read_chunked  # noqa: E402

EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'examples')
PROVER, STRANGER = 'zQ7-prover', 'zQ7-stranger'
NGINX = '''daemon off; pid nginx.pid; error_log stderr;
events {}
http { access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f;
uwsgi_temp_path u; scgi_temp_path s; include site.conf; }
'''


def example(*path):
    with open(os.path.join(EXAMPLES, *path), encoding='utf-8') as f:
        return f.read()


def changed(text, *changes):
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def needs(*programs):
    for name in programs:
        if shutil.which(name, path=os.environ['PATH'] + ':/usr/sbin') is None:
            raise tap.Skip('no ' + name)


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as s:
        return s.getsockname()[1]


class Proxied(KzgServer):
    """A server, of a prover market too, whose clients come through a proxy, by TLS. `kind`: nginx, haproxy or caddy. What
    proxies add to answers is not described."""

    described = False

    def __init__(self, kind, *rules, options=()):
        needs(kind)
        self.stack = contextlib.ExitStack()
        super().__init__('entry=fifo', *rules, serving=False,
                         options=['--trusted-proxies', '127.0.0.1', *options])
        self.add_market()
        self.start()
        self.at, self.front = self.path('proxy'), free_port()
        os.mkdir(self.at)
        os.chmod(self.root, 0o755)  # nginx's workers are nobody
        self.certificate = self.stack.enter_context(Certificate())
        self.proxy = subprocess.Popen(getattr(self, kind)(), cwd=self.at, stdin=subprocess.DEVNULL,
                                      env={**os.environ, 'HOME': self.at, 'XDG_DATA_HOME': self.at,
                                           'PATH': os.environ['PATH'] + ':/usr/sbin'},
                                      stdout=subprocess.DEVNULL, stderr=self.stack.enter_context(
                                          open(self.path('told'), 'w', encoding='utf-8')))
        until(self.answers)

    def __exit__(self, *args):
        self.proxy.terminate()
        try:
            self.proxy.wait(PATIENCE)
        except subprocess.TimeoutExpired:  # Caddy has been seen to hang when it should end
            self.proxy.kill()
            self.proxy.wait()
        self.stack.close()
        super().__exit__(*args)

    def add_market(self):
        """Of one prover, whose every proof is right."""
        os.mkdir(self.path('batches'))
        with open(self.path('batches', '1.batch'), 'wb') as f:
            f.write(b'batch')
        done(convoke('market', 'new', self.dir, '--dev'))
        done(convoke('market', 'batch', 'import', self.dir, self.path('batches'), '--verifier', 'accept-all'))
        done(convoke('market', 'participant', 'add', self.dir, '--id', PROVER))

    def file(self, name, text=None):
        path = os.path.join(self.at, name)
        if text is not None:
            with open(path, 'w', encoding='utf-8') as f:
                f.write(text)
        return path

    def pem(self):
        """Certificate and key in one file, as HAProxy takes them."""
        text = ''
        for path in (self.certificate.cert, self.certificate.key):
            with open(path, encoding='ascii') as f:
                text += f.read()
        return self.file('both.pem', text)

    def told(self):
        """What the proxy has written of its work."""
        text = ''
        for path in (self.path('told'), self.path('access.log')):
            if os.path.exists(path):
                with open(path, encoding='utf-8') as f:
                    text += f.read()
        return text

    def answers(self):
        assert self.proxy.poll() is None, self.told()
        with contextlib.suppress(ConnectionRefusedError), self.connect():
            return True
        return False

    def connect(self):
        plain = socket.create_connection(('127.0.0.1', self.front), timeout=PATIENCE)
        return self.certificate.context.wrap_socket(plain, server_hostname='localhost')

    def request(self, head, body=b''):
        status, fields, got = super().request(head, body)
        chunked = fields.get('transfer-encoding') == 'chunked'  # as proxies like it
        return status, fields, read_chunked(got)[0] if chunked else got

    # ---- the examples with this test's names in them: the command that runs each ----

    def nginx(self):
        os.makedirs(self.path('cache'))
        shutil.chown(self.path('cache'), 'nobody')
        self.file('site.conf', changed(
            example('proxy', 'nginx.conf'), ('127.0.0.1:3000', '127.0.0.1:%d' % self.port),
            ('/var/cache/nginx/convoke', self.path('cache')),
            ('/var/log/nginx/convoke.log', self.path('access.log')), ('/var/log/nginx/error.log', 'stderr'),
            ('listen 80;', 'listen 127.0.0.1:%d;' % free_port()),
            ('listen 443 ssl', 'listen 127.0.0.1:%d ssl' % self.front),
            ('/etc/ssl/convoke/fullchain.pem', self.certificate.cert),
            ('/etc/ssl/convoke/key.pem', self.certificate.key)))
        return ['nginx', '-p', self.at, '-c', self.file('nginx.conf', NGINX)]

    def haproxy(self):
        return ['haproxy', '-db', '-f', self.file('haproxy.cfg', changed(
            example('proxy', 'haproxy.cfg'), ('127.0.0.1:3000', '127.0.0.1:%d' % self.port),
            ('maxconn 20000', 'maxconn 1000'), ('    bind :80\n', ''), ('bind :443', 'bind 127.0.0.1:%d' % self.front),
            ('/etc/ssl/convoke/both.pem', self.pem())))]

    def caddy(self):
        return ['caddy', 'run', '--adapter', 'caddyfile', '--config', self.file(
            'Caddyfile', changed(
                example('proxy', 'Caddyfile'),
                ('{\n\t# A prover', '{\n\tadmin off\n\tauto_https disable_redirects\n\t# A prover'), ('127.0.0.1:3000', '127.0.0.1:%d' % self.port),
                ('ceremony.example.org {', 'https://localhost:%d {\n\ttls %s %s' % (
                    self.front, self.certificate.cert, self.certificate.key))))]


# ---- what must work through each ----

def a_turn(s):
    """A contribution at its real way: sign-in, base, upload, receipt."""
    person = s.newcomer()
    s.take_turn(person)
    status, answer = s.give(person, compact(vectors()['contribution_A']))
    assert status == 200, (status, answer)
    s.check_receipt(answer)


def a_refusal_of_a_large_upload_is_heard(s):
    status, told = s.json('POST', '/contribute', bearer(s.newcomer()), 'Content-Type: application/json',
                          body=b'x' * 6000000)
    assert (status, told['code']) == (400, 'ContributeError::NotUsersTurn'), (status, told)


def a_sleeping_poll(s):
    first, second = s.newcomer(), s.newcomer()
    s.take_turn(first)
    with s.connect() as c:
        c.sendall(('POST /lobby/try_contribute HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n'
                   '%s\r\n\r\n' % bearer(second)).encode())
        until(lambda: s.status()['waiting'] == 1)
        assert s.ask(first, path='/contribution/abort')[0] == 200
        reply = http.client.HTTPResponse(c)
        reply.begin()
        body = reply.read()
    assert reply.status == 200 and 'contributions' in json.loads(body), (reply.status, body)
    assert s.ask(second, path='/contribution/abort')[0] == 200


def a_stream(s):
    """Each event comes when it happens: none waits in the proxy for others."""
    person = s.newcomer()
    with s.connect() as c:
        c.sendall(b'GET /events?from=1 HTTP/1.1\r\nHost: localhost\r\n\r\n')
        got = c.recv(65536)
        while b'CeremonyOpened' not in got:
            got += c.recv(65536)
        before = got.count(b'event: journal')
        s.take_turn(person)
        while got.count(b'event: journal') == before or b'LeaseGranted' not in got:
            piece = c.recv(65536)
            assert piece, got
            got += piece
    assert b'text/event-stream' in got


def http_2(s):
    needs('curl')
    got = subprocess.run(['curl', '-sS', '--http2', '--cacert', s.certificate.cert, '--connect-to',
                          'localhost:443:127.0.0.1:%d' % s.front, '-o', '/dev/null', '-w',
                          '%{http_version} %{http_code}', 'https://localhost/info/status'],
                         capture_output=True, text=True, check=False)
    assert got.stdout == '2 200', got


def a_proof_of_64_mib(s):
    asked = '/get_batch/?participant_id=' + PROVER
    request = json.loads(s.get(asked)[2])['request_id']
    body = sized(request, BODY_MAX)
    assert len(body) == BODY_MAX
    status, _, text = s.post('/submit_proof/?participant_id=' + PROVER, body=body)
    assert (status, text) == ACCEPTED
    assert s.get(asked)[0] == 429


def no_prover_s_id_is_written(s):
    """Also when a prover hangs up, and when there is no server; which is what ends it here."""
    to = '/submit_proof/?participant_id='
    assert s.post(to + STRANGER, body=submission(1, b'x'))[0] == 422
    with s.connect() as c:
        c.sendall(('POST %s%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{' % (to, PROVER)).encode())
    s.stop()
    for path in ('/get_batch/?participant_id=', to):
        assert s.get(path + PROVER)[0] in (502, 503)
    for text in (s.told(), s.log()):
        assert 'zQ7' not in text, text


def nobody_says_for_another_who_asks(s):
    """The limits here are one request; loopback, which the proxy names, has none."""
    forged = 'X-Forwarded-For: 203.0.113.7'
    for _ in range(4):
        assert s.get('/ceremony/status', forged)[0] == 200
    with socket.create_connection(('127.0.0.1', s.port), timeout=PATIENCE) as c:  # as the proxy may
        for status in (200, 429):
            c.sendall(('GET /ceremony/status HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n' % forged).encode())
            assert read_reply(c)[0] == status


def metrics_are_not_for_everybody(s):
    """The test comes from loopback, so only Caddy, which looks at no address, refuses it."""
    assert '/metrics' in example('proxy', 'nginx.conf') and '/metrics' in example('proxy', 'haproxy.cfg')
    assert s.get('/metrics')[0] == 403


def what_it_writes_is_looked_at(s):
    """Requests of provers are among it: or no id in it would mean nothing. One the proxy itself refuses."""
    announced = 'POST /submit_proof/?participant_id=%s HTTP/1.1\nHost: localhost\nContent-Length: %d\n'
    assert s.request(announced % (PROVER, 4 * BODY_MAX))[0] == 413
    until(lambda: '/submit_proof/ 413' in s.told() and '/get_batch/ 200' in s.told())


def proxied(kind, *more):
    with Proxied(kind) as s:
        a_turn(s)
        a_refusal_of_a_large_upload_is_heard(s)
        a_sleeping_poll(s)
        a_stream(s)
        http_2(s)
        a_proof_of_64_mib(s)
        for step in more:
            step(s)
        no_prover_s_id_is_written(s)
    with Proxied(kind, options=['--rates', '0,0,0,1']) as s:
        nobody_says_for_another_who_asks(s)


def a_ceremony_works_through_nginx():
    proxied('nginx', what_it_writes_is_looked_at)


def a_ceremony_works_through_haproxy():
    proxied('haproxy')


def a_ceremony_works_through_caddy():
    proxied('caddy', metrics_are_not_for_everybody)


# ---- systemd ----

def units(directory):
    paths = []
    for name in sorted(os.listdir(os.path.join(EXAMPLES, 'systemd'))):
        paths.append(os.path.join(directory, name))
        with open(paths[-1], 'w', encoding='utf-8') as f:
            f.write(example('systemd', name).replace('/usr/local/bin/convoke', os.path.abspath(CONVOKE)))
    return paths


def the_units_are_well_formed():
    needs('systemd-analyze')
    with tempfile.TemporaryDirectory() as directory:
        got = subprocess.run(['systemd-analyze', 'verify', '--man=no', *units(directory)],
                             capture_output=True, text=True, check=False)
        ours = [line for line in got.stderr.splitlines() if 'convoke' in line]
        assert not ours, ours


def the_server_s_unit_leaves_little_open():
    needs('systemd-analyze')
    with tempfile.TemporaryDirectory() as directory:
        path = [p for p in units(directory) if p.endswith('/convoke.service')]
        got = subprocess.run(['systemd-analyze', 'security', '--offline=yes', '--threshold=20', *path],
                             capture_output=True, text=True, check=False)
        if 'unrecognized option' in got.stderr:
            raise tap.Skip('this systemd-analyze cannot judge a file')
        assert got.returncode == 0, got.stdout[-2000:]


tap.main(
    a_ceremony_works_through_nginx,
    a_ceremony_works_through_haproxy,
    a_ceremony_works_through_caddy,
    the_units_are_well_formed,
    the_server_s_unit_leaves_little_open,
)
