"""The end of a contribution: what the contributor is shown, keeps, and may publish; who reads it later
can check it."""
import hashlib
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import Ceremony, convoke, done, json_lines, load, save  # noqa: E402
from faults import LyingServer  # noqa: E402
from wallet import Wallet  # noqa: E402


def attestation(person):
    path = os.path.join(person[3], 'attestation.txt')
    with open(path, encoding='utf-8') as f:
        return path, f.read()


def fields(text):
    """The lines "name: value" before the signature's own, those that repeat as lists."""
    found = {}
    for line in text.splitlines():
        name, colon, value = line.partition(': ')
        if colon and not line.startswith(' '):
            found.setdefault(name, []).append(value)
    return found


def transcript(c):
    with open(c.path('transcript.json'), 'wb') as f:
        f.write(c.get('/info/current_state')[2])
    return c.path('transcript.json')


def checked(path, *args, status=0):
    got = convoke('receipt', 'verify', path, *args, '--json')
    assert got.returncode == status, (got.returncode, got.stdout, got.stderr)
    return json.loads(got.stdout) if status < 2 else got.stderr


def written(c, text):
    path = c.path('other.txt')
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)
    return path


def a_contribution_ends_with_an_attestation_that_verifies():
    with Ceremony() as c:
        done(c.contribute())
        person = c.person()
        outcome = json_lines(done(c.contribute(*person)))[0]
        assert outcome['attestation'] == 'signed' and outcome['link'] is True, outcome
        path, text = attestation(person)
        said = fields(text)
        given = load(person[3], 'contribution.json')
        assert said['contribution'] == ['2'] and said['identity'] == [outcome['identity']], said
        assert said['server'] == [c.url] and said['receipt signed by'] == [outcome['signer']]
        assert said['key'] == [s['potPubkey'] for s in given['contributions']]
        assert said['key'] == [s['potPubkey'] for s in outcome['keys']]
        assert said['bls signature'] == [s['blsSignature'] for s in given['contributions']]
        assert said['ecdsa signature'] == [given['ecdsaSignature']] == [outcome['ecdsaSignature']]
        with open(os.path.join(person[3], 'contribution.bin'), 'rb') as f:  # as it went
            assert said['response'] == ['0x' + hashlib.sha256(f.read()).hexdigest()]
        got = checked(path, '--address', outcome['signer'], '--transcript', transcript(c))
        assert (got['attested'], got['index'], got['attestation_signed']) == (2, 2, True), got


def the_command_that_it_names_checks_it():
    with Ceremony() as c:
        person = c.person()
        done(c.contribute(*person))
        path, text = attestation(person)
        at = text.index('    convoke receipt verify ')
        command = text[at:text.index('\n\n', at)].replace('\\\n', ' ').split()
        args = {'attestation.txt': path, 'transcript.json': transcript(c)}
        got = done(convoke(*(args.get(word, word) for word in command[1:])))
        assert 'is signed by eth|0x' in got.stdout and 'contribution 1' in got.stdout, got.stdout


def an_ethereum_account_signs_its_own():
    with Ceremony('wallets=any') as c:
        wallet = Wallet()
        with open(c.path('key'), 'w', encoding='ascii') as f:
            f.write(wallet.secret)
        outcome = json_lines(done(c.contribute('--eth-key', c.path('key'), '--dir', c.path('w'))))[0]
        assert outcome['attestation'] == 'signed', outcome
        got = checked(c.path('w', 'attestation.txt'))
        assert got['attestation_signed'] and got['identity'] == wallet.identity, got


def who_contributes_under_another_name_signs_with_no_key():
    with Ceremony() as c:
        invitation, identity = c.invite('--as', 'git|17|somebody')
        person = ['--invitation', invitation, '--dir', c.path('someone')]
        outcome = json_lines(done(c.contribute(*person)))[0]
        assert outcome['attestation'] == 'unsigned' and outcome['ecdsa'] == 'absent', outcome
        path, text = attestation(person)
        assert fields(text)['identity'] == [identity.strip()] and '\nsigned: ' not in text
        got = checked(path)
        assert got['attestation_signed'] is False, got
        assert 'not shown: that git|17|somebody wrote' in done(convoke('receipt', 'verify', path)).stdout


