"""tools/check-layers on small trees made for the purpose."""
import os
import tempfile

import tap

check_layers = tap.load_tool('check-layers')

DOCUMENT = '# A\n<!-- layers:begin -->\n%s<!-- layers:end -->\n'


def run(root, *args):
    return tap.run_tool(check_layers, '--root', root, *args)


def write(root, files):
    for path, text in files.items():
        os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
        with open(os.path.join(root, path), 'w', encoding='utf-8') as f:
            f.write(text)


def tree(files):
    """A tree whose table is right, with `files` in it."""
    root = tempfile.TemporaryDirectory()
    write(root.name, {'src/base/err.h': '', 'src/codec/json.h': '#include "base/err.h"\n', **files})
    write(root.name, {'docs/ARCHITECTURE.md': DOCUMENT % run(root.name, '--table')[1]})
    return root


def refused(files, *texts):
    with tree(files) as root:
        status, out = run(root)
    assert status == 1, 'nothing was found'
    assert len(out.splitlines()) == 1, out
    for text in texts:
        assert text in out, out


def downward_includes_are_fine():
    with tree({'src/codec/json.c': '#include "codec/json.h"\n#include "base/err.h"\n#include <stdio.h>\n'}) as root:
        status, out = run(root)
    assert status == 0 and out == '', out


def an_upward_include_is_found_with_its_line():
    refused({'src/base/err.c': '#include "base/err.h"\n\n#include "codec/json.h"\n'},
            'src/base/err.c:3:', 'src/base may not include src/codec')


def an_upward_include_in_a_folder_below_a_layer_is_found():
    refused({'src/base/deep/err.c': '#include "codec/json.h"\n'}, 'src/base/deep/err.c:1:')


def an_include_in_a_comment_does_not_count():
    with tree({'src/base/err.c': '/*\n#include "codec/json.h"\n*/\n'}) as root:
        assert run(root) == (0, '')


def a_library_is_seen_only_by_its_layer():
    for header, owner, wrong in (('blst.h', 'algebra', 'setup'), ('secp256k1_recovery.h', 'algebra', 'auth'),
                                 ('microhttpd.h', 'http', 'api'), ('curl/curl.h', 'client', 'cli'),
                                 ('sqlite3.h', 'store', 'run')):
        include = '#include <%s>\n' % header
        refused({'src/%s/a.c' % wrong: include}, header, 'src/' + owner)
        with tree({'src/%s/a.c' % owner: include}) as root:
            assert run(root) == (0, '')


def a_relative_include_of_ours_is_refused():
    refused({'src/base/err.c': '#include "err.h"\n'}, 'src/base/err.c:1:', '"base/..."')


def an_include_of_what_is_not_there_is_refused():
    refused({'src/base/err.c': '#include "base/gone.h"\n'}, 'does not exist')


def a_folder_that_is_no_layer_is_refused():
    refused({'src/misc/a.c': ''}, 'src/misc/a.c:1:', 'no layer')


def a_stale_table_is_found_and_written():
    with tree({}) as root:
        write(root, {'src/setup/kzg.c': '#include "codec/json.h"\n'})
        status, out = run(root)
        assert status == 1 and 'docs/ARCHITECTURE.md:3:' in out and '--write' in out, out

        run(root, '--write')

        assert run(root) == (0, '')
        with open(os.path.join(root, 'docs/ARCHITECTURE.md'), encoding='utf-8') as f:
            assert '| `src/setup` | codec |\n' in f.read()


def a_document_without_the_markers_is_refused():
    with tree({}) as root:
        write(root, {'docs/ARCHITECTURE.md': '# A\n'})
        status, out = run(root)
    assert status == 1 and 'layers:begin' in out, out


tap.main(downward_includes_are_fine, an_upward_include_is_found_with_its_line,
         an_upward_include_in_a_folder_below_a_layer_is_found, an_include_in_a_comment_does_not_count,
         a_library_is_seen_only_by_its_layer, a_relative_include_of_ours_is_refused,
         an_include_of_what_is_not_there_is_refused, a_folder_that_is_no_layer_is_refused,
         a_stale_table_is_found_and_written, a_document_without_the_markers_is_refused)
