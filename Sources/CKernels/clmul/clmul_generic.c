// SPDX-License-Identifier: GPL-3.0-or-later
// The specification of the carry-less kernels, in constant time on every machine whose integer
// multiplication is: no table, no branch and no address depends on data.
#include "clmul_table.h"

#define QW_TARGET

#include "clmul64_generic.h"
#include "clmul_fields.h"

const struct qw_clmul_table qw_clmul_generic = {products, gf64_horner, gf128_horner, gf128_multiply};
