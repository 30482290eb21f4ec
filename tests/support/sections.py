"""Files of sections (.ptau, .zkey) for tests in Python: taken apart and put together, without
convoke's own readers. Beside them, where the files made by snarkjs are."""
import os
import struct

import tap

HEAD = struct.Struct('<IQ')  # of a section: type, size
CONTRIBUTIONS = 7  # the section of a .ptau
STATE, BUFFER, POSITION = 216, 128, 200  # a hash state; its buffer; where its buffer's filling is told


def fixture(name):
    """The path of a file that snarkjs made."""
    shared = os.environ.get('CONVOKE_SHARED', '../shared')
    path = os.path.join(shared, 'fixtures', 'snarkjs', name)
    if not os.path.exists(path):
        raise tap.Skip('no %s (set CONVOKE_SHARED to the folder of the shared data)' % path)
    return path


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def write(path, *parts):
    with open(path, 'wb') as f:
        f.write(b''.join(parts))
    return path


def split(path):
    """The sections in the file's order: [(type, bytes)]."""
    data, at, found = read(path), 12, []
    while at < len(data):
        kind, size = HEAD.unpack_from(data, at)
        found.append((kind, data[at + HEAD.size:at + HEAD.size + size]))
        at += HEAD.size + size
    assert at == len(data) and len(found) == struct.unpack_from('<I', data, 8)[0]
    return found


def join(path, sections, magic=b'ptau'):
    return write(path, magic, struct.pack('<II', 1, len(sections)),
                 *(HEAD.pack(kind, len(data)) + data for kind, data in sections))


def masked(path):
    """The sections of a .ptau whose hash states hold nothing behind what fills their buffers: what
    is there depends on the program, and nobody reads it."""
    parts = []
    for kind, data in split(path):
        if kind == 1:
            g1 = 2 * struct.unpack_from('<I', data)[0]
        if kind == CONTRIBUTIONS:
            data, at = bytearray(data), 4
            for _ in range(struct.unpack_from('<I', data)[0]):
                state = at + (3 + 2 * 2) * g1 + (6 + 3 * 2) * g1
                filled, = struct.unpack_from('<Q', data, state + POSITION)
                data[state + filled:state + BUFFER] = bytes(BUFFER - filled)
                params = state + STATE + 64 + 4
                at = params + 4 + struct.unpack_from('<I', data, params)[0]
            assert at == len(data)
        parts.append((kind, bytes(data)))
    return parts
