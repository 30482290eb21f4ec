"""A ceremony from nothing to a verified result, with all that may happen on the way."""
import json
import os
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import CONVOKE, Ceremony, convoke, done, json_lines  # noqa: E402
from faults import DroppingProxy  # noqa: E402
from http_probe import until  # noqa: E402


def read_json(*path):
    with open(os.path.join(*path), encoding='utf-8') as f:
        return json.load(f)


def three_people_contribute_and_the_result_verifies():
    with Ceremony() as c:
        for index in (1, 2, 3):
            outcome = json_lines(done(c.contribute()))[0]
            assert outcome['index'] == index and outcome['included'], outcome
            assert (outcome['bls'], outcome['ecdsa'], outcome['receipt']) == ('valid',) * 3, outcome
        done(convoke('verify', c.url))
        assert c.stop() == 0
        done(convoke('ceremony', 'finalize', c.dir))
        out = c.export()
        findings = json_lines(done(convoke('verify', out, '--json')))
        kinds = sorted(f['kind'] for f in findings)
        assert kinds == ['definition', 'journal', 'manifest', 'participants', 'receipts',
                         'transcript'] + \
            ['trusted_setup'] * 3, kinds
        assert all(f['verdict'] == 'valid' for f in findings), findings
        assert len(read_json(out, 'transcript.json')['participantIds']) == 4
        assert c.status()['finalized']


def a_second_contribution_of_the_same_person_is_refused():
    with Ceremony() as c:
        person = c.person()
        done(c.contribute(*person))
        again = c.contribute(*person[:2], '--dir', c.path('again'))
        assert again.returncode == 2, again
        assert 'already contributed' in again.stderr, again.stderr
        assert c.status()['contributions'] == 1


def a_directory_with_a_receipt_is_not_used_again():
    with Ceremony() as c:
        person = c.person()
        done(c.contribute(*person))
        before = read_json(person[3], 'receipt.json')
        again = c.contribute(*c.person()[:2], *person[2:])
        assert again.returncode == 2 and 'receipt already' in again.stderr, again.stderr
        assert read_json(person[3], 'receipt.json') == before


def a_turn_given_up_goes_to_the_next():
    with Ceremony() as c:
        first = c.person()
        done(convoke('contribute', c.url, '--offline', 'request', *first))
        done(convoke('contribute', '--offline', 'abort', *first[2:]))
        assert not os.path.exists(os.path.join(first[3], 'request.json'))
        done(c.contribute())
        assert c.status()['aborted'] == 1 and c.status()['contributions'] == 1


