// The C library's memory settings, which Swift cannot reach. No state of its own.
#pragma once

// Keeps freed buffers of up to `largest` bytes in the process for reuse. No effect if the C library is not glibc.
void vlmem_keep_freed(int largest);
