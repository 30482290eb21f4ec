"""Every client of the original protocol takes part in one ceremony, in a lobby and in a queue, and
meets what may go wrong, as it is: nothing here knows that the server is ours. Ten seconds of a
client are one here, its own and the server's alike. The sizes are small, and so are those in the
schemas that clients check against; test_clients_full.py has the real ones."""
import contextlib
import functools
import json
import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import convoke, done  # noqa: E402
from clients.base import Clock  # noqa: E402
from clients.chotto import Chotto  # noqa: E402
from clients.cli import Cli  # noqa: E402
from clients.cpp import Cpp  # noqa: E402
from clients.czg import Czg  # noqa: E402
from clients.golang import Arnaucube, Jsign  # noqa: E402
from clients.nethermind import Nethermind  # noqa: E402
from clients.person import Person  # noqa: E402
from clients.web import ORIGIN, Web  # noqa: E402
from http_probe import until  # noqa: E402
from kzg_server import KzgServer  # noqa: E402

SPEED = 10
THINKS_S = 10
ENDS_S = 120  # real ones, for all clients to end; it takes a tenth
# 30 s and 15 s; those of the queue are 20 s, 15 s, 10 s and 5 s: a tenth, in whole seconds.
RULES = ('checkin_every_s=3', 'checkin_tolerance_s=2')
LOBBY = ('entry=lobby', 'on_expired=out', 'on_aborted=out', 'on_invalid=out', *RULES)
QUEUE = ('entry=fifo', 'on_missed=strike', 'on_expired=strike', 'on_aborted=cooldown',
         'on_invalid=out', 'park_s=2', 'offer_s=2', 'ready_s=1', 'checkin_shortest_s=1', *RULES)
WALLET = 'wallet'
ALL, NONE = 'all', 'none'  # of the signatures that are kept
# (client, whose account, BLS signatures kept, whether the ECDSA signature is)
EVERYBODY = (
    (Web, WALLET, ALL, True),
    (Web, 'git|11|Octo-Cat', NONE, False),  # it signs git|11|@Octo-Cat
    (Cpp, None, ALL, True),
    (Cpp, 'git|12|Mona-Lisa', ALL, False),
    (Jsign, None, NONE, False),
    (Arnaucube, 'git|13|arnau', NONE, False),
    (Chotto, WALLET, ALL, True),
    (Chotto, 'git|14|Stefan', NONE, False),
    (Nethermind, 'git|15|Never-Mind', NONE, False),
    (Czg, WALLET, NONE, False),
    (Cli, None, NONE, False),
)


class Server(KzgServer):
    """A server whose operator lets sign-in lead to the web page's origin."""

    def __init__(self, *rules, preset='ethereum', **options):
        super().__init__(*rules, preset=preset, options=['--allow-redirects', ORIGIN], **options)
        self.clock = Clock(SPEED)

    def __exit__(self, *args):
        self.clock.over.set()
        super().__exit__(*args)

    def client(self, kind, account=None, **more):
        """`account`: another identity than that of the invitation, or WALLET."""
        person = Person(self, wallet=True) if account == WALLET else Person(self, account)
        return kind(self, person, self.clock, **more)


def take_their_time(clients):
    """So that most of them meet a turn that is taken: each thinks for ten of its seconds."""
    def slowly(client, compute):
        client.clock.sleep(THINKS_S)
        compute()
    for c in clients:
        c.compute = functools.partial(slowly, c, c.compute)


def run(clients):
    for c in clients:
        c.start()
    wait_for(clients)


def wait_for(clients, seconds=ENDS_S):
    end = time.monotonic() + seconds
    for c in clients:
        c.join(max(0, end - time.monotonic()))
    for c in clients:
        name = type(c).__name__
        assert not c.is_alive(), '%s is not done: %s' % (name, c.codes)
        assert c.failed is None, '%s\n%s' % (name, c.failed)


