/* Single fields damaged in files over bls12_381, whose sizes and encodings are other than bn254's:
 * each is refused for its own reason, where it stands. The files are those that the fuzz targets
 * begin with: powers of power 1, prepared, with a beacon; a key of a circuit of one row with one.
 */
#include "format/challenge.h"
#include "format/ptau.h"
#include "format/zkey.h"
#include "support/test.h"

#include "support/file_bytes.h"

#define ZEROS_48                                                                                   \
    "000000000000000000000000000000000000000000000000"                                             \
    "000000000000000000000000000000000000000000000000"
#define ONES_48                                                                                    \
    "ffffffffffffffffffffffffffffffffffffffffffffffff"                                             \
    "ffffffffffffffffffffffffffffffffffffffffffffffff"
#define INFINITE_1 ZEROS_48 ZEROS_48
#define INFINITE_2 INFINITE_1 INFINITE_1
/* The primes, and points on the curves that are outside the subgroups: in Montgomery form little
 * end first (M), and plain big end first (U). */
#define BASE                                                                                       \
    "abaafffffffffeb9ffff53b1feffab1e24f6b0f6a0d23067bf1285f3844b7764d7ac4b43b6a71b4b"             \
    "9ae67f39ea11011a"
#define BASE_U                                                                                     \
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffff"             \
    "b9feffffffffaaab"
#define ORDER "01000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73"
#define OUTSIDE_1                                                                                  \
    "f3ff0c00000027aa0a0034fc3200cc537f800a6b7ae98f47d724bae6be7ed3b12fab78bf3b73c98e"             \
    "7ede833d5145d6097e1426621d63ff7dfa944cb4c4ff555cdcccb2cec74a4c53d4e4cd0a1157abc0"             \
    "bd6848a00ccb7d3cc7723de9d4a51b16"
#define OUTSIDE_2                                                                                  \
    "fdff02000000097602000cc40b00f4ebba58c7535798485f455752705358ce776dec56a2971a075c"             \
    "93e480fac35ef615fdff02000000097602000cc40b00f4ebba58c7535798485f455752705358ce77"             \
    "6dec56a2971a075c93e480fac35ef615d51535f0858b16be3599c2e33964ec1daa586002126ed6cd"             \
    "29cd6bf906c5d9dcf205cadae2459a4853ded41504f5141707350849bdca630bd797e5c50d813c10"             \
    "c86728ecacd3b34357af4da2dbfec195ddf9f1ab2b47f03bc0601693b3563f00"
#define OUTSIDE_1_U                                                                                \
    "00000000000000000000000000000000000000000000000000000000000000000000000000000000"             \
    "00000000000000040a989badd40d6212b33cffc3f3763e9bc760f988c9926b26da9dd85e92848344"             \
    "6346b8ed00e1de5d5ea93e354abe706c"
#define OUTSIDE_2_U                                                                                \
    "00000000000000000000000000000000000000000000000000000000000000000000000000000000"             \
    "00000000000000010000000000000000000000000000000000000000000000000000000000000000"             \
    "0000000000000000000000000000000100cc12449be6ac4e7f367e7242250427c4fb4c39325d3164"             \
    "ad397c1837a90f0ea1a534757df374dd6569345eb41ed76e17faa6201231304f270b858dad946208"             \
    "9f2a5b83388e4b10773abc1eef6d193b9fce4e8ea2d9d28e3c3a315aa7de14ca"

static FileBytes seed(const char *name) {
    char path[1024];
    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s", getenv("CONVOKE_SOURCE"), name);
    return file_bytes_read(path);
}

static void assert_each_refused(OpenBytesFn open, const char *name, const Corruption *table,
                                size_t n) {
    FileBytes b = seed(name);
    CvkErr err = {0};
    if (!open(&b, &err))
        fail_msg("%s is no good file: %s", name, err.msg);

    assert_corruptions_refused(open, &b, table, n);

    file_bytes_done(&b);
}
#define EACH_REFUSED(open, name, table)                                                            \
    assert_each_refused(open, name, table, sizeof(table) / sizeof *(table))

/* ---- powers of tau ---- */

