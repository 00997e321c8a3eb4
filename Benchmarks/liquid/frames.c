// SPDX-License-Identifier: GPL-3.0-or-later
// liquid-dsp's OFDM frame synchronizer in the test that `qwave bench estimate` gives to ours: one frame in each slot
// of 100,000 samples, at a random place, with a random carrier offset within 50 kHz of 20 MHz and a random phase, in
// white noise. Prints one line: frames sent, frames found, samples per second of processor time in 10⁶.
#include <complex.h>
#include <liquid/liquid.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TONES = 64, GUARD = 16, SYMBOLS = 1, SLOT = 100000, PIECE = 1 << 16, RUNS = 7 };

static unsigned found;
static ofdmframesync synchronizer;

static double processor_time(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static unsigned long long state = 88172645463325252ULL;

static double uniform(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return ((double)(state >> 11) + 0.5) / 9007199254740992.0;
}

static float complex gaussian(double power) {
    const double radius = sqrt(-power * log(uniform())), angle = 2 * M_PI * uniform();
    return (float)(radius * cos(angle)) + _Complex_I * (float)(radius * sin(angle));
}

/// Called with each data symbol; a frame of ours has one, and then the search goes on.
static int symbol_found(float complex *tones, unsigned char *allocation, unsigned count, void *data) {
    (void)tones;
    (void)allocation;
    (void)count;
    (void)data;
    found++;
    return 1;
}

static int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    const double ratio = argc > 1 ? atof(argv[1]) : 20;
    const unsigned frames = argc > 2 ? (unsigned)atoi(argv[2]) : 80;
    if (frames == 0 || frames > 10000) return 64;
    const size_t total = (size_t)frames * SLOT;
    float complex *samples = malloc(total * sizeof *samples);
    if (!samples) return 70;

    unsigned char allocation[TONES];
    ofdmframe_init_default_sctype(TONES, allocation);
    ofdmframegen generator = ofdmframegen_create(TONES, GUARD, 0, allocation);
    enum { LENGTH = TONES + GUARD };
    float complex waveform[(3 + SYMBOLS) * LENGTH], tones[TONES];
    float complex *next = waveform;
    ofdmframegen_write_S0a(generator, next);
    ofdmframegen_write_S0b(generator, next += LENGTH);
    ofdmframegen_write_S1(generator, next += LENGTH);
    for (int symbol = 0; symbol < SYMBOLS; symbol++) {
        for (int tone = 0; tone < TONES; tone++) tones[tone] = uniform() < 0.5 ? -1 : 1;
        ofdmframegen_writesymbol(generator, tones, next += LENGTH);
    }
    const size_t count = sizeof waveform / sizeof *waveform;
    double power = 0;
    for (size_t i = 0; i < count; i++) power += pow(cabsf(waveform[i]), 2) / (double)count;

    for (size_t i = 0; i < total; i++) samples[i] = gaussian(pow(10, -ratio / 10));
    for (unsigned frame = 0; frame < frames; frame++) {
        const size_t start = frame * (size_t)SLOT + (size_t)(uniform() * (double)(SLOT - count));
        const double step = 2 * M_PI * (100e3 * uniform() - 50e3) / 20e6, phase = 2 * M_PI * uniform();
        for (size_t i = 0; i < count; i++) {
            const double angle = phase + step * (double)i;
            samples[start + i] += waveform[i] * (float)(1 / sqrt(power))
                                  * ((float)cos(angle) + _Complex_I * (float)sin(angle));
        }
    }

    double rates[RUNS];
    for (int run = 0; run < RUNS; run++) {
        found = 0;
        synchronizer = ofdmframesync_create(TONES, GUARD, 0, allocation, symbol_found, NULL);
        const double begin = processor_time();
        for (size_t i = 0; i < total; i += PIECE) {
            const size_t left = total - i;
            ofdmframesync_execute(synchronizer, samples + i, (unsigned)(left < PIECE ? left : PIECE));
        }
        rates[run] = (double)total / (processor_time() - begin) / 1e6;
        ofdmframesync_destroy(synchronizer);
    }
    qsort(rates, RUNS, sizeof *rates, by_size);
    printf("%u %u %.1f\n", frames, found, rates[RUNS / 2]);
    ofdmframegen_destroy(generator);
    free(samples);
    return 0;
}
