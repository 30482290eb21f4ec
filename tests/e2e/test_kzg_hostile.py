"""People of one ceremony who behave badly with their own sessions and turns: they go away at every
stage of a turn, come twice, and frame their uploads as oddly as HTTP lets them. Nobody else is
harmed, and who was accepted can have their receipt."""
import contextlib
import gzip
import json
import os
import socket
import struct
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from http_probe import PATIENCE, read_all, read_reply, split, until  # noqa: E402
from kzg_server import (BEEN_HERE, BUSY, EARLY, FORM, INVALID, JSON, NOT_YOUR_TURN, UNKNOWN,  # noqa: E402
                        FormParser, Holder, KzgServer, bearer, compact, error, form, upload_head,
                        vectors)

LIMIT = 10485760
BIG = '32768,65'  # its challenge is more than sockets hold: 3.2 MB
QUEUE = ('entry=fifo', 'checkin_every_s=60', 'checkin_tolerance_s=60', 'on_missed=place',
         'park_s=3600', 'offer_s=3600')
TOO_LARGE = (413, error('RequestError::TooLarge', 'length limit exceeded'))
EXPECT = 'Expect: 100-continue'
CHUNKED = 'Transfer-Encoding: chunked'


def reset(c):
    """Goes away so that the server hears of it at once: RST instead of FIN."""
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    c.close()


def leave(c):
    c.close()


def head(path, session, *fields):
    lines = ['POST %s HTTP/1.1' % path, 'Host: h', bearer(session), *fields, '', '']
    return '\r\n'.join(lines).encode()


def poll(session):
    return head('/lobby/try_contribute', session, 'Content-Length: 0')


def answer_on(c):
    status, _, body = read_reply(c)
    return status, json.loads(body)


def lease(s):
    return s.json('GET', '/ceremony/status')[1]['lease']


@contextlib.contextmanager
def another_waits(s):
    """Somebody who sleeps in the queue while the body of the `with` runs, and has the turn after
    it."""
    session = s.newcomer()
    with s.connect() as c:
        c.sendall(poll(session))
        until(lambda: s.json('GET', '/ceremony/status')[1]['waiting'] == 1)
        yield
        status, value = answer_on(c)
    assert status == 200 and 'contributions' in value, (status, value)
    contribution = s.prepare(session)
    assert s.give(session, contribution)[0] == 200
    s.check_transcript()


# ---- hanging up ----

def who_goes_away_while_signing_in_can_sign_in_later():
    with KzgServer() as s:
        invitation = s.invite()[0]
        page = FormParser(s.get(s.follow(s.links()['eth_auth_url']))[2].decode())
        body = form(state=page.fields['state'], code=invitation)
        request = ('POST /auth/sign_in HTTP/1.1\r\nHost: localhost\r\n%s\r\nContent-Length: %d\r\n\r\n'
                   % (FORM, len(body))).encode() + body
        for part in (10, len(request) - len(body), len(request) - 1, len(request)):
            for how in (leave, reset):
                c = s.connect()
                c.sendall(request[:part])
                how(c)
        assert s.post('/auth/sign_in', FORM, body=body)[0] == 200
        assert s.json('GET', '/info/status')[1]['lobby_size'] == 0
        s.take_turn(s.session(invitation))


def who_goes_away_before_the_challenge_may_fetch_it_again():
    for rules in ((), QUEUE):
        for how in (leave, reset):
            with Holder(*rules, serving=False) as s:
                s.start()
                s.holder = s.newcomer()
                c = s.connect()
                c.sendall(poll(s.holder))
                if how == reset:  # it would take the request back with it
                    until(lambda: lease(s) == 1)
                how(c)
                until(lambda: lease(s) == 1)
                assert s.ask(s.holder)[1]['contributions']
                assert lease(s) == 1, 'another turn'
                assert s.hand_in()[0] == 200


def cut_off_challenge(s, session, part):
    """Reads `part` bytes of the challenge, then is gone."""
    c = socket.socket()
    c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    c.connect(('127.0.0.1', s.port))
    c.sendall(poll(session))
    left = part
    while left > 0:
        got = len(c.recv(left))
        assert got != 0
        left -= got
    reset(c)


def who_goes_away_in_the_middle_of_the_challenge_may_fetch_it_again():
    with KzgServer(sizes=BIG) as s:
        session, other = s.newcomer(), s.newcomer()
        for part in (1, 1000, 100000):
            cut_off_challenge(s, session, part)
            assert s.phase() == 'fetching', 'it was not fetched'
            assert s.ask(other) == BUSY
        base = s.take_turn(session)
        assert len(base) > 3000000 and s.take_turn(session) == base
        assert lease(s) == 1
        until(lambda: s.phase() == 'computing')


