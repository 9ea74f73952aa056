// A stand-in for NVIDIA's driver and libraries, as far as the GPU backend calls them: memory is the host's, kernels run on the CPU
// (emulation.h), streams are in order at once, and a recorded graph is a list of calls. For checks of kernels, launches and bookkeeping;
// says nothing about speed.
#pragma once
#include "CCUDA.h"

#ifdef __cplusplus
extern "C" {
#endif
/// Finds emulated functions by their names, whatever the library.
vlseg_resolver _Nonnull vlseg_emulated_resolver(void);
/// Bytes of device memory that can be had from now on, beside what was taken; SIZE_MAX for no limit.
void vlseg_emulated_memory_limit(size_t bytes);
/// What the driver says of itself and of its one GPU: the CUDA version as 1000 major + 10 minor, how many GPUs, their compute capability.
void vlseg_emulated_driver(int version, int devices, int capability_major);
/// The next kernel launch fails with this driver status.
void vlseg_emulated_fail_next_launch(int status);
/// Kernel launches so far, those of graphs included, and graphs launched.
void vlseg_emulated_counts(uint64_t *_Nonnull launches, uint64_t *_Nonnull graphs);
#ifdef __cplusplus
}
#endif
