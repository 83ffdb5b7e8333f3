/* A sound card for tests: a JACK client that counts frames on every one of its ports.

   sound_card NAME PORTS        PortAudio lists it as an input device of that name

   It prints "ready RATE PERIOD" when it plays, then obeys lines on standard input, each answered
   by one line: "silence", "sound", "stumble" (leave out one frame), "freewheel", "realtime",
   "stats". It ends with its input, with
   its parent and with its server. */
#define _GNU_SOURCE
#include <jack/jack.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { MAX_PORTS = 64, WRAP = 1 << 24 };

/* frame is the card's own clock and only the process callback moves it: JACK's own frame time can
   go backwards at an xrun. Modulo 2^24 its values are exact in float32. */
typedef struct card {
    jack_client_t *client;
    jack_port_t *ports[MAX_PORTS];
    unsigned port_count;
    uint64_t frame;
    atomic_uint_fast64_t frames;
    atomic_uint xruns;
    atomic_bool silent;
    atomic_uint stumble; /* frames to leave out */
} card;

static int on_process(jack_nframes_t n, void *user) {
    card *c = user;
    c->frame += atomic_exchange(&c->stumble, 0);
    const bool silent = atomic_load_explicit(&c->silent, memory_order_relaxed);
    for (unsigned p = 0; p < c->port_count; p++) {
        float *out = jack_port_get_buffer(c->ports[p], n);
        for (jack_nframes_t i = 0; i < n; i++)
            out[i] = silent ? 0.0f : (float)((c->frame + i) % WRAP);
    }
    c->frame += n;
    atomic_store_explicit(&c->frames, c->frame, memory_order_relaxed);
    return 0;
}

static int on_xrun(void *user) {
    card *c = user;
    atomic_fetch_add(&c->xruns, 1);
    return 0;
}

static void on_latency(jack_latency_callback_mode_t mode, void *user) {
    card *c = user;
    if (mode != JackCaptureLatency) return;
    const jack_nframes_t period = jack_get_buffer_size(c->client);
    jack_latency_range_t range = {period, period};
    for (unsigned p = 0; p < c->port_count; p++)
        jack_port_set_latency_range(c->ports[p], mode, &range);
}

static void on_shutdown(void *user) {
    (void)user;
    _exit(3);
}

static int fail(const char *what) {
    printf("failed: %s\n", what);
    return 1;
}

static int open_card(card *c, const char *name) {
    const char *server = getenv("JACK_DEFAULT_SERVER");
    if (!server) return fail("JACK_DEFAULT_SERVER is not set");
    jack_status_t status;
    c->client = jack_client_open(name, JackServerName | JackNoStartServer | JackUseExactName,
                                 &status, server);
    if (!c->client) return fail("the server does not take the client");
    for (unsigned p = 0; p < c->port_count; p++) {
        char port[32];
        snprintf(port, sizeof port, "capture_%u", p + 1);
        c->ports[p] = jack_port_register(c->client, port, JACK_DEFAULT_AUDIO_TYPE,
                                         JackPortIsOutput | JackPortIsTerminal, 0);
        if (!c->ports[p]) return fail("no port left");
    }
    jack_set_process_callback(c->client, on_process, c);
    jack_set_xrun_callback(c->client, on_xrun, c);
    jack_set_latency_callback(c->client, on_latency, c);
    jack_on_shutdown(c->client, on_shutdown, c);
    return jack_activate(c->client) ? fail("the client does not start") : 0;
}

static void obey(card *c, const char *order) {
    int error = 0;
    if (!strcmp(order, "silence")) {
        atomic_store(&c->silent, true);
    } else if (!strcmp(order, "sound")) {
        atomic_store(&c->silent, false);
    } else if (!strcmp(order, "stumble")) {
        atomic_fetch_add(&c->stumble, 1);
    } else if (!strcmp(order, "freewheel")) {
        error = jack_set_freewheel(c->client, 1);
    } else if (!strcmp(order, "realtime")) {
        error = jack_set_freewheel(c->client, 0);
    } else if (!strcmp(order, "stats")) {
        printf("frames %llu xruns %u\n", (unsigned long long)atomic_load(&c->frames),
               atomic_load(&c->xruns));
        return;
    } else {
        error = 1;
    }
    printf("%s %s\n", error ? "refused" : "done", order);
}

int main(int argc, char **argv) {
    static card c;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setvbuf(stdout, NULL, _IOLBF, 0);
    c.port_count = argc == 3 ? (unsigned)atoi(argv[2]) : 0;
    if (c.port_count < 1 || c.port_count > MAX_PORTS) return fail("usage: sound_card NAME PORTS");
    if (open_card(&c, argv[1])) return 1;
    printf("ready %u %u\n", jack_get_sample_rate(c.client), jack_get_buffer_size(c.client));

    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        obey(&c, line);
    }
    jack_client_close(c.client);
    return 0;
}
