// SPDX-License-Identifier: GPL-3.0-or-later
// The state of one end's search.
//
// A tree is one order of the key's bits, cut into blocks of 2^level positions. What is known about it is a
// partition of the positions into aligned intervals with their error parities: a block when its parity was told,
// then always two halves of an interval. So two bit strings hold it: `bound` has a bit where an interval was cut
// (at the start of the right half) and `odd` the parity at each interval's start. The parity of anything larger
// is a sum of these and never needed. A correction finds the interval around a bit in every tree and inverts its
// parity; an interval that becomes odd is searched further, from where it stands.
//
// Answers are parities of the errors that are left when they are given: the correcting end answers for its
// corrected key. All cuts of a message are made before the corrections that follow from them.
#ifndef QW_CASCADE_STATE_H
#define QW_CASCADE_STATE_H
#include "cascade_kernels.h"

enum {
    /// Subset trees that are kept; when more are searched, the oldest is forgotten.
    QW_CASCADE_SUBSET_TREES = 8,
    QW_CASCADE_TREES = QW_CASCADE_PASSES + QW_CASCADE_SUBSET_TREES,
    /// Sections of fewer words are permuted bit by bit; the most that can be.
    QW_CASCADE_TILE = 64,
    QW_CASCADE_UNIFORM = 1024
};

#define QW_NOWHERE UINT32_MAX

/// A stretch of positions that is cut into blocks of one size.
struct section {
    /// First word; a multiple of the block size where blocks are larger than words.
    uint32_t base;
    /// Words with bits of the key.
    uint32_t words;
    /// Bits before the permutation.
    uint32_t bits;
    uint32_t level;
    uint32_t blocks;
    /// 1 when all errors of some groups are in here, so that the last block is inferred.
    uint32_t total_known;
    uint64_t groups;
    /// 1 where bits are permuted one by one; where that table stands among the tree's, in words.
    uint32_t is_short, shuffle;
    /// The position after the last one that may hold a bit of the key.
    uint32_t end;
};

/// What is known of 64 positions. `bound` and `odd` lie apart so that no compiler joins their writes, which would
/// stall the next read of either.
struct cell {
    /// Where the interval before was cut; and the starts of blocks that aren't larger than a word.
    uint64_t bound;
    /// Starts of intervals that are on the list of questions.
    uint64_t asked;
    /// Corrections since the tree was made.
    uint64_t flips;
    uint64_t odd;
};

struct tree {
    /// What is allocated, and its size; the first `secret` bytes depend on the key.
    void *memory;
    size_t bytes, secret;
    /// Words of the position space.
    uint32_t words;
    uint32_t section_count;
    struct section *sections;
    /// 1 when positions are the key's positions under `mask` (the first pass, the subsets).
    uint32_t is_direct;
    /// 1 when the bits before the permutation are the key's, none left out.
    uint32_t is_plain;
    /// Secret: bit i is the parity of this end's bits at the positions before i, when the tree was made.
    uint64_t *prefix;
    struct cell *cells;
    /// Corrections by word, by 64 words, by 4096 words.
    uint64_t *flips[3];
    /// Bits of the key that are in the tree, by word of the key.
    uint64_t *mask;
    /// Words of the key in the order in which they were pushed together, the inverse, and where each one's bits
    /// begin; for each word of the result the number in that order from which its first bit comes.
    uint32_t *order, *place, *rank, *hint;
    uint32_t order_count;
    /// Scales of `flips` that intervals of this tree need.
    uint32_t scales;
    /// The word shuffles: source word and rotation of each word, then target word and rotation.
    uint32_t *from[2], *to[2];
    /// First word and height (from bit 24 on) of each word's tile.
    uint32_t *tile;
    /// The bit shuffles of short sections.
    uint16_t *bit_from, *bit_to;
};

/// An interval that is odd, of which the left half is asked for. Whole words: mixed widths would stall each copy.
struct item {
    /// Start, level (from bit 32 on), tree (from bit 48 on).
    uint64_t place;
    /// Of an interval of two positions in a permuted tree: the bits of the key there.
    uint64_t keys;
};

struct items {
    struct item *list;
    size_t count, capacity;
};

