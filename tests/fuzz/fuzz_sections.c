#include "base/limits.h"
#include "format/sections.h"
#include "fuzz/fuzz.h"

static const char *const names[] = {[1] = "header", [2] = "points"};
static const SectionKind kind = {
    .magic = "test", .version_max = 1, .version_written = 1, .names = names, .types_n = 3};

/* A section that is found lies in the file, and reading it to its end stays inside. Returns where
 * it ends. */
static uint64_t read_through(const SectionFile *f, uint32_t type) {
    SectionCursor c;
    uint32_t word;
    uint8_t byte;
    CvkErr err;
    bool found = section_cursor(f, type, &c, NULL);
    assert(found && c.bytes.from + c.bytes.n <= section_file_bytes(f));
    while (section_left(&c) >= 4) {
        bool ok = section_take_u32(&c, &word, "a word", &err);
        assert(ok);
    }
    bool fits = section_take_u32(&c, &word, "a word", &err);
    assert(!fits && strcmp(err.id, "section.short") == 0);
    while (section_left(&c) != 0) {
        bool ok = section_take_u8(&c, &byte, "a byte", NULL);
        assert(ok);
    }
    bool ended = section_end(&c, NULL);
    assert(ended);
    return c.bytes.from + c.bytes.n;
}

/* Whatever is indexed fills the file without a gap: the types that stand where sections must begin
 * are all found, and the last one ends with the file. */
void fuzz_one(const uint8_t *data, size_t n) {
    SectionFile *f = NULL;
    CvkErr err = {0};
    bool ok = section_file_memory(data, n, "input", &kind, &f, &err);
    assert(ok == (f != NULL) && ok == (err.id == NULL));
    if (!ok)
        return;
    uint64_t at = 12;
    size_t sections = 0;
    for (; at < n; sections++)
        at = read_through(f, (uint32_t)data[at] | (uint32_t)data[at + 1] << 8 |
                                 (uint32_t)data[at + 2] << 16 | (uint32_t)data[at + 3] << 24);
    assert(at == n && sections <= LIMIT_SECTIONS);
    section_file_close(f);
}
