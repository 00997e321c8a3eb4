// SPDX-License-Identifier: GPL-3.0-or-later
#include <fftw3.h>

/// The name and version of the single-precision library that is linked: an array of unknown length, which Swift
/// can't import by itself.
static inline const char *qw_fftwf_version(void) { return fftwf_version; }
