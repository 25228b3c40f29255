#include "model/detector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "model/detector_family.h"

static const vt__detector_family *const families[] = { &vt__detector_yunet, &vt__detector_rfb, &vt__detector_scrfd };

static const vt__detector_family *find_family(const vt__model *model)
{
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        if (!strcmp(model->family, families[i]->name)) return families[i];
    return NULL;
}

vt_status vt__detector_check(const vt__model *model, vt_error *err)
{
    if (find_family(model)) return VT_OK;
    return vt__fail(err, VT_EUNSUPPORTED, "%s: detector family \"%.40s\" (known: yunet, rfb, scrfd)", model->file, model->family);
}

vt_status vt__candidates_add(vt__candidates *list, const vt__candidate *candidate, vt_error *err)
{
    if (list->count == VT__CANDIDATES_MAX) return vt__fail(err, VT_ELIMIT, "more than %d face candidates", VT__CANDIDATES_MAX);
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 64;
        vt__candidate *items = vt__realloc(list->items, capacity, sizeof *items);
        if (!items) return vt__fail_memory(err, capacity * sizeof *items);
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = *candidate;
    return VT_OK;
}

void vt__box_candidates_free(vt__candidates *list)
{
    vt__free(list->items);
    *list = (vt__candidates){ 0 };
}

/* Falling score; box position settles ties, so that the order does not hang on the sorting. */
static int compare(const void *a, const void *b)
{
    const vt__candidate *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    if (x->box.top != y->box.top) return x->box.top < y->box.top ? -1 : 1;
    return (x->box.left > y->box.left) - (x->box.left < y->box.left);
}

static float overlap(const vt_box *a, const vt_box *b)
{
    float width = fminf(a->left + a->width, b->left + b->width) - fmaxf(a->left, b->left);
    float height = fminf(a->top + a->height, b->top + b->height) - fmaxf(a->top, b->top);
    if (width <= 0 || height <= 0) return 0;
    float both = width * height;
    return both / (a->width * a->height + b->width * b->height - both);
}

void vt__candidates_suppress(vt__candidates *list, float iou)
{
    if (!list->count) return;
    qsort(list->items, list->count, sizeof *list->items, compare);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        size_t k = 0;
        while (k < kept && overlap(&list->items[i].box, &list->items[k].box) <= iou) k++;
        if (k == kept) list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

const float *vt__detector_output(const vt__outputs *outputs, const char *name, size_t count, vt_error *err)
{
    const vt__tensor *tensor = vt__outputs_get(outputs, name);
    if (tensor && tensor->count == count) return tensor->data;
    vt__fail(err, VT_EMODEL, "output \"%s\" holds %zu numbers, %zu were expected", name, tensor ? tensor->count : 0, count);
    return NULL;
}

static bool finite_box(const vt__candidate *c)
{
    float sum = c->box.left + c->box.top + c->box.width + c->box.height + c->score;
    for (int p = 0; p < 5; p++) sum += c->points[p].x + c->points[p].y;
    return isfinite(sum) && c->box.width > 0 && c->box.height > 0;
}

/* From the network's input back to the picture; drops what is not a box. */
static void place(vt__candidates *list, size_t from, vt_box region, float scale_x, float scale_y)
{
    size_t kept = from;
    for (size_t i = from; i < list->count; i++) {
        vt__candidate c = list->items[i];
        c.box = (vt_box){ region.left + c.box.left / scale_x, region.top + c.box.top / scale_y, c.box.width / scale_x, c.box.height / scale_y };
        for (int p = 0; p < 5; p++) {
            c.points[p].x = region.left + c.points[p].x / scale_x;
            c.points[p].y = region.top + c.points[p].y / scale_y;
        }
        if (finite_box(&c)) list->items[kept++] = c;
    }
    list->count = kept;
}

static vt_status fill_input(vt__tensor *tensor, float *scale_x, float *scale_y, const vt__model *model, bool stretch,
                            const vt_pixels *pixels, vt_box region, vt_size input, vt__scratch *scratch, vt_error *err)
{
    size_t planes = (size_t)vt__order_planes(model->planar.order), plane = (size_t)input.width * (size_t)input.height;
    vt_status status = vt__scratch_need(scratch, plane * planes, err);
    if (status) return status;
    *scale_x = (float)input.width / region.width;
    *scale_y = (float)input.height / region.height;
    if (!stretch) *scale_x = *scale_y = fminf(*scale_x, *scale_y);
    vt_size filled = { (int)lrintf(region.width * *scale_x), (int)lrintf(region.height * *scale_y) };
    if (filled.width > input.width) filled.width = input.width;
    if (filled.height > input.height) filled.height = input.height;
    if (filled.width < 1) filled.width = 1;
    if (filled.height < 1) filled.height = 1;
    if (filled.width < input.width || filled.height < input.height) memset(scratch->floats, 0, plane * planes * sizeof(float));
    *tensor = (vt__tensor){ .name = model->input_name, .data = scratch->floats, .rank = 4, .count = plane * planes,
                            .shape = { 1, (int64_t)planes, input.height, input.width } };
    return vt__resize_planar(scratch->floats, (size_t)input.width, plane, filled, pixels, region, &model->planar, 0, err);
}

vt_status vt__detector_run(vt__candidates *out, const vt__network *network, const vt__model *model,
                           const vt_pixels *pixels, vt_box region, vt_size input, float threshold, vt__scratch *scratch,
                           vt_error *err)
{
    const vt__detector_family *family = find_family(model);
    if (!family) return vt__detector_check(model, err);
    if (model->size.width && model->size.height) input = model->size;
    float scale_x, scale_y;
    vt__tensor tensor;
    vt_status status = fill_input(&tensor, &scale_x, &scale_y, model, family->corners_squash, pixels, region, input, scratch, err);
    if (status) return status;
    size_t outputs_count = 0;
    while (outputs_count < VT__NETWORK_MAX_TENSORS && vt__network_output_name(network, outputs_count)) outputs_count++;
    vt__outputs outputs;
    status = vt__network_run(&outputs, network, &tensor, NULL, outputs_count, err);
    if (status) return status;
    size_t before = out->count;
    status = family->decode(out, &outputs, input, threshold, err);
    vt__outputs_free(&outputs);
    place(out, before, region, scale_x, scale_y);
    return status;
}
