"""A running ceremony moves to another server: what came before and after stands in one journal that
anybody can check, the old server goes on with nothing, and a copy of it that does is found out.
And the operator's commands beside a server that runs."""
import contextlib
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import CONVOKE, Ceremony, convoke, done, json_lines, load  # noqa: E402
from http_probe import until  # noqa: E402
from kzg_server import BUSY, Holder  # noqa: E402


class Moved(Ceremony):
    """Two have contributed, there is a backup of that moment, and then the ceremony was handed over
    and taken over. The directories: 'server' (the old one, served), 'new', and 'fork' (from the
    backup)."""

    def __init__(self):
        super().__init__()
        self.before = [self.accepted(), self.accepted()]
        made = done(convoke('init', self.path('new'))).stdout
        new = re.search('0x[0-9a-fA-F]{40}', made)[0]
        done(convoke('ceremony', 'pause', self.dir))
        done(convoke('backup', self.dir, self.path('backup')))
        done(convoke('ceremony', 'export', self.dir, self.path('moving'), '--to', new))
        self.old, self.new = load(self.path('moving', 'public'), 'manifest.json')['server'], new
        done(convoke('verify', self.path('moving', 'public')))
        done(convoke('ceremony', 'import', self.path('new'), self.path('moving')))
        done(convoke('restore', self.path('backup'), self.path('fork')))

    @contextlib.contextmanager
    def at(self, where):
        if self.process:
            self.stop()
        self.dir = self.path(where)
        self.start()
        yield
        self.stop()

    def accepted(self):
        """The receipt's file of one more contribution."""
        person = self.person()
        outcome = json_lines(done(self.contribute(*person)))[0]
        assert outcome['included'] and outcome['receipt'] == 'valid', outcome
        return os.path.join(person[3], 'receipt.json')

    def go_on(self, where):
        """Two more contributions there, then all is public in the directory that is returned:
        (it, the receipts)."""
        done(convoke('ceremony', 'reopen', self.path(where)))
        with self.at(where):
            receipts = [self.accepted(), self.accepted()]
        out = self.path(where + '-public')
        done(convoke('ceremony', 'finalize', self.dir))
        done(convoke('ceremony', 'export', self.dir, out))
        return out, receipts


def check(receipt, out, *more):
    return convoke('receipt', 'verify', receipt, '--transcript',
                   os.path.join(out, 'transcript.json'), '--journal', out, *more)


def a_ceremony_that_moved_verifies_from_end_to_end():
    with Moved() as m:
        out, after = m.go_on('new')
        findings = json_lines(done(convoke('verify', out, '--json')))
        assert all(f['verdict'] == 'valid' for f in findings), findings
        assert load(out, 'manifest.json')['server'] == m.new
        assert len(load(out, 'transcript.json')['participantIds']) == 5
        for receipts, key in ((m.before, m.old), (after, m.new)):
            for receipt in receipts:
                done(check(receipt, out, '--address', key))
        assert check(m.before[0], out, '--address', m.new).returncode == 1
        with open(os.path.join(out, 'journal.jsonl'), encoding='utf-8') as f:
            kinds = [json.loads(line)['event']['type'] for line in f]
        moved = kinds.index('HandedOver')
        assert kinds[moved + 1] == 'TakenOver', kinds
        assert kinds[:moved].count('ContributionAccepted') == 2, kinds
        assert kinds[moved:].count('ContributionAccepted') == 2, kinds


def the_old_server_shows_what_there_was_and_goes_on_with_nothing():
    with Moved() as m:
        for command in ('reopen', 'drain', 'pause', 'finalize'):
            got = convoke('ceremony', command, m.dir)
            assert got.returncode == 2 and 'handed over' in got.stderr, got.stderr
        again = convoke('ceremony', 'export', m.dir, m.path('again'), '--to', '0x' + '11' * 20)
        assert again.returncode == 2 and 'handed over' in again.stderr, again.stderr
        late = m.contribute()
        assert late.returncode == 2 and 'has moved to another server' in late.stderr, late.stderr
        with m.at('server'):  # and after a restart
            late = m.contribute()
            assert late.returncode == 2 and 'has moved to another server' in late.stderr, late.stderr
            done(convoke('verify', m.url))
            assert m.status()['contributions'] == 2


