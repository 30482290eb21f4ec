"""The sign-in page in a real browser, with a wallet of the test's own (browser_sign_in.mjs). Skipped where
there is no Chromium, or no Node that is new enough for its driver."""
import contextlib
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
import urllib.error
import urllib.request

from kzg_server import KzgServer, query_of, tap
from wallet import Wallet, invite

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, '..', '..')
NODE_LEAST = 20  # of the driver
WAIT_S = 120


def needs():
    """(node, chromium)"""
    node, chromium = shutil.which('node'), shutil.which('chromium')
    if node is None:
        raise tap.Skip('no node')
    version = subprocess.run([node, '--version'], capture_output=True, text=True, check=True).stdout
    if int(re.match(r'v(\d+)', version)[1]) < NODE_LEAST:
        raise tap.Skip('node %s is too old for the browser\'s driver (%d)' % (version.strip(), NODE_LEAST))
    if chromium is None:
        raise tap.Skip('no chromium (tools/setup --test installs it)')
    if not os.path.isdir(os.path.join(ROOT, 'node_modules', 'playwright-core')):
        raise tap.Skip('no playwright-core (npm ci)')
    return node, chromium


def browse(link, wallet, secret='-', refused=None):
    """What the browser saw at the link; nothing went wrong in it but the page's refusal by this status."""
    node, chromium = needs()
    result = subprocess.run([node, os.path.join(HERE, 'browser_sign_in.mjs'), chromium, link, wallet, secret],
                            capture_output=True, text=True, check=False, timeout=WAIT_S,
                            stdin=subprocess.DEVNULL)
    assert result.returncode == 0, result.stderr
    seen = json.loads(result.stdout)
    expected = ['status of %d' % refused] if refused else []
    assert len(seen['complaints']) == len(expected), seen
    assert all(e in c for e, c in zip(expected, seen['complaints'])), seen
    return seen


@contextlib.contextmanager
def listener(answer):
    """A server of this process on a free port; `answer` is what it does with a request."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            answer(self)

        do_POST = do_GET

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def say_hello(request):
    body = b'hello'
    request.send_response(200)
    request.send_header('Content-Length', str(len(body)))
    request.end_headers()
    request.wfile.write(body)


def link_of(s, redirect=None):
    """The page's address as somebody gets it who asks the server under its own."""
    query = '?redirect_to=' + redirect if redirect else ''
    with urllib.request.urlopen(s.url + '/auth/request_link' + query, timeout=WAIT_S) as reply:
        return json.load(reply)['eth_auth_url']


# ---- it works ----

def a_wallet_signs_in_and_the_browser_is_led_back():
    needs()
    with KzgServer() as s, listener(say_hello) as port:
        w = Wallet()
        invite(s, w)
        back = 'http://localhost:%d/back' % port

        seen = browse(link_of(s, back), 'ethereum', w.secret)

        assert seen['url'].startswith(back + '?') and seen['text'] == 'hello', seen
        got = query_of(seen['url'])
        assert got['sub'] == w.identity and got['provider'] == 'Ethereum', got
        s.take_turn(got['session_id'])
        server = '127.0.0.1:%d' % s.port
        assert set(seen['hosts']) == {server, 'localhost:%d' % port}, 'nothing comes from elsewhere'
        assert [a['method'] for a in seen['asked']] == ['eth_requestAccounts', 'personal_sign'], seen
        message = bytes.fromhex(seen['asked'][1]['params'][0][2:]).decode()
        assert message.startswith('%s wants you to sign in with your Ethereum account:\n%s\n\n' %
                                  (server, w.address)), message


def what_the_browser_sent_signs_in_once():
    needs()
    with KzgServer('wallets=any') as s:
        seen = browse(link_of(s), 'ethereum', Wallet().secret)
        assert 'Signed in' in seen['text'] and 'session id' in seen['text'], seen
        sent, = seen['forms']
        try:
            urllib.request.urlopen(sent['url'], sent['body'].encode(), timeout=WAIT_S)
            raise AssertionError('the same form signs in twice')
        except urllib.error.HTTPError as refusal:
            assert refusal.code == 401, refusal
            assert json.load(refusal)['code'] == 'AuthErrorPayload::InvalidNonce', refusal


def a_wallet_that_announces_itself_is_offered_by_its_name():
    needs()
    with KzgServer('wallets=any') as s:
        seen = browse(link_of(s), 'announced', Wallet().secret)
        assert seen['button'] == 'Sign in with Test <b>Wallet</b>', seen
        assert 'Signed in' in seen['text'], seen


def the_page_works_under_a_path_of_a_proxy():
    needs()

    def forward(request):
        """What the proxy does: /kzg/... is the server's /..."""
        n = int(request.headers.get('Content-Length', 0))
        fields = {k: v for k, v in request.headers.items() if k.lower() in ('content-type', 'accept')}
        asked = urllib.request.Request(s.url + request.path.removeprefix('/kzg'), headers=fields,
                                       data=request.rfile.read(n) if n else None)
        with urllib.request.urlopen(asked, timeout=WAIT_S) as reply:
            body = reply.read()
        request.send_response(reply.status)
        for name in ('Content-Type', 'Content-Security-Policy'):
            if reply.headers[name]:
                request.send_header(name, reply.headers[name])
        request.send_header('Content-Length', str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    with listener(forward) as port:
        public = 'http://127.0.0.1:%d/kzg' % port
        with KzgServer('wallets=any', options=['--public-url', public]) as s:
            link = link_of(s)
            assert link.startswith(public + '/auth/sign_in?'), link
            seen = browse(link, 'ethereum', Wallet().secret)
            assert 'Signed in' in seen['text'], seen
            assert set(seen['hosts']) == {'127.0.0.1:%d' % port}, seen


# ---- it says why not ----

def who_refuses_in_the_wallet_is_told_so_and_may_try_again():
    needs()
    with KzgServer('wallets=any') as s:
        link = link_of(s)
        seen = browse(link, 'refuses', Wallet().secret)
        assert 'You refused in your wallet' in seen['says'] and seen['mayTryAgain'], seen
        assert seen['url'] == link and seen['forms'] == [], seen


def people_are_told_what_hinders_their_wallet():
    needs()
    with KzgServer('wallets=any') as s:
        assert 'No wallet was found' in browse(link_of(s), 'none')['says']
        assert 'unlock it' in browse(link_of(s), 'locked', Wallet().secret)['says']
        assert 'smart account' in browse(link_of(s), 'contract', Wallet().secret)['says']


def what_the_server_refuses_is_shown_on_a_page():
    needs()
    with KzgServer() as s:
        assert 'not invited' in browse(link_of(s), 'ethereum', Wallet().secret, 403)['text']
        w = Wallet()
        invite(s, w)
        assert 'not signed by the key' in browse(link_of(s), 'changed', w.secret, 401)['text']


def without_javascript_an_invitation_signs_in():
    needs()
    with KzgServer() as s:
        seen = browse(link_of(s), 'typed', s.invite()[0])
        assert not seen['walletShown'] and 'Signed in' in seen['text'], seen


tap.main(
    a_wallet_signs_in_and_the_browser_is_led_back,
    what_the_browser_sent_signs_in_once,
    a_wallet_that_announces_itself_is_offered_by_its_name,
    the_page_works_under_a_path_of_a_proxy,
    who_refuses_in_the_wallet_is_told_so_and_may_try_again,
    people_are_told_what_hinders_their_wallet,
    what_the_server_refuses_is_shown_on_a_page,
    without_javascript_an_invitation_signs_in,
)
