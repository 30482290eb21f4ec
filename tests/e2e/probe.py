"""The test server of src/http alone (probe_server.c), and clients of its paths."""
import json

from http_probe import Server, hang_up, program

MIB = 1 << 20
BODY_MAX = 10 * MIB
HELLO = b'GET /hello HTTP/1.1\r\nHost: h\r\n\r\n'
STREAM = b'GET /stream HTTP/1.1\r\nHost: h\r\n\r\n'
EMPTY = b'Host: h\r\nContent-Length: 0\r\n\r\n'  # the rest of a POST without a body


def start(head_ms=600000, upload_ms=600000, discard_ms=600000, window_ms=600000, rate=1,
          body_max=BODY_MAX, **more):
    return Server(program('probe_server'), *(str(n) for n in (head_ms, upload_ms, discard_ms,
                                                             window_ms, rate, body_max)), **more)


class Running:
    """`with Running() as s:` and at the end it must have stopped cleanly."""

    def __init__(self, **limits):
        self.limits = limits

    def __enter__(self):
        self.server = self.start()
        return self.server

    def start(self):
        return start(**self.limits)

    def __exit__(self, kind, *_):
        if kind is not None:
            self.server.process.kill()
        status = self.server.wait()
        assert kind is not None or status == 0, 'the server ended with status %d' % status


def report(s):
    return json.loads(s.get('/report')[2])


def counters(s):
    return json.loads(s.get('/counters')[2])


class Stream:
    """A client of /stream: its lines as they come."""

    def __init__(self, s, request=STREAM):
        self.socket = s.connect()
        self.socket.sendall(request)
        self.file = self.socket.makefile('rb')
        self.status = int(self.file.readline().split()[1])
        self.fields = {}
        while (line := self.file.readline()) != b'\r\n':
            name, _, value = line.decode().partition(':')
            self.fields[name.lower()] = value.strip()

    def chunk(self):
        size = int(self.file.readline(), 16)
        data = self.file.read(size)
        assert self.file.readline() == b'\r\n'
        return data

    def lines(self, n):
        """The next n lines (they may be any number of chunks), or all until the end."""
        data = b''
        while data.count(b'\n') < n:
            piece = self.chunk()
            if not piece:
                break
            data += piece
        return data.split()

    def close(self):
        self.file.close()
        self.socket.close()

    def hang_up(self):
        self.file.close()
        hang_up(self.socket)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def numbers(first, last):
    return [b'%d' % i for i in range(first, last + 1)]
