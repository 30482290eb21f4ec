"""Signing in with an Ethereum wallet (EIP-4361): by programs at POST /login and by the page's form, who
may, and everything that must not work."""
import base64
import datetime
import json
import os

from kzg_server import (BEEN_HERE, FORM, HTML, KzgServer, convoke, done, error, form, query_of,
                        tap, vectors)
from wallet import Wallet, eth, invite, login, nonce

NOT_INVITED = (403, error('AuthErrorPayload::NotInvited',
                          'this address is not invited: ask the ceremony\'s operators'))


def refused(answer, status, code):
    assert answer[0] == status and answer[1]['code'] == 'AuthErrorPayload::' + code, answer
    assert sorted(answer[1]) == ['code', 'error'], answer


def moved(time, **by):
    """An RFC 3339 time some way from this one."""
    at = datetime.datetime.fromisoformat(time.replace('Z', '+00:00')) + datetime.timedelta(**by)
    return at.isoformat().replace('+00:00', 'Z')


# ---- who may ----

def an_invited_wallet_signs_in_and_contributes():
    contribution = vectors()['contribution_A']
    with KzgServer() as s:
        w = Wallet()
        invite(s, w)

        status, answer = w.sign_in(s)

        assert status == 200, answer
        assert answer['participant'] == {'idType': 'ethAddress', 'id': w.address.lower()}, answer
        assert answer['token'] == answer['session_id'], answer
        assert answer['id_token']['sub'] == w.identity, answer
        s.contribute_as(answer['token'], contribution)
        assert s.transcript()['participantIds'] == ['', w.identity]
        assert w.sign_in(s) == BEEN_HERE


def a_wallet_that_nobody_entered_is_not_let_in():
    with KzgServer() as s:
        assert Wallet().sign_in(s) == NOT_INVITED


def any_wallet_signs_in_where_the_operator_says_so():
    with KzgServer('wallets=any') as s:
        w = Wallet()
        status, answer = w.sign_in(s)
        assert status == 200 and answer['id_token']['sub'] == w.identity, answer
        assert w.sign_in(s)[1]['token'] == answer['token'], 'the same person has the same session'


def no_wallet_signs_in_where_the_operator_says_so():
    with KzgServer('wallets=none') as s:
        w = Wallet()
        result = done(convoke('invite', s.dir, '--wallet', w.address))
        assert 'no ceremony here lets wallets' in result.stderr, result.stderr
        refused(s.json('GET', '/auth/nonce'), 403, 'WalletsNotOffered')
        body = {'message': 'anything', 'signature': '0x'}
        refused(login(s, body), 403, 'WalletsNotOffered')
        page = s.get(s.follow(s.links()['eth_auth_url']), HTML)
        assert b'allet' not in page[2] and 'script-src' not in page[1]['content-security-policy'], page


def a_wallet_may_stand_for_another_identity():
    with KzgServer() as s:
        w = Wallet()
        s.invite('--wallet', w.address, '--as', 'git|17|octo')
        status, answer = w.sign_in(s)
        assert status == 200 and answer['id_token']['sub'] == 'git|17|octo', answer
        assert answer['participant'] == {'idType': 'githubHandle', 'id': 'octo'}, answer


def the_key_of_an_invitation_is_a_wallet_too():
    with KzgServer() as s:
        w = Wallet()
        w.secret = s.invite()[0].split(':')[1]
        w.address = eth.address(w.secret)
        assert w.sign_in(s)[0] == 200


def wallets_are_entered_from_the_command_line_and_from_a_file():
    with KzgServer() as s:
        several = [Wallet() for _ in range(4)]
        with open(s.path('list'), 'w', encoding='ascii') as f:
            f.write('\n%s some words\r\n\n%s' % (several[1].address, several[2].address.lower()))
        result = done(convoke('invite', s.dir, '--wallet', several[0].address, '--wallet',
                              '@' + s.path('list')))
        assert [line.split()[1] for line in result.stdout.splitlines()] == \
            [w.identity for w in several[:3]], result.stdout
        again = done(convoke('invite', s.dir, '--wallet', several[0].address))
        assert again.stdout == '' and 'before' in again.stderr, again
        assert [w.sign_in(s)[0] for w in several] == [200, 200, 200, 403]


