#include "http/tls.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/secret.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- files ---- */

/* The size of a file that is not too big and, if it holds a secret, not everybody's. */
static bool check_file(FILE *f, const char *path, bool secret, size_t *ret, CvkErr *err) {
    struct stat st;
    if (fstat(fileno(f), &st) != 0)
        return cvk_fail_errno(err, "http.tls", "cannot read '%s'", CVK_SHOWN(path));
    if (st.st_size > (off_t)LIMIT_TLS_FILE)
        return cvk_fail(err, CVK_ELIMIT, "http.tls", "'%s' is too big for a PEM file",
                        CVK_SHOWN(path));
    if (secret && (st.st_mode & S_IRWXO) != 0)
        return cvk_fail(err, CVK_EBADREQ, "http.tls",
                        "everybody here may read the key '%s': take that away with chmod o= FILE",
                        CVK_SHOWN(path));
    *ret = (size_t)st.st_size;
    return true;
}

/* A text with its zero byte. Unbuffered: nothing of a key stays in a buffer of the C library. */
static char *read_text(const char *path, bool secret, CvkErr *err) {
    FILE *f = cvk_file_open_regular(path, true, err);
    size_t n = 0;
    if (f == NULL)
        return NULL;
    setvbuf(f, NULL, _IONBF, 0);
    char *text = NULL;
    if (check_file(f, path, secret, &n, err))
        text = secret ? cvk_secret_alloc(n + 1, err) : cvk_alloc(n + 1, 1, err);
    if (text != NULL && fread(text, 1, n, f) != n) {
        cvk_fail_errno(err, "http.tls", "cannot read '%s'", CVK_SHOWN(path));
        text = secret ? cvk_secret_free(text) : (free(text), NULL);
    }
    fclose(f);
    return text;
}

/* ---- what is in them ---- */

/* Instead of asking at the terminal. */
static int no_password(char *buf, int size, int writing, void *asked) {
    (void)buf, (void)size, (void)writing;
    *(bool *)asked = true;
    return -1;
}

static X509 *parse_cert(const TlsFiles *f, const char *path, CvkErr *err) {
    BIO *bio = BIO_new_mem_buf(f->cert, -1);
    X509 *cert = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    if (cert == NULL)
        cvk_fail(err, CVK_EBADREQ, "http.tls",
                 "'%s' holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)",
                 CVK_SHOWN(path));
    return cert;
}

static EVP_PKEY *parse_key(const TlsFiles *f, const char *path, CvkErr *err) {
    bool asked = false;
    BIO *bio = BIO_new_mem_buf(f->key, -1);
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_password, &asked) : NULL;
    BIO_free(bio);
    if (key == NULL && asked)
        cvk_fail(err, CVK_EBADREQ, "http.tls",
                 "the key '%s' is under a password, which nobody can give at a start: take one "
                 "without (openssl pkey -in FILE)",
                 CVK_SHOWN(path));
    else if (key == NULL)
        cvk_fail(err, CVK_EBADREQ, "http.tls",
                 "'%s' holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)",
                 CVK_SHOWN(path));
    return key;
}

static bool check_pair(const TlsFiles *f, const char *cert_path, const char *key_path,
                       CvkErr *err) {
    X509 *cert = parse_cert(f, cert_path, err);
    EVP_PKEY *key = cert != NULL ? parse_key(f, key_path, err) : NULL;
    bool ok = key != NULL && X509_check_private_key(cert, key) == 1;
    if (key != NULL && !ok)
        cvk_fail(err, CVK_EBADREQ, "http.tls",
                 "the key '%s' is not that of the first certificate in '%s'", CVK_SHOWN(key_path),
                 CVK_SHOWN(cert_path));
    if (ok && X509_cmp_current_time(X509_get0_notAfter(cert)) < 0)
        cvk_log(LOG_WARN, "http.tls_expired", "cert", cert_path, NULL);
    EVP_PKEY_free(key);
    X509_free(cert);
    ERR_clear_error();
    return ok;
}

bool tls_load(const char *cert_path, const char *key_path, TlsFiles *ret, CvkErr *err) {
    TlsFiles f = {.cert = read_text(cert_path, false, err)};
    f.key = f.cert != NULL ? read_text(key_path, true, err) : NULL;
    if (f.key == NULL || !check_pair(&f, cert_path, key_path, err)) {
        tls_done(&f);
        return false;
    }
    *ret = f;
    return true;
}

void tls_done(TlsFiles *f) {
    free(f->cert);
    cvk_secret_free(f->key);
    *f = (TlsFiles){0};
}