static bool open_ptau(const FileBytes *b, CvkErr *err) {
    Ptau *p;
    if (!ptau_memory(b->data, b->n, "a.ptau", &p, err))
        return false;
    ptau_close(p);
    return true;
}

/* Section 1: bytes of q 0, q 4, power 52, ceremony's power 56. Section 7: count, then heads of 96,
 * 192, 96, 96, 192 bytes, keys of 6 * 96 and 3 * 192, hash state 1828 (counter 192 and position 200
 * in it), next challenge, type 2108, length of parameters 2112, parameters 2116: 01 01 "x" 02 .. */
static void each_damaged_field_of_powers_is_refused_with_its_place(void **state) {
    (void)state;
    static const Corruption table[] = {
        {"bytes of bn254's prime", 1, 0, "20", "ptau.curve", 1, 4},
        {"prime", 1, 4, "aa", "ptau.curve", 1, 4},
        {"prime's last byte", 1, 51, "1b", "ptau.curve", 1, 4},
        {"power 0", 1, 52, "00", "ptau.power", 1, 52},
        {"power 29", 1, 52, "1d", "ptau.power", 1, 52},
        {"larger power", 1, 52, "02", "ptau.ceremony_power", 1, 56},
        {"ceremony of power 29", 1, 56, "1d", "ptau.ceremony_power", 1, 56},
        {"another ceremony's power", 1, 56, "05", "ptau.hash_state", 7, 1828 + 192},
        {"more contributions", 7, 0, "02", "ptau.contributions", 7, 0},
        {"2^32 - 1 contributions", 7, 0, "ffffffff", "ptau.contributions", 7, 0},
        {"no contributions", 7, 0, "00", "section.long", 7, 4},
        {"tauG1 off the curve", 7, 4, "00", "ptau.point", 7, 4},
        {"tauG1 not below the prime", 7, 4, ONES_48, "ptau.point", 7, 4},
        {"tauG1's y is the prime", 7, 52, BASE, "ptau.point", 7, 4},
        {"tauG1 infinite", 7, 4, INFINITE_1, "ptau.point", 7, 4},
        {"tauG1 outside the subgroup", 7, 4, OUTSIDE_1, "ptau.point", 7, 4},
        {"tauG2 not below the prime", 7, 100, BASE, "ptau.point", 7, 100},
        {"tauG2 outside the subgroup", 7, 100, OUTSIDE_2, "ptau.point", 7, 100},
        {"tauG2 infinite", 7, 100, INFINITE_2, "ptau.point", 7, 100},
        {"alphaG1", 7, 292, "0101", "ptau.point", 7, 292},
        {"betaG1", 7, 388, "0101", "ptau.point", 7, 388},
        {"betaG2", 7, 484, "0101", "ptau.point", 7, 484},
        {"tau.g1_s", 7, 676, "0101", "ptau.point", 7, 676},
        {"tau.g1_s outside the subgroup", 7, 676, OUTSIDE_1, "ptau.point", 7, 676},
        {"beta.g1_sx", 7, 676 + 480, "0101", "ptau.point", 7, 676 + 480},
        {"tau.g2_spx", 7, 676 + 576, "0101", "ptau.point", 7, 676 + 576},
        {"beta.g2_spx outside the subgroup", 7, 676 + 960, OUTSIDE_2, "ptau.point", 7, 676 + 960},
        {"counter", 7, 1828 + 192, "01", "ptau.hash_state", 7, 1828 + 192},
        {"counter's high half", 7, 1828 + 196, "01", "ptau.hash_state", 7, 1828 + 192},
        {"position", 7, 1828 + 200, "81", "ptau.hash_state", 7, 1828 + 200},
        {"end of the state", 7, 1828 + 215, "01", "ptau.hash_state", 7, 1828 + 208},
        {"type", 7, 2108, "02", "contribution.type", 7, 2108},
        {"length of parameters", 7, 2112, "00", "contribution.beacon", 7, 2108},
        {"too many parameters", 7, 2113, "ff", "contribution.params", 7, 2112},
        {"kind of parameter", 7, 2116, "04", "contribution.params", 7, 2116},
        {"longer name", 7, 2117, "ff", "contribution.params", 7, 2118},
    };

    EACH_REFUSED(open_ptau, "ptau/bls12_381_prepared", table);
}

