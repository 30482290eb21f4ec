/* Signs what an operator who lies would sign: `sign_manifest KEYFILE` gives the manifest on
 * standard input (compact, without a signature) back with one, whatever it says; `sign_manifest
 * KEYFILE text` gives the signature of whatever stands there (a receipt), 130 digits;
 * `sign_manifest KEYFILE address` tells whose signatures those are. */
#include "algebra/eth_key.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/limits.h"

#include <stdio.h>
#include <string.h>

static bool read_key(const char *path, uint8_t ret[ETH_SECRET_BYTES]) {
    _cleanup_buf_ CvkBuf b = CVK_BUF(LIMIT_TEXT_FILE);
    return cvk_file_read(path, &b, NULL) && b.n >= 2 * ETH_SECRET_BYTES &&
           cvk_hex_decode(b.data, ETH_SECRET_BYTES, ret);
}

static int print_address(const uint8_t *key) {
    uint8_t address[ETH_ADDRESS_BYTES];
    char text[ETH_ADDRESS_TEXT];
    if (!eth_key_address(key, address, NULL))
        return 1;
    eth_address_checksummed(address, text);
    puts(text);
    return 0;
}

static int sign(const uint8_t *key, bool bare) {
    char text[65536], hex[2 * ETH_SIGNATURE_BYTES + 1];
    uint8_t digest[32], signature[ETH_SIGNATURE_BYTES];
    size_t n = fread(text, 1, sizeof text, stdin);
    if (n == 0 || text[n - 1] != '}')
        return 1;
    eth_personal_digest(text, n, digest);
    if (!eth_sign(key, digest, signature, NULL))
        return 1;
    cvk_hex_encode(signature, sizeof signature, hex);
    if (bare)
        puts(hex);
    else
        printf("%.*s,\"signature\":\"0x%s\"}", (int)n - 1, text, hex);
    return 0;
}

int main(int argc, char **argv) {
    uint8_t key[ETH_SECRET_BYTES];
    if (argc < 2 || !read_key(argv[1], key))
        return 1;
    if (argc > 2 && strcmp(argv[2], "address") == 0)
        return print_address(key);
    return sign(key, argc > 2 && strcmp(argv[2], "text") == 0);
}
