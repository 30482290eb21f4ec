"""A journal in which an admission was moved, dropped or invented: who finds it, by what the forger has.

Somebody contributes, somebody gives up, somebody contributes. The journals forged here are possible
ones: each is what a server might have written, so that nothing but hashes and signatures tells."""
import hashlib
import hmac
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import journal  # noqa: E402
import tap  # noqa: E402
from ceremony import Ceremony, convoke, done, load, save  # noqa: E402
from forgery import Forged  # noqa: E402


class World(Ceremony):
    """Finalized and exported; self.own: the receipt that the second contributor has kept."""

    def __init__(self):
        super().__init__(preset='ethereum')
        done(self.contribute())
        gives_up = self.person()
        done(convoke('contribute', self.url, *gives_up, '--offline', 'request'))
        done(convoke('contribute', '--offline', 'abort', *gives_up[2:]))
        done(self.contribute())
        self.stop()
        done(convoke('ceremony', 'finalize', self.dir))
        self.out = self.export()
        self.own = self.path('person3', 'receipt.json')


# ---- forging ----

def blocks(events):
    """[opening, each turn from its admission on, the end]"""
    found = [[]]
    for event in map(json.loads, events):
        if event['type'] in ('ParticipantAdmitted', 'CeremonyFinalized'):
            found.append([])
        found[-1].append(event)
    return found


def written(turns):
    """The turns in this order, with the numbers and times that a server would have given them."""
    events, now, number, index = [], 0, 0, 0
    for turn in turns:
        number += turn[0]['type'] == 'ParticipantAdmitted'
        for e in turn:
            e = dict(e)
            now = e['now'] = max(now, e['now'])
            for key in ('participant', 'lease', 'attempt'):
                if key in e:
                    e[key] = number
            if 'position' in e:
                e['position'] = index + 1
            index += e['type'] == 'ContributionAccepted'
            events.append(journal.compact(e))
    return events


def invented(turn):
    return [dict(e, commitment='0x' + '5a' * 32) if 'commitment' in e else e for e in turn]


def forgeries(events):
    start, one, given_up, two, end = blocks(events)
    assert written([start, one, given_up, two, end]) == events  # the forging itself is faithful
    yield 'dropped', written([start, one, two, end])
    yield 'moved', written([start, one, two, given_up, end])
    yield 'invented', written([start, one, given_up, invented(given_up), two, end])


def rename(f, numbers):
    """participants.json, by the new number of each."""
    people = [dict(p, participant=numbers[p['participant']])
              for p in load(f.dir, 'participants.json')]
    save(people, f.dir, 'participants.json')


def every_forgery():
    for how, numbers in (('dropped', {1: 1, 3: 2}), ('moved', {1: 1, 3: 2}),
                         ('invented', {1: 1, 3: 4})):
        with Forged(C) as f:
            events = dict(forgeries(f.journal()))[how]
            rename(f, numbers)
            f.put_journal(events)
            yield how, f


# ---- who finds it ----

def the_real_one_is_valid():
    got = done(convoke('verify', C.out, '--receipt', C.own))
    assert 'for this journal' in got.stdout, got.stdout
    with Forged(C) as f:
        f.put_journal(f.journal())
        f.put_receipts()
        f.sign()
        assert f.verdict('--receipt', C.own, status=0) == set()


def whoever_edits_a_line_breaks_the_chain():
    path = 'journal.jsonl'
    with open(os.path.join(C.out, path), encoding='utf-8') as lines:
        lines = lines.readlines()
    at = next(i for i, line in enumerate(lines) if json.loads(line)['event'].get('participant') == 2)
    swapped = lines[:at] + [lines[at + 1], lines[at]] + lines[at + 2:]
    doubled = lines[:at + 1] + lines[at:]
    for changed in (lines[:at] + lines[at + 1:], swapped, doubled,
                    lines[:at] + [lines[at].replace('"participant":2', '"participant":1')] +
                    lines[at + 1:]):
        with Forged(C) as f:
            with open(f.path(path), 'w', encoding='utf-8') as out:
                out.writelines(changed)
            f.sign()
            assert {'journal.line', 'journal.chain'} & {i for n, i in f.verdict() if n == path}


