"""convoke verify DIR --head: what a server has signed of its journal, held against what it shows."""
import json
import os
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import Ceremony, convoke, done, json_lines  # noqa: E402
from journal import signer  # noqa: E402


class WithHeads(Ceremony):
    """Two contributions, exported; the head after each, as people kept them."""

    def __init__(self):
        super().__init__()
        self.heads = []
        for _ in range(2):
            done(self.contribute())
            with urllib.request.urlopen(self.url + '/journal/head', timeout=60) as reply:
                self.heads.append(json.load(reply))
        self.stop()
        self.out = self.export()
        self.key = self.path('server', 'server.key')


def kept(head, name='head.json'):
    with open(C.path(name), 'w', encoding='ascii') as f:
        f.write(json.dumps(head, separators=(',', ':')) + '\n')
    return C.path(name)


def finding(head, status):
    got = convoke('verify', C.out, '--head', head, '--json')
    assert got.returncode == status, (got.returncode, got.stdout, got.stderr)
    found = [f for f in json_lines(got) if f['kind'] == 'head']
    assert len(found) == 1, found
    return found[0]


def signed(key=None, **members):
    """The first head with other members, signed again."""
    said = {**json.loads(C.heads[0]['head']), **members}
    text = json.dumps(said, separators=(',', ':'))
    return kept({'head': text, 'signature': signer(key or C.key, 'text', text=text)})


def every_head_that_the_journal_grew_from_fits():
    heads = [word for n, h in enumerate(C.heads) for word in ('--head', kept(h, 'head%d' % n))]
    done(convoke('verify', C.out, *heads))
    assert finding(kept(C.heads[0]), 0)['id'] == 'valid'


def a_head_of_another_journal_is_found():
    root = '0x' + 'ab' * 32
    assert finding(signed(root=root), 1)['id'] == 'head.journal'
    later = json.loads(C.heads[1]['head'])['entries']
    assert finding(signed(entries=later), 1)['id'] == 'head.journal'  # the root of the first


def a_head_beyond_the_journal_is_found():
    for entries in (1, 10 ** 6):
        assert finding(signed(entries=entries), 1)['id'] == 'head.journal'


def a_head_of_another_ceremony_or_server_is_found():
    assert finding(signed(ceremony='another'), 1)['id'] == 'head.ceremony'
    other = C.path('other.key')
    with open(other, 'w', encoding='ascii') as f:
        f.write('02' * 32)
    assert finding(signed(key=other), 1)['id'] == 'head.signature'


def what_is_no_head_is_unusable():
    assert finding(kept({'head': 'x', 'signature': '00' * 65}), 2)['id'] == 'head.shape'
    assert 'open' in finding(C.path('nothing'), 2)['message']


def only_an_export_has_a_journal():
    head = kept(C.heads[0])
    got = convoke('verify', os.path.join(C.out, 'transcript.json'), '--head', head)
    assert got.returncode == 2 and '--head is for an exported directory' in got.stderr, got


with WithHeads() as C:
    tap.main(
        every_head_that_the_journal_grew_from_fits,
        a_head_of_another_journal_is_found,
        a_head_beyond_the_journal_is_found,
        a_head_of_another_ceremony_or_server_is_found,
        what_is_no_head_is_unusable,
        only_an_export_has_a_journal,
    )
