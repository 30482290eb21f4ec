"""An experiment's server as provers meet it, with the faults that a test wants: resets, lost answers,
answers that end early. What it accepts is a proof that is the batch's sha256 in hex."""
import base64
import hashlib
import http.server
import json
import re
import socket
import struct
import sys
import threading
import urllib.parse

EXAMPLE = b'the example batch'


def proof_of(batch):
    return hashlib.sha256(batch).hexdigest().encode()


def token(*parts):
    return base64.urlsafe_b64encode(hashlib.sha256(repr(parts).encode()).digest()[:18]).decode()


class MockMarket:
    """`with MockMarket(batches, 'alice') as m:` m.url; m.submissions: bodies that were accepted;
    m.asked: (method, path, header fields) of every request; m.faults: a list of (start, what), each
    used once, by the first request whose "METHOD /path" begins with start. `what`:

        'reset'         nothing is done, the connection is reset
        'lost'          all is done, and the answer does not come
        ('cut', n)      n bytes of the answer's body, then the connection ends
        ('hang', n)     all is done; n bytes of the answer's body (None: not even its head), then nothing:
                        m.hung is set
        'hang'          nothing is done, and nothing comes: m.hung is set
        (status, text)  answered so, with Retry-After: 1 where it is a 503; nothing is done"""

    def __init__(self, batches, *participants, faults=()):
        self.batches, self.faults = list(batches), list(faults)
        self.participants = {name: {} for name in participants or ('alice',)}  # request id: state
        self.requests, self.submissions, self.asked, self.refused = [], [], [], 0
        self.failures = []  # (request id, what their provers said)
        self.bodies = {}  # request id: the body that was accepted
        self.lock = threading.Lock()
        self.hung, self.over = threading.Event(), threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def log_message(self, *_):
                pass

            def do_GET(self):
                outer.serve(self)

            do_POST = do_PUT = do_HEAD = do_GET

        class Quiet(http.server.ThreadingHTTPServer):
            def handle_error(self, request, address):  # clients that are killed, mostly
                if not isinstance(sys.exc_info()[1], OSError):
                    super().handle_error(request, address)

        self.server = Quiet(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.url = 'http://127.0.0.1:%d' % self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()

    # ---- what it is asked ----

    def serve(self, h):
        body = h.rfile.read(int(h.headers.get('Content-Length') or 0))
        with self.lock:
            self.asked.append((h.command, h.path, dict(h.headers)))
            fault = self.take_fault('%s %s' % (h.command, re.sub('/+', '/', h.path)))
            if fault == 'reset':
                h.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                h.connection.close()
                h.close_connection = True
                return
            if fault and isinstance(fault[0], int):
                answer = (*fault, {'Retry-After': '1'} if fault[0] == 503 else {})
            elif fault != 'hang':
                answer = self.answer(h, body)
        if fault == 'lost':
            h.connection.shutdown(socket.SHUT_RDWR)
            h.close_connection = True
        elif fault == 'hang' or fault == ('hang', None):
            self.hang(h)
        elif fault and fault[0] in ('cut', 'hang'):
            self.send(h, *answer, cut=fault[1])
            if fault[0] == 'hang':
                self.hang(h)
        else:
            self.send(h, *answer)

    def hang(self, h):
        h.wfile.flush()
        self.hung.set()
        self.over.wait(60)
        h.close_connection = True

    def take_fault(self, request):
        for i, (start, what) in enumerate(self.faults):
            if request.startswith(start):
                del self.faults[i]
                return what
        return None

    @staticmethod
    def send(h, status, body, fields, cut=None):
        body = body if isinstance(body, bytes) else body.encode()
        h.send_response(status)
        h.send_header('Content-Length', str(len(body)))
        for name, value in fields.items():
            h.send_header(name, value)
        h.end_headers()
        if h.command != 'HEAD':
            h.wfile.write(body if cut is None else body[:cut])
        if cut is not None:
            h.close_connection = True

    def answer(self, h, body):
        path, _, query = h.path.partition('?')
        path = re.sub('/+', '/', path).strip('/')
        if path.startswith('static/'):
            return self.static(h, path)
        who = urllib.parse.parse_qs(query).get('participant_id', [''])[0]
        if who not in self.participants:
            return 422, 'participant %s does not exist' % who, {}
        if (h.command, path) == ('GET', 'get_batch'):
            return self.get_batch(who)
        if (h.command, path) in (('POST', 'submit_proof'), ('POST', 'get_batch')):
            return self.submit(who, body)
        return 404, 'not found', {}

    def get_batch(self, who):
        mine = self.participants[who]
        number = next((n for n, done in mine.items() if not done), None)
        if number is None:
            if len(mine) == len(self.batches):
                return 429, 'no more batches left to prove', {}
            self.requests.append((who, len(mine)))
            number = len(self.requests)
            mine[number] = False
        document = {'batch_file': 'static/%s/%s' % (token(who), token(who, number)), 'request_id': number}
        return 200, json.dumps(document), {'Content-Type': 'application/json'}

    def static(self, h, path):
        files = {'static/%s/%s' % (token(who), token(who, n)): self.batches[self.requests[n - 1][1]]
                 for who, mine in self.participants.items() for n in mine}
        files['static/example-batch.bin'] = EXAMPLE
        files['static/example-proof.bin'] = proof_of(EXAMPLE)
        data = files.get(path)
        if data is None:
            return 404, 'not found', {}
        fields = {'Accept-Ranges': 'bytes', 'ETag': '"%s"' % hashlib.sha256(data).hexdigest()}
        found = re.fullmatch(r'bytes=(\d+)-', h.headers.get('Range') or '')
        if found is None:
            return 200, data, fields
        first = int(found[1])
        if first >= len(data):
            return 416, '', {**fields, 'Content-Range': 'bytes */%d' % len(data)}
        fields['Content-Range'] = 'bytes %d-%d/%d' % (first, len(data) - 1, len(data))
        return 206, data[first:], fields

    def submit(self, who, body):
        try:
            document = json.loads(body)
        except ValueError:
            return 400, 'malformed JSON', {}
        number = document.get('request_id')
        done = self.participants[who].get(number)
        if self.bodies.get(number) == body:
            return 200, 'proof submitted successfully', {}
        if done is not False:
            return 422, 'request %s does not exist' % number, {}
        if 'error' in document:
            self.failures.append((number, document['error']))
            return 200, 'failure recorded', {}
        for name in ('proving_time', 'cost', 'price'):
            if isinstance(document.get(name), bool) or not isinstance(document.get(name), (int, float)):
                return 422, 'invalid field %s' % name, {}
        if base64.b64decode(document['proof_data']) != proof_of(self.batches[self.requests[number - 1][1]]):
            self.refused += 1
            return 422, 'invalid proof', {}
        self.participants[who][number] = True
        self.bodies[number] = body
        self.submissions.append(document)
        return 200, 'proof submitted successfully', {}
