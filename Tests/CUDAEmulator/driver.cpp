// The driver and NVRTC: memory, streams, recorded graphs, modules made of the kernels that were compiled into this program.
#include "emulated.h"
#include <chrono>
#include <mutex>
#include <set>

namespace emulated {
State &state() {
    static thread_local State one;
    return one;
}

void run(std::function<void()> work) {
    State &s = state();
    if (s.recording)
        s.recorded.push_back(std::move(work));
    else
        work();
}
} // namespace emulated

// Never destroyed: what ends the program may still look at it.
std::map<std::string, emulation::Binder> &emulation::kernels() {
    static auto *table = new std::map<std::string, Binder>;
    return *table;
}

namespace {
using namespace emulated;
typedef void *vlseg_handle_t;
enum { SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_FOUND = 500 };

/// Kernels that any thread has launched, by their names in the table.
struct Launched {
    std::mutex mutex;
    std::set<std::string> names;
};
Launched &launched() {
    static auto *one = new Launched;
    return *one;
}

struct Event {
    std::chrono::steady_clock::time_point time;
};
struct Graph {
    std::vector<std::function<void()>> work;
};
struct Module {
    std::string prefix;
};
struct Program {
    std::string name, log;
};

int cuInit(unsigned) { return SUCCESS; }
int cuDriverGetVersion(int *version) { return *version = state().driver_version, SUCCESS; }
int cuGetErrorName(int status, const char **name) {
    return *name = status == OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : "CUDA_ERROR_EMULATED", SUCCESS;
}
int cuGetErrorString(int status, const char **text) {
    return *text = status == OUT_OF_MEMORY ? "out of memory" : "an emulated error", SUCCESS;
}
int cuDeviceGetCount(int *count) { return *count = state().devices, SUCCESS; }
int cuDeviceGet(int *device, int ordinal) { return *device = ordinal, ordinal == 0 ? SUCCESS : 101; }
int cuDeviceGetName(char *name, int length, int) { return snprintf(name, length, "emulated"), SUCCESS; }
int cuDeviceGetAttribute(int *value, int attribute, int) {
    switch (attribute) {
    case 75: *value = state().capability_major; break;
    case 76: *value = 0; break;
    case 16: *value = 2; break;      // multiprocessors: few, so that loops over grids are seen to loop
    case 97: *value = 232448; break; // shared memory a block may ask for
    case 38: *value = 1 << 20; break;
    default: return INVALID_VALUE;
    }
    return SUCCESS;
}
int cuDeviceTotalMem_v2(size_t *bytes, int) { return *bytes = (size_t)8 << 30, SUCCESS; }
int cuDevicePrimaryCtxRetain(vlseg_handle *context, int) { return *context = &launched(), SUCCESS; }
int cuDevicePrimaryCtxRelease_v2(int) { return SUCCESS; }
int cuCtxSetCurrent(vlseg_handle) { return SUCCESS; }

int cuModuleLoadData(vlseg_handle *module, const void *image) { return *module = new Module{(const char *)image}, SUCCESS; }
int cuModuleUnload(vlseg_handle module) { return delete (Module *)module, SUCCESS; }
int cuModuleGetFunction(vlseg_handle *function, vlseg_handle module, const char *name) {
    auto found = emulation::kernels().find(((Module *)module)->prefix + "#" + name);
    if (found == emulation::kernels().end()) return NOT_FOUND;
    return *function = &*found, SUCCESS;
}
int cuFuncSetAttribute(vlseg_handle, int, int) { return SUCCESS; }
int cuLaunchKernel(vlseg_handle function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared,
                   vlseg_handle, void *const *arguments, void *const *) {
    State &s = state();
    if (s.fail_next != 0) return std::exchange(s.fail_next, 0);
    // What a GPU refuses.
    if (gx == 0 || gy == 0 || gz == 0 || gy > 65535 || gz > 65535 || bx * by * bz == 0 || bx * by * bz > 1024 || shared > 232448)
        return INVALID_VALUE;
    auto *entry = (std::pair<const std::string, emulation::Binder> *)function;
    {
        std::lock_guard<std::mutex> lock(launched().mutex);
        launched().names.insert(entry->first);
    }
    emulation::Launch launch = entry->second((void **)arguments);
    run([=] {
        state().launches++;
        launch(dim3(gx, gy, gz), dim3(bx, by, bz), shared);
    });
    return SUCCESS;
}

int cuMemAddressReserve(vlseg_address *address, size_t bytes, size_t, vlseg_address, unsigned long long) {
    void *memory = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return OUT_OF_MEMORY;
    return *address = (vlseg_address)memory, SUCCESS;
}
int cuMemAddressFree(vlseg_address address, size_t bytes) { return munmap((void *)address, bytes) == 0 ? SUCCESS : INVALID_VALUE; }
int cuMemCreate(uint64_t *memory, size_t bytes, const vlseg_memory_kind *, unsigned long long) {
    State &s = state();
    if (bytes > s.memory_left) return OUT_OF_MEMORY;
    if (s.memory_left != SIZE_MAX) s.memory_left -= bytes;
    return *memory = bytes, SUCCESS;
}
int cuMemRelease(uint64_t) { return SUCCESS; }
int cuMemMap(vlseg_address address, size_t bytes, size_t, uint64_t, unsigned long long) {
    if (mprotect((void *)address, bytes, PROT_READ | PROT_WRITE) != 0) return INVALID_VALUE;
    memset((void *)address, 0xff, bytes); // not numbers: what is read before it was written shows
    return SUCCESS;
}
int cuMemUnmap(vlseg_address, size_t) { return SUCCESS; }
int cuMemSetAccess(vlseg_address, size_t, const vlseg_memory_access *, size_t) { return SUCCESS; }
int cuMemGetInfo_v2(size_t *free, size_t *total) {
    return *total = (size_t)8 << 30, *free = std::min(*total, state().memory_left), SUCCESS;
}
int cuMemHostAlloc(void **memory, size_t bytes, unsigned) { return *memory = malloc(bytes), *memory != nullptr ? SUCCESS : OUT_OF_MEMORY; }
int cuMemFreeHost(void *memory) { return free(memory), SUCCESS; }
int copy(void *to, const void *from, size_t bytes) {
    run([=] { memcpy(to, from, bytes); });
    return SUCCESS;
}
int cuMemcpyHtoDAsync_v2(vlseg_address to, const void *from, size_t bytes, vlseg_handle) { return copy((void *)to, from, bytes); }
int cuMemcpyDtoHAsync_v2(void *to, vlseg_address from, size_t bytes, vlseg_handle) { return copy(to, (void *)from, bytes); }
int cuMemcpyDtoDAsync_v2(vlseg_address to, vlseg_address from, size_t bytes, vlseg_handle) { return copy((void *)to, (void *)from, bytes); }
int cuMemsetD8Async(vlseg_address to, unsigned char value, size_t bytes, vlseg_handle) {
    run([=] { memset((void *)to, value, bytes); });
    return SUCCESS;
}

int cuStreamCreate(vlseg_handle *stream, unsigned) { return *stream = malloc(1), SUCCESS; }
int cuStreamDestroy_v2(vlseg_handle stream) { return free(stream), SUCCESS; }
int cuStreamSynchronize(vlseg_handle) { return state().recording ? 900 : SUCCESS; } // a recording may not wait
int cuStreamWaitEvent(vlseg_handle, vlseg_handle, unsigned) { return SUCCESS; }
int cuEventCreate(vlseg_handle *event, unsigned) { return *event = new Event, SUCCESS; }
int cuEventRecord(vlseg_handle event, vlseg_handle) { return ((Event *)event)->time = std::chrono::steady_clock::now(), SUCCESS; }
int cuEventSynchronize(vlseg_handle) { return SUCCESS; }
int cuEventQuery(vlseg_handle) { return SUCCESS; }
int cuEventElapsedTime(float *milliseconds, vlseg_handle start, vlseg_handle end) {
    *milliseconds = std::chrono::duration<float, std::milli>(((Event *)end)->time - ((Event *)start)->time).count();
    return SUCCESS;
}
int cuEventDestroy_v2(vlseg_handle event) { return delete (Event *)event, SUCCESS; }
int cuStreamBeginCapture_v2(vlseg_handle, int) {
    State &s = state();
    if (s.recording) return INVALID_VALUE;
    s.recording = true;
    s.recorded.clear();
    return SUCCESS;
}
int cuStreamEndCapture(vlseg_handle, vlseg_handle *graph) {
    State &s = state();
    s.recording = false;
    return *graph = new Graph{std::move(s.recorded)}, SUCCESS;
}
int cuGraphInstantiateWithFlags(vlseg_handle *executable, vlseg_handle graph, unsigned long long) {
    return *executable = new Graph(*(Graph *)graph), SUCCESS;
}
int cuGraphLaunch(vlseg_handle executable, vlseg_handle) {
    state().graphs++;
    for (auto &work : ((Graph *)executable)->work) work();
    return SUCCESS;
}
int cuGraphExecDestroy(vlseg_handle executable) { return delete (Graph *)executable, SUCCESS; }
int cuGraphDestroy(vlseg_handle graph) { return delete (Graph *)graph, SUCCESS; }

// A program is known by its name, "file#format"; its image is that name.
int nvrtcVersion(int *major, int *minor) { return *major = 13, *minor = 0, SUCCESS; }
const char *nvrtcGetErrorString(int) { return "an emulated error"; }
int nvrtcCreateProgram(vlseg_handle *program, const char *, const char *name, int, const char *const *, const char *const *) {
    return *program = new Program{name, ""}, SUCCESS;
}
int nvrtcDestroyProgram(vlseg_handle *program) { return delete (Program *)*program, *program = nullptr, SUCCESS; }
int nvrtcCompileProgram(vlseg_handle, int, const char *const *) { return SUCCESS; }
int nvrtcGetProgramLogSize(vlseg_handle program, size_t *bytes) { return *bytes = ((Program *)program)->log.size() + 1, SUCCESS; }
int nvrtcGetProgramLog(vlseg_handle program, char *log) { return strcpy(log, ((Program *)program)->log.c_str()), SUCCESS; }
int nvrtcGetCUBINSize(vlseg_handle program, size_t *bytes) { return *bytes = ((Program *)program)->name.size() + 1, SUCCESS; }
int nvrtcGetCUBIN(vlseg_handle program, char *image) { return strcpy(image, ((Program *)program)->name.c_str()), SUCCESS; }
} // namespace

