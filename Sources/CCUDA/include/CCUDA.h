// CCUDA: the functions of NVIDIA's driver and libraries that the GPU backend calls, as tables of pointers that are filled at run time.
// Nothing is linked, and the build needs none of NVIDIA's headers. There is one list per library; the tables, the loaders and the tests are
// generated from the lists. Names are exact: cuMemAlloc_v2 and others also exist without their suffix, with an older and different
// interface.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Only the tables' entries are marked as non-null for Swift. Handles keep the libraries' types.
#ifdef __clang__
#pragma clang diagnostic ignored "-Wnullability-completeness"
#endif

typedef uint64_t vlseg_address; // of device memory
typedef void *vlseg_handle;     // contexts, streams, events, graphs, descriptors

/// CUmemAllocationProp and CUmemAccessDesc: memory of a device, for that device to read and write.
typedef struct {
    int type; // 1: pinned
    int handle_types;
    int location; // 1: a device
    int device;
    void *reserved;
    uint64_t flags;
} vlseg_memory_kind;
typedef struct {
    int location;
    int device;
    int access; // 3: read and write
} vlseg_memory_access;

#define VLSEG_CUDA_DRIVER(X)                                                                                                               \
    X(int, cuInit, (unsigned flags))                                                                                                       \
    X(int, cuDriverGetVersion, (int *version))                                                                                             \
    X(int, cuGetErrorName, (int status, const char **name))                                                                                \
    X(int, cuGetErrorString, (int status, const char **text))                                                                              \
    X(int, cuDeviceGetCount, (int *count))                                                                                                 \
    X(int, cuDeviceGet, (int *device, int ordinal))                                                                                        \
    X(int, cuDeviceGetName, (char *name, int length, int device))                                                                          \
    X(int, cuDeviceGetAttribute, (int *value, int attribute, int device))                                                                  \
    X(int, cuDeviceTotalMem_v2, (size_t * bytes, int device))                                                                              \
    X(int, cuDevicePrimaryCtxRetain, (vlseg_handle * context, int device))                                                                 \
    X(int, cuDevicePrimaryCtxRelease_v2, (int device))                                                                                     \
    X(int, cuCtxSetCurrent, (vlseg_handle context))                                                                                        \
    X(int, cuModuleLoadData, (vlseg_handle * module, const void *image))                                                                   \
    X(int, cuModuleUnload, (vlseg_handle module))                                                                                          \
    X(int, cuModuleGetFunction, (vlseg_handle * function, vlseg_handle module, const char *name))                                          \
    X(int, cuFuncSetAttribute, (vlseg_handle function, int attribute, int value))                                                          \
    X(int, cuLaunchKernel,                                                                                                                 \
      (vlseg_handle function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y, unsigned block_z,     \
       unsigned shared_bytes, vlseg_handle stream, void *const *arguments, void *const *extra))                                            \
    X(int, cuMemAddressReserve, (vlseg_address * address, size_t bytes, size_t alignment, vlseg_address wanted, unsigned long long flags)) \
    X(int, cuMemAddressFree, (vlseg_address address, size_t bytes))                                                                        \
    X(int, cuMemCreate, (uint64_t * memory, size_t bytes, const vlseg_memory_kind *kind, unsigned long long flags))                        \
    X(int, cuMemRelease, (uint64_t memory))                                                                                                \
    X(int, cuMemMap, (vlseg_address address, size_t bytes, size_t offset, uint64_t memory, unsigned long long flags))                      \
    X(int, cuMemUnmap, (vlseg_address address, size_t bytes))                                                                              \
    X(int, cuMemSetAccess, (vlseg_address address, size_t bytes, const vlseg_memory_access *access, size_t count))                         \
    X(int, cuMemGetInfo_v2, (size_t * free, size_t * total))                                                                               \
    X(int, cuMemHostAlloc, (void **memory, size_t bytes, unsigned flags))                                                                  \
    X(int, cuMemFreeHost, (void *memory))                                                                                                  \
    X(int, cuMemcpyHtoDAsync_v2, (vlseg_address to, const void *from, size_t bytes, vlseg_handle stream))                                  \
    X(int, cuMemcpyDtoHAsync_v2, (void *to, vlseg_address from, size_t bytes, vlseg_handle stream))                                        \
    X(int, cuMemcpyDtoDAsync_v2, (vlseg_address to, vlseg_address from, size_t bytes, vlseg_handle stream))                                \
    X(int, cuMemsetD8Async, (vlseg_address to, unsigned char value, size_t bytes, vlseg_handle stream))                                    \
    X(int, cuStreamCreate, (vlseg_handle * stream, unsigned flags))                                                                        \
    X(int, cuStreamDestroy_v2, (vlseg_handle stream))                                                                                      \
    X(int, cuStreamSynchronize, (vlseg_handle stream))                                                                                     \
    X(int, cuStreamWaitEvent, (vlseg_handle stream, vlseg_handle event, unsigned flags))                                                   \
    X(int, cuEventCreate, (vlseg_handle * event, unsigned flags))                                                                          \
    X(int, cuEventRecord, (vlseg_handle event, vlseg_handle stream))                                                                       \
    X(int, cuEventSynchronize, (vlseg_handle event))                                                                                       \
    X(int, cuEventQuery, (vlseg_handle event))                                                                                             \
    X(int, cuEventElapsedTime, (float *milliseconds, vlseg_handle start, vlseg_handle end))                                                \
    X(int, cuEventDestroy_v2, (vlseg_handle event))                                                                                        \
    X(int, cuStreamBeginCapture_v2, (vlseg_handle stream, int mode))                                                                       \
    X(int, cuStreamEndCapture, (vlseg_handle stream, vlseg_handle * graph))                                                                \
    X(int, cuGraphInstantiateWithFlags, (vlseg_handle * executable, vlseg_handle graph, unsigned long long flags))                         \
    X(int, cuGraphLaunch, (vlseg_handle executable, vlseg_handle stream))                                                                  \
    X(int, cuGraphExecDestroy, (vlseg_handle executable))                                                                                  \
    X(int, cuGraphDestroy, (vlseg_handle graph))

