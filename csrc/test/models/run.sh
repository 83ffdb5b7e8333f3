#!/bin/sh
# Checks the models. usage: run.sh FOLDER-FOR-WHAT-IS-BUILT   (from csrc/)
#
# The Relacy models run the product's own C files, taken from src/ and rewritten only so far that
# their atomics become Relacy's. A mutant is one edit of such a file (or of the model's use of it)
# that takes away one thing the protocol needs; it must be caught. An edit that no longer changes
# anything is an error.
set -eu

out=$1
models=test/models
base=$out/base
failures=0
mkdir -p "$base/code" "$base/headers/vocana"

adapt() {
    sed -E 's/_Atomic (uint64_t|bool)/model_atomic/; /^#include <(std|string)/d'
}

section() { # file, first line, line after the last
    sed -n "/$2/,/$3/{/$3/!p}" "$1"
}

function_of() { # file, beginning of its first line
    sed -n "/^$2/,/^}/p" "$1"
}

adapt <src/ring.c >"$base/code/ring.c"
adapt <src/ledger.c >"$base/code/ledger.c"
adapt <src/snapshot.h | sed 's/VO_SNAPSHOT_WORDS = [0-9]*/VO_SNAPSHOT_WORDS = 2/' \
    >"$base/code/snapshot.h"
# The numbers of a gap record become words on which races are seen.
sed -E 's/uint64_t (at|frame|frames);/model_word \1;/; /^#include </d
        s,"(alloc|status).h","vocana/\1.h",' include/vocana/ledger.h >"$base/headers/vocana/ledger.h"
{
    function_of src/tap.c 'bool vo_tap_ended'
    section src/tap.c '--- Waiting' '--- Any thread'
    function_of src/tap_write.c 'static uint64_t queued'
    function_of src/tap_write.c 'static void wake_reader'
    function_of src/tap_write.c 'void vo_tap_end('
} | adapt >"$base/code/wake.c"

build() { # program, model, folder of a mutant's code or none, defines
    program=$1 model=$2 changed=$3
    shift 3
    mkdir -p "$(dirname "$program")"
    "${CXX:-g++}" -std=c++17 -O1 -fpermissive -w -I"$changed" -I"$base" -I"$base/headers" \
        -I"$models" -Iinclude -Isrc "$@" "$models/$model.cpp" -o "$program"
}

# --- What must hold -------------------------------------------------------

holds() { # model, defines, how...
    model=$1 defines=$2
    shift 2
    # shellcheck disable=SC2086
    build "$out/$model" "$model" none $defines
    for how in "$@"; do
        # shellcheck disable=SC2086
        if result=$("$out/$model" $how); then
            echo "models $model ($how; $(echo "$defines" | sed 's/-DMODEL_//g')): holds, $result"
        else
            echo "models $model ($how; $defines): FAILED, $result"
            failures=$((failures + 1))
        fi
    done
}

# --- What must be caught ---------------------------------------------------

caught() { # model, defines, name
    program=$out/mutants/$1
    for how in "bound 2" "bound 3" "random 300000"; do
        # shellcheck disable=SC2086
        result=$("$program" $how) || { echo "caught: $1: $3: ${result#*: } in execution ${result%% *}"; return; }
    done
    echo "models $1: $3: MISSED"
    failures=$((failures + 1))
}

mutant() { # model, defines, name, file, sed script
    rm -rf "$out/mutants/code"
    mkdir -p "$out/mutants/code"
    sed -E "$5" "$base/code/$4" >"$out/mutants/code/$4"
    if cmp -s "$base/code/$4" "$out/mutants/code/$4"; then
        echo "models $1: $3: the edit changes nothing"
        failures=$((failures + 1))
        return
    fi
    # shellcheck disable=SC2086
    build "$out/mutants/$1" "$1" "$out/mutants" $2
    caught "$1" "$2" "$3"
}

misuse() { # model, defines, name, define
    # shellcheck disable=SC2086
    build "$out/mutants/$1" "$1" none $2 "-D$4"
    caught "$1" "$2" "$3"
}

# --- Ring -----------------------------------------------------------------

small='-DMODEL_CAPACITY=2 -DMODEL_CHANNELS=1 -DMODEL_FRAMES=3'
holds ring "$small" full
holds ring '-DMODEL_CAPACITY=2 -DMODEL_CHANNELS=2 -DMODEL_FRAMES=5' 'bound 3' 'random 300000'
holds ring '-DMODEL_CAPACITY=4 -DMODEL_CHANNELS=1 -DMODEL_FRAMES=9' 'bound 3' 'random 300000'

mutant ring "$small" 'head published relaxed' ring.c \
    's/(&ring->head, ring->writer.head, )memory_order_release/\1memory_order_relaxed/'
mutant ring "$small" 'tail published relaxed' ring.c \
    's/(&ring->tail, ring->reader.tail, )memory_order_release/\1memory_order_relaxed/'
mutant ring "$small" 'head observed relaxed' ring.c \
    's/(head_seen = atomic_load_explicit\(&ring->head, )memory_order_acquire/\1memory_order_relaxed/'
mutant ring "$small" 'tail observed relaxed' ring.c \
    's/(tail_seen = atomic_load_explicit\(&ring->tail, )memory_order_acquire/\1memory_order_relaxed/'
mutant ring "$small" 'published before the copy' ring.c \
    '/^uint32_t vo_ring_write/,/^}/{s/^( *)(vo_spans to = .*)/\1\2 publish(ring, n);/; /^    publish\(/d}'
