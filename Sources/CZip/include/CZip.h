// Members of a zip archive in memory, unpacked through libzip: .xlsx sheets, and PyTorch files that other tools repacked.
// libzip's own header is hidden behind this one, because its nullability and its types differ between versions.
// Not for writing archives. Invariant: one member is open at a time.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct vlseg_zip vlseg_zip;

// Size of the buffer for every message below.
#define VLSEG_ZIP_MESSAGE_BYTES 256

// Opens an archive over the caller's bytes, which must outlive it. Returns NULL on failure; then `message` says why.
vlseg_zip *vlseg_zip_open(const void *bytes, size_t count, char message[VLSEG_ZIP_MESSAGE_BYTES]);
void vlseg_zip_close(vlseg_zip *archive);

// The index of the member with that name (ignoring case); -1 if there is none.
int64_t vlseg_zip_find(vlseg_zip *archive, const char *name);
// The stated size of a member's unpacked bytes; -1 on failure.
int64_t vlseg_zip_size(vlseg_zip *archive, uint64_t index);

// Opens a member and closes the one that was open. Returns 1, or 0 on failure.
int vlseg_zip_start(vlseg_zip *archive, uint64_t index);
// Reads the open member's next bytes, at most `capacity`. Returns their number, 0 at the end (where the checksum is compared), -1 on
// failure.
int64_t vlseg_zip_read(vlseg_zip *archive, void *into, size_t capacity);

// The reason why the last of the calls above failed.
void vlseg_zip_reason(vlseg_zip *archive, char message[VLSEG_ZIP_MESSAGE_BYTES]);
