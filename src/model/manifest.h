/* A pack: a folder with manifest.json (docs/packs.md describes it) and the files it names. */
#ifndef VT_MODEL_MANIFEST_H
#define VT_MODEL_MANIFEST_H

#include <stdbool.h>

#include <vultus/status.h>

#include "base/json.h"
#include "image/sample.h"

enum { VT__PACK_MAX_MODELS = 16, VT__PACK_MAX_FILE_BYTES = 1 << 30 };

typedef enum vt__task {
    VT__TASK_DETECTOR = 0,
    VT__TASK_DETECTOR2,
    VT__TASK_LANDMARKS,
    VT__TASK_RECOGNIZER,
    VT__TASK_ATTACK,
    VT__TASK_POSE,
    VT__TASK_EYES,
    VT__TASK_FEATURES, /* what the attribute probes read; makes no template */
    VT__TASK_COUNT
} vt__task;

const char *vt__task_name(vt__task task);

/* One network of a pack. Strings are borrowed from the manifest. */
typedef struct vt__model {
    vt__task task;
    const char *family; /* "yunet", "rfb", "scrfd", "landmarks68", "arcface112", "pose66", "attack", "eye" */
    const char *file;
    const char *sha256;
    const char *licence;
    const char *source;
    bool commercial;
    const char *input_name; /* NULL: the network's only input */
    vt__planar planar;
    vt_size size; /* of the input; 0 where it is free */
    int pad_to;   /* free sides are padded to a multiple of this */
    float threshold, nms_iou, crop;
    const vt__json *entry; /* what a family reads beside this */
} vt__model;

typedef struct vt__pack {
    char *folder;
    char digest[65]; /* hex SHA-256 of manifest.json */
    vt__json *root;
    const char *name;
    vt__model models[VT__PACK_MAX_MODELS];
    size_t count;
} vt__pack;

/* Reads and checks manifest.json; opens none of the files. VT_ENOTFOUND, VT_EFORMAT with the member at fault. */
vt_status vt__pack_open(vt__pack *out, const char *folder, vt_error *err);

/* Parses a manifest's text (for fuzzing and for vt__pack_open). `folder` is copied. */
vt_status vt__pack_parse(vt__pack *out, const char *folder, const void *text, size_t size_bytes, vt_error *err);
void vt__pack_close(vt__pack *pack);

/* The pack's model for a task, or NULL. */
const vt__model *vt__pack_model(const vt__pack *pack, vt__task task);

/* Reads a file of the pack and compares its SHA-256 (NULL: not compared). Caller frees. VT_EINTEGRITY names file and digests. */
vt_status vt__pack_read(uint8_t **out, size_t *out_size_bytes, const vt__pack *pack, const char *file, const char *sha256,
                        vt_error *err);

/* The digest that the manifest's "files" state for a file, or NULL. */
const char *vt__pack_file_digest(const vt__pack *pack, const char *file);

#endif
