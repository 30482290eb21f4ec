"""What the emulated clients (clients/) refuse, so that a ceremony with them means something: each
meets a server whose answers differ from the original's by the one thing that it cannot bear."""
import http.server
import json
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from clients.base import Clock, Fatal  # noqa: E402
from clients.chotto import Chotto  # noqa: E402
from clients.cli import Cli, Panic  # noqa: E402
from clients.cpp import Cpp  # noqa: E402
from clients.czg import Czg  # noqa: E402
from clients.golang import Arnaucube, Jsign  # noqa: E402
from clients.library import Refused  # noqa: E402
from clients.nethermind import Nethermind  # noqa: E402
from clients.web import HOME, Hidden, Web  # noqa: E402
from kzg_server import vectors  # noqa: E402

ALL = (Web, Cpp, Jsign, Arnaucube, Chotto, Nethermind, Czg, Cli)
BUSY = {'code': 'TryContributeError::AnotherContributionInProgress',
        'error': 'another contribution in progress'}
RECEIPT = {'receipt': '{"identity":"x","witness":[]}', 'signature': '00'}
FREE = {'Access-Control-Allow-Origin': '*',
        'Access-Control-Allow-Headers': 'authorization, content-type'}
TURN, GIVE = '/lobby/try_contribute', '/contribute'


class Canned:
    """`with Canned({path: value}) as s:` a server that gives these answers, as JSON, or bytes as
    they are; with `status` and further or other `fields`."""
    sizes = '4,3:8,3:16,3'

    def __init__(self, answers, status=200, fields=None):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def log_message(self, *_):
                pass

            def do_POST(self):
                self.rfile.read(int(self.headers['Content-Length']))
                self.do_GET()

            def do_OPTIONS(self):
                self.answer(204, b'')

            def do_GET(self):
                value = answers[self.path.split('?')[0].rstrip('/')]
                text = value if isinstance(value, bytes) else json.dumps(value).encode()
                self.answer(status, text)

            def answer(self, code, body):
                self.send_response(code)
                for name, value in {'Content-Type': 'application/json', **FREE,
                                    **(fields or {})}.items():
                    self.send_header(name, value)
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.port = self.server.server_address[1]
        self.invitation = 'convoke-invitation-v1:' + '11' * 32

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Visitor:
    """Whom the sign-in leads to `location`."""
    identity, key = 'eth|0x' + '1' * 40, '11' * 32

    def __init__(self, location=''):
        self.location = location

    def sign_in(self, link):
        return self.location


def meets(kind, answers, step='wait_for_turn', person=None, **more):
    """What becomes of a step of a client at such a server: what it raises, or None. A client that
    would wait is stopped: Fatal('the test is over')."""
    with Canned(answers, **more) as s:
        clock = Clock(1)
        clock.over.set()
        client = kind(s, person or Visitor(), clock)
        client.session, client.sent = 'x', {'contributions': []}
        try:
            getattr(client, step)()
        except (Fatal, Panic, Hidden, Refused) as why:
            return why
        return None


def is_refused(why, text=''):
    return why is not None and str(why) != 'the test is over' and text in str(why)


def waits(why):
    return str(why) == 'the test is over'


def base():
    return vectors()['base_0']


def every_client_takes_the_original_answers():
    for kind in ALL:
        assert meets(kind, {TURN: base()}) is None, kind
        assert waits(meets(kind, {TURN: BUSY, '/info/status': {'lobby_size': 1}})), kind
        assert meets(kind, {GIVE: RECEIPT, '/info/status': {'num_contributions': 1}},
                     'hand_in') is None, kind


def a_further_key_in_an_error_ends_the_java_client():
    assert is_refused(meets(Chotto, {TURN: dict(BUSY, position=3)}), 'an object of')
    for kind in (Web, Cpp, Jsign, Arnaucube, Nethermind, Czg):
        assert waits(meets(kind, {TURN: dict(BUSY, position=3),
                                  '/info/status': {'lobby_size': 1}})), kind


def a_further_key_in_a_receipt_loses_it_for_the_java_client():
    assert is_refused(meets(Chotto, {GIVE: dict(RECEIPT, index=1)}, 'hand_in'), 'an object of')
    assert meets(Jsign, {GIVE: dict(RECEIPT, index=1)}, 'hand_in') is None


