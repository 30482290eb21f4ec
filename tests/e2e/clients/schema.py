"""The specification's two JSON schemas, as the C++ and Java clients check answers against them. In
small ceremonies the counts of the schema are replaced by the ceremony's; all else stays."""
import json
import os
import re

import tap

DEFS = ('2^12Sub', '2^13Sub', '2^14Sub', '2^15Sub')
TYPES = {'object': dict, 'array': list, 'string': str}
LOOSE_GITHUB = '^git\\|\\d{1,16}\\|[a-zA-Z\\d](?:[a-zA-Z\\d]|-(?=[a-zA-Z\\d])){0,38}$'


def load(name):
    root = os.environ.get('CONVOKE_SHARED',
                          os.path.join(os.path.dirname(__file__), '../../../../shared'))
    path = os.path.join(root, 'fixtures/kzg/spec', name)
    if not os.path.exists(path):
        raise tap.Skip('no %s (set CONVOKE_SHARED to the folder of the shared data)' % path)
    with open(path, encoding='utf-8') as f:
        return json.load(f)


def resize(schema, kind, sizes):
    """With these counts instead of Ethereum's."""
    for name, (n_g1, n_g2) in zip(DEFS, sizes):
        members = schema['$defs'][name + kind]['properties']
        powers = members['powersOfTau']['properties']
        for n, group in ((n_g1, 'G1'), (n_g2, 'G2')):
            members['num%sPowers' % group].update(minimum=n, maximum=n)
            powers['%sPowers' % group].update(minItems=n, maxItems=n)
    top = schema['properties']['contributions' if kind == 'Contribution' else 'transcripts']
    top['prefixItems'] = top['prefixItems'][:len(sizes)]
    return schema


def contribution_schema(sizes):
    return resize(load('contributionSchema.json'), 'Contribution', sizes)


def transcript_schema(sizes, github=None):
    schema = resize(load('transcriptSchema.json'), 'Transcript', sizes)
    if github is not None:
        schema['$defs']['githubId']['pattern'] = github
    return schema


def fault(value, schema, root=None, at=''):
    """None, or where the value does not match."""
    root = root or schema
    if schema is False:
        return at
    if '$ref' in schema:
        return fault(value, root['$defs'][schema['$ref'].rpartition('/')[2]], root, at)
    for word, wanted in (('anyOf', None), ('oneOf', 1)):
        if word in schema:
            n = sum(fault(value, s, root, at) is None for s in schema[word])
            return None if n == wanted or (wanted is None and n) else at
    if not has_type(value, schema.get('type')):
        return at
    if isinstance(value, str):
        return None if re.search(schema.get('pattern', ''), value, re.ASCII) else at
    if isinstance(value, dict):
        return fault_in_object(value, schema, root, at)
    if isinstance(value, list):
        return fault_in_array(value, schema, root, at)
    return None if schema.get('minimum', value) <= value <= schema.get('maximum', value) else at


def has_type(value, name):
    if name == 'integer':
        return isinstance(value, int) and not isinstance(value, bool)
    return name is None or isinstance(value, TYPES[name])


def fault_in_object(value, schema, root, at):
    for key in schema.get('required', ()):
        if key not in value:
            return '%s/%s' % (at, key)
    for key, inner in schema.get('properties', {}).items():
        if key in value:
            found = fault(value[key], inner, root, '%s/%s' % (at, key))
            if found is not None:
                return found
    return None


def fault_in_array(value, schema, root, at):
    if not schema.get('minItems', 0) <= len(value) <= schema.get('maxItems', len(value)):
        return at
    first = schema.get('prefixItems', [])
    for i, item in enumerate(value):
        inner = first[i] if i < len(first) else schema.get('items', {})
        found = fault(item, inner, root, '%s/%d' % (at, i))
        if found is not None:
            return found
    return None