#define VLSEG_CUDA_COMPILER(X)                                                                                                             \
    X(int, nvrtcVersion, (int *major, int *minor))                                                                                         \
    X(const char *_Nonnull, nvrtcGetErrorString, (int status))                                                                             \
    X(int, nvrtcCreateProgram,                                                                                                             \
      (vlseg_handle * program, const char *source, const char *name, int headers, const char *const *header_texts,                         \
       const char *const *header_names))                                                                                                   \
    X(int, nvrtcDestroyProgram, (vlseg_handle * program))                                                                                  \
    X(int, nvrtcCompileProgram, (vlseg_handle program, int count, const char *const *options))                                             \
    X(int, nvrtcGetProgramLogSize, (vlseg_handle program, size_t * bytes))                                                                 \
    X(int, nvrtcGetProgramLog, (vlseg_handle program, char *log))                                                                          \
    X(int, nvrtcGetCUBINSize, (vlseg_handle program, size_t * bytes))                                                                      \
    X(int, nvrtcGetCUBIN, (vlseg_handle program, char *image))

#define VLSEG_CUDA_PRODUCTS(X)                                                                                                             \
    X(size_t, cublasLtGetVersion, (void))                                                                                                  \
    X(int, cublasLtCreate, (vlseg_handle * handle))                                                                                        \
    X(int, cublasLtDestroy, (vlseg_handle handle))                                                                                         \
    X(int, cublasLtMatmulDescCreate, (vlseg_handle * descriptor, int compute_type, int scale_type))                                        \
    X(int, cublasLtMatmulDescDestroy, (vlseg_handle descriptor))                                                                           \
    X(int, cublasLtMatmulDescSetAttribute, (vlseg_handle descriptor, int attribute, const void *value, size_t bytes))                      \
    X(int, cublasLtMatrixLayoutCreate, (vlseg_handle * layout, int type, uint64_t rows, uint64_t columns, int64_t stride))                 \
    X(int, cublasLtMatrixLayoutDestroy, (vlseg_handle layout))                                                                             \
    X(int, cublasLtMatrixLayoutSetAttribute, (vlseg_handle layout, int attribute, const void *value, size_t bytes))                        \
    X(int, cublasLtMatmulPreferenceCreate, (vlseg_handle * preference))                                                                    \
    X(int, cublasLtMatmulPreferenceDestroy, (vlseg_handle preference))                                                                     \
    X(int, cublasLtMatmulPreferenceSetAttribute, (vlseg_handle preference, int attribute, const void *value, size_t bytes))                \
    X(int, cublasLtMatmulAlgoGetHeuristic,                                                                                                 \
      (vlseg_handle handle, vlseg_handle descriptor, vlseg_handle a, vlseg_handle b, vlseg_handle c, vlseg_handle d,                       \
       vlseg_handle preference, int wanted, void *results, int *found))                                                                    \
    X(int, cublasLtMatmul,                                                                                                                 \
      (vlseg_handle handle, vlseg_handle descriptor, const void *alpha, vlseg_address a, vlseg_handle layout_a, vlseg_address b,           \
       vlseg_handle layout_b, const void *beta, vlseg_address c, vlseg_handle layout_c, vlseg_address d, vlseg_handle layout_d,            \
       const void *algorithm, vlseg_address workspace, size_t workspace_bytes, vlseg_handle stream))

