"""The protocol of autumn 2022 (/queue/..., /contribution/start and complete) over the same engine:
beside the lobby's clients in a queue, and in a lobby."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from http_probe import until  # noqa: E402
from kzg_server import (BUSY, EARLY, INVALID, JSON, LOBBY_FULL, NOT_YOUR_TURN, UNKNOWN,  # noqa: E402
                        KzgServer, Poll, bearer, compact, error, vectors)
from wallet import Wallet, login  # noqa: E402

NOT_QUEUED = (400, error('QueueError::NotQueued',
                         'you do not wait (a turn is given up by an abort)'))
# A queue in which nobody is parked, early or late; only what a test names has a cost.
FIFO = ('entry=fifo', 'checkin_every_s=60', 'checkin_tolerance_s=60', 'on_missed=place',
        'on_aborted=place', 'park_s=0', 'offer_s=3600')


class Old(KzgServer):
    """One whose callers speak the older protocol."""

    def call(self, session, path, body=None):
        """(status, value)"""
        fields = [bearer(session)] + ([JSON] if body is not None else [])
        return self.json('POST', path, *fields, body=b'' if body is None else compact(body))

    def join(self, session):
        """What one who may join is told: a list of one status."""
        status, value = self.call(session, '/queue/join')
        assert status == 200 and len(value) == 1, (status, value)
        return value[0]

    def check_in(self, session):
        status, value = self.call(session, '/queue/checkin')
        assert status == 200, (status, value)
        assert list(value) == ['queuePosition', 'nextCheckinTime', 'queueStatus', 'id'], value
        return value

    def where(self, session):
        """(status, position)"""
        value = self.check_in(session)
        return value['queueStatus'], value['queuePosition']

    def begin(self, session):
        """The challenge of a turn that must be theirs."""
        status, value = self.call(session, '/contribution/start')
        assert status == 200 and 'contributions' in value, (status, value)
        return value

    def newcomer_as(self, identity):
        return self.newcomer('--as', identity)


def a_turn_from_joining_to_the_receipt():
    v = vectors()
    with Old(*FIFO) as s:
        session = s.newcomer_as(v['participants']['A']['identity'])
        assert s.where(session) == ('notQueued', 0)
        told = s.join(session)
        assert told['queueStatus'] == 'readyToContribute', told
        assert told['id'] == v['participants']['A']['identity'][4:], told
        assert s.phase() == 'offered', 'the challenge was not fetched by joining'
        assert s.where(session) == ('readyToContribute', 0)
        assert s.phase() == 'offered'
        assert s.begin(session) == v['base_0']
        until(lambda: s.phase() == 'computing')
        assert s.where(session) == ('contributing', 0)
        status, receipt = s.json('POST', '/contribution/complete', bearer(session), JSON,
                                 body=compact(v['contribution_A']))
        assert status == 200 and sorted(receipt) == ['receipt', 'signature'], receipt
        s.check_receipt(receipt)
        assert s.transcript() == v['transcript_1']
        for path in ('/queue/join', '/queue/checkin', '/queue/leave', '/contribution/start'):
            assert s.call(session, path) == UNKNOWN, path


def a_client_of_2022_goes_all_the_way():
    """As its specification has it: the constant text signed, what login answers given to join."""
    contribution = compact(vectors()['contribution_A'])
    w = Wallet()
    with Old(*FIFO, 'wallets=any', options=['--legacy-login']) as s:
        status, told = login(s, {'sig': w.sign('ZKParty sign-in'), 'ethAddress': w.address})
        assert status == 200, told
        session, who = told['token'], told['participant']
        status, places = s.call(session, '/queue/join', who)
        assert status == 200 and places[0]['id'] == who['id'], places
        status, place = s.call(session, '/queue/checkin', places[0])
        assert (status, place['queueStatus']) == (200, 'readyToContribute'), place
        status, base = s.call(session, '/contribution/start', who)
        assert status == 200 and list(base) == ['contributions', 'ecdsaSignature'], base
        status, receipt = s.json('POST', '/contribution/complete', bearer(session), JSON,
                                 body=contribution)
        assert status == 200, receipt
        s.check_receipt(receipt)
        assert s.server_status()['num_contributions'] == 1
        assert s.transcript()['participantIds'] == ['', w.identity]


def places_are_told_and_the_next_is_called():
    with Old(*FIFO) as s:
        first, second, third = (s.newcomer() for _ in range(3))
        assert s.join(first)['queueStatus'] == 'readyToContribute'
        assert (s.join(second)['queuePosition'], s.join(third)['queuePosition']) == (1, 2)
        assert (s.where(second), s.where(third)) == (('queued', 1), ('queued', 2))
        assert s.call(second, '/contribution/start') == NOT_YOUR_TURN
        assert s.ask(first, path='/contribution/abort') == (200, {})
        assert s.where(second) == ('readyToContribute', 0)
        assert s.where(third) == ('queued', 1)
        assert 'contributions' in s.begin(second)


def the_time_of_the_next_check_in_is_in_seconds_since_1970():
    with Old(*FIFO) as s:
        first, second = s.newcomer(), s.newcomer()
        now = time.time()
        assert abs(s.join(first)['nextCheckinTime'] - (now + 3600)) < 600, 'the start window'
        assert abs(s.join(second)['nextCheckinTime'] - (now + 60)) < 600
        status, fields, _ = s.post('/queue/checkin', bearer(second))
        assert (status, fields['retry-after'], fields['x-queue-position']) == (200, '60', '1'), fields
        s.begin(first)
        assert s.check_in(first)['nextCheckinTime'] == 0
        assert s.check_in(s.newcomer())['nextCheckinTime'] == 0


def joining_twice_changes_nothing():
    with Old(*FIFO) as s:
        first, second, third = (s.newcomer() for _ in range(3))
        s.join(first)
        for _ in range(3):
            assert s.join(second)['queuePosition'] == 1
        assert s.join(third)['queuePosition'] == 2
        assert s.join(first)['queueStatus'] == 'readyToContribute'
        assert s.json('GET', '/ceremony/status')[1]['waiting'] == 2


def asking_for_the_status_joins_nobody():
    with Old(*FIFO) as s:
        s.join(s.newcomer())
        other = s.newcomer()
        assert s.where(other) == ('notQueued', 0)
        assert s.call(other, '/contribution/start') == NOT_YOUR_TURN
        assert s.json('GET', '/ceremony/status')[1]['waiting'] == 0


def leaving_gives_the_place_up():
    with Old(*FIFO) as s:
        first, second, third = (s.newcomer() for _ in range(3))
        for session in (first, second, third):
            s.join(session)
        assert s.call(second, '/queue/leave') == (200, {})
        assert s.where(second) == ('notQueued', 0)
        assert s.where(third) == ('queued', 1)
        assert s.call(second, '/queue/leave') == NOT_QUEUED
        assert s.call(first, '/queue/leave') == NOT_QUEUED, 'a turn is aborted instead'
        assert s.join(second)['queuePosition'] == 2


def whoever_does_not_start_in_time_has_missed_it():
    with Old(*FIFO, 'offer_s=1', 'on_missed=out') as s:
        first, second = s.newcomer(), s.newcomer()
        s.join(first)
        s.join(second)
        until(lambda: s.where(first)[0] == 'expired')
        assert s.call(first, '/contribution/start') == UNKNOWN
        assert s.call(first, '/queue/join') == UNKNOWN


def a_cool_down_is_expired_until_it_is_over():
    with Old(*FIFO, 'on_aborted=cooldown', 'cooldown_s=1000') as s:
        session = s.newcomer()
        s.join(session)
        s.ask(session, path='/contribution/abort')
        assert s.where(session) == ('expired', 0)
        status, fields, body = s.post('/queue/join', bearer(session))
        assert (status, json.loads(body)) == EARLY and 900 < int(fields['x-cool-down']) <= 1000


def checking_in_too_soon_is_refused_as_in_the_lobby():
    with Old(*FIFO, 'checkin_shortest_s=600', 'checkin_tolerance_s=0') as s:
        s.join(s.newcomer())
        second = s.newcomer()
        s.join(second)
        status, fields, body = s.post('/queue/checkin', bearer(second))
        assert (status, json.loads(body)) == EARLY
        assert (fields['retry-after'], fields['x-queue-position']) == ('600', '1'), fields


def a_full_queue_says_so():
    with Old(*FIFO, 'waiting_max=1') as s:
        people = [s.newcomer() for _ in range(3)]
        s.join(people[0])
        s.join(people[1])
        assert s.call(people[2], '/queue/join') == LOBBY_FULL


def bodies_are_optional_and_read_strictly():
    with Old(*FIFO) as s:
        invitation, identity = s.invite()
        session = s.session(invitation)
        address = identity.strip()[4:]
        for body in ({'idType': 'ethAddress', 'id': address}, {'id': address.upper().replace('X', 'x')},
                     {'id': identity.strip(), 'tags': ['convoke', {'a': 1}]}, {},
                     {'queuePosition': 1, 'nextCheckinTime': 2, 'queueStatus': 'queued', 'id': address}):
            assert s.call(session, '/queue/checkin', body)[0] == 200, body
        for body in ({'idType': 'ethAddress', 'id': '0x' + '0' * 40}, {'idType': 'ensName', 'id': 'a.eth'},
                     {'idType': 'githubHandle', 'id': address}, {'idType': 'git', 'id': address}):
            status, told = s.call(session, '/queue/join', body)
            assert (status, told['code']) == (400, 'QueueError::InvalidId'), (body, told)
        for path in ('/queue/join', '/queue/checkin', '/queue/leave', '/contribution/start'):
            for raw, status, code in ((b'{', 400, 'InvalidJson'), (b'[]', 422, 'WrongShape'),
                                      (b'{"id":7}', 422, 'WrongShape'), (b'{}x', 400, 'InvalidJson'),
                                      (b'{"id":"a","id":"b"}', 422, 'WrongShape'),
                                      (b' ' * 4097, 413, 'TooLarge')):
                got = s.json('POST', path, bearer(session), JSON, body=raw)
                assert (got[0], got[1]['code']) == (status, 'RequestError::' + code), (path, raw, got)
            assert s.json('POST', path, bearer(session), body=b'{}')[0] == 415, path
        assert s.json('GET', '/ceremony/status')[1]['waiting'] == 0


def a_github_account_names_itself_by_its_login():
    with Old(*FIFO) as s:
        session = s.newcomer_as('git|123|Octo-Cat')
        for name in ('Octo-Cat', '@octo-cat'):
            status, told = s.call(session, '/queue/checkin', {'idType': 'githubHandle', 'id': name})
            assert status == 200 and told['id'] == 'Octo-Cat', told


def without_a_session_nothing_is_told():
    with Old(*FIFO) as s:
        for path in ('/queue/join', '/queue/checkin', '/queue/leave', '/contribution/start'):
            assert s.json('POST', path, JSON, body=b'{"id":"x"}') == INVALID, path
            assert s.call('504d898c-e975-4e13-9a48-4f8b95d754fb', path) == UNKNOWN, path
        assert s.call('x', '/contribution/complete', {}) == NOT_YOUR_TURN


def aborting_takes_a_body_with_the_reason():
    with Old(*FIFO) as s:
        session = s.newcomer()
        s.join(session)
        assert s.call(session, '/contribution/abort', {'id': 'x', 'reason': 'no memory'}) == (200, {})
        assert s.phase() == 'free'


# ---- both protocols side by side ----

def in_a_queue_both_stand_in_one_line():
    with Old(*FIFO) as s:
        lobby, old, last = s.newcomer(), s.newcomer(), s.newcomer()
        s.take_turn(lobby)
        assert s.join(old)['queuePosition'] == 1
        status, fields, _ = s.post('/lobby/try_contribute', bearer(last))
        assert (status, fields['x-queue-position']) == (200, '2')
        assert s.where(old) == ('queued', 1)  # the second time within ready_s: is ready
        assert s.ask(last) == BUSY
        s.ask(lobby, path='/contribution/abort')
        assert s.where(old) == ('readyToContribute', 0)
        assert s.ask(last) == BUSY, 'whoever is ready and waited longer goes first'
        s.begin(old)


def one_may_change_protocols_with_ones_place():
    with Old(*FIFO) as s:
        first, second = s.newcomer(), s.newcomer()
        s.take_turn(first)
        assert s.ask(second) == BUSY
        assert s.where(second) == ('queued', 1)
        s.ask(first, path='/contribution/abort')
        assert s.where(second) == ('readyToContribute', 0)
        s.take_turn(second)  # comes for the offer the other way
        assert s.where(second)[0] in ('readyToContribute', 'contributing')


def who_asks_every_30_s_is_passed_over_between_two_polls_and_keeps_the_place():
    """ready_s=0: nobody is ready, as those who ask seldom are not."""
    with Old(*FIFO, 'ready_s=0') as s:
        holder, seldom, old = (s.newcomer() for _ in range(3))
        s.take_turn(holder)
        assert s.ask(seldom) == BUSY
        assert s.join(old)['queuePosition'] == 2
        s.ask(holder, path='/contribution/abort')
        assert s.where(old) == ('readyToContribute', 0)
        status, fields, value = s.post('/lobby/try_contribute', bearer(seldom))
        assert (status, json.loads(value)) == BUSY and fields['x-queue-position'] == '1', fields


def a_parked_poll_is_ready_before_whoever_came_later():
    with Old(*FIFO, 'park_s=3600', 'park_max=3') as s:
        holder, seldom, old = (s.newcomer() for _ in range(3))
        s.take_turn(holder)
        poll = Poll(s, seldom)
        until(lambda: s.json('GET', '/ceremony/status')[1]['waiting'] == 1)
        assert s.join(old)['queuePosition'] == 2
        assert s.where(old) == ('queued', 2)
        s.ask(holder, path='/contribution/abort')
        poll.must_be_the_turn()
        assert s.where(old) == ('queued', 1)


# ---- in a lobby ----

def in_a_lobby_there_are_no_places_and_chance_decides():
    with Old('checkin_tolerance_s=60', 'checkin_every_s=60') as s:
        first, second, third = (s.newcomer() for _ in range(3))
        assert s.join(first)['queueStatus'] == 'readyToContribute'
        for session in (second, third):
            told = s.join(session)
            assert (told['queueStatus'], told['queuePosition']) == ('queued', 0), told
        assert s.json('GET', '/info/status')[1]['lobby_size'] == 2
        s.begin(first)
        s.ask(first, path='/contribution/abort')
        assert s.where(third) == ('readyToContribute', 0), 'whoever asks first'
        assert s.where(second) == ('queued', 0)
        assert s.ask(second) == BUSY
        s.begin(third)


def in_a_lobby_leaving_is_not_asking_any_more():
    with Old('checkin_tolerance_s=60', 'checkin_every_s=60') as s:
        first, second = s.newcomer(), s.newcomer()
        s.join(first)
        s.join(second)
        assert s.call(second, '/queue/leave') == (200, {})
        assert s.call(s.newcomer(), '/queue/leave') == NOT_QUEUED


if __name__ == '__main__':
    tap.main(a_turn_from_joining_to_the_receipt,
             a_client_of_2022_goes_all_the_way,
             places_are_told_and_the_next_is_called,
             the_time_of_the_next_check_in_is_in_seconds_since_1970,
             joining_twice_changes_nothing,
             asking_for_the_status_joins_nobody,
             leaving_gives_the_place_up,
             whoever_does_not_start_in_time_has_missed_it,
             a_cool_down_is_expired_until_it_is_over,
             checking_in_too_soon_is_refused_as_in_the_lobby,
             a_full_queue_says_so,
             bodies_are_optional_and_read_strictly,
             a_github_account_names_itself_by_its_login,
             without_a_session_nothing_is_told,
             aborting_takes_a_body_with_the_reason,
             in_a_queue_both_stand_in_one_line,
             one_may_change_protocols_with_ones_place,
             who_asks_every_30_s_is_passed_over_between_two_polls_and_keeps_the_place,
             a_parked_poll_is_ready_before_whoever_came_later,
             in_a_lobby_there_are_no_places_and_chance_decides,
             in_a_lobby_leaving_is_not_asking_any_more)
