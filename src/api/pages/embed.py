#!/usr/bin/env python3
"""Writes files as C: embed.py OUT FILE...  A file style.css becomes `const Asset asset_style_css`."""
import os
import re
import sys


def lines(data):
    for at in range(0, len(data), 20):
        yield '    ' + ', '.join(str(byte) for byte in data[at:at + 20]) + ','


def main():
    out, paths = sys.argv[1], sys.argv[2:]
    text = ['/* Made by embed.py. */', '#include "api/assets.h"']
    for path in paths:
        with open(path, 'rb') as f:
            data = f.read()
        name = re.sub(r'[^a-z0-9]', '_', os.path.basename(path))
        text += ['', 'static const unsigned char data_%s[] = {' % name, *lines(data), '};',
                 'const Asset asset_%s = {data_%s, sizeof data_%s};' % (name, name, name)]
    with open(out, 'w', encoding='ascii') as f:
        f.write('\n'.join(text) + '\n')


if __name__ == '__main__':
    main()
