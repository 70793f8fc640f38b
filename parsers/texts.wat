;; Loops over texts in lines, for who wants more of lines than when they were written. `loops.py`
;; calls them, as it does those of `kernel.wat`: what is said there holds here too.
(module
  (import "errlog" "memory" (memory 1))

  ;; What some steps find on lines: of $rows places and ends (i64 at $places and $ends, counted from
  ;; $data), and numbers that steps may ask for (i8 at $levels, -1 for unknown). The steps are at
  ;; $program, 64 bytes each: a literal (16 bytes), which of its bits count, or a byte 16 times, or
  ;; another literal (16 bytes), what to do (u32, in the order in which it stands below), where
  ;; among $slots to keep the place before (u32), how many bytes to move on or to look at, the least
  ;; that may be there, and another number (i32 each), the column to note it in (u32, 1 for the
  ;; first, 0 for none), the step to go to where it fails (u32, bytes from $program on, 0 if the row
  ;; does), and where among $slots to look (u32). Columns are at $columns: starts and ends of the
  ;; first (i64[$rows] each), then those of the next. Leaves the place behind the last step (i64 at
  ;; $behind) and whether the row was read (i8 at $fine). Gives how many were not.
  (func $peel
    (param $data i32) (param $places i32) (param $ends i32) (param $levels i32) (param $rows i32)
    (param $program i32) (param $slots i32) (param $columns i32) (param $behind i32)
    (param $fine i32) (result i32)
    (local $row i32) (local $at i32) (local $end i32) (local $step i32) (local $start i32)
    (local $bad i32) (local $bits i32) (local $column i32) (local $last i32) (local $bytes v128)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $row) (local.get $rows)))
        (local.set $at
          (i32.add (local.get $data)
            (i32.wrap_i64
              (i64.load (i32.add (local.get $places) (i32.shl (local.get $row) (i32.const 3)))))))
        (local.set $end
          (i32.add (local.get $data)
            (i32.wrap_i64
              (i64.load (i32.add (local.get $ends) (i32.shl (local.get $row) (i32.const 3)))))))
        (local.set $step (local.get $program))
        (block $read
          (loop $go
            (i32.store
              (i32.add (local.get $slots) (i32.load offset=36 (local.get $step))) (local.get $at))
            (local.set $start (local.get $at))
            (block $on
              (block $note
                (block $failed
                  (block $end_of_program (block $literal (block $either (block $token
                  (block $digits (block $find (block $rest (block $level (block $above
                  (block $hyphen (block $back (block $noted (block $keep (block $restore
                  (block $address (block $log_id
                    (br_table $end_of_program $literal $either $token $digits $find $rest $level
                      $above $hyphen $back $noted $keep $restore $failed $address $log_id $failed
                      (i32.load offset=32 (local.get $step))))
                  ;; log_id: what stands from a place kept to here is as long as bits of the literal
                  ;; tell, and of letters, digits and a few others
                  (local.set $last
                    (i32.load (i32.add (local.get $slots) (i32.load offset=60 (local.get $step)))))
                  (local.set $bits (i32.sub (local.get $at) (local.get $last)))
                  (br_if $failed
                    (i32.or
                      (i32.gt_u (local.get $bits) (i32.const 63))
                      (i64.eqz
                        (i64.and (i64.const 1)
                          (i64.shr_u (i64.load (local.get $step))
                            (i64.extend_i32_u (local.get $bits)))))))
                  (loop $look
                    (local.set $bytes (v128.load (local.get $last)))
                    (br_if $failed
                      (i32.and
                        (select (i32.const 0xFFFF)
                          (i32.sub
                            (i32.shl (i32.const 1) (i32.sub (local.get $at) (local.get $last)))
                            (i32.const 1))
                          (i32.gt_u (i32.sub (local.get $at) (local.get $last)) (i32.const 15)))
                        (i8x16.bitmask
                          (v128.not
                            (v128.or
                              (v128.or
                                (i8x16.lt_u
                                  (i8x16.sub
                                    (v128.or (local.get $bytes) (i8x16.splat (i32.const 32)))
                                    (i8x16.splat (i32.const 97)))
                                  (i8x16.splat (i32.const 26)))
                                (i8x16.lt_u
                                  (i8x16.sub (local.get $bytes) (i8x16.splat (i32.const 47)))
                                  (i8x16.splat (i32.const 11))))
                              (v128.or
                                (v128.or
                                  (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 43)))
                                  (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 45))))
                                (v128.or
                                  (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 64)))
                                  (i8x16.eq (local.get $bytes)
                                    (i8x16.splat (i32.const 95))))))))))
                    (local.set $last (i32.add (local.get $last) (i32.const 16)))
                    (br_if $look (i32.lt_u (local.get $last) (local.get $at))))
                  (br $on))
                  ;; address: what stands from a place kept to here is at most 64 bytes, begins with
                  ;; a hexadecimal digit or a colon, ends with a digit, has a colon and no slash
                  (local.set $last
                    (i32.load (i32.add (local.get $slots) (i32.load offset=60 (local.get $step)))))
                  (br_if $failed
                    (i32.gt_u (i32.sub (local.get $at) (local.get $last)) (i32.const 64)))
                  (br_if $failed
                    (i32.and
                      (i32.gt_u
                        (i32.sub (i32.load8_u (local.get $last)) (i32.const 48)) (i32.const 10))
                      (i32.gt_u
                        (i32.sub
                          (i32.or (i32.load8_u (local.get $last)) (i32.const 32)) (i32.const 97))
                        (i32.const 5))))
                  (br_if $failed
                    (i32.gt_u
                      (i32.sub
                        (i32.load8_u (i32.sub (local.get $at) (i32.const 1))) (i32.const 48))
                      (i32.const 9)))
                  (local.set $bits (i32.const 0))
                  (loop $look
                    (local.set $bytes (v128.load (local.get $last)))
                    (local.set $column
                      (select (i32.const 0xFFFF)
                        (i32.sub
                          (i32.shl (i32.const 1) (i32.sub (local.get $at) (local.get $last)))
                          (i32.const 1))
                        (i32.gt_u (i32.sub (local.get $at) (local.get $last)) (i32.const 15))))
                    (br_if $failed
                      (i32.and (local.get $column)
                        (i8x16.bitmask
                          (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 47))))))
                    (local.set $bits
                      (i32.or (local.get $bits)
                        (i32.and (local.get $column)
                          (i8x16.bitmask
                            (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 58)))))))
                    (local.set $last (i32.add (local.get $last) (i32.const 16)))
                    (br_if $look (i32.lt_u (local.get $last) (local.get $at))))
                  (br_if $failed (i32.eqz (local.get $bits)))
                  (br $on))
                  ;; restore: the column, as it was kept
                  (local.set $column
                    (i32.add (local.get $columns)
                      (i32.shl
                        (i32.add (local.get $row)
                          (i32.mul (local.get $rows)
                            (i32.shl
                              (i32.sub (i32.load offset=52 (local.get $step)) (i32.const 1))
                              (i32.const 1))))
                        (i32.const 3))))
                  (local.set $last
                    (i32.add (local.get $slots) (i32.load offset=60 (local.get $step))))
                  (i64.store (local.get $column) (i64.load (local.get $last)))
                  (i64.store
                    (i32.add (local.get $column) (i32.shl (local.get $rows) (i32.const 3)))
                    (i64.load offset=8 (local.get $last)))
                  (br $on))
                  ;; keep: what the column says
                  (local.set $column
                    (i32.add (local.get $columns)
                      (i32.shl
                        (i32.add (local.get $row)
                          (i32.mul (local.get $rows)
                            (i32.shl
                              (i32.sub (i32.load offset=52 (local.get $step)) (i32.const 1))
                              (i32.const 1))))
                        (i32.const 3))))
                  (local.set $last
                    (i32.add (local.get $slots) (i32.load offset=60 (local.get $step))))
                  (i64.store (local.get $last) (i64.load (local.get $column)))
                  (i64.store offset=8 (local.get $last)
                    (i64.load
                      (i32.add (local.get $column) (i32.shl (local.get $rows) (i32.const 3)))))
                  (br $on))
                  ;; noted: from a place kept, so many bytes on, to here, so many bytes on
                  (local.set $start
                    (i32.add
                      (i32.load
                        (i32.add (local.get $slots) (i32.load offset=60 (local.get $step))))
                      (i32.load offset=40 (local.get $step))))
                  (local.set $last
                    (i32.add (local.get $at) (i32.load offset=44 (local.get $step))))
                  (br $note))
                  ;; back: to a place kept
                  (local.set $at
                    (i32.load (i32.add (local.get $slots) (i32.load offset=60 (local.get $step)))))
                  (br $on))
                  ;; hyphen: one, and a byte behind it or the end; then it goes elsewhere
                  (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 45))
                    (then
                      (if (i32.or
                            (i32.eq (i32.load8_u offset=1 (local.get $at))
                              (i32.load offset=48 (local.get $step)))
                            (i32.eq (i32.add (local.get $at) (i32.const 1)) (local.get $end)))
                        (then
                          (local.set $at (i32.add (local.get $at) (i32.const 1)))
                          (br $failed)))))
                  (br $on))
                  ;; above: the byte here
                  (br_if $failed
                    (i32.le_u (i32.load8_u (local.get $at))
                      (i32.load offset=48 (local.get $step))))
                  (br $on))
                  ;; level: that of the row is unknown, or so high
                  (local.set $bits
                    (i32.load8_s (i32.add (local.get $levels) (local.get $row))))
                  (br_if $failed
                    (i32.and
                      (i32.ne (local.get $bits) (i32.const -1))
                      (i32.lt_s (local.get $bits) (i32.load offset=48 (local.get $step)))))
                  (br $on))
                  ;; rest: all to the end
                  (local.set $at (local.get $end))
                  (br_if $failed
                    (i32.lt_s (i32.sub (local.get $at) (local.get $start))
                      (i32.load offset=44 (local.get $step))))
                  (local.set $last (local.get $at))
                  (br $note))
                  ;; find: a literal, wholly before the end
                  (local.set $last
                    (i32.sub (local.get $end) (i32.load offset=40 (local.get $step))))
                  (block $found
                    (loop $look
                      (br_if $failed (i32.gt_s (local.get $at) (local.get $last)))
                      (local.set $bits
                        (i8x16.bitmask
                          (i8x16.eq (v128.load (local.get $at))
                            (i8x16.splat (i32.load8_u (local.get $step))))))
                      (if (i32.eqz (local.get $bits))
                        (then
                          (local.set $at (i32.add (local.get $at) (i32.const 16)))
                          (br $look)))
                      (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $bits))))
                      (br_if $found
                        (i32.eqz
                          (v128.any_true
                            (v128.and (v128.load offset=16 (local.get $step))
                              (v128.xor
                                (v128.load (local.get $at)) (v128.load (local.get $step)))))))
                      (local.set $at (i32.add (local.get $at) (i32.const 1)))
                      (br $look)))
                  (br_if $failed (i32.gt_s (local.get $at) (local.get $last)))
                  (br_if $failed
                    (i32.lt_s (i32.sub (local.get $at) (local.get $start))
                      (i32.load offset=44 (local.get $step))))
                  (local.set $last (local.get $at))
                  (br $note))
                  ;; digits: at most so many
                  (local.set $last
                    (i32.add (local.get $start) (i32.load offset=40 (local.get $step))))
                  (loop $look
                    (local.set $bits
                      (i8x16.bitmask
                        (i8x16.gt_u
                          (i8x16.sub (v128.load (local.get $at)) (i8x16.splat (i32.const 48)))
                          (i8x16.splat (i32.const 9)))))
                    (if (i32.eqz (local.get $bits))
                      (then
                        (local.set $at (i32.add (local.get $at) (i32.const 16)))
                        (br_if $look (i32.lt_u (local.get $at) (local.get $last))))
                      (else
                        (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $bits)))))))
                  (if (i32.gt_u (local.get $at) (local.get $last))
                    (then (local.set $at (local.get $last))))
                  (br_if $failed
                    (i32.or
                      (i32.eq (local.get $at) (local.get $start))
                      (i32.gt_u (local.get $at) (local.get $end))))
                  (local.set $last (local.get $at))
                  (br $note))
                  ;; token: up to a byte, a blank or a control byte, and the end, at most so many
                  (local.set $last
                    (i32.add (local.get $start) (i32.load offset=40 (local.get $step))))
                  (loop $look
                    (local.set $bytes (v128.load (local.get $at)))
                    (local.set $bits
                      (i8x16.bitmask
                        (v128.or
                          (i8x16.le_u (local.get $bytes) (i8x16.splat (i32.const 32)))
                          (i8x16.eq (local.get $bytes)
                            (v128.load offset=16 (local.get $step))))))
                    (if (i32.eqz (local.get $bits))
                      (then
                        (local.set $at (i32.add (local.get $at) (i32.const 16)))
                        (br_if $look (i32.lt_u (local.get $at) (local.get $last))))
                      (else
                        (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $bits)))))))
                  (if (i32.gt_u (local.get $last) (local.get $end))
                    (then (local.set $last (local.get $end))))
                  (if (i32.gt_u (local.get $at) (local.get $last))
                    (then (local.set $at (local.get $last))))
                  (br_if $failed
                    (i32.lt_s (i32.sub (local.get $at) (local.get $start))
                      (i32.load offset=44 (local.get $step))))
                  (local.set $last (local.get $at))
                  (br $note))
                  ;; either: one of two literals of eight bytes
                  (br_if $failed
                    (i32.and
                      (i64.ne (i64.load (local.get $at)) (i64.load (local.get $step)))
                      (i64.ne (i64.load (local.get $at)) (i64.load offset=16 (local.get $step)))))
                  (local.set $at (i32.add (local.get $at) (i32.const 8)))
                  (br $on))
                  ;; literal: then so many bytes on
                  (br_if $failed
                    (v128.any_true
                      (v128.and (v128.load offset=16 (local.get $step))
                        (v128.xor (v128.load (local.get $at)) (v128.load (local.get $step))))))
                  (local.set $at
                    (i32.add (local.get $at) (i32.load offset=40 (local.get $step))))
                  (br $on))
                  ;; the end of the program
                  (i32.store8 (i32.add (local.get $fine) (local.get $row)) (i32.const 1))
                  (br $read))
                ;; failed
                (local.set $bits (i32.load offset=56 (local.get $step)))
                (if (i32.eqz (local.get $bits))
                  (then
                    (i32.store8 (i32.add (local.get $fine) (local.get $row)) (i32.const 0))
                    (local.set $bad (i32.add (local.get $bad) (i32.const 1)))
                    (br $read)))
                (local.set $step (i32.add (local.get $program) (local.get $bits)))
                (br $go))
              ;; note: from $start to $last
              (local.set $column (i32.load offset=52 (local.get $step)))
              (br_if $on (i32.eqz (local.get $column)))
              (local.set $column
                (i32.add (local.get $columns)
                  (i32.shl
                    (i32.add (local.get $row)
                      (i32.mul (local.get $rows)
                        (i32.shl (i32.sub (local.get $column) (i32.const 1)) (i32.const 1))))
                    (i32.const 3))))
              (i64.store (local.get $column)
                (i64.extend_i32_u (i32.sub (local.get $start) (local.get $data))))
              (i64.store
                (i32.add (local.get $column) (i32.shl (local.get $rows) (i32.const 3)))
                (i64.extend_i32_u (i32.sub (local.get $last) (local.get $data)))))
            (local.set $step (i32.add (local.get $step) (i32.const 64)))
            (br $go)))
        (i64.store (i32.add (local.get $behind) (i32.shl (local.get $row) (i32.const 3)))
          (i64.extend_i32_u (i32.sub (local.get $at) (local.get $data))))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $next)))
    (local.get $bad))

  ;; The number of a text of $left bytes at $at, as `logtool/frame/hashing.py` gives it; $keys are
  ;; three numbers. Up to 15 bytes behind it are read.
  (func $hash (param $at i32) (param $left i32) (param $keys i32) (result i64)
    (local $key i64) (local $number i64) (local $one i64) (local $other i64)
    (local $high i64) (local $other_high i64)
    (local.set $key (i64.load (local.get $keys)))
    (local.set $number
      (i64.xor (i64.load offset=8 (local.get $keys)) (i64.extend_i32_u (local.get $left))))
    (loop $more
      (if (i32.gt_s (local.get $left) (i32.const 16))
        (then
          (local.set $one (i64.xor (i64.load (local.get $at)) (local.get $key)))
          (local.set $other (i64.xor (i64.load offset=8 (local.get $at)) (local.get $number)))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (local.set $left (i32.sub (local.get $left) (i32.const 16))))
        (else (if (i32.ge_s (local.get $left) (i32.const 0))
          (then
            ;; The bytes that are left, zero behind them.
            (local.set $one
              (i64.xor (local.get $key)
                (if (result i64) (local.get $left)
                  (then
                    (i64.and (i64.load (local.get $at))
                      (i64.shr_u (i64.const -1)
                        (i64.extend_i32_u
                          (select (i32.const 0)
                            (i32.shl (i32.sub (i32.const 8) (local.get $left)) (i32.const 3))
                            (i32.gt_s (local.get $left) (i32.const 8)))))))
                  (else (i64.const 0)))))
            (local.set $other
              (i64.xor (local.get $number)
                (if (result i64) (i32.gt_s (local.get $left) (i32.const 8))
                  (then
                    (i64.and (i64.load offset=8 (local.get $at))
                      (i64.shr_u (i64.const -1)
                        (i64.extend_i32_u
                          (i32.shl (i32.sub (i32.const 16) (local.get $left)) (i32.const 3))))))
                  (else (i64.const 0)))))
            (local.set $left (i32.const -1)))
          (else
            (local.set $one (i64.xor (local.get $number) (i64.load offset=16 (local.get $keys))))
            (local.set $other (local.get $key))
            (local.set $left (i32.const -2))))))
      ;; Both halves of their product, but for a carry, as one number. (As a function it would take
      ;; longer.)
      (local.set $high (i64.shr_u (local.get $one) (i64.const 32)))
      (local.set $other_high (i64.shr_u (local.get $other) (i64.const 32)))
      (local.set $number
        (i64.xor
          (i64.mul (local.get $one) (local.get $other))
          (i64.add
            (i64.mul (local.get $high) (local.get $other_high))
            (i64.add
              (i64.shr_u
                (i64.mul (local.get $high) (i64.and (local.get $other) (i64.const 0xFFFFFFFF)))
                (i64.const 32))
              (i64.shr_u
                (i64.mul (local.get $other_high) (i64.and (local.get $one) (i64.const 0xFFFFFFFF)))
                (i64.const 32))))))
      (br_if $more (i32.ne (local.get $left) (i32.const -2))))
    (select (i64.const 1) (local.get $number) (i64.eqz (local.get $number))))

  ;; A number for each of $rows texts that begin and end at places (i64 at $starts and $ends, counted
  ;; from $data): i64 at $out, 0 for none, which begins below 0. Gives how many are longer than
  ;; $most, whose numbers are to be found otherwise.
  (func $hashes
    (param $data i32) (param $starts i32) (param $ends i32) (param $rows i32) (param $keys i32)
    (param $most i32) (param $out i32) (result i32)
    (local $last i32) (local $left i32) (local $long i32) (local $start i64) (local $number i64)
    (local.set $last (i32.add (local.get $out) (i32.shl (local.get $rows) (i32.const 3))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $out) (local.get $last)))
        (local.set $number (i64.const 0))
        (local.set $start (i64.load (local.get $starts)))
        (if (i64.ge_s (local.get $start) (i64.const 0))
          (then
            (local.set $left
              (i32.wrap_i64 (i64.sub (i64.load (local.get $ends)) (local.get $start))))
            (local.set $long
              (i32.add (local.get $long) (i32.gt_s (local.get $left) (local.get $most))))
            (local.set $number
              (call $hash
                (i32.add (local.get $data) (i32.wrap_i64 (local.get $start)))
                (local.get $left) (local.get $keys)))))
        (i64.store (local.get $out) (local.get $number))
        (local.set $starts (i32.add (local.get $starts) (i32.const 8)))
        (local.set $ends (i32.add (local.get $ends) (i32.const 8)))
        (local.set $out (i32.add (local.get $out) (i32.const 8)))
        (br $next)))
    (local.get $long))

  ;; The same for texts that may end in a colon and one to five digits: numbers of the texts without
  ;; them (i64 at $bare), and of those with them (i64 at $out), made of the former.
  (func $ported
    (param $data i32) (param $starts i32) (param $ends i32) (param $rows i32) (param $keys i32)
    (param $most i32) (param $bare i32) (param $out i32) (result i32)
    (local $last i32) (local $begin i32) (local $end i32) (local $at i32) (local $long i32)
    (local $start i64) (local $number i64) (local $told i64)
    (local.set $last (i32.add (local.get $out) (i32.shl (local.get $rows) (i32.const 3))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $out) (local.get $last)))
        (local.set $number (i64.const 0))
        (local.set $told (i64.const 0))
        (local.set $start (i64.load (local.get $starts)))
        (if (i64.ge_s (local.get $start) (i64.const 0))
          (then
            (local.set $begin (i32.add (local.get $data) (i32.wrap_i64 (local.get $start))))
            (local.set $end
              (i32.add (local.get $data) (i32.wrap_i64 (i64.load (local.get $ends)))))
            ;; Back over the digits.
            (local.set $at (local.get $end))
            (block $ended
              (loop $digits
                (br_if $ended (i32.le_s (local.get $at) (local.get $begin)))
                (local.set $at (i32.sub (local.get $at) (i32.const 1)))
                (br_if $digits
                  (i32.lt_u
                    (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)) (i32.const 10)))))
            (if (i32.and
                  (i32.and
                    (i32.lt_s (local.get $at) (i32.sub (local.get $end) (i32.const 1)))
                    (i32.ge_s (local.get $at) (i32.sub (local.get $end) (i32.const 6))))
                  (i32.eq (i32.load8_u (local.get $at)) (i32.const 58)))
              (then
                (local.set $told
                  (i64.and
                    (i64.load (i32.sub (local.get $end) (i32.const 8)))
                    (i64.shl (i64.const -1)
                      (i64.extend_i32_u
                        (i32.shl
                          (i32.sub (i32.const 8) (i32.sub (local.get $end) (local.get $at)))
                          (i32.const 3))))))
                (local.set $end (local.get $at))))
            (local.set $long
              (i32.add (local.get $long)
                (i32.gt_s (i32.sub (local.get $end) (local.get $begin)) (local.get $most))))
            (local.set $number
              (call $hash (local.get $begin) (i32.sub (local.get $end) (local.get $begin))
                (local.get $keys)))
            (local.set $told (i64.mul (local.get $told) (i64.const 0x94D049BB133111EB)))
            (local.set $told
              (i64.mul
                (i64.xor (local.get $number)
                  (i64.xor (local.get $told) (i64.shr_u (local.get $told) (i64.const 29))))
                (i64.const 0xBF58476D1CE4E5B9)))
            (local.set $told
              (i64.xor (local.get $told) (i64.shr_u (local.get $told) (i64.const 32))))))
        (i64.store (local.get $bare) (local.get $number))
        (i64.store (local.get $out) (local.get $told))
        (local.set $starts (i32.add (local.get $starts) (i32.const 8)))
        (local.set $ends (i32.add (local.get $ends) (i32.const 8)))
        (local.set $bare (i32.add (local.get $bare) (i32.const 8)))
        (local.set $out (i32.add (local.get $out) (i32.const 8)))
        (br $next)))
    (local.get $long))

  ;; What the host calls: each function with the numbers at the beginning of the memory.
  (func $told (param $nth i32) (result i32)
    (i32.load (i32.shl (local.get $nth) (i32.const 2))))
  (func (export "peel") (result i32)
    (call $peel
      (call $told (i32.const 0)) (call $told (i32.const 1)) (call $told (i32.const 2))
      (call $told (i32.const 3)) (call $told (i32.const 4)) (call $told (i32.const 5))
      (call $told (i32.const 6)) (call $told (i32.const 7)) (call $told (i32.const 8))
      (call $told (i32.const 9))))
  (func (export "hashes") (result i32)
    (call $hashes
      (call $told (i32.const 0)) (call $told (i32.const 1)) (call $told (i32.const 2))
      (call $told (i32.const 3)) (call $told (i32.const 4)) (call $told (i32.const 5))
      (call $told (i32.const 6))))
  (func (export "ported") (result i32)
    (call $ported
      (call $told (i32.const 0)) (call $told (i32.const 1)) (call $told (i32.const 2))
      (call $told (i32.const 3)) (call $told (i32.const 4)) (call $told (i32.const 5))
      (call $told (i32.const 6)) (call $told (i32.const 7))))
)
