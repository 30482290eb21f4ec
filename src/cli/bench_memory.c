/* The memory of a real server at the four sizes, while somebody contributes to it. What is asked of
 * /proc exists on Linux only; elsewhere the row is told as skipped. */
#include "cli/bench.h"
#include "cli/bench_site.h"
#include "setup/kzg_wire.h"

#include <stdio.h>

static bool measure(BenchSite *s, double *ret_mb, CvkErr *err) {
    char url[64], out[128];
    if (!bench_site_serve(s, NULL, err))
        return false;
    snprintf(url, sizeof url, "http://127.0.0.1:%u", s->port);
    snprintf(out, sizeof out, "%s/contribution", s->dir);
    char *contribute[] = {"convoke",     "contribute", url, "--invitation",
                          s->invitation, "--dir",      out, NULL};
    pid_t client = bench_spawn(contribute);
    if (client < 0 || !bench_ended_well(client))
        return cvk_fail(err, CVK_EINTERNAL, "bench.client", "the contribution fails");
    return bench_site_memory(s, "VmHWM", ret_mb, err);
}

bool bench_kzg_memory(const Bench *b, CvkErr *err) {
    static const char *const settings[] = {"checkin_every_s=1", NULL};
    BenchSite s;
    double mb = 0;
    size_t n = 0;
    if (!bench_site_possible("kzg.memory"))
        return true;
    bool ok =
        bench_site_make(&s, &(BenchSitePlan){.preset = "ethereum", .settings = settings}, err) &&
        measure(&s, &mb, err);
    bench_site_end(&s);
    for (size_t i = 0; i < KZG_SIZES_ETHEREUM.n; i++)
        n += KZG_SIZES_ETHEREUM.at[i].n_g1 + KZG_SIZES_ETHEREUM.at[i].n_g2;
    if (ok)
        b->row(b->ctx, &(BenchRow){.name = "kzg.memory", .n = n, .value = mb, .unit = "MB"});
    return ok;
}