def whoever_has_no_key_cannot_sign_the_manifest():
    for how, f in every_forgery():
        found = f.verdict()
        assert ('journal.jsonl', 'manifest.sha256') in found or \
            ('journal.jsonl', 'manifest.size') in found, (how, found)
        assert ('journal.jsonl', 'journal.end') in found, (how, found)
        text = journal.compact(dict(f.manifest, signature=load(C.out, 'manifest.json')['signature']))
        with open(f.path('manifest.json'), 'w', encoding='utf-8') as out:
            out.write(text)
        assert ('manifest.json', 'manifest.signature') in f.verdict(), how


def an_operator_who_signs_another_journal_contradicts_the_receipts():
    for how, f in every_forgery():
        f.sign()
        assert f.verdict() == {('receipts.json', 'receipt.journal')}, how


def the_place_of_the_change_is_told():
    for _, f in every_forgery():
        f.sign()
        got = convoke('verify', f.dir)
        first, second = [json.loads(a['receipt'])['journal']['entry']
                         for a in load(C.out, 'receipts.json')]
        assert 'among the entries %d to %d' % (first + 1, second) in got.stdout, got.stdout


def an_operator_who_signs_all_receipts_anew_contradicts_those_that_people_have():
    for how, f in every_forgery():
        f.put_receipts()
        f.sign()
        assert f.verdict(status=0) == set(), how  # from the directory alone nobody can know
        assert f.verdict('--receipt', C.own) == {(C.own, 'receipt.journal')}, how
        got = convoke('receipt', 'verify', C.own, '--journal', f.dir)
        expected = 'ends after' if how == 'dropped' else 'is another'
        assert got.returncode == 1 and 'INVALID: that journal ' + expected in got.stdout, (how, got)


def an_impossible_journal_needs_no_receipt():
    """Dropping a line and no more is seen from the journal alone, whoever signed it."""
    with Forged(C) as f:
        events = f.journal()
        at = next(i for i, e in enumerate(events) if json.loads(e).get('participant') == 2)
        for changed in (events[:at] + events[at + 1:], events[:at + 1] + events[at:],
                        events[:at] + [events[at + 1], events[at]] + events[at + 2:]):
            f.put_journal(changed)
            f.put_receipts()
            f.sign()
            assert {n for n, i in f.verdict() if i.startswith('event.')} == {'journal.jsonl'}


def a_receipt_without_a_proof_is_not_enough():
    with Forged(C) as f:
        answers = load(f.dir, 'receipts.json')
        said = json.loads(answers[1]['receipt'])
        del said['journal']
        text = journal.compact(said)
        answers[1] = {'receipt': text, 'signature': journal.signer(f.key, 'text', text=text)}
        save(answers, f.dir, 'receipts.json')
        f.sign()
        assert f.verdict() == {('receipts.json', 'receipt.no_proof')}


def what_is_no_receipt_cannot_be_held_against_anything():
    found = C.path('definition.json')
    save({}, found)
    got = convoke('verify', C.out, '--receipt', found)
    assert got.returncode == 2 and 'UNUSABLE' in got.stdout, got
    got = convoke('verify', os.path.join(C.out, 'transcript.json'), '--receipt', C.own)
    assert got.returncode == 2 and 'directory' in got.stderr, got


# ---- the keys ----

def another_key():
    """(file, address, as a manifest writes it)"""
    key = C.path('other.key')
    with open(key, 'w', encoding='ascii') as f:
        f.write('11' * 32 + '\n')
    address = journal.signer(key, 'address')
    return key, address.lower(), address


def a_journal_by_another_key_does_not_fit_the_receipts():
    key, lower, address = another_key()
    with Forged(C) as f:
        events = f.journal()
        opened = dict(json.loads(events[0]), key=lower)
        f.put_journal([journal.compact(opened)] + events[1:])
        f.manifest['server'] = address
        f.sign(key)
        assert ('receipts.json', 'receipt.signature') in f.verdict()


