"""Copies of an export as operators who lie would change them: they hold the server's key."""
import hashlib
import os
import shutil

import journal
from ceremony import convoke, json_lines, load, save
from journal import compact, signer


class Forged:
    """`with Forged(ceremony) as f:` a copy of its export; f.manifest is its manifest; f.sign() brings
    the files' sizes and hashes in it up to date and signs it."""

    def __init__(self, ceremony):
        self.ceremony = ceremony

    def __enter__(self):
        self.dir = self.ceremony.path('forged')
        shutil.copytree(self.ceremony.out, self.dir)
        self.manifest = load(self.dir, 'manifest.json')
        del self.manifest['signature']
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir)

    @property
    def key(self):
        return self.ceremony.path('server', 'server.key')

    def path(self, name):
        return os.path.join(self.dir, name)

    def sign(self, key=None):
        for f in self.manifest['files']:
            if os.path.isfile(self.path(f['name'])):
                with open(self.path(f['name']), 'rb') as data:
                    content = data.read()
                f.update(size=len(content), sha256='0x' + hashlib.sha256(content).hexdigest())
        text = compact(self.manifest)
        with open(self.path('manifest.json'), 'w', encoding='utf-8') as out:
            out.write(signer(key or self.key, text=text))

    def journal(self):
        """The events."""
        return journal.read(self.path('journal.jsonl'))

    def put_journal(self, events):
        """Chained anew, and the manifest says so."""
        journal.write(events, self.path('journal.jsonl'))
        self.manifest['journal_entries'] = len(events)
        self.manifest['journal_head'] = '0x' + journal.chain(events)[-1].hex()
        self.manifest['journal_root'] = '0x' + journal.root([journal.leaf(e) for e in events]).hex()

    def put_receipts(self):
        """For the journal that is there, signed anew."""
        events, answers = self.journal(), load(self.dir, 'receipts.json')
        save([journal.receipt(answer, self.key, journal=journal.claim(events, index))
              for index, answer in enumerate(answers, 1)], self.dir, 'receipts.json')

    def drop(self, *names):
        for name in names:
            os.remove(self.path(name))
        self.manifest['files'] = [f for f in self.manifest['files'] if f['name'] not in names]

    def verdict(self, *args, status=1):
        got = convoke('verify', self.dir, '--json', *args)
        assert got.returncode == status, (got.returncode, got.stdout, got.stderr)
        return {(f['file'], f['id']) for f in json_lines(got) if f['verdict'] != 'valid'}