def index_in(transcript, contribution):
    """Where all its public keys stand: at one index, the same in every sub-ceremony."""
    at = {t['witness']['potPubkeys'].index(c['potPubkey'])
          for t, c in zip(transcript['transcripts'], contribution['contributions'])}
    assert len(at) == 1, at
    return at.pop()


def check_contribution(transcript, client, bls, ecdsa):
    name = type(client).__name__
    assert client.ended is None, '%s: %s' % (name, client.ended)
    i = index_in(transcript, client.sent)
    assert transcript['participantIds'][i] == client.person.identity, name
    kept = [t['witness']['blsSignatures'][i] for t in transcript['transcripts']]
    sent = [c.get('blsSignature') for c in client.sent['contributions']]
    assert kept == (sent if bls == ALL else [''] * len(kept)), (name, kept, sent)
    assert transcript['participantEcdsaSignatures'][i] == \
        (client.sent['ecdsaSignature'] if ecdsa else ''), name
    assert json.loads(client.receipt['receipt'])['index'] == i, name


def check_ceremony(s, clients):
    transcript = s.transcript()
    assert len(transcript['participantIds']) == len(clients) + 1
    for client, (_, _, bls, ecdsa) in zip(clients, EVERYBODY):
        check_contribution(transcript, client, bls, ecdsa)
        s.check_receipt(client.receipt)
    status = s.json('GET', '/ceremony/status')[1]
    assert (status['expired'], status['refused'], status['aborted']) == (0, 0, 0), status
    done(convoke('verify', s.export()))


def everybody_takes_part(*rules, preset):
    with Server(*rules, preset=preset) as s:
        clients = [s.client(kind, account) for kind, account, _, _ in EVERYBODY]
        take_their_time(clients)
        run(clients)
        check_ceremony(s, clients)
        return clients


def every_client_contributes_in_a_lobby():
    clients = everybody_takes_part(*LOBBY, preset='ethereum')
    early = sum(c.codes['RateLimited'] for c in clients if isinstance(c, Cpp))
    assert early > 0, 'who asks every 5 s and waits is too early'
    assert sum(c.codes['AnotherContributionInProgress'] for c in clients) >= len(clients) - 1


def every_client_contributes_in_a_queue():
    everybody_takes_part(*QUEUE, preset='kzg')


# ---- what may go wrong ----

@contextlib.contextmanager
def a_turn_of_another(s):
    """While somebody has the turn."""
    other = s.newcomer()
    s.take_turn(other)
    yield
    assert s.ask(other, path='/contribution/abort')[0] == 200


def a_full_lobby_sends_away_only_those_who_take_it_for_a_rate_limit():
    with Server(*LOBBY, 'lobby_max=1') as s:
        with a_turn_of_another(s):
            first = s.client(Jsign)
            first.start()
            until(lambda: s.json('GET', '/info/status')[1]['lobby_size'] == 1)
            stays = [s.client(Web), s.client(Cpp), s.client(Arnaucube, 'git|13|arnau'),
                     s.client(Chotto), s.client(Czg)]
            leaves = s.client(Nethermind)
            for c in [*stays, leaves]:
                c.start()
            until(lambda: all(c.codes['LobbyIsFull'] > 0 for c in stays))
            leaves.join(ENDS_S)
            assert 'rate limited' in leaves.ended, leaves.ended
        wait_for([first, *stays])
        assert all(c.receipt for c in stays), [c.ended for c in stays]


