"""A hundred SIGKILLs at random instants of a ceremony with ten contributors, and the same on a disk
that is full twice: no accepted contribution, receipt or lease is lost, and whoever holds the slot
finishes. CONVOKE_SEED=N repeats a run, as far as instants can be repeated."""
import contextlib
import json
import os
import secrets
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import convoke, done, json_lines, load, save  # noqa: E402
from disk import small_disk  # noqa: E402
from kzg_server import KzgServer  # noqa: E402
from storm import PHASES, Storm  # noqa: E402

KILLS, PEOPLE, FLOOR = 100, 10, 3
SIZES = '512,9:4096,9'  # a verification takes a tenth of a second
SEED = int(os.environ.get('CONVOKE_SEED') or secrets.randbelow(2 ** 32))


def check_the_end(s, storm):
    """All that was accepted is there, in public too, and everything fits together."""
    held = storm.check_dead()
    assert sorted(held.ended) == sorted(held.granted) == list(range(1, PEOPLE + 1)), held.ended
    done(convoke('ceremony', 'finalize', s.dir))
    out = s.export()
    findings = json_lines(done(convoke('verify', out, '--json')))
    assert findings and all(f['verdict'] == 'valid' for f in findings), findings
    with open(os.path.join(out, 'journal.jsonl'), encoding='utf-8') as f:
        events = [json.loads(line)['event'] for line in f]
    assert events[:len(storm.journal)] == [json.loads(line) for line in storm.journal]
    accepted = [e for e in events if e['type'] == 'ContributionAccepted']
    assert [e['index'] for e in accepted] == list(range(1, PEOPLE + 1)), accepted
    address = load(out, 'manifest.json')['server']
    ids = load(out, 'transcript.json')['participantIds']
    assert sorted(ids[1:]) == sorted(p.identity.strip() for p in storm.people), ids
    for person in storm.people:
        receipt = save(person.answer, s.path('receipt.json'))
        done(convoke('receipt', 'verify', receipt, '--address', address, '--transcript',
                     os.path.join(out, 'transcript.json')))


def storm_over(s, disk=None, full=()):
    storm = Storm(s, SEED, disk)
    storm.run(KILLS, full)
    hits = ', '.join('%s %d' % pair for pair in sorted(storm.hits.items()))
    print('# seed %d: %d kills: %s' % (SEED, storm.killed(), hits), flush=True)
    assert storm.killed() >= KILLS and storm.late < FLOOR, (storm.killed(), storm.late)
    for phase in PHASES + ('starting',):
        assert storm.hits[phase] >= FLOOR, 'too few kills while ' + phase
    return storm


def a_hundred_kills_lose_nothing():
    with KzgServer(sizes=SIZES) as s:
        storm = storm_over(s)
        assert s.stop() == 0
        check_the_end(s, storm)


def a_hundred_kills_and_a_disk_that_is_full_twice_lose_nothing():
    with KzgServer(sizes=SIZES, serving=False) as s, contextlib.ExitStack() as stack:
        what, disk = small_disk(s, '16m')
        stack.enter_context(disk)
        s.start()
        storm = storm_over(s, disk, (KILLS // 3, 2 * KILLS // 3))
        print('# full: %s; %d requests and starts failed for it' % (what, storm.refused))
        assert storm.spells == 2 and storm.refused > 0, 'there was space enough'
        assert s.stop() == 0
        check_the_end(s, storm)


if __name__ == '__main__':
    print('# CONVOKE_SEED=%d' % SEED, flush=True)
    tap.main(a_hundred_kills_lose_nothing,
             a_hundred_kills_and_a_disk_that_is_full_twice_lose_nothing)
