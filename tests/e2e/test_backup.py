"""Backups of a running server, directories made from them, and what a damaged directory still
gives: by the commands that an operator has."""
import glob
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import CONVOKE, Ceremony, convoke, done, json_lines  # noqa: E402


class Site(Ceremony):
    """A running server with one contribution; `backup()` copies it."""

    def __init__(self, *rules):
        super().__init__(*rules)
        done(self.contribute())
        self.first_dir = self.dir

    def backup(self):
        out = self.path('backup')
        return out, json_lines(done(convoke('backup', self.dir, out, '--json')))[0]

    def restore(self, *args):
        return convoke('restore', self.path('backup'), self.path('restored'), *args)

    def move(self):
        """To the restored directory, on the same address."""
        if self.process:
            self.stop()
        self.dir = self.path('restored')
        self.start()

    def finish(self):
        """One more contribution; then everything is checked as outsiders would."""
        done(self.contribute())
        count = self.status()['contributions']
        done(convoke('verify', self.url))
        self.stop()
        done(convoke('ceremony', 'finalize', self.dir))
        done(convoke('verify', self.export()))
        return count

    def sql(self, *statements):
        """Changes the database behind the server's back."""
        with sqlite3.connect(os.path.join(self.first_dir, 'convoke.db')) as db:
            for statement in statements:
                db.execute(statement)
        db.close()

    def start_fails(self):
        r = convoke('serve', self.dir, '--listen', '127.0.0.1:0', '--port-file', self.path('p'))
        assert r.returncode == 2, r
        return r.stderr


# ---- without damage ----

def a_ceremony_goes_on_from_a_backup_of_the_running_server():
    with Site() as s:
        _, made = s.backup()
        assert [c['contributions'] for c in made['ceremonies']] == [1], made
        assert s.process.poll() is None

        told = json_lines(done(s.restore('--json')))[0]

        assert told['ceremonies'][0]['root'] == made['ceremonies'][0]['root']
        s.move()
        assert s.finish() == 2


def a_restored_server_has_the_same_key():
    with Site() as s:
        s.backup()
        done(s.restore())
        receipt = glob.glob(s.path('person1', '*receipt*'))
        assert receipt, os.listdir(s.path('person1'))
        with open(s.path('server', 'server.key'), encoding='ascii') as f:
            key = f.read()
        with open(s.path('restored', 'server.key'), encoding='ascii') as f:
            assert f.read() == key


def a_restore_without_salvage_says_what_is_missing():
    with Site() as s:
        _, made = s.backup()
        done(s.contribute())

        r = done(s.restore())

        assert made['made'] in r.stdout and '1 contribution,' in r.stdout, r.stdout
        assert 'accepted after ' + made['made'] in r.stderr and '--salvage' in r.stderr, r.stderr