def a_session_that_is_unknown_leads_back_to_the_sign_in_or_to_the_end():
    unknown = '504d898c-e975-4e13-9a48-4f8b95d754fb'

    def forgotten(s, kind, account=None):
        """One whose session the server does not know once it is signed in."""
        client = s.client(kind, account)
        sign_in = client.sign_in

        def once():
            sign_in()
            if client.sign_ins == 1:
                client.session = unknown
        client.sign_in = once
        return client

    with Server(*LOBBY) as s:
        again = [forgotten(s, Web), s.client(Cpp, session=unknown),
                 forgotten(s, Arnaucube, 'git|13|arnau')]
        end = [forgotten(s, Chotto), forgotten(s, Nethermind)]
        run(again + end)
        assert all(c.receipt and c.codes['UnknownSessionId'] == 1 for c in again), \
            [(c.ended, c.codes) for c in again]
        assert [c.ended for c in end] == ['the sequencer says UnknownSessionId', 'unauthorized']
        stubborn = forgotten(s, Jsign)
        stubborn.start()
        until(lambda: stubborn.codes['UnknownSessionId'] >= 2)


def who_contributed_is_told_so_by_the_next_poll():
    with Server(*LOBBY) as s:
        client = s.client(Web)
        run([client])
        reply = client.post('/lobby/try_contribute', client.bearer())
        assert reply.status == 401 and client.codes['UnknownSessionId'] == 1, reply.body
        client.session = ''
        reply = client.post('/lobby/try_contribute', client.bearer())
        assert reply.status == 400 and client.codes['InvalidSessionId'] == 1, reply.body


def a_late_upload_that_is_repeated_for_ever_costs_the_ceremony_nothing():
    with Server(*LOBBY, 'compute_s=1') as s:
        late = s.client(Jsign)
        computed = threading.Event()
        hand_in = late.hand_in

        def wait_and_hand_in():
            assert computed.wait(ENDS_S)
            return hand_in()
        late.hand_in = wait_and_hand_in
        late.start()
        until(lambda: s.json('GET', '/ceremony/status')[1]['expired'] == 1)
        computed.set()
        until(lambda: late.codes['NotUsersTurn'] > 2)
        others = [s.client(Czg), s.client(Cpp)]
        run(others)
        before = late.codes['NotUsersTurn']
        until(lambda: late.codes['NotUsersTurn'] > before + 5)
        assert s.count() == 2 and len(s.stored()) == 2, s.stored()


def a_server_that_was_killed_costs_those_who_try_again_nothing():
    for rules, preset in ((LOBBY, 'ethereum'), (QUEUE, 'kzg')):
        with Server(*rules, preset=preset) as s:
            clients = [s.client(Web, WALLET), s.client(Cpp), s.client(Jsign)]
            other = s.newcomer()
            s.take_turn(other)
            for c in clients:
                c.start()
            until(lambda: all(c.codes['AnotherContributionInProgress'] for c in clients))
            s.stop(signal.SIGKILL)
            time.sleep(1)  # most of them meet nobody
            s.start()
            assert s.give(other, s.prepare(other))[0] == 200
            wait_for(clients)
            assert all(c.receipt and c.sign_ins == 1 for c in clients), \
                [(c.ended, c.sign_ins) for c in clients]
            s.check_transcript()


def a_client_that_cannot_compute_gives_the_turn_back():
    with Server(*LOBBY) as s:
        with a_turn_of_another(s):
            broken, whole = s.client(Chotto), s.client(Cpp)
            broken.breaks = True
            broken.start()
            until(lambda: broken.codes['AnotherContributionInProgress'] > 0)
        broken.join(ENDS_S)
        assert broken.ended == 'could not compute', (broken.ended, broken.failed)
        assert s.phase() == 'free'
        run([whole])
        assert whole.receipt and s.json('GET', '/ceremony/status')[1]['aborted'] == 2


if __name__ == '__main__':
    tap.main(
        every_client_contributes_in_a_lobby,
        every_client_contributes_in_a_queue,
        a_full_lobby_sends_away_only_those_who_take_it_for_a_rate_limit,
        a_session_that_is_unknown_leads_back_to_the_sign_in_or_to_the_end,
        who_contributed_is_told_so_by_the_next_poll,
        a_late_upload_that_is_repeated_for_ever_costs_the_ceremony_nothing,
        a_server_that_was_killed_costs_those_who_try_again_nothing,
        a_client_that_cannot_compute_gives_the_turn_back,
    )