def a_turn_whose_challenge_is_never_fetched_whole_ends():
    with KzgServer('fetch_s=1', sizes=BIG) as s:
        session, other = s.newcomer(), s.newcomer()
        cut_off_challenge(s, session, 1000)
        until(lambda: s.json('GET', '/ceremony/status')[1]['expired'] == 1)
        s.take_turn(other)


def who_goes_away_during_the_upload_may_begin_again_while_another_sleeps():
    with Holder(*QUEUE) as s:
        with another_waits(s):
            whole = upload_head(s.holder, len(s.body)) + s.body
            for part in (1, len(whole) - len(s.body), len(whole) - len(s.body) + 1,
                         len(whole) // 2, len(whole) - 1):
                for how in (leave, reset):
                    c = s.connect()
                    c.sendall(whole[:part])
                    how(c)
            until(lambda: s.stored() == [])
            assert lease(s) == 1
            assert s.hand_in()[0] == 200


def who_goes_away_before_the_receipt_has_it_all_the_same():
    """At each moment after the last byte: while it is verified, and when the answer is there."""
    for sizes, sooner in (('1024,9', True), ('4,3', False)):
        for how in (leave, reset):
            with KzgServer(*QUEUE, sizes=sizes) as s:
                holder = s.newcomer()
                s.take_turn(holder)
                body = s.prepare(holder)
                with another_waits(s):
                    c = s.connect()
                    c.sendall(upload_head(holder, len(body)) + body)
                    until(lambda: s.count() == 1 or (sooner and s.phase() == 'verifying'))
                    how(c)
                    until(lambda: s.count() == 1)
                    status, answer = s.give(holder, body)
                    assert status == 200 and json.loads(s.get('/receipt/1')[2]) == answer, answer
                    s.check_receipt(answer)


def who_logs_out_while_it_is_verified_has_contributed():
    with KzgServer(sizes='1024,9') as s:
        invitation = s.invite()[0]
        holder = s.session(invitation)
        s.take_turn(holder)
        body = s.prepare(holder)
        with s.connect() as c:
            c.sendall(upload_head(holder, len(body)) + body)
            until(lambda: s.count() == 1 or s.phase() == 'verifying')
            assert s.ask(holder, path='/logout') == (200, {})
            status, answer = answer_on(c)
        assert status == 200 and json.loads(s.get('/receipt/1')[2]) == answer, answer
        assert s.give(holder, body) == NOT_YOUR_TURN, 'the session lives'
        status, _, again = s.sign_in(invitation)
        assert (status, json.loads(again)) == BEEN_HERE
        s.check_receipt(answer)


def who_logs_out_during_an_upload_gives_the_turn_back():
    with Holder(*QUEUE) as s:
        with another_waits(s):
            with s.upload(1000) as c:
                until(lambda: s.phase() == 'uploading')
                assert s.ask(s.holder, path='/logout') == (200, {})
                c.sendall(s.body[1000:])
                assert answer_on(c) == NOT_YOUR_TURN
        assert s.count() == 1


# ---- twice ----

def two_tabs_of_one_session_keep_one_place():
    with KzgServer(*QUEUE, 'park_s=0') as s:
        holder, twice, after = (s.newcomer() for _ in range(3))
        s.take_turn(holder)
        for session in (twice, after, twice, twice):
            assert s.ask(session) == BUSY
        assert s.json('GET', '/ceremony/status')[1]['waiting'] == 2
        s.ask(holder, path='/contribution/abort')
        assert s.take_turn(twice) == s.take_turn(twice)
        assert s.ask(after) == BUSY


def the_second_tab_of_a_lobby_is_too_early_and_harms_nobody():
    with KzgServer('checkin_every_s=600', 'checkin_tolerance_s=1') as s:
        holder, twice = s.newcomer(), s.newcomer()
        s.take_turn(holder)
        assert s.ask(twice) == BUSY
        for _ in range(3):
            assert s.ask(twice) == EARLY
        assert s.json('GET', '/info/status')[1]['lobby_size'] == 1


def two_tabs_with_different_contributions_make_one():
    with KzgServer(sizes='256,9') as s:
        session = s.newcomer()
        s.take_turn(session)
        bodies, answers = [s.prepare(session) for _ in range(4)], []
        threads = [threading.Thread(target=lambda b=b: answers.append((b, s.give(session, b))))
                   for b in bodies]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        accepted = [(b, a) for b, a in answers if a[0] == 200]
        assert len(accepted) == 1 and len(answers) == 4, answers
        assert all(a == NOT_YOUR_TURN for b, a in answers if b != accepted[0][0]), answers
        assert s.give(session, accepted[0][0]) == accepted[0][1]
        assert s.count() == 1 and len(s.stored()) == 1
        s.check_transcript()


def one_tab_may_give_up_what_another_computes():
    with Holder() as s:
        assert s.ask(s.holder, path='/contribution/abort') == (200, {})
        assert s.hand_in() == NOT_YOUR_TURN
        assert s.ask(s.holder, path='/contribution/abort') == NOT_YOUR_TURN


def more_uploads_of_a_turn_than_allowed_are_told_to_wait():
    with Holder() as s, contextlib.ExitStack() as open_ones:
        for n in range(8):
            open_ones.enter_context(s.upload(n))
        until(lambda: s.phase() == 'uploading')
        until(lambda: s.hand_in()[0] == 429)
        status, fields, body = s.post('/contribute', bearer(s.holder), JSON, body=s.body)
        assert (status, json.loads(body)['code']) == (429, 'RequestError::TooManyRequests'), body
        assert int(fields['retry-after']) > 0, fields
        open_ones.close()
        until(lambda: s.hand_in()[0] == 200)


# ---- uploads without a turn, or after it ----

def strangers_are_refused_on_the_headers_of_every_framing():
    with KzgServer() as s:
        nobody, waits = '504d898c-e975-4e13-9a48-4f8b95d754fb', s.newcomer()
        s.take_turn(s.newcomer())
        for session in (nobody, waits):
            for framing in ('Content-Length: 6000000', CHUNKED):
                with s.connect() as c:
                    c.sendall(head('/contribute', session, JSON, framing, EXPECT))
                    status, fields, body = split(read_all(c))
                assert (status, json.loads(body)) == NOT_YOUR_TURN, (framing, body)
                assert fields['connection'].lower() == 'close', fields
        with s.connect() as c:
            c.sendall(head('/contribute', nobody, JSON, CHUNKED) + b'5\r\nhello\r\n0\r\n\r\n')
            assert answer_on(c) == NOT_YOUR_TURN
        assert s.stored() == []


def a_session_elsewhere_than_in_its_field_is_none():
    with Holder() as s:
        length = 'Content-Length: %d' % len(s.body)
        for path, fields in (('/contribute?session_id=' + s.holder, ()),
                             ('/contribute', ('Cookie: session_id=' + s.holder,)),
                             ('/contribute', ('X-Authorization: Bearer ' + s.holder,)),
                             ('/contribute', ('Authorization: ' + s.holder,))):
            lines = ['POST %s HTTP/1.1' % path, 'Host: h', JSON, length, *fields, '', '']
            with s.connect() as c:
                c.sendall('\r\n'.join(lines).encode() + s.body)
                assert answer_on(c) == INVALID, (path, fields)
        assert s.hand_in()[0] == 200


def who_was_accepted_can_upload_nothing_else():
    with Holder() as s:
        answer = s.hand_in()
        for body in (b'', b'{}', b' ' * LIMIT, s.body + b' ', compact(vectors()['contribution_B'])):
            assert s.give(s.holder, body) == NOT_YOUR_TURN, len(body)
        assert len(s.stored()) == 1 and s.hand_in() == answer


# ---- sizes and framings ----

def a_body_of_exactly_the_limit_is_read_and_one_byte_more_is_not():
    with Holder() as s:
        padded = s.body + b' ' * (LIMIT - len(s.body))
        assert s.give(s.holder, padded + b' ') == TOO_LARGE
        with s.connect() as c:
            c.sendall(upload_head(s.holder, LIMIT + 1, EXPECT))
            status, _, body = split(read_all(c))
        assert (status, json.loads(body)) == TOO_LARGE, body
        until(lambda: s.stored() == [])
        assert s.give(s.holder, padded)[0] == 200


def chunks_of(body, size, line='%x\r\n'):
    pieces = [body[i:i + size] for i in range(0, len(body), size)]
    return b''.join((line % len(p)).encode() + p + b'\r\n' for p in pieces)


def chunks_of_a_single_byte_make_a_contribution():
    for line in ('%x\r\n', '%x;name=value\r\n', '%04X\r\n'):
        with Holder() as s:
            with s.connect() as c:
                c.sendall(head('/contribute', s.holder, JSON, CHUNKED) +
                          chunks_of(s.body, 1, line) + b'0\r\nX-After: all\r\n\r\n')
                assert answer_on(c)[0] == 200, line
            assert s.count() == 1


def a_request_that_comes_byte_by_byte_is_a_request():
    with Holder() as s, s.connect() as c:
        c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in head('/contribute', s.holder, JSON, CHUNKED) + chunks_of(s.body, 7) + \
                b'0\r\n\r\n':
            c.sendall(bytes([byte]))
        assert answer_on(c)[0] == 200


def a_chunked_body_over_the_limit_is_refused_where_it_goes_over():
    with Holder() as s, s.connect() as c:
        c.sendall(head('/contribute', s.holder, JSON, CHUNKED) + chunks_of(b' ' * (LIMIT + 1), 65536)
                  + b'0\r\n\r\n')
        assert answer_on(c) == TOO_LARGE
        assert s.hand_in()[0] == 200


def broken_chunks_contribute_nothing():
    """The answer is the library's own, and no JSON: so nothing looks at it here but its status."""
    for broken in (b'zz\r\n', b'-1\r\n', b'ffffffffffffffff1\r\n', b'5\r\nhello!!\r\n', b'\r\n',
                   b'5 \r\nhello\n0\r\n\r\n'):
        with Holder() as s:
            with socket.create_connection(('127.0.0.1', s.port), timeout=PATIENCE) as c:
                c.sendall(head('/contribute', s.holder, JSON, CHUNKED) + chunks_of(s.body, 1000) +
                          broken)
                c.shutdown(socket.SHUT_WR)
                assert split(read_all(c))[0] in (0, 400, 413), broken
            assert s.count() == 0, broken
            assert s.hand_in()[0] == 200


def compressed_uploads_are_refused_and_cost_nothing():
    with Holder() as s:
        for coding in ('gzip', 'deflate', 'br', 'x-gzip', 'gzip, identity'):
            status, answer = s.json('POST', '/contribute', bearer(s.holder), JSON,
                                    'Content-Encoding: ' + coding, body=gzip.compress(s.body))
            assert (status, answer['code']) == (415, 'RequestError::UnsupportedMediaType'), answer
        assert s.stored() == []
        assert s.json('POST', '/contribute', bearer(s.holder), JSON, 'Content-Encoding: identity',
                      body=s.body)[0] == 200


def what_is_sent_behind_an_upload_is_answered_after_it():
    with Holder() as s, s.connect() as c:
        c.sendall(upload_head(s.holder, len(s.body)) + s.body + poll(s.holder) + poll(s.holder))
        c.shutdown(socket.SHUT_WR)
        got = read_all(c)
    first, _, rest = got.partition(b'HTTP/1.1 401')
    assert first.startswith(b'HTTP/1.1 200') and b'"receipt"' in first, got
    assert rest.count(compact(UNKNOWN[1])) == 2, got


if __name__ == '__main__':
    tap.main(
        who_goes_away_while_signing_in_can_sign_in_later,
        who_goes_away_before_the_challenge_may_fetch_it_again,
        who_goes_away_in_the_middle_of_the_challenge_may_fetch_it_again,
        a_turn_whose_challenge_is_never_fetched_whole_ends,
        who_goes_away_during_the_upload_may_begin_again_while_another_sleeps,
        who_goes_away_before_the_receipt_has_it_all_the_same,
        who_logs_out_while_it_is_verified_has_contributed,
        who_logs_out_during_an_upload_gives_the_turn_back,
        two_tabs_of_one_session_keep_one_place,
        the_second_tab_of_a_lobby_is_too_early_and_harms_nobody,
        two_tabs_with_different_contributions_make_one,
        one_tab_may_give_up_what_another_computes,
        more_uploads_of_a_turn_than_allowed_are_told_to_wait,
        strangers_are_refused_on_the_headers_of_every_framing,
        a_session_elsewhere_than_in_its_field_is_none,
        who_was_accepted_can_upload_nothing_else,
        a_body_of_exactly_the_limit_is_read_and_one_byte_more_is_not,
        chunks_of_a_single_byte_make_a_contribution,
        a_request_that_comes_byte_by_byte_is_a_request,
        a_chunked_body_over_the_limit_is_refused_where_it_goes_over,
        broken_chunks_contribute_nothing,
        compressed_uploads_are_refused_and_cost_nothing,
        what_is_sent_behind_an_upload_is_answered_after_it,
    )
