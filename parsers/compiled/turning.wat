;; Loops over who wrote the lines of a block, and when. As in `kernel.wat`: numbers of 32 bits at the
;; beginning of the memory, and places in it.
(module
  (import "errlog" "memory" (memory 1))

  ;; Leaves a row, its process, and how many rows that had before: 12 bytes at $at.
  (func $pick (param $at i32) (param $row i32) (param $process i32) (param $nth i32)
    (i32.store (local.get $at) (local.get $row))
    (i32.store offset=4 (local.get $at) (local.get $process))
    (i32.store offset=8 (local.get $at) (local.get $nth)))

  ;; The rows of a block by process, as `logtool/clocks/seen/turns.py` tells: of $rows lines who wrote
  ;; each (i64 at $pids), its local time (i64 at $us, the least number there is where there is none)
  ;; and the offset that it writes (i32 at $written, each so many bytes behind the last). Leaves the state of each process (64 bytes at
  ;; $states): its pid, its newest time, where the bucket of that begins, its first time, how many
  ;; rows it has, its newest row and its first (i64), what the newest wrote, and whether it is a lead
  ;; (i32). Leaves also the leads, and the first $few of each process (as $pick does at $leads and at
  ;; $early), and the rows at which a time has jumped (i32 at $jumps); a lead before a jump, or before
  ;; a time that falls by more than $late, may stand behind later ones. $slots (2**$bits of 4 bytes,
  ;; all 0 before and after) hold places of states.
  ;; Leaves at the beginning of the memory how many leads, early rows and jumps there are, how many
  ;; times went on without jumping, how many fell, and how many of these by more than $far. Gives
  ;; how many processes there are, or -1 for more than $most.
  (func $turns
    (param $pids i32) (param $us i32) (param $written i32) (param $step_of_written i32)
    (param $rows i32) (param $bucket i64) (param $backward i64) (param $forward i64) (param $far i64)
    (param $late i64) (param $few i32) (param $slots i32) (param $bits i32) (param $most i32)
    (param $states i32) (param $leads i32) (param $early i32) (param $jumps i32)
    (result i32)
    (local $row i32) (local $state i32) (local $slot i32) (local $count i32) (local $last i32)
    (local $lead i32) (local $nth i32) (local $on i32) (local $back i32) (local $fell i32)
    (local $wrote i32) (local $jump i32)
    (local $leads_end i32) (local $early_end i32) (local $jumps_end i32)
    (local $pid i64) (local $time i64) (local $step i64) (local $both i64)
    (local.set $last (i32.shl (i32.sub (i32.shl (i32.const 1) (local.get $bits)) (i32.const 1))
      (i32.const 2)))
    (local.set $both (i64.add (local.get $backward) (local.get $forward)))
    (local.set $far (i64.sub (i64.const 0) (local.get $far)))
    (local.set $late (i64.sub (i64.const 0) (local.get $late)))
    (local.set $leads_end (local.get $leads))
    (local.set $early_end (local.get $early))
    (local.set $jumps_end (local.get $jumps))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $row) (local.get $rows)))
        (local.set $time (i64.load (local.get $us)))
        (block $timeless
          (br_if $timeless (i64.eq (local.get $time) (i64.const 0x8000000000000000)))
          (local.set $pid (i64.load (local.get $pids)))
          (local.set $wrote (i32.load (local.get $written)))
          (local.set $lead (i32.const 0))
          (block $found
            ;; Pids that share their low bits are few.
            (local.set $slot
              (i32.and (local.get $last)
                (i32.shl (i32.wrap_i64 (local.get $pid)) (i32.const 2))))
            (loop $probe
              (local.set $state (i32.load (i32.add (local.get $slots) (local.get $slot))))
              (if (i32.eqz (local.get $state))
                (then
                  (if (i32.ge_u (local.get $count) (local.get $most))
                    (then (local.set $count (i32.const -1)) (br $done)))
                  (local.set $state
                    (i32.add (local.get $states) (i32.shl (local.get $count) (i32.const 6))))
                  (i32.store (i32.add (local.get $slots) (local.get $slot)) (local.get $state))
                  (i64.store (local.get $state) (local.get $pid))
                  (i64.store offset=8 (local.get $state) (local.get $time))
                  ;; No time is in a bucket that begins behind it.
                  (i64.store offset=16 (local.get $state)
                    (i64.add (local.get $time) (i64.const 1)))
                  (i64.store offset=24 (local.get $state) (local.get $time))
                  (i64.store offset=32 (local.get $state) (i64.const 0))
                  (i64.store offset=40 (local.get $state) (i64.const 0))
                  (i64.store offset=48 (local.get $state) (i64.extend_i32_u (local.get $row)))
                  (i32.store offset=56 (local.get $state) (local.get $wrote))
                  (local.set $count (i32.add (local.get $count) (i32.const 1)))
                  (br $found)))
              (br_if $found (i64.eq (i64.load (local.get $state)) (local.get $pid)))
              (local.set $slot
                (i32.and (local.get $last) (i32.add (local.get $slot) (i32.const 4))))
              (br $probe)))
          (local.set $nth (i32.load offset=32 (local.get $state)))
          (local.set $step
            (i64.sub (local.get $time) (i64.load offset=8 (local.get $state))))
          (if (i64.ge_u
                (i64.sub (local.get $time) (i64.load offset=16 (local.get $state)))
                (local.get $bucket))
            (then
              (local.set $lead (i32.const 1))
              ;; The remainder is that of a division that rounds down.
              (i64.store offset=16 (local.get $state)
                (i64.sub (local.get $time)
                  (i64.rem_s
                    (i64.add
                      (i64.rem_s (local.get $time) (local.get $bucket))
                      (local.get $bucket))
                    (local.get $bucket))))))
          (if (i32.ne (local.get $wrote) (i32.load offset=56 (local.get $state)))
            (then
              (local.set $lead (i32.const 1))
              (i32.store offset=56 (local.get $state) (local.get $wrote))))
          (local.set $jump
            (i64.gt_u (i64.add (local.get $step) (local.get $backward)) (local.get $both)))
          (if (i32.or (local.get $jump) (i64.lt_s (local.get $step) (local.get $late)))
            (then
              (if (i32.eqz (i32.load offset=60 (local.get $state)))
                (then
                  (call $pick (local.get $leads_end)
                    (i32.load offset=40 (local.get $state))
                    (i32.shr_u (i32.sub (local.get $state) (local.get $states)) (i32.const 6))
                    (i32.sub (local.get $nth) (i32.const 1)))
                  (local.set $leads_end (i32.add (local.get $leads_end) (i32.const 12)))))
              (local.set $lead (i32.const 1))))
          (if (local.get $jump)
            (then
              (i32.store (local.get $jumps_end) (local.get $row))
              (local.set $jumps_end (i32.add (local.get $jumps_end) (i32.const 4))))
            (else (if (i64.gt_s (local.get $step) (i64.const 0))
              (then (local.set $on (i32.add (local.get $on) (i32.const 1))))
              (else
                (local.set $back (i32.add (local.get $back)
                  (i64.lt_s (local.get $step) (i64.const 0))))
                (local.set $fell (i32.add (local.get $fell)
                  (i64.lt_s (local.get $step) (local.get $far))))))))
          (if (i32.lt_u (local.get $nth) (local.get $few))
            (then
              (call $pick (local.get $early_end)
                (local.get $row)
                (i32.shr_u (i32.sub (local.get $state) (local.get $states)) (i32.const 6))
                (local.get $nth))
              (local.set $early_end (i32.add (local.get $early_end) (i32.const 12)))))
          (if (local.get $lead)
            (then
              (call $pick (local.get $leads_end)
                (local.get $row)
                (i32.shr_u (i32.sub (local.get $state) (local.get $states)) (i32.const 6))
                (local.get $nth))
              (local.set $leads_end (i32.add (local.get $leads_end) (i32.const 12)))))
          (i64.store offset=8 (local.get $state) (local.get $time))
          (i32.store offset=32 (local.get $state) (i32.add (local.get $nth) (i32.const 1)))
          (i32.store offset=40 (local.get $state) (local.get $row))
          (i32.store offset=60 (local.get $state) (local.get $lead)))
        (local.set $pids (i32.add (local.get $pids) (i32.const 8)))
        (local.set $us (i32.add (local.get $us) (i32.const 8)))
        (local.set $written (i32.add (local.get $written) (local.get $step_of_written)))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $next)))
    (memory.fill
      (local.get $slots) (i32.const 0) (i32.shl (i32.const 4) (local.get $bits)))
    (i32.store (i32.const 0)
      (i32.div_u (i32.sub (local.get $leads_end) (local.get $leads)) (i32.const 12)))
    (i32.store (i32.const 4)
      (i32.div_u (i32.sub (local.get $early_end) (local.get $early)) (i32.const 12)))
    (i32.store (i32.const 8)
      (i32.shr_u (i32.sub (local.get $jumps_end) (local.get $jumps)) (i32.const 2)))
    (i32.store (i32.const 12) (local.get $on))
    (i32.store (i32.const 16) (local.get $back))
    (i32.store (i32.const 20) (local.get $fell))
    (local.get $count))

  ;; What the host calls: each function with the numbers at the beginning of the memory.
  (func $told (param $nth i32) (result i32)
    (i32.load (i32.shl (local.get $nth) (i32.const 2))))
  (func (export "turns") (result i32)
    (call $turns
      (call $told (i32.const 0)) (call $told (i32.const 1)) (call $told (i32.const 2))
      (call $told (i32.const 3)) (call $told (i32.const 4))
      (i64.extend_i32_u (call $told (i32.const 5)))
      (i64.extend_i32_u (call $told (i32.const 6)))
      (i64.extend_i32_u (call $told (i32.const 7)))
      (i64.extend_i32_u (call $told (i32.const 8)))
      (i64.extend_i32_u (call $told (i32.const 9)))
      (call $told (i32.const 10)) (call $told (i32.const 11)) (call $told (i32.const 12))
      (call $told (i32.const 13)) (call $told (i32.const 14)) (call $told (i32.const 15))
      (call $told (i32.const 16)) (call $told (i32.const 17))))
)