def offline_contributions_are_attested_too():
    with Ceremony() as c:
        person = c.person()
        done(convoke('contribute', c.url, '--offline', 'request', *person))
        done(convoke('contribute', '--offline', 'compute', *person))
        done(convoke('contribute', '--offline', 'submit', *person[2:]))
        assert checked(attestation(person)[0], '--transcript', transcript(c))['attested'] == 1


def forged_attestations_are_found():
    with Ceremony() as c:
        people = [c.person(), c.person()]
        for person in people:
            done(c.contribute(*person))
        (_, text), (_, other) = map(attestation, people)
        said, others = fields(text), fields(other)
        unsigned = text[:text.index('\nsigned: ')]
        changes = (('contribution: 1\n', 'contribution: 2\n', 'another contribution'),
                   (said['identity'][0], others['identity'][0], "somebody else's"),
                   (said['bls signature'][0], others['bls signature'][0], 'BLS'),
                   (said['ecdsa signature'][0], others['ecdsa signature'][0], 'ECDSA'),
                   (said['response'][0], others['response'][0], 'another contribution'))
        for old, new, why in changes:
            changed = unsigned.replace(old, new, 1)
            assert changed != unsigned, old
            assert why in checked(written(c, changed), status=1)['message'], (why, old)
        swapped = unsigned + other[other.index('\nsigned: '):]
        assert 'another than its identity' in checked(written(c, swapped), status=1)['message']
        assert 'no attestation' in checked(written(c, text + 'I was first.\n'), status=2)
        assert 'no attestation' in checked(written(c, text.replace('forgot', 'kept')), status=2)


def one_for_another_transcript_is_found():
    with Ceremony() as c, Ceremony() as other:
        person = c.person()
        done(c.contribute(*person))
        done(other.contribute())
        got = checked(attestation(person)[0], '--transcript', transcript(other), status=1)
        assert 'not in that transcript' in got['message'], got


def who_is_shown_a_transcript_that_does_not_hang_together_attests_nothing():
    with Ceremony() as c:
        done(c.contribute())
        person = c.person()
        done(convoke('contribute', c.url, '--offline', 'request', *person))
        done(convoke('contribute', '--offline', 'compute', *person))
        request = load(person[3], 'request.json')
        given = load(person[3], 'contribution.json')
        bearer = 'Authorization: Bearer ' + request['session']
        status, _, receipt = c.post('/contribute', bearer, 'Content-Type: application/json',
                                    body=json.dumps(given).encode())
        assert status == 200, receipt
        t = json.loads(c.get('/info/current_state')[2])
        first = t['transcripts'][0]['witness']['runningProducts']
        first[1] = first[0]  # the contribution before is gone
        status_now = json.loads(c.get('/info/status')[2])
        with LyingServer({}, t, contribute=json.loads(receipt), info__status=status_now) as liar:
            save({**request, 'url': liar.url}, person[3], 'request.json')
            got = convoke('contribute', '--offline', 'submit', *person[2:])
        assert got.returncode == 1 and 'does NOT build' in got.stderr, got
        assert 'does not hang together' in got.stdout, got.stdout
        assert not os.path.exists(os.path.join(person[3], 'attestation.txt'))


tap.main(
    a_contribution_ends_with_an_attestation_that_verifies,
    the_command_that_it_names_checks_it,
    an_ethereum_account_signs_its_own,
    who_contributes_under_another_name_signs_with_no_key,
    offline_contributions_are_attested_too,
    forged_attestations_are_found,
    one_for_another_transcript_is_found,
    who_is_shown_a_transcript_that_does_not_hang_together_attests_nothing,
)
