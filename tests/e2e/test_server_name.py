"""Whom people sign in to. What somebody signs names the server that they mean; a site that they mean
instead may pass its name on to us as Host, and must gain nothing by it."""
import json

from kzg_server import JSON, KzgServer, compact, error, form, lines, query_of, tap
from wallet import Wallet, eth, invite

HERE = 'https://ceremony.example.org'
ELSEWHERE = ('evil.example', 'evil.example:3000', '127.0.0.1.evil.example', 'localhost.evil.example',
             '192.0.2.7', '192.0.2.7:3000', '[2001:db8::7]', '0.0.0.0')
UNNAMED = (400, error('AuthErrorPayload::UnknownServerName',
                      'this server was reached by a name that it does not know as its own: its '
                      'operator must give --public-url'))


def called(s, host, method, path, *fields, body=b''):
    """(status, value) of a request to the server under this name."""
    head = '%s %s HTTP/1.1\nHost: %s\nContent-Length: %d\n%s' % (method, path, host, len(body),
                                                                 lines(fields))
    status, _, text = s.request(head, body)
    return status, json.loads(text)


def login_as(s, w, host, **changed):
    """By a wallet, for a message that names `host`, as a site of that name would pass it on."""
    parts = called(s, 'localhost', 'GET', '/auth/nonce')[1]
    message = w.message(parts, **{'domain': host, 'uri': 'http://' + host, **changed})
    return called(s, host, 'POST', '/login', JSON,
                  body=compact({'message': message, 'signature': w.sign(message)}))


def callback_as(s, host):
    """By the key of an invitation."""
    key = s.invite()[0].strip().rpartition(':')[2]
    state = query_of(s.links()['eth_auth_url'])['state']
    text = 'convoke sign-in\nI want to take part in a ceremony.\nserver: %s\nstate: %s'
    query = form(code=eth.personal_sign(key, text % (host, state)), state=state).decode()
    return called(s, host, 'GET', '/auth/callback/eth?' + query)


def what_was_signed_for_another_site_signs_nobody_in_under_its_name():
    with KzgServer() as s:
        w = Wallet()
        invite(s, w)
        for host in ELSEWHERE:
            assert login_as(s, w, host) == UNNAMED, host
            assert callback_as(s, host) == UNNAMED, host
            assert called(s, host, 'GET', '/auth/nonce') == UNNAMED, host
        assert w.sign_in(s)[0] == 200


def the_address_of_a_server_is_its_name():
    with KzgServer() as s:
        w = Wallet()
        invite(s, w)
        for host in ('127.0.0.1:%d' % s.port, 'localhost:%d' % s.port, 'LOCALHOST', '127.0.0.1'):
            assert login_as(s, w, host, domain=host.lower())[0] == 200, host
            assert callback_as(s, host.lower())[0] == 200, host


def a_server_that_was_told_its_name_is_called_so_whatever_it_is_asked_as():
    with KzgServer(options=['--public-url', HERE]) as s:
        w = Wallet()
        invite(s, w)
        parts = called(s, 'evil.example', 'GET', '/auth/nonce')[1]
        assert (parts['domain'], parts['uri']) == ('ceremony.example.org', HERE), parts
        status, answer = login_as(s, w, 'evil.example')
        assert (status, answer['code']) == (401, 'AuthErrorPayload::WrongDomain'), answer
        assert login_as(s, w, 'evil.example', domain='ceremony.example.org', uri=HERE)[0] == 200


def who_pastes_an_invitation_needs_no_name():
    with KzgServer() as s:
        invitation = s.invite()[0]
        state = query_of(s.links()['eth_auth_url'])['state']
        query = form(code=invitation, state=state).decode()
        assert called(s, 'lan-name:8080', 'GET', '/auth/callback/eth?' + query)[0] == 200


if __name__ == '__main__':
    tap.main(what_was_signed_for_another_site_signs_nobody_in_under_its_name,
             the_address_of_a_server_is_its_name,
             a_server_that_was_told_its_name_is_called_so_whatever_it_is_asked_as,
             who_pastes_an_invitation_needs_no_name)