/* ---- keys ---- */

static bool open_zkey(const FileBytes *b, CvkErr *err) {
    Zkey *z;
    if (!zkey_memory(b->data, b->n, "a.zkey", &z, err))
        return false;
    zkey_close(z);
    return true;
}

/* Section 2: bytes of q 0, q 4, bytes of r 52, r 56, variables 88, public 92, domain 96, alpha1
 * 100, beta1 196, beta2 292, gamma2 484, delta1 676, delta2 772. Section 4: as on bn254. Section
 * 10: csHash, count 64, deltaAfter 68, g1_s 164, g1_sx 260, g2_spx 356, transcript 548, type 612,
 * length of parameters 616, parameters 620. */
static void each_damaged_field_of_a_key_is_refused_with_its_place(void **state) {
    (void)state;
    static const Corruption table[] = {
        {"q of 32 bytes", 2, 0, "20", "zkey.prime", 2, 4},
        {"q of 49 bytes", 2, 0, "31", "zkey.prime", 2, 0},
        {"another q", 2, 4, "aa", "zkey.prime", 2, 4},
        {"r of 48 bytes", 2, 52, "30", "zkey.prime", 2, 56},
        {"another r", 2, 87, "72", "zkey.prime", 2, 56},
        {"no variables", 2, 88, "00", "zkey.public", 2, 92},
        {"one variable more", 2, 88, "04", "section.size", 5, 0},
        {"variables by the billion", 2, 88, "ffffffff", "section.size", 5, 0},
        {"all variables public", 2, 92, "03", "zkey.public", 2, 92},
        {"one public signal more", 2, 92, "02", "section.size", 3, 0},
        {"no domain", 2, 96, "00", "zkey.domain", 2, 96},
        {"a domain of 3", 2, 96, "03", "zkey.domain", 2, 96},
        {"a domain of 8", 2, 96, "08", "section.size", 9, 0},
        {"a domain of 2^30", 2, 96, "00000040", "zkey.domain", 2, 96},
        {"alpha1 beside the curve", 2, 100, "0101", "zkey.point", 2, 100},
        {"alpha1 not canonical", 2, 100, ONES_48, "zkey.point", 2, 100},
        {"alpha1 outside the subgroup", 2, 100, OUTSIDE_1, "zkey.point", 2, 100},
        {"beta1 infinite", 2, 196, INFINITE_1, "zkey.point", 2, 196},
        {"beta2 beside the curve", 2, 292, "0101", "zkey.point", 2, 292},
        {"gamma2 outside the subgroup", 2, 484, OUTSIDE_2, "zkey.point", 2, 484},
        {"delta1's y is q", 2, 724, BASE, "zkey.point", 2, 676},
        {"delta1 outside the subgroup", 2, 676, OUTSIDE_1, "zkey.point", 2, 676},
        {"delta2 infinite", 2, 772, INFINITE_2, "zkey.point", 2, 772},
        {"delta2 outside the subgroup", 2, 772, OUTSIDE_2, "zkey.point", 2, 772},
        {"one coefficient more", 4, 0, "09", "section.size", 4, 0},
        {"a coefficient of C", 4, 4, "02", "zkey.coefficient", 4, 4},
        {"a coefficient outside the domain", 4, 8, "04", "zkey.coefficient", 4, 8},
        {"a coefficient of no signal", 4, 12, "03", "zkey.coefficient", 4, 12},
        {"a coefficient that is r", 4, 16, ORDER, "zkey.coefficient", 4, 16},
        {"one contribution more", 10, 64, "02", "zkey.contributions", 10, 64},
        {"contributions by the billion", 10, 64, "ffffffff", "zkey.contributions", 10, 64},
        {"deltaAfter beside the curve", 10, 68, "0101", "zkey.point", 10, 68},
        {"g1_s infinite", 10, 164, INFINITE_1, "zkey.point", 10, 164},
        {"g1_s outside the subgroup", 10, 164, OUTSIDE_1, "zkey.point", 10, 164},
        {"g1_sx not canonical", 10, 260, ONES_48, "zkey.point", 10, 260},
        {"g2_spx outside the subgroup", 10, 356, OUTSIDE_2, "zkey.point", 10, 356},
        {"a contribution of no known type", 10, 612, "02", "contribution.type", 10, 612},
        {"parameters too long", 10, 616, "ffff0000", "contribution.params", 10, 616},
        {"a parameter that is unknown", 10, 620, "04", "contribution.params", 10, 620},
    };

    EACH_REFUSED(open_zkey, "zkey/bls12_381", table);
}

