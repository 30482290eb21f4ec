"""What the program itself says to a server, and hears, is as api/openapi.yaml describes it."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import Ceremony, convoke, done  # noqa: E402
from faults import RecordingProxy  # noqa: E402
from wallet import Wallet  # noqa: E402


def asked(proxy):
    """Methods and paths, in order, without repetitions."""
    seen = []
    for e in proxy.exchanges:
        what = e.method + ' ' + e.target.split('?')[0]
        if what not in seen:
            seen.append(what)
    return seen


def a_contribution_from_sign_in_to_attestation():
    with Ceremony() as c:
        with RecordingProxy(c.port) as proxy:
            done(convoke('contribute', proxy.url, *c.person()))
        assert asked(proxy)[:3] == ['GET /info/current_state', 'GET /auth/request_link',
                                    'GET /auth/callback/eth'], asked(proxy)
        assert {'POST /lobby/try_contribute', 'POST /contribute',
                'GET /info/status'} <= set(asked(proxy)), asked(proxy)
        uploads = [e for e in proxy.exchanges if e.target == '/contribute']
        assert len(uploads) == 1 and len(uploads[0].request_body) > 1000, uploads


def a_contribution_in_three_steps_and_one_given_up():
    with Ceremony() as c:
        for ending in (('compute', 'submit'), ('abort',)):
            person = c.person()
            with RecordingProxy(c.port) as proxy:
                done(convoke('contribute', proxy.url, '--offline', 'request', *person))
                for step in ending:
                    done(convoke('contribute', '--offline', step, *person[2:]))
            assert asked(proxy), ending
        assert 'POST /contribution/abort' in asked(proxy), asked(proxy)


def a_contribution_of_an_ethereum_account():
    with Ceremony('wallets=any') as c:
        with open(c.path('key'), 'w', encoding='ascii') as f:
            f.write(Wallet().secret)
        with RecordingProxy(c.port) as proxy:
            done(convoke('contribute', proxy.url, '--eth-key', c.path('key'), '--dir', c.path('w')))
        assert {'GET /auth/nonce', 'POST /login'} <= set(asked(proxy)), asked(proxy)


def a_verification_of_what_a_server_shows():
    with Ceremony() as c:
        done(c.contribute())
        with RecordingProxy(c.port) as proxy:
            done(convoke('verify', proxy.url))
        assert 'GET /info/current_state' in asked(proxy), asked(proxy)


tap.main(
    a_contribution_from_sign_in_to_attestation,
    a_contribution_in_three_steps_and_one_given_up,
    a_contribution_of_an_ethereum_account,
    a_verification_of_what_a_server_shows,
)