def what_is_no_address_is_not_entered():
    with KzgServer(serving=False) as s:
        good = Wallet().address
        wrong_capitals = good[:-1] + good[-1].swapcase() if good[-1].isalpha() else good.swapcase()
        for bad in ('', '0x', good[2:], good[:-1], good + '0', wrong_capitals.replace('0X', '0x')):
            result = convoke('invite', s.dir, '--wallet', bad)
            assert result.returncode == 2 and 'address' in result.stderr, (bad, result)
        assert convoke('invite', s.dir, '--wallet', good, '--count', '2').returncode == 2
        assert convoke('invite', s.dir, '--wallet', good, '--wallet', good, '--as',
                       'git|1|a').returncode == 2


def the_home_page_and_the_status_say_who_may_come():
    for setting, words in (('none', b'You need an invitation from the people who run this ceremony, and'),
                           ('invited', b'on their list'), ('any', b'or an invitation')):
        with KzgServer('wallets=' + setting) as s:
            assert words in s.get('/', HTML)[2], setting
            assert s.json('GET', '/ceremony/status')[1]['wallets'] == setting


# ---- the message ----

def the_server_gives_the_whole_message_to_those_who_ask():
    with KzgServer('wallets=any') as s:
        w = Wallet()
        for given in (w.address, w.address.lower()):
            parts = nonce(s, '?address=' + given)
            assert parts['address'] == w.address, parts
            bare = {k: v for k, v in parts.items() if k not in ('address', 'message')}
            assert parts['message'] == w.message(bare), parts['message']
            assert login(s, {'message': parts['message'],
                             'signature': w.sign(parts['message'])})[0] == 200
        wrong = '0x' + w.address[2:].swapcase()
        assert s.json('GET', '/auth/nonce?address=' + wrong)[0] == 400
        assert s.json('GET', '/auth/nonce?address=' + 'x' * 100)[0] == 400


def messages_need_not_be_the_servers_own():
    with KzgServer('wallets=any') as s:
        for changed in ({'statement': None}, {'expiration_time': None}, {'chain_id': '11155111'},
                        {'statement': 'Let me in!'}, {'uri': 'http://LOCALHOST/deep?er#x'},
                        {'domain': 'http://localhost'}, {'domain': 'localhost:80'},
                        {'not_before': '2020-01-01T00:00:00.5+02:00'}):
            status, answer = Wallet().sign_in(s, **changed)
            assert status == 200, (changed, answer)
        w = Wallet()
        assert w.sign_in(s, address=w.address.lower())[0] == 200


def signatures_come_in_several_forms():
    with KzgServer('wallets=any') as s:
        for change in (lambda x: x[:-2] + '%02x' % (int(x[-2:], 16) - 27), lambda x: '0x' + x[2:].upper()):
            w = Wallet()
            body = w.body(s)
            assert login(s, {**body, 'signature': change(body['signature'])})[0] == 200
        w = Wallet()
        message = w.message(nonce(s))
        assert login(s, {'message': message, 'signature': w.sign(message, low_s=False)})[0] == 200


# ---- what must not work ----

def a_message_for_another_site_is_refused():
    with KzgServer('wallets=any') as s:
        for changed in ({'domain': 'evil.example'}, {'domain': 'localhost:3000'},
                        {'domain': 'localhost@evil.example'}, {'domain': 'ftp://localhost'},
                        {'uri': 'https://evil.example/'}, {'uri': 'http://localhost.evil.example/'},
                        {'uri': 'http://localhost@evil.example/'}, {'uri': 'did:localhost:x'}):
            refused(Wallet().sign_in(s, **changed), 401, 'WrongDomain')


