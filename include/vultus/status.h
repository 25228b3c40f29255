/**
 * Status codes and error text, shared by every function of libvultus.
 *
 * A function that can fail returns a vt_status: VT_OK (0) or one of the negative codes below. Its last
 * parameter is an optional `vt_error *`; where given it is filled with one line that says what the caller
 * cannot know from the code alone. Nothing is thread-local: the error travels with the work.
 */
#ifndef VULTUS_STATUS_H
#define VULTUS_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define VT_API
#else
#define VT_API __attribute__((visibility("default")))
#endif

/** X(name, value, text): the one list from which the enumeration, vt_status_name and vt_status_text come. */
#define VT_STATUS_MAP(X)                                                                                     \
    X(VT_OK, 0, "success")                                                                                   \
    X(VT_EINVAL, -1, "invalid argument")                                                                     \
    X(VT_ENOMEM, -2, "out of memory")                                                                        \
    X(VT_EIO, -3, "reading or writing failed")                                                               \
    X(VT_ENOTFOUND, -4, "not found")                                                                         \
    X(VT_EEXISTS, -5, "exists already")                                                                      \
    X(VT_EFORMAT, -6, "damaged data or unknown format")                                                      \
    X(VT_EUNSUPPORTED, -7, "not supported")                                                                  \
    X(VT_ELIMIT, -8, "a limit is exceeded")                                                                  \
    X(VT_EINTEGRITY, -9, "digest, seal or signature does not match")                                         \
    X(VT_EBUSY, -10, "busy, try again")                                                                      \
    X(VT_EDENIED, -11, "not permitted")                                                                      \
    X(VT_EEXPIRED, -12, "expired")                                                                           \
    X(VT_ECANCELLED, -13, "cancelled")                                                                       \
    X(VT_ETIMEOUT, -14, "timed out")                                                                         \
    X(VT_EMODEL, -15, "a network or pack is unusable")                                                       \
    X(VT_ENOFACE, -16, "no face")                                                                            \
    X(VT_EMANYFACES, -17, "more than one face")                                                              \
    X(VT_ECONFLICT, -18, "conflicts with the present state")                                                 \
    X(VT_EINTERNAL, -19, "internal error")

#define VT_STATUS_ENUM_ENTRY(name, value, text) name = (value),
typedef enum vt_status { VT_STATUS_MAP(VT_STATUS_ENUM_ENTRY) VT_STATUS_FIRST_ = -19 } vt_status;
#undef VT_STATUS_ENUM_ENTRY

/** Bytes of text in a vt_error, terminating zero included. Longer text is cut. */
#define VT_ERROR_TEXT_BYTES 256

/** Owned by the caller; may be reused; need not be initialised. Written only when a call fails. */
typedef struct vt_error {
    vt_status code;
    char text[VT_ERROR_TEXT_BYTES]; /**< one line of UTF-8, never empty after a failure */
} vt_error;

/** "VT_EINVAL" for VT_EINVAL; "VT_UNKNOWN" for a number that is no status. Static storage. Any thread. */
VT_API const char *vt_status_name(vt_status status);

/** "invalid argument" for VT_EINVAL; "unknown status" for a number that is no status. Static storage. Any thread. */
VT_API const char *vt_status_text(vt_status status);

#ifdef __cplusplus
}
#endif
#endif