// The lists' types must fit: a wrong signature does not compile.
#define ENTRY(RESULT, NAME, PARAMETERS) {#NAME, (void *)static_cast<RESULT(*) PARAMETERS>(&NAME)},
const std::map<std::string, void *> emulated::driver_functions = {VLSEG_CUDA_DRIVER(ENTRY) VLSEG_CUDA_COMPILER(ENTRY)};

static void *symbol(void *, const char *name) {
    for (const auto *table : {&driver_functions, &library_functions()}) {
        auto found = table->find(name);
        if (found != table->end()) return found->second;
    }
    return nullptr;
}
extern "C" vlseg_resolver vlseg_emulated_resolver(void) { return symbol; }
extern "C" void vlseg_emulated_memory_limit(size_t bytes) { state().memory_left = bytes; }
extern "C" void vlseg_emulated_driver(int version, int devices, int capability_major) {
    state().driver_version = version, state().devices = devices, state().capability_major = capability_major;
}

/// With VLSEG_EMULATOR_REPORT, the kernels that nothing has launched when the program ends.
static struct Report {
    ~Report() {
        const char *path = getenv("VLSEG_EMULATOR_REPORT");
        FILE *file = path != nullptr ? fopen(path, "w") : nullptr;
        if (file == nullptr) return;
        for (auto &entry : emulation::kernels())
            if (launched().names.count(entry.first) == 0) fprintf(file, "%s\n", entry.first.c_str());
        fclose(file);
    }
} report;

extern "C" void vlseg_emulated_fail_next_launch(int status) { state().fail_next = status; }
extern "C" void vlseg_emulated_counts(uint64_t *launches, uint64_t *graphs) { *launches = state().launches, *graphs = state().graphs; }