struct qw_cascade {
    struct qw_cascade_settings settings;
    struct qw_cascade_group groups[QW_CASCADE_GROUPS];
    uint32_t group_start[QW_CASCADE_GROUPS + 1];
    const struct qw_cascade_kernels *kernels;
    uint64_t seed;
    uint32_t words;
    uint32_t bits;
    /// Secret: the key, corrected as far as it goes.
    uint64_t *key;
    /// Bits whose value was told or follows: no error is left there. Padding counts as known.
    uint64_t *known;
    /// Bits that were corrected.
    uint64_t *wrong;
    /// Secret while a tree is made.
    uint64_t *scratch[2];
    /// Parity of the errors left in each group, from the end of the first pass on.
    uint64_t totals;
    struct tree trees[QW_CASCADE_TREES];
    uint32_t tree_count;
    uint32_t passes;
    /// The tree whose blocks are asked, or -1.
    int32_t fresh;
    /// Bits that are asked one by one (as starts), and what is asked beside blocks.
    struct items singles, items, next, candidates;
    /// Bits that were found wrong, with their numbers in the key.
    struct items leaves;
    /// Subsets asked now (0 or all of them), how often they were asked, their parities.
    uint32_t subsets_now, subset_bundles, streak;
    uint64_t subset_odd, subset_point, subset_factor;
    /// Trees of subsets made so far, and how often odd subsets were opened since they were asked.
    uint32_t subset_trees, openings;
    /// 1 once the last open bits were asked.
    uint32_t is_closed;
    uint32_t load_group, load_bit;
    int state;
    uint64_t asked, corrected, known_count;
    uint32_t rounds;
};

static inline uint64_t place_of(uint32_t tree, uint32_t level, uint32_t start) {
    return (uint64_t)tree << 48 | (uint64_t)level << 32 | start;
}
static inline uint32_t tree_of(struct item i) { return (uint32_t)(i.place >> 48); }
static inline uint32_t level_of(struct item i) { return (uint32_t)(i.place >> 32) & 0xffff; }
static inline uint32_t start_of(struct item i) { return (uint32_t)i.place; }

static inline uint32_t bit_at(const uint64_t *words, uint32_t index) {
    return (uint32_t)(words[index >> 6] >> (index & 63)) & 1;
}
static inline uint64_t low_mask(uint32_t count) { return count >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << count) - 1; }

static inline uint64_t mix(uint64_t z) {
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/// SplitMix64: nothing that is drawn here is secret.
struct stream {
    uint64_t state;
};
static inline struct stream stream_of(uint64_t seed, uint64_t number) {
    return (struct stream){mix(seed ^ mix(number + 0x9e3779b97f4a7c15u))};
}
static inline uint64_t draw(struct stream *s) { return mix(s->state += 0x9e3779b97f4a7c15u); }

static inline const struct section *section_of(const struct tree *tree, uint32_t position) {
    const struct section *section = tree->sections;
    while (section + 1 < tree->sections + tree->section_count && position >> 6 >= section[1].base) section++;
    return section;
}

/// Memory that isn't zeroed, or NULL; and back, its first `secret` bytes wiped. What was given back is kept for the
/// next search, within limits.
void *qw_cascade_allocate(size_t bytes);
void qw_cascade_release(void *memory, size_t secret);
size_t qw_cascade_capacity(const void *memory);
/// Each 2^level-th bit, level up to 6.
static inline uint64_t block_starts(uint32_t level) {
    static const uint64_t starts[7] = {~(uint64_t)0,       0x5555555555555555, 0x1111111111111111, 0x0101010101010101,
                                       0x0001000100010001, 0x0000000100000001, 1};
    return starts[level];
}

/// Room for `count` more; 0 without memory.
int qw_cascade_reserve(qw_cascade *c, struct items *items, size_t count);
/// Makes a tree of the given sections (base, words, blocks are filled in); returns 0 without memory.
int qw_cascade_make_pass(qw_cascade *c, struct section *sections, uint32_t count, int leaves_out);
/// Makes the tree of subset `number` (all bits outside it where `complement`); returns its number or -1.
int qw_cascade_make_subset(qw_cascade *c, uint32_t number, int complement);
void qw_cascade_free_tree(struct tree *tree);
int qw_cascade_copy_tree(struct tree *to, const struct tree *from);

/// Draws the order of a section, and brings its words (in `data`) into it.
void qw_cascade_draw_order(struct tree *tree, const struct section *s, struct stream *stream);
void qw_cascade_permute(
    const qw_cascade *c, const struct tree *tree, const struct section *s, uint64_t *data, uint64_t *other);

/// Draws up what is asked next.
void qw_cascade_advance(qw_cascade *c);
/// How many blocks of the newest tree are asked.
size_t qw_cascade_fresh(const qw_cascade *c);
/// Bit j: the parity of this end's bits in subset j; and whether `position` is in subset j.
uint64_t qw_cascade_subset_sum(const qw_cascade *c);
uint64_t qw_cascade_subset_column(const qw_cascade *c, uint32_t position);
#endif
