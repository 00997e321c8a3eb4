// SPDX-License-Identifier: GPL-3.0-or-later
// Placeholder: removed by the first file of this room.
