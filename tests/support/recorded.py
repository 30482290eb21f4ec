"""A socket of a client whose exchanges are held against the description of the HTTP interface.

    with Recorded(socket) as s: ...     # checks when it is closed

What no reading can be certain of (half an answer, a request with odd framing) is left out.
"""
import re

from openapi import Exchange, described

NO_BODY = (204, 304)
HEAD_END = b'\r\n\r\n'
REQUEST_LINE = re.compile(r'([A-Z]+) (\S+) HTTP/1\.[01]')
STATUS_LINE = re.compile(r'HTTP/1\.[01] (\d{3}) .*')


def read_head(data, once):
    """(first line, fields, the rest), or None: not all of it is there, or it is no plain head.
    once: no field may stand twice; otherwise their values are joined."""
    head, end, rest = data.partition(HEAD_END)
    if not end:
        return None
    first, *lines = head.decode('latin-1').split('\r\n')
    fields = {}
    for line in lines:
        name, colon, value = line.partition(':')
        name, value = name.lower(), value.strip()
        if not colon or not name or name != name.strip() or (once and name in fields):
            return None
        fields[name] = fields[name] + ', ' + value if name in fields else value
    return first, fields, rest


def read_chunked(data):
    """(body, rest), or (None, b''): it is not complete."""
    body = b''
    while True:
        size, end, data = data.partition(b'\r\n')
        if not end or not re.fullmatch(rb'[0-9a-fA-F]+', size):
            return None, b''
        n = int(size, 16)
        if n == 0:
            return (body, data[2:]) if data[:2] == b'\r\n' else (None, b'')
        if len(data) < n + 2:
            return None, b''
        body, data = body + data[:n], data[n + 2:]


def read_body(fields, data, to_the_end):
    """(body, rest), or (None, b'')."""
    if fields.get('transfer-encoding', '').lower() == 'chunked':
        return read_chunked(data)
    if 'content-length' not in fields:
        return (data, b'') if to_the_end else (b'', data)
    if not fields['content-length'].isdigit() or len(data) < int(fields['content-length']):
        return None, b''
    n = int(fields['content-length'])
    return data[:n], data[n:]


def requests_of(data):
    """(method, target, fields, body); the last one's body may be None. Ends at what is no request."""
    while data:
        head = read_head(data, True)
        line = REQUEST_LINE.fullmatch(head[0]) if head else None
        if line is None:
            return
        body, data = read_body(head[1], head[2], False)
        yield line[1], line[2], head[1], body


def answers_of(data, methods):
    """(status, fields, body) of those that are complete, without 1xx."""
    methods = iter(methods)
    while data:
        head = read_head(data, False)
        line = STATUS_LINE.fullmatch(head[0]) if head else None
        if line is None:
            return
        status, data = int(line[1]), head[2]
        if status < 200:
            continue
        body = b''
        if next(methods, None) != 'HEAD' and status not in NO_BODY:
            body, data = read_body(head[1], data, True)
        if body is None:
            return
        yield status, head[1], body


def exchanges(sent, got):
    """What went over one connection; what no reading can be certain of is left out."""
    asked = list(requests_of(bytes(sent)))
    answered = answers_of(bytes(got), [a[0] for a in asked])
    return [Exchange(*request, *answer) for request, answer in zip(asked, answered)]


class Recorded:
    """A socket whose exchanges are checked when it is closed."""

    def __init__(self, socket, description=None):
        self.socket, self.sent, self.got = socket, bytearray(), bytearray()
        self.description = description or described()

    def __getattr__(self, name):
        return getattr(self.socket, name)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.socket.close()
        if kind is None:
            self.check()

    def sendall(self, data):
        self.sent += data
        self.socket.sendall(data)

    def recv(self, n, flags=0):
        got = self.socket.recv(n, flags)
        if not flags:
            self.got += got
        return got

    def close(self):
        self.socket.close()
        self.check()

    def check(self):
        for exchange in exchanges(self.sent, self.got):
            self.description.check(exchange)
        self.sent, self.got = bytearray(), bytearray()