#define VLSEG_CUDA_CONVOLUTIONS(X)                                                                                                         \
    X(size_t, cudnnGetVersion, (void))                                                                                                     \
    X(const char *_Nonnull, cudnnGetErrorString, (int status))                                                                             \
    X(int, cudnnCreate, (vlseg_handle * handle))                                                                                           \
    X(int, cudnnDestroy, (vlseg_handle handle))                                                                                            \
    X(int, cudnnSetStream, (vlseg_handle handle, vlseg_handle stream))                                                                     \
    X(int, cudnnCreateTensorDescriptor, (vlseg_handle * descriptor))                                                                       \
    X(int, cudnnDestroyTensorDescriptor, (vlseg_handle descriptor))                                                                        \
    X(int, cudnnSetTensor4dDescriptor, (vlseg_handle descriptor, int layout, int type, int n, int c, int h, int w))                        \
    X(int, cudnnCreateFilterDescriptor, (vlseg_handle * descriptor))                                                                       \
    X(int, cudnnDestroyFilterDescriptor, (vlseg_handle descriptor))                                                                        \
    X(int, cudnnSetFilter4dDescriptor, (vlseg_handle descriptor, int type, int layout, int k, int c, int h, int w))                        \
    X(int, cudnnCreateConvolutionDescriptor, (vlseg_handle * descriptor))                                                                  \
    X(int, cudnnDestroyConvolutionDescriptor, (vlseg_handle descriptor))                                                                   \
    X(int, cudnnSetConvolution2dDescriptor,                                                                                                \
      (vlseg_handle descriptor, int pad_h, int pad_w, int stride_h, int stride_w, int dilation_h, int dilation_w, int mode,                \
       int compute_type))                                                                                                                  \
    X(int, cudnnSetConvolutionMathType, (vlseg_handle descriptor, int type))                                                               \
    X(int, cudnnGetConvolutionForwardAlgorithm_v7,                                                                                         \
      (vlseg_handle handle, vlseg_handle x, vlseg_handle w, vlseg_handle convolution, vlseg_handle y, int wanted, int *found,              \
       void *results))                                                                                                                     \
    X(int, cudnnGetConvolutionBackwardDataAlgorithm_v7,                                                                                    \
      (vlseg_handle handle, vlseg_handle w, vlseg_handle dy, vlseg_handle convolution, vlseg_handle dx, int wanted, int *found,            \
       void *results))                                                                                                                     \
    X(int, cudnnGetConvolutionBackwardFilterAlgorithm_v7,                                                                                  \
      (vlseg_handle handle, vlseg_handle x, vlseg_handle dy, vlseg_handle convolution, vlseg_handle dw, int wanted, int *found,            \
       void *results))                                                                                                                     \
    X(int, cudnnGetConvolutionForwardWorkspaceSize,                                                                                        \
      (vlseg_handle handle, vlseg_handle x, vlseg_handle w, vlseg_handle convolution, vlseg_handle y, int algorithm, size_t *bytes))       \
    X(int, cudnnGetConvolutionBackwardDataWorkspaceSize,                                                                                   \
      (vlseg_handle handle, vlseg_handle w, vlseg_handle dy, vlseg_handle convolution, vlseg_handle dx, int algorithm, size_t *bytes))     \
    X(int, cudnnGetConvolutionBackwardFilterWorkspaceSize,                                                                                 \
      (vlseg_handle handle, vlseg_handle x, vlseg_handle dy, vlseg_handle convolution, vlseg_handle dw, int algorithm, size_t *bytes))     \
    X(int, cudnnConvolutionForward,                                                                                                        \
      (vlseg_handle handle, const void *alpha, vlseg_handle x, vlseg_address x_data, vlseg_handle w, vlseg_address w_data,                 \
       vlseg_handle convolution, int algorithm, vlseg_address workspace, size_t bytes, const void *beta, vlseg_handle y,                   \
       vlseg_address y_data))                                                                                                              \
    X(int, cudnnConvolutionBackwardData,                                                                                                   \
      (vlseg_handle handle, const void *alpha, vlseg_handle w, vlseg_address w_data, vlseg_handle dy, vlseg_address dy_data,               \
       vlseg_handle convolution, int algorithm, vlseg_address workspace, size_t bytes, const void *beta, vlseg_handle dx,                  \
       vlseg_address dx_data))                                                                                                             \
    X(int, cudnnConvolutionBackwardFilter,                                                                                                 \
      (vlseg_handle handle, const void *alpha, vlseg_handle x, vlseg_address x_data, vlseg_handle dy, vlseg_address dy_data,               \
       vlseg_handle convolution, int algorithm, vlseg_address workspace, size_t bytes, const void *beta, vlseg_handle dw,                  \
       vlseg_address dw_data))

