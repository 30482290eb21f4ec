"""market analyze and market simulate over an export: every number of the worked example, statistics
against Python's own, files that are what they say."""
import csv
import json
import os
import shutil
import statistics
import sys
import tempfile
import xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import convoke, done  # noqa: E402

ROOT = tempfile.mkdtemp(prefix='convoke-analysis.')
# price/cost cents, time s; c has not proved batch 4
CELLS = {
    '1': {'a': (100, 80, 60), 'b': (110, 100, 30), 'c': (95, 70, 120)},
    '2': {'a': (120, 90, 70), 'b': (115, 95, 32), 'c': (140, 100, 130)},
    '3': {'a': (90, 85, 65), 'b': (130, 120, 33), 'c': (88, 70, 118)},
    '4': {'a': (200, 150, 90), 'b': (150, 140, 45)},
}


def path(name):
    return os.path.join(ROOT, name)


def rows(cells=None):
    for batch, bids in (cells or CELLS).items():
        for who, (price, cost, seconds) in bids.items():
            yield {'participant': who, 'batch': batch, 'batch_name': 'batch-' + batch, 'seq': batch,
                   'issued_ms': 1000, 'received_ms': 2000 + 1000 * seconds,
                   'proving_time_ms': 1000 * seconds, 'cost_cents': cost, 'price_cents': price,
                   'deployment': 'v1', 'acceleration': 'GPU', 'attempts': 0, 'flags': '',
                   'batch.n_tx': 10 * int(batch)}


def write_csv(name, items):
    items = list(items)
    with open(path(name), 'w', newline='', encoding='utf-8') as f:
        writer = csv.DictWriter(f, items[0], lineterminator='\n')
        writer.writeheader()
        writer.writerows(items)
    return path(name)


GOLDEN = write_csv('golden.csv', rows())


def simulate(*args, source=GOLDEN):
    """The first mechanism's row of outcomes, and what each was paid."""
    found = json.loads(done(convoke('market', 'simulate', '--from', source, '--json', '--points', 0,
                                    *args)).stdout)
    return found['outcomes'][0], {w['participant']: w['paid'] for w in found['winners']}


def simulated(cells, *args):
    """Everything found over these bids: {batch: {who: (price, cost, seconds)}}."""
    source = write_csv('simulated.csv', rows(cells))
    return json.loads(done(convoke('market', 'simulate', '--from', source, '--json', *args)).stdout)


def outcome(found, mechanism):
    return next(row for row in found['outcomes'] if row['mechanism'] == mechanism)


def near(got, want):
    return abs(got - want) < 5e-5


def all_four_batches_are_as_in_the_example():
    first, _ = simulate('--mechanism', 'first-price')
    second, _ = simulate('--mechanism', 'second-price')
    assert first['spend'] == 448 and first['winner_cost'] == 375 and first['min_cost'] == 370, first
    assert near(first['efficiency'], 0.9867) and near(first['hhi'], 0.5), first
    assert first['race_cost'] == 250 + 285 + 275 + 290, first
    assert second['spend'] == 510 and second['rent'] == 135, second


def the_complete_panel_is_as_in_the_example():
    first, _ = simulate('--mechanism', 'first-price', '--panel', 'complete')
    second, _ = simulate('--mechanism', 'second-price', '--panel', 'complete')
    assert first['spend'] == 298 and second['spend'] == 310 and second['rent'] == 75, second
    assert second['winner_cost'] == 235 and second['min_cost'] == 230, second
    assert near(second['efficiency'], 0.9787) and near(second['hhi'], 0.5556), second


def reserves_and_posted_prices_are_as_in_the_example():
    for reserve, served, spend in ((105, 2, 190), (120, 3, 310)):
        got, _ = simulate('--mechanism', 'second-price', '--reserve', reserve)
        assert (got['served'], got['spend']) == (served, spend), got
    for price, served, spend in ((90, 1, 90), (95, 2, 190), (100, 2, 200), (120, 3, 360), (150, 4, 600)):
        got, _ = simulate('--mechanism', 'posted', '--posted', price)
        assert (got['served'], got['spend']) == (served, spend), got


