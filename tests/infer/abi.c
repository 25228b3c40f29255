/* Compiled by tests/infer/abi where ONNX Runtime's own C header is at hand: every function of our slice stands at the
 * place, and takes the parameters, that the header says; every number we use means what it means there. */
#include <onnxruntime_c_api.h>
#include <stddef.h>

#include "infer/runtime_abi.h"

/* The slice's types by their official names; the table of slots is expanded with these. */
#define vt__ort_env OrtEnv
#define vt__ort_status OrtStatus
#define vt__ort_call OrtStatusPtr
#define vt__ort_session OrtSession
#define vt__ort_session_options OrtSessionOptions
#define vt__ort_run_options OrtRunOptions
#define vt__ort_value OrtValue
#define vt__ort_memory_info OrtMemoryInfo
#define vt__ort_allocator OrtAllocator
#define vt__ort_tensor_info OrtTensorTypeAndShapeInfo
#define vt__ort_log_level OrtLoggingLevel
#define vt__ort_element_type enum ONNXTensorElementDataType
#define vt__ort_allocator_type enum OrtAllocatorType
#define vt__ort_memory_type enum OrtMemType
#define vt__ort_optimisation GraphOptimizationLevel

#define SAME_PLACE(slot, name, result, parameters)                                                                     \
    _Static_assert(offsetof(OrtApi, name) == (slot) * sizeof(void *), #name " stands elsewhere");
VT__ORT_SLOTS(SAME_PLACE)

#define SAME_TYPE(slot, name, result, parameters)                                                                      \
    _Static_assert(__builtin_types_compatible_p(__typeof__(((OrtApi *)0)->name), result(*) parameters),                \
                   #name " takes or gives something else");
VT__ORT_SLOTS(SAME_TYPE)

#define SAME_SIZE(type) _Static_assert(sizeof(type) == sizeof(int), #type " is no int in size");
SAME_SIZE(OrtLoggingLevel)
SAME_SIZE(enum ONNXTensorElementDataType)
SAME_SIZE(enum OrtAllocatorType)
SAME_SIZE(enum OrtMemType)
SAME_SIZE(GraphOptimizationLevel)

#define SAME_NUMBER(ours, theirs) _Static_assert((int)(ours) == (int)(theirs), #theirs);
SAME_NUMBER(VT__ORT_LOG_FATAL, ORT_LOGGING_LEVEL_FATAL)
SAME_NUMBER(VT__ORT_FLOAT, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT)
SAME_NUMBER(VT__ORT_ARENA_ALLOCATOR, OrtArenaAllocator)
SAME_NUMBER(VT__ORT_MEMORY_DEFAULT, OrtMemTypeDefault)
SAME_NUMBER(VT__ORT_OPTIMISE_ALL, ORT_ENABLE_ALL)
_Static_assert(ORT_API_VERSION >= VT__ORT_API_VERSION, "the header is older than what we ask for");

_Static_assert(sizeof(OrtApiBase) == sizeof(vt__ort_base), "OrtApiBase");
_Static_assert(offsetof(OrtApiBase, GetApi) == offsetof(vt__ort_base, GetApi), "GetApi");
_Static_assert(offsetof(OrtApiBase, GetVersionString) == offsetof(vt__ort_base, GetVersionString), "GetVersionString");
