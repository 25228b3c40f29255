/* The slice of ONNX Runtime's C ABI that we use. Its table of functions only ever grows, so slots keep their place for
 * all versions; tests/infer/abi.c is compiled against the official header where one is found. */
#ifndef VT_INFER_RUNTIME_ABI_H
#define VT_INFER_RUNTIME_ABI_H

#include <stddef.h>
#include <stdint.h>

typedef struct vt__ort_env vt__ort_env;
typedef struct vt__ort_status vt__ort_status;
typedef struct vt__ort_session vt__ort_session;
typedef struct vt__ort_session_options vt__ort_session_options;
typedef struct vt__ort_run_options vt__ort_run_options;
typedef struct vt__ort_value vt__ort_value;
typedef struct vt__ort_memory_info vt__ort_memory_info;
typedef struct vt__ort_allocator vt__ort_allocator;
typedef struct vt__ort_tensor_info vt__ort_tensor_info;

/* C enumerations of the official header */
typedef int vt__ort_log_level;
typedef int vt__ort_element_type;
typedef int vt__ort_allocator_type;
typedef int vt__ort_memory_type;
typedef int vt__ort_optimisation;

enum {
    VT__ORT_API_VERSION = 17,
    VT__ORT_LOG_FATAL = 4,
    VT__ORT_FLOAT = 1, /* ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT */
    VT__ORT_ARENA_ALLOCATOR = 1,
    VT__ORT_MEMORY_DEFAULT = 0,
    VT__ORT_OPTIMISE_ALL = 99
};

typedef vt__ort_status *vt__ort_call; /* a call's result: NULL when good */

/* X(slot, name, result, parameters): the functions used, by their place in OrtApi. */
#define VT__ORT_SLOTS(X)                                                                                               \
    X(2, GetErrorMessage, const char *, (const vt__ort_status *))                                                      \
    X(3, CreateEnv, vt__ort_call, (vt__ort_log_level, const char *, vt__ort_env **))                                   \
    X(8, CreateSessionFromArray, vt__ort_call,                                                                         \
      (const vt__ort_env *, const void *, size_t, const vt__ort_session_options *, vt__ort_session **))                \
    X(9, Run, vt__ort_call,                                                                                            \
      (vt__ort_session *, const vt__ort_run_options *, const char *const *, const vt__ort_value *const *, size_t,      \
       const char *const *, size_t, vt__ort_value **))                                                                 \
    X(10, CreateSessionOptions, vt__ort_call, (vt__ort_session_options **))                                            \
    X(19, DisableCpuMemArena, vt__ort_call, (vt__ort_session_options *))                                               \
    X(23, SetSessionGraphOptimizationLevel, vt__ort_call, (vt__ort_session_options *, vt__ort_optimisation))           \
    X(24, SetIntraOpNumThreads, vt__ort_call, (vt__ort_session_options *, int))                                        \
    X(25, SetInterOpNumThreads, vt__ort_call, (vt__ort_session_options *, int))                                        \
    X(30, SessionGetInputCount, vt__ort_call, (const vt__ort_session *, size_t *))                                     \
    X(31, SessionGetOutputCount, vt__ort_call, (const vt__ort_session *, size_t *))                                    \
    X(36, SessionGetInputName, vt__ort_call, (const vt__ort_session *, size_t, vt__ort_allocator *, char **))          \
    X(37, SessionGetOutputName, vt__ort_call, (const vt__ort_session *, size_t, vt__ort_allocator *, char **))         \
    X(49, CreateTensorWithDataAsOrtValue, vt__ort_call,                                                                \
      (const vt__ort_memory_info *, void *, size_t, const int64_t *, size_t, vt__ort_element_type, vt__ort_value **))  \
    X(51, GetTensorMutableData, vt__ort_call, (vt__ort_value *, void **))                                              \
    X(60, GetTensorElementType, vt__ort_call, (const vt__ort_tensor_info *, vt__ort_element_type *))                   \
    X(61, GetDimensionsCount, vt__ort_call, (const vt__ort_tensor_info *, size_t *))                                   \
    X(62, GetDimensions, vt__ort_call, (const vt__ort_tensor_info *, int64_t *, size_t))                               \
    X(65, GetTensorTypeAndShape, vt__ort_call, (const vt__ort_value *, vt__ort_tensor_info **))                        \
    X(69, CreateCpuMemoryInfo, vt__ort_call, (vt__ort_allocator_type, vt__ort_memory_type, vt__ort_memory_info **))    \
    X(76, AllocatorFree, vt__ort_call, (vt__ort_allocator *, void *))                                                  \
    X(78, GetAllocatorWithDefaultOptions, vt__ort_call, (vt__ort_allocator **))                                        \
    X(92, ReleaseEnv, void, (vt__ort_env *))                                                                           \
    X(93, ReleaseStatus, void, (vt__ort_status *))                                                                     \
    X(94, ReleaseMemoryInfo, void, (vt__ort_memory_info *))                                                            \
    X(95, ReleaseSession, void, (vt__ort_session *))                                                                   \
    X(96, ReleaseValue, void, (vt__ort_value *))                                                                       \
    X(99, ReleaseTensorTypeAndShapeInfo, void, (vt__ort_tensor_info *))                                                \
    X(100, ReleaseSessionOptions, void, (vt__ort_session_options *))                                                   \
    X(130, AddSessionConfigEntry, vt__ort_call, (vt__ort_session_options *, const char *, const char *))

/* The functions by name, copied out of the runtime's table once. */
typedef struct vt__ort {
#define VT__ORT_MEMBER(slot, name, result, parameters) result(*name) parameters;
    VT__ORT_SLOTS(VT__ORT_MEMBER)
#undef VT__ORT_MEMBER
} vt__ort;

typedef struct vt__ort_base {
    const void *(*GetApi)(uint32_t version);
    const char *(*GetVersionString)(void);
} vt__ort_base;

#endif
