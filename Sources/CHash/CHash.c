// Content hashes: see CHash.h.
#include "CHash.h"

#include <openssl/evp.h>
#include <string.h>
#include <xxhash.h>

static const EVP_MD *evp_by_name(const char *name) {
    static const struct {
        const char *name;
        const EVP_MD *(*digest)(void);
    } table[] = {
        {"md5", EVP_md5},           {"sha1", EVP_sha1},         {"sha224", EVP_sha224},      {"sha256", EVP_sha256},
        {"sha384", EVP_sha384},     {"sha512", EVP_sha512},     {"sha3_224", EVP_sha3_224},  {"sha3_256", EVP_sha3_256},
        {"sha3_384", EVP_sha3_384}, {"sha3_512", EVP_sha3_512}, {"blake2b", EVP_blake2b512}, {"blake2s", EVP_blake2s256},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(name, table[i].name) == 0) return table[i].digest();
    return NULL;
}

size_t vlseg_hash(const char *name, const void *bytes, size_t count, uint8_t out[VLSEG_HASH_MAXIMUM_BYTES]) {
    if (strcmp(name, "xxh32") == 0) {
        XXH32_canonical_t c;
        XXH32_canonicalFromHash(&c, XXH32(bytes, count, 0));
        memcpy(out, c.digest, sizeof c.digest);
        return sizeof c.digest;
    }
    if (strcmp(name, "xxh64") == 0 || strcmp(name, "xxh3_64") == 0) {
        XXH64_canonical_t c;
        XXH64_canonicalFromHash(&c, strcmp(name, "xxh64") == 0 ? XXH64(bytes, count, 0) : XXH3_64bits(bytes, count));
        memcpy(out, c.digest, sizeof c.digest);
        return sizeof c.digest;
    }
    if (strcmp(name, "xxh128") == 0 || strcmp(name, "xxh3_128") == 0) {
        XXH128_canonical_t c;
        XXH128_canonicalFromHash(&c, XXH3_128bits(bytes, count));
        memcpy(out, c.digest, sizeof c.digest);
        return sizeof c.digest;
    }
    const EVP_MD *md = evp_by_name(name);
    unsigned int length = 0;
    if (md == NULL || EVP_Digest(bytes, count, out, &length, md, NULL) != 1) return 0;
    return length;
}

// The opaque state is libcrypto's context.
vlseg_sha256 *vlseg_sha256_start(void) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(context);
        context = NULL;
    }
    return (vlseg_sha256 *)context;
}

int vlseg_sha256_update(vlseg_sha256 *state, const void *bytes, size_t count) {
    return EVP_DigestUpdate((EVP_MD_CTX *)state, bytes, count) == 1;
}

int vlseg_sha256_finish(vlseg_sha256 *state, uint8_t out[32]) {
    unsigned int length = 0;
    int good = EVP_DigestFinal_ex((EVP_MD_CTX *)state, out, &length) == 1 && length == 32;
    EVP_MD_CTX_free((EVP_MD_CTX *)state);
    return good;
}
