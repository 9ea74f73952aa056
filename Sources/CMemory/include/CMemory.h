// The C library's memory settings, which Swift does not see. No state of its own.
#pragma once

// Keeps freed buffers of up to `largest` bytes in the process for the next of their kind. Without effect where the C library is not glibc.
void vlmem_keep_freed(int largest);
