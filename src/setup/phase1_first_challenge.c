/* The challenge that the first contribution answers, by its hash. */
#include "setup/phase1_new.h"

#include "base/hex.h"

#include <assert.h>

#define UNIT_BYTES 4096 /* are hashed in about the time of a multiplication */

typedef struct {
    CvkBlake2b hash;
    CvkMeter *meter;
    size_t rest; /* bytes that are no whole unit yet */
} Hashing;

static bool hash_piece(void *ctx, const void *data, size_t n, CvkErr *err) {
    Hashing *h = ctx;
    (void)err;
    cvk_blake2b_add(&h->hash, data, n);
    h->rest += n;
    cvk_meter_advance(h->meter, h->rest / UNIT_BYTES);
    h->rest %= UNIT_BYTES;
    return true;
}

/* Hashing these takes from a second to minutes, which a file of a few kilobytes could ask for: cut
 * to the power 1, it may claim to be of a ceremony of any. tools/first_challenges computes them. A
 * wrong one would lead to the refusal of files that are right, and to nothing else. */
static const struct {
    const Curve *(*curve)(void);
    unsigned power;
    const char *hash;
} known[] = {
    {curve_bn254, 20,
     "3393605118d83c21a2a1763bec8ebf7a6076c7546b4bbf01e35e71faad0214cf"
     "18fa19b6053dfd1102454d05754b1b21873da78e0d5d66be1f74169de3963011"},
    {curve_bn254, 21,
     "d27e24afa6f9d22893b893924ab301023e558340a2f0fe360497061d7f91a659"
     "d6bcd23467668ad92f65fb2998da8690014a8341cc795253cec84fb87fe195b8"},
    {curve_bn254, 22,
     "5b4d52085c949b60ab5060c93196dc51b2dc629c4dcfc5d1fdb9466e3c6c052b"
     "d1f9bada6ee24a60c0474017b7c08f51fce83c75845fb489547aa9453e256cf6"},
    {curve_bn254, 23,
     "da01c213149ff5065924f3ade76df2ec6ae7bb941ab4ffe25e3e2d1ae9f0474f"
     "aebb201bddef89d841692d71e10f3f7a3d0ffe5ce2b6162d8b692b95c28b4039"},
    {curve_bn254, 24,
     "adc423b1cd43ea5a40601c30364febdcdf4796f0ffc56c01e1f64019146e60f9"
     "c9b68c75f1e36e275c336acbee5632f69569c9f2267dfda4ad59dcb15b8f3e84"},
    {curve_bn254, 25,
     "661de6f41b1150ac7448085558e5ecdaae345272e662da9851b0ff3816901a2b"
     "2141722a38a35a314b41a53abba15f7198f30c57891111864081aa38d3012a5b"},
    {curve_bn254, 26,
     "5140c98bda53f8c1fc3a25d574c409d5de41561b585b4224ab5ed369a98f2e41"
     "389c39c83b47470701e52261fa199918666181be3855d33e2ef19377365b038b"},
    {curve_bn254, 27,
     "36bcd31f9d5ed309ded4a17ee8279e34eceec40b56be88e2fb604aebe2c714ba"
     "fbf99218e7269f20ec3392bab9d45f5198b826c94bd3d3c2d780f46dfd65be67"},
    {curve_bn254, 28,
     "93da91920d5a54a8a0fde55cd9dc3a10c4f3eef768b62c0948741370864254b4"
     "c1920f3f29d4ebc0ef3acecf2e2db63a755713d77e1ed77347a56fbc317c7a93"},
    {curve_bls12_381, 20,
     "6f018418fd29f043bc0ffaa609be42d0586f6bc14826292d1cf4bf56a1992423"
     "c6cb69e4724e021a6d2a5843b6993e5515f233afe67074a4f69c35050769a27a"},
    {curve_bls12_381, 21,
     "ce00f2100dd876fdff8dd824f55307bcb72d724f29ff20b9e0760f3a65e5588a"
     "65eaed57cbc61697111ae1f4cc7da2e62a85311c2ae683a041fb872b891c68dc"},
    {curve_bls12_381, 22,
     "c3d131d1f6524af670aedb4ef0c4e636d7e0d6a18740ef8b4551c2854ceca1fb"
     "e8aad24ab086088cacea9515e6e3ba8745b32a1b0af3143d7ef74f9340e26c7f"},
    {curve_bls12_381, 23,
     "921855d7d8702daa81a6ddff90e62fef818666566aa2bc8b4171bc05e2d09302"
     "b6de194e141138db4dc47c54e34c1bad9457b951b70b8fae6b2fc681a45513b5"},
    {curve_bls12_381, 24,
     "b2cd5d53aac5fd63c7a81426f1278b58a3b0a8efe0bd250689d563059b8d2425"
     "7b4a742ae6e56031b37940b458163fea61fb7904e9a1eafdd4b6b46e1d1f585d"},
    {curve_bls12_381, 25,
     "54840b92054e51b8bca445ae2080917677f1c3f4ba253691f5186251db2f0489"
     "55cd808005d2e2e053d6e50ceb6e7925a18b8136e86e5255f5ab27f032006b3a"},
    {curve_bls12_381, 26,
     "cdcca8f7487477c3e76402659e31da1ab9654edac37d101d5394febfa4b143c4"
     "3b65b075171ee51f5cd29927ed9735a583a88dc8722bc16e1457838629db6e6b"},
    {curve_bls12_381, 27,
     "310750eece83e243cb0a869cc2644bd6f90156f21b4af31e283c98554c2ff7ac"
     "c9a43bfb96fb5c5016e0ddecb3614dd362f29ee6bdef71633b9b382fabea52ef"},
    {curve_bls12_381, 28,
     "b8e04177cf3afbe1c815fa7b70f6e84b729c3b62282d1aa381e3ece77458ddbf"
     "3727b0fb3ef299d6a6a337c58d606117ae988efe2359f1f2e69ec6cc8bfd96a6"},
};

static const char *known_hash(const Curve *c, unsigned power) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].curve() == c && known[i].power == power)
            return known[i].hash;
    return NULL;
}

void phase1_first_challenge(const Curve *c, unsigned power, CvkMeter *meter,
                            uint8_t ret[BLAKE2B_BYTES]) {
    const char *hash = known_hash(c, power);
    if (hash != NULL) {
        bool decoded = cvk_hex_decode(hash, BLAKE2B_BYTES, ret);
        assert(decoded);
        (void)decoded;
        return;
    }
    uint8_t blank[BLAKE2B_BYTES];
    Hashing h = {.meter = meter};
    const CvkSink to = {.write = hash_piece, .ctx = &h};
    cvk_blake2b(NULL, 0, blank);
    cvk_blake2b_init(&h.hash);
    cvk_blake2b_add(&h.hash, blank, sizeof blank);
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++) {
        bool hashed = phase1_new_write(c, v, power, FORM_UNCOMPRESSED, &to, NULL, NULL);
        assert(hashed); /* hashing cannot fail */
        (void)hashed;
    }
    cvk_blake2b_finish(&h.hash, ret);
}

size_t phase1_first_challenge_units(const Curve *c, unsigned power) {
    uint64_t n = 0;
    if (known_hash(c, power) != NULL)
        return 0;
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++)
        n += phase1_vector_n(v, power) * form_bytes(phase1_vector_group(c, v), FORM_UNCOMPRESSED);
    return (size_t)(n / UNIT_BYTES);
}
