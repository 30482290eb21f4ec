"""What HTTP libraries put on the wire: fields, their order and spelling, when connections are kept,
and what they understand of an answer. No library of ours stands between a client and the socket."""
import base64
import gzip
import http.client
import select
import socket
import struct

PATIENCE_S = 120


class Refused(Exception):
    """The library cannot make sense of the answer."""


class Reply:
    def __init__(self, got, body):
        self.status, self.got, self.body = got.status, got, body

    def get(self, name):
        return self.got.headers.get(name)


class Library:
    """One client's use of its library: a connection that is kept, where the library keeps it."""
    keeps = True       # the connection, for the next request
    decodes = ()       # content codings that it undoes by itself
    hears_100_s = 0    # so long it waits for "100 Continue" with a body over `big`
    big = 1 << 20

    def __init__(self, port):
        self.port, self.kept = port, None
        self.host = '127.0.0.1:%d' % port

    def fields(self, method, own, length):
        """[(name, value)] as this library writes them; `own`: the client's; `length`: of the body,
        None for methods that have none."""
        raise NotImplementedError

    def request(self, method, target, own=(), body=None):
        length = None if method in ('GET', 'OPTIONS') else len(body or b'')
        fields = self.fields(method, list(own), length)
        lines = ['%s %s HTTP/1.1' % (method, target), *('%s: %s' % f for f in fields), '', '']
        head = '\r\n'.join(lines)
        c, self.kept = self.kept or self.connect(), None
        try:
            reply = self.exchange(c, method, head.encode('ascii'), body or b'')
        except (ConnectionError, http.client.HTTPException):
            c.close()  # it had been kept too long: all of them try once more, on a fresh one
            c = self.connect()
            reply = self.exchange(c, method, head.encode('ascii'), body or b'')
        if self.keeps and not reply.got.will_close:
            self.kept = c
        else:
            c.close()
        return reply

    def connect(self):
        return socket.create_connection(('127.0.0.1', self.port), timeout=PATIENCE_S)

    def exchange(self, c, method, head, body):
        c.sendall(head)
        if not self.hears_100_s or len(body) <= self.big or self.may_send(c):
            c.sendall(body)
        got = http.client.HTTPResponse(c, method=method)
        got.begin()
        return Reply(got, self.decode(got, got.read()))

    def may_send(self, c):
        """False: the final answer has come instead of "100 Continue"."""
        ready, _, _ = select.select([c], [], [], self.hears_100_s)
        return not ready or c.recv(12, socket.MSG_PEEK) == b'HTTP/1.1 100'

    def decode(self, got, body):
        coding = got.headers.get('Content-Encoding', 'identity')
        if coding == 'identity':
            return body
        if coding not in self.decodes:
            raise Refused('an answer in %s' % coding)
        return gzip.decompress(body)


class Go(Library):
    """net/http: sorted fields after its own, gzip asked for and undone by itself."""
    decodes = ('gzip',)

    def fields(self, method, own, length):
        sized = [] if length is None else [('Content-Length', length)]
        return [('Host', self.host), ('User-Agent', 'Go-http-client/1.1'), *sized, *sorted(own),
                ('Accept-Encoding', 'gzip')]


class Curl(Library):
    """libcurl as cpr uses it: a connection for each request, an empty POST is a form, and a large
    body waits for a second to be asked for."""
    keeps = False
    decodes = ('gzip',)
    hears_100_s = 1

    def fields(self, method, own, length):
        names = [name for name, _ in own]
        fields = [('Host', self.host), ('User-Agent', 'curl/7.86.0-DEV'), ('Accept', '*/*'),
                  ('Accept-Encoding', 'deflate, gzip'), *own]
        if length is not None:
            fields.append(('Content-Length', length))
            if 'Content-Type' not in names:
                fields.append(('Content-Type', 'application/x-www-form-urlencoded'))
            if length > self.big:
                fields.append(('Expect', '100-continue'))
        return fields


class Java(Library):
    """java.net.http: offers HTTP/2 with every request, and never compression."""
    OFFER = base64.urlsafe_b64encode(
        b''.join(struct.pack('>HI', *s) for s in ((1, 16384), (2, 1), (3, 100), (4, 16777216),
                                                  (5, 16384)))).decode().rstrip('=')

    def fields(self, method, own, length):
        sized = [] if length is None else [('Content-Length', length)]
        return [('Connection', 'Upgrade, HTTP2-Settings'), *sized, ('Host', self.host),
                ('HTTP2-Settings', self.OFFER), ('Upgrade', 'h2c'),
                ('User-Agent', 'Java-http-client/17.0.5'), *own]


class DotNet(Library):
    """System.Net.Http: says nothing of itself."""

    def fields(self, method, own, length):
        sized = [] if length is None else [('Content-Length', length)]
        return [('Host', self.host), *(f for f in own if f[0] != 'Content-Type'),
                *(f for f in own if f[0] == 'Content-Type'), *sized]


class Axios(Library):
    """axios on Node: closes every connection; an empty POST is a form."""
    keeps = False
    decodes = ('gzip',)

    def fields(self, method, own, length):
        fields = [('Accept', 'application/json, text/plain, */*')]
        if length is not None and 'Content-Type' not in [name for name, _ in own]:
            fields.append(('Content-Type', 'application/x-www-form-urlencoded'))
        fields += [*own, ('User-Agent', 'axios/1.2.2')]
        if length is not None:
            fields.append(('Content-Length', length))
        return fields + [('Accept-Encoding', 'gzip, compress, deflate, br'), ('Host', self.host),
                         ('Connection', 'close')]


class Reqwest(Library):
    """reqwest, a client for each request: names in lower case."""
    keeps = False

    def fields(self, method, own, length):
        sized = [] if length is None else [('content-length', length)]
        return [*((name.lower(), value) for name, value in own), ('accept', '*/*'),
                ('host', self.host), *sized]


class Chrome(Library):
    """A browser: what it adds to a script's fields, and to a person's way from page to page."""
    decodes = ('gzip',)

    def fields(self, method, own, length):
        sized = [] if length is None else [('Content-Length', length)]
        return [('Host', self.host), ('Connection', 'keep-alive'), *sized,
                ('sec-ch-ua', '"Chromium";v="108", "Not?A_Brand";v="8"'),
                ('sec-ch-ua-mobile', '?0'),
                ('User-Agent', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like '
                               'Gecko) Chrome/108.0.0.0 Safari/537.36'),
                ('sec-ch-ua-platform', '"Linux"'), *own,
                ('Accept-Encoding', 'gzip, deflate, br'), ('Accept-Language', 'en-GB,en;q=0.9')]
