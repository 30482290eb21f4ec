"""The integration scenarios of the original server (docs/CONFORMANCE.md), under their names there, with
invitations instead of its mocked sign-in; those that other files show are named in that table.
Whoever is slow is waited for by what the server says, never by the clock."""
import json
import os
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from http_probe import program, until  # noqa: E402
from kzg_server import (BEEN_HERE, BUSY, EARLY, JSON, NOT_YOUR_TURN, UNKNOWN, KzgServer,  # noqa: E402
                        bearer, error, query_of, vectors)

FULL = (503, error('AuthErrorPayload::LobbyIsFull', 'lobby is full'))
# As the original: a lobby, and whoever fails is out for good.
STRICT = ('on_expired=out', 'on_aborted=out', 'on_invalid=out')


class User:
    """One who signs in by an invitation and takes part like the original's test users."""

    def __init__(self, server, name=None, key=None, slow=False):
        self.server, self.slow = server, slow
        self.invitation, self.identity = server.invite()
        self.identity = self.identity.strip()
        self.name = self.identity if name is None else name  # what the BLS signatures are over
        self.key = key  # a file with the key of the ECDSA signature
        self.session = server.session(self.invitation)
        self.answer = None

    def compute(self, base):
        return subprocess.run([program('contribute_as'), self.name, self.key or ''], input=base,
                              check=True, stdout=subprocess.PIPE).stdout

    def ask(self):
        """The base file, or None while others have the turn."""
        status, _, body = self.server.post('/lobby/try_contribute', bearer(self.session))
        value = json.loads(body)
        assert status == 200, (status, value)
        return body if 'contributions' in value else None

    def run(self):
        base = None
        while base is None:
            base = self.ask()
            if base is None:
                time.sleep(0.2)
        lease = self.server.json('GET', '/ceremony/status')[1]['lease']
        contribution = self.compute(base)
        if self.slow:
            until(lambda: self.server.json('GET', '/ceremony/status')[1]['lease'] != lease)
        self.answer = self.server.give(self.session, contribution)

    @property
    def accepted(self):
        return self.answer is not None and self.answer[0] == 200


def run_all(users):
    """All at once; every one of them must come to an answer."""
    faults = []

    def one(user):
        try:
            user.run()
        except BaseException as fault:  # pylint: disable=broad-except
            faults.append((user.identity, fault))
    threads = [threading.Thread(target=one, args=(u,)) for u in users]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not faults, faults


def entries(server):
    """Of each contribution: identity -> (BLS signatures, ECDSA signature)."""
    t = server.transcript()
    bls = zip(*(sub['witness']['blsSignatures'] for sub in t['transcripts']))
    found = list(zip(t['participantIds'], bls, t['participantEcdsaSignatures']))[1:]
    assert len({identity for identity, _, _ in found}) == len(found), 'somebody twice'
    return {identity: (b, e) for identity, b, e in found}


def a_key(server, secret):
    path = server.path('key%d' % secret)
    with open(path, 'w', encoding='ascii') as f:
        f.write('%064x' % secret)
    return path


def test_sessions_limit():
    with KzgServer(options=['--max-sessions', '3']) as s:
        people = [s.invite()[0] for _ in range(4)]
        for invitation in people[:3]:
            s.session(invitation)
        assert s.json('GET', '/auth/request_link') == FULL
        s.stop()
        s.options = ['--max-sessions', '4']
        s.start()
        links = [s.links(to) for to in (None, None, 'http://localhost:1234/back?a=b')]
        states = [query_of(l['eth_auth_url'])['state'] for l in links]
        s.stop()
        s.options = ['--max-sessions', '3']
        s.start()
        path = '/auth/callback/eth?code=%s&state=' % people[3]
        assert s.json('GET', path + states[0]) == FULL
        status, fields, _ = s.get(path + states[2])
        got = query_of(fields['location'])
        assert (status, got) == (303, {'a': 'b', 'code': 'AuthErrorPayload::LobbyIsFull',
                                       'error': 'lobby is full'}), (status, got)
        status, fields, _ = s.get('/auth/callback/eth?code=%s&state=%s' % (people[0], states[1]))
        assert status == 200, 'whoever is signed in may come in again'


def test_double_contribution():
    v = vectors()
    with KzgServer(*STRICT) as s:
        user = User(s)
        user.run()
        before = s.state()
        assert user.accepted, user.answer
        assert s.give(user.session, v['contribution_B']) == NOT_YOUR_TURN
        assert s.ask(user.session) == UNKNOWN
        status, _, body = s.sign_in(user.invitation)
        assert (status, json.loads(body)) == BEEN_HERE
        assert s.state() == before


def test_large_lobby():
    with KzgServer(*STRICT) as s:
        users = [User(s) for _ in range(20)]
        run_all(users)
        assert all(u.accepted for u in users), [u.answer for u in users]
        found = entries(s)
        assert set(found) == {u.identity for u in users}
        assert all(all(b) for b, _ in found.values()), 'a BLS signature is missing'
        s.check_transcript()


