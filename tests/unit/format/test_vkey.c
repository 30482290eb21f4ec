#include "base/buf.h"
#include "base/file.h"
#include "format/vkey.h"
#include "support/test.h"

#include "support/shared.h"

#define TEXT_MAX (64u << 10)

static const Work work = {.memory = WORK_MEMORY_MIN, .seed = {1}};

/* A key, a proof and its public inputs as snarkjs wrote them. */
typedef struct {
    CvkBuf vkey, proof, inputs;
} Documents;

static CvkBuf read_text(const char *path) {
    CvkBuf b = CVK_BUF(TEXT_MAX);
    assert_true(cvk_file_read(path, &b, NULL));
    return b;
}

static Documents read_bls12_381(void) {
    char path[512];
    CvkBuf b[3];
    static const char *const names[3] = {"vkey", "proof", "public"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/tests/vectors/groth16/bls12381_%s.json",
                 getenv("CONVOKE_SOURCE"), names[i]);
        b[i] = read_text(path);
    }
    return (Documents){b[0], b[1], b[2]};
}

static Documents read_bn254(void) {
    char path[512];
    CvkBuf b[3];
    static const char *const names[3] = {"vkey", "proof", "public"};
    for (size_t i = 0; i < 3; i++) {
        char name[64];
        snprintf(name, sizeof name, "fixtures/snarkjs/tiny_%s.json", names[i]);
        shared_path(path, sizeof path, name);
        b[i] = read_text(path);
    }
    return (Documents){b[0], b[1], b[2]};
}

static void done(Documents *d) {
    cvk_buf_done(&d->vkey);
    cvk_buf_done(&d->proof);
    cvk_buf_done(&d->inputs);
}

static JsonSource source_of(const CvkBuf *b, JsonMemory *m) {
    *m = (JsonMemory){.data = b->data, .n = b->n};
    return json_from_memory(m);
}

/* What is wrong with a proof and its inputs under a key, error or verdict. */
static bool judged_under(const Groth16Vkey *k, const Documents *d, Verdict *v, CvkErr *err) {
    JsonMemory m;
    Groth16Proof proof;
    Fr *inputs;
    size_t n;
    if (!proof_read(source_of(&d->proof, &m), TEXT_MAX, k->curve, &proof, v, err))
        return false;
    if (!v->valid)
        return true;
    if (!inputs_read(source_of(&d->inputs, &m), TEXT_MAX, k->curve, &inputs, &n, v, err))
        return false;
    bool ok = !v->valid || groth16_verify(k, inputs, n, &proof, NULL, v, err);
    free(inputs);
    return ok;
}

/* The id of what is wrong with these documents; NULL: the proof is valid. */
static const char *judged(const Documents *d) {
    JsonMemory m;
    CvkErr err;
    Verdict v;
    Groth16Vkey *k;
    if (!vkey_read(source_of(&d->vkey, &m), TEXT_MAX, &work, &k, &err))
        return err.id;
    bool ok = judged_under(k, d, &v, &err);
    groth16_vkey_free(k);
    return ok ? v.id : err.id;
}

/* Puts `with` where the nth string behind `key` stands, quotes and all. */
static void change(CvkBuf *b, const char *key, unsigned nth, const char *with) {
    CvkBuf changed = CVK_BUF(TEXT_MAX);
    const char *at = strstr(b->data, key);
    assert_non_null(at);
    at += strlen(key);
    for (unsigned i = 0; i < 2 * nth; i++)
        at = strchr(at, '"') + 1;
    const char *from = strchr(at, '"'), *end = strchr(from + 1, '"') + 1;
    assert_true(cvk_buf_add(&changed, b->data, (size_t)(from - b->data), NULL));
    assert_true(cvk_buf_add_str(&changed, with, NULL));
    assert_true(cvk_buf_add_str(&changed, end, NULL));
    cvk_buf_done(b);
    *b = changed;
}

/* Puts one text in the place of another. */
static void replace(CvkBuf *b, const char *what, const char *with) {
    CvkBuf changed = CVK_BUF(TEXT_MAX);
    const char *at = strstr(b->data, what);
    assert_non_null(at);
    assert_true(cvk_buf_add(&changed, b->data, (size_t)(at - b->data), NULL));
    assert_true(cvk_buf_add_str(&changed, with, NULL));
    assert_true(cvk_buf_add_str(&changed, at + strlen(what), NULL));
    cvk_buf_done(b);
    *b = changed;
}

