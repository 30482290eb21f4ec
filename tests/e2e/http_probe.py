"""Starts a test server of tests/e2e (or convoke itself) and talks to it in raw bytes."""
import os
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
from recorded import Recorded  # noqa: E402

TCP_FIN_WAIT1 = 4  # our end is closed, and the other side has not acknowledged it yet
PATIENCE = 60  # seconds until a test gives up; nothing waits so long when all is well


class Server:
    """A server process that prints its port on the first line of its standard output."""

    described = False  # by api/openapi.yaml: then all that goes over `connect` is held against it

    def __init__(self, *command, env=None, log=None, tls=None):
        self.tls = tls  # an ssl.SSLContext: it speaks TLS
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=log, env={**os.environ, **(env or {})})
        self.port = int(self.process.stdout.readline())

    def connect(self):
        s = socket.create_connection(('127.0.0.1', self.port), timeout=PATIENCE)
        if self.tls:
            s = self.tls.wrap_socket(s, server_hostname='localhost')
        return Recorded(s) if self.described else s

    def raw(self, data, pieces=None):
        """Sends bytes (then each of `pieces`), returns all that comes until the server closes."""
        with self.connect() as s:
            s.sendall(data)
            for piece in pieces or []:
                s.sendall(piece)
            return read_all(s)

    def request(self, head, body=b''):
        """One request on a connection of its own: (status, header fields, body)."""
        return split(self.raw(head.replace('\n', '\r\n').encode() + b'Connection: close\r\n\r\n' + body))

    def get(self, path, *fields):
        return self.request('GET %s HTTP/1.1\nHost: localhost\n%s' % (path, lines(fields)))

    def post(self, path, *fields, body=b''):
        return self.request('POST %s HTTP/1.1\nHost: localhost\nContent-Length: %d\n%s' %
                            (path, len(body), lines(fields)), body)

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self):
        """Its exit status; what a sanitizer found makes it other than 0."""
        self.process.stdin.close()
        status = self.process.wait(timeout=PATIENCE)
        self.process.stdout.close()
        return status


def lines(fields):
    return ''.join(f + '\n' for f in fields)


def read_all(s):
    got = []
    while True:
        try:
            piece = s.recv(65536)
        except ConnectionResetError:
            break
        if not piece:
            break
        got.append(piece)
    return b''.join(got)


def read_reply(s):
    """One reply with a Content-Length from a connection that stays open."""
    got = b''
    while b'\r\n\r\n' not in got:
        piece = s.recv(65536)
        if not piece:
            return split(got)
        got += piece
    head, _, body = got.partition(b'\r\n\r\n')
    length = int(split(head + b'\r\n\r\n')[1].get('content-length', '0'))
    while len(body) < length:
        piece = s.recv(65536)
        if not piece:
            break
        body += piece
    return split(head + b'\r\n\r\n' + body)


def split(reply):
    if not reply:
        return 0, {}, b''
    head, _, body = reply.partition(b'\r\n\r\n')
    first, *rest = head.decode('latin-1').split('\r\n')
    fields = {}
    for line in rest:
        name, _, value = line.partition(':')
        fields[name.lower()] = value.strip()
    return int(first.split()[1]), fields, body


def hang_up(s):
    """Closes a connection, and does not return before the server's kernel has heard of it."""
    s.shutdown(socket.SHUT_RDWR)
    until(lambda: s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != TCP_FIN_WAIT1)
    s.close()


def until(condition):
    """Waits for what another thread or process is about to do."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, 'it did not happen'
        time.sleep(0.01)


def program(name):
    return os.path.join(os.environ['BUILD_DIR'], 'tests', 'e2e', name)