def test_large_lobby_with_slow_compute_users():
    with KzgServer(*STRICT, 'compute_s=3') as s:
        users = [User(s, slow=i % 2 == 1) for i in range(8)]
        run_all(users)
        for u in users:
            assert (u.answer == NOT_YOUR_TURN) if u.slow else u.accepted, (u.slow, u.answer)
        assert set(entries(s)) == {u.identity for u in users if not u.slow}
        status = s.json('GET', '/ceremony/status')[1]
        assert (status['num_contributions'], status['expired'], status['turns']) == (4, 4, 8), status
        s.check_transcript()


def test_various_contributors():
    with KzgServer(*STRICT, 'compute_s=3', 'checkin_every_s=0', 'checkin_tolerance_s=2') as s:
        other = a_key(s, 7)
        good = [User(s) for _ in range(5)]
        wrong_ecdsa = [User(s, key=other) for _ in range(5)]
        wrong_bls = [User(s, name='eth|0x' + '0' * 40) for _ in range(5)]
        slow = [User(s, slow=True) for _ in range(2)]
        seldom = [User(s) for _ in range(5)]  # ask once, and then too late
        holder = User(s)
        base = holder.ask()
        for user in seldom:
            assert s.ask(user.session) == BUSY
        until(lambda: s.json('GET', '/info/status')[1]['lobby_size'] == 0)
        assert s.give(holder.session, holder.compute(base))[0] == 200
        run_all(good + wrong_ecdsa + wrong_bls + slow + seldom)
        accepted = [holder] + good + wrong_ecdsa + wrong_bls + seldom
        assert all(u.accepted for u in accepted[1:]), [u.answer for u in accepted]
        assert all(u.answer == NOT_YOUR_TURN for u in slow), [u.answer for u in slow]
        found = entries(s)
        assert set(found) == {u.identity for u in accepted}
        for user in accepted:
            bls, ecdsa = found[user.identity]
            assert ecdsa == '' and all(bls) == (user not in wrong_bls), user.identity
            assert any(bls) == all(bls), user.identity
        s.check_transcript()


def test_contribution_after_lobby_cleanup():
    with KzgServer(*STRICT, 'checkin_every_s=0', 'checkin_tolerance_s=2') as s:
        holder, other = User(s), User(s)
        base = holder.ask()
        assert other.ask() is None
        assert s.json('GET', '/info/status')[1]['lobby_size'] == 1
        until(lambda: s.json('GET', '/info/status')[1]['lobby_size'] == 0)
        assert s.give(holder.session, holder.compute(base))[0] == 200, 'the holder was purged'
        other.run()
        assert other.accepted, 'who was out of the lobby may come back'


def test_wrong_ecdsa_signature():
    with KzgServer(*STRICT) as s:
        user = User(s, key=a_key(s, 7))
        user.run()
        assert user.accepted, user.answer
        bls, ecdsa = entries(s)[user.identity]
        assert all(bls) and ecdsa == ''


def test_wrong_bls_signature():
    with KzgServer(*STRICT) as s:
        user = User(s, name='git|1|somebody')
        user.run()
        assert user.accepted, user.answer
        assert entries(s)[user.identity] == (('', '', ''), '')


def test_graceful_restart():
    with KzgServer(*STRICT) as s:
        before = [User(s) for _ in range(10)]
        waiting = User(s)
        run_all(before)
        assert s.stop() == 0
        s.start()
        after = [User(s) for _ in range(10)] + [waiting]  # whose session outlived the restart
        run_all(after)
        users = before + after
        assert all(u.accepted for u in users), [u.answer for u in users]
        identities = s.transcript()['participantIds'][1:]
        assert set(identities[:10]) == {u.identity for u in before}
        assert set(identities[10:]) == {u.identity for u in after}
        s.check_transcript()


def lobby_try_contribute_test():
    """What of it needs no hours: the rest, with a clock of its own, is engine/test_lobby.c."""
    with KzgServer('checkin_every_s=2', 'checkin_tolerance_s=1') as s:
        first, second = User(s), User(s)
        assert s.ask('504d898c-e975-4e13-9a48-4f8b95d754fb') == UNKNOWN
        base = first.ask()
        assert s.ask(second.session) == BUSY
        assert s.ask(second.session) == EARLY
        assert s.ask(first.session) == EARLY, 'the file again, at once'
        until(lambda: s.ask(first.session)[0] == 200)  # a refused call does not put it off
        assert s.ask(first.session) == EARLY
        until(lambda: s.post('/lobby/try_contribute', bearer(first.session))[2] == base)
        s.ask(first.session, path='/contribution/abort')
        until(lambda: 'contributions' in s.ask(second.session)[1])


if __name__ == '__main__':
    tap.main(test_sessions_limit,
             test_double_contribution,
             test_large_lobby,
             test_large_lobby_with_slow_compute_users,
             test_various_contributors,
             test_contribution_after_lobby_cleanup,
             test_wrong_ecdsa_signature,
             test_wrong_bls_signature,
             test_graceful_restart,
             lobby_try_contribute_test)