static void a_proof_made_elsewhere_is_valid(void **state) {
    (void)state;
    Documents d[2] = {read_bls12_381(), read_bn254()};
    for (size_t i = 0; i < 2; i++) {
        assert_null(judged(&d[i]));
        done(&d[i]);
    }
}

static void a_key_is_written_as_it_was_read(void **state) {
    (void)state;
    Documents d[2] = {read_bls12_381(), read_bn254()};
    for (size_t i = 0; i < 2; i++) {
        JsonMemory m;
        Groth16Vkey *k;
        CvkBuf out = CVK_BUF(TEXT_MAX);
        assert_true(vkey_read(source_of(&d[i].vkey, &m), TEXT_MAX, &work, &k, NULL));

        assert_true(vkey_write(json_to_buf(&out), k, NULL));

        assert_string_equal(out.data, d[i].vkey.data);
        cvk_buf_done(&out);
        groth16_vkey_free(k);
        done(&d[i]);
    }
}

typedef enum { VKEY, PROOF, PUBLIC } Which;

static CvkBuf *document(Documents *d, Which which) {
    CvkBuf *const all[] = {&d->vkey, &d->proof, &d->inputs};
    return all[which];
}

/* What a curve has of its own in documents. */
typedef struct {
    Documents (*read)(void);
    const char *q, *r;
    const char *other_curve, *unknown_curve;
} Numbers;

static const Numbers numbers[] = {
    {read_bls12_381,
     "\"400240955522166739341778982573590415655688281993900788533205813612403165049083786444268762"
     "9129015664037894272559787\"",
     "\"52435875175126190479447740508185965837690552500527637822603658699938581184513\"",
     "\"bn128\"", "\"bls12-381\""},
    {read_bn254,
     "\"21888242871839275222246405745257275088696311157297823662689037894645226208583\"",
     "\"21888242871839275222246405745257275088548364400416034343698204186575808495617\"",
     "\"bls12381\"", "\"bn-128\""},
};

#define TOO_LARGE /* 2^384 */                                                                      \
    "\"394020061963944792122790401001436138050797392704654466679482934042457217714972106114142662" \
    "54884915640806627990306816\""

typedef struct {
    const char *key;
    unsigned nth; /* string behind the key */
    const char *with, *id;
} Change;

static void assert_changes_refused(const Numbers *n, Which which, const Change *c, size_t count) {
    for (size_t i = 0; i < count; i++) {
        Documents d = n->read();
        change(document(&d, which), c[i].key, c[i].nth, c[i].with);

        const char *id = judged(&d);

        if (id == NULL || strcmp(id, c[i].id) != 0)
            fail_msg("%s[%u] = %s: expected %s, not %s", c[i].key, c[i].nth, c[i].with, c[i].id,
                     id != NULL ? id : "valid");
        done(&d);
    }
}
#define REFUSED(n, which, changes)                                                                 \
    assert_changes_refused(n, which, changes, sizeof(changes) / sizeof *(changes))

static void refuse_changed_keys(const Numbers *n) {
    const Change changes[] = {
        {"\"protocol\"", 0, "\"plonk\"", "vkey.protocol"},
        {"\"curve\"", 0, n->unknown_curve, "vkey.curve"},
        {"\"curve\"", 0, n->other_curve, "vkey.point"},
        {"\"vk_alpha_1\"", 0, "\"5\"", "vkey.point"},
        {"\"vk_alpha_1\"", 0, "5", "json.type"},
        {"\"vk_alpha_1\"", 0, "\"05\"", "decimal.number"},
        {"\"vk_alpha_1\"", 0, "\"-5\"", "decimal.number"},
        {"\"vk_alpha_1\"", 0, "\"0x5\"", "decimal.number"},
        {"\"vk_alpha_1\"", 0, "\"\"", "decimal.number"},
        {"\"vk_alpha_1\"", 0, n->q, "vkey.point"},
        {"\"vk_alpha_1\"", 1, n->q, "vkey.point"},
        {"\"vk_alpha_1\"", 0, TOO_LARGE, "decimal.number"},
        {"\"vk_alpha_1\"", 2, "\"2\"", "vkey.point"},
        {"\"vk_alpha_1\"", 2, "\"1\", \"1\"", "json.type"},
        {"\"vk_beta_2\"", 1, "\"1\"", "vkey.point"},
        {"\"vk_beta_2\"", 5, "\"1\"", "vkey.point"},
        {"\"vk_gamma_2\"", 3, "\"1\"", "vkey.point"},
        {"\"vk_delta_2\"", 0, "\"1\"", "vkey.point"},
        {"\"vk_delta_2\"", 2, n->q, "vkey.point"},
        {"\"IC\"", 4, "\"1\"", "vkey.point"},
    };
    REFUSED(n, VKEY, changes);
}

