/*
 * The sender of the UDP benchmarks: datagrams of hbd's protocol at a steady rate, native so that it
 * takes little of the machine. udp_sender.ts compiles and runs it.
 *
 *   udp_sender PORT PER_SECOND COUNT HOSTS FIRST_SEQ [acks]
 *
 * Datagram number i is a beat of host i mod HOSTS with seq FIRST_SEQ + i / HOSTS, so none repeats. All
 * are alike but for digits at fixed places, which are patched. They go out in small bursts, one
 * sendmmsg() each 200 us. After a hiccup the bursts come every 160 us until it has caught up, two at
 * once at most: what the machine did to the sender must not become a flood that fills the receiver's
 * small buffer.
 * With "acks" the ACKs are received on the same socket and counted.
 *
 * Prints: sent COUNT seconds S cpu S ended EPOCH_S acks COUNT last_ack EPOCH_S
 * (seconds: from the first burst to the last, and CPU time of this process).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

enum { BURST = 256, BYTES = 160, ACK_BYTES = 512, STEP_NS = 200000, MIN_STEP_NS = 160000, AT_ONCE_NS = 400000 };
static const double ACK_WAIT_S = 1;

static const char TEMPLATE[] =
    "{\"ID\":\"HTB\",\"name\":\"host-0000000\",\"time\":0000000000.000,\"boot_id\":\"3f2a9c1e\","
    "\"seq\":0000000,\"interval\":300,\"rtt\":0.81}";

static char text[BURST][BYTES], acks_text[BURST][ACK_BYTES];
static struct iovec parts[BURST], ack_parts[BURST];
static struct mmsghdr heads[BURST], ack_heads[BURST];
static long acks;
static double last_ack;

static double clock_s(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static long long monotonic_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void sleep_until(long long ns) {
    struct timespec t = {ns / 1000000000LL, ns % 1000000000LL};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR);
}

static void fail(const char *what) {
    fprintf(stderr, "udp_sender: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void digits(char *at, long long value, int count) {
    while (count-- > 0) {
        at[count] = '0' + value % 10;
        value /= 10;
    }
}

static void count_acks(int fd) {
    for (;;) {
        int n = recvmmsg(fd, ack_heads, BURST, MSG_DONTWAIT, NULL);
        if (n < 0 && errno != EAGAIN && errno != EINTR) fail("recvmmsg");
        if (n <= 0) return;
        for (int i = 0; i < n; i++) {
            if (strncmp(acks_text[i], "{\"ID\":\"ACK\"", 11) == 0) acks++;
        }
        last_ack = clock_s(CLOCK_REALTIME);
    }
}

static int open_socket(int port) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 4 << 20;
    if (fd < 0) fail("socket");
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0) fail("connect");
    return fd;
}

int main(int argc, char **argv) {
    if (argc < 6) {
        fprintf(stderr, "usage: udp_sender PORT PER_SECOND COUNT HOSTS FIRST_SEQ [acks]\n");
        return 2;
    }
    double per_second = atof(argv[2]);
    long count = atol(argv[3]), hosts = atol(argv[4]), first_seq = atol(argv[5]);
    int with_acks = argc > 6, fd = open_socket(atoi(argv[1]));
    int name_at = strstr(TEMPLATE, "host-") - TEMPLATE + 5;
    int time_at = strstr(TEMPLATE, "time\":") - TEMPLATE + 6;
    int seq_at = strstr(TEMPLATE, "seq\":") - TEMPLATE + 5;
    for (int i = 0; i < BURST; i++) {
        memcpy(text[i], TEMPLATE, sizeof TEMPLATE);
        parts[i] = (struct iovec){text[i], sizeof TEMPLATE - 1};
        heads[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
        ack_parts[i] = (struct iovec){acks_text[i], ACK_BYTES};
        ack_heads[i].msg_hdr = (struct msghdr){.msg_iov = &ack_parts[i], .msg_iovlen = 1};
    }
    prctl(PR_SET_TIMERSLACK, 1); /* else sleeps are up to 50 us longer */

    long sent = 0, step = 0;
    long long start = monotonic_ns(), planned = start;
    while (sent < count) {
        long due = (long)(++step * per_second * STEP_NS / 1e9);
        if (due > count) due = count;
        long long ms = (long long)(clock_s(CLOCK_REALTIME) * 1000);
        while (sent < due) {
            int size = due - sent < BURST ? due - sent : BURST;
            for (int i = 0; i < size; i++) {
                digits(text[i] + name_at, (sent + i) % hosts, 7);
                digits(text[i] + time_at, ms / 1000, 10);
                digits(text[i] + time_at + 11, ms % 1000, 3);
                digits(text[i] + seq_at, first_seq + (sent + i) / hosts, 7);
            }
            int n = sendmmsg(fd, heads, size, 0);
            if (n < 0 && errno != EINTR) fail("sendmmsg");
            if (n > 0) sent += n;
        }
        if (with_acks) count_acks(fd);
        if (sent == count) break;
        /* Steps are planned: waking up late by some microseconds each time costs no rate. */
        long long next = start + step * STEP_NS, now = monotonic_ns();
        planned += MIN_STEP_NS;
        if (planned < now - AT_ONCE_NS) planned = now;
        if (planned < next) planned = next;
        if (planned > now) sleep_until(planned);
    }
    double seconds = (monotonic_ns() - start) / 1e9, ended = clock_s(CLOCK_REALTIME);
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double cpu = used.ru_utime.tv_sec + used.ru_utime.tv_usec / 1e6 + used.ru_stime.tv_sec +
                 used.ru_stime.tv_usec / 1e6;

    last_ack = ended;
    while (with_acks && acks < sent && clock_s(CLOCK_REALTIME) - last_ack < ACK_WAIT_S) {
        sleep_until(monotonic_ns() + 1000000);
        count_acks(fd);
    }
    printf("sent %ld seconds %.6f cpu %.6f ended %.6f acks %ld last_ack %.6f\n", sent, seconds, cpu,
           ended, acks, last_ack);
    return 0;
}
