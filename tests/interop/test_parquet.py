"""Tables as Parquet, read by a reader that is not ours: hyparquet."""
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get('BUILD_DIR', 'build')
SOURCE = os.environ.get('CONVOKE_SOURCE', os.path.join(HERE, '..', '..'))
READER = os.path.join(HERE, 'read_parquet.mjs')
CENTS = ['FIXED_LEN_BYTE_ARRAY', 'DECIMAL', 6]


def written(form, rows):
    return subprocess.run([os.path.join(BUILD, 'tests/interop/write_table'), form, str(rows)],
                          stdout=subprocess.PIPE, check=True).stdout


@functools.cache
def both(rows):
    """The shape that the reader sees, its rows, and the same rows as JSON lines."""
    if not shutil.which('node') or not os.path.isdir(os.path.join(SOURCE, 'node_modules', 'hyparquet')):
        raise tap.Skip('hyparquet is not there: npm ci')
    with tempfile.NamedTemporaryFile(suffix='.parquet') as f:
        f.write(written('parquet', rows))
        f.flush()
        told = subprocess.run(['node', READER, f.name], stdout=subprocess.PIPE, check=True).stdout
    lines = told.decode().splitlines()
    expected = [json.loads(line) for line in written('jsonl', rows).decode().splitlines()]
    return json.loads(lines[0]), [json.loads(line) for line in lines[1:]], expected


def same(got, expected):
    """Whole numbers come as text, as they do not fit the reader's own; amounts as doubles."""
    for row, wanted in zip(got, expected):
        for key, value in wanted.items():
            have = row[key]
            if key in ('id', 'extreme'):
                assert have == str(value), (row, wanted)
            elif key == 'price_cents' and value is not None:
                assert abs(have - value) <= 1e-12 * abs(value), (row, wanted)
            else:
                assert have == value, (key, have, value)


def an_empty_table_has_its_columns():
    shape, got, expected = both(0)
    assert shape['rows'] == '0' and shape['groups'] == [] and got == expected == []
    assert shape['columns'] == [['id', 'INT64', None, None], ['extreme', 'INT64', None, None],
                                ['price_cents'] + CENTS, ['batch.gas', 'DOUBLE', None, None],
                                ['name', 'BYTE_ARRAY', 'UTF8', None],
                                ['never', 'BYTE_ARRAY', 'UTF8', None]], shape


def one_row_comes_back():
    shape, got, expected = both(1)
    assert shape['groups'] == ['1'] and len(got) == 1
    same(got, expected)


def every_cell_of_many_row_groups_comes_back():
    shape, got, expected = both(40000)
    assert len(shape['groups']) > 2, shape
    assert sum(map(int, shape['groups'])) == int(shape['rows']) == len(got) == len(expected) == 40000
    same(got, expected)


tap.main(an_empty_table_has_its_columns,
         one_row_comes_back,
         every_cell_of_many_row_groups_comes_back)
