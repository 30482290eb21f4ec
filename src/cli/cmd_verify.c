#include "algebra/eth_key.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "cli/verify.h"
#include "cli/world.h"

#include <string.h>
#include <sys/stat.h>

static const Option options[] = {
    {"base", "FILE", NULL,
     "For a contribution: the challenge, or the contribution before it, that it must extend."},
    {"sizes", "N1,N2:...", NULL, "The sizes that it must have (default: whatever it has)."},
    {"address", "0x...", NULL,
     "For a directory: the server's address, which must have signed the manifest. Without it the "
     "signer is only told."},
    {"receipt", "FILE", NULL,
     "For a directory: a receipt that you or others have kept; may be repeated. It must be of this "
     "server, in the transcript, and for this very journal: so an operator cannot write another "
     "journal afterwards."},
    {"head", "FILE", NULL,
     "For a directory: a signed head of the journal that you or others have kept (the server gives "
     "the newest at /journal/head); may be repeated. The journal must have grown from it: two "
     "heads "
     "that fit the same export show that everybody was told the same."},
    {"threads", "N", "0", "How many threads to compute with; 0 = as many as there are."},
    {"allow-http", NULL, NULL, "For a server: speak plain http with another machine."},
    {"json", NULL, NULL,
     "Print one JSON object a line for each finding: file, kind, verdict (valid, invalid, "
     "unusable), id, message, and where there is a place sub_ceremony (from 1) and index."},
    {NULL, NULL, NULL, NULL},
};

static bool fetch(KzgClient *c, FILE *f, bool quiet, CvkErr *err) {
    Progress bar = progress_start("fetching the transcript", true, quiet);
    bool ok = kzg_client_transcript(c, f, progress_to(&bar), err);
    progress_end(&bar);
    rewind(f);
    return ok;
}

static bool verify_server(Verification *v, const Args *args, CvkErr *err) {
    bool allow_http = args_flag(args, "allow-http");
    const char *url = args_at(args, 0);
    if (!web_url_check(url, allow_http, err))
        return false;
    WebClient *web = web_client_new(allow_http, err);
    if (web == NULL)
        return false;
    ClientWorld world = world_real(web);
    KzgClient *c = kzg_client_new(url, &world, err);
    FILE *f = tmpfile();
    bool ok = c != NULL && f != NULL && fetch(c, f, v->json, err);
    if (ok)
        verify_transcript(v, f, url);
    else if (c != NULL && f == NULL)
        cvk_fail_errno(err, "file.open", "cannot make a temporary file");
    if (f != NULL)
        fclose(f);
    kzg_client_free(c);
    web_client_free(web);
    return ok;
}

static bool verify_target(Verification *v, const Args *args, CvkErr *err) {
    const char *target = args_at(args, 0);
    struct stat st;
    if (strstr(target, "://") != NULL && v->address == NULL && v->receipts[0] == NULL &&
        v->heads[0] == NULL)
        return verify_server(v, args, err);
    if (stat(target, &st) != 0)
        return cvk_fail_errno(err, "file.open", "cannot open '%s'", CVK_SHOWN(target));
    if (S_ISDIR(st.st_mode))
        verify_dir(v, target);
    else if (v->address != NULL)
        return cvk_fail(err, CVK_EBADREQ, "usage.value",
                        "--address is for an exported directory: nothing in '%s' is signed by "
                        "a server",
                        CVK_SHOWN(target));
    else if (v->receipts[0] != NULL)
        return cvk_fail(err, CVK_EBADREQ, "usage.value",
                        "--receipt is for an exported directory; 'convoke receipt verify' takes a "
                        "transcript alone");
    else if (v->heads[0] != NULL)
        return cvk_fail(err, CVK_EBADREQ, "usage.value",
                        "--head is for an exported directory, which has the journal");
    else
        verify_file(v, target, target);
    return true;
}

static bool take_address(const Args *args, uint8_t address[ETH_ADDRESS_BYTES], Verification *v,
                         CvkErr *err) {
    const char *text = args_text(args, "address");
    if (text == NULL)
        return true;
    v->address = address;
    return eth_address_parse(text, address) ||
           cvk_fail(err, CVK_EBADREQ, "usage.address", "--address is 0x and 40 digits");
}

static int run(const Args *args) {
    Verification v = {.json = args_flag(args, "json"),
                      .base = args_text(args, "base"),
                      .receipts = args_list(args, "receipt"),
                      .heads = args_list(args, "head")};
    const char *text = args_text(args, "sizes");
    KzgSizes sizes;
    uint8_t address[ETH_ADDRESS_BYTES];
    uint64_t threads;
    CvkErr err;
    bool ok = args_uint(args, "threads", 256, &threads, &err) &&
              (text == NULL || kzg_sizes_parse(text, &sizes, &err)) &&
              take_address(args, address, &v, &err) && world_pool(threads, &v.pool, &err);
    if (text != NULL)
        v.sizes = &sizes;
    ok = ok && verify_target(&v, args, &err);
    verify_done(&v);
    cvk_pool_free(v.pool);
    if (!ok)
        return say_error("verify", &err);
    return v.invalid > 0 ? EXIT_INVALID : v.unusable > 0 ? EXIT_UNUSABLE : EXIT_DONE;
}

const Subcommand CLI_VERIFY = {
    .name = "verify",
    .purpose = "check a transcript, a contribution, a trusted setup, an export or a server",
    .usage = "FILE|URL [--base FILE] [--sizes N1,N2:...] [--json]\n"
             "DIR [--address 0x...] [--receipt FILE]... [--head FILE]... [--json]",
    .about =
        "Trusts nobody: every point is decoded and checked, every link of the chain of "
        "contributions is a pairing, every signature is verified (docs/TRANSCRIPT.md says what is "
        "checked and why that suffices). What a file is, is seen from its contents. Of an exported "
        "directory every file is checked, alone, against the signed manifest, and against the "
        "others; all that is wrong is told, not only the first. For .ptau and .zkey files there "
        "are "
        "'convoke ptau verify' and 'convoke zkey verify'.",
    .options = options,
    .examples = "convoke verify transcript.json\n"
                "convoke verify public/\n"
                "convoke verify public/ --receipt convoke-contribution/receipt.json\n"
                "convoke verify public/ --head head-of-last-week.json\n"
                "convoke verify https://ceremony.example\n"
                "convoke verify contribution.json --base challenge.json\n"
                "convoke verify trusted_setup.txt --json",
    .exits = {{[EXIT_DONE] = "valid",
               [EXIT_INVALID] = "invalid: it says where and why",
               [EXIT_UNUSABLE] = "unusable: not such a document, or it cannot be read"}},
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
