"""Somebody who follows server-sent events: the bytes of a stream, taken apart as they come."""
import json
import select
import socket

from http_probe import lines, split


class Event:
    def __init__(self, block):
        self.id, self.name, self.data, self.retry, self.comment = None, 'message', None, None, False
        for line in block.split('\n'):
            name, _, value = line.partition(': ')
            if line.startswith(':'):
                self.comment = True
            elif name == 'id':
                self.id = int(value)
            elif name == 'event':
                self.name = value
            elif name == 'retry':
                self.retry = int(value)
            elif name == 'data':
                assert self.data is None, block
                self.data = value
            else:
                raise AssertionError('no field of an event: %r' % line)

    @property
    def value(self):
        return json.loads(self.data)

    def __repr__(self):
        return '%s %s %s' % (self.id, self.name, self.data)


class EventStream:
    """`with EventStream(server, '/events') as s:` a stream that must begin; .preface is its first
    block, which has no data."""

    def __init__(self, server, path, *fields, buffer=None):
        self.socket = server.connect()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.sendall(('GET %s HTTP/1.1\nHost: localhost\n%s\n' % (path, lines(fields)))
                            .replace('\n', '\r\n').encode())
        self.raw, self.text, self.ended = b'', '', False
        while b'\r\n\r\n' not in self.raw:
            self.receive()
        head, _, self.raw = self.raw.partition(b'\r\n\r\n')
        self.status, self.fields, _ = split(head + b'\r\n\r\n')
        assert self.status == 200, (self.status, self.raw)
        assert self.fields['content-type'] == 'text/event-stream', self.fields
        assert self.fields['transfer-encoding'] == 'chunked', self.fields
        self.preface = self.block()
        assert self.preface.retry and self.preface.data is None, self.preface

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def receive(self):
        piece = self.socket.recv(65536)
        assert piece, 'the stream broke off'
        self.raw += piece

    def chunk(self):
        """Takes one chunk off the connection; the last one ends the stream."""
        while b'\r\n' not in self.raw:
            self.receive()
        size, _, self.raw = self.raw.partition(b'\r\n')
        n = int(size, 16)
        while len(self.raw) < n + 2:
            self.receive()
        self.text += self.raw[:n].decode()
        assert self.raw[n:n + 2] == b'\r\n', self.raw
        self.raw = self.raw[n + 2:]
        self.ended = n == 0

    def block(self):
        """The next event, comment or preface; None: the stream has ended well."""
        while '\n\n' not in self.text:
            if self.ended:
                assert self.text == '', self.text
                return None
            self.chunk()
        block, _, self.text = self.text.partition('\n\n')
        return Event(block)

    def next(self):
        """The next event that is no comment; None: the end."""
        event = self.block()
        while event is not None and event.comment:
            event = self.block()
        return event

    def take(self, n):
        return [self.next() for _ in range(n)]

    def until(self, condition):
        """The first event of which it holds; the end is an error."""
        while True:
            event = self.next()
            assert event is not None, 'the stream ended'
            if condition(event):
                return event

    def quiet(self, seconds=0.0):
        """Has nothing come?"""
        return not self.text and not self.raw and \
            not select.select([self.socket], [], [], seconds)[0]


def journal_lines(directory):
    """The lines of an export, as they stand."""
    with open(directory + '/journal.jsonl', encoding='ascii') as f:
        return f.read().splitlines()