def the_public_address_is_what_must_be_signed_for():
    options = ['--public-url', 'https://ceremony.example.org/kzg/']
    with KzgServer('wallets=any', options=options) as s:
        parts = nonce(s)
        assert parts['domain'] == 'ceremony.example.org', parts
        assert parts['uri'] == 'https://ceremony.example.org/kzg', parts
        assert Wallet().sign_in(s)[0] == 200
        refused(Wallet().sign_in(s, domain='localhost', uri='http://localhost'), 401, 'WrongDomain')


def a_message_out_of_its_time_is_refused():
    with KzgServer('wallets=any') as s:
        now = nonce(s)['issued_at']
        for changed in ({'expiration_time': now}, {'expiration_time': moved(now, hours=-1)},
                        {'issued_at': moved(now, minutes=5)}, {'not_before': moved(now, minutes=5)}):
            refused(Wallet().sign_in(s, **changed), 401, 'MessageNotValidNow')
        assert Wallet().sign_in(s, issued_at=moved(now, minutes=1))[0] == 200, 'clocks differ a little'


def a_message_signs_in_once():
    with KzgServer('wallets=any') as s:
        body = Wallet().body(s)
        assert login(s, body)[0] == 200
        refused(login(s, body), 401, 'InvalidNonce')
        s.stop()
        s.start()
        refused(login(s, body), 401, 'InvalidNonce')
        other, used = Wallet(), body['message'].split('Nonce: ')[1].split('\n')[0]
        refused(other.sign_in(s, nonce=used), 401, 'InvalidNonce')


def a_nonce_of_somebody_elses_is_refused():
    with KzgServer('wallets=any') as s, KzgServer('wallets=any') as other:
        for foreign in (nonce(other)['nonce'], '12345678', '0' * 64, nonce(s)['nonce'].upper(),
                        nonce(s)['nonce'][:-1] + 'g'):
            refused(Wallet().sign_in(s, nonce=foreign), 401, 'InvalidNonce')


def a_nonce_is_of_use_after_a_restart():
    with KzgServer('wallets=any') as s:
        body = Wallet().body(s)
        s.stop()
        s.start()
        assert login(s, body)[0] == 200


def a_signature_that_is_not_the_addresss_is_refused():
    with KzgServer('wallets=any') as s:
        w, other = Wallet(), Wallet()
        message = w.message(nonce(s))
        right = w.sign(message)
        for bad in (other.sign(message), w.sign(message + ' '), '0x' + '00' * 65, '0x', '',
                    right[2:], right + '00', right[:-2] + '1d', '0x' + 'ff' * 64 + '1b'):
            refused(login(s, {'message': message, 'signature': bad}), 401, 'InvalidSignature')
        assert login(s, {'message': message, 'signature': right})[0] == 200, 'nothing was used up'


def a_message_that_breaks_the_grammar_is_refused():
    with KzgServer('wallets=any') as s:
        w = Wallet()
        swapped = '0x' + w.address[2:].swapcase()
        for changed in ({'address': swapped}, {'version': '2'}, {'uri': None}, {'issued_at': None},
                        {'chain_id': 'one'}, {'nonce': 'short'}, {'issued_at': 'today'},
                        {'statement': 'two\nlines'}, {'expiration_time': '2026-02-30T00:00:00Z'}):
            refused(w.sign_in(s, **changed), 400, 'InvalidMessage')
        for text in ('', 'ZKParty sign-in', w.message(nonce(s)).replace('\n', '\r\n')):
            refused(login(s, {'message': text, 'signature': w.sign(text)}), 400, 'InvalidMessage')


def a_body_that_is_none_is_refused():
    with KzgServer('wallets=any') as s:
        w = Wallet()
        good = w.body(s)
        for body in (b'', b'{', b'[]', b'null', b'{}', b'{"message":1,"signature":"0x"}',
                     json.dumps({'message': good['message']}).encode(),
                     b'{"message":"a","message":"b","signature":"0x"}',
                     json.dumps({**good, 'sig': '0x', 'ethAddress': w.address}).encode(),
                     json.dumps({**good, 'message': good['message'] + ' ' * 2048}).encode(),
                     json.dumps({**good, 'signature': '0x' + '0' * 600}).encode()):
            status, answer = login(s, body)
            assert status == 400 and answer['code'] == 'RequestError::InvalidJson', (body, answer)
        assert login(s, json.dumps(good).encode() + b' ' * 8192)[0] == 413
        assert s.json('POST', '/login', FORM, body=b'{}')[0] == 415
        assert s.json('POST', '/login', body=b'{}')[0] == 415
        assert s.json('POST', '/login', 'Content-Type: application/json; charset=utf-8',
                      body=json.dumps({**good, 'more': [1]}).encode())[0] == 200