def vcg_and_uniform_prices_are_as_in_the_example():
    got, paid = simulate('--mechanism', 'vcg', '--capacity', 2)
    assert paid == {'b': 320, 'c': 190} and got['spend'] == 510, (got, paid)
    got, paid = simulate('--mechanism', 'vcg', '--capacity', 1, '--fallback', 160, '--panel', 'complete')
    assert paid == {'a': 148, 'b': 160, 'c': 155} and got['spend'] == 463, (got, paid)
    for winners, spend in ((1, 310), (2, 760)):
        got, _ = simulate('--mechanism', 'uniform', '--winners', winners, '--panel', 'complete')
        assert got['spend'] == spend, got


def scores_learning_and_margins_are_as_in_the_example():
    _, paid = simulate('--mechanism', 'score', '--lambda', 0.1, '--target', 40)
    assert paid == {'a': 190, 'b': 265}, paid
    found = json.loads(done(convoke('market', 'analyze', '--from', GOLDEN, '--json')).stdout)
    learning = {row['deployment']: row for row in found['learning']}
    for who, beta, ratio in (('a', .2293, 1.1723), ('b', .2420, 1.1826), ('c', -.0012, .9992)):
        assert near(learning[who + '/v1']['beta'], beta) and near(learning[who + '/v1']['ratio'], ratio), learning
    lerner = {row['participant']: row['lerner'] for row in found['margins']}
    assert near(lerner['a'], .1889) and near(lerner['b'], .1021) and near(lerner['c'], .2511), lerner


EARLY_AND_LATE = {'1': {'a': (100, 80, 90), 'b': (130, 100, 5)}}


def sweeps_keep_what_the_command_says():
    found = simulated(EARLY_AND_LATE, '--deadline', 60)
    assert found['sweep_lambda'][0]['value'] == 0 and found['sweep_lambda'][0]['spend'] == 130, found
    found = simulated(EARLY_AND_LATE, '--reserve', 120)
    assert found['sweep_lambda'][0]['spend'] == 100, found
    found = simulated(EARLY_AND_LATE, '--target', 90)
    assert all(row['spend'] == 100 for row in found['sweep_lambda']), found
    found = simulated(EARLY_AND_LATE, '--fallback', 90, '--sweep-capacity')
    assert [row['not_served'] for row in found['sweep_capacity']] == [1], found


def a_sweep_at_the_lowest_bid_serves_it():
    found = simulated({'1': {'a': (2.01, 1, 5), 'b': (4.35, 1, 5)}}, '--points', 3)
    for sweep in ('sweep_reserve', 'sweep_posted'):
        assert (found[sweep][0]['value'], found[sweep][0]['served']) == (2.01, 1), found[sweep]


def a_sweep_of_deadlines_goes_from_the_quickest_proof_to_the_slowest():
    for more in ((), ('--deadline', 50)):  # what is set leaves nothing out of its own sweep
        swept = simulated(CELLS, '--mechanism', 'second-price', '--points', 21, *more)['sweep_deadline']
        assert [row['value'] for row in swept] == list(range(30, 131, 5)), swept
        row = {row['value']: row for row in swept}
        assert (row[30]['served'], row[30]['spend']) == (0, 0), row[30]  # one bid has no second price
        assert (row[65]['served'], row[65]['not_served'], row[65]['spend']) == (2, 2, 110 + 130), row[65]
        assert (row[130]['served'], row[130]['spend']) == (4, 510), row[130]
        assert near(row[130]['efficiency'], 0.9867), row[130]
    swept = simulated(CELLS, '--mechanism', 'first-price', '--points', 21)['sweep_deadline']
    assert swept[0]['mechanism'] == 'first-price' and swept[0]['spend'] == 110, swept


