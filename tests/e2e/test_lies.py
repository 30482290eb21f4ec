"""convoke contribute against servers that lie: nobody is cheated, and everybody is told."""
import copy
import glob
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import Finished, convoke, load, save  # noqa: E402
from faults import SESSION, LyingServer  # noqa: E402

OTHER_G1 = ('0xb7f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00'
            'adb22c6bb')
STATUS = {'lobby_size': 0, 'num_contributions': 2, 'sequencer_address': '0x' + '2' * 40}
UNKNOWN = (401, {'code': 'TryContributeError::UnknownSessionId', 'error': 'unknown session id'})


def last_state():
    """The challenge that goes on from the transcript: what the second contributor handed in."""
    return load(C.path('person2'), 'contribution.json'), load(C.out, 'transcript.json')


def lie(challenge, transcript, *args, **answers):
    with LyingServer(challenge, transcript, **answers) as server:
        got = convoke('contribute', server.url, *(args or C.person()))
    return got, server.asked


def assert_given_back(got, asked):
    assert got.returncode == 2, got
    assert '/contribute' not in asked and '/contribution/abort' in asked, asked


def a_base_that_does_not_verify_is_refused_and_the_turn_given_back():
    base, transcript = load(C.first, 'contribution.json'), load(C.out, 'transcript.json')
    base['contributions'][1]['powersOfTau']['G1Powers'][6] = OTHER_G1
    got, asked = lie(base, transcript)
    assert_given_back(got, asked)
    assert 'sub-ceremony 2, G1 power 6' in got.stderr, got.stderr


def a_base_that_is_not_the_transcripts_is_refused_and_the_turn_given_back():
    got, asked = lie(load(C.first, 'contribution.json'), load(C.out, 'transcript.json'))
    assert_given_back(got, asked)
    assert "does not continue the server's own transcript" in got.stderr, got.stderr


def a_base_of_other_sizes_is_refused_and_the_turn_given_back():
    base, transcript = last_state()
    for wrong in (base['contributions'][:2], base['contributions'] * 2,
                  base['contributions'][::-1]):
        got, asked = lie({'contributions': wrong}, transcript)
        assert_given_back(got, asked)
        assert 'the challenge does not verify' in got.stderr, got.stderr


def a_malformed_base_is_refused_and_the_turn_given_back():
    base, transcript = last_state()
    base['contributions'][0]['numG1Powers'] = 5
    got, asked = lie(base, transcript)
    assert_given_back(got, asked)
    assert 'the challenge is malformed' in got.stderr, got.stderr


def a_session_that_is_lost_while_waiting_is_asked_for_anew():
    """Waiting may take days, sessions live for one."""
    challenge = load(C.first, 'contribution.json')
    got, asked = lie(challenge, load(C.out, 'transcript.json'),
                     lobby__try_contribute=[UNKNOWN, challenge])
    assert asked.count('/auth/callback/eth') == 2, (asked, got.stderr)
    assert asked.count('/lobby/try_contribute') == 2, (asked, got.stderr)


def a_session_that_never_holds_is_given_up():
    got, asked = lie(*last_state(), lobby__try_contribute=UNKNOWN)
    assert got.returncode == 2 and 'sign in again' in got.stderr, got
    assert asked.count('/auth/callback/eth') == 2, asked


def a_server_does_not_choose_what_is_signed():
    """An identity is signed with the contributor's secrets: it must be one."""
    for sub in ('eth|0x12', 'I owe you 100 ETH', 'git|1|x\x1b[2J', ''):
        got, asked = lie(*last_state(), auth__callback__eth={'id_token': {'sub': sub},
                                                             'session_id': SESSION})
        assert got.returncode == 2 and 'no identity' in got.stderr, got.stderr
        assert '\x1b' not in got.stderr and '/lobby/try_contribute' not in asked, got.stderr


def a_receipt_of_others_is_no_success():
    """Somebody else's keys, and somebody else's signature."""
    receipt = load(C.first, 'receipt.json')
    got, _ = lie(*last_state(), contribute=receipt, info__status=STATUS)
    assert got.returncode == 1, got
    assert 'receipt INVALID' in got.stderr and 'NOT in the public transcript' in got.stderr, got


def what_could_not_be_checked_after_acceptance_is_accepted_all_the_same():
    """Status 2 would say: not accepted. Who tries again then loses nothing but time."""
    receipt = load(C.first, 'receipt.json')
    for lost in ({'info__status': (404, {})},
                 {'info__status': STATUS, 'info__current_state': [last_state()[1], (404, {})]}):
        who = C.person()
        got, _ = lie(*last_state(), *who, contribute=receipt, **lost)
        assert got.returncode == 1 and 'accepted' in got.stderr.splitlines()[-1], got
        assert os.path.exists(os.path.join(who[-1], 'receipt.json'))


def a_response_of_other_sizes_than_the_request_is_not_handed_in():
    """The directory was away, on a machine without a network: whose file came back?"""
    challenge, transcript = last_state()
    small = copy.deepcopy(challenge)
    small['contributions'] = small['contributions'][:1]
    who = C.person()
    with LyingServer(challenge, transcript, contribute=load(C.first, 'receipt.json'),
                     info__status=STATUS) as server:
        got = convoke('contribute', server.url, '--offline', 'request', *who)
        assert got.returncode == 0, got
        save(small, who[-1], 'contribution.json')
        got = convoke('contribute', '--offline', 'submit', '--dir', who[-1])
    assert got.returncode == 2 and '/contribute' not in server.asked, (got, server.asked)


def no_crash_leaves_an_image_of_the_secrets():
    """Looked at while the turn is asked for, when the secrets exist."""
    if not os.path.isdir('/proc/self'):
        tap.skip('no /proc here')
    seen = []

    def look():
        for limits in glob.glob('/proc/[0-9]*/limits'):
            try:
                with open(os.path.dirname(limits) + '/cmdline', 'rb') as f:
                    mine = server.url.encode() in f.read()
                with open(limits, encoding='ascii') as f:
                    seen.extend(line.split()[4:6] for line in f if mine and 'core file' in line)
            except OSError:
                pass
        return UNKNOWN

    challenge, transcript = last_state()
    with LyingServer(challenge, transcript, lobby__try_contribute=look) as server:
        convoke('contribute', server.url, *C.person())
    assert seen and all(limit == ['0', '0'] for limit in seen), seen


with Finished() as C:
    tap.main(
        a_base_that_does_not_verify_is_refused_and_the_turn_given_back,
        a_base_that_is_not_the_transcripts_is_refused_and_the_turn_given_back,
        a_base_of_other_sizes_is_refused_and_the_turn_given_back,
        a_malformed_base_is_refused_and_the_turn_given_back,
        a_session_that_is_lost_while_waiting_is_asked_for_anew,
        a_session_that_never_holds_is_given_up,
        a_server_does_not_choose_what_is_signed,
        a_receipt_of_others_is_no_success,
        what_could_not_be_checked_after_acceptance_is_accepted_all_the_same,
        a_response_of_other_sizes_than_the_request_is_not_handed_in,
        no_crash_leaves_an_image_of_the_secrets,
    )
