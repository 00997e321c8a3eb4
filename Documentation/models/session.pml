/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The session between two ends that share an enrolled secret, against an attacker who owns the link: HELLO,
 * the messages up to verification, checkpoint 1, length and seed, checkpoint 2, COMMIT, RESUME (protocol.md).
 *
 * Tags are symbols: an end accepts one exactly if the peer once made it over the same name, role, checkpoint and
 * view; the attacker may deliver any that was ever made, at any time, or none. Everything else that an end hears
 * is what he likes: a value is 0 where it is what the peer says, 1 where he changed it. An exchange is named by
 * both ends' fresh numbers; his own is 3.
 *
 * What must hold, in every interleaving of two connections:
 *   - the seed is shown only when both ends have fixed and authenticated the same discussion;
 *   - a block that an end would spend is held by the peer too, under the same name with the same view, and once;
 *   - after RESUME both ends would spend the same blocks.
 *
 * Known-bad variants, each of which must be refuted: -DNO_TAGS (seals are heard, not checked), -DNO_ROLE (a seal
 * doesn't say who made it), -DNO_NAME (nor which exchange), -DEARLY_SEED (the seed before checkpoint 1),
 * -DONE_STEP (spent without the peer's COMMIT). Run all with Scripts/model.
 */

#define I 0
#define R 1
#define CONNECTIONS 2

/* Places of what was said: role, name, then the view. */
#ifdef NO_NAME
#define NAME(n) 0
#else
#define NAME(n) (n)
#endif
#ifdef NO_ROLE
#define WHO(r) 0
#else
#define WHO(r) (r)
#endif
#define FIRST(r, n, v) (WHO(r) * 64 + NAME(n) * 4 + (v))
#define SECOND(r, n, v) (WHO(r) * 128 + NAME(n) * 8 + (v))
#define BLOCK(r, n, v) ((r) * 128 + (n) * 8 + (v))

bool seal1[128];   /* seals of checkpoint 1 that exist */
bool seal2[256];   /* seals of checkpoint 2 */
bool commit[256];  /* sealed COMMITs */
bool held[256];    /* blocks that an end holds, pending or usable */
bool usable[256];  /* blocks that an end would spend */
bool fixed[128];   /* discussions that an end has finished, by role, name and view; no attacker reads this */
byte done = 0;

inline anything(value) { if :: value = 0 :: value = 1 fi }
inline anybody(number) { if :: number = 1 :: number = 2 :: number = 3 fi }

/* The attacker withholds the message, or delivers what passes the check. */
#ifdef NO_TAGS
#define PASSES(condition) (true)
#else
#define PASSES(condition) (condition)
#endif
#define CHECK(condition) if :: PASSES(condition) :: goto over fi

proctype Initiator() {
    byte mine, theirs, name, heard, view, wide, c;
    for (c : 1 .. CONNECTIONS) {
        mine = c;
        anybody(theirs);
        name = mine * 4 + theirs;
        anything(heard);
        view = heard;                       /* bit 1: what she said, as it reached him; bit 0: what he said */
        fixed[I * 64 + name * 4 + view] = true;
#ifdef EARLY_SEED
        assert(fixed[R * 64 + name * 4 + view]);
#endif
        seal1[FIRST(I, name, view)] = true;
        CHECK(seal1[FIRST(R, name, view)]);
#ifndef EARLY_SEED
        assert(fixed[R * 64 + name * 4 + view]);   /* length and seed are shown from here on */
#endif
        wide = view * 2;                    /* bit 0: the seed, as it reached him */
        seal2[SECOND(I, name, wide)] = true;
        CHECK(seal2[SECOND(R, name, wide)]);
        held[BLOCK(I, name, wide)] = true;
        commit[SECOND(I, name, wide)] = true;
#ifndef ONE_STEP
        CHECK(commit[SECOND(R, name, wide)]);
#endif
        assert(!usable[BLOCK(I, name, wide)]);
        assert(held[BLOCK(R, name, wide)]);
        usable[BLOCK(I, name, wide)] = true;
over:   skip
    };
    done++
}

proctype Responder() {
    byte mine, theirs, name, heard, view, wide, c;
    for (c : 1 .. CONNECTIONS) {
        mine = c;
        anybody(theirs);
        name = theirs * 4 + mine;
        anything(heard);
        view = heard * 2;
        fixed[R * 64 + name * 4 + view] = true;
        CHECK(seal1[FIRST(I, name, view)]);
        seal1[FIRST(R, name, view)] = true;
        anything(heard);
        wide = view * 2 + heard;
        CHECK(seal2[SECOND(I, name, wide)]);
        seal2[SECOND(R, name, wide)] = true;
        held[BLOCK(R, name, wide)] = true;
#ifndef ONE_STEP
        CHECK(commit[SECOND(I, name, wide)]);
#endif
        assert(!usable[BLOCK(R, name, wide)]);
        assert(held[BLOCK(I, name, wide)]);
        usable[BLOCK(R, name, wide)] = true;
        commit[SECOND(R, name, wide)] = true;
over:   skip
    };
    done++
}

/* The lists are under tags: he can delay them, not change them. */
proctype Resume() {
    byte k;
    done == 2;
    for (k : 0 .. 127) {
        d_step {
            if
            :: held[k] && !usable[k] -> usable[k] = held[128 + k]; held[k] = held[128 + k]
            :: else
            fi;
            if
            :: held[128 + k] && !usable[128 + k] -> usable[128 + k] = held[k]; held[128 + k] = held[k]
            :: else
            fi;
            assert(usable[k] == usable[128 + k])
        }
    }
}

init { atomic { run Initiator(); run Responder(); run Resume() } }

/* Something must be delivered at all, or everything above holds for nothing: this claim must be refuted. */
#ifdef NOTHING_DELIVERED
ltl nothing { [] !(usable[BLOCK(I, 5, 0)] && usable[BLOCK(R, 5, 0)]) }
#endif
