;; Loops over rows that have keys. `grouping.py` calls them, as `kernel.py` does those of
;; `kernel.wat`: what is said there holds here too. All places are offsets in the memory.
(module
  (import "errlog" "memory" (memory 1))

  ;; The kind of key of each of $rows rows (i64 at $keys): i32 at $kinds, from 0 in the order in which
  ;; they come first; and the first row of each kind: i32 at $firsts. $slots (2**$bits of i32, at
  ;; least one more than there are rows, all 0 before and after) hold a kind and 1. Gives how many
  ;; kinds there are.
  (func $kinds
    (param $keys i32) (param $rows i32) (param $kinds i32) (param $firsts i32) (param $slots i32)
    (param $bits i32) (result i32)
    (local $row i32) (local $slot i32) (local $kind i32) (local $count i32) (local $last i32)
    (local $shift i64) (local $key i64)
    (local.set $shift (i64.extend_i32_u (i32.sub (i32.const 64) (local.get $bits))))
    (local.set $last (i32.sub (i32.shl (i32.const 1) (local.get $bits)) (i32.const 1)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $row) (local.get $rows)))
        (local.set $key
          (i64.load (i32.add (local.get $keys) (i32.shl (local.get $row) (i32.const 3)))))
        (local.set $slot
          (i32.wrap_i64
            (i64.shr_u
              (i64.mul (local.get $key) (i64.const 0x9E3779B97F4A7C15)) (local.get $shift))))
        (block $found
          (loop $probe
            (local.set $kind
              (i32.load (i32.add (local.get $slots) (i32.shl (local.get $slot) (i32.const 2)))))
            (if (i32.eqz (local.get $kind))
              (then
                (i32.store
                  (i32.add (local.get $firsts) (i32.shl (local.get $count) (i32.const 2)))
                  (local.get $row))
                (local.set $count (i32.add (local.get $count) (i32.const 1)))
                (local.set $kind (local.get $count))
                (i32.store
                  (i32.add (local.get $slots) (i32.shl (local.get $slot) (i32.const 2)))
                  (local.get $kind))
                (br $found)))
            (br_if $found
              (i64.eq (local.get $key)
                (i64.load
                  (i32.add (local.get $keys)
                    (i32.shl
                      (i32.load
                        (i32.sub
                          (i32.add (local.get $firsts) (i32.shl (local.get $kind) (i32.const 2)))
                          (i32.const 4)))
                      (i32.const 3))))))
            (local.set $slot
              (i32.and (local.get $last) (i32.add (local.get $slot) (i32.const 1))))
            (br $probe)))
        (i32.store (i32.add (local.get $kinds) (i32.shl (local.get $row) (i32.const 2)))
          (i32.sub (local.get $kind) (i32.const 1)))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $next)))
    (memory.fill
      (local.get $slots) (i32.const 0) (i32.shl (i32.const 4) (local.get $bits)))
    (local.get $count))

  ;; Whether some row may end a stretch that is longer than $least, with a wait longer than $half and
  ;; shorter than $never. Of each row: its key (i64 at $keys, 0 for a row that does not count), time
  ;; (i64 at $us, the least number there is for one that does not count) and writer (i32 at $writers);
  ;; of each writer what it is (i64 at $marks): 1 that its rows begin a stretch in any case, 2 that it
  ;; is of side 1, and above that the thread of one that is. Messages, what these tell, and where a
  ;; thread talks on are as for `$stretches`. What is known of $many keys before comes first: 40 bytes
  ;; for each at $states (its key, the time of its last row, the least time of what goes on, and what
  ;; wrote that row: i64 each; 1 if there was such a wait, 2 if one is before the last row, which counts
  ;; unless that one's thread talks on, 4 if it may end a long stretch then; and 0: i32 each).
  ;;
  ;; Leaves the same of all keys there, with the number of the last row, and 1, instead of 0 for those
  ;; that have rows here; and how many they are, at the beginning of the memory. $slots are as `$kinds`
  ;; needs them for all.
  (func $pauses
    (param $keys i32) (param $us i32) (param $writers i32) (param $messages i32)
    (param $marks i32) (param $tells i32) (param $rows i32) (param $states i32) (param $many i32)
    (param $slots i32) (param $bits i32) (param $least i64) (param $half i64) (param $never i64)
    (param $tell i64) (param $talks i32) (result i32)
    (local $row i32) (local $known i32) (local $slot i32) (local $state i32) (local $last i32)
    (local $long i32) (local $waited i32) (local $before i32)
    (local $shift i64) (local $key i64) (local $time i64) (local $since i64) (local $mark i64)
    (local $other i64)
    (local.set $shift (i64.extend_i32_u (i32.sub (i32.const 64) (local.get $bits))))
    (local.set $last (i32.sub (i32.shl (i32.const 1) (local.get $bits)) (i32.const 1)))
    (local.set $half (i64.add (local.get $half) (i64.const 1)))
    (local.set $never (i64.sub (local.get $never) (local.get $half)))
    ;; The keys of before have the first turns, then the rows.
    (local.set $row (i32.sub (i32.const 0) (local.get $many)))
    (local.set $many (i32.const 0))
    (block $done
      (loop $next
        (br_if $done (i32.ge_s (local.get $row) (local.get $rows)))
        (block $none
          (local.set $known (i32.lt_s (local.get $row) (i32.const 0)))
          (if (local.get $known)
            (then
              (local.set $key
                (i64.load
                  (i32.add (local.get $states) (i32.mul (local.get $many) (i32.const 40))))))
            (else
              (local.set $key
                (i64.load (i32.add (local.get $keys) (i32.shl (local.get $row) (i32.const 3)))))
              (local.set $time
                (i64.load (i32.add (local.get $us) (i32.shl (local.get $row) (i32.const 3)))))
              (br_if $none (i64.eqz (local.get $key)))
              (br_if $none (i64.eq (local.get $time) (i64.const 0x8000000000000000)))
              (local.set $mark
                (i64.load
                  (i32.add (local.get $marks)
                    (i32.shl
                      (i32.load
                        (i32.add (local.get $writers)
                          (i32.shl (local.get $row) (i32.const 2))))
                      (i32.const 3)))))))
          (local.set $slot
            (i32.wrap_i64
              (i64.shr_u
                (i64.mul (local.get $key) (i64.const 0x9E3779B97F4A7C15)) (local.get $shift))))
          (block $begun
            (loop $probe
              (local.set $state
                (i32.load
                  (i32.add (local.get $slots) (i32.shl (local.get $slot) (i32.const 2)))))
              (if (i32.eqz (local.get $state))
                (then
                  (local.set $state
                    (i32.add (local.get $states) (i32.mul (local.get $many) (i32.const 40))))
                  (i32.store
                    (i32.add (local.get $slots) (i32.shl (local.get $slot) (i32.const 2)))
                    (local.get $state))
                  (local.set $many (i32.add (local.get $many) (i32.const 1)))
                  (br_if $none (local.get $known))
                  (i64.store (local.get $state) (local.get $key))
                  (br $begun)))
              (if (i64.ne (local.get $key) (i64.load (local.get $state)))
                (then
                  (local.set $slot
                    (i32.and (local.get $last) (i32.add (local.get $slot) (i32.const 1))))
                  (br $probe))))
            (local.set $other
              (i64.xor (local.get $mark) (i64.load offset=24 (local.get $state))))
            (local.set $waited (i32.load offset=32 (local.get $state)))
            ;; The wait before the last row counts, unless its thread talks on.
            (if (i32.and (local.get $waited) (i32.const 2))
              (then
                (local.set $before
                  (i32.sub (i32.load offset=36 (local.get $state)) (i32.const 1)))
                (if (i32.and
                      (i32.and
                        (i64.lt_u (local.get $other) (i64.const 2))
                        (i64.ne (i64.and (local.get $mark) (i64.const 2)) (i64.const 0)))
                      (i32.and
                        (call $bit
                          (local.get $tells) (local.get $messages) (local.get $row)
                          (local.get $tell) (local.get $talks))
                        (call $bit
                          (local.get $tells) (local.get $messages) (local.get $before)
                          (local.get $tell) (local.get $talks))))
                  (then
                    (local.set $waited (i32.and (local.get $waited) (i32.const 1))))
                  (else
                    (local.set $long
                      (i32.or (local.get $long)
                        (i32.shr_u (local.get $waited) (i32.const 2))))
                    (local.set $waited (i32.const 1))))))
            (br_if $begun (i32.wrap_i64 (i64.and (local.get $mark) (i64.const 1))))
            ;; Another thread of side 1, but not at the first row here.
            (br_if $begun
              (i32.and
                (i32.and
                  (i64.gt_u (local.get $other) (i64.const 3))
                  (i64.eqz (i64.and (local.get $other) (i64.const 2))))
                (i32.ne (i32.load offset=36 (local.get $state)) (i32.const 0))))
            (if (i64.lt_u
                  (i64.sub
                    (i64.sub (local.get $time) (i64.load offset=8 (local.get $state)))
                    (local.get $half))
                  (local.get $never))
              (then
                (if (i32.wrap_i64 (i64.and (local.get $other) (i64.const 2)))
                  ;; One between a row before and the first here counts in any case.
                  (then
                    (local.set $waited
                      (i32.or (local.get $waited)
                        (select (i32.const 2) (i32.const 1)
                          (i32.load offset=36 (local.get $state)))))))))
            (local.set $since (i64.load offset=16 (local.get $state)))
            (if (i64.lt_s (local.get $time) (local.get $since))
              (then (i64.store offset=16 (local.get $state) (local.get $time))))
            (if (i32.and
                  (i32.ne (local.get $waited) (i32.const 0))
                  (i64.gt_s (i64.sub (local.get $time) (local.get $since)) (local.get $least)))
              (then
                (local.set $long
                  (i32.or (local.get $long) (i32.and (local.get $waited) (i32.const 1))))
                (local.set $waited
                  (i32.or (local.get $waited)
                    (i32.shl (i32.and (local.get $waited) (i32.const 2)) (i32.const 1))))))
            (i32.store offset=32 (local.get $state) (local.get $waited))
            (i64.store offset=8 (local.get $state) (local.get $time))
            (i64.store offset=24 (local.get $state) (local.get $mark))
            (i32.store offset=36 (local.get $state)
              (i32.add (local.get $row) (i32.const 1)))
            (br $none))
          (i64.store offset=8 (local.get $state) (local.get $time))
          (i64.store offset=16 (local.get $state) (local.get $time))
          (i64.store offset=24 (local.get $state) (local.get $mark))
          (i32.store offset=32 (local.get $state) (i32.const 0))
          (i32.store offset=36 (local.get $state) (i32.add (local.get $row) (i32.const 1))))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $next)))
    (memory.fill
      (local.get $slots) (i32.const 0) (i32.shl (i32.const 4) (local.get $bits)))
    (i32.store (i32.const 0) (local.get $many))
    (local.get $long))

  ;; Stretches of each key's rows, as `logtool/reports/counted/stretches.py` tells. Of each row: its key
  ;; (i64 at $keys, 0 for a row that does not count), time (i64 at $us, the least number there is for
  ;; one that does not count), writer and message (i32 at $writers and $messages). Of each writer: side
  ;; and thread (i64 at $sides and $threads; threads of side 1 count), and whether its rows begin a
  ;; stretch (i8 at $begins); of each message what it tells (i64 at $tells: from bit $shift on five
  ;; bits are the number of a bit in $talks). A wait above $half before a row counts
  ;; nothing if both it and the next of its key are of side 1, of one thread and talk; none of $never
  ;; counts, nor a longer one.
  ;;
  ;; Leaves the stretch of each row (i32 at $of_rows, -1 for none), 32 bytes for each of them at
  ;; $stretches (when it begins and ends, and its longest wait: i64 each; the side of its last row
  ;; and its first row: i32 each), and for each kind of key (see `$kinds`) 48 bytes at $states (the
  ;; time, thread and wait of its last row: i64 each; that row, its stretch, the first one, or -1,
  ;; whether that goes on, and the side it begins with, and nothing: i32 each). Gives how many
  ;; kinds there are.
  (func $stretches
    (param $keys i32) (param $us i32) (param $writers i32) (param $messages i32)
    (param $sides i32) (param $threads i32) (param $begins i32) (param $tells i32)
    (param $rows i32) (param $kinds i32) (param $firsts i32) (param $slots i32)
    (param $bits i32) (param $of_rows i32) (param $stretches i32) (param $states i32)
    (param $half i64) (param $never i64) (param $shift i64) (param $talks i32) (result i32)
    (local $row i32) (local $state i32) (local $stretch i32) (local $count i32) (local $many i32)
    (local $begins_one i32) (local $before i32) (local $writer i32) (local $at i32) (local $one i32)
    (local $time i64) (local $wait i64) (local $side i64) (local $thread i64)
    (local.set $many
      (call $kinds
        (local.get $keys) (local.get $rows) (local.get $kinds) (local.get $firsts)
        (local.get $slots) (local.get $bits)))
    ;; All bits: no stretch yet, for all kinds.
    (memory.fill
      (local.get $states) (i32.const 255) (i32.mul (local.get $many) (i32.const 48)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $row) (local.get $rows)))
        (local.set $at (i32.shl (local.get $row) (i32.const 3)))
        (local.set $stretch (i32.const -1))
        (local.set $time (i64.load (i32.add (local.get $us) (local.get $at))))
        (if (i32.and
              (i64.ne (i64.load (i32.add (local.get $keys) (local.get $at))) (i64.const 0))
              (i64.ne (local.get $time) (i64.const 0x8000000000000000)))
          (then
            (local.set $state
              (i32.add (local.get $states)
                (i32.mul (i32.const 48)
                  (i32.load
                    (i32.add (local.get $kinds) (i32.shl (local.get $row) (i32.const 2)))))))
            (local.set $writer
              (i32.load
                (i32.add (local.get $writers) (i32.shl (local.get $row) (i32.const 2)))))
            (local.set $at (i32.shl (local.get $writer) (i32.const 3)))
            (local.set $side (i64.load (i32.add (local.get $sides) (local.get $at))))
            (local.set $thread (i64.const 0))
            (if (i64.eq (local.get $side) (i64.const 1))
              (then
                (local.set $thread (i64.load (i32.add (local.get $threads) (local.get $at))))))
            (local.set $begins_one
              (i32.load8_u (i32.add (local.get $begins) (local.get $writer))))
            (local.set $wait (i64.const 0))
            (local.set $before (i32.load offset=24 (local.get $state)))
            (if (i32.eq (local.get $before) (i32.const -1))
              (then
                (i32.store offset=32 (local.get $state) (local.get $count))
                (i32.store offset=36 (local.get $state) (i32.eqz (local.get $begins_one)))
                (i32.store offset=40 (local.get $state) (i32.wrap_i64 (local.get $side)))
                (local.set $begins_one (i32.const 1)))
              (else
                (call $settle
                  (local.get $state) (local.get $stretches)
                  (if (result i32)
                    (i32.and
                      (i64.gt_s (i64.load offset=16 (local.get $state)) (local.get $half))
                      (i32.and
                        (i64.ne (local.get $thread) (i64.const 0))
                        (i64.eq (local.get $thread) (i64.load offset=8 (local.get $state)))))
                    (then
                      (i32.and
                        (call $bit
                          (local.get $tells) (local.get $messages) (local.get $row)
                          (local.get $shift) (local.get $talks))
                        (call $bit
                          (local.get $tells) (local.get $messages) (local.get $before)
                          (local.get $shift) (local.get $talks))))
                    (else (i32.const 0))))
                (local.set $wait
                  (i64.sub (local.get $time) (i64.load (local.get $state))))
                (if (i32.or
                      (i64.ge_u (i64.sub (local.get $wait) (i64.const 1))
                        (i64.sub (local.get $never) (i64.const 1)))
                      (i64.eq (local.get $side)
                        (i64.load
                          (i32.add (local.get $sides)
                            (i32.shl
                              (i32.load
                                (i32.add (local.get $writers)
                                  (i32.shl (local.get $before) (i32.const 2))))
                              (i32.const 3))))))
                  (then (local.set $wait (i64.const 0))))
                ;; Another thread of side 1.
                (local.set $begins_one
                  (i32.or (local.get $begins_one)
                    (i32.and
                      (i64.ne (local.get $thread) (i64.load offset=8 (local.get $state)))
                      (i32.and
                        (i64.ne (local.get $thread) (i64.const 0))
                        (i64.ne (i64.load offset=8 (local.get $state)) (i64.const 0))))))))
            (if (local.get $begins_one)
              (then
                (local.set $wait (i64.const 0))
                (local.set $stretch (local.get $count))
                (local.set $count (i32.add (local.get $count) (i32.const 1)))
                (local.set $one
                  (i32.add (local.get $stretches) (i32.shl (local.get $stretch) (i32.const 5))))
                (i64.store (local.get $one) (local.get $time))
                (i64.store offset=16 (local.get $one) (i64.const 0))
                (i32.store offset=28 (local.get $one) (local.get $row)))
              (else
                (local.set $stretch (i32.load offset=28 (local.get $state)))
                (local.set $one
                  (i32.add (local.get $stretches)
                    (i32.shl (local.get $stretch) (i32.const 5))))))
            (i64.store offset=8 (local.get $one) (local.get $time))
            (i32.store offset=24 (local.get $one) (i32.wrap_i64 (local.get $side)))
            (i64.store (local.get $state) (local.get $time))
            (i64.store offset=8 (local.get $state) (local.get $thread))
            (i64.store offset=16 (local.get $state) (local.get $wait))
            (i32.store offset=24 (local.get $state) (local.get $row))
            (i32.store offset=28 (local.get $state) (local.get $stretch))))
        (i32.store (i32.add (local.get $of_rows) (i32.shl (local.get $row) (i32.const 2)))
          (local.get $stretch))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $next)))
    ;; The waits before the last rows.
    (local.set $row (i32.const 0))
    (local.set $state (local.get $states))
    (block $settled
      (loop $next
        (br_if $settled (i32.ge_u (local.get $row) (local.get $many)))
        (if (i32.ne (i32.load offset=24 (local.get $state)) (i32.const -1))
          (then
            (call $settle (local.get $state) (local.get $stretches) (i32.const 0))))
        (local.set $state (i32.add (local.get $state) (i32.const 48)))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $next)))
    (i32.store (i32.const 0) (local.get $count))
    (local.get $many))

  ;; Let the wait before the last row of a key count, if it does.
  (func $settle (param $state i32) (param $stretches i32) (param $not i32)
    (local $wait i64)
    (local.set $wait (i64.load offset=16 (local.get $state)))
    (local.set $stretches
      (i32.add (local.get $stretches)
        (i32.shl (i32.load offset=28 (local.get $state)) (i32.const 5))))
    (if (i32.and
          (i64.gt_s (local.get $wait) (i64.load offset=16 (local.get $stretches)))
          (i32.eqz (local.get $not)))
      (then (i64.store offset=16 (local.get $stretches) (local.get $wait)))))

  ;; Whether what the message of a row tells is one of some numbers.
  (func $bit
    (param $tells i32) (param $messages i32) (param $row i32) (param $shift i64) (param $bits i32)
    (result i32)
    (i32.and (i32.const 1)
      (i32.shr_u (local.get $bits)
        (i32.and (i32.const 31)
          (i32.wrap_i64
            (i64.shr_u
              (i64.load
                (i32.add (local.get $tells)
                  (i32.shl
                    (i32.load
                      (i32.add (local.get $messages) (i32.shl (local.get $row) (i32.const 2))))
                    (i32.const 3))))
              (local.get $shift)))))))

  ;; Where the event of each row begins, as `logtool/events/joining.py` tells. Of each row: its stream
  ;; (i64 at $keys), kind (i8 below 32 at $looks), what else it says (i8 at $says: 1 that it may end a
  ;; stack without a head, 2 that text follows, 4 that it must be near the one before), its time and
  ;; its line (i64 at $us and $lines). $rules are of each kind (i32 each) with which kinds before it
  ;; a row is joined, a bit for each, and what it is itself: 1 it raises, 2 it is a head of those
  ;; that are sure, 4 an anchor, 8 of a stack, 16 a last line, 32 text, 64 talk, 128 a header, 256
  ;; blank, 512 a link, 1024 any head, 2048 a stack may end with it, 4096 a last line may follow it.
  ;;
  ;; Leaves the row that the event of each begins with: i32 at $starts. Needs 8 bytes for each row at
  ;; $own and 4 for each stream at $states. For the others see `$kinds`. Gives how many streams there
  ;; are.
  (func $events
    (param $keys i32) (param $rows i32) (param $kinds i32) (param $firsts i32) (param $slots i32)
    (param $bits i32) (param $looks i32) (param $says i32) (param $us i32) (param $lines i32)
    (param $rules i32) (param $head_gap i64) (param $text_gap i64) (param $gap i64)
    (param $near i64) (param $starts i32) (param $own i32) (param $states i32) (result i32)
    (local $many i32) (local $row i32) (local $state i32) (local $last i32) (local $at i32)
    (local $is i32) (local $rule i32) (local $was i32) (local $say i32) (local $knows i32)
    (local $grown i32) (local $changed i32) (local $between i64)
    (local.set $many
      (call $kinds
        (local.get $keys) (local.get $rows) (local.get $kinds) (local.get $firsts)
        (local.get $slots) (local.get $bits)))
    ;; Of each row, i16: 1, 2, 4 and 8 as its kind tells; 16 it is joined, 32 it is a last line in a
    ;; run that raises, 64 in any, 128 text that follows at once, 256 such talk, 512 text follows.
    ;; Then, i8, whether a link is before it, and, i32, the row before it.
    (memory.fill
      (local.get $states) (i32.const 255) (i32.shl (local.get $many) (i32.const 2)))
    (local.set $at (local.get $own))
    (block $paired
      (loop $next
        (br_if $paired (i32.ge_u (local.get $row) (local.get $rows)))
        (local.set $state
          (i32.add (local.get $states)
            (i32.shl
              (i32.load (i32.add (local.get $kinds) (i32.shl (local.get $row) (i32.const 2))))
              (i32.const 2))))
        (local.set $last (i32.load (local.get $state)))
        (i32.store (local.get $state) (local.get $row))
        (local.set $rule
          (i32.add (local.get $rules)
            (i32.shl
              (i32.load8_u (i32.add (local.get $looks) (local.get $row))) (i32.const 3))))
        (local.set $is (i32.load offset=4 (local.get $rule)))
        (local.set $say (i32.load8_u (i32.add (local.get $says) (local.get $row))))
        (local.set $knows
          (i32.or
            (i32.and (local.get $is) (i32.const 15))
            (i32.shl (i32.and (local.get $say) (i32.const 2)) (i32.const 8))))
        (local.set $was (i32.const 0))
        (block $alone
          (br_if $alone (i32.eq (local.get $last) (i32.const -1)))
          (br_if $alone
            (i32.and
              (i32.shr_u (local.get $say) (i32.const 2))
              (i64.gt_s
                (i64.sub
                  (i64.load
                    (i32.add (local.get $lines) (i32.shl (local.get $row) (i32.const 3))))
                  (i64.load
                    (i32.add (local.get $lines) (i32.shl (local.get $last) (i32.const 3)))))
                (local.get $near))))
          (local.set $state (i32.load8_u (i32.add (local.get $looks) (local.get $last))))
          (local.set $was
            (i32.load offset=4
              (i32.add (local.get $rules) (i32.shl (local.get $state) (i32.const 3)))))
          (local.set $between
            (i64.sub
              (i64.load (i32.add (local.get $us) (i32.shl (local.get $row) (i32.const 3))))
              (i64.load (i32.add (local.get $us) (i32.shl (local.get $last) (i32.const 3))))))
          (if (i64.lt_s (local.get $between) (i64.const 0))
            (then (local.set $between (i64.sub (i64.const 0) (local.get $between)))))
          (br_if $alone (i64.gt_s (local.get $between) (local.get $gap)))
          ;; 32 from 2048, 64 from that and what it says, 128 and 256 from 32 and 64.
          (if (i32.and (local.get $is) (i32.const 16))
            (then
              (local.set $changed
                (i32.and (i32.const 1) (i32.shr_u (local.get $was) (i32.const 11))))
              (local.set $knows
                (i32.or (local.get $knows)
                  (i32.or
                    (i32.shl (local.get $changed) (i32.const 5))
                    (i32.shl
                      (i32.or
                        (i32.and (local.get $changed) (local.get $say))
                        (i32.and
                          (i32.shr_u (local.get $was) (i32.const 12))
                          (i64.le_s (local.get $between) (local.get $head_gap))))
                      (i32.const 6)))))))
          (if (i64.le_s (local.get $between) (local.get $text_gap))
            (then
              (local.set $knows
                (i32.or (local.get $knows)
                  (i32.shl (i32.and (local.get $is) (i32.const 96)) (i32.const 2))))))
          (br_if $alone
            (i32.and
              (i64.gt_s (local.get $between) (local.get $head_gap))
              (i32.and (i32.const 1) (i32.shr_u (local.get $was) (i32.const 10)))))
          (local.set $knows
            (i32.or (local.get $knows)
              (i32.shl
                (i32.and (i32.const 1)
                  (i32.or
                    (i32.shr_u (i32.load (local.get $rule)) (local.get $state))
                    (i32.and
                      (i32.shr_u (local.get $is) (i32.const 7))
                      (i32.and
                        (i32.shr_u (local.get $was) (i32.const 8))
                        (i32.load8_u offset=2
                          (i32.add (local.get $own)
                            (i32.shl (local.get $last) (i32.const 3))))))))
                (i32.const 4)))))
        (i32.store16 (local.get $at) (local.get $knows))
        (i32.store8 offset=2 (local.get $at)
          (i32.and (i32.const 1) (i32.shr_u (local.get $was) (i32.const 9))))
        (i32.store offset=4 (local.get $at) (local.get $last))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $next)))
    ;; Again and again, until no row is joined any more. Of each stream: 1 the run so far raises,
    ;; 2 it has a head, 4 its last anchor can be trusted, 8 text follows that.
    (loop $again
      (local.set $changed (i32.const 0))
      (memory.fill
        (local.get $states) (i32.const 0) (i32.shl (local.get $many) (i32.const 2)))
      (local.set $row (i32.const 0))
      (local.set $at (local.get $own))
      (block $all
        (loop $next
          (br_if $all (i32.ge_u (local.get $row) (local.get $rows)))
          (local.set $state
            (i32.add (local.get $states)
              (i32.shl
                (i32.load (i32.add (local.get $kinds) (i32.shl (local.get $row) (i32.const 2))))
                (i32.const 2))))
          (local.set $say (i32.load (local.get $state)))
          (local.set $knows (i32.load16_u (local.get $at)))
          ;; Joined so far, and whether it is a last line.
          (local.set $was (i32.and (i32.const 1) (i32.shr_u (local.get $knows) (i32.const 4))))
          (local.set $is
            (i32.and (i32.const 1)
              (i32.or
                (i32.shr_u (local.get $knows) (i32.const 6))
                (i32.and (local.get $say) (i32.shr_u (local.get $knows) (i32.const 5))))))
          (local.set $grown (i32.or (local.get $was) (local.get $is)))
          ;; A run that begins here knows nothing of what is before it.
          (local.set $say
            (i32.or
              (i32.and (local.get $knows) (i32.const 3))
              (i32.and (local.get $say)
                (i32.or (i32.const 12)
                  (i32.or (local.get $was) (i32.shl (local.get $grown) (i32.const 1)))))))
          (if (i32.or (local.get $is) (i32.and (local.get $knows) (i32.const 4)))
            (then
              (local.set $say
                (i32.or
                  (i32.and (local.get $say) (i32.const 3))
                  (i32.or (i32.const 8)
                    (i32.and (i32.const 4)
                      (i32.or
                        (i32.shl (local.get $say) (i32.const 1))
                        (i32.shr_u (local.get $knows) (i32.const 7))))))))
            (else
              (if (i32.eqz
                    (i32.and (i32.const 1)
                      (i32.or
                        (i32.shr_u (local.get $knows) (i32.const 7))
                        (i32.and
                          (i32.shr_u (local.get $knows) (i32.const 8))
                          (i32.shr_u (local.get $say) (i32.const 2))))))
                (then (local.set $say (i32.and (local.get $say) (i32.const 7)))))
              (local.set $grown
                (i32.or (local.get $grown) (i32.shr_u (local.get $say) (i32.const 3))))))
          (i32.store (local.get $state) (local.get $say))
          (if (i32.ne (local.get $grown) (local.get $was))
            (then
              (local.set $changed (i32.const 1))
              (i32.store16 (local.get $at) (i32.or (local.get $knows) (i32.const 16)))))
          (local.set $at (i32.add (local.get $at) (i32.const 8)))
          (local.set $row (i32.add (local.get $row) (i32.const 1)))
          (br $next)))
      (br_if $again (local.get $changed)))
    ;; Runs, and which of them hold a stack (8, in what is known of their first row).
    (local.set $row (i32.const 0))
    (local.set $at (local.get $own))
    (block $run
      (loop $next
        (br_if $run (i32.ge_u (local.get $row) (local.get $rows)))
        (local.set $last (local.get $row))
        (local.set $knows (i32.load16_u (local.get $at)))
        (if (i32.and (local.get $knows) (i32.const 16))
          (then
            (local.set $last
              (i32.load
                (i32.add (local.get $starts)
                  (i32.shl (i32.load offset=4 (local.get $at)) (i32.const 2)))))
            (local.set $state (i32.add (local.get $own) (i32.shl (local.get $last) (i32.const 3))))
            (i32.store16 (local.get $state)
              (i32.or (i32.load16_u (local.get $state))
                (i32.and (local.get $knows) (i32.const 8))))))
        (i32.store (i32.add (local.get $starts) (i32.shl (local.get $row) (i32.const 2)))
          (local.get $last))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $next)))
    (local.set $row (i32.const 0))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $row) (local.get $rows)))
        (local.set $at (i32.add (local.get $starts) (i32.shl (local.get $row) (i32.const 2))))
        (if (i32.eqz
              (i32.and (i32.const 8)
                (i32.load16_u
                  (i32.add (local.get $own)
                    (i32.shl (i32.load (local.get $at)) (i32.const 3))))))
          (then (i32.store (local.get $at) (local.get $row))))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $next)))
    (local.get $many))

  ;; The rows of a block that may hold Python's text, behind $held others, as `$stacks` wants them.
  ;; Of each of $rows rows: its message and its writer (i32 at $messages and $writers), its time and
  ;; whom it names (i64 at $us and $asking; only those with a mark count, i8 at $addressed). Of each
  ;; message what it tells and its sign (i64 at $words and $signs) and whether it may hold that text
  ;; (i8 at $python); of each writer its thread (i64 at $threads) and whether it has no pid (i8 at
  ;; $marks). The line of a row is the last number at $ends, and the one at $numbers (i64 each).
  ;;
  ;; Leaves stream, what is told, sign, time and line (i64 each), whether it has no pid (i8), and the
  ;; row (i32); there must be room for all rows. Gives how many rows there are then, with those held.
  (func $spoken
    (param $messages i32) (param $writers i32) (param $us i32) (param $asking i32)
    (param $addressed i32) (param $rows i32) (param $words i32) (param $signs i32)
    (param $python i32) (param $threads i32) (param $marks i32) (param $numbers i32)
    (param $ends i32) (param $held i32) (param $keys i32) (param $tells i32) (param $said i32)
    (param $times i32) (param $lines i32) (param $raws i32) (param $ats i32) (result i32)
    (local $row i32) (local $at i32) (local $long i32) (local $message i32) (local $writer i32)
    (local $place i32) (local $first i64)
    (local.set $first (i64.load offset=16 (local.get $ends)))
    (local.set $at (local.get $held))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $row) (local.get $rows)))
        (local.set $place (i32.shl (local.get $row) (i32.const 2)))
        (local.set $message (i32.load (i32.add (local.get $messages) (local.get $place))))
        (local.set $writer (i32.load (i32.add (local.get $writers) (local.get $place))))
        (local.set $place (i32.shl (local.get $row) (i32.const 3)))
        (local.set $long (i32.shl (local.get $at) (i32.const 3)))
        (i64.store (i32.add (local.get $keys) (local.get $long))
          (i64.mul (i64.const 0xBF58476D1CE4E5B9)
            (i64.xor
              (i64.load
                (i32.add (local.get $threads) (i32.shl (local.get $writer) (i32.const 3))))
              (i64.and
                (i64.load (i32.add (local.get $asking) (local.get $place)))
                (i64.sub (i64.const 0)
                  (i64.load8_u (i32.add (local.get $addressed) (local.get $row))))))))
        (i64.store (i32.add (local.get $tells) (local.get $long))
          (i64.load
            (i32.add (local.get $words) (i32.shl (local.get $message) (i32.const 3)))))
        (i64.store (i32.add (local.get $said) (local.get $long))
          (i64.load
            (i32.add (local.get $signs) (i32.shl (local.get $message) (i32.const 3)))))
        (i64.store (i32.add (local.get $times) (local.get $long))
          (i64.load (i32.add (local.get $us) (local.get $place))))
        (i64.store (i32.add (local.get $lines) (local.get $long))
          (i64.add (local.get $first)
            (i64.load (i32.add (local.get $numbers) (local.get $place)))))
        (i32.store8 (i32.add (local.get $raws) (local.get $at))
          (i32.load8_u (i32.add (local.get $marks) (local.get $writer))))
        (i32.store
          (i32.add (local.get $ats)
            (i32.shl (i32.sub (local.get $at) (local.get $held)) (i32.const 2)))
          (local.get $row))
        ;; Where it is none of these, the next one takes its place.
        (local.set $at
          (i32.add (local.get $at)
            (i32.load8_u (i32.add (local.get $python) (local.get $message)))))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $next)))
    (local.get $at))

  ;; The keys and times of some rows: those with a mark (i8 at $marks) whose message has one (i8 at
  ;; $talks). Of each of $rows rows: message and writer (i32 at $messages and $writers), time (i64 at
  ;; $us). A key is what those of its message and its writer (i64 at $templates and $manners) have of
  ;; bits. Leaves both (i64 at $keys and $times; there must be room for all rows), and gives how many.
  (func $keyed
    (param $messages i32) (param $writers i32) (param $us i32) (param $marks i32) (param $rows i32)
    (param $talks i32) (param $templates i32) (param $manners i32) (param $keys i32)
    (param $times i32) (result i32)
    (local $row i32) (local $at i32) (local $long i32) (local $message i32) (local $place i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $row) (local.get $rows)))
        (local.set $place (i32.shl (local.get $row) (i32.const 2)))
        (local.set $message (i32.load (i32.add (local.get $messages) (local.get $place))))
        (local.set $long (i32.shl (local.get $at) (i32.const 3)))
        (i64.store (i32.add (local.get $keys) (local.get $long))
          (i64.or
            (i64.load
              (i32.add (local.get $templates) (i32.shl (local.get $message) (i32.const 3))))
            (i64.load
              (i32.add (local.get $manners)
                (i32.shl
                  (i32.load (i32.add (local.get $writers) (local.get $place)))
                  (i32.const 3))))))
        (i64.store (i32.add (local.get $times) (local.get $long))
          (i64.load (i32.add (local.get $us) (i32.shl (local.get $row) (i32.const 3)))))
        ;; Where it is none of these, the next one takes its place.
        (local.set $at
          (i32.add (local.get $at)
            (i32.and
              (i32.load8_u (i32.add (local.get $marks) (local.get $row)))
              (i32.load8_u (i32.add (local.get $talks) (local.get $message))))))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $next)))
    (local.get $at))

  ;; What is one stack among rows that are held of before and those of a block behind them, as
  ;; `logtool/reports/counted/stack_events.py` tells. Of each row: its stream (i64 at $keys), what it tells
  ;; (i64 at $tells: from bit $kind on five bits are its kind, from $levelled, $syntax, $opens and
  ;; $piles on one each), its time (i64 at $us, the least number there is for none), its line (i64 at
  ;; $lines), whether it has no pid (i8 at $raws) and its sign (i64 at $said). The first $held rows are
  ;; held; those with a mark (i8 at $olds) for too long; the others are at the places of the block that
  ;; stand at $ats (i32). At $ends: the newest time of the block's lines, and the last of them (i64
  ;; each). Kinds in $talks are $head if they are levelled; only those in $finals tell of syntax and
  ;; opens.
  ;;
  ;; Leaves what `$events` does, the kind of each row at $looks, whether its event may go on (i8 at
  ;; $opens_at), and 0 at $alones (i8 for each place of the block) where a row is of such an event or
  ;; of a whole one. Of each whole one, in the order of their first rows, 24 bytes at $found: a number
  ;; for what its rows say (i64); its first row, how many it has, and 1 if a row behind that one is
  ;; in $finals, 2 if one tells at bit $flagged (i32 each); nothing. Gives how many these are. Needs 1 byte
  ;; for each row at $says and 8 at $times.
  (func $stacks
    (param $keys i32) (param $rows i32) (param $kinds i32) (param $firsts i32) (param $slots i32)
    (param $bits i32) (param $tells i32) (param $us i32) (param $lines i32) (param $raws i32)
    (param $looks i32) (param $says i32) (param $times i32) (param $rules i32)
    (param $head_gap i64) (param $text_gap i64) (param $gap i64) (param $near i64)
    (param $starts i32) (param $own i32) (param $states i32)
    (param $held i32) (param $olds i32) (param $ends i32)
    (param $kind i64) (param $levelled i64) (param $syntax i64) (param $opens i64)
    (param $piles i64) (param $talks i32) (param $head i32) (param $finals i32)
    (param $flagged i64) (param $said i32) (param $ats i32) (param $opens_at i32)
    (param $alones i32) (param $found i32) (result i32)
    (local $row i32) (local $at i32) (local $look i32) (local $say i32) (local $start i32)
    (local $is_near i32) (local $is_open i32) (local $tell i64) (local $time i64)
    (local $since i64) (local $late i64) (local $last i64)
    (local $many i32) (local $stream i32) (local $count i32) (local $size i32) (local $one i32)
    (block $told
      (loop $next
        (br_if $told (i32.ge_u (local.get $row) (local.get $rows)))
        (local.set $at (i32.shl (local.get $row) (i32.const 3)))
        (local.set $tell (i64.load (i32.add (local.get $tells) (local.get $at))))
        (local.set $look
          (i32.and (i32.const 31)
            (i32.wrap_i64 (i64.shr_u (local.get $tell) (local.get $kind)))))
        (if (i32.and (i32.const 1)
              (i32.and
                (i32.shr_u (local.get $talks) (local.get $look))
                (i32.wrap_i64 (i64.shr_u (local.get $tell) (local.get $levelled)))))
          (then (local.set $look (local.get $head))))
        (i32.store8 (i32.add (local.get $looks) (local.get $row)) (local.get $look))
        (local.set $say
          (i32.shl (i32.load8_u (i32.add (local.get $raws) (local.get $row))) (i32.const 2)))
        (if (i32.and (i32.const 1) (i32.shr_u (local.get $finals) (local.get $look)))
          (then
            (local.set $say
              (i32.or (local.get $say)
                (i32.or
                  (i32.and (i32.const 1)
                    (i32.wrap_i64 (i64.shr_u (local.get $tell) (local.get $syntax))))
                  (i32.shl
                    (i32.and (i32.const 1)
                      (i32.wrap_i64 (i64.shr_u (local.get $tell) (local.get $opens))))
                    (i32.const 1)))))))
        (i32.store8 (i32.add (local.get $says) (local.get $row)) (local.get $say))
        (local.set $time (i64.load (i32.add (local.get $us) (local.get $at))))
        (if (i64.eq (local.get $time) (i64.const 0x8000000000000000))
          (then (local.set $time (i64.const 0))))
        (i64.store (i32.add (local.get $times) (local.get $at)) (local.get $time))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $next)))
    (local.set $many (call $events
      (local.get $keys) (local.get $rows) (local.get $kinds) (local.get $firsts)
      (local.get $slots) (local.get $bits) (local.get $looks) (local.get $says)
      (local.get $times) (local.get $lines) (local.get $rules) (local.get $head_gap)
      (local.get $text_gap) (local.get $gap) (local.get $near) (local.get $starts)
      (local.get $own) (local.get $states)))
    ;; How many rows each event has, and the last row of each stream. Then, i32 behind the first,
    ;; whether an event may go on.
    (memory.fill (local.get $own) (i32.const 0) (i32.shl (local.get $rows) (i32.const 3)))
    (local.set $row (i32.const 0))
    (block $counted
      (loop $next
        (br_if $counted (i32.ge_u (local.get $row) (local.get $rows)))
        (local.set $at (i32.shl (local.get $row) (i32.const 2)))
        (local.set $start
          (i32.add (local.get $own)
            (i32.shl
              (i32.load (i32.add (local.get $starts) (local.get $at))) (i32.const 3))))
        (i32.store (local.get $start) (i32.add (i32.load (local.get $start)) (i32.const 1)))
        (i32.store
          (i32.add (local.get $states)
            (i32.shl
              (i32.load (i32.add (local.get $kinds) (local.get $at))) (i32.const 2)))
          (local.get $row))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $next)))
    (local.set $since (i64.load (local.get $ends)))
    (local.set $late
      (i64.sub
        (select (local.get $since) (i64.const 0) (i64.gt_s (local.get $since) (i64.const 0)))
        (local.get $gap)))
    (local.set $last (i64.sub (i64.load offset=8 (local.get $ends)) (local.get $near)))
    (block $alive
      (loop $next
        (br_if $alive (i32.ge_u (local.get $stream) (local.get $many)))
        (block $dead
          (local.set $row
            (i32.load
              (i32.add (local.get $states) (i32.shl (local.get $stream) (i32.const 2)))))
          (local.set $at (i32.shl (local.get $row) (i32.const 2)))
          (local.set $start (i32.load (i32.add (local.get $starts) (local.get $at))))
          (br_if $dead
            (i32.and
              (i32.eqz (i32.load8_u (i32.add (local.get $looks) (local.get $row))))
              (i32.eq (local.get $row) (local.get $start))))
          (local.set $time
            (i64.load
              (i32.add (local.get $times) (i32.shl (local.get $row) (i32.const 3)))))
          (br_if $dead
            (i32.and
              (i64.ne (local.get $time) (i64.const 0))
              (i64.ge_s (i64.sub (local.get $since) (local.get $time)) (local.get $gap))))
          (local.set $is_near
            (i32.eqz (i32.load8_u (i32.add (local.get $raws) (local.get $row)))))
          (if (i32.ge_u (local.get $row) (local.get $held))
            (then
              (local.set $is_near
                (i32.or (local.get $is_near)
                  (i64.gt_s
                    (i64.load
                      (i32.add (local.get $lines) (i32.shl (local.get $row) (i32.const 3))))
                    (local.get $last))))))
          (br_if $dead (i32.eqz (local.get $is_near)))
          (i32.store offset=4
            (i32.add (local.get $own) (i32.shl (local.get $start) (i32.const 3)))
            (i32.const 1)))
        (local.set $stream (i32.add (local.get $stream) (i32.const 1)))
        (br $next)))
    (local.set $row (i32.const 0))
    (block $ended
      (loop $next
        (br_if $ended (i32.ge_u (local.get $row) (local.get $held)))
        (if (i32.load8_u (i32.add (local.get $olds) (local.get $row)))
          (then
            (i32.store offset=4
              (i32.add (local.get $own)
                (i32.shl
                  (i32.load
                    (i32.add (local.get $starts) (i32.shl (local.get $row) (i32.const 2))))
                  (i32.const 3)))
              (i32.const 0))))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $next)))
    (local.set $row (i32.const 0))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $row) (local.get $rows)))
        (local.set $at (i32.shl (local.get $row) (i32.const 3)))
        (local.set $start
          (i32.load
            (i32.add (local.get $starts) (i32.shl (local.get $row) (i32.const 2)))))
        (local.set $one (i32.add (local.get $own) (i32.shl (local.get $start) (i32.const 3))))
        (local.set $is_open (i32.load offset=4 (local.get $one)))
        (local.set $tell (i64.load (i32.add (local.get $tells) (local.get $at))))
        (local.set $look (i32.load8_u (i32.add (local.get $looks) (local.get $row))))
        (local.set $say (i32.const 1))  ;; an event of several rows
        (if (i32.eq (local.get $start) (local.get $row))
          (then
            (local.set $say
              (i32.or
                (i32.gt_u (i32.load (local.get $one)) (i32.const 1))
                (i32.or
                  (i32.lt_u (local.get $row) (local.get $held))
                  (i32.and (i32.const 1)
                    (i32.wrap_i64
                      (i64.shr_u (local.get $tell) (local.get $piles)))))))
            (if (i32.and (i32.eqz (local.get $say)) (i32.ne (local.get $look) (i32.const 0)))
              (then
                (local.set $time (i64.load (i32.add (local.get $us) (local.get $at))))
                (local.set $say
                  (i32.and
                    (i32.or
                      (i64.eq (local.get $time) (i64.const 0x8000000000000000))
                      (i64.gt_s (local.get $time) (local.get $late)))
                    (i32.or
                      (i32.eqz (i32.load8_u (i32.add (local.get $raws) (local.get $row))))
                      (i64.gt_s
                        (i64.load (i32.add (local.get $lines) (local.get $at)))
                        (local.get $last)))))))
            ;; Instead of how many rows it has, which of the whole ones it is.
            (if (i32.gt_u (local.get $say) (local.get $is_open))
              (then
                (i32.store (local.get $one) (local.get $count))
                (local.set $size
                  (i32.add (local.get $found) (i32.mul (local.get $count) (i32.const 24))))
                (i64.store (local.get $size) (i64.const 0))
                (i32.store offset=8 (local.get $size) (local.get $row))
                (i64.store offset=12 (local.get $size) (i64.const 0))
                (local.set $count (i32.add (local.get $count) (i32.const 1)))))))
        (if (i32.gt_u (local.get $say) (local.get $is_open))
          (then
            (local.set $one
              (i32.add (local.get $found)
                (i32.mul (i32.load (local.get $one)) (i32.const 24))))
            (local.set $size (i32.load offset=12 (local.get $one)))
            (i32.store offset=12 (local.get $one)
              (i32.add (local.get $size) (i32.const 1)))
            (i32.store offset=16 (local.get $one)
              (i32.or (i32.load offset=16 (local.get $one))
                (i32.or
                  (i32.and
                    (i32.ne (local.get $row) (local.get $start))
                    (i32.and (i32.const 1)
                      (i32.shr_u (local.get $finals) (local.get $look))))
                  (i32.and (i32.const 2)
                    (i32.wrap_i64
                      (i64.shl
                        (i64.shr_u (local.get $tell) (local.get $flagged))
                        (i64.const 1)))))))
            (local.set $time
              (i64.mul (i64.const 0xD6E8FEB86659FD93)
                (i64.add
                  (i64.load (i32.add (local.get $said) (local.get $at)))
                  (i64.mul (i64.extend_i32_u (local.get $size))
                    (i64.const 0x9E3779B97F4A7C15)))))
            (local.set $time
              (i64.mul (i64.const 0x9E3779B97F4A7C15)
                (i64.xor (local.get $time) (i64.shr_u (local.get $time) (i64.const 29)))))
            (i64.store (local.get $one)
              (i64.add (i64.load (local.get $one))
                (i64.xor (local.get $time) (i64.shr_u (local.get $time) (i64.const 32)))))))
        (i32.store8 (i32.add (local.get $opens_at) (local.get $row)) (local.get $is_open))
        (if (i32.and
              (i32.or (local.get $say) (local.get $is_open))
              (i32.ge_u (local.get $row) (local.get $held)))
          (then
            (i32.store8
              (i32.add (local.get $alones)
                (i32.load
                  (i32.add (local.get $ats)
                    (i32.shl (i32.sub (local.get $row) (local.get $held)) (i32.const 2)))))
              (i32.const 0))))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $next)))
    (local.get $count))

  ;; What the host calls: each function with the numbers at the beginning of the memory.
  (func $told (param $nth i32) (result i32)
    (i32.load (i32.shl (local.get $nth) (i32.const 2))))
  (func (export "kinds") (result i32)
    (call $kinds
      (call $told (i32.const 0)) (call $told (i32.const 1)) (call $told (i32.const 2))
      (call $told (i32.const 3)) (call $told (i32.const 4)) (call $told (i32.const 5))))
  (func (export "pauses") (result i32)
    (call $pauses
      (call $told (i32.const 0)) (call $told (i32.const 1)) (call $told (i32.const 2))
      (call $told (i32.const 3)) (call $told (i32.const 4)) (call $told (i32.const 5))
      (call $told (i32.const 6)) (call $told (i32.const 7)) (call $told (i32.const 8))
      (call $told (i32.const 9)) (call $told (i32.const 10))
      (call $long (i32.const 11)) (call $long (i32.const 12)) (call $long (i32.const 13))
      (call $long (i32.const 14)) (call $told (i32.const 15))))
  (func (export "stretches") (result i32)
    (call $stretches
      (call $told (i32.const 0)) (call $told (i32.const 1)) (call $told (i32.const 2))
      (call $told (i32.const 3)) (call $told (i32.const 4)) (call $told (i32.const 5))
      (call $told (i32.const 6)) (call $told (i32.const 7)) (call $told (i32.const 8))
      (call $told (i32.const 9)) (call $told (i32.const 10)) (call $told (i32.const 11))
      (call $told (i32.const 12)) (call $told (i32.const 13)) (call $told (i32.const 14))
      (call $told (i32.const 15))
      (i64.extend_i32_u (call $told (i32.const 16)))
      (i64.extend_i32_u (call $told (i32.const 17)))
      (i64.extend_i32_u (call $told (i32.const 18))) (call $told (i32.const 19))))
  (func (export "events") (result i32)
    (call $events
      (call $told (i32.const 0)) (call $told (i32.const 1)) (call $told (i32.const 2))
      (call $told (i32.const 3)) (call $told (i32.const 4)) (call $told (i32.const 5))
      (call $told (i32.const 6)) (call $told (i32.const 7)) (call $told (i32.const 8))
      (call $told (i32.const 9)) (call $told (i32.const 10))
      (i64.extend_i32_u (call $told (i32.const 11)))
      (i64.extend_i32_u (call $told (i32.const 12)))
      (i64.extend_i32_u (call $told (i32.const 13)))
      (i64.extend_i32_u (call $told (i32.const 14))) (call $told (i32.const 15))
      (call $told (i32.const 16)) (call $told (i32.const 17))))
  (func $long (param $nth i32) (result i64)
    (i64.extend_i32_u (call $told (local.get $nth))))
  (func (export "keyed") (result i32)
    (call $keyed
      (call $told (i32.const 0)) (call $told (i32.const 1)) (call $told (i32.const 2))
      (call $told (i32.const 3)) (call $told (i32.const 4)) (call $told (i32.const 5))
      (call $told (i32.const 6)) (call $told (i32.const 7)) (call $told (i32.const 8))
      (call $told (i32.const 9))))
  (func (export "spoken") (result i32)
    (call $spoken
      (call $told (i32.const 0)) (call $told (i32.const 1)) (call $told (i32.const 2))
      (call $told (i32.const 3)) (call $told (i32.const 4)) (call $told (i32.const 5))
      (call $told (i32.const 6)) (call $told (i32.const 7)) (call $told (i32.const 8))
      (call $told (i32.const 9)) (call $told (i32.const 10)) (call $told (i32.const 11))
      (call $told (i32.const 12)) (call $told (i32.const 13)) (call $told (i32.const 14))
      (call $told (i32.const 15)) (call $told (i32.const 16)) (call $told (i32.const 17))
      (call $told (i32.const 18)) (call $told (i32.const 19)) (call $told (i32.const 20))))
  (func (export "stacks") (result i32)
    (call $stacks
      (call $told (i32.const 0)) (call $told (i32.const 1)) (call $told (i32.const 2))
      (call $told (i32.const 3)) (call $told (i32.const 4)) (call $told (i32.const 5))
      (call $told (i32.const 6)) (call $told (i32.const 7)) (call $told (i32.const 8))
      (call $told (i32.const 9)) (call $told (i32.const 10)) (call $told (i32.const 11))
      (call $told (i32.const 12)) (call $told (i32.const 13))
      (call $long (i32.const 14)) (call $long (i32.const 15)) (call $long (i32.const 16))
      (call $long (i32.const 17))
      (call $told (i32.const 18)) (call $told (i32.const 19)) (call $told (i32.const 20))
      (call $told (i32.const 21)) (call $told (i32.const 22)) (call $told (i32.const 23))
      (call $long (i32.const 24)) (call $long (i32.const 25)) (call $long (i32.const 26))
      (call $long (i32.const 27)) (call $long (i32.const 28))
      (call $told (i32.const 29)) (call $told (i32.const 30)) (call $told (i32.const 31))
      (call $long (i32.const 32)) (call $told (i32.const 33)) (call $told (i32.const 34))
      (call $told (i32.const 35)) (call $told (i32.const 36)) (call $told (i32.const 37))))
)
