"""convoke receipt verify: the proof that the acceptance is in the journal, and journals that are not
the one that the receipt vouches for."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import journal  # noqa: E402
import tap  # noqa: E402
from ceremony import Finished, convoke, load, save  # noqa: E402


def events():
    return journal.read(os.path.join(C.out, 'journal.jsonl'))


def given():
    return load(C.first, 'receipt.json')


def with_journal(index=1, **changes):
    """The first contributor's receipt with a proof, as the server signs it; some of it changed."""
    return journal.receipt(given(), C.path('server', 'server.key'),
                           journal=dict(journal.claim(events(), index), **changes))


def verdict(answer, *args, status):
    path = save(answer, C.root, 'receipt.json')
    got = convoke('receipt', 'verify', path, *args, '--json')
    assert got.returncode == status, (got.returncode, got.stdout, got.stderr)
    return json.loads(got.stdout) if status < 2 else got.stderr


def shown(changed):
    path = C.path('shown.jsonl')
    journal.write(changed, path)
    return path


def admissions():
    return [i for i, e in enumerate(events()) if json.loads(e)['type'] == 'LeaseGranted']


def a_receipt_with_a_proof_is_valid():
    answer = with_journal()
    got = verdict(answer, status=0)
    claim = journal.claim(events(), 1)
    assert (got['contribution'], got['entry'], got['root']) == (1, claim['entry'], claim['root']), got
    assert got['not_shown'] == ['signer', 'journal', 'transcript'], got
    got = verdict(answer, '--journal', C.out, '--address', got['signer'], '--transcript',
                  os.path.join(C.out, 'transcript.json'), status=0)
    assert got['not_shown'] == [] and got['index'] == 1, got


def what_is_shown_and_what_is_not_is_told_in_words():
    path = save(with_journal(), C.root, 'receipt.json')
    got = convoke('receipt', 'verify', path, '--journal', os.path.join(C.out, 'journal.jsonl'))
    assert got.returncode == 0, got
    assert 'lead to that root' in got.stdout and 'begins with those' in got.stdout, got.stdout
    assert 'not shown: that the signer is' in got.stdout, got.stdout
    assert 'not shown: that the journal' not in got.stdout, got.stdout


def an_old_receipt_says_that_it_has_no_proof():
    said = json.loads(given()['receipt'])
    said.pop('journal', None)
    text = journal.compact(said)
    key = C.path('server', 'server.key')
    answer = {'receipt': text, 'signature': journal.signer(key, 'text', text=text)}
    got = verdict(answer, status=0)
    assert 'entry' not in got and 'journal' in got['not_shown'], got
    assert 'names no journal' in verdict(answer, '--journal', C.out, status=2)


def a_proof_that_does_not_lead_to_the_root_is_found():
    claim = journal.claim(events(), 1)
    for change in ({'root': '0x' + '00' * 32}, {'path': claim['path'][:-1]}, {'path': []},
                   {'entry': 1}, {'event': claim['event'].replace('1', '2')}):
        assert 'do not lead to the root' in verdict(with_journal(**change), status=1)['message']


def the_proof_of_another_contribution_is_found():
    got = verdict(with_journal(2), status=1)
    assert 'another contribution' in got['message'], got


def the_proof_of_another_event_is_found():
    lines = events()[:admissions()[0] + 1]
    leaves = [journal.leaf(e) for e in lines]
    answer = with_journal(entry=len(lines), event=lines[-1], root='0x' + journal.root(leaves).hex(),
                          path=['0x' + h.hex() for h in journal.path_last(leaves)])
    assert 'no acceptance' in verdict(answer, status=1)['message']


def changed_journals():
    """Each with every line chained anew: what nobody can see who has the journal alone."""
    lines, at = events(), admissions()[0]
    end = journal.claim(lines, 1)['entry']
    yield 'dropped', lines[:at] + lines[at + 1:]
    yield 'moved', lines[:at] + [lines[at + 1], lines[at]] + lines[at + 2:]
    yield 'invented', lines[:at + 1] + lines[at:]
    yield 'changed', lines[:at] + [lines[at].replace('"now":1', '"now":2')] + lines[at + 1:]
    yield 'ended', lines[:end - 1]
    yield 'empty', []


def a_journal_in_which_an_admission_was_moved_dropped_or_invented_is_found():
    answer = with_journal()
    for how, lines in changed_journals():
        message = verdict(answer, '--journal', shown(lines), status=1)['message']
        assert ('ends after' if how in ('ended', 'empty') else 'is another') in message, (how, message)


def a_server_that_lies_about_the_number_of_entries_is_found_by_its_journal():
    """Two trees may have one shape: the path says how many subtrees come before, not how large."""
    claim = journal.claim(events(), 1)
    for entry in range(2, 2 * claim['entry']):
        if entry != claim['entry'] and bin(entry - 1).count('1') == len(claim['path']):
            message = verdict(with_journal(entry=entry), '--journal', C.out, status=1)['message']
            assert 'is another' in message or 'ends after' in message, (entry, message)

def what_comes_after_the_receipt_is_left_to_later_receipts():
    lines = events()
    end = journal.claim(lines, 1)['entry']
    forged = shown(lines[:end] + lines[end + 1:])
    verdict(with_journal(), '--journal', forged, status=0)
    second = journal.receipt(given(), C.path('server', 'server.key'), index=2,
                             response=json.loads(journal.claim(lines, 2)['event'])['response'],
                             journal=journal.claim(lines, 2))
    assert 'is another' in verdict(second, '--journal', forged, status=1)['message']


def what_is_no_journal_is_unusable():
    answer = with_journal()
    assert 'cannot open' in verdict(answer, '--journal', C.path('nothing'), status=2)
    assert 'cannot open' in verdict(answer, '--journal', C.first, status=2)
    assert 'line 1' in verdict(answer, '--journal', os.path.join(C.out, 'definition.json'), status=2)


with Finished() as C:
    tap.main(
        a_receipt_with_a_proof_is_valid,
        what_is_shown_and_what_is_not_is_told_in_words,
        an_old_receipt_says_that_it_has_no_proof,
        a_proof_that_does_not_lead_to_the_root_is_found,
        the_proof_of_another_contribution_is_found,
        the_proof_of_another_event_is_found,
        a_journal_in_which_an_admission_was_moved_dropped_or_invented_is_found,
        a_server_that_lies_about_the_number_of_entries_is_found_by_its_journal,
        what_comes_after_the_receipt_is_left_to_later_receipts,
        what_is_no_journal_is_unusable,
    )
