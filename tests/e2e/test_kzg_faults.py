"""Uploads that are unwanted, slow, doubled or broken off, and a disk without space: each is answered
as it should be, nothing is lost, and the next turn goes on."""
import contextlib
import http.client
import json
import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from disk import FileLimit, SmallDisk  # noqa: E402
from http_probe import PATIENCE, read_all, read_reply, split, until  # noqa: E402
from kzg_server import INVALID, NOT_YOUR_TURN, Holder, KzgServer, bearer, upload_head

BIG = 6300000  # what a contribution of the real sizes has
EXPECT = 'Expect: 100-continue'


# ---- without a turn ----

def strangers(s):
    """(header fields, answer) of those who have no turn."""
    return ((['X: y'], INVALID), ([bearer('504d898c-e975-4e13-9a48-4f8b95d754fb')], NOT_YOUR_TURN),
            ([bearer(s.newcomer())], NOT_YOUR_TURN))


def begin(fields, length, *more):
    head = upload_head('', length, *more).decode().replace('Authorization: Bearer \r\n',
                                                           ''.join(f + '\r\n' for f in fields))
    return head.encode()


def an_unwanted_upload_is_answered_on_its_headers():
    with KzgServer() as s:
        for fields, expected in strangers(s):
            with s.connect() as c:
                c.sendall(begin(fields, BIG, EXPECT))
                status, got, body = split(read_all(c))
            assert (status, json.loads(body)) == expected, (fields, status, body)
            assert got['connection'].lower() == 'close', got
            assert s.stored() == []


