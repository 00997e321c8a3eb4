// SPDX-License-Identifier: GPL-3.0-or-later
// Makes real libuhd fail on demand: loaded over it with LD_PRELOAD, it calls through and spoils what comes back.
//
// The file that QWAVE_UHD_FAULT names holds one fault as "SERIAL COUNT WHAT VALUE"; a new serial is a new fault, which
// strikes COUNT times. WHAT is the name of a call, which then returns VALUE instead of being made, or one of
//   rx-error, tx-event   the next receptions' or events' code
//   rx-lost              the next receptions tell that packets were lost on their way
//   time-step            the device's clock reads VALUE seconds later
//   send-short           VALUE samples of a burst are taken, no more
//   rx-gain              what the receive gain reads
//   rx-antenna           what the receive antenna reads
//   unlocked             what sensors read: 0
//   interface            the version of the binary interface
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uhd.h>

static struct {
    int serial, left;
    char what[64], value[64];
} fault;

static bool strikes(const char *what) {
    const char *path = getenv("QWAVE_UHD_FAULT");
    FILE *file = path ? fopen(path, "r") : NULL;
    if (!file) return false;
    int serial, count;
    char name[64], value[64];
    int found = fscanf(file, "%d %d %63s %63s", &serial, &count, name, value);
    fclose(file);
    if (found != 4) return false;
    if (serial != fault.serial) {
        fault.serial = serial;
        fault.left = count;
        strcpy(fault.what, name);
        strcpy(fault.value, value);
    }
    if (fault.left <= 0 || strcmp(fault.what, what)) return false;
    fault.left--;
    return true;
}

static long number(void) { return strtol(fault.value, NULL, 0); }

#define REAL(name)                                                    \
    static __typeof__(&name) real;                                    \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

