"""A person at a browser who opens the link that a client gives them, signs in with an invitation or
with a wallet, and ends where the server leads them; and the listener at which some clients wait for
that."""
import html.parser
import http.server
import json
import threading
import urllib.parse
import urllib.request

import eth  # isort: skip (found by the path that kzg_server sets)

from clients.library import PATIENCE_S, Chrome

PAGE = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'
NAVIGATES = [('Upgrade-Insecure-Requests', '1'), ('Accept', PAGE), ('Sec-Fetch-Mode', 'navigate'),
             ('Sec-Fetch-User', '?1'), ('Sec-Fetch-Dest', 'document')]


class Page(html.parser.HTMLParser):
    """The form that asks for `code`, what stands in <pre>, and where a wallet's message is had."""

    def __init__(self, text):
        super().__init__()
        self.action, self.fields, self.shown, self.nonce = None, {}, '', None
        self.form, self.inputs, self.in_pre = None, {}, False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.in_pre = self.in_pre or tag == 'pre'
        self.nonce = attrs.get('data-nonce', self.nonce)
        if tag == 'form':
            self.form, self.inputs = attrs['action'], {}
        if tag == 'input' and 'name' in attrs:
            self.inputs[attrs['name']] = attrs.get('value', '')

    def handle_endtag(self, tag):
        if tag == 'pre':
            self.in_pre = False
        if tag == 'form' and 'code' in self.inputs:
            self.action, self.fields = self.form, self.inputs

    def handle_data(self, data):
        if self.in_pre:
            self.shown += data


class Person:
    """Somebody whom the operator invited: `identity` is who they are, and `key` that of their own
    account, unless they are invited as another. With a `wallet` they sign in as its owner."""

    def __init__(self, server, identity=None, wallet=False):
        self.server, self.wallet = server, eth.new_secret() if wallet else None
        entered = ['--wallet', eth.address(self.wallet)] if wallet else []
        self.invitation, self.identity = server.invite(*entered,
                                                       *(['--as', identity] if identity else []))
        self.identity = self.identity.strip()
        self.key = None if identity else self.wallet or self.invitation.rpartition(':')[2]

    def sign_in(self, link):
        """Where it ends: the address that the browser is sent to, or the session id that a page
        shows."""
        browser = Chrome(self.server.port)
        page = browser.request('GET', self.at(link), NAVIGATES)
        assert page.status == 200, (page.status, page.body)
        form = Page(page.body.decode())
        assert form.action is not None, 'no form asks for an invitation: %r' % page.body
        proof = self.sign_message(browser, form.nonce) if self.wallet else {'code': self.invitation}
        body = urllib.parse.urlencode({'state': form.fields['state'], **proof}).encode()
        end = browser.request('POST', self.at(form.action),
                              [('Content-Type', 'application/x-www-form-urlencoded'),
                               ('Cache-Control', 'max-age=0'), *NAVIGATES], body)
        if end.status != 303:
            assert end.status == 200, (end.status, end.body)
            return Page(end.body.decode()).shown.strip()
        location = end.get('Location')
        self.must_follow(page.get('Content-Security-Policy'), location)
        return location

    def sign_message(self, browser, address):
        """What the page's script has the wallet sign, as the field that it sends."""
        target = self.at(address) + '?address=' + eth.address(self.wallet)
        reply = browser.request('GET', target, [('Accept', '*/*'), ('Sec-Fetch-Site', 'same-origin'),
                                                ('Sec-Fetch-Mode', 'cors')])
        message = json.loads(reply.body)['message']
        signature = eth.personal_sign(self.wallet, message)
        return {'wallet': json.dumps({'message': message, 'signature': signature})}

    def at(self, address):
        """The target of an address at the server, as a browser asks for it."""
        parts = urllib.parse.urlsplit(address)
        assert parts.netloc in ('', '127.0.0.1:%d' % self.server.port), address
        return parts.path + ('?' + parts.query if parts.query else '')

    @staticmethod
    def must_follow(policy, location):
        """Browsers follow a form's answer only to where the page's policy lets forms lead."""
        forms = [p.split() for p in policy.split(';') if p.split()[0] == 'form-action']
        parts = urllib.parse.urlsplit(location)
        assert not forms or '%s://%s' % parts[:2] in forms[0], (policy, location)


class Listener:
    """The small server inside a client that waits for the browser to come back."""

    def __init__(self, path):
        self.path, self.query, self.arrived = path, None, threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                parts = urllib.parse.urlsplit(self.path)
                found = parts.path == outer.path
                self.send_response(200 if found else 404)
                self.end_headers()
                if found:
                    outer.query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
                    outer.arrived.set()

        self.server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def wait_for(self, person, link):
        """The query with which the person's browser came back."""
        try:
            location = person.sign_in(link)
            urllib.request.urlopen(location, timeout=PATIENCE_S).close()
            assert self.arrived.wait(PATIENCE_S), 'nobody came back to %s' % location
        finally:
            self.server.shutdown()
            self.server.server_close()
        return self.query