# ---- the constant text of 2022 ----

def the_constant_text_signs_in_only_where_the_operator_allows_it():
    w = Wallet()
    body = {'sig': w.sign('ZKParty sign-in'), 'ethAddress': w.address}
    with KzgServer('wallets=any') as s:
        refused(login(s, body), 403, 'OldSignInNotOffered')
    with KzgServer('wallets=any', options=['--legacy-login']) as s:
        status, answer = login(s, body)
        assert status == 200, answer
        assert answer['participant'] == {'idType': 'ethAddress', 'id': w.address.lower()}, answer
        s.take_turn(answer['token'])
        refused(login(s, {**body, 'ethAddress': Wallet().address}), 401, 'InvalidSignature')
        refused(login(s, {**body, 'sig': w.sign('ZKParty sign-out')}), 401, 'InvalidSignature')
        refused(login(s, {**body, 'ethAddress': 'me'}), 400, 'InvalidMessage')
        assert login(s, {'sig': body['sig']})[0] == 400
    with KzgServer(options=['--legacy-login']) as s:
        assert login(s, body) == NOT_INVITED
    with KzgServer('wallets=none', options=['--legacy-login']) as s:
        refused(login(s, body), 403, 'WalletsNotOffered')


# ---- convoke contribute --eth-key ----

def key_file(s, text, mode=0o600):
    with open(s.path('account.key'), 'w', encoding='ascii') as f:
        f.write(text)
    os.chmod(s.path('account.key'), mode)
    return s.path('account.key')


def by_key(s, path, *args, url=None):
    s.people += 1
    return convoke('contribute', url or s.url, '--eth-key', path, '--dir',
                   s.path('person%d' % s.people), '--json', *args)


def the_program_contributes_as_an_account_from_a_key_file():
    with KzgServer() as s:
        w = Wallet()
        invite(s, w)

        outcome = json.loads(done(by_key(s, key_file(s, w.secret + '\n'))).stdout)

        assert outcome['identity'] == w.identity, outcome
        transcript = s.transcript()
        assert transcript['participantIds'] == ['', w.identity]
        assert len(transcript['participantEcdsaSignatures'][1]) == 132, 'the account signs its keys too'
        s.check_transcript()


def a_key_file_may_be_written_in_several_ways():
    with KzgServer('wallets=any') as s:
        for text in ('0x%s\n', ' %s', '\r\n0x%s \t\n'):
            w = Wallet()
            done(by_key(s, key_file(s, text % w.secret)))
        w = Wallet()
        result = done(by_key(s, key_file(s, w.secret.upper(), 0o644)))
        assert 'chmod 600' in result.stderr, result.stderr
        assert w.secret not in result.stderr + result.stdout


def what_is_no_key_is_refused_before_anything_is_sent():
    with KzgServer('wallets=any', serving=False) as s:
        good = '11' * 32
        for text in ('', '0x', good[:-1], good + '0', good + ' ' + good, 'x' * 64, '0' * 64, 'f' * 64,
                     '{"crypto": {}}', good + '\0', ' ' * 300 + good):
            result = by_key(s, key_file(s, text), url='http://127.0.0.1:9')
            assert result.returncode == 2 and 'key' in result.stderr, (text, result)
            assert 'connection' not in result.stderr, result
        result = by_key(s, s.path('nothing'), url='http://127.0.0.1:9')
        assert result.returncode == 2 and 'cannot open' in result.stderr, result
        both = by_key(s, key_file(s, good), '--invitation', 'x', url='http://127.0.0.1:9')
        assert both.returncode == 2 and 'two people' in both.stderr, both