// A call that can be made to return an error instead of being made.
#define FAILS(name, parameters, arguments)                            \
    uhd_error name parameters {                                       \
        REAL(name);                                                   \
        return strikes(#name) ? (uhd_error)number() : real arguments; \
    }

FAILS(uhd_usrp_make, (uhd_usrp_handle * h, const char *args), (h, args))
FAILS(uhd_usrp_set_rx_rate, (uhd_usrp_handle h, double rate, size_t channel), (h, rate, channel))
FAILS(uhd_usrp_set_tx_rate, (uhd_usrp_handle h, double rate, size_t channel), (h, rate, channel))
FAILS(uhd_usrp_set_master_clock_rate, (uhd_usrp_handle h, double rate, size_t board), (h, rate, board))
FAILS(uhd_usrp_set_rx_gain, (uhd_usrp_handle h, double gain, size_t c, const char *name), (h, gain, c, name))
FAILS(uhd_usrp_set_tx_gain, (uhd_usrp_handle h, double gain, size_t c, const char *name), (h, gain, c, name))
FAILS(uhd_usrp_set_tx_antenna, (uhd_usrp_handle h, const char *name, size_t channel), (h, name, channel))
FAILS(uhd_usrp_set_tx_freq, (uhd_usrp_handle h, uhd_tune_request_t *t, size_t channel, uhd_tune_result_t *result),
    (h, t, channel, result))
FAILS(uhd_usrp_set_clock_source, (uhd_usrp_handle h, const char *source, size_t board), (h, source, board))
FAILS(uhd_usrp_get_rx_stream, (uhd_usrp_handle h, uhd_stream_args_t *a, uhd_rx_streamer_handle s), (h, a, s))
FAILS(uhd_usrp_get_tx_stream, (uhd_usrp_handle h, uhd_stream_args_t *a, uhd_tx_streamer_handle s), (h, a, s))
FAILS(uhd_rx_streamer_issue_stream_cmd, (uhd_rx_streamer_handle h, const uhd_stream_cmd_t *c), (h, c))
FAILS(uhd_tx_streamer_recv_async_msg,
    (uhd_tx_streamer_handle h, uhd_async_metadata_handle *md, double timeout, bool *valid), (h, md, timeout, valid))

uhd_error uhd_usrp_get_time_now(uhd_usrp_handle h, size_t board, int64_t *full, double *part) {
    REAL(uhd_usrp_get_time_now);
    if (strikes("uhd_usrp_get_time_now")) return (uhd_error)number();
    uhd_error error = real(h, board, full, part);
    if (strikes("time-step")) *full += number();
    return error;
}

static __thread uhd_rx_metadata_handle spoiled;
static __thread bool lost;

uhd_error uhd_rx_streamer_recv(uhd_rx_streamer_handle h, void **buffers, size_t count, uhd_rx_metadata_handle *md,
    double timeout, bool one_packet, size_t *received) {
    REAL(uhd_rx_streamer_recv);
    if (strikes("uhd_rx_streamer_recv")) return (uhd_error)number();
    spoiled = NULL;
    lost = strikes("rx-lost");
    if (!lost && !strikes("rx-error")) return real(h, buffers, count, md, timeout, one_packet, received);
    spoiled = *md;
    // A device that is silent delivers nothing; one that tells of trouble delivers that in the place of samples.
    uhd_error error = UHD_ERROR_NONE;
    if (lost || number() != UHD_RX_METADATA_ERROR_CODE_TIMEOUT)
        error = real(h, buffers, count, md, timeout, one_packet, received);
    *received = 0;
    return error;
}

uhd_error uhd_rx_metadata_error_code(uhd_rx_metadata_handle h, uhd_rx_metadata_error_code_t *code) {
    REAL(uhd_rx_metadata_error_code);
    if (!spoiled || spoiled != h) return real(h, code);
    *code = lost ? UHD_RX_METADATA_ERROR_CODE_OVERFLOW : (uhd_rx_metadata_error_code_t)number();
    return UHD_ERROR_NONE;
}

uhd_error uhd_rx_metadata_out_of_sequence(uhd_rx_metadata_handle h, bool *value) {
    REAL(uhd_rx_metadata_out_of_sequence);
    uhd_error error = real(h, value);
    if (spoiled && spoiled == h && lost) *value = true;
    return error;
}

uhd_error uhd_async_metadata_event_code(uhd_async_metadata_handle h, uhd_async_metadata_event_code_t *code) {
    REAL(uhd_async_metadata_event_code);
    uhd_error error = real(h, code);
    if (strikes("tx-event")) *code = (uhd_async_metadata_event_code_t)number();
    return error;
}

uhd_error uhd_tx_streamer_send(uhd_tx_streamer_handle h, const void **buffers, size_t count,
    uhd_tx_metadata_handle *md, double timeout, size_t *sent) {
    REAL(uhd_tx_streamer_send);
    if (strikes("uhd_tx_streamer_send")) return (uhd_error)number();
    if (!strikes("send-short")) return real(h, buffers, count, md, timeout, sent);
    *sent = (size_t)number();
    return UHD_ERROR_NONE;
}

uhd_error uhd_usrp_get_rx_gain(uhd_usrp_handle h, size_t channel, const char *name, double *gain) {
    REAL(uhd_usrp_get_rx_gain);
    uhd_error error = real(h, channel, name, gain);
    if (strikes("rx-gain")) *gain = strtod(fault.value, NULL);
    return error;
}

uhd_error uhd_usrp_get_rx_antenna(uhd_usrp_handle h, size_t channel, char *text, size_t size) {
    REAL(uhd_usrp_get_rx_antenna);
    uhd_error error = real(h, channel, text, size);
    if (strikes("rx-antenna")) snprintf(text, size, "%s", fault.value);
    return error;
}

uhd_error uhd_sensor_value_to_bool(uhd_sensor_value_handle h, bool *value) {
    REAL(uhd_sensor_value_to_bool);
    uhd_error error = real(h, value);
    if (strikes("unlocked")) *value = false;
    return error;
}

uhd_error uhd_get_abi_string(char *text, size_t size) {
    REAL(uhd_get_abi_string);
    uhd_error error = real(text, size);
    if (strikes("interface")) snprintf(text, size, "%s", fault.value);
    return error;
}