def two_provers_have_one_winner_unless_more_are_asked_for():
    two = {batch: {who: bids[who] for who in 'ab'} for batch, bids in CELLS.items()}
    got = outcome(simulated(two), 'uniform')
    assert (got['parameters'], got['failed'], got['spend']) == ('winners 1', 0, 110 + 120 + 130 + 200), got
    assert outcome(simulated(two, '--winners', 2), 'uniform')['failed'] == 4
    assert outcome(simulated(CELLS), 'uniform')['parameters'] == 'winners 2'
    assert outcome(simulated({'1': {'a': (100, 80, 5)}}), 'uniform')['parameters'] == 'winners 1'
    refused = convoke('market', 'simulate', '--from', GOLDEN, '--winners', 0)
    assert refused.returncode == 2 and 'winners are 1 to 64' in refused.stderr, refused.stderr


def bids_that_are_left_out_set_no_prices():
    bids = {'1': {'a': (10, 5, 90), 'b': (200, 100, 5)}}
    found = simulated(bids, '--deadline', 60)
    assert outcome(found, 'posted')['served'] == 1 and outcome(found, 'posted')['spend'] == 200, found
    assert found['sweep_posted'][0]['value'] == 200 and found['sweep_reserve'][0]['value'] == 200, found
    assert outcome(found, 'posted')['min_cost'] == 100, found
    found = simulated(bids, '--deadline', 1)
    assert all(row['served'] == 0 for row in found['outcomes']), found


def only_who_may_take_part_counts_for_the_least_cost():
    bids = {'1': {'a': (100, 100, 5), 'b': (90, 80, 90), 'c': (300, 70, 5)}}
    found = simulated(bids, '--deadline', 60, '--reserve', 120)
    served = [row for row in found['outcomes'] if row['mechanism'] != 'uniform']
    assert len(served) == 5 and all((row['efficiency'], row['min_cost']) == (1, 100) for row in served), served
    found = simulated(bids, '--mechanism', 'posted', '--posted', 150, '--deadline', 60)
    assert near(found['outcomes'][0]['efficiency'], 70 / 100), found


def nobody_is_offered_more_than_the_reserve():
    bids = {'1': {'a': (100, 80, 5)}}
    found = simulated(bids, '--posted', 150, '--dutch-from', 95, '--dutch-to', 195, '--tick', 30, '--reserve', 105)
    assert outcome(found, 'posted')['spend'] == 105 and outcome(found, 'dutch')['spend'] == 105, found
    assert found['sweep_posted'][-1]['spend'] == 105, found
    found = simulated({'1': {'a': (100, 80, 5), 'b': (300, 80, 5)}}, '--reserve', 105)
    assert 'to 100,' in outcome(found, 'dutch')['parameters'], found


def vcg_tells_what_is_paid_elsewhere_too():
    bids = {str(i): {'a': (100, 80, 5), 'b': (120, 80, 5)} for i in range(3)}
    found = simulated(bids, '--mechanism', 'vcg', '--capacity', 1, '--fallback', 160, '--sweep-capacity')
    assert [(row['spend'], row['total']) for row in found['sweep_capacity']] == [
        (320, 480), (440, 440), (360, 360)], found
    assert (found['outcomes'][0]['spend'], found['outcomes'][0]['total']) == (320, 480), found


def equals_are_decided_by_lots_in_every_mechanism():
    bids = {'1': {'a': (100, 80, 5), 'b': (100, 80, 5)}}
    for args in (('first-price',), ('posted', '--choice', 'fastest'), ('vcg', '--fallback', 160),
                 ('vcg', '--capacity', 1)):
        winners = {simulated(bids, '--points', 0, '--seed', seed, '--mechanism', *args)['winners'][0]['participant']
                   for seed in range(12)}
        assert winners == {'a', 'b'}, (args, winners)


