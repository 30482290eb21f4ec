/* market analyze: what provers declared, as distributions and models. */
#include "cli/compute.h"
#include "cli/market_analysis.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "cli/world.h"
#include "market/samples.h"

static const Option options[] = {
    OPTIONS_ANALYSIS,
    {"replicates", "N", "400",
     "How often batches are resampled for 95 % intervals; 0: no intervals."},
    OPTION_THREADS,
    {NULL, NULL, NULL, NULL},
};

static bool compute(const Args *args, AnalysisOptions *o, const Panel *p, const Panel *timed,
                    Findings *f, CvkErr *err) {
    Compute c = {.quiet = args_flag(args, "json")};
    uint64_t threads;
    if (!args_uint(args, "threads", COMPUTE_THREADS_MAX, &threads, err) ||
        !world_pool(threads, &c.work.pool, err))
        return false;
    compute_begin(&c, "analysing", analysis_units(o));
    o->pool = c.work.pool;
    o->meter = c.work.meter;
    bool ok = analysis_run(p, timed, o, f, err);
    compute_close(&c);
    return ok;
}

static bool analyze(const Args *args, CvkErr *err) {
    char about[ANALYSIS_ABOUT_MAX];
    uint64_t seed, replicates;
    Panel *p, *timed;
    if (!args_uint(args, "seed", UINT64_MAX, &seed, err) ||
        !args_uint(args, "replicates", BOOTSTRAP_MAX, &replicates, err) ||
        !analysis_panels(args, &p, &timed, about, err))
        return false;
    AnalysisOptions o = {.seed = seed, .replicates = (unsigned)replicates};
    Findings *f = findings_new("Analysis of a prover experiment", about, err);
    bool ok = f != NULL && compute(args, &o, p, timed, f, err) && analysis_give_out(args, f, err);
    findings_free(f);
    panel_free(timed);
    panel_free(p);
    return ok;
}

static int run(const Args *args) {
    CvkErr err;
    return analyze(args, &err) ? EXIT_DONE : say_error("market analyze", &err);
}

const Subcommand CLI_MARKET_ANALYZE = {
    .name = "market analyze",
    .purpose = "distributions, margins, learning, and times of what provers declared",
    .usage = "DIR [--experiment NAME] [--panel complete] [--json] [--plots DIR] [--report FILE]\n"
             "--from FILE [...]",
    .about =
        "Prices, declared costs and proving times by acceleration, participant, deployment and "
        "group (treatment, where there are any), with 95 % intervals from resampling whole batches "
        "(values of one batch are not "
        "independent); per covariate of a batch; markups and Lerner indices, declared against "
        "imputed cost (a deployment's hourly rate times its time); learning, ln time = a + beta ln "
        "n within a deployment, n counting its proofs, also those left out; how much of cost is "
        "common to all provers (batch) and how much is "
        "private; declared over observed time; times with open requests counted as longer than "
        "they have been open (Kaplan and "
        "Meier), always of all batches.\n\n"
        "Everything that provers declared is taken as it was declared; flags say where that is "
        "doubtful, and --flags-exclude leaves such submissions out. The same data and --seed give "
        "the same numbers.",
    .options = options,
    .examples = "convoke market analyze DIR --report report.html --plots plots\n"
                "convoke market analyze --from submissions.csv --panel complete --json",
    .args_min = 0,
    .args_max = 1,
    .run = run,
};
