/* The transport against a server on this machine that misbehaves. */
#include "client/web.h"
#include "support/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct {
    int listener;
    char url[64];
    const char *head; /* what it answers at once */
    bool drips;       /* and then a byte every now and then, for ever */
    pthread_t thread;
} Server;

static void drip(int fd) {
    const struct timespec pause = {.tv_nsec = 20000000};
    while (send(fd, " ", 1, MSG_NOSIGNAL) == 1)
        nanosleep(&pause, NULL);
}

static void *serve(void *ctx) {
    const Server *s = ctx;
    char request[1024];
    int fd = accept(s->listener, NULL, NULL);
    if (fd >= 0 && recv(fd, request, sizeof request, 0) > 0 &&
        send(fd, s->head, strlen(s->head), MSG_NOSIGNAL) > 0 && s->drips)
        drip(fd);
    if (fd >= 0)
        close(fd);
    return NULL;
}

static void start(Server *s) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&at, n), 0);
    assert_int_equal(listen(s->listener, 1), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&at, &n), 0);
    snprintf(s->url, sizeof s->url, "http://127.0.0.1:%u/", ntohs(at.sin_port));
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static bool ask(Server *s, WebRequest rq, WebReply *ret, CvkErr *err) {
    start(s);
    WebClient *c = web_client_new(false, err);
    assert_non_null(c);
    rq.method = "GET";
    rq.url = s->url;
    ret->into.max = 1000;
    bool ok = web_perform(c, &rq, ret, err);
    web_client_free(c);
    pthread_join(s->thread, NULL);
    close(s->listener);
    cvk_buf_done(&ret->into);
    return ok;
}

static void an_answer_that_never_ends_is_cut_off(void **state) {
    (void)state;
    Server s = {.head = "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", .drips = true};
    WebReply reply = {0};
    CvkErr err;

    assert_false(ask(&s, (WebRequest){.total_s = 1}, &reply, &err));

    assert_string_equal(err.id, "net.timeout");
    assert_true(web_error_is_transient(&err));
}

static void an_answer_over_the_limit_is_refused_before_it_is_read(void **state) {
    (void)state;
    Server s = {.head = "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", .drips = true};
    WebReply reply = {0};
    CvkErr err;

    assert_false(ask(&s, (WebRequest){.total_s = 60}, &reply, &err));

    assert_string_equal(err.id, "net.big");
    assert_false(web_error_is_transient(&err));
}

static void a_redirect_is_an_answer_and_nothing_more(void **state) {
    (void)state;
    Server s = {.head = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
                        "Content-Length: 0\r\n\r\n"};
    WebReply reply = {0};
    CvkErr err;

    assert_true(ask(&s, (WebRequest){.bearer = "secret"}, &reply, &err));

    assert_int_equal(reply.status, 302);
}

static void short_fields_of_the_header_are_kept(void **state) {
    (void)state;
    Server s = {.head = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nRETRY-AFTER:  7 \r\n"
                        "x-queue-position: 3\t\r\nX-Long: "
                        "0123456789012345678901234567890123456789012345678901234567890"
                        "01234567890123456789\r\n"
                        "Y-Other: 1\r\n\r\n"};
    WebReply reply = {0};
    CvkErr err;

    assert_true(ask(&s, (WebRequest){.total_s = 60}, &reply, &err));

    assert_int_equal(reply.retry_after_s, 7);
    assert_string_equal(web_reply_field(&reply, "X-Queue-Position"), "3");
    assert_null(web_reply_field(&reply, "X-Long"));
    assert_null(web_reply_field(&reply, "Y-Other"));
}

/* What a file that holds "abc" holds after an answer, and whether it was one. */
static bool resume(const char *head, char ret[64], CvkErr *err) {
    Server s = {.head = head};
    WebReply reply = {0};
    FILE *file = tmpfile();
    assert_non_null(file);
    fputs("abc", file);
    bool ok = ask(&s, (WebRequest){.total_s = 60, .file = file, .file_max = 10, .resume = true},
                  &reply, err);
    rewind(file);
    ret[fread(ret, 1, 63, file)] = '\0';
    fclose(file);
    return ok;
}

static void a_download_is_resumed(void **state) {
    (void)state;
    char got[64];
    CvkErr err;

    assert_true(resume("HTTP/1.1 206 Partial Content\r\nContent-Length: 2\r\n"
                       "Content-Range: bytes 3-4/5\r\n\r\nde",
                       got, &err));

    assert_string_equal(got, "abcde");
}

static void an_answer_that_begins_anew_takes_the_place_of_what_there_was(void **state) {
    (void)state;
    char got[64];
    CvkErr err;

    assert_true(resume("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nvwxyz", got, &err));

    assert_string_equal(got, "vwxyz");
}

static void another_part_than_was_asked_for_is_refused(void **state) {
    (void)state;
    char got[64];
    CvkErr err;

    assert_false(resume("HTTP/1.1 206 Partial Content\r\nContent-Length: 2\r\n"
                        "Content-Range: bytes 2-3/5\r\n\r\nde",
                        got, &err));

    assert_string_equal(err.id, "net.range");
    assert_false(web_error_is_transient(&err));
    assert_string_equal(got, "abc");
}

static void what_came_of_an_answer_that_was_cut_is_kept(void **state) {
    (void)state;
    char got[64];
    CvkErr err;

    assert_false(resume("HTTP/1.1 206 Partial Content\r\nContent-Length: 4\r\n"
                        "Content-Range: bytes 3-6/7\r\n\r\nde",
                        got, &err));

    assert_true(web_error_is_transient(&err));
    assert_string_equal(got, "abcde");
}

static void a_resumed_file_has_a_limit_too(void **state) {
    (void)state;
    char got[64];
    CvkErr err;

    assert_false(resume("HTTP/1.1 206 Partial Content\r\nContent-Length: 8\r\n"
                        "Content-Range: bytes 3-10/11\r\n\r\n12345678",
                        got, &err));

    assert_string_equal(err.id, "net.big");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_answer_that_never_ends_is_cut_off),
        TEST(an_answer_over_the_limit_is_refused_before_it_is_read),
        TEST(a_redirect_is_an_answer_and_nothing_more),
        TEST(short_fields_of_the_header_are_kept),
        TEST(a_download_is_resumed),
        TEST(an_answer_that_begins_anew_takes_the_place_of_what_there_was),
        TEST(another_part_than_was_asked_for_is_refused),
        TEST(what_came_of_an_answer_that_was_cut_is_kept),
        TEST(a_resumed_file_has_a_limit_too),
    };
    return cmocka_run_group_tests_name("client/web", tests, NULL, NULL);
}