def the_program_says_why_an_account_is_not_let_in():
    w = Wallet()
    with KzgServer() as s:
        result = by_key(s, key_file(s, w.secret))
        assert result.returncode == 2 and 'not invited' in result.stderr, result
    with KzgServer('wallets=none') as s:
        result = by_key(s, key_file(s, w.secret))
        assert result.returncode == 2 and 'use your invitation' in result.stderr, result
    with KzgServer('wallets=any', options=['--public-url', 'https://c.example']) as s:
        result = by_key(s, key_file(s, w.secret))
        assert result.returncode == 2 and 'c.example' in result.stderr, result
        assert 'you call the server' in result.stderr, result


# ---- the page's form ----

def wallet_form(s, body, redirect=None):
    state = query_of(s.links(redirect)['eth_auth_url'])['state']
    return form(state=state, wallet=json.dumps(body))


def the_page_sends_what_a_wallet_signed_and_leads_back():
    with KzgServer() as s:
        w = Wallet()
        invite(s, w)
        status, fields, _ = s.post('/auth/sign_in', FORM, HTML, body=wallet_form(
            s, w.body(s), 'http://localhost:1234/back?x=1'))
        assert status == 303, status
        got = query_of(fields['location'])
        assert fields['location'].startswith('http://localhost:1234/back?x=1&'), fields
        assert got['sub'] == w.identity and got['provider'] == 'Ethereum', got
        s.take_turn(got['session_id'])


def the_page_tells_people_why_they_are_not_signed_in():
    with KzgServer() as s:
        body = Wallet().body(s)
        status, _, page = s.post('/auth/sign_in', FORM, HTML, body=wallet_form(s, body))
        assert status == 403 and b'not invited' in page, page
        status, fields, _ = s.post('/auth/sign_in', FORM, HTML,
                                   body=wallet_form(s, body, 'http://localhost:1234/back'))
        assert status == 303, status
        assert query_of(fields['location'])['code'] == 'AuthErrorPayload::NotInvited', fields


def the_same_form_signs_in_once():
    with KzgServer('wallets=any') as s:
        body = wallet_form(s, Wallet().body(s))
        assert s.post('/auth/sign_in', FORM, HTML, body=body)[0] == 200
        status, _, page = s.post('/auth/sign_in', FORM, HTML, body=body)
        assert status == 401 and b'signed somebody in already' in page, page


def a_form_with_odd_fields_is_refused():
    with KzgServer('wallets=any', options=['--legacy-login']) as s:
        state = query_of(s.links()['eth_auth_url'])['state']
        w = Wallet()
        for fields, expected in (
                ({'state': state}, 422), ({'wallet': json.dumps(w.body(s))}, 422),
                ({'state': state, 'wallet': 'x'}, 400), ({'state': state, 'wallet': '{}'}, 400),
                ({'state': 'x', 'wallet': json.dumps(w.body(s))}, 400)):
            assert s.post('/auth/sign_in', FORM, body=form(**fields))[0] == expected, fields
        constant = {'sig': w.sign('ZKParty sign-in'), 'ethAddress': w.address}
        assert s.post('/auth/sign_in', FORM, body=form(state=state, wallet=json.dumps(constant)))[0] == 200


def sign_in_leads_only_where_it_may():
    """What a browser would make of each; the unit tests of auth have the rest."""
    app = 'https://app.example.org'
    with KzgServer(options=['--allow-redirects', app]) as s:
        for good in (app + '/x', 'https://APP.example.org:443', 'http://localhost:8080/a?b=c', 'http://[::1]/'):
            s.links(good)
        for bad in ('http://localhost@evil.example/', 'http://localhost:80@evil.example', 'http://localhost\\.evil.example',
                    'http://127.0.0.1.evil.example/', 'http://[::1].evil.example',
                    'http://[::ffff:127.0.0.1]/', 'http://app.example.org/', app + '.evil.example',
                    app + ':8443', 'https://app.example.org@evil.example', 'https://evil.example/' + app,
                    'http://2130706433/', 'http://localhost%2eevil.example/', 'http://localhost:99999/'):
            status, answer = s.json('GET', '/auth/request_link?' + form(redirect_to=bad).decode())
            assert status == 400 and answer['code'] == 'AuthErrorPayload::RedirectNotAllowed', (bad, answer)
        for none in ('http://localhost\t.evil.example', 'http://local\nhost/', '//evil.example', 'javascript:0'):
            state = query_of(s.links(none)['eth_auth_url'])['state']
            opened = json.loads(base64.urlsafe_b64decode(state + '=='))
            assert opened['redirect'] is None, 'what is no URL leads nowhere'