#define VLSEG_ENTRY(RESULT, NAME, PARAMETERS) RESULT(*_Nonnull NAME) PARAMETERS;
typedef struct {
    VLSEG_CUDA_DRIVER(VLSEG_ENTRY)
} vlseg_cuda_driver;
typedef struct {
    VLSEG_CUDA_COMPILER(VLSEG_ENTRY)
} vlseg_cuda_compiler;
typedef struct {
    VLSEG_CUDA_PRODUCTS(VLSEG_ENTRY)
} vlseg_cuda_products;
typedef struct {
    VLSEG_CUDA_CONVOLUTIONS(VLSEG_ENTRY)
} vlseg_cuda_convolutions;
#undef VLSEG_ENTRY

/// Opens a library by path or by name. On failure returns null and writes the loader's reason into `message`.
void *_Nullable vlseg_library_open(const char *_Nonnull path, char *_Nonnull message, size_t bytes);

/// Finds a function by name in a library.
typedef void *_Nullable (*vlseg_resolver)(void *_Nullable library, const char *_Nonnull name);
/// The loader's own resolver.
void *_Nullable vlseg_library_symbol(void *_Nullable library, const char *_Nonnull name);

/// Each fills a table. Returns null, or the name of the first missing function.
const char *_Nullable vlseg_cuda_load_driver(void *_Nullable library, vlseg_resolver _Nonnull resolver, vlseg_cuda_driver *_Nonnull table);
const char *_Nullable vlseg_cuda_load_compiler(void *_Nullable library, vlseg_resolver _Nonnull resolver,
                                               vlseg_cuda_compiler *_Nonnull table);
const char *_Nullable vlseg_cuda_load_products(void *_Nullable library, vlseg_resolver _Nonnull resolver,
                                               vlseg_cuda_products *_Nonnull table);
const char *_Nullable vlseg_cuda_load_convolutions(void *_Nullable library, vlseg_resolver _Nonnull resolver,
                                                   vlseg_cuda_convolutions *_Nonnull table);

/// cublasLtMatmulHeuristicResult_t.
typedef struct {
    uint64_t algorithm[8];
    size_t workspace_bytes;
    int status;
    float waves;
    int reserved[4];
} vlseg_product_choice;

/// cudnnConvolutionFwdAlgoPerf_t and its two siblings, which have the same layout.
typedef struct {
    int algorithm;
    int status;
    float milliseconds;
    size_t workspace_bytes;
    int deterministic;
    int math_type;
    int reserved[3];
} vlseg_convolution_choice;
