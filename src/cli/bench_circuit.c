#include "cli/bench_circuit.h"

#include "algebra/curve.h"
#include "format/sections.h"

#include <string.h>

/* wires: 0 is one, 1 the output, 2 the public input, 3 the private one, then the chain */
enum { WIRE_OUTPUT = 1, WIRE_PUBLIC = 2, WIRE_PRIVATE = 3, WIRE_CHAIN = 4 };

#define TERM_BYTES (4 + FR_BYTES)
#define PRODUCT_BYTES (3 * (4 + TERM_BYTES)) /* one term in each of A, B, C */

static uint8_t *put_u32(uint8_t *at, uint32_t v) {
    for (unsigned i = 0; i < 4; i++)
        *at++ = (uint8_t)(v >> 8 * i);
    return at;
}

/* 1 * wire, alone in its linear combination */
static uint8_t *put_wire(uint8_t *at, uint32_t wire) {
    at = put_u32(put_u32(at, 1), wire);
    memset(at, 0, FR_BYTES);
    *at = 1;
    return at + FR_BYTES;
}

static bool write_header(const CvkSink *to, uint32_t constraints, CvkErr *err) {
    uint8_t header[64] = {0}, *at = put_u32(header, FR_BYTES);
    curve_order(curve_bn254(), at);
    at = put_u32(at + FR_BYTES, constraints + 3);  /* wires */
    at = put_u32(put_u32(put_u32(at, 1), 1), 1);   /* outputs, public and private inputs */
    at = put_u32(put_u32(at, constraints + 3), 0); /* labels, 64 bits */
    put_u32(at, constraints);
    return cvk_sink_write(to, header, sizeof header, err);
}

/* public * private, its square, the square of that, ... and the last one is the output */
static bool write_constraints(const CvkSink *to, uint32_t constraints, CvkErr *err) {
    for (uint32_t i = 0; i < constraints; i++) {
        uint8_t product[PRODUCT_BYTES];
        uint32_t before = WIRE_CHAIN + i - 1;
        uint8_t *at = put_wire(product, i == 0 ? WIRE_PUBLIC : before);
        at = put_wire(at, i == 0 ? WIRE_PRIVATE : before);
        put_wire(at, i == constraints - 1 ? WIRE_OUTPUT : WIRE_CHAIN + i);
        if (!cvk_sink_write(to, product, sizeof product, err))
            return false;
    }
    return true;
}

static bool write_labels(const CvkSink *to, uint32_t constraints, CvkErr *err) {
    for (uint32_t i = 0; i < constraints + 3; i++) {
        uint8_t label[8];
        put_u32(put_u32(label, i), 0);
        if (!cvk_sink_write(to, label, sizeof label, err))
            return false;
    }
    return true;
}

bool bench_circuit_write(const char *path, uint32_t constraints, CvkErr *err) {
    static const SectionKind kind = {.magic = "r1cs", .version_max = 1, .version_written = 1};
    static bool (*const parts[])(const CvkSink *, uint32_t,
                                 CvkErr *) = {write_header, write_constraints, write_labels};
    SectionWriter *w;
    CvkSink to;
    bool ok = section_writer_open(path, &kind, 3, &w, err);
    if (!ok)
        return false;
    for (uint32_t i = 0; ok && i < 3; i++)
        ok = section_writer_begin(w, i + 1, &to, err) && parts[i](&to, constraints, err);
    if (!ok) {
        section_writer_abandon(w);
        return false;
    }
    return section_writer_commit(w, err);
}
