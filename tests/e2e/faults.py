"""Networks and servers that misbehave."""
import http.server
import json
import os
import socket
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
from openapi import described  # noqa: E402
from recorded import exchanges  # noqa: E402


class DroppingProxy:
    """Passes bytes on; the first `times` requests that begin with `start` reach the server, and
    their answers never come back."""

    def __init__(self, port, start, times):
        self.target, self.start, self.times, self.dropped = port, start, times, 0
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.url = 'http://127.0.0.1:%d' % self.listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        server = socket.create_connection(('127.0.0.1', self.target))
        state = {'drop': False}
        back = threading.Thread(target=self.answers, args=(server, client, state), daemon=True)
        back.start()
        try:
            while data := client.recv(65536):
                if data.startswith(self.start) and self.dropped < self.times:
                    state['drop'] = True
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def answers(self, server, client, state):
        try:
            while data := server.recv(65536):
                if state['drop'] and not data.startswith(b'HTTP/1.1 100'):
                    self.dropped += 1
                    break
                client.sendall(data)
        except OSError:
            pass
        for s in (client, server):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()


class RecordingProxy(DroppingProxy):
    """Passes everything on, and at its end holds it against api/openapi.yaml. `exchanges` is what it
    heard, connection by connection."""

    def __init__(self, port):
        super().__init__(port, b'', 0)
        self.heard, self.exchanges = [], []

    def __exit__(self, kind, *_):
        super().__exit__()
        for sent, got in self.heard:
            self.exchanges += exchanges(sent, got)
        for exchange in self.exchanges if kind is None else []:
            described().check(exchange)

    def serve(self, client):
        sent, got = bytearray(), bytearray()
        self.heard.append((sent, got))
        super().serve(Overheard(client, sent))

    def answers(self, server, client, state):
        super().answers(Overheard(server, self.heard_by(client)), client, state)

    def heard_by(self, client):
        return next(got for sent, got in self.heard if sent is client.into)


class Overheard:
    """A socket; what is received goes `into` a list of bytes as well."""

    def __init__(self, s, into):
        self.socket, self.into = s, into

    def __getattr__(self, name):
        return getattr(self.socket, name)

    def recv(self, n):
        data = self.socket.recv(n)
        self.into += data
        return data


SESSION = '504d898c-e975-4e13-9a48-4f8b95d754fb'
PERSON = 'eth|0x' + '1' * 40


class LyingServer:
    """Speaks the participant's protocol and gives the challenge and transcript that a test wants;
    `asked` lists what was asked. `answers`: for other paths the answer, or a list of answers, the
    last of which is repeated; (status, value) or a value; bytes go out as they are; what can be
    called is called first."""

    def __init__(self, challenge, transcript, **answers):
        self.asked = []
        self.answers = {
            '/auth/request_link': lambda: {'eth_auth_url': self.url + '/x?state=abc',
                                           'github_auth_url': ''},
            '/auth/callback/eth': {'id_token': {'sub': PERSON, 'exp': 2 ** 64 - 1},
                                   'session_id': SESSION},
            '/info/current_state': transcript,
            '/lobby/try_contribute': challenge,
            '/contribution/abort': {},
        }
        self.answers.update({'/' + k.replace('__', '/'): v for k, v in answers.items()})
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def log_message(self, *_):
                pass

            def answer(self):
                path = self.path.split('?')[0]
                outer.asked.append(path)
                status, value = outer.next_answer(path)
                text = value if isinstance(value, bytes) else json.dumps(value).encode()
                self.send_response(status)
                self.send_header('Content-Type', 'application/json')
                self.send_header('Content-Length', str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def do_GET(self):
                self.answer()

            def do_POST(self):
                self.rfile.read(int(self.headers.get('Content-Length') or 0))
                self.answer()

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = 'http://127.0.0.1:%d' % self.server.server_address[1]

    def next_answer(self, path):
        value = self.answers.get(path, (404, {'code': 'X', 'error': 'no'}))
        if isinstance(value, list):
            value = value.pop(0) if len(value) > 1 else value[0]
        if callable(value):
            value = value()
        return value if isinstance(value, tuple) else (200, value)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
