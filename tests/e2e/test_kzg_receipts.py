"""What a contributor has after the acceptance: the receipt, again and again, what became of their
signatures, and a session that is good for nothing else."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from http_probe import program  # noqa: E402
from kzg_server import (INVALID, JSON, NOT_YOUR_TURN, UNKNOWN, KzgServer, bearer, compact,  # noqa: E402
                        error, vectors)

NO_RECEIPT = (404, error('ReceiptError::NotFound', 'there is no such contribution'))


def post(s, session, contribution):
    """(status, fields, body) of an upload."""
    body = contribution if isinstance(contribution, bytes) else compact(contribution)
    return s.post('/contribute', bearer(session), JSON, body=body)


def own(s, session):
    return s.get('/receipt', bearer(session))


def signed_as(challenge, name):
    """A valid contribution whose BLS signatures are over `name`."""
    return subprocess.run([program('contribute_as'), name, ''], input=challenge, check=True,
                          stdout=subprocess.PIPE).stdout


def accepted_as(s, identity, name):
    """The header fields of an acceptance of somebody who signed as `name`."""
    session = s.newcomer('--as', identity)
    status, fields, body = post(s, session, signed_as(s.take_turn(session), name))
    assert status == 200, body
    return fields


def a_session_fetches_its_receipt_as_often_as_it_likes():
    v = vectors()
    with KzgServer() as s:
        first, second = s.newcomer(), s.newcomer()
        assert s.json('GET', '/receipt', bearer(first)) == NO_RECEIPT
        s.contribute_as(first, v['contribution_A'])
        s.take_turn(second)
        status, fields, body = post(s, second, v['contribution_B'])
        assert (status, fields['x-contribution-index']) == (200, '2'), fields
        for _ in range(2):
            again = own(s, second)
            assert again[0] == 200 and again[2] == body, again
            assert again[1]['x-contribution-index'] == '2', again
        assert own(s, first)[1]['x-contribution-index'] == '1'
        assert s.get('/receipt/2')[2] == body
        assert s.get('/receipt/2')[1]['x-contribution-index'] == '2'
        s.stop()
        s.start()
        assert own(s, second)[2] == body, 'a restart took it'


def a_receipt_needs_a_session():
    with KzgServer() as s:
        assert s.json('GET', '/receipt') == INVALID
        assert s.json('GET', '/receipt', bearer('504d898c-e975-4e13-9a48-4f8b95d754fb')) == UNKNOWN


def after_the_acceptance_a_session_is_good_for_nothing_else():
    v = vectors()
    with KzgServer() as s:
        session = s.newcomer()
        s.take_turn(session)
        body = post(s, session, v['contribution_A'])[2]
        assert s.ask(session) == UNKNOWN
        for path in ('/contribution/abort', '/contribute/abort'):
            assert s.ask(session, path=path) == NOT_YOUR_TURN, path
        for path in ('/queue/join', '/queue/checkin', '/queue/leave', '/contribution/start'):
            assert s.ask(session, path=path) == UNKNOWN, path
        for path in ('/contribute', '/contribution/complete'):
            other = s.json('POST', path, bearer(session), JSON, body=compact(v['contribution_B']))
            assert other == NOT_YOUR_TURN, path
            same = s.post(path, bearer(session), JSON, body=compact(v['contribution_A']))
            assert (same[0], same[2]) == (200, body), path
            assert same[1]['x-contribution-index'] == '1', same
        assert own(s, session)[2] == body
        assert s.count() == 1


def whoever_contributes_again_fetches_the_newest_receipt():
    v = vectors()
    with KzgServer('contributions_max=0') as s:
        session = s.newcomer('--as', 'git|123|kustosz')
        s.contribute_as(session, v['contribution_A'])
        newest = s.contribute_as(session, v['contribution_B'])
        status, fields, body = own(s, session)
        assert (status, json.loads(body), fields['x-contribution-index']) == (200, newest, '2')
        assert s.give(session, v['contribution_B']) == (200, newest)


def kept_signatures_are_told():
    v = vectors()
    with KzgServer() as s:
        session = s.newcomer('--as', v['participants']['A']['identity'])
        s.take_turn(session)
        fields = post(s, session, v['contribution_A'])[1]
        assert fields['x-signatures'] == 'bls=kept,kept,kept; ecdsa=kept', fields
        assert 'x-signed-as' not in fields, fields
        assert own(s, session)[1]['x-signatures'] == 'bls=kept,kept,kept; ecdsa=kept'


def signatures_of_another_are_dropped_and_told():
    v = vectors()
    with KzgServer() as s:
        session = s.newcomer()
        s.take_turn(session)
        fields = post(s, session, v['contribution_A'])[1]
        assert fields['x-signatures'] == 'bls=none,none,none; ecdsa=none', fields
        assert 'x-signed-as' not in fields, fields


def each_signature_is_dropped_by_itself():
    v = vectors()
    mixed = v['contribution_A']
    del mixed['contributions'][0]['blsSignature']
    mixed['contributions'][1]['blsSignature'] = v['contribution_B']['contributions'][1]['blsSignature']
    with KzgServer() as s:
        session = s.newcomer('--as', v['participants']['A']['identity'])
        s.take_turn(session)
        fields = post(s, session, mixed)[1]
        assert fields['x-signatures'] == 'bls=none,none,kept; ecdsa=kept', fields
        kept = [t['witness']['blsSignatures'][1] for t in s.transcript()['transcripts']]
        assert kept == ['', '', mixed['contributions'][2]['blsSignature']], kept


def a_login_in_another_spelling_is_told_and_not_recorded():
    with KzgServer() as s:
        for number, name in enumerate(('git|7|@Octo-Cat', 'git|8|@octo-cat'), 7):
            fields = accepted_as(s, 'git|%d|Octo-Cat' % number, name)
            assert fields['x-signed-as'] == name, fields
            assert fields['x-signatures'] == 'bls=none,none,none; ecdsa=none', fields
        fields = accepted_as(s, 'git|9|Octo-Cat', 'git|9|Octo-Cat')
        assert fields['x-signatures'] == 'bls=kept,kept,kept; ecdsa=none', fields
        assert 'x-signed-as' not in fields, fields
        fields = accepted_as(s, 'git|10|Octo-Cat', 'git|7|@Octo-Cat')
        assert 'x-signed-as' not in fields, fields
        assert s.transcript()['participantIds'][1:3] == ['git|7|Octo-Cat', 'git|8|Octo-Cat']
        s.check_transcript()


if __name__ == '__main__':
    tap.main(a_session_fetches_its_receipt_as_often_as_it_likes,
             a_receipt_needs_a_session,
             after_the_acceptance_a_session_is_good_for_nothing_else,
             whoever_contributes_again_fetches_the_newest_receipt,
             kept_signatures_are_told,
             signatures_of_another_are_dropped_and_told,
             each_signature_is_dropped_by_itself,
             a_login_in_another_spelling_is_told_and_not_recorded)