def who_takes_part_can_be_taken_over_once_and_by_the_one_named():
    with Moved() as m:
        twice = convoke('ceremony', 'import', m.path('new'), m.path('moving'))
        assert twice.returncode == 2 and twice.stderr.startswith('convoke: '), twice
        done(convoke('init', m.path('stranger')))
        other = convoke('ceremony', 'import', m.path('stranger'), m.path('moving'))
        assert other.returncode == 2 and other.stderr.startswith('convoke: '), other


def a_turn_under_way_is_not_handed_over():
    with Holder() as s:
        got = convoke('ceremony', 'export', s.dir, s.path('moving'), '--to', '0x' + '11' * 20)
        assert got.returncode == 2 and got.stderr.startswith('convoke: '), got
        assert s.hand_in()[0] == 200


def a_copy_of_the_old_server_that_goes_on_is_found_out():
    """Each side's journal is sound by itself: whoever holds a receipt of one finds the other out."""
    with Moved() as m:
        out, after = m.go_on('new')
        fork, forked = m.go_on('fork')
        for receipt in after + forked:
            mine, others = (out, fork) if receipt in after else (fork, out)
            done(check(receipt, mine))
            assert check(receipt, others).returncode == 1
            got = convoke('receipt', 'verify', receipt, '--journal', others)
            assert got.returncode == 1, got.stdout


# ---- beside a server that runs ----

def a_pause_lets_the_turn_finish_and_gives_no_other():
    with Holder('entry=fifo') as s:
        waiting = s.newcomer()
        assert s.ask(waiting) == BUSY
        done(convoke('ceremony', 'pause', s.dir))
        assert s.hand_in()[0] == 200
        assert s.ask(waiting)[1] == BUSY[1], s.ask(waiting)
        done(convoke('ceremony', 'reopen', s.dir))
        until(lambda: 'contributions' in s.ask(waiting)[1])


def a_drain_gives_those_who_wait_their_turns_and_nobody_else():
    with Holder('entry=fifo') as s:
        waiting, late = s.newcomer(), s.newcomer()
        assert s.ask(waiting) == BUSY
        done(convoke('ceremony', 'drain', s.dir))
        until(lambda: s.ask(late)[1].get('code') == 'TryContributeError::CeremonyClosed')
        assert s.hand_in()[0] == 200
        contribution = s.prepare(waiting)
        assert s.give(waiting, contribution)[0] == 200
        assert s.ask(late)[1]['code'] == 'TryContributeError::CeremonyClosed'
        done(convoke('ceremony', 'finalize', s.dir))


def who_is_dropped_loses_the_turn_and_who_is_banned_gets_none():
    with Holder('entry=fifo') as s:
        invitation, identity = s.invite()
        other = s.session(invitation)
        done(convoke('participant', 'drop', s.dir, '1'))
        until(lambda: s.phase() == 'free')
        done(convoke('participant', 'ban', s.dir, identity.strip()))
        until(lambda: s.ask(other)[0] != 200)
        done(convoke('participant', 'unban', s.dir, identity.strip()))
        until(lambda: s.sign_in(invitation)[0] == 200)
        until(lambda: 'contributions' in s.ask(other)[1])


# ---- a queue of people's own programs ----

def turns_come_in_the_order_of_joining():
    with Holder('entry=fifo', 'checkin_every_s=1') as s, contextlib.ExitStack() as stack:
        people = []
        for number in range(4):
            invitation, identity = s.invite()
            people.append((identity.strip(), stack.enter_context(subprocess.Popen(
                [CONVOKE, 'contribute', s.url, '--invitation', invitation, '--dir',
                 s.path('queued%d' % number)], stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL))))
            until(lambda: s.json('GET', '/ceremony/status')[1]['lobby_size'] > number)
        assert s.hand_in()[0] == 200
        assert [process.wait(120) for _, process in people] == [0] * 4
        assert s.transcript()['participantIds'][2:] == [identity for identity, _ in people]


if __name__ == '__main__':
    tap.main(a_ceremony_that_moved_verifies_from_end_to_end,
             the_old_server_shows_what_there_was_and_goes_on_with_nothing,
             who_takes_part_can_be_taken_over_once_and_by_the_one_named,
             a_turn_under_way_is_not_handed_over,
             a_copy_of_the_old_server_that_goes_on_is_found_out,
             a_pause_lets_the_turn_finish_and_gives_no_other,
             a_drain_gives_those_who_wait_their_turns_and_nobody_else,
             who_is_dropped_loses_the_turn_and_who_is_banned_gets_none,
             turns_come_in_the_order_of_joining)
