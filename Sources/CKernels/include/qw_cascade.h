// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef QW_CASCADE_H
#define QW_CASCADE_H
#include <stddef.h>
#include <stdint.h>

/// The core of Cascade: which parities are asked, what the answers say about the errors, and one end's own
/// parities (Brassard and Salvail 1993; the batched search is described in cascade/cascade_state.h).
///
/// What is asked follows from the settings, the seed and the answers alone, so both ends run the same search.
/// Every function but the makers takes any answers, also those of a lying peer.
typedef struct qw_cascade qw_cascade;

enum { QW_CASCADE_PASSES = 20, QW_CASCADE_GROUPS = 64, QW_CASCADE_LEVELS = 24 };

/// Bits of about the same error rate, which get blocks of the same size.
struct qw_cascade_group {
    uint32_t bits;
    /// 1 where the first pass pairs bits, and a later pass takes one bit for both of an even pair.
    uint32_t pairs;
    /// log2 of the block size of each pass, at most QW_CASCADE_LEVELS.
    uint8_t levels[QW_CASCADE_PASSES];
};

struct qw_cascade_settings {
    uint32_t passes;
    uint32_t groups;
    /// Random-subset parities asked at a time once the passes are done, 1 to 64.
    uint32_t tail;
    /// Bundles of these that must be even in a row before the search ends, at least 1.
    uint32_t streak;
    /// How many odd subsets are searched at the same time, at least 1.
    uint32_t parallel;
    /// 1: the complement of an odd subset is searched with it.
    uint32_t complement;
    /// The next pass begins when at most this many blocks are still being searched.
    uint32_t overlap;
    /// Bits that were told are left out of a pass where more than 1/leave_out of all are known.
    uint32_t leave_out;
    /// 1: every order of up to 65,472 bits is drawn bit by bit, to compare with (for tests).
    uint32_t uniform;
    /// Messages each way, and parities, at which the search gives up.
    uint32_t round_limit;
    uint64_t parity_limit;
    /// 1 at the end that corrects its key.
    uint32_t corrects;
};

enum qw_cascade_state {
    QW_CASCADE_ASKING = 0,
    QW_CASCADE_DONE = 1,
    QW_CASCADE_TOO_MANY_PARITIES = 2,
    QW_CASCADE_TOO_MANY_ROUNDS = 3,
    QW_CASCADE_NO_MEMORY = 4
};

/// A search without a key or seed yet; NULL when there is no memory. Levels must not grow from group to group in
/// the first pass. `kernel` is 0 for the fastest kernels or 1 for the generic ones.
qw_cascade *qw_cascade_create(
    const struct qw_cascade_settings *settings, const struct qw_cascade_group *groups, int kernel);
/// A second search in the same state; NULL when there is no memory.
qw_cascade *qw_cascade_copy(const qw_cascade *search);
/// Overwrites everything that depends on the key, and frees.
void qw_cascade_destroy(qw_cascade *search);

/// Appends `count` bits of `words`, from bit `start` on, to the key. Groups are filled one after the other.
void qw_cascade_load(qw_cascade *search, const uint64_t *words, size_t start, size_t count);
/// Draws up the first questions; the key must be complete.
void qw_cascade_begin(qw_cascade *search, uint64_t seed);

int qw_cascade_state(const qw_cascade *search);
/// How many parities are asked now.
size_t qw_cascade_questions(const qw_cascade *search);
/// How many parities were asked so far, those of now included.
uint64_t qw_cascade_asked(const qw_cascade *search);
/// Messages each way so far, the one of now included.
uint32_t qw_cascade_rounds(const qw_cascade *search);
/// Bits corrected so far.
uint64_t qw_cascade_corrected(const qw_cascade *search);

/// Writes this end's parities, parity i in bit (i mod 8) of byte i/8, unused bits zero. At the correcting end
/// they are those of the key as corrected so far.
void qw_cascade_say(qw_cascade *search, uint8_t *parities);
/// Writes where this end's parities differ from `theirs`; unused bits of both are zero.
void qw_cascade_answer(qw_cascade *search, const uint8_t *theirs, uint8_t *errors);
/// Takes the parities of the errors that are left, one for each question, and draws up the next questions.
void qw_cascade_take(qw_cascade *search, const uint8_t *errors);
/// Adds (xor) `count` bits of the key, from where the last call stopped, into zero bits of `words` at `start`.
void qw_cascade_unload(qw_cascade *search, uint64_t *words, size_t start, size_t count);

/// For tests. The key is meant in the order of loading, each group from a position of its own.
///
/// Question `index`: the tree, first position and length; tree -1 for a subset, whose number is then `start`.
void qw_cascade_question(const qw_cascade *search, size_t index, int *tree, uint64_t *start, uint64_t *length);
int qw_cascade_trees(const qw_cascade *search);
/// Positions of a tree; those of tree 0 are the key's.
uint64_t qw_cascade_positions(const qw_cascade *search, int tree);
/// Where group `group` begins in tree 0.
uint64_t qw_cascade_group_start(const qw_cascade *search, uint32_t group);
/// The key's position that stands at `position` of a tree, or -1; and the other way round.
int64_t qw_cascade_key_position(const qw_cascade *search, int tree, uint64_t position);
int64_t qw_cascade_tree_position(const qw_cascade *search, int tree, uint64_t position);
/// The smallest interval around `position` whose parity is known; returns 1 when it holds an odd number of errors,
/// 0 when even, -1 when nothing is known there.
int qw_cascade_interval(
    const qw_cascade *search, int tree, uint64_t position, uint64_t *start, uint64_t *length);
/// 1 when the bit was told or follows by itself.
int qw_cascade_known(const qw_cascade *search, uint64_t position);
/// 1 when the bit was found wrong and corrected.
int qw_cascade_wrong(const qw_cascade *search, uint64_t position);
/// The subsets (bit j: subset j) that a position belongs to.
uint64_t qw_cascade_subsets(const qw_cascade *search, uint64_t position);
/// Bytes that the search holds.
size_t qw_cascade_bytes(const qw_cascade *search);

/// For tests of the kernels. out[i] bit j = parity of all bits before bit j of word i.
void qw_cascade_prefix(int kernel, uint64_t *out, const uint64_t *in, size_t count);
/// Transposes 64 x 64 bits.
void qw_cascade_transpose(int kernel, uint64_t *tile);
/// The bits of `word` under `mask`, pushed together.
uint64_t qw_cascade_squeeze(int kernel, uint64_t word, uint64_t mask);
/// 1 when this machine has kernels beside the generic ones.
int qw_cascade_accelerated(void);
#endif