def an_unwanted_upload_is_read_to_its_end_and_never_stored():
    with KzgServer() as s:
        for fields, expected in strangers(s):
            with s.connect() as c:
                c.sendall(begin(fields, BIG) + b'x' * (BIG // 2))
                assert s.get('/info/status')[0] == 200  # it has come that far
                assert s.stored() == []
                c.sendall(b'x' * (BIG - BIG // 2))
                status, _, body = read_reply(c)
            assert (status, json.loads(body)) == expected, (fields, status, body)
            assert s.stored() == []


def clients_of_the_standard_library_see_the_refusal():
    with KzgServer() as s:
        c = http.client.HTTPConnection('127.0.0.1', s.port, timeout=PATIENCE)
        headers = {'Authorization': 'Bearer ' + s.newcomer(), 'Content-Type': 'application/json'}
        for _ in range(2):  # and may go on with the connection
            c.request('POST', '/contribute', b'x' * BIG, headers)
            reply = c.getresponse()
            assert (reply.status, json.loads(reply.read())) == NOT_YOUR_TURN
        c.close()


def losing_the_turn_during_an_upload_ends_it():
    with Holder() as s:
        other = s.newcomer()
        with s.upload(1000) as c:
            until(lambda: s.phase() == 'uploading')
            assert s.ask(s.holder, path='/contribution/abort')[0] == 200
            s.take_turn(other)
            c.sendall(s.body[1000:])
            status, _, reply = read_reply(c)
        assert (status, json.loads(reply)) == NOT_YOUR_TURN
        assert s.count() == 0
        assert s.give(other, s.body)[0] == 200


# ---- broken off, slow, doubled ----

def who_hangs_up_may_begin_again():
    with Holder() as s:
        for part in (0, 1, 1000, len(s.body) - 1):
            with s.upload(part):
                pass
        assert s.hand_in()[0] == 200
        until(lambda: len(s.stored()) == 1)


def who_hangs_up_after_the_last_byte_has_contributed():
    with Holder() as s:
        with s.upload(len(s.body)):
            pass
        until(lambda: s.count() == 1)
        status, answer = s.hand_in()
        assert status == 200 and json.loads(s.get('/receipt/1')[2]) == answer, answer


def a_silent_upload_does_not_hinder_another_of_the_holder():
    with Holder() as s:
        with s.upload(1000) as silent, s.upload(0) as other:
            other.sendall(b' ' * 1000)
            until(lambda: len(s.stored()) == 2)
            status, answer = s.hand_in()
            assert status == 200, answer
            silent.sendall(s.body[1000:])  # the same bytes in the end
            status, _, again = read_reply(silent)
            assert (status, json.loads(again)) == (200, answer), again
            other.sendall(b' ' * (len(s.body) - 1000))
            status, _, refused = read_reply(other)
            assert (status, json.loads(refused)) == NOT_YOUR_TURN, refused
        assert s.count() == 1
        until(lambda: len(s.stored()) == 1)


def the_same_upload_many_times_at_once_counts_once():
    with KzgServer(sizes='1024,9') as s:
        session = s.newcomer()
        contribution = s.prepare(session)
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(s.give(session, contribution)))
                   for _ in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert len(answers) == 4
        accepted = [answer for status, answer in answers if status == 200]
        assert accepted and all(a == accepted[0] for a in accepted), answers
        assert all(a in (NOT_YOUR_TURN, (200, accepted[0])) for a in answers), answers
        assert s.count() == 1
        assert s.give(session, contribution) == (200, accepted[0])
        s.check_transcript()


class SlowUpload:
    """A holder's upload of a byte a second, from when this is made (so that it takes its time while
    other tests run)."""

    def __init__(self):
        self.server = Holder('upload_rate=0')  # the ceremony itself lets it take its time
        self.seconds = None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        began = time.monotonic()
        with self.server.connect() as c, contextlib.suppress(OSError):
            c.sendall(upload_head(self.server.holder, 100000))
            c.settimeout(1)
            while time.monotonic() < began + 2 * PATIENCE:
                c.sendall(b' ')
                with contextlib.suppress(TimeoutError):
                    c.recv(1)
                    break
        self.seconds = time.monotonic() - began


def a_slow_upload_is_cut_and_the_turn_goes_on():
    with slow.server as s:
        slow.thread.join()
        assert 25 < slow.seconds < 100, slow.seconds
        until(lambda: s.stored() == [])
        assert s.hand_in()[0] == 200


# ---- no space ----

def full_turn_under(s, limit, unlimit):
    """A turn while `limit(step)` takes the space away before each attempt of the request `step`.
    Each is then answered by 5xx or done; without the limit it is done."""
    invitation, failed = s.invite()[0], 0

    def attempt(request):
        nonlocal failed
        limit()
        status = request()[0]
        if 500 <= status < 600:
            failed += 1
        else:
            assert status == 200, status
        unlimit()
        got = request()
        assert got[0] == 200, got
        return got

    s.holder = json.loads(attempt(lambda: s.sign_in(invitation))[2])['session_id']
    attempt(lambda: s.post('/lobby/try_contribute', bearer(s.holder)))
    answer = attempt(s.hand_in)[1]
    assert failed > 0, 'there was space enough'
    assert s.process.poll() is None
    assert s.count() == 1 and s.json('GET', '/ceremony/status')[1]['turns'] == 1
    check_all_is_there(s, answer)
    s.stop()
    s.start()
    check_all_is_there(s, answer)


def check_all_is_there(s, answer):
    assert s.hand_in() == (200, answer)
    s.check_receipt(answer)
    s.check_transcript()
    until(lambda: len(s.stored()) == 1)


@contextlib.contextmanager
def on_a_small_disk():
    with Holder(serving=False) as s, SmallDisk(s) as disk:
        s.start()
        yield s, disk
        if s.process:
            s.stop()


def files_that_may_not_grow_lose_nothing():
    for size in (0, 4096, 16384, 65536):
        with Holder(serving=False) as s, FileLimit(s) as limit:
            s.start()
            full_turn_under(s, lambda: limit.fill(size), limit.free)


def a_full_disk_loses_nothing():
    for left in (0, 4096, 12288, 32768):
        with on_a_small_disk() as (s, disk):
            full_turn_under(s, lambda: disk.fill(left), disk.free)


def a_kill_on_a_full_disk_loses_nothing():
    failed = 0
    for left in (0, 8192, 16384, 24576, 32768, 40960):
        with on_a_small_disk() as (s, disk):
            s.begin()
            disk.fill(left)
            status, answer = s.hand_in()
            failed += status != 200
            s.stop(signal.SIGKILL)
            disk.free()
            s.start()
            status, again = s.hand_in()
            assert status == 200 and ('receipt' not in answer or again == answer), (left, again)
            assert s.json('GET', '/ceremony/status')[1]['turns'] == 1, left
            check_all_is_there(s, again)
    assert failed > 0, 'there was space enough'


def a_server_that_starts_on_a_full_disk_damages_nothing():
    with on_a_small_disk() as (s, disk):
        s.begin()
        answer = s.hand_in()[1]
        s.stop()
        disk.fill(0)
        if s.starts():  # it may or may not be able to
            assert s.count() == 1
            s.stop(signal.SIGKILL)
        disk.free()
        s.start()
        check_all_is_there(s, answer)


if __name__ == '__main__':
    slow = SlowUpload()
    tap.main(
        an_unwanted_upload_is_answered_on_its_headers,
        an_unwanted_upload_is_read_to_its_end_and_never_stored,
        clients_of_the_standard_library_see_the_refusal,
        losing_the_turn_during_an_upload_ends_it,
        who_hangs_up_may_begin_again,
        who_hangs_up_after_the_last_byte_has_contributed,
        a_silent_upload_does_not_hinder_another_of_the_holder,
        the_same_upload_many_times_at_once_counts_once,
        files_that_may_not_grow_lose_nothing,
        a_full_disk_loses_nothing,
        a_kill_on_a_full_disk_loses_nothing,
        a_server_that_starts_on_a_full_disk_damages_nothing,
        a_slow_upload_is_cut_and_the_turn_goes_on,
    )
