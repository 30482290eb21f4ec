"""How often one address may ask: every route is counted once, as what the table says, and nothing
else is."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from http_probe import read_reply  # noqa: E402
from kzg_server import BUSY, JSON, Holder, KzgServer, bearer, error, upload_head  # noqa: E402
from openapi import described  # noqa: E402

LOGIN, ANONYMOUS, SIGNED_IN, INFO = range(4)
FREE = None
TOO_MANY = (429, error('RequestError::TooManyRequests',
                       'too many requests from your address: try again later'))

# (method, path): what it counts as without a session, and with one
ROUTES = {
    ('GET', '/auth/request_link'): (ANONYMOUS, SIGNED_IN),
    ('GET', '/auth/callback/eth'): (LOGIN, LOGIN),
    ('GET', '/auth/callback/github'): (LOGIN, LOGIN),
    ('GET', '/auth/sign_in'): (INFO, INFO),
    ('POST', '/auth/sign_in'): (LOGIN, LOGIN),
    ('GET', '/auth/nonce'): (ANONYMOUS, SIGNED_IN),
    ('POST', '/login'): (LOGIN, LOGIN),
    ('POST', '/lobby/try_contribute'): (ANONYMOUS, SIGNED_IN),
    ('POST', '/contribute'): (ANONYMOUS, SIGNED_IN),
    ('POST', '/contribution/abort'): (ANONYMOUS, SIGNED_IN),
    ('POST', '/contribute/abort'): (ANONYMOUS, SIGNED_IN),
    ('POST', '/queue/join'): (ANONYMOUS, SIGNED_IN),
    ('POST', '/queue/checkin'): (ANONYMOUS, SIGNED_IN),
    ('POST', '/queue/leave'): (LOGIN, LOGIN),
    ('POST', '/contribution/start'): (ANONYMOUS, SIGNED_IN),
    ('POST', '/contribution/complete'): (ANONYMOUS, SIGNED_IN),
    ('GET', '/info/status'): (INFO, INFO),
    ('GET', '/info/current_state'): (ANONYMOUS, SIGNED_IN),
    ('GET', '/ceremony/status'): (INFO, INFO),
    ('GET', '/receipt'): (ANONYMOUS, SIGNED_IN),
    ('GET', '/receipt/1'): (ANONYMOUS, SIGNED_IN),
    ('HEAD', '/events'): (INFO, INFO),  # a GET of which nothing streams
    ('HEAD', '/events/me'): (ANONYMOUS, SIGNED_IN),
    ('GET', '/'): (INFO, INFO),
    ('GET', '/style.css'): (INFO, INFO),
    ('GET', '/sign_in.js'): (INFO, INFO),
    ('GET', '/journal/head'): (INFO, INFO),
    ('GET', '/metrics'): (INFO, INFO),
    ('GET', '/health'): (FREE, FREE),
    ('GET', '/nothing'): (FREE, FREE),
    ('GET', '/contribute'): (FREE, FREE),  # 405
    ('OPTIONS', '/contribute'): (FREE, FREE),
    ('POST', '/logout'): (ANONYMOUS, SIGNED_IN),  # ends the session that those before have
}


def status_of(s, method, path, *fields):
    if method == 'POST':
        return s.post(path, *fields)[0]
    return s.request('%s %s HTTP/1.1\nHost: localhost\n%s' %
                     (method, path, ''.join(f + '\n' for f in fields)))[0]


def one_of(rate):
    """The options that allow one request of that class, and any number of the others."""
    return ['--rate-loopback', '--rates', ','.join('1' if r == rate else '0' for r in range(4))]


def every_route_that_there_is_has_a_row():
    rows = {(method.replace('HEAD', 'GET'), path) for method, path in ROUTES}
    for path, item in described().all['paths'].items():
        if any(o.get('tags') == ['market'] for o in item.values()):
            continue  # of another server: test_market_http.py
        path = path.replace('{provider}', 'eth').replace('{index}', '1')
        for method in ('GET', 'POST'):
            assert method.lower() not in item or (method, path) in rows, (method, path)


def every_route_is_counted_as_what_it_is():
    for rate in (LOGIN, ANONYMOUS, SIGNED_IN, INFO):
        with KzgServer() as s:
            session = bearer(s.newcomer())
            s.stop()
            s.options = one_of(rate)
            s.start()
            first = {LOGIN: ('GET', '/auth/callback/eth'), INFO: ('GET', '/info/status'),
                     ANONYMOUS: ('GET', '/auth/request_link'),
                     SIGNED_IN: ('GET', '/auth/request_link', session)}[rate]
            assert status_of(s, *first) != 429, first
            for (method, path), counted in ROUTES.items():
                for with_session, fields in enumerate(([], [session])):
                    status = status_of(s, method, path, *fields)
                    assert (status == 429) == (counted[with_session] == rate), \
                        (rate, method, path, with_session, status)


def a_session_that_is_not_known_is_none():
    with KzgServer(options=one_of(ANONYMOUS)) as s:
        assert s.ask('504d898c-e975-4e13-9a48-4f8b95d754fb')[0] == 401
        assert s.ask('504d898c-e975-4e13-9a48-4f8b95d754fb') == TOO_MANY
        assert s.json('POST', '/contribute', 'Authorization: Basic YTpi') == TOO_MANY


def who_comes_too_often_is_told_when_to_come_again():
    with KzgServer(options=one_of(INFO)) as s:
        assert s.get('/info/status')[0] == 200
        status, fields, body = s.get('/info/status')
        assert (status, json.loads(body)) == TOO_MANY
        assert fields['content-type'] == 'application/json', fields
        assert 0 < int(fields['retry-after']) <= 60, fields


def an_upload_over_the_rate_is_refused_on_its_headers():
    with KzgServer(options=one_of(ANONYMOUS)) as s, s.connect() as c:
        assert s.get('/auth/request_link')[0] == 200
        c.sendall(upload_head('nobody', 6000000, 'Expect: 100-continue'))
        status, _, body = read_reply(c)
        assert (status, json.loads(body)) == TOO_MANY


def the_usual_rates_are_those_of_the_seed():
    usual = ((LOGIN, 50, 50, 'GET', '/auth/callback/eth'),
             (ANONYMOUS, 100, 100, 'GET', '/receipt/1'),
             (SIGNED_IN, 50, 70, 'POST', '/lobby/try_contribute'),
             (INFO, 120, 150, 'GET', '/info/status'))  # a minute's refill while we ask
    with KzgServer(preset='ethereum') as s:
        s.take_turn(s.newcomer())  # who has the turn is not refused
        session = s.newcomer()
        s.stop()
        s.options = ['--rate-loopback']
        s.start()
        for rate, least, most, method, path in usual:
            fields = [bearer(session)] if rate == SIGNED_IN else []
            passed = sum(status_of(s, method, path, *fields) != 429 for _ in range(2 * most))
            assert least <= passed <= most, (path, passed)


def neighbours_at_the_same_address_cost_nobody_the_turn():
    with Holder() as s:
        other = s.newcomer()
        base = s.take_turn(s.holder)
        s.stop()
        s.options = one_of(SIGNED_IN)
        s.start()
        assert TOO_MANY in [s.ask(other) for _ in range(3)]
        assert s.ask(other, path='/contribution/abort') == TOO_MANY
        assert s.give(other, s.body) == TOO_MANY
        assert s.take_turn(s.holder) == base
        assert s.json('GET', '/receipt', bearer(s.holder)) == TOO_MANY, 'only for the turn itself'
        assert s.hand_in()[0] == 200
        assert s.hand_in() == TOO_MANY, 'the turn is over'


def neighbours_at_the_same_address_cost_nobody_their_place():
    """A check-in that is due is taken; in between, one is counted as ever."""
    with KzgServer('entry=fifo', 'checkin_every_s=6', 'checkin_tolerance_s=4', 'park_s=0') as s:
        s.take_turn(s.newcomer())
        waits, looks = s.newcomer(), s.newcomer()
        assert s.ask(waits) == BUSY
        s.stop()
        s.options = one_of(SIGNED_IN)
        s.start()
        while s.json('GET', '/receipt', bearer(looks)) != TOO_MANY:
            pass
        for path in ('/lobby/try_contribute', '/queue/checkin'):
            end = time.monotonic() + 30
            while s.ask(waits, path=path) == TOO_MANY:
                assert time.monotonic() < end, path
                time.sleep(0.1)
            assert s.ask(waits, path=path) == TOO_MANY, 'it is due no more'
            assert s.ask(looks, path=path) == TOO_MANY, 'has no place'
            assert s.ask(waits, path='/queue/join') == TOO_MANY


def three_numbers_leave_the_fourth_as_it_is():
    with KzgServer(options=['--rate-loopback', '--rates', '1,1,1']) as s:
        assert [status_of(s, 'GET', '/info/status') for _ in range(20)] == [200] * 20
        assert [status_of(s, 'GET', '/receipt/1') for _ in range(2)] == [404, 429]


def this_machine_is_not_counted_unless_told():
    with KzgServer(options=['--rates', '1,1,1,1']) as s:
        session = s.newcomer()
        for _ in range(3):
            assert s.get('/info/status')[0] == 200
            assert s.get('/info/current_state')[0] == 200
            assert s.post('/lobby/try_contribute', bearer(session), JSON)[0] == 200


if __name__ == '__main__':
    tap.main(every_route_that_there_is_has_a_row,
             every_route_is_counted_as_what_it_is,
             a_session_that_is_not_known_is_none,
             who_comes_too_often_is_told_when_to_come_again,
             an_upload_over_the_rate_is_refused_on_its_headers,
             the_usual_rates_are_those_of_the_seed,
             neighbours_at_the_same_address_cost_nobody_the_turn,
             neighbours_at_the_same_address_cost_nobody_their_place,
             three_numbers_leave_the_fourth_as_it_is,
             this_machine_is_not_counted_unless_told)