def only_what_is_asked_for_is_swept():
    def swept(*args):
        return [key for key in simulated(CELLS, '--points', 4, *args) if key.startswith('sweep')]
    assert swept() == ['sweep_reserve', 'sweep_posted', 'sweep_winners', 'sweep_lambda', 'sweep_deadline']
    assert swept('--mechanism', 'uniform') == ['sweep_winners']
    assert swept('--mechanism', 'second-score', '--lambda', 1) == ['sweep_lambda']
    assert swept('--mechanism', 'first-price') == ['sweep_deadline']
    assert swept('--mechanism', 'second-price') == ['sweep_reserve', 'sweep_deadline']
    assert swept('--mechanism', 'first-price', '--sweep-capacity') == ['sweep_deadline', 'sweep_capacity']


def texts_show_every_sweep_and_no_row_twice():
    text = done(convoke('market', 'simulate', '--from', GOLDEN, '--points', 60, '--sweep-capacity')).stdout
    for title in ('Second price: the reserve', 'Posted price: the price', 'Uniform price: the number',
                  'Score auction: what a second', 'Deadline: the longest', 'VCG: the capacity'):
        assert title in text, text
    table = text.split('Second price: the reserve')[1].split('\n\n')[0].splitlines()[2:-1]
    shown = [line.split(None, 2)[1:] for line in table if not line.startswith('(')]
    assert len(shown) > 2 and all(a != b for a, b in zip(shown, shown[1:])), table


def the_largest_amount_spoils_no_mechanism():
    bids = {str(i): {'a': (100, 80, 5), 'b': (120, 80, 5)} for i in range(3)}
    bids['3'] = {'a': (9000000000000, 80, 5)}
    found = simulated(bids)
    assert [row['spend'] for row in found['outcomes']][:2] == [9000000000300, 360], found
    assert outcome(found, 'vcg')['served'] == 4 and outcome(found, 'vcg')['spend'] is None, found
    found = simulated(bids, '--mechanism', 'vcg', '--capacity', 2, '--fallback', 9000000000000)
    assert found['outcomes'][0]['fallback'] == 1, found
    assert found['outcomes'][0]['total'] == 3 * 9000000000000 + 120, found


def the_figure_of_wins_has_shares_of_every_mechanism():
    found = simulated(CELLS, '--lambda', 1, '--points', 0)
    figure = next(f for f in found['figures'] if f['id'] == 'wins')
    assert [line['name'] for line in figure['series']] == [row['mechanism'] for row in found['outcomes']], figure
    assert len(figure['series']) == 8
    assert all(near(sum(y for _, y in line['points']), 1) for line in figure['series']), figure
    found = simulated(CELLS, '--mechanism', 'vcg', '--points', 0)
    figure = next(f for f in found['figures'] if f['id'] == 'wins')
    assert [y for _, y in figure['series'][0]['points']] == [0, .5, .5], figure


def figures_tell_of_how_many_they_are_and_whom_they_leave_out():
    def note(items, command, name):
        source = write_csv('noted.csv', items)
        found = json.loads(done(convoke('market', command, '--from', source, '--json')).stdout)
        return {f['id']: f['note'] for f in found['figures']}[name]
    assert note(rows(), 'analyze', 'price-cost') == '11 proofs of 3 participants'
    assert note(rows(), 'analyze', 'open-times') == '11 requests, 0 of them not proved (censored)'
    assert note(rows(), 'simulate', 'sweep-reserve-price') == 'second-price, 4 batches; of those that are served'
    many = {str(i): {'p%d' % k: (100 + k, 80, 5) for k in range(30)} for i in range(90)}
    assert note(rows(many), 'analyze', 'prices-ecdf') == '2700 proofs of 30 participants; the first 8 are drawn'
    assert note(rows(many), 'analyze', 'learning').endswith('; the first 8 are drawn, one point in 2')
    assert note(rows(many), 'simulate', 'wins').endswith('; the first 24 of 30 participants')


def intervals_are_only_where_they_are_computed():
    found = json.loads(done(convoke('market', 'analyze', '--from', GOLDEN, '--json')).stdout)
    assert all(('mean_low' in found[table][0]) == (table in ('prices', 'costs', 'times'))
               for table in ('prices', 'costs', 'times', 'markups', 'lerner'))


