"""tools/check-style on small trees made for the purpose."""
import os
import shutil
import tempfile

import tap

check_style = tap.load_tool('check-style')

REAL_FORMATTER = shutil.which('clang-format-14')


def run(files, *args):
    """Status and output of the tool on a tree of `files`; without a formatter, one that agrees."""
    with tempfile.TemporaryDirectory() as root:
        style = {'.clang-format': 'BasedOnStyle: LLVM\nColumnLimit: 100\n'}
        for path, text in {**style, **files}.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), 'w', encoding='utf-8') as f:
                f.write(text)
        if REAL_FORMATTER is None:
            check_style.FORMATTER = 'true'
        return tap.run_tool(check_style, '--root', root, *args)


def refused(text, *said, path='src/a.c'):
    status, out = run({path: text})
    assert status == 1, 'nothing was found'
    for part in said:
        assert part in out, out


def accepted(text, path='src/a.c'):
    status, out = run({path: text})
    assert status == 0 and out == '', out


def plain_code_passes():
    accepted('/* A comment. */\nint f(int a);\n')


def a_banned_function_is_found_with_its_line():
    for name in ('strcpy', 'strcat', 'sprintf', 'vsprintf', 'atoi', 'atol', 'strtok', 'rand', 'srand',
                 'gets', 'alloca'):
        refused('int x;\n\nvoid *y = %s(z);\n' % name, 'src/a.c:3: %s is banned' % name)


def names_that_only_contain_a_banned_one_pass():
    accepted('void cvk_strcpy(int a);\nint snprintf(int a);\nint x = operand(1);\n')


def a_banned_name_in_a_comment_or_a_string_passes():
    accepted('/* strcpy(a, b) is banned. */\nconst char *s = "gets(x) // no";\n')


def a_line_comment_is_found():
    refused('int x;\nint y; // why\n', 'src/a.c:2: a // comment')


def an_address_in_a_string_is_no_comment():
    accepted('const char *s = "http://127.0.0.1/";\n')


def a_line_of_101_columns_is_found_and_one_of_100_is_not():
    accepted('/* %s */\n' % ('x' * 94))
    refused('/* %s */\n' % ('x' * 95), 'src/a.c:1: 101 columns')


def a_path_of_one_machine_is_found_in_any_file():
    refused('see /ho' + 'me/somebody/notes\n', 'docs/a.md:1:', 'one machine', path='docs/a.md')
    refused('cd /ro' + 'ot/x\n', 'tools/a:1:', path='tools/a')


def a_relative_path_or_a_route_is_no_path_of_a_machine():
    accepted('src/wor' + 'k/x and $HOME/x and ./wor' + 'k/x\n', path='docs/a.md')


def a_download_address_is_found_in_any_file():
    refused('{"resolv' + 'ed": "https://example.test/a.tgz"}\n', 'a download address', path='package-lock.json')
    refused('https://registry.npm' + 'js.org/\n', 'a download address', path='x/.npmrc')


def unformatted_code_and_unsorted_includes_are_found():
    if REAL_FORMATTER is None:
        raise tap.Skip('no clang-format-14 here')
    refused('int  x;\n', 'src/a.c:1: not formatted')
    refused('#include <string.h>\n#include <stdio.h>\n', 'src/a.c:1: not formatted')


tap.main(plain_code_passes, a_banned_function_is_found_with_its_line,
         names_that_only_contain_a_banned_one_pass, a_banned_name_in_a_comment_or_a_string_passes,
         a_line_comment_is_found, an_address_in_a_string_is_no_comment,
         a_line_of_101_columns_is_found_and_one_of_100_is_not, a_path_of_one_machine_is_found_in_any_file,
         a_relative_path_or_a_route_is_no_path_of_a_machine, a_download_address_is_found_in_any_file,
         unformatted_code_and_unsorted_includes_are_found)