def handed_over(f, signed_by, to, root=None, entries=None):
    """The ceremony as it would be had it been handed over before it was finalized."""
    events = f.journal()
    end = json.loads(events.pop())
    events.append(journal.compact({'v': 2, 'type': 'HandedOver', 'now': end['now'], 'key': to}))
    root = root or '0x' + journal.root([journal.leaf(e) for e in events]).hex()
    head = journal.compact({'convoke_head': 1, 'ceremony': f.manifest['ceremony'],
                            'entries': entries or len(events), 'root': root})
    events.append(journal.compact({
        'v': 2, 'type': 'TakenOver', 'now': end['now'], 'key': to, 'root': root,
        'signature': '0x' + journal.signer(signed_by, 'text', text=head)}))
    f.put_journal(events + [journal.compact(end)])


def after_a_handover_receipts_are_by_the_key_of_their_time():
    key, lower, address = another_key()
    with Forged(C) as f:
        handed_over(f, f.key, lower)
        f.manifest['server'] = address
        f.sign(key)
        assert f.verdict('--receipt', C.own, status=0) == set()


def after_a_handover_the_old_key_signs_no_manifest():
    _, lower, _ = another_key()
    with Forged(C) as f:
        handed_over(f, f.key, lower)
        f.sign()
        assert f.verdict() == {('journal.jsonl', 'journal.key')}


def only_the_old_server_can_hand_over_and_only_this_journal():
    key, lower, address = another_key()
    for by, what in ((key, {}), (None, {'root': '0x' + '5a' * 32}), (None, {'entries': 3})):
        with Forged(C) as f:
            handed_over(f, by or f.key, lower, **what)
            f.manifest['server'] = address
            f.sign(key)
            assert ('journal.jsonl', 'journal.takeover') in f.verdict(), what


# ---- the people ----

def with_people(change):
    with Forged(C) as f:
        people = load(f.dir, 'participants.json')
        change(people)
        save(people, f.dir, 'participants.json')
        f.sign()
        return f.verdict()


def names_must_be_those_that_the_journal_committed_to():
    def rename_one(people):
        people[0]['identity'] = people[1]['identity']

    def other_salt(people):
        people[0]['salt'] = people[1]['salt']

    for change in (rename_one, other_salt):
        assert with_people(change) == {('journal.jsonl', 'event.private')}


def everybody_who_contributed_is_named():
    assert with_people(lambda people: people.pop()) == {('journal.jsonl', 'journal.unopened')}
    assert with_people(lambda people: people.append(dict(people[0], participant=4))) == \
        {('journal.jsonl', 'journal.openings')}


def nobody_is_two_participants():
    """Committed to, opened and signed by an operator who let somebody in twice."""
    with Forged(C) as f:
        people = load(f.dir, 'participants.json')
        people[1]['identity'] = people[0]['identity']
        save(people, f.dir, 'participants.json')
        part = journal.compact({'identity': people[1]['identity']}).encode()
        mac = hmac.new(bytes.fromhex(people[1]['salt'][2:]), part, hashlib.sha256).hexdigest()
        events = [json.loads(e) for e in f.journal()]
        for e in events:
            if e['type'] == 'ParticipantAdmitted' and e['participant'] == 3:
                e['commitment'] = '0x' + mac
        f.put_journal([journal.compact(e) for e in events])
        f.put_receipts()
        f.sign()
        assert 'admitted before' in convoke('verify', f.dir).stdout
        assert {n for n, i in f.verdict() if i == 'event.field'} == {'journal.jsonl'}


with World() as C:
    tap.main(
        the_real_one_is_valid,
        whoever_edits_a_line_breaks_the_chain,
        whoever_has_no_key_cannot_sign_the_manifest,
        an_operator_who_signs_another_journal_contradicts_the_receipts,
        the_place_of_the_change_is_told,
        an_operator_who_signs_all_receipts_anew_contradicts_those_that_people_have,
        an_impossible_journal_needs_no_receipt,
        a_receipt_without_a_proof_is_not_enough,
        what_is_no_receipt_cannot_be_held_against_anything,
        a_journal_by_another_key_does_not_fit_the_receipts,
        after_a_handover_receipts_are_by_the_key_of_their_time,
        after_a_handover_the_old_key_signs_no_manifest,
        only_the_old_server_can_hand_over_and_only_this_journal,
        names_must_be_those_that_the_journal_committed_to,
        everybody_who_contributed_is_named,
        nobody_is_two_participants,
    )
