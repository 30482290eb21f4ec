#include "setup/kzg_sign.h"

#include "algebra/eth_key.h"
#include "base/buf.h"
#include "base/hex.h"
#include "base/keccak.h"
#include "setup/kzg_check.h"
#include "setup/kzg_identity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DOMAIN_TYPE "EIP712Domain(string name,string version,uint256 chainId)"
#define DOMAIN_NAME "Ethereum KZG Ceremony"
#define DOMAIN_VERSION "1.0"
#define DOMAIN_CHAIN 1
#define ITEM_TYPE "contributionPubkey(uint256 numG1Powers,uint256 numG2Powers,bytes potPubkey)"
#define LIST_TYPE "PoTPubkeys(contributionPubkey[] potPubkeys)" ITEM_TYPE

bool kzg_bls_verify(const char *identity, const uint8_t pubkey[KZG_G2_BYTES],
                    const uint8_t signature[KZG_G1_BYTES]) {
    const Curve *c = curve_bls12_381();
    Element key, sig;
    PointFault key_fault, sig_fault;
    if (!kzg_decode_one(curve_g1(c), signature, &sig, &sig_fault, NULL) || sig_fault != POINT_OK ||
        !kzg_decode_one(curve_g2(c), pubkey, &key, &key_fault, NULL) || key_fault != POINT_OK)
        return false;
    Element h = element_hash_to_g1(c, identity, strlen(identity), KZG_BLS_DST);
    bool equal;
    return kzg_pairings_equal(&(PairingTerm){sig, element_generator(curve_g2(c))},
                              &(PairingTerm){h, key}, NULL, &equal, NULL) &&
           equal;
}

/* The order of the list in EIP-712: by numG1Powers, then numG2Powers, else as it came. */
static void sorted_order(const KzgSizes *sizes, size_t ret[LIMIT_KZG_SUBS]) {
    for (size_t i = 0; i < sizes->n; i++) {
        KzgSize s = sizes->at[i];
        size_t k = i;
        for (; k > 0; k--) {
            KzgSize before = sizes->at[ret[k - 1]];
            if (before.n_g1 < s.n_g1 || (before.n_g1 == s.n_g1 && before.n_g2 <= s.n_g2))
                break;
            ret[k] = ret[k - 1];
        }
        ret[k] = i;
    }
}

/* The 32-byte word of a uint256. */
static void put_word(uint32_t v, uint8_t ret[32]) {
    memset(ret, 0, 28);
    for (size_t i = 0; i < 4; i++)
        ret[28 + i] = (uint8_t)(v >> (24 - 8 * i));
}

static void hash_text(const char *text, uint8_t ret[32]) {
    cvk_keccak256(text, strlen(text), ret);
}

static void hash_domain(uint8_t ret[32]) {
    uint8_t words[4][32];
    hash_text(DOMAIN_TYPE, words[0]);
    hash_text(DOMAIN_NAME, words[1]);
    hash_text(DOMAIN_VERSION, words[2]);
    put_word(DOMAIN_CHAIN, words[3]);
    cvk_keccak256(words, sizeof words, ret);
}

static void hash_item(KzgSize size, const uint8_t pubkey[KZG_G2_BYTES], uint8_t ret[32]) {
    uint8_t words[4][32];
    hash_text(ITEM_TYPE, words[0]);
    put_word(size.n_g1, words[1]);
    put_word(size.n_g2, words[2]);
    cvk_keccak256(pubkey, KZG_G2_BYTES, words[3]);
    cvk_keccak256(words, sizeof words, ret);
}

void kzg_eip712_digest(const KzgSizes *sizes, const uint8_t (*pubkeys)[KZG_G2_BYTES],
                       uint8_t ret[32]) {
    size_t order[LIMIT_KZG_SUBS];
    uint8_t items[LIMIT_KZG_SUBS][32], list[2][32], message[2 + 64] = {0x19, 0x01};
    sorted_order(sizes, order);
    for (size_t i = 0; i < sizes->n; i++)
        hash_item(sizes->at[order[i]], pubkeys[order[i]], items[i]);
    hash_text(LIST_TYPE, list[0]);
    cvk_keccak256(items, sizes->n * 32, list[1]);
    hash_domain(message + 2);
    cvk_keccak256(list, sizeof list, message + 2 + 32);
    cvk_keccak256(message, sizeof message, ret);
}

static bool add_item(CvkBuf *b, KzgSize size, const uint8_t pubkey[KZG_G2_BYTES], bool first,
                     CvkErr *err) {
    char hex[2 * KZG_G2_BYTES + 1];
    cvk_hex_encode(pubkey, KZG_G2_BYTES, hex);
    return cvk_buf_add_fmt(b, err,
                           "%s{\"numG1Powers\":%" PRIu32 ",\"numG2Powers\":%" PRIu32
                           ",\"potPubkey\":\"0x%s\"}",
                           first ? "" : ",", size.n_g1, size.n_g2, hex);
}

