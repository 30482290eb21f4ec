#include "base/gzip.h"

#include <assert.h>
#include <zlib.h>

/* What we send is hex of random bytes: there is nothing to find twice, only 16 digits to encode. So
 * codes alone make 52 % of it, and searching first (level 1) 57 % in twice the time; level 6 makes
 * 50 % in eight times the time. */
#define LEVEL 1
#define STRATEGY Z_HUFFMAN_ONLY
#define GZIP_FORMAT (15 + 16)
#define MEMORY 8

/* Puts what is in z into the file; at the end (Z_FINISH) until nothing is left in it. */
static bool put(z_stream *z, int flush, FILE *out, CvkErr *err) {
    unsigned char piece[32768];
    do {
        z->next_out = piece;
        z->avail_out = sizeof piece;
        int status = deflate(z, flush);
        assert(status != Z_STREAM_ERROR);
        size_t n = sizeof piece - z->avail_out;
        if (fwrite(piece, 1, n, out) != n)
            return cvk_fail_errno(err, "file.write", "cannot write a compressed file");
    } while (z->avail_out == 0);
    return true;
}

static bool compress_all(z_stream *z, FILE *in, FILE *out, CvkErr *err) {
    unsigned char piece[32768];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, in)) != 0) {
        z->next_in = piece;
        z->avail_in = (uInt)n;
        if (!put(z, Z_NO_FLUSH, out, err))
            return false;
    }
    if (ferror(in) != 0)
        return cvk_fail_errno(err, "file.read", "cannot read what is to be compressed");
    return put(z, Z_FINISH, out, err);
}

bool cvk_gzip(FILE *in, FILE *out, CvkErr *err) {
    z_stream z = {0};
    if (deflateInit2(&z, LEVEL, Z_DEFLATED, GZIP_FORMAT, MEMORY, STRATEGY) != Z_OK)
        return cvk_fail(err, CVK_EINTERNAL, "memory.short", "no memory for compressing");
    bool ok = compress_all(&z, in, out, err);
    deflateEnd(&z);
    return ok;
}
