"""Challenges, responses and transcripts in several forms: what goes out to whom, what comes in, and
that a ceremony does not care which was used."""
import json

from ceremony import convoke, done
from kzg_binary import TYPE, decode, encode
from kzg_server import (JSON, NOT_YOUR_TURN, KzgServer, bearer, compact, tap, vectors)

BINARY = 'Content-Type: ' + TYPE


def give(s, session, body, *fields):
    return s.json('POST', '/contribute', bearer(session), *fields, body=body)


def contribute_binary(s, session, contribution):
    s.take_turn(session)
    body = encode(contribution)
    status, answer = give(s, session, body, BINARY)
    assert status == 200, (status, answer)
    return body, answer


# ---- what comes in ----

def a_ceremony_of_both_forms_is_as_good_as_any():
    v = vectors()
    with KzgServer() as s:
        a, b = s.newcomer(), s.newcomer()
        s.contribute_as(a, v['contribution_A'])
        body, answer = contribute_binary(s, b, v['contribution_B'])
        assert s.count() == 2
        s.check_receipt(answer)
        s.check_transcript()
        state = s.state()

        s.stop()
        s.start()

        assert s.state() == state
        status, again = give(s, b, body, BINARY)
        assert (status, again) == (200, answer), (status, again)
        after = s.newcomer()
        s.take_turn(after)  # which the binary one is the base of
        assert s.ask(after, path='/contribution/abort')[0] == 200
        s.stop()
        done(convoke('ceremony', 'finalize', s.dir))
        done(convoke('verify', s.export()))


def a_repeated_upload_needs_the_same_form():
    v = vectors()
    with KzgServer() as s:
        a = s.newcomer()
        body, answer = contribute_binary(s, a, v['contribution_A'])
        assert give(s, a, body, BINARY) == (200, answer)
        assert give(s, a, compact(v['contribution_A']), JSON) == NOT_YOUR_TURN


def what_is_not_the_named_form_is_refused_and_the_turn_goes_on():
    v = vectors()
    with KzgServer() as s:
        a = s.newcomer()
        s.take_turn(a)
        right = encode(v['contribution_A'])
        cases = [
            (BINARY, compact(v['contribution_A']), 400, 'InvalidBinary', 'does not begin'),
            (JSON, right, 400, 'InvalidJson', 'begins as application/vnd.convoke.kzg'),
            (BINARY, b'', 400, 'InvalidBinary', 'does not begin'),
            (BINARY, right[:-1], 400, 'InvalidBinary', 'announces'),
            (BINARY, right + b'\0', 400, 'InvalidBinary', 'at byte %d' % len(right)),
            (BINARY, right[:9], 400, 'InvalidBinary', 'ends at byte 9'),
            (BINARY, right[:7] + b'\2' + right[8:], 400, 'InvalidBinary', 'version 2'),
            (BINARY, right[:8] + b'\x11' + right[9:], 422, 'WrongShape', '17 sub-setups'),
            (BINARY, right[:10] + b'\xff' + right[11:], 422, 'WrongShape', 'at byte 10'),
            ('Content-Type: text/plain', right, 415, 'UnsupportedMediaType', 'Expected request'),
            (BINARY + '\nContent-Encoding: gzip', right, 415, 'UnsupportedMediaType', 'Encoding'),
        ]
        for fields, body, status, kind, text in cases:
            got, answer = give(s, a, body, fields)
            assert got == status and answer['code'] == 'RequestError::' + kind and \
                text in answer['error'], (fields, len(body), got, answer)
        assert s.stored() == []
        assert give(s, a, right, BINARY)[0] == 200


def a_wrong_contribution_is_refused_alike_in_both_forms():
    v = vectors()
    wrong = json.loads(json.dumps(v['contribution_A']))
    points = wrong['contributions'][0]['powersOfTau']['G1Powers']
    points[1], points[2] = points[2], points[1]
    answers = []
    with KzgServer() as s:
        for body, field in ((compact(wrong), JSON), (encode(wrong), BINARY)):
            session = s.newcomer()
            s.take_turn(session)
            answers.append(give(s, session, body, field))
    assert answers[0] == answers[1] and answers[0][0] == 400, answers


if __name__ == '__main__':
    tap.main(
        a_ceremony_of_both_forms_is_as_good_as_any,
        a_repeated_upload_needs_the_same_form,
        what_is_not_the_named_form_is_refused_and_the_turn_goes_on,
        a_wrong_contribution_is_refused_alike_in_both_forms,
    )