mutant ring "$small" 'given back before the read' ring.c \
    '/^uint32_t vo_ring_read\(/,/^}/{s/^( *)(copy_out.*ring->reader.tail)(.*)/\1give_back(ring, n);\n\1\2 - n\3/
     /^    give_back\(ring, n\);$/d}'

# --- Gap records before frames ----------------------------------------------

three='-DMODEL_FRAMES=3'
holds gaps "$three" 'bound 3' 'random 300000'

misuse gaps "$three" 'frames published before their gap' MUTANT_PUBLISH_BEFORE_RECORD
misuse gaps "$three" 'ledger looked at before the ring' MUTANT_LEDGER_BEFORE_RING
mutant gaps "$three" 'frames published relaxed' ring.c \
    's/(&ring->head, ring->writer.head, )memory_order_release/\1memory_order_relaxed/'
mutant gaps "$three" 'record given back relaxed' ledger.c \
    's/(&ledger->tail, tail \+ 1, )memory_order_release/\1memory_order_relaxed/'
mutant gaps "$three" 'free record observed relaxed' ledger.c \
    's/(&ledger->tail, )memory_order_acquire/\1memory_order_relaxed/'

# --- Waking a sleeping reader -------------------------------------------------

sleepy='-DMODEL_FRAMES=3 -DMODEL_TIMEOUTS=0 -DMODEL_END=0'
holds wake "$sleepy" 'bound 3' 'random 300000'
holds wake '-DMODEL_FRAMES=3 -DMODEL_TIMEOUTS=1 -DMODEL_END=0' 'bound 3' 'random 300000'
holds wake '-DMODEL_FRAMES=3 -DMODEL_TIMEOUTS=0 -DMODEL_END=1' 'bound 3' 'random 300000'

mutant wake "$sleepy" 'writer looks with a plain load' wake.c \
    's/atomic_fetch_or_explicit\(&tap->want, 0, /atomic_load_explicit(\&tap->want, /'
mutant wake "$sleepy" 'reader arms with a plain store' wake.c \
    '/^bool vo_tap_arm/,/^}/s/atomic_exchange_explicit\((.*), memory_order_acq_rel\)/atomic_store_explicit(\1, memory_order_release)/'
mutant wake "$sleepy" 'reader looks before it arms' wake.c \
    '/^bool vo_tap_arm/,/^}/{s/^( *)(atomic_exchange)/\1bool ready = vo_tap_ready(tap, n);\n\1\2/; s/return vo_tap_ready.*/return ready;/}'
mutant wake "$sleepy" 'want is reset by a plain store' wake.c \
    's/atomic_exchange_explicit\(&tap->want, 0, .*\)/atomic_store_explicit(\&tap->want, 0, memory_order_relaxed)/'

# --- Snapshot --------------------------------------------------------------

holds snapshot "$three" 'bound 2' 'random 300000'

mutant snapshot "$three" 'words published relaxed' snapshot.h \
    's/(\[turn & 1\]\[i\], words\[i\], )memory_order_release/\1memory_order_relaxed/'
mutant snapshot "$three" 'words observed relaxed' snapshot.h \
    's/(\[before & 1\]\[i\], )memory_order_acquire/\1memory_order_relaxed/'
mutant snapshot "$three" 'turn published relaxed' snapshot.h \
    's/(&snapshot->turn, turn, )memory_order_release/\1memory_order_relaxed/'
mutant snapshot "$three" 'turn observed relaxed' snapshot.h \
    's/(before = atomic_load_explicit\(&snapshot->turn, )memory_order_acquire/\1memory_order_relaxed/'
mutant snapshot "$three" 'not read again' snapshot.h 's/while \(before != after\)/while (0)/'

# --- Index arithmetic --------------------------------------------------------

spin_model() { # defines: safety (P1, P2), then progress (P3) under weak fairness
    rm -rf "$out/spin"
    mkdir -p "$out/spin"
    cp $models/ring_index.pml "$out/spin/"
    (
        cd "$out/spin"
        spin "-D$1" -a ring_index.pml >spin.log
        "${CC:-gcc}" -O2 -w -DSAFETY -DNOCLAIM pan.c -o safety
        ./safety -m1000000 >safety.log
        grep -q 'errors: 0' safety.log || exit 0
        "${CC:-gcc}" -O2 -w -DNFAIR=3 pan.c -o progress
        ./progress -m1000000 -a -f >progress.log
    )
}

states() {
    grep -hoE '[0-9.e+]+ states, stored' "$out/spin/$1.log" | head -n 1
}

spin_model NO_MUTANT
if grep -q 'errors: 0' "$out/spin/safety.log" && grep -q 'errors: 0' "$out/spin/progress.log"; then
    echo "models ring_index (P1, P2): holds, $(states safety)"
    echo "models ring_index (P3): holds, $(states progress)"
else
    echo "models ring_index: FAILED"
    failures=$((failures + 1))
fi
for mutant in WRAP SPAN ROOM; do
    spin_model "MUTANT_$mutant"
    if why=$(grep -hE '^pan:[0-9]+: (assertion|acceptance)' "$out"/spin/*.log); then
        echo "caught: ring_index: mutant $mutant: ${why#pan:*: }"
    else
        echo "models ring_index: mutant $mutant: MISSED"
        failures=$((failures + 1))
    fi
done

exit $((failures != 0))