def a_further_key_in_a_base_file_ends_those_whose_types_are_closed():
    more = dict(base(), ceremony='x')
    assert is_refused(meets(Chotto, {TURN: more}), 'an object of')
    assert is_refused(meets(Cli, {TURN: more}), 'an object of')
    within = base()
    within['contributions'][0]['powersOfTau']['x'] = 1
    assert is_refused(meets(Chotto, {TURN: within}), 'an object of')


def a_further_key_in_a_transcript_ends_the_java_client():
    transcript = dict(vectors()['transcript_0'])
    assert meets(Chotto, {'/info/current_state': transcript}, 'read_transcript') is None
    transcript['index'] = 1
    assert is_refused(meets(Chotto, {'/info/current_state': transcript}, 'read_transcript'))


def upper_case_and_other_counts_fail_the_schemas():
    def shout(c):
        powers = c['powersOfTau']
        powers['G1Powers'] = ['0x' + p[2:].upper() for p in powers['G1Powers']]

    for spoil in (shout, lambda c: c.update(numG1Powers=4.0),
                  lambda c: c['powersOfTau']['G2Powers'].pop()):
        wrong = base()
        spoil(wrong['contributions'][0])
        for kind in (Cpp, Chotto):
            assert is_refused(meets(kind, {TURN: wrong}), 'schema'), kind


def busy_under_another_code_or_text_is_taken_for_a_base_file():
    code, text = dict(BUSY, code='TryContributeError::Busy'), dict(BUSY, error='busy')
    assert is_refused(meets(Cpp, {TURN: code}), 'no contributions')
    assert is_refused(meets(Arnaucube, {TURN: text}), 'no contributions')


def a_busy_answer_that_is_a_400_ends_those_who_know_statuses_only():
    assert is_refused(meets(Nethermind, {TURN: BUSY}, status=400), 'rate limited')
    assert waits(meets(Arnaucube, {TURN: BUSY}, status=400))


def what_is_no_json_ends_the_web_page():
    text = {GIVE: b'length limit exceeded'}
    assert is_refused(meets(Web, text, 'hand_in', status=413), 'not JSON')


def what_another_origin_may_not_read_is_hidden_from_the_web_page():
    for fields in ({'Access-Control-Allow-Origin': 'https://other.example'},
                   {'Access-Control-Allow-Headers': '*'}):
        assert isinstance(meets(Web, {GIVE: RECEIPT}, 'hand_in', fields=fields), Hidden), fields


def a_sign_in_that_lacks_something_fails_in_the_web_page():
    links = {'/info/status': {'lobby_size': 1},
             '/auth/request_link': {'eth_auth_url': 'a', 'github_auth_url': 'b'}}
    whole = HOME + '?session_id=s&sub=x&nickname=n&provider=Ethereum&exp=1'
    assert meets(Web, links, 'sign_in', Visitor(whole)) is None
    for part in ('session_id=s', 'sub=x', 'nickname=n', 'exp=1'):
        lacks = Visitor(whole.replace(part, part.split('=', maxsplit=1)[0] + '='))
        assert is_refused(meets(Web, links, 'sign_in', lacks), 'sign-in failed'), part
    other = Visitor(whole.replace('Ethereum', 'ethereum'))
    assert is_refused(meets(Web, links, 'sign_in', other), 'provider')


def a_receipt_of_another_type_is_not_read_by_the_csharp_client():
    assert is_refused(meets(Nethermind, {GIVE: RECEIPT}, 'hand_in',
                            fields={'Content-Type': 'text/plain'}), 'no JSON')


def compression_that_was_not_asked_for_is_refused():
    fields = {'Content-Encoding': 'gzip'}
    for kind in (Chotto, Nethermind, Cli):
        assert is_refused(meets(kind, {TURN: base()}, fields=fields), 'gzip'), kind


if __name__ == '__main__':
    tap.main(every_client_takes_the_original_answers,
             a_further_key_in_an_error_ends_the_java_client,
             a_further_key_in_a_receipt_loses_it_for_the_java_client,
             a_further_key_in_a_base_file_ends_those_whose_types_are_closed,
             a_further_key_in_a_transcript_ends_the_java_client,
             upper_case_and_other_counts_fail_the_schemas,
             busy_under_another_code_or_text_is_taken_for_a_base_file,
             a_busy_answer_that_is_a_400_ends_those_who_know_statuses_only,
             what_is_no_json_ends_the_web_page,
             what_another_origin_may_not_read_is_hidden_from_the_web_page,
             a_sign_in_that_lacks_something_fails_in_the_web_page,
             a_receipt_of_another_type_is_not_read_by_the_csharp_client,
             compression_that_was_not_asked_for_is_refused)