def who_waits_hears_their_place_and_gets_the_turn_when_it_is_free():
    with Ceremony('park_s=0') as c:
        first = c.person()
        done(convoke('contribute', c.url, '--offline', 'request', *first))
        waiting = subprocess.Popen([CONVOKE, 'contribute', c.url, *c.person()],
                                   stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for line in waiting.stderr:
            if 'place 1 of 1' in line:
                break
        done(convoke('contribute', '--offline', 'abort', *first[2:]))
        _, said = waiting.communicate(timeout=60)
        assert waiting.returncode == 0, said


def who_is_kept_on_the_line_gets_the_turn_in_the_same_request():
    with Ceremony('park_s=3600') as c:
        first = c.person()
        done(convoke('contribute', c.url, '--offline', 'request', *first))
        waiting = subprocess.Popen([CONVOKE, 'contribute', c.url, *c.person()],
                                   stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        until(lambda: c.status()['waiting'] == 1)
        done(convoke('contribute', '--offline', 'abort', *first[2:]))
        _, said = waiting.communicate(timeout=60)
        assert waiting.returncode == 0 and 'asking again' not in said, said


def who_cannot_take_part_hears_what_to_do():
    with Ceremony() as c:
        done(convoke('ceremony', 'drain', c.dir))
        until(lambda: c.server_status()['mode'] == 'draining')
        late = c.contribute()
        assert late.returncode == 2 and 'is closing and takes nobody new' in late.stderr, late.stderr


def status_counts_the_people_and_knows_the_queue():
    with Ceremony('on_aborted=strike', 'cooldown_s=1000') as c:
        first = c.person()
        done(convoke('contribute', c.url, '--offline', 'request', *first))
        done(convoke('contribute', '--offline', 'abort', *first[2:]))
        status = c.status()
        assert status['people'] == {'admitted': 1, 'with_strikes': 1, 'cooling_down': 1, 'out': 0,
                                    'banned': 0}, status
        assert (status['entry'], status['mode'], status['waiting']) == ('fifo', 'open', 0), status
        assert status['policy']['cost']['aborted'] == 'strike', status
        shared = set(c.server_status()) - {'name', 'phase_ends', 'lease', 'lobby_size',
                                           'num_contributions', 'sequencer_address'}
        assert shared <= set(status), shared - set(status)
        words = done(convoke('ceremony', 'status', c.dir)).stdout
        assert '1 with strikes, 1 cooling down' in words, words
        assert '0 waiting in the queue' in words, words
        again = convoke('ceremony', 'pause', c.dir)
        assert again.returncode == 0, again.stderr
        assert 'paused' in done(convoke('ceremony', 'status', c.dir)).stdout


def offline_in_three_steps():
    with Ceremony() as c:
        person = c.person()
        done(convoke('contribute', c.url, '--offline', 'request', *person))
        prefix = ['unshare', '-rn']
        if subprocess.run(prefix + ['true'], capture_output=True, check=False).returncode:
            prefix = []
        done(convoke('contribute', '--offline', 'compute', *person, prefix=prefix))
        outcome = json_lines(done(convoke('contribute', '--offline', 'submit', *person[2:],
                                          '--json')))[0]
        assert outcome['index'] == 1 and outcome['included'], outcome
        assert (outcome['bls'], outcome['ecdsa']) == ('valid', 'valid'), outcome
        names = sorted(os.listdir(person[3]))
        assert names == ['attestation.txt', 'challenge.json', 'contribution.bin', 'contribution.json',
                         'receipt.json'], names


def offline_without_the_invitation_has_no_ecdsa_signature():
    with Ceremony() as c:
        person = c.person()
        done(convoke('contribute', c.url, '--offline', 'request', *person))
        done(convoke('contribute', '--offline', 'compute', *person[2:]))
        outcome = json_lines(done(convoke('contribute', '--offline', 'submit', *person[2:],
                                          '--json')))[0]
        assert (outcome['bls'], outcome['ecdsa']) == ('valid', 'absent'), outcome


def offline_steps_out_of_order_say_what_is_missing():
    with Ceremony() as c:
        person = c.person()
        for step, missing in (('compute', 'request'), ('submit', 'request')):
            got = convoke('contribute', '--offline', step, *person[2:])
            assert got.returncode == 2 and missing in got.stderr, got.stderr
        done(convoke('contribute', c.url, '--offline', 'request', *person))
        got = convoke('contribute', '--offline', 'submit', *person[2:])
        assert got.returncode == 2 and 'compute' in got.stderr, got.stderr


def a_killed_server_keeps_session_and_turn():
    with Ceremony() as c:
        person = c.person()
        done(c.contribute())
        done(convoke('contribute', c.url, '--offline', 'request', *person))
        c.stop(signal.SIGKILL)
        c.start()
        assert c.status()['phase'] is not None
        done(convoke('contribute', '--offline', 'compute', *person))
        done(convoke('contribute', '--offline', 'submit', *person[2:]))
        assert c.status()['contributions'] == 2


def who_stopped_before_computing_just_starts_again():
    with Ceremony() as c:
        person = c.person()
        done(convoke('contribute', c.url, '--offline', 'request', *person))
        done(c.contribute(*person))
        assert c.status()['turns'] == 1


def what_was_computed_before_a_crash_can_still_be_handed_in():
    with Ceremony() as c:
        person = c.person()
        done(convoke('contribute', c.url, '--offline', 'request', *person))
        done(convoke('contribute', '--offline', 'compute', *person))
        c.stop(signal.SIGKILL)
        c.start()
        assert json_lines(done(convoke('contribute', '--offline', 'submit', *person[2:],
                                       '--json')))[0]['index'] == 1


def a_lost_answer_is_asked_for_again():
    with Ceremony() as c:
        with DroppingProxy(c.port, b'POST /contribute ', 1) as proxy:
            got = done(convoke('contribute', proxy.url, *c.person(), '--json'))
        assert proxy.dropped == 1
        assert 'trying again' in got.stderr, got.stderr
        assert json_lines(got)[0]['index'] == 1
        assert c.status()['contributions'] == 1


def a_challenge_lost_on_its_way_is_fetched_again():
    with Ceremony() as c:
        with DroppingProxy(c.port, b'POST /lobby/try_contribute ', 2) as proxy:
            done(convoke('contribute', proxy.url, *c.person()))
        assert proxy.dropped == 2
        assert c.status()['turns'] == 1


def a_server_that_is_not_there_yet_is_waited_for():
    with Ceremony() as c:
        c.stop()
        waiting = subprocess.Popen([CONVOKE, 'contribute', c.url, *c.person()],
                                   stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for line in waiting.stderr:
            if 'no connection' in line:
                break
        c.start()
        _, said = waiting.communicate(timeout=60)
        assert waiting.returncode == 0, said


def an_invitation_may_stand_for_another_identity():
    with Ceremony() as c:
        invitation, identity = c.invite('--as', 'git|123|Octo')
        assert identity.strip() == 'git|123|Octo', identity
        outcome = json_lines(done(c.contribute('--invitation', invitation, '--dir',
                                               c.path('octo'))))[0]
        assert outcome['identity'] == 'git|123|Octo', outcome
        assert (outcome['bls'], outcome['ecdsa']) == ('valid', 'absent'), outcome


def an_identity_that_the_server_does_not_confirm_is_an_error():
    with Ceremony() as c:
        got = c.contribute(*c.person(), '--identity', 'git|1|somebody')
        assert got.returncode == 2 and 'takes you for eth|0x' in got.stderr, got.stderr


def an_invitation_comes_from_a_file_or_the_environment():
    with Ceremony() as c:
        done(convoke('invite', c.dir, '--count', '2', '--out', c.path('invitations')))
        assert os.stat(c.path('invitations')).st_mode & 0o777 == 0o600
        with open(c.path('invitations'), encoding='ascii') as f:
            lines = f.read().splitlines()
        assert len(lines) == 2
        done(c.contribute('--invitation', '@' + c.path('invitations'), '--dir', c.path('a')))
        done(convoke('contribute', c.url, '--dir', c.path('b'),
                     env={'CONVOKE_INVITATION': lines[1].split()[0]}))
        assert c.status()['contributions'] == 2


def signatures_can_be_left_out_and_words_mixed_in():
    with Ceremony() as c:
        got = done(c.contribute(*c.person(), '--ecdsa', 'no', '--entropy', 'rolling dice'))
        assert json_lines(got)[0]['ecdsa'] == 'absent'
        assert 'your words are in them' in got.stderr, got.stderr


def other_sizes_than_asked_for_are_refused():
    with Ceremony() as c:
        got = c.contribute(*c.person(), '--sizes', '4,3:8,3')
        assert got.returncode == 2 and 'not contributing' in got.stderr, got.stderr


def a_second_server_on_a_directory_is_refused():
    with Ceremony() as c:
        second = convoke('serve', c.dir, '--listen', '127.0.0.1:0')
        assert second.returncode == 2 and second.stderr.startswith('convoke: '), second.stderr
        done(c.contribute())


def a_finalized_ceremony_takes_nobody():
    with Ceremony() as c:
        person = c.person()
        done(c.contribute())
        c.stop()
        done(convoke('ceremony', 'finalize', c.dir))
        c.start()
        got = c.contribute(*person)
        assert got.returncode == 2 and got.stderr.startswith(('convoke: ', 'the ')), got.stderr
        assert c.status()['contributions'] == 1


def the_private_files_are_private():
    with Ceremony() as c:
        person = c.person()
        done(convoke('contribute', c.url, '--offline', 'request', *person))
        assert os.stat(os.path.join(person[3], 'request.json')).st_mode & 0o077 == 0
        assert os.stat(os.path.join(c.dir, 'server.key')).st_mode & 0o077 == 0
        shutil.rmtree(person[3])


tap.main(
    three_people_contribute_and_the_result_verifies,
    a_second_contribution_of_the_same_person_is_refused,
    a_directory_with_a_receipt_is_not_used_again,
    a_turn_given_up_goes_to_the_next,
    who_waits_hears_their_place_and_gets_the_turn_when_it_is_free,
         who_is_kept_on_the_line_gets_the_turn_in_the_same_request,
         who_cannot_take_part_hears_what_to_do,
         status_counts_the_people_and_knows_the_queue,
    offline_in_three_steps,
    offline_without_the_invitation_has_no_ecdsa_signature,
    offline_steps_out_of_order_say_what_is_missing,
    a_killed_server_keeps_session_and_turn,
    who_stopped_before_computing_just_starts_again,
    what_was_computed_before_a_crash_can_still_be_handed_in,
    a_lost_answer_is_asked_for_again,
    a_challenge_lost_on_its_way_is_fetched_again,
    a_server_that_is_not_there_yet_is_waited_for,
    an_invitation_may_stand_for_another_identity,
    an_identity_that_the_server_does_not_confirm_is_an_error,
    an_invitation_comes_from_a_file_or_the_environment,
    signatures_can_be_left_out_and_words_mixed_in,
    other_sizes_than_asked_for_are_refused,
    a_second_server_on_a_directory_is_refused,
    a_finalized_ceremony_takes_nobody,
    the_private_files_are_private,
)
