// What the parts of the stand-in share.
#pragma once
#include "emulation.h"
#include "CUDAEmulator.h"
#include <utility>

namespace emulated {
/// What a test sets and counts. Each thread has its own, so that tests which run at the same time do not see each other's.
struct State {
    bool recording = false;
    std::vector<std::function<void()>> recorded;
    size_t memory_left = SIZE_MAX;
    int fail_next = 0;
    int driver_version = 13000, devices = 1, capability_major = 9;
    uint64_t launches = 0, graphs = 0;
};
State &state();
/// Does the work now, or puts it into the graph that is being recorded.
void run(std::function<void()> work);
extern const std::map<std::string, void *> driver_functions;
const std::map<std::string, void *> &library_functions();
} // namespace emulated