def a_server_does_not_start_with_addresses_that_are_none():
    for option, bad in (('--allow-redirects', 'app.example.org'), ('--allow-redirects', 'https://a.example/x'),
                        ('--allow-redirects', 'https://*.example'), ('--public-url', 'https://a|b.example'),
                        ('--public-url', 'https://me@a.example'), ('--public-url', 'ceremony.example.org')):
        with KzgServer(serving=False, options=[option, bad]) as s:
            assert not s.starts() and bad in s.log(), s.log()


def the_page_has_its_script_from_this_server_only():
    with KzgServer(options=['--public-url', 'https://ceremony.example.org/kzg']) as s:
        state = query_of(s.links()['eth_auth_url'])['state']
        _, fields, page = s.get('/auth/sign_in?' + form(state=state).decode(), HTML)
        assert b'src="https://ceremony.example.org/kzg/sign_in.js"' in page, page
        assert b'data-nonce="https://ceremony.example.org/kzg/auth/nonce"' in page, page
        assert page.count(b'<script') == 1 and b'<style' not in page and b'onclick' not in page, page
        policy = fields['content-security-policy']
        assert "script-src 'self';" in policy and "connect-src 'self';" in policy, policy
        assert 'unsafe' not in policy and "default-src 'none'" in policy, policy
        status, fields, script = s.get('/sign_in.js')
        assert status == 200 and fields['content-type'] == 'text/javascript', fields
        with open(__file__.replace('tests/e2e/test_wallet.py', 'src/api/pages/sign_in.js'), 'rb') as f:
            assert script == f.read()


tap.main(
    an_invited_wallet_signs_in_and_contributes,
    a_wallet_that_nobody_entered_is_not_let_in,
    any_wallet_signs_in_where_the_operator_says_so,
    no_wallet_signs_in_where_the_operator_says_so,
    a_wallet_may_stand_for_another_identity,
    the_key_of_an_invitation_is_a_wallet_too,
    wallets_are_entered_from_the_command_line_and_from_a_file,
    what_is_no_address_is_not_entered,
    the_home_page_and_the_status_say_who_may_come,
    the_server_gives_the_whole_message_to_those_who_ask,
    messages_need_not_be_the_servers_own,
    signatures_come_in_several_forms,
    a_message_for_another_site_is_refused,
    the_public_address_is_what_must_be_signed_for,
    a_message_out_of_its_time_is_refused,
    a_message_signs_in_once,
    a_nonce_of_somebody_elses_is_refused,
    a_nonce_is_of_use_after_a_restart,
    a_signature_that_is_not_the_addresss_is_refused,
    a_message_that_breaks_the_grammar_is_refused,
    a_body_that_is_none_is_refused,
    the_constant_text_signs_in_only_where_the_operator_allows_it,
    the_program_contributes_as_an_account_from_a_key_file,
    a_key_file_may_be_written_in_several_ways,
    what_is_no_key_is_refused_before_anything_is_sent,
    the_program_says_why_an_account_is_not_let_in,
    the_page_sends_what_a_wallet_signed_and_leads_back,
    the_page_tells_people_why_they_are_not_signed_in,
    the_same_form_signs_in_once,
    a_form_with_odd_fields_is_refused,
    sign_in_leads_only_where_it_may,
    a_server_does_not_start_with_addresses_that_are_none,
    the_page_has_its_script_from_this_server_only,
)
