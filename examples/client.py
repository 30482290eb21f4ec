#!/usr/bin/env python3
"""A whole client of a prover experiment, with nothing but Python's standard library:

    python3 client.py participant-id http://host:port

One run proves one batch: it asks which, has compute-proof-stub.sh (beside this file; --prover names
another) compute the proof, and hands that in. Run it again for the next one. docs/PROVERS.md says what
cost, price and proving_time are, and what `convoke prove` does beyond this: downloads that go on where
they broke off, runs without end, a proof that was paid for and survives a loss of power.

Ends with 0 accepted, 2 wrong call, 3 nobody knows this participant, 4 no batch is left, 5 the proof was
refused, 6 the prover failed, 7 no connection, 8 the server failed."""
import argparse
import base64
import hashlib
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

STRANGER, FINISHED, REFUSED, PROVER_FAILED, NO_CONNECTION, SERVER_FAILED = range(3, 9)
ATTEMPTS = 6      # with waits of 1, 2, 4, 8, 16 seconds between them, or what the server asks for
TIMEOUT_S = 300   # without a byte: a server may take its time to verify


def end(status, message):
    print(message, file=sys.stderr)
    sys.exit(status)


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirected POST would arrive as a GET, without the proof, and be answered 200."""

    def redirect_request(self, *_):
        return None


HTTP = urllib.request.build_opener(NoRedirects)


def ask(url, body=None):
    """(status, text). A lost connection and a busy server are tried again: both calls may be
    repeated, and a submission that has been accepted is accepted again."""
    wait = 1.0
    for left in reversed(range(ATTEMPTS)):
        request = urllib.request.Request(url, body, {'Content-Type': 'application/json'} if body else {})
        try:
            with HTTP.open(request, timeout=TIMEOUT_S) as answer:
                return answer.status, answer.read().decode(errors='replace')
        except urllib.error.HTTPError as e:
            text = e.read().decode(errors='replace')
            if e.code < 500 or left == 0:
                return e.code, text
            asked = e.headers.get('Retry-After') or ''
            pause, why = float(asked) if asked.isdigit() else wait, 'HTTP status %d' % e.code
        except (OSError, http.client.HTTPException) as e:  # URLError, timeouts, resets, half an answer
            if left == 0:
                end(NO_CONNECTION, 'No connection: %s' % e)
            pause, why = wait, str(e)
        print('Trying again: %s' % why, file=sys.stderr)
        time.sleep(pause * random.uniform(0.75, 1.25))
        wait *= 2


def next_batch(args):
    print('Requesting batch.')
    status, text = ask('%s/get_batch/?%s' % (args.url, args.query))
    if status != 200:
        finished = status == 429 and text.startswith('no more batches')  # gateways say 429 too
        end(STRANGER if status == 422 else FINISHED if finished else SERVER_FAILED,
            'Batch request failed (HTTP status %d): %s' % (status, text))
    try:
        batch = json.loads(text)
        request_id, path = batch['request_id'], batch['batch_file']
    except (ValueError, KeyError, TypeError):
        end(SERVER_FAILED, 'Batch request failed: no batch in the answer: %s' % text)
    print('Received response:\n%s' % batch)
    return request_id, '%s/%s' % (args.url, path)


def prove(args, request_id, batch_url):
    """The submission: what the prover says of itself in $PM_META counts before the options."""
    with tempfile.TemporaryDirectory() as folder:
        meta = os.path.join(folder, 'meta.json')
        began = time.monotonic()
        try:
            prover = subprocess.run([args.prover, batch_url], stdout=subprocess.PIPE, check=False,
                                    env={**os.environ, 'PM_META': meta})
        except OSError as e:
            end(PROVER_FAILED, 'The prover does not start: %s' % e)
        took_ms = max(1, round(1000 * (time.monotonic() - began)))
        if prover.returncode != 0 or not prover.stdout:
            end(PROVER_FAILED, 'The prover failed (status %d).' % prover.returncode)
        fields = {'request_id': request_id, 'proof_data': base64.b64encode(prover.stdout).decode(),
                  'proving_time': took_ms, 'cost': args.cost, 'price': args.price,
                  'deployment_version': args.deployment, 'acceleration': args.acceleration}
        if os.path.exists(meta):
            try:
                with open(meta, encoding='utf-8') as f:
                    fields.update(json.load(f))
            except ValueError as e:
                end(PROVER_FAILED, 'The prover wrote no JSON to $PM_META: %s' % e)
    if fields['cost'] is None or fields['price'] is None:
        end(PROVER_FAILED, 'What does a proof cost? Give --cost and --price, or write them to $PM_META.')
    if fields['price'] < fields['cost']:
        print('Note: the price is below the cost.', file=sys.stderr)
    return json.dumps(fields).encode()


def kept_submission(args, request_id):
    """A proof is money: it lies in a file until the server has answered, and the next run finds it."""
    whose = hashlib.sha256(('%s %s %s' % (args.url, args.participant, request_id)).encode())
    return 'submission-%s.json' % whose.hexdigest()[:16]


def keep(path, body):
    with open(path + '.new', 'wb') as f:
        f.write(body)
        f.flush()
        os.fsync(f.fileno())
    os.replace(path + '.new', path)


def submit(args, body):
    print('Submitting proof.')
    status, text = ask('%s/submit_proof/?%s' % (args.url, args.query), body)
    print('Received response:\n%s' % text)
    if status == 200 and not text.startswith('proof submitted successfully'):
        end(SERVER_FAILED, 'That is no answer of an experiment; run me again: the proof is kept.')
    return status


def cents(text):
    value = float(text)
    if not 0 <= value < float('inf'):
        raise ValueError(text)
    return int(text) if text.isdigit() else value


def main():
    parser = argparse.ArgumentParser(description='Proves one batch of an experiment.')
    parser.add_argument('participant', metavar='participant-id')
    parser.add_argument('url', metavar='http://host:port')
    parser.add_argument('--prover', default=os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                                         'compute-proof-stub.sh'))
    parser.add_argument('--cost', type=cents, help='US cents a proof, where the prover does not say')
    parser.add_argument('--price', type=cents, help='the least you would prove it for, in US cents')
    parser.add_argument('--deployment', default='1', help='which machines and programs of yours')
    parser.add_argument('--acceleration', default='NONE', choices=['GPU', 'FPGA', 'ASIC', 'NONE'])
    args = parser.parse_args()
    args.url = args.url.rstrip('/')
    args.query = urllib.parse.urlencode({'participant_id': args.participant})

    request_id, batch_url = next_batch(args)
    kept = kept_submission(args, request_id)
    if os.path.exists(kept):
        print('Found a proof that an earlier run made.')
        with open(kept, 'rb') as f:
            body = f.read()
    else:
        body = prove(args, request_id, batch_url)
        keep(kept, body)
    status = submit(args, body)
    if status == 200:
        os.remove(kept)
        sys.exit(0)
    if status in (400, 413, 422):
        os.replace(kept, kept + '.refused')
        end(REFUSED, 'Refused (HTTP status %d); the submission is in %s.refused' % (status, kept))
    end(SERVER_FAILED, 'Not submitted (HTTP status %d); run me again: the proof is kept.' % status)


if __name__ == '__main__':
    main()
