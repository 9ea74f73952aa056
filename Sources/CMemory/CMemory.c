#include "CMemory.h"
#include <limits.h>
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

void vlmem_keep_freed(int largest) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, largest);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
#else
    (void)largest;
#endif
}
