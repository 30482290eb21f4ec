"""A person at a browser who opens the link that a client gives them, signs in with an invitation,
and ends where the server leads them; and the listener at which some clients wait for that."""
import html.parser
import http.server
import threading
import urllib.parse
import urllib.request

from clients.library import PATIENCE_S, Chrome

PAGE = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'
NAVIGATES = [('Upgrade-Insecure-Requests', '1'), ('Accept', PAGE), ('Sec-Fetch-Mode', 'navigate'),
             ('Sec-Fetch-User', '?1'), ('Sec-Fetch-Dest', 'document')]


class Page(html.parser.HTMLParser):
    """The form that asks for `code`, and what stands in <pre>."""

    def __init__(self, text):
        super().__init__()
        self.action, self.fields, self.shown = None, {}, ''
        self.form, self.inputs, self.in_pre = None, {}, False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.in_pre = self.in_pre or tag == 'pre'
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
    """Somebody whom the operator invited: `identity` is who they are, and `key` of their own
    account, if that is what they were invited by."""

    def __init__(self, server, identity=None):
        self.server = server
        self.invitation, self.identity = server.invite(*(['--as', identity] if identity else []))
        self.identity = self.identity.strip()
        self.key = None if identity else self.invitation.rpartition(':')[2]

    def sign_in(self, link):
        """Where it ends: the address that the browser is sent to, or the session id that a page
        shows."""
        browser = Chrome(self.server.port)
        page = browser.request('GET', self.at(link), NAVIGATES)
        assert page.status == 200, (page.status, page.body)
        form = Page(page.body.decode())
        assert form.action is not None, 'no form asks for an invitation: %r' % page.body
        body = urllib.parse.urlencode({**form.fields, 'code': self.invitation}).encode()
        end = browser.request('POST', self.at(form.action),
                              [('Content-Type', 'application/x-www-form-urlencoded'),
                               ('Cache-Control', 'max-age=0'), *NAVIGATES], body)
        if end.status != 303:
            assert end.status == 200, (end.status, end.body)
            return Page(end.body.decode()).shown.strip()
        location = end.get('Location')
        self.must_follow(page.get('Content-Security-Policy'), location)
        return location

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