def backups_can_be_made_while_people_contribute():
    with Site() as s:
        person = subprocess.Popen([CONVOKE, 'contribute', s.url, *s.person(), '--json'],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        made = 0
        while person.poll() is None or made == 0:
            out, into = s.path('b%d' % made), s.path('r%d' % made)
            done(convoke('backup', s.dir, out))
            done(convoke('restore', out, into))
            made += 1
        assert person.returncode == 0
        assert s.status()['contributions'] == 2


# ---- damage ----

def a_changed_entry_is_named_at_start_and_a_backup_heals_it():
    with Site() as s:
        s.backup()
        s.stop()
        s.sql('DELETE FROM snapshot',
              "UPDATE journal SET json = replace(json, 'now\":1', 'now\":2') WHERE seq = 2")

        said = s.start_fails()

        assert 'entry 2 of the journal' in said and 'restore' in said, said
        refused = convoke('backup', s.dir, s.path('second'))
        assert refused.returncode == 2 and 'entry 2' in refused.stderr, refused
        assert not os.path.exists(s.path('second'))
        done(s.restore('--salvage', s.dir))
        s.move()
        assert s.finish() == 2


def a_journal_that_was_cut_off_is_not_served():
    with Site() as s:
        s.backup()
        s.stop()
        with sqlite3.connect(os.path.join(s.dir, 'convoke.db')) as db:
            if db.execute('SELECT count(*) FROM journal_head').fetchone()[0] == 0:
                raise tap.Skip('this server keeps no heads of journals')
        db.close()
        s.sql('DELETE FROM snapshot', 'DELETE FROM contribution',
              'DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)')

        said = s.start_fails()

        assert 'journal' in said and 'restore' in said, said
        done(s.restore('--salvage', s.dir))
        s.move()
        assert s.finish() == 2


def salvage_brings_back_all_that_came_after_the_backup():
    with Site() as s:
        s.backup()
        done(s.contribute())
        entries = s.status()
        s.stop()
        s.sql('DELETE FROM snapshot', "UPDATE journal SET json = '{}' WHERE seq = 3",
              "UPDATE contribution SET record = x'00' WHERE idx = 1")
        assert 'entry 3' in s.start_fails()

        told = json_lines(done(s.restore('--salvage', s.dir, '--json')))[0]['ceremonies'][0]

        assert told['taken_contributions'] == 1, told
        assert told['lost_contributions'] == told['lost_entries'] == 0, told
        s.move()
        assert s.status()['contributions'] == entries['contributions'] == 2
        assert s.finish() == 3


def salvage_says_what_is_lost():
    with Site() as s:
        s.backup()
        done(s.contribute())
        s.stop()
        s.sql("UPDATE contribution SET record = x'00' WHERE idx = 2")

        r = done(s.restore('--salvage', s.dir))

        assert 'LOST: the last 1 contribution ' in r.stdout, r.stdout
        assert 'a response waits there' in r.stdout, r.stdout
        s.move()  # it is verified again: a contribution all the same, with a new receipt
        assert s.finish() == 3


def a_file_cut_in_the_middle_still_gives_something_or_says_so():
    with Site() as s:
        s.backup()
        done(s.contribute())
        s.stop()
        path = os.path.join(s.dir, 'convoke.db')
        size = os.path.getsize(path)
        for n in (size - 4096, size // 2, 4096, 100, 0):
            damaged, into = s.path('damaged%d' % n), s.path('into%d' % n)
            shutil.copytree(s.dir, damaged)
            os.truncate(os.path.join(damaged, 'convoke.db'), n)
            r = convoke('restore', s.path('backup'), into, '--salvage', damaged, '--json')
            told = json.loads(done(r).stdout)
            assert told['ceremonies'][0]['contributions'] in (1, 2), told


def a_served_directory_is_not_salvaged():
    with Site() as s:
        s.backup()

        r = s.restore('--salvage', s.dir)

        assert r.returncode == 2 and 'is being served' in r.stderr, r
        assert not os.path.exists(s.path('restored'))


# ---- half a backup ----

def a_full_disk_leaves_no_backup():
    with Site() as s:
        for size in (0, 100, 4096, 20000, 70000):
            out = s.path('out%d' % size)
            r = subprocess.run([CONVOKE, 'backup', s.dir, out], capture_output=True, text=True,
                               check=False, stdin=subprocess.DEVNULL, preexec_fn=lambda n=size:
                               resource.setrlimit(resource.RLIMIT_FSIZE, (n, n)))
            if r.returncode == 0:  # that was enough
                assert size > 4096, r
                continue
            assert r.returncode == 2 and r.stderr.startswith('convoke: backup: '), r
            assert not os.path.exists(out), os.listdir(out)
            again = convoke('restore', out, s.path('restored'))
            assert again.returncode == 2 and 'is no backup' in again.stderr, again
        s.backup()
        done(s.restore())


def a_killed_backup_is_none():
    with Site() as s:
        out, _ = s.backup()
        os.rename(os.path.join(out, 'backup.json'), os.path.join(out, 'backup.json.tmp-x'))

        r = s.restore()

        assert r.returncode == 2 and 'not finished' in r.stderr, r
        assert not os.path.exists(s.path('restored'))


def a_full_disk_leaves_no_restored_directory():
    with Site() as s:
        s.backup()
        r = subprocess.run([CONVOKE, 'restore', s.path('backup'), s.path('restored')],
                           capture_output=True, text=True, check=False, preexec_fn=lambda:
                           resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
        assert r.returncode == 2 and not os.path.exists(s.path('restored')), r
        done(s.restore())


if __name__ == '__main__':
    tap.main(a_ceremony_goes_on_from_a_backup_of_the_running_server,
             a_restored_server_has_the_same_key,
             a_restore_without_salvage_says_what_is_missing,
             backups_can_be_made_while_people_contribute,
             a_changed_entry_is_named_at_start_and_a_backup_heals_it,
             a_journal_that_was_cut_off_is_not_served,
             salvage_brings_back_all_that_came_after_the_backup,
             salvage_says_what_is_lost,
             a_file_cut_in_the_middle_still_gives_something_or_says_so,
             a_served_directory_is_not_salvaged,
             a_full_disk_leaves_no_backup,
             a_killed_backup_is_none,
             a_full_disk_leaves_no_restored_directory)
