"""Tables as Parquet, read by a reader that is not ours: hyparquet."""
import functools
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import parquet  # noqa: E402
import tap  # noqa: E402

BUILD = os.environ.get('BUILD_DIR', 'build')


def written(form, rows):
    return subprocess.run([os.path.join(BUILD, 'tests/interop/write_table'), form, str(rows)],
                          stdout=subprocess.PIPE, check=True).stdout


@functools.cache
def both(rows):
    """The shape that the reader sees, its rows, and the same rows as JSON lines."""
    with tempfile.NamedTemporaryFile(suffix='.parquet') as f:
        f.write(written('parquet', rows))
        f.flush()
        shape, got = parquet.read(f.name)
    return shape, got, written('jsonl', rows).decode().split('\n')[:-1]


def an_empty_table_has_its_columns():
    shape, got, expected = both(0)
    assert shape['rows'] == '0' and shape['groups'] == [] and got == expected == []
    assert shape['columns'] == [['id', *parquet.INT], ['extreme', *parquet.INT],
                                ['price_cents', *parquet.CENTS], ['batch.gas', *parquet.NUMBER],
                                ['name', *parquet.TEXT], ['never', *parquet.TEXT]], shape


def one_row_comes_back():
    shape, got, expected = both(1)
    assert shape['groups'] == ['1'] and len(got) == 1
    parquet.same(shape, got, expected)


def every_cell_of_many_row_groups_comes_back():
    shape, got, expected = both(40000)
    assert len(shape['groups']) > 2, shape
    assert sum(map(int, shape['groups'])) == int(shape['rows']) == 40000
    parquet.same(shape, got, expected)


tap.main(an_empty_table_has_its_columns,
         one_row_comes_back,
         every_cell_of_many_row_groups_comes_back)
