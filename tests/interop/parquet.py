"""Parquet files through the eyes of a reader that is not ours: hyparquet."""
import json
import os
import shutil
import subprocess
from decimal import Decimal

import tap

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.get('CONVOKE_SOURCE', os.path.join(HERE, '..', '..'))
CENTS = ['FIXED_LEN_BYTE_ARRAY', 'DECIMAL', 6]
INT = ['INT64', None, None]
NUMBER = ['DOUBLE', None, None]
TEXT = ['BYTE_ARRAY', 'UTF8', None]


def read(path):
    """The shape that the reader sees, and its rows as objects: whole numbers as text, as they do not fit
    its own; amounts as [its double, millionths of a cent as text]."""
    if not shutil.which('node') or not os.path.isdir(os.path.join(SOURCE, 'node_modules', 'hyparquet')):
        raise tap.Skip('hyparquet is not there: npm ci')
    told = subprocess.run(['node', os.path.join(HERE, 'read_parquet.mjs'), path], stdout=subprocess.PIPE,
                          check=True).stdout.decode().split('\n')[:-1]
    return json.loads(told[0]), [json.loads(line) for line in told[1:]]


def same_cell(kind, have, wanted):
    """`wanted`: the same cell in JSON lines, whose numbers were read as Decimal."""
    if wanted is None or kind == TEXT:
        return have == wanted
    if kind == INT:
        return have == str(wanted)
    if kind == NUMBER:
        return have == float(wanted)
    double, millionths = have
    return Decimal(millionths) == Decimal(wanted) * 10 ** 6 and \
        abs(double - float(wanted)) <= 1e-12 * abs(float(wanted))


def same(shape, rows, expected):
    """All rows, cell by cell; `expected`: JSON lines."""
    kinds = {name: kind for name, *kind in shape['columns']}
    assert len(rows) == len(expected) == int(shape['rows']), (len(rows), len(expected), shape)
    for row, line in zip(rows, expected):
        wanted = json.loads(line, parse_float=Decimal, parse_int=Decimal)
        assert list(row) == list(wanted) == list(kinds), (row, wanted)
        for key, value in wanted.items():
            assert same_cell(kinds[key], row[key], value), (key, row[key], value)