static void refuse_changed_proofs(const Numbers *n) {
    const Change changes[] = {
        {"\"protocol\"", 0, "\"plonk\"", "proof.protocol"},
        {"\"protocol\"", 0, "16", "json.type"},
        {"\"curve\"", 0, n->other_curve, "proof.curve"},
        {"\"curve\"", 0, n->unknown_curve, "proof.curve"},
        {"\"pi_a\"", 0, "\"5\"", "proof.point"},
        {"\"pi_a\"", 0, "5", "json.type"},
        {"\"pi_a\"", 0, "\"00\"", "decimal.number"},
        {"\"pi_a\"", 0, "\"1e3\"", "decimal.number"},
        {"\"pi_a\"", 1, n->q, "proof.point"},
        {"\"pi_a\"", 1, TOO_LARGE, "decimal.number"},
        {"\"pi_a\"", 2, "\"2\"", "proof.point"},
        {"\"pi_a\"", 2, "\"1\", \"1\"", "json.type"},
        {"\"pi_b\"", 0, n->q, "proof.point"},
        {"\"pi_b\"", 1, "\"1\"", "proof.point"},
        {"\"pi_b\"", 2, "\"\"", "decimal.number"},
        {"\"pi_b\"", 3, "\"1\"", "proof.point"},
        {"\"pi_b\"", 4, "\"0\"", "proof.point"},
        {"\"pi_b\"", 5, "\"1\"", "proof.point"},
        {"\"pi_c\"", 0, "\"-5\"", "decimal.number"},
        {"\"pi_c\"", 1, "\"1\"", "proof.point"},
        {"\"pi_c\"", 2, "\"0\"", "proof.point"},
    };
    REFUSED(n, PROOF, changes);
}

static void refuse_changed_inputs(const Numbers *n) {
    const Change changes[] = {
        {"[", 0, "\"12\"", "groth16.equation"},
        {"[", 1, "\"12\"", "groth16.equation"},
        {"[", 0, "\"0\"", "groth16.equation"},
        {"[", 1, "\"0\"", "groth16.equation"},
        {"[", 0, n->r, "public.range"},
        {"[", 1, n->r, "public.range"},
        {"[", 0, TOO_LARGE, "decimal.number"},
        {"[", 1, TOO_LARGE, "decimal.number"},
        {"[", 0, "7", "json.type"},
        {"[", 1, "null", "json.type"},
        {"[", 1, "[\"7\"]", "json.type"},
        {"[", 0, "\"\"", "decimal.number"},
        {"[", 0, "\"07\"", "decimal.number"},
        {"[", 0, "\"-7\"", "decimal.number"},
        {"[", 0, "\"+7\"", "decimal.number"},
        {"[", 0, "\" 7\"", "decimal.number"},
        {"[", 1, "\"7 \"", "decimal.number"},
        {"[", 1, "\"0x7\"", "decimal.number"},
        {"[", 1, "\"7.0\"", "decimal.number"},
        {"[", 1, "\"11\", \"0\"", "groth16.inputs"},
    };
    REFUSED(n, PUBLIC, changes);
}

static void each_changed_field_is_refused_for_what_it_is(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        refuse_changed_keys(&numbers[i]);
        refuse_changed_proofs(&numbers[i]);
        refuse_changed_inputs(&numbers[i]);
    }
}

