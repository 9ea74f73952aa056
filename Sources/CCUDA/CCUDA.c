#define _GNU_SOURCE
#include "CCUDA.h"
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

void *vlseg_library_open(const char *path, char *message, size_t bytes) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        const char *reason = dlerror();
        snprintf(message, bytes, "%s", reason != NULL ? reason : "no reason given");
    }
    return library;
}

void *vlseg_library_symbol(void *library, const char *name) { return dlsym(library, name); }

#define FILL(RESULT, NAME, PARAMETERS)                                                                                                     \
    {                                                                                                                                      \
        void *function = resolver(library, #NAME);                                                                                         \
        if (function == NULL) return #NAME;                                                                                                \
        memcpy(&table->NAME, &function, sizeof function);                                                                                  \
    }
#define LOADER(NAME, LIST)                                                                                                                 \
    const char *vlseg_cuda_load_##NAME(void *library, vlseg_resolver resolver, vlseg_cuda_##NAME *table) {                                 \
        LIST(FILL)                                                                                                                         \
        return NULL;                                                                                                                       \
    }
LOADER(driver, VLSEG_CUDA_DRIVER)
LOADER(compiler, VLSEG_CUDA_COMPILER)
LOADER(products, VLSEG_CUDA_PRODUCTS)
LOADER(convolutions, VLSEG_CUDA_CONVOLUTIONS)