/* ---- responses ---- */

static bool open_response(const FileBytes *b, CvkErr *err) {
    ChallengeFile *f;
    if (!challenge_memory(b->data, b->n, "a.file", FILE_RESPONSE, &f, err))
        return false;
    challenge_close(f);
    return true;
}

#define KEYS 688 /* of a response of power 1, behind its hash and its points */

static void each_damaged_field_of_a_response_is_refused_with_its_place(void **state) {
    (void)state;
    static const Corruption table[] = {
        {"tau.g1_s x", 0, KEYS + 47, "0001", "response.point", 0, KEYS},
        {"tau.g1_s x not below q", 0, KEYS, BASE_U, "response.point", 0, KEYS},
        {"tau.g1_s y not below q", 0, KEYS + 48, BASE_U, "response.point", 0, KEYS},
        {"tau.g1_s zeros", 0, KEYS, INFINITE_1, "response.point", 0, KEYS},
        {"tau.g1_s infinity flag", 0, KEYS, "40", "response.point", 0, KEYS},
        {"tau.g1_s outside the subgroup", 0, KEYS, OUTSIDE_1_U, "response.point", 0, KEYS},
        {"tau.g1_sx", 0, KEYS + 96 + 40, "0001", "response.point", 0, KEYS + 96},
        {"alpha.g1_s", 0, KEYS + 192 + 9, "0001", "response.point", 0, KEYS + 192},
        {"alpha.g1_s outside", 0, KEYS + 192, OUTSIDE_1_U, "response.point", 0, KEYS + 192},
        {"alpha.g1_sx", 0, KEYS + 288 + 50, "0001", "response.point", 0, KEYS + 288},
        {"alpha.g1_sx infinite", 0, KEYS + 288, INFINITE_1, "response.point", 0, KEYS + 288},
        {"beta.g1_s", 0, KEYS + 384 + 1, "0001", "response.point", 0, KEYS + 384},
        {"beta.g1_sx", 0, KEYS + 480 + 90, "0001", "response.point", 0, KEYS + 480},
        {"tau.g2_spx x.c1", 0, KEYS + 576 + 46, "0001", "response.point", 0, KEYS + 576},
        {"tau.g2_spx x.c0", 0, KEYS + 576 + 90, "0001", "response.point", 0, KEYS + 576},
        {"tau.g2_spx y.c1", 0, KEYS + 576 + 140, "0001", "response.point", 0, KEYS + 576},
        {"tau.g2_spx y.c0", 0, KEYS + 576 + 190, "0001", "response.point", 0, KEYS + 576},
        {"tau.g2_spx not below q", 0, KEYS + 576, BASE_U, "response.point", 0, KEYS + 576},
        {"tau.g2_spx infinite", 0, KEYS + 576, INFINITE_2, "response.point", 0, KEYS + 576},
        {"alpha.g2_spx outside", 0, KEYS + 768, OUTSIDE_2_U, "response.point", 0, KEYS + 768},
        {"alpha.g2_spx y not below q", 0, KEYS + 864, BASE_U, "response.point", 0, KEYS + 768},
        {"beta.g2_spx", 0, KEYS + 960, "0001", "response.point", 0, KEYS + 960},
    };

    EACH_REFUSED(open_response, "response/bls12_381", table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(each_damaged_field_of_powers_is_refused_with_its_place),
        TEST(each_damaged_field_of_a_key_is_refused_with_its_place),
        TEST(each_damaged_field_of_a_response_is_refused_with_its_place),
    };
    return cmocka_run_group_tests_name("format/bls12_381_files", tests, NULL, NULL);
}