def distributions_are_those_of_pythons_statistics():
    found = json.loads(done(convoke('market', 'analyze', '--from', GOLDEN, '--json')).stdout)
    for table, column, unit in (('prices', 'price_cents', 1), ('costs', 'cost_cents', 1),
                                ('times', 'proving_time_ms', 1000)):
        values = [row[column] / unit for row in rows()]
        got = found[table][0]
        percent = statistics.quantiles(values, n=100, method='inclusive')
        median = statistics.median(values)
        want = {'n': len(values), 'min': min(values), 'p5': percent[4], 'p25': percent[24],
                'p50': median, 'p75': percent[74], 'p95': percent[94], 'max': max(values),
                'mean': statistics.mean(values), 'sd': statistics.stdev(values),
                'mad': statistics.median(abs(v - median) for v in values)}
        assert got['by'] == 'all'
        for key, value in want.items():
            assert abs(got[key] - value) <= 1e-9 * max(1, abs(value)), (table, key, got[key], value)


def treatments_and_observed_times_are_told_of():
    def analyzed(items):
        source = write_csv('treated.csv', items)
        return json.loads(done(convoke('market', 'analyze', '--from', source, '--replicates', 0, '--json')).stdout)
    without = analyzed(rows())
    assert 'group' not in {row['by'] for table in ('prices', 'observed') for row in without[table]}, without
    treated = analyzed(dict(row, group='paid' if row['participant'] == 'a' else '', first_get_ms=1500)
                       for row in rows())
    for table in ('prices', 'lerner', 'observed'):
        got = {row['name']: row['n'] for row in treated[table] if row['by'] == 'group'}
        assert got == {'paid': 4, '(none)': 7}, (table, got)
    times = sorted(bids['a'][2] for bids in CELLS.values())
    a = next(row for row in treated['observed'] if row['by'] == 'participant' and row['name'] == 'a')
    assert near(a['issued_p50'], statistics.median(t / (t + 1) for t in times)), a
    assert near(a['first_get_p50'], statistics.median(t / (t + .5) for t in times)), a
    assert (a['n'], a['issued_n'], a['first_get_n'], a['impossible']) == (4, 4, 4, 0), a


def json_lines_give_the_same_as_csv():
    with open(path('golden.jsonl'), 'w', encoding='utf-8') as f:
        f.writelines(json.dumps(row) + '\n' for row in rows())
    both = [done(convoke('market', 'analyze', '--from', source, '--json')).stdout
            for source in (GOLDEN, path('golden.jsonl'))]
    assert both[0] == both[1]


def the_same_seed_gives_the_same_intervals_and_another_gives_others():
    outs = [done(convoke('market', 'analyze', '--from', GOLDEN, '--json', '--seed', seed)).stdout
            for seed in (7, 7, 8)]
    assert outs[0] == outs[1] and outs[0] != outs[2]


def submissions_with_a_flag_are_left_out():
    items = list(rows())
    items[0]['flags'] = 'PRICE_LT_COST|COPIED'
    source = write_csv('flagged.csv', items)
    found = json.loads(done(convoke('market', 'analyze', '--from', source, '--json',
                                    '--flags-exclude', 'COPIED')).stdout)
    assert found['prices'][0]['n'] == 10
    assert convoke('market', 'analyze', '--from', source, '--flags-exclude', 'NONE').returncode == 2


def files_are_well_formed_and_texts_of_strangers_are_only_text():
    evil = '</title><script>alert(1)</script>&"\x1b[2J'
    items = [dict(row, deployment=evil, participant=row['participant'] + evil) for row in rows()]
    source = write_csv('evil.csv', items)
    for command in ('analyze', 'simulate'):
        plots, report = path('plots-' + command), path(command + '.html')
        out = done(convoke('market', command, '--from', source, '--plots', plots, '--report', report))
        assert '\x1b' not in out.stdout
        names = os.listdir(plots)
        assert len(names) >= 4, names
        for name in names:
            root = xml.etree.ElementTree.parse(os.path.join(plots, name)).getroot()
            assert root.tag == '{http://www.w3.org/2000/svg}svg', root.tag
        with open(report, encoding='utf-8') as f:
            page = f.read()
        assert '<script' not in page and '\x1b' not in page and page.count('<svg') == len(names)