char *kzg_eip712_typed_data(const KzgSizes *sizes, const uint8_t (*pubkeys)[KZG_G2_BYTES],
                            CvkErr *err) {
    static const char head[] =
        "{\"types\":{\"EIP712Domain\":[{\"name\":\"name\",\"type\":\"string\"},"
        "{\"name\":\"version\",\"type\":\"string\"},{\"name\":\"chainId\",\"type\":\"uint256\"}],"
        "\"contributionPubkey\":[{\"name\":\"numG1Powers\",\"type\":\"uint256\"},"
        "{\"name\":\"numG2Powers\",\"type\":\"uint256\"},{\"name\":\"potPubkey\",\"type\":"
        "\"bytes\"}],"
        "\"PoTPubkeys\":[{\"name\":\"potPubkeys\",\"type\":\"contributionPubkey[]\"}]},"
        "\"primaryType\":\"PoTPubkeys\"";
    size_t order[LIMIT_KZG_SUBS];
    _cleanup_buf_ CvkBuf b = CVK_BUF(sizeof head + 256 + LIMIT_KZG_SUBS * 512);
    sorted_order(sizes, order);
    bool ok = cvk_buf_add_str(&b, head, err) &&
              cvk_buf_add_fmt(&b, err,
                              ",\"domain\":{\"name\":\"%s\",\"version\":\"%s\",\"chainId\":%d},"
                              "\"message\":{\"potPubkeys\":[",
                              DOMAIN_NAME, DOMAIN_VERSION, DOMAIN_CHAIN);
    for (size_t i = 0; i < sizes->n && ok; i++)
        ok = add_item(&b, sizes->at[order[i]], pubkeys[order[i]], i == 0, err);
    ok = ok && cvk_buf_add_str(&b, "]}}", err);
    return ok ? cvk_buf_take(&b) : NULL;
}

bool kzg_ecdsa_verify(const char *identity, const KzgSizes *sizes,
                      const uint8_t (*pubkeys)[KZG_G2_BYTES],
                      const uint8_t signature[KZG_ECDSA_BYTES]) {
    uint8_t claimed[ETH_ADDRESS_BYTES], signer[ETH_ADDRESS_BYTES], digest[32];
    if (!kzg_identity_eth(identity, claimed))
        return false;
    kzg_eip712_digest(sizes, pubkeys, digest);
    return eth_recover(digest, signature, signer) &&
           memcmp(claimed, signer, ETH_ADDRESS_BYTES) == 0;
}

static bool verifies(const KzgSubWire *sub, const char *identity) {
    return sub->bls.present && kzg_bls_verify(identity, sub->pubkey, sub->bls.bytes);
}

static bool any_signed_as(const KzgWire *w, const char *identity, const char *other) {
    for (size_t i = 0; i < w->n; i++)
        if (!verifies(&w->subs[i], identity) && verifies(&w->subs[i], other))
            return true;
    return false;
}

void kzg_signed_as(const KzgWire *w, const char *identity, char *ret, size_t cap) {
    const char *login = strncmp(identity, "git|", 4) == 0 ? strchr(identity + 4, '|') : NULL;
    size_t head = login != NULL ? (size_t)(login + 1 - identity) : 0;
    ret[0] = '\0';
    if (login == NULL || login[1] == '@' || strlen(identity) + 2 > cap)
        return;
    snprintf(ret, cap, "%.*s@%s", (int)head, identity, login + 1);
    if (any_signed_as(w, identity, ret))
        return;
    for (char *at = ret + head; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    if (!any_signed_as(w, identity, ret))
        ret[0] = '\0';
}

static bool prune_bls(KzgSubWire *sub, const char *identity) {
    bool bad = sub->bls.present && !verifies(sub, identity);
    if (bad)
        sub->bls = (KzgBlsWire){0};
    return bad;
}

static bool prune_ecdsa(KzgWire *w, const KzgSizes *sizes, const char *identity) {
    uint8_t pubkeys[LIMIT_KZG_SUBS][KZG_G2_BYTES];
    for (size_t i = 0; i < w->n; i++)
        memcpy(pubkeys[i], w->subs[i].pubkey, KZG_G2_BYTES);
    bool bad = w->ecdsa.present &&
               (w->n != sizes->n || !kzg_ecdsa_verify(identity, sizes, pubkeys, w->ecdsa.bytes));
    if (bad)
        w->ecdsa = (KzgEcdsaWire){0};
    return bad;
}

void kzg_prune_signatures(KzgWire *w, const KzgSizes *sizes, const char *identity,
                          bool *ret_dropped_bls, bool *ret_dropped_ecdsa) {
    for (size_t i = 0; i < w->n; i++) {
        bool dropped = prune_bls(&w->subs[i], identity);
        if (ret_dropped_bls != NULL)
            ret_dropped_bls[i] = dropped;
    }
    bool dropped = prune_ecdsa(w, sizes, identity);
    if (ret_dropped_ecdsa != NULL)
        *ret_dropped_ecdsa = dropped;
}
