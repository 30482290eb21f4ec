"""Exported journals as somebody who forges them sees them: lines, the chain, the Merkle tree (RFC
9162), made here anew and not by the program that is tested; and what an operator with the key signs."""
import hashlib
import json
import os
import subprocess

SIGNER = os.path.join(os.environ['BUILD_DIR'], 'tests', 'e2e', 'sign_manifest')


def signer(*args, text=''):
    return subprocess.run([SIGNER, *args], input=text, capture_output=True, text=True, check=True,
                          timeout=60).stdout.strip()


def compact(document):
    return json.dumps(document, separators=(',', ':'))


def read(path):
    """The events, as texts."""
    with open(path, encoding='utf-8') as f:
        return [line[line.index('"event":') + 8:].rstrip('\n')[:-1] for line in f]


def chain(events):
    before, hashes = bytes(32), []
    for event in events:
        before = hashlib.sha256(before + event.encode()).digest()
        hashes.append(before)
    return hashes


def write(events, path):
    """Chained anew."""
    with open(path, 'w', encoding='utf-8') as f:
        for seq, (event, head) in enumerate(zip(events, chain(events)), 1):
            f.write('{"seq":%d,"hash":"0x%s","event":%s}\n' % (seq, head.hex(), event))


def leaf(event):
    return hashlib.sha256(b'\0' + event.encode()).digest()


def root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256().digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b'\1' + root(leaves[:k]) + root(leaves[k:])).digest()


def path_last(leaves):
    """The proof of the last leaf."""
    if len(leaves) < 2:
        return []
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return path_last(leaves[k:]) + [root(leaves[:k])]


def claim(events, index):
    """The member "journal" of the receipt of contribution `index`."""
    for n, event in enumerate(events, 1):
        e = json.loads(event)
        if e['type'] == 'ContributionAccepted' and e['index'] == index:
            leaves = [leaf(e) for e in events[:n]]
            return {'entry': n, 'event': event, 'root': '0x' + root(leaves).hex(),
                    'path': ['0x' + h.hex() for h in path_last(leaves)]}
    raise AssertionError('no such contribution')


def receipt(answer, key, **members):
    """A receipt with other members, signed by whoever has the key."""
    said = dict(json.loads(answer['receipt']), **members)
    text = compact(said)
    return {'receipt': text, 'signature': signer(key, 'text', text=text)}