static void each_changed_shape_is_refused_for_what_it_is(void **state) {
    (void)state;
    static const struct {
        Which which;
        const char *what, *with, *id;
    } cases[] = {
        {VKEY, "\"nPublic\": 2", "\"nPublic\": 1", "vkey.count"},
        {VKEY, "\"nPublic\": 2", "\"nPublic\": -2", "json.type"},
        {VKEY, "\"nPublic\": 2", "\"nPublic\": 1048577", "json.type"},
        {VKEY, "\"nPublic\": 2,", "", "doc.field"},
        {VKEY, "\"nPublic\": 2", "\"nPublic\": 2, \"nPublic\": 2", "doc.field"},
        {VKEY, "\"curve\": \"bls12381\",", "", "doc.field"},
        {VKEY, "\"vk_alpha_1\": [", "\"vk_alpha_1\": [[", "json.type"},
        {VKEY, "{", "[", "json.type"},
        {PROOF, "\"pi_c\"", "\"pi_d\"", "doc.field"},
        {PROOF, "\"pi_c\"", "\"pi_a\"", "doc.field"},
        {PUBLIC, "]", "] ]", "json.syntax"},
        {PUBLIC, "[", "{", "json.type"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Documents d = read_bls12_381();
        replace(document(&d, cases[i].which), cases[i].what, cases[i].with);

        const char *id = judged(&d);

        assert_non_null(id);
        assert_string_equal(id, cases[i].id);
        done(&d);
    }
}

static void what_does_not_matter_may_be_missing_or_more(void **state) {
    (void)state;
    Documents d = read_bls12_381();
    replace(&d.vkey, "\"vk_alphabeta_12\"", "\"something_else\"");
    replace(&d.proof, "\"protocol\": \"groth16\",", "");
    replace(&d.proof, "\"curve\"", "\"kurve\"");

    assert_null(judged(&d));
    done(&d);
}

static void infinity_is_written_and_read_as_0_1_0(void **state) {
    (void)state;
    Documents d = read_bls12_381();
    change(&d.proof, "\"pi_c\"", 0, "\"0\"");
    change(&d.proof, "\"pi_c\"", 1, "\"1\"");
    change(&d.proof, "\"pi_c\"", 2, "\"0\"");

    assert_string_equal(judged(&d), "groth16.equation"); /* a point all the same */

    change(&d.proof, "\"pi_c\"", 1, "\"0\"");
    assert_string_equal(judged(&d), "proof.point");
    change(&d.proof, "\"pi_c\"", 2, "\"1\"");
    assert_string_equal(judged(&d), "proof.point"); /* (0, 0) */
    done(&d);
}

/* The bytes of such a point would be those of an infinity: an unusual writing of what is not there.
 */
static void a_coordinate_of_the_size_of_a_flag_is_no_infinity(void **state) {
    (void)state;
    static const char *const flags[2] = {
        /* 2^382 and 2^254 */
        "\"98505015490986198030697600250359034512699348176163616669"
        "87073351061430442874302652853566563721228910201656997576"
        "704\"",
        "\"28948022309329048855892746252171976963317496166410141009"
        "864396001978282409984\""};
    Documents d[2] = {read_bls12_381(), read_bn254()};
    for (size_t i = 0; i < 2; i++) {
        change(&d[i].proof, "\"pi_c\"", 0, flags[i]);
        change(&d[i].proof, "\"pi_c\"", 1, "\"0\"");

        assert_string_equal(judged(&d[i]), "proof.point");

        change(&d[i].vkey, "\"IC\"", 0, flags[i]);
        change(&d[i].vkey, "\"IC\"", 1, "\"0\"");
        assert_string_equal(judged(&d[i]), "vkey.point");
        done(&d[i]);
    }
}

/* ---- what is written ---- */

static void check_proof_written(const Documents *d) {
    _cleanup_buf_ CvkBuf out = CVK_BUF(TEXT_MAX);
    JsonMemory m;
    Groth16Vkey *k;
    Groth16Proof p;
    Verdict v;
    CvkErr err;
    assert_true(vkey_read(source_of(&d->vkey, &m), TEXT_MAX, &work, &k, &err));
    assert_true(proof_read(source_of(&d->proof, &m), TEXT_MAX, k->curve, &p, &v, &err));

    assert_true(proof_write(json_to_buf(&out), &p, k->curve, &err));

    assert_string_equal(cvk_buf_str(&out), cvk_buf_str(&d->proof));
    groth16_vkey_free(k);
}

static void a_proof_is_written_as_snarkjs_writes_it(void **state) {
    (void)state;
    Documents bls12_381 = read_bls12_381(), bn254 = read_bn254();
    check_proof_written(&bls12_381);
    check_proof_written(&bn254);
    done(&bls12_381);
    done(&bn254);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_proof_made_elsewhere_is_valid),
        TEST(a_key_is_written_as_it_was_read),
        TEST(each_changed_field_is_refused_for_what_it_is),
        TEST(each_changed_shape_is_refused_for_what_it_is),
        TEST(what_does_not_matter_may_be_missing_or_more),
        TEST(infinity_is_written_and_read_as_0_1_0),
        TEST(a_coordinate_of_the_size_of_a_flag_is_no_infinity),
        TEST(a_proof_is_written_as_snarkjs_writes_it),
    };
    return cmocka_run_group_tests_name("format/vkey", tests, NULL, NULL);
}