def what_cannot_be_read_is_told_with_its_line():
    for text, words in (
            ('participant,batch,proving_time_ms,cost_cents,price_cents\na,1,5,1,x\n', 'line 2: price_cents'),
            ('participant,batch,proving_time_ms,cost_cents\na,1,5,1\n', 'price_cents'),
            ('participant,batch\na\n', 'line 2'), ('participant,batch\na,"1\n', 'quote'),
            ('{"participant":"a"}\n', 'submission 1'), ('{"participant":\n', 'line 2'), ('', 'no submissions')):
        with open(path('bad'), 'w', encoding='utf-8') as f:
            f.write(text)
        result = convoke('market', 'analyze', '--from', path('bad'))
        assert result.returncode == 2 and words in result.stderr, (text, result.stderr)


def a_selection_of_nothing_is_told_with_its_reason():
    alone = {str(i): {who: (100, 80, 60)} for i, who in enumerate('abc')}
    source = write_csv('alone.csv', rows(alone))
    for command in ('analyze', 'simulate'):
        result = convoke('market', command, '--from', source, '--panel', 'complete')
        assert result.returncode == 2 and 'no batch was proved by everybody' in result.stderr, result.stderr
    flagged = write_csv('all-flagged.csv', [dict(row, flags='COPIED') for row in rows()])
    result = convoke('market', 'analyze', '--from', flagged, '--flags-exclude', 'COPIED')
    assert result.returncode == 2 and 'every submission has a flag' in result.stderr, result.stderr


def neither_or_both_sources_are_refused():
    assert convoke('market', 'analyze').returncode == 2
    assert convoke('market', 'analyze', ROOT, '--from', GOLDEN).returncode == 2


def help_says_that_bids_are_taken_as_reported():
    assert 'taken as they were reported' in ' '.join(done(convoke('market', 'simulate', '--help')).stdout.split())


try:
    tap.main(all_four_batches_are_as_in_the_example, the_complete_panel_is_as_in_the_example,
             reserves_and_posted_prices_are_as_in_the_example,
             vcg_and_uniform_prices_are_as_in_the_example,
             scores_learning_and_margins_are_as_in_the_example,
             sweeps_keep_what_the_command_says, a_sweep_at_the_lowest_bid_serves_it,
             a_sweep_of_deadlines_goes_from_the_quickest_proof_to_the_slowest,
             two_provers_have_one_winner_unless_more_are_asked_for,
             bids_that_are_left_out_set_no_prices, only_who_may_take_part_counts_for_the_least_cost,
             nobody_is_offered_more_than_the_reserve, vcg_tells_what_is_paid_elsewhere_too,
             equals_are_decided_by_lots_in_every_mechanism, only_what_is_asked_for_is_swept,
             texts_show_every_sweep_and_no_row_twice, the_largest_amount_spoils_no_mechanism,
             the_figure_of_wins_has_shares_of_every_mechanism,
             figures_tell_of_how_many_they_are_and_whom_they_leave_out,
             intervals_are_only_where_they_are_computed,
             distributions_are_those_of_pythons_statistics, json_lines_give_the_same_as_csv,
             treatments_and_observed_times_are_told_of,
             the_same_seed_gives_the_same_intervals_and_another_gives_others,
             submissions_with_a_flag_are_left_out,
             files_are_well_formed_and_texts_of_strangers_are_only_text,
             what_cannot_be_read_is_told_with_its_line,
             a_selection_of_nothing_is_told_with_its_reason, neither_or_both_sources_are_refused,
             help_says_that_bids_are_taken_as_reported)
finally:
    shutil.rmtree(ROOT)
