"""The shared vectors through a real server: what is accepted, byte for byte, and what each of the
28 other contributions is answered."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import convoke, done  # noqa: E402
from kzg_server import (BEEN_HERE, KEY_OF_VECTORS, NOT_YOUR_TURN, UNKNOWN, KzgServer, compact,  # noqa: E402
                        vectors)

A = 'eth|0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a'
B = 'git|123|kustosz'

# Where we answer otherwise than the vectors say, as docs/PROTOCOLS.md tells.
DEPARTURES = {
    'no_entropy_tau_one': (400, 'CeremonyError::ContributionNoEntropy',
                           'contribution invalid: Error in contribution 0: Contribution contains '
                           'no entropy: pubkey equals generator'),
}


class AfterA(KzgServer):
    """A server whose transcript is transcript_1 of the vectors."""

    def __init__(self, v, *rules):
        super().__init__(*rules, key=KEY_OF_VECTORS)
        self.session_a = self.newcomer('--as', A)
        self.receipt_a = self.contribute_as(self.session_a, v['contribution_A'])
        self.invitation_b = self.invite('--as', B)[0]


def cases(v, accepted):
    found = [c for c in v['negative_and_edge_cases']
             if (c['http'] == 200 and c['name'] not in DEPARTURES) == accepted]
    assert all(c['apply_on'] == 'transcript_1' and c['submitted_as'] == B for c in found)
    return found


def body_of(case):
    given = case['contribution']
    return given.encode() if isinstance(given, str) else compact(given)


def check_text(case, status, answer):
    """The documented status, code and text; what the original says as plain text is JSON here."""
    assert sorted(answer) == ['code', 'error'], (case['name'], answer)
    expected = DEPARTURES.get(case['name'], (case['http'], case['code'], case['error']))
    seen = (status, answer['code'], answer['error'])
    if case['http'] == 422:
        intro = 'Failed to deserialize the JSON body into the target type: '
        assert status == 422 and answer['error'].startswith(intro), (case['name'], seen)
        assert case['error'] in answer['error'], (case['name'], seen)
        assert answer['code'] == 'RequestError::WrongShape', (case['name'], seen)
    else:
        assert seen == expected, (case['name'], seen)


def the_initial_state_is_that_of_the_vectors():
    v = vectors()
    with KzgServer(key=KEY_OF_VECTORS) as s:
        assert s.address() == v['sequencer']['address']
        assert s.get('/info/current_state')[2].decode() == json.dumps(v['transcript_0'], indent=2)
        assert s.take_turn(s.newcomer('--as', A)) == compact(v['base_0'])


def the_contributions_make_the_transcripts_of_the_vectors():
    v = vectors()
    with AfterA(v) as s:
        assert s.get('/info/current_state')[2].decode() == json.dumps(v['transcript_1'], indent=2)
        assert s.ask(s.session_a) == UNKNOWN
        session_b = s.session(s.invitation_b)
        assert s.take_turn(session_b) == compact(v['base_1'])
        status, receipt_b = s.give(session_b, v['contribution_B'])
        assert status == 200, receipt_b
        assert s.transcript() == v['transcript_2']
        assert s.get('/info/current_state')[2].decode() == json.dumps(v['transcript_2'], indent=2)
        for ours, theirs in ((s.receipt_a, v['receipt_A']), (receipt_b, v['receipt_B'])):
            check_receipt(s, ours, theirs)
        s.check_transcript()


def check_receipt(s, ours, theirs):
    assert sorted(ours) == ['receipt', 'signature'], ours
    text, expected = json.loads(ours['receipt']), json.loads(theirs['receipt'])
    assert list(text)[:2] == ['identity', 'witness'], text
    assert (text['identity'], text['witness']) == (expected['identity'], expected['witness'])
    assert ours['receipt'].startswith(theirs['receipt'][:-1]), 'not as compact as the original'
    assert len(ours['signature']) == 130 and ours['signature'] == ours['signature'].lower()
    s.check_receipt(ours)


def indented_contributions_are_accepted_too():
    v = vectors()
    with KzgServer() as s:
        session = s.newcomer('--as', A)
        s.contribute_as(session, json.dumps(v['contribution_A'], indent=4).encode() + b'\n')
        assert s.transcript() == v['transcript_1']


def invalid_contributions_get_their_error_and_change_nothing():
    v = vectors()
    with AfterA(v) as s:
        session = s.session(s.invitation_b)
        before = s.state()
        refused = cases(v, accepted=False)
        assert len(refused) == 24, len(refused)
        for case in refused:
            assert s.take_turn(session) == compact(v['base_1']), case['name']
            status, answer = s.give(session, body_of(case))
            check_text(case, status, answer)
            s.ask(session, path='/contribution/abort')  # where the turn goes on
            assert s.state() == before, case['name']
        s.contribute_as(session, v['contribution_B'])
        assert s.transcript() == v['transcript_2']
        s.check_transcript()


def who_gave_an_invalid_one_is_out_unless_the_rules_say_otherwise():
    v = vectors()
    bad = {c['name']: c for c in cases(v, accepted=False)}
    with AfterA(v, 'on_invalid=out') as s:
        session = s.session(s.invitation_b)
        before = s.state()
        s.take_turn(session)
        status, answer = s.give(session, body_of(bad['pubkey_infinity']))
        check_text(bad['pubkey_infinity'], status, answer)
        assert s.give(session, v['contribution_B']) == NOT_YOUR_TURN
        assert s.ask(session) == UNKNOWN
        status, _, body = s.sign_in(s.invitation_b)
        assert (status, json.loads(body)) == BEEN_HERE
        assert s.state() == before
        other = s.newcomer()
        s.contribute_as(other, v['contribution_B'])
        assert s.transcript()['transcripts'][0]['witness']['blsSignatures'][2] == ''


def a_body_of_the_wrong_shape_leaves_the_turn():
    v = vectors()
    bad = {c['name']: c for c in cases(v, accepted=False)}
    with AfterA(v, 'on_invalid=out') as s:
        session = s.session(s.invitation_b)
        s.take_turn(session)
        for name in ('uppercase_hex', 'unknown_top_level_field', 'g1_count_inconsistent'):
            check_text(bad[name], *s.give(session, body_of(bad[name])))
        assert s.give(session, v['contribution_B'])[0] == 200
        assert s.transcript() == v['transcript_2']


def signatures_never_cost_a_contribution():
    v = vectors()
    accepted = cases(v, accepted=True)
    assert len(accepted) == 4, accepted
    with AfterA(v) as origin:
        origin.stop()
        for case in accepted:
            with KzgServer(copy_of=origin) as s:
                answer = s.contribute_as(s.session(origin.invitation_b), body_of(case))
                s.check_receipt(answer)
                s.check_transcript()
                check_signatures(v, case, s.transcript())


def check_signatures(v, case, transcript):
    """The transcript is transcript_2 but for the signatures: those that hold are kept, one by one."""
    name, plain = case['name'], v['transcript_2']
    given = json.loads(body_of(case))
    sound = [c['blsSignature'] for c in v['contribution_B']['contributions']]
    for i, (ours, theirs) in enumerate(zip(transcript['transcripts'], plain['transcripts'])):
        signature = given['contributions'][i].get('blsSignature') or ''
        kept = signature if signature == sound[i] else ''
        assert ours['witness']['blsSignatures'][2] == kept, (name, i)
        assert ours['witness']['potPubkeys'] == theirs['witness']['potPubkeys'], (name, i)
        assert ours['powersOfTau'] == theirs['powersOfTau'], (name, i)
    assert transcript['participantEcdsaSignatures'][2] == '', name
    assert transcript['participantIds'] == plain['participantIds'], name


def null_signatures_and_unknown_keys_are_ignored():
    v = vectors()
    contribution = v['contribution_A']
    contribution['ecdsaSignature'] = None
    for c in contribution['contributions']:
        c['blsSignature'] = None
        c['bls_signature'] = '0x00'
        c['comment'] = {'by': ['somebody']}
    with KzgServer() as s:
        s.contribute_as(s.newcomer('--as', A), contribution)
        assert s.transcript()['participantEcdsaSignatures'] == ['', '']
        assert s.transcript()['transcripts'][2]['witness']['blsSignatures'] == ['', '']
        session = s.newcomer('--as', B)
        s.take_turn(session)
        inside = json.loads(compact(v['contribution_B']))
        inside['contributions'][1]['powersOfTau']['G3Powers'] = []
        status, answer = s.give(session, inside)
        assert status == 422 and 'unknown field' in answer['error'], answer


def a_wrong_ecdsa_signature_is_dropped():
    v = vectors()
    with KzgServer() as s:
        s.contribute_as(s.newcomer(), v['contribution_A'])  # signed by another
        transcript = s.transcript()
        assert transcript['participantEcdsaSignatures'] == ['', '']
        assert transcript['transcripts'][0]['witness']['blsSignatures'] == ['', '']
        assert transcript['participantIds'][1].startswith('eth|0x')
        s.check_transcript()
        out = s.path('brief')  # the journal names what the transcript keeps, not what was dropped
        done(convoke('ceremony', 'export', s.dir, out, '--brief'))
        done(convoke('verify', out))


if __name__ == '__main__':
    tap.main(
        the_initial_state_is_that_of_the_vectors,
        the_contributions_make_the_transcripts_of_the_vectors,
        indented_contributions_are_accepted_too,
        invalid_contributions_get_their_error_and_change_nothing,
        who_gave_an_invalid_one_is_out_unless_the_rules_say_otherwise,
        a_body_of_the_wrong_shape_leaves_the_turn,
        signatures_never_cost_a_contribution,
        null_signatures_and_unknown_keys_are_ignored,
        a_wrong_ecdsa_signature_is_dropped,
    )
