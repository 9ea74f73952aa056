// Members of a zip archive in memory, unpacked through libzip: .xlsx sheets and PyTorch files packed again by other tools.
// libzip's own header stays behind this one, since the nullability and the types it declares differ between its versions.
// Not for writing archives. Invariant: one member is open at a time.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct vlseg_zip vlseg_zip;

// Room for every message below.
#define VLSEG_ZIP_MESSAGE_BYTES 256

// Opens an archive over bytes that stay the caller's and must outlive it. NULL on failure; then `message` says why.
vlseg_zip *vlseg_zip_open(const void *bytes, size_t count, char message[VLSEG_ZIP_MESSAGE_BYTES]);
void vlseg_zip_close(vlseg_zip *archive);

// The place of the member of that name, case aside; -1 where there is none.
int64_t vlseg_zip_find(vlseg_zip *archive, const char *name);
// The size a member states for its unpacked bytes; -1 on failure.
int64_t vlseg_zip_size(vlseg_zip *archive, uint64_t index);

// Opens a member in place of the one that was open. Returns 1, or 0 on failure.
int vlseg_zip_start(vlseg_zip *archive, uint64_t index);
// The open member's next bytes, at most `capacity`: how many came, 0 at its end (where the checksum is compared), -1 on failure.
int64_t vlseg_zip_read(vlseg_zip *archive, void *into, size_t capacity);

// Why the last of the calls above failed.
void vlseg_zip_reason(vlseg_zip *archive, char message[VLSEG_ZIP_MESSAGE_BYTES]);
