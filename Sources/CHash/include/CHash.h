// Content hashes from libcrypto (EVP) and libxxhash behind one small interface.
// Not for secrets or signatures: the hashes name and check content.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define VLSEG_HASH_MAXIMUM_BYTES 64

// One-shot digest by the name used in MDS indexes (md5, sha1, ..., blake2s, xxh32, xxh64, xxh128, xxh3_64, xxh3_128).
// Writes the digest to `out` (xxhash values in canonical big-endian order) and returns its length in bytes; returns 0 if the name is
// unknown or the library refuses it.
size_t vlseg_hash(const char *name, const void *bytes, size_t count, uint8_t out[VLSEG_HASH_MAXIMUM_BYTES]);

// Streaming SHA-256. `vlseg_sha256_finish` also frees the state; NULL from `start` means out of memory.
typedef struct vlseg_sha256 vlseg_sha256;
vlseg_sha256 *vlseg_sha256_start(void);
int vlseg_sha256_update(vlseg_sha256 *state, const void *bytes, size_t count);
int vlseg_sha256_finish(vlseg_sha256 *state, uint8_t out[32]);
