;; Loops over lines, for who wants more of them than when they were written. `text_loops.py` and
;; `grouping.py` call them, as `loops.py` does those of `kernel.wat`: what is said there holds here too.
(module
  (import "errlog" "memory" (memory 1))

  ;; What some steps find on lines: of $rows places and ends (i64 at $places and $ends, counted from
  ;; $data), and numbers that steps may ask for (i8 at $levels, -1 for unknown). The steps are at
  ;; $program, 64 bytes each: a literal (16 bytes), which of its bits count, or a byte 16 times, or
  ;; another literal (16 bytes), what to do (u32, in the order in which it stands below), nothing
  ;; (u32), how many bytes to move on or to look at, the least that may be there, and another number
  ;; (i32 each), the column to note it in (u32, 1 for the first, 0 for none), the step to go to where
  ;; it fails (u32, bytes from $program on, 0 if the row does), and where among $slots to look
  ;; (u32). Columns are at $columns: starts and ends of the
  ;; first (i64[$rows] each), then those of the next. Leaves the place behind the last step (i64 at
  ;; $behind) and whether the row was read (i8 at $fine). Where $returns is 1, a carriage return
  ;; before an end is not part of the row. Gives how many rows were not read.
  ;;
  ;; With $signs columns are of one row each time, and what is told of their texts is left instead of
  ;; places, for each of $signed columns (one at least) as 16 bytes there say: what (u32: 0 its
  ;; number, 1 those of a client, without its port and with it, and the first letter of the word
  ;; before it), and where (u32 each: i64[$rows], i64[$rows] and i8[$rows]); 0 for none. They are
  ;; those of `logtool/frame/hashing.py`, made by three $keys (i64); the number of a text longer than
  ;; $most is 1. Up to 16 bytes before and behind texts are read. It gives how many of these there
  ;; are. A row whose place is below 0 has no text. (All that is written out here would take longer
  ;; in functions.)
  ;;
  ;; With $heads, unless that is 0, rows begin with heads that come again and again, and what steps
  ;; read begins behind them. There stand (u32 each): where slots for heads are (2**13 of 8 bytes,
  ;; as `$stamps` has them), their texts (64 bytes each), and of each (i32): how far it goes, its
  ;; level, whether it is read (1), not (0), or that depends on more than its text (2), and its
  ;; number among those of these rows and 1, 0 before the first row that has it; how many heads are
  ;; known, how many may be; where to leave the number of each row's head (i32[$rows]), and of each
  ;; number the first row (i64) and the head (i32); where rows with new heads (i64); the row to begin
  ;; with, and what is left below of those before it: how many numbers, and whether they cannot be told
  ;; of. Which bits of 64 bytes count is behind these. Leaves at the beginning of the memory how
  ;; many numbers there are, how many heads are known, and whether rows cannot be told of so: one
  ;; depends on more (1), or there are too many heads (2). From a new head on nothing is told of rows, but
  ;; what other heads are new. $levels and $behind are not used, and need not be there.
  (func $peel
    (param $data i32) (param $places i32) (param $ends i32) (param $levels i32) (param $rows i32)
    (param $program i32) (param $slots i32) (param $columns i32) (param $behind i32)
    (param $fine i32) (param $returns i32)
    (param $signs i32) (param $signed i32) (param $keys i32) (param $most i32) (param $heads i32)
    (result i32)
    (local $row i32) (local $at i32) (local $end i32) (local $step i32) (local $start i32)
    (local $bad i32) (local $bits i32) (local $column i32) (local $last i32) (local $bytes v128)
    (local $nth i32) (local $many i32) (local $long i32) (local $sign i32) (local $good i32)
    (local $behind_columns i32) (local $letter i32) (local $key i64) (local $number i64)
    (local $told i64) (local $word i64)
    (local $head_slots i32) (local $texts i32) (local $of_heads i32) (local $known i32)
    (local $limit i32) (local $kinds i32) (local $firsts i32) (local $ids i32) (local $news i32)
    (local $new i32) (local $count i32) (local $odd i32) (local $head_level i32)
    (local $head_0 v128) (local $head_1 v128) (local $head_2 v128) (local $head_3 v128)
    (local $bytes_0 v128) (local $bytes_1 v128) (local $bytes_2 v128) (local $bytes_3 v128)
    (local.set $many (select (i32.const 1) (local.get $rows) (local.get $signs)))
    (local.set $behind_columns
      (i32.add (local.get $columns) (i32.shl (local.get $signed) (i32.const 4))))
    (if (local.get $signs) (then (local.set $key (i64.load (local.get $keys)))))
    (if (local.get $heads)
      (then
        (local.set $head_slots (i32.load (local.get $heads)))
        (local.set $texts (i32.load offset=4 (local.get $heads)))
        (local.set $of_heads (i32.load offset=8 (local.get $heads)))
        (local.set $known (i32.load offset=12 (local.get $heads)))
        (local.set $limit (i32.load offset=16 (local.get $heads)))
        (local.set $kinds (i32.load offset=20 (local.get $heads)))
        (local.set $firsts (i32.load offset=24 (local.get $heads)))
        (local.set $ids (i32.load offset=28 (local.get $heads)))
        (local.set $news (i32.load offset=32 (local.get $heads)))
        (local.set $row (i32.load offset=36 (local.get $heads)))
        (local.set $count (i32.load offset=40 (local.get $heads)))
        (local.set $odd (i32.load offset=44 (local.get $heads)))
        (local.set $head_0 (v128.load offset=48 (local.get $heads)))
        (local.set $head_1 (v128.load offset=64 (local.get $heads)))
        (local.set $head_2 (v128.load offset=80 (local.get $heads)))
        (local.set $head_3 (v128.load offset=96 (local.get $heads)))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $row) (local.get $rows)))
        (if (local.get $signs)
          (then
            (local.set $column (local.get $columns))
            (loop $none
              (v128.store (local.get $column) (v128.const i64x2 -1 -1))
              (local.set $column (i32.add (local.get $column) (i32.const 16)))
              (br_if $none (i32.lt_u (local.get $column) (local.get $behind_columns)))))
          (else (local.set $nth (local.get $row))))
        (local.set $at
          (i32.add (local.get $data)
            (i32.wrap_i64
              (i64.load (i32.add (local.get $places) (i32.shl (local.get $row) (i32.const 3)))))))
        (local.set $end
          (i32.add (local.get $data)
            (i32.wrap_i64
              (i64.load (i32.add (local.get $ends) (i32.shl (local.get $row) (i32.const 3)))))))
        (if (i32.and (local.get $returns) (i32.gt_u (local.get $end) (local.get $data)))
          (then
            (local.set $end
              (i32.sub (local.get $end)
                (i32.eq
                  (i32.load8_u (i32.sub (local.get $end) (i32.const 1))) (i32.const 13))))))
        (local.set $step (local.get $program))
        (local.set $good (i32.const 0))
        (block $read
          (if (i32.lt_s (local.get $at) (local.get $data))
            (then (local.set $odd (i32.const 1)) (br $read)))
          (if (local.get $heads)
            (then
              ;; As in `$stamps`.
              (local.set $bytes_0 (v128.and (local.get $head_0) (v128.load (local.get $at))))
              (local.set $bytes_1
                (v128.and (local.get $head_1) (v128.load offset=16 (local.get $at))))
              (local.set $bytes_2
                (v128.and (local.get $head_2) (v128.load offset=32 (local.get $at))))
              (local.set $bytes_3
                (v128.and (local.get $head_3) (v128.load offset=48 (local.get $at))))
              (local.set $bytes
                (i32x4.add
                  (i32x4.add
                    (i32x4.dot_i16x8_s (local.get $bytes_0)
                      (v128.const i16x8 20021 27751 11117 31337 7211 24709 17977 29443))
                    (i32x4.dot_i16x8_s (local.get $bytes_1)
                      (v128.const i16x8 30011 9349 26699 13537 31981 19273 5563 22067)))
                  (i32x4.add
                    (i32x4.dot_i16x8_s (local.get $bytes_2)
                      (v128.const i16x8 8713 25561 18127 32159 14771 28859 21523 10103))
                    (i32x4.dot_i16x8_s (local.get $bytes_3)
                      (v128.const i16x8 23189 12241 29741 6709 16649 31541 9883 27211)))))
              (local.set $bits
                (i32.and (i32.const 0xFFF8)
                  (i32.wrap_i64
                    (i64.shr_u
                      (i64.mul
                        (i64.xor
                          (i64.rotl
                            (i64.mul (i64x2.extract_lane 0 (local.get $bytes))
                              (i64.const 0x9E3779B97F4A7C15))
                            (i64.const 29))
                          (i64x2.extract_lane 1 (local.get $bytes)))
                        (i64.const 0xBF58476D1CE4E5B9))
                      (i64.const 45)))))
              (block $found
                (loop $probe
                  (local.set $column (i32.add (local.get $head_slots) (local.get $bits)))
                  (local.set $last (i32.load offset=4 (local.get $column)))
                  (if (i32.eqz (i32.load (local.get $column)))
                    (then
                      (if (i32.ge_u (local.get $known) (local.get $limit))
                        (then (local.set $odd (i32.const 2)) (br $done)))
                      (i64.store
                        (i32.add (local.get $news) (i32.shl (local.get $new) (i32.const 3)))
                        (i64.extend_i32_u (local.get $row)))
                      (local.set $new (i32.add (local.get $new) (i32.const 1)))
                      (local.set $last
                        (i32.add (local.get $texts) (i32.shl (local.get $known) (i32.const 6))))
                      (v128.store (local.get $last) (local.get $bytes_0))
                      (v128.store offset=16 (local.get $last) (local.get $bytes_1))
                      (v128.store offset=32 (local.get $last) (local.get $bytes_2))
                      (v128.store offset=48 (local.get $last) (local.get $bytes_3))
                      (local.set $known (i32.add (local.get $known) (i32.const 1)))
                      (i32.store (local.get $column) (local.get $known))
                      (i32.store offset=4 (local.get $column) (local.get $last))
                      (br $found)))
                  (br_if $found
                    (i32.eqz
                      (v128.any_true
                        (v128.or
                          (v128.or
                            (v128.xor (local.get $bytes_0) (v128.load (local.get $last)))
                            (v128.xor (local.get $bytes_1)
                              (v128.load offset=16 (local.get $last))))
                          (v128.or
                            (v128.xor (local.get $bytes_2)
                              (v128.load offset=32 (local.get $last)))
                            (v128.xor (local.get $bytes_3)
                              (v128.load offset=48 (local.get $last))))))))
                  (local.set $bits
                    (i32.and (i32.const 0xFFF8) (i32.add (local.get $bits) (i32.const 8))))
                  (br $probe)))
              (if (local.get $new)
                (then
                  (local.set $row (i32.add (local.get $row) (i32.const 1)))
                  (br $next)))
              (local.set $last
                (i32.add (local.get $of_heads)
                  (i32.shl
                    (i32.sub (i32.load (local.get $column)) (i32.const 1)) (i32.const 4))))
              (if (i32.eqz (i32.load offset=12 (local.get $last)))
                (then
                  (i64.store
                    (i32.add (local.get $firsts) (i32.shl (local.get $count) (i32.const 3)))
                    (i64.extend_i32_u (local.get $row)))
                  (i32.store
                    (i32.add (local.get $ids) (i32.shl (local.get $count) (i32.const 2)))
                    (i32.sub (i32.load (local.get $column)) (i32.const 1)))
                  (local.set $count (i32.add (local.get $count) (i32.const 1)))
                  (i32.store offset=12 (local.get $last) (local.get $count))
                  (local.set $odd
                    (i32.or (local.get $odd)
                      (i32.eq (i32.load offset=8 (local.get $last)) (i32.const 2))))))
              (i32.store
                (i32.add (local.get $kinds) (i32.shl (local.get $row) (i32.const 2)))
                (i32.sub (i32.load offset=12 (local.get $last)) (i32.const 1)))
              (local.set $head_level (i32.load offset=4 (local.get $last)))
              (local.set $at (i32.add (local.get $at) (i32.load (local.get $last))))
              (br_if $read (i32.ne (i32.load offset=8 (local.get $last)) (i32.const 1)))))
          (loop $go
            (local.set $start (local.get $at))
            (block $on
              (block $note
                (block $failed
                  (block $end_of_program (block $literal (block $either (block $token
                  (block $digits (block $find (block $rest (block $level (block $above
                  (block $hyphen (block $back (block $noted (block $keep (block $restore
                  (block $address (block $log_id (block $here
                    (br_table $end_of_program $literal $either $token $digits $find $rest $level
                      $above $hyphen $back $noted $keep $restore $failed $address $log_id $here
                      $failed (i32.load offset=32 (local.get $step))))
                  ;; here: the place is kept
                  (i32.store
                    (i32.add (local.get $slots) (i32.load offset=60 (local.get $step)))
                    (local.get $at))
                  (br $on))
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
                        (i32.add (local.get $nth)
                          (i32.mul (local.get $many)
                            (i32.shl
                              (i32.sub (i32.load offset=52 (local.get $step)) (i32.const 1))
                              (i32.const 1))))
                        (i32.const 3))))
                  (local.set $last
                    (i32.add (local.get $slots) (i32.load offset=60 (local.get $step))))
                  (i64.store (local.get $column) (i64.load (local.get $last)))
                  (i64.store
                    (i32.add (local.get $column) (i32.shl (local.get $many) (i32.const 3)))
                    (i64.load offset=8 (local.get $last)))
                  (br $on))
                  ;; keep: what the column says
                  (local.set $column
                    (i32.add (local.get $columns)
                      (i32.shl
                        (i32.add (local.get $nth)
                          (i32.mul (local.get $many)
                            (i32.shl
                              (i32.sub (i32.load offset=52 (local.get $step)) (i32.const 1))
                              (i32.const 1))))
                        (i32.const 3))))
                  (local.set $last
                    (i32.add (local.get $slots) (i32.load offset=60 (local.get $step))))
                  (i64.store (local.get $last) (i64.load (local.get $column)))
                  (i64.store offset=8 (local.get $last)
                    (i64.load
                      (i32.add (local.get $column) (i32.shl (local.get $many) (i32.const 3)))))
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
                  (if (local.get $heads)
                    (then (local.set $bits (local.get $head_level)))
                    (else
                      (local.set $bits
                        (i32.load8_s (i32.add (local.get $levels) (local.get $row))))))
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
                  (local.set $good (i32.const 1))
                  (br $read))
                ;; failed
                (local.set $bits (i32.load offset=56 (local.get $step)))
                (if (i32.eqz (local.get $bits))
                  (then
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
                    (i32.add (local.get $nth)
                      (i32.mul (local.get $many)
                        (i32.shl (i32.sub (local.get $column) (i32.const 1)) (i32.const 1))))
                    (i32.const 3))))
              (i64.store (local.get $column)
                (i64.extend_i32_u (i32.sub (local.get $start) (local.get $data))))
              (i64.store
                (i32.add (local.get $column) (i32.shl (local.get $many) (i32.const 3)))
                (i64.extend_i32_u (i32.sub (local.get $last) (local.get $data)))))
            (local.set $step (i32.add (local.get $step) (i32.const 64)))
            (br $go)))
        (i32.store8 (i32.add (local.get $fine) (local.get $row)) (local.get $good))
        (if (i32.eqz (local.get $heads))
          (then
            (i64.store (i32.add (local.get $behind) (i32.shl (local.get $row) (i32.const 3)))
              (i64.extend_i32_u (i32.sub (local.get $at) (local.get $data))))))
        (if (local.get $signs)
          (then
            (local.set $column (local.get $columns))
            (local.set $sign (local.get $signs))
            (loop $tell
              (local.set $bits (i32.load (local.get $sign)))
              (local.set $number (i64.const 0))
              (local.set $told (i64.const 0))
              (local.set $letter (i32.const 0))
              (if (i32.and (local.get $good)
                    (i32.ge_s (i32.load (local.get $column)) (i32.const 0)))
                (then
                  (local.set $at (i32.add (local.get $data) (i32.load (local.get $column))))
                  (local.set $end
                    (i32.add (local.get $data) (i32.load offset=8 (local.get $column))))
                  (local.set $word
                    (select
                      (i64.load (i32.sub (local.get $at) (i32.const 8))) (i64.const 0)
                      (i32.gt_s (i32.load (local.get $column)) (i32.const 7))))
                  (if (local.get $bits)
                    (then
                      ;; How many digits it ends in; a port is a colon and one to five of them.
                      (local.set $last
                        (i32.sub
                          (i32.clz
                            (i8x16.bitmask
                              (i8x16.gt_u
                                (i8x16.sub
                                  (v128.load (i32.sub (local.get $end) (i32.const 16)))
                                  (i8x16.splat (i32.const 48)))
                                (i8x16.splat (i32.const 9)))))
                          (i32.const 16)))
                      (if (i32.and
                            (i32.and
                              (i32.lt_u
                                (i32.sub (local.get $last) (i32.const 1)) (i32.const 5))
                              (i32.lt_s (local.get $last)
                                (i32.sub (local.get $end) (local.get $at))))
                            (i32.eq (i32.const 58)
                              (i32.load8_u
                                (i32.sub
                                  (i32.sub (local.get $end) (local.get $last))
                                  (i32.const 1)))))
                        (then
                          (local.set $told
                            (i64.and
                              (i64.load (i32.sub (local.get $end) (i32.const 8)))
                              (i64.shl (i64.const -1)
                                (i64.extend_i32_u
                                  (i32.shl
                                    (i32.sub (i32.const 7) (local.get $last))
                                    (i32.const 3))))))
                          (local.set $end
                            (i32.sub
                              (i32.sub (local.get $end) (local.get $last))
                              (i32.const 1)))))))
                  (local.set $start (i32.sub (local.get $end) (local.get $at)))
                  (if (i32.gt_s (local.get $start) (local.get $most))
                    (then
                      (local.set $long (i32.add (local.get $long) (i32.const 1)))
                      (local.set $number (i64.const 1)))
                    (else
                      (local.set $number
                        (i64.xor
                          (i64.load offset=8 (local.get $keys))
                          (i64.extend_i32_s (local.get $start))))
                      (local.set $last (i32.sub (local.get $end) (i32.const 16)))
                      (block $rest
                        (loop $more
                          (br_if $rest (i32.ge_s (local.get $at) (local.get $last)))
                          (i64.mul_wide_u
                            (i64.xor (i64.load (local.get $at)) (local.get $key))
                            (i64.xor
                              (i64.load offset=8 (local.get $at)) (local.get $number)))
                          (local.set $number (i64.xor))
                          (local.set $at (i32.add (local.get $at) (i32.const 16)))
                          (br $more)))
                      ;; The last 16 bytes, or all there are, zero behind them.
                      (local.set $bytes
                        (v128.and
                          (v128.load
                            (select (local.get $at) (local.get $last)
                              (i32.lt_s (local.get $start) (i32.const 16))))
                          (i8x16.lt_s
                            (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
                            (i8x16.splat
                              (select (local.get $start) (i32.const 16)
                                (i32.lt_s (local.get $start) (i32.const 16)))))))
                      (i64.mul_wide_u
                        (i64.xor
                          (i64x2.extract_lane 0 (local.get $bytes)) (local.get $key))
                        (i64.xor
                          (i64x2.extract_lane 1 (local.get $bytes)) (local.get $number)))
                      (local.set $number (i64.xor))
                      (i64.mul_wide_u
                        (i64.xor
                          (local.get $number) (i64.load offset=16 (local.get $keys)))
                        (local.get $key))
                      (local.set $number (i64.xor))
                      (local.set $number
                        (select (i64.const 1) (local.get $number)
                          (i64.eqz (local.get $number))))))
                  ;; The number with the port is made of that without it.
                  (if (local.get $bits)
                    (then
                      (local.set $told
                        (i64.mul (local.get $told) (i64.const 0x94D049BB133111EB)))
                      (local.set $told
                        (i64.mul
                          (i64.xor (local.get $number)
                            (i64.xor
                              (local.get $told)
                              (i64.shr_u (local.get $told) (i64.const 29))))
                          (i64.const 0xBF58476D1CE4E5B9)))
                      (local.set $told
                        (i64.xor (local.get $told)
                          (i64.shr_u (local.get $told) (i64.const 32))))
                      ;; A `c` of `[client ` or an `r` of `[remote ` before it.
                      (local.set $letter
                        (i32.and
                          (i32.wrap_i64 (i64.shr_u (local.get $word) (i64.const 8)))
                          (i32.sub (i32.const 0)
                            (i32.or
                              (i64.eq (local.get $word) (i64.const 0x20746E65696C635B))
                              (i64.eq (local.get $word) (i64.const 0x2065746F6D65725B))))))))))
              (local.set $last (i32.shl (local.get $row) (i32.const 3)))
              (i64.store
                (i32.add (i32.load offset=4 (local.get $sign)) (local.get $last))
                (local.get $number))
              (if (local.get $bits)
                (then
                  (i64.store
                    (i32.add (i32.load offset=8 (local.get $sign)) (local.get $last))
                    (local.get $told))
                  (i32.store8
                    (i32.add (i32.load offset=12 (local.get $sign)) (local.get $row))
                    (local.get $letter))))
              (local.set $column (i32.add (local.get $column) (i32.const 16)))
              (local.set $sign (i32.add (local.get $sign) (i32.const 16)))
              (br_if $tell (i32.lt_u (local.get $column) (local.get $behind_columns))))))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $next)))
    (if (local.get $heads)
      (then
        (i32.store (i32.const 0) (local.get $count))
        (i32.store (i32.const 4) (local.get $known))
        (i32.store (i32.const 8) (local.get $odd))))
    (select (local.get $long) (local.get $bad) (local.get $signs)))

  ;; Sums of $rows rows, of each of which are known: its time (i64 at $us, microseconds, the least
  ;; number there is for none), its writer (i32 at $writers), of whom is known whether his rows are
  ;; bad (0 or 1: i8 at $bads), and its client (i64 at $clients, 0 for none). At $period are when the
  ;; first part begins, how long parts are, and the number of the last one (i64 each): what is before
  ;; or behind counts to the nearest, what has no time to the first. Leaves five i64 for each writer
  ;; and part at $flows, and for each client at $groups, as `$grouped` does; keys of the former are
  ;; 2048 times the writer and the part. To i64[168] at $hours, by the hour of the week from Monday,
  ;; rows that have a time are added. $flow_slots and $slots are as `$grouped` has them. Leaves at the
  ;; beginning of the memory how many there are of both. Gives 0, or -1 for more than $most. (What is
  ;; written out here twice would take longer in a function.)
  (func $summed
    (param $us i32) (param $writers i32) (param $bads i32) (param $clients i32) (param $rows i32)
    (param $period i32) (param $flows i32) (param $groups i32) (param $hours i32)
    (param $flow_slots i32) (param $slots i32) (param $bits i32) (param $most i32) (result i32)
    (local $row i32) (local $slot i32) (local $group i32) (local $last i32) (local $failed i32)
    (local $flow_count i32) (local $count i32) (local $timed i32) (local $hour i32)
    (local $writer i32) (local $shift i64) (local $key i64) (local $time i64) (local $is_bad i64)
    (local $part i64) (local $from i64) (local $to i64) (local $hour_from i64)
    (local $hour_to i64) (local $start i64) (local $step i64) (local $end i64)
    (local.set $shift (i64.extend_i32_u (i32.sub (i32.const 62) (local.get $bits))))
    (local.set $last (i32.shl (i32.sub (i32.shl (i32.const 1) (local.get $bits)) (i32.const 1))
      (i32.const 2)))
    (local.set $start (i64.load (local.get $period)))
    (local.set $step (i64.load offset=8 (local.get $period)))
    (local.set $end (i64.load offset=16 (local.get $period)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $row) (local.get $rows)))
        (local.set $time (i64.load (local.get $us)))
        (local.set $timed (i64.ne (local.get $time) (i64.const 0x8000000000000000)))
        (local.set $writer (i32.load (local.get $writers)))
        ;; Rows come as time goes: few begin another part.
        (if (i32.or
              (i64.lt_s (local.get $time) (local.get $from))
              (i64.ge_s (local.get $time) (local.get $to)))
          (then
            (local.set $part (i64.const 0))
            (local.set $from (i64.const 0x8000000000000000))
            (local.set $to (i64.const 0x7FFFFFFFFFFFFFFF))
            (if (i64.gt_s (local.get $time) (local.get $start))
              (then
                (local.set $part
                  (i64.div_s
                    (i64.sub (local.get $time) (local.get $start)) (local.get $step)))
                (if (i64.gt_s (local.get $part) (local.get $end))
                  (then (local.set $part (local.get $end))))
                (if (i64.gt_s (local.get $part) (i64.const 0))
                  (then
                    (local.set $from
                      (i64.add (local.get $start)
                        (i64.mul (local.get $part) (local.get $step))))))))
            (if (i64.lt_s (local.get $part) (local.get $end))
              (then
                (local.set $to
                  (i64.add (local.get $start)
                    (i64.mul
                      (i64.add (local.get $part) (i64.const 1)) (local.get $step))))))))
        (if (local.get $timed)
          (then
            (if (i32.or
                  (i64.lt_s (local.get $time) (local.get $hour_from))
                  (i64.ge_s (local.get $time) (local.get $hour_to)))
              (then
                (local.set $key
                  (i64.div_s (local.get $time) (i64.const 3600000000)))
                (local.set $hour_from (i64.mul (local.get $key) (i64.const 3600000000)))
                (if (i64.gt_s (local.get $hour_from) (local.get $time))
                  (then
                    (local.set $key (i64.sub (local.get $key) (i64.const 1)))
                    (local.set $hour_from
                      (i64.sub (local.get $hour_from) (i64.const 3600000000)))))
                (local.set $hour_to
                  (i64.add (local.get $hour_from) (i64.const 3600000000)))
                ;; 1970-01-01 was a Thursday.
                (local.set $key
                  (i64.rem_s (i64.add (local.get $key) (i64.const 72)) (i64.const 168)))
                (if (i64.lt_s (local.get $key) (i64.const 0))
                  (then (local.set $key (i64.add (local.get $key) (i64.const 168)))))
                (local.set $hour
                  (i32.add (local.get $hours)
                    (i32.shl (i32.wrap_i64 (local.get $key)) (i32.const 3))))))
            (i64.store (local.get $hour)
              (i64.add (i64.load (local.get $hour)) (i64.const 1)))))
        (local.set $is_bad
          (i64.load8_u (i32.add (local.get $bads) (local.get $writer))))
        (local.set $key
          (i64.or
            (i64.shl (i64.extend_i32_u (local.get $writer)) (i64.const 11)) (local.get $part)))
        (local.set $slot
          (i32.and (local.get $last)
            (i32.wrap_i64
              (i64.shr_u
                (i64.mul (local.get $key) (i64.const 0x9E3779B97F4A7C15))
                (local.get $shift)))))
        (block $found
          (loop $probe
            (local.set $group (i32.load (i32.add (local.get $flow_slots) (local.get $slot))))
            (if (i32.eqz (local.get $group))
              (then
                (if (i32.ge_u (local.get $flow_count) (local.get $most))
                  (then (local.set $failed (i32.const -1)) (br $done)))
                (local.set $group
                  (i32.add (local.get $flows)
                    (i32.mul (local.get $flow_count) (i32.const 40))))
                (local.set $flow_count (i32.add (local.get $flow_count) (i32.const 1)))
                (i32.store (i32.add (local.get $flow_slots) (local.get $slot)) (local.get $group))
                (i64.store (local.get $group) (local.get $key))
                (i64.store offset=8 (local.get $group) (i64.const 0))
                (i64.store offset=16 (local.get $group) (i64.const 0))
                (i64.store offset=24 (local.get $group) (i64.const 0x7FFFFFFFFFFFFFFF))
                (i64.store offset=32 (local.get $group) (i64.const 0x8000000000000000))
                (br $found)))
            (br_if $found (i64.eq (i64.load (local.get $group)) (local.get $key)))
            (local.set $slot
              (i32.and (local.get $last) (i32.add (local.get $slot) (i32.const 4))))
            (br $probe)))
        (i64.store offset=8 (local.get $group)
          (i64.add (i64.load offset=8 (local.get $group)) (i64.const 1)))
        (i64.store offset=16 (local.get $group)
          (i64.add (i64.load offset=16 (local.get $group)) (local.get $is_bad)))
        (if (local.get $timed)
          (then
            (if (i64.lt_s (local.get $time) (i64.load offset=24 (local.get $group)))
              (then (i64.store offset=24 (local.get $group) (local.get $time))))
            (if (i64.gt_s (local.get $time) (i64.load offset=32 (local.get $group)))
              (then (i64.store offset=32 (local.get $group) (local.get $time))))))
        (local.set $key (i64.load (local.get $clients)))
        (if (i64.ne (local.get $key) (i64.const 0))
          (then
            (local.set $slot
              (i32.and (local.get $last)
                (i32.wrap_i64
                  (i64.shr_u
                    (i64.mul (local.get $key) (i64.const 0x9E3779B97F4A7C15))
                    (local.get $shift)))))
            (block $found
              (loop $probe
                (local.set $group (i32.load (i32.add (local.get $slots) (local.get $slot))))
                (if (i32.eqz (local.get $group))
                  (then
                    (if (i32.ge_u (local.get $count) (local.get $most))
                      (then (local.set $failed (i32.const -1)) (br $done)))
                    (local.set $group
                      (i32.add (local.get $groups)
                        (i32.mul (local.get $count) (i32.const 40))))
                    (local.set $count (i32.add (local.get $count) (i32.const 1)))
                    (i32.store (i32.add (local.get $slots) (local.get $slot)) (local.get $group))
                    (i64.store (local.get $group) (local.get $key))
                    (i64.store offset=8 (local.get $group) (i64.const 0))
                    (i64.store offset=16 (local.get $group) (i64.const 0))
                    (i64.store offset=24 (local.get $group) (i64.const 0x7FFFFFFFFFFFFFFF))
                    (i64.store offset=32 (local.get $group) (i64.const 0x8000000000000000))
                    (br $found)))
                (br_if $found (i64.eq (i64.load (local.get $group)) (local.get $key)))
                (local.set $slot
                  (i32.and (local.get $last) (i32.add (local.get $slot) (i32.const 4))))
                (br $probe)))
            (i64.store offset=8 (local.get $group)
              (i64.add (i64.load offset=8 (local.get $group)) (i64.const 1)))
            (i64.store offset=16 (local.get $group)
              (i64.add (i64.load offset=16 (local.get $group)) (local.get $is_bad)))
            (if (local.get $timed)
              (then
                (if (i64.lt_s (local.get $time) (i64.load offset=24 (local.get $group)))
                  (then (i64.store offset=24 (local.get $group) (local.get $time))))
                (if (i64.gt_s (local.get $time) (i64.load offset=32 (local.get $group)))
                  (then (i64.store offset=32 (local.get $group) (local.get $time))))))))
        (local.set $us (i32.add (local.get $us) (i32.const 8)))
        (local.set $clients (i32.add (local.get $clients) (i32.const 8)))
        (local.set $writers (i32.add (local.get $writers) (i32.const 4)))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $next)))
    (memory.fill
      (local.get $flow_slots) (i32.const 0) (i32.shl (i32.const 4) (local.get $bits)))
    (memory.fill
      (local.get $slots) (i32.const 0) (i32.shl (i32.const 4) (local.get $bits)))
    (i32.store (i32.const 0) (local.get $flow_count))
    (i32.store (i32.const 4) (local.get $count))
    (local.get $failed))

  ;; Numbers and instants of $rows rows. Of each row are known: its writer (i32 at $writers), a text
  ;; and a client (i64 at $texts and $clients, 0 for none), and a time (i64 at $times, the least number
  ;; there is for none). Of each writer at $of_writers: what its texts are mixed with, and what is
  ;; taken off its times, the least number there is where that is not known (i64 each). Texts and
  ;; clients, 2**$bits of each at most, stand at $text_slots and $client_slots at the place that their
  ;; lowest bits tell, and their numbers behind them (i64 each). Leaves the number of each text (i32 at
  ;; $text_numbers) and client (i64 at $client_numbers), 0 for none; the instants (i64 at $instants),
  ;; the least number there is for those that are not from the first of $bounds up to the second
  ;; (i64); and whether there is a client (i8 at $addressed). Rows with a text or a client that is
  ;; not at its place are left at $missed_texts and $missed_clients (i32), how many these are at the
  ;; beginning of the memory.
  (func $looked_up
    (param $writers i32) (param $texts i32) (param $clients i32) (param $times i32)
    (param $rows i32) (param $of_writers i32) (param $text_slots i32) (param $client_slots i32)
    (param $bits i32) (param $bounds i32) (param $text_numbers i32) (param $client_numbers i32)
    (param $instants i32) (param $addressed i32) (param $missed_texts i32)
    (param $missed_clients i32)
    (local $row i32) (local $last i32) (local $own i32) (local $slot i32) (local $texts_left i32)
    (local $clients_left i32) (local $same i32) (local $key i64) (local $time i64) (local $off i64)
    (local $first i64) (local $behind i64)
    (local.set $last (i32.shl (i32.sub (i32.shl (i32.const 1) (local.get $bits)) (i32.const 1))
      (i32.const 4)))
    (local.set $first (i64.load (local.get $bounds)))
    (local.set $behind (i64.load offset=8 (local.get $bounds)))
    (local.set $texts_left (local.get $missed_texts))
    (local.set $clients_left (local.get $missed_clients))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $row) (local.get $rows)))
        (local.set $own
          (i32.add (local.get $of_writers)
            (i32.shl (i32.load (local.get $writers)) (i32.const 4))))
        (local.set $key (i64.load (local.get $texts)))
        (local.set $key
          (select
            (i64.xor (local.get $key) (i64.load (local.get $own))) (i64.const 0)
            (i64.ne (local.get $key) (i64.const 0))))
        (local.set $slot
          (i32.add (local.get $text_slots)
            (i32.and (local.get $last)
              (i32.shl (i32.wrap_i64 (local.get $key)) (i32.const 4)))))
        (local.set $same (i64.eq (i64.load (local.get $slot)) (local.get $key)))
        (i32.store (local.get $text_numbers)
          (select
            (i32.load offset=8 (local.get $slot)) (i32.const 0) (local.get $same)))
        (if (i32.and
              (i32.eqz (local.get $same)) (i64.ne (local.get $key) (i64.const 0)))
          (then
            (i32.store (local.get $texts_left) (local.get $row))
            (local.set $texts_left (i32.add (local.get $texts_left) (i32.const 4)))))
        (local.set $key (i64.load (local.get $clients)))
        (local.set $slot
          (i32.add (local.get $client_slots)
            (i32.and (local.get $last)
              (i32.shl (i32.wrap_i64 (local.get $key)) (i32.const 4)))))
        (local.set $same (i64.eq (i64.load (local.get $slot)) (local.get $key)))
        (i64.store (local.get $client_numbers)
          (select
            (i64.load offset=8 (local.get $slot)) (i64.const 0) (local.get $same)))
        (i32.store8 (i32.add (local.get $addressed) (local.get $row))
          (i64.ne (local.get $key) (i64.const 0)))
        (if (i32.and
              (i32.eqz (local.get $same)) (i64.ne (local.get $key) (i64.const 0)))
          (then
            (i32.store (local.get $clients_left) (local.get $row))
            (local.set $clients_left (i32.add (local.get $clients_left) (i32.const 4)))))
        (local.set $time (i64.load (local.get $times)))
        (local.set $off (i64.load offset=8 (local.get $own)))
        (local.set $same
          (i32.and
            (i64.ne (local.get $time) (i64.const 0x8000000000000000))
            (i64.ne (local.get $off) (i64.const 0x8000000000000000))))
        (local.set $time (i64.sub (local.get $time) (local.get $off)))
        (i64.store (local.get $instants)
          (select
            (local.get $time) (i64.const 0x8000000000000000)
            (i32.and
              (local.get $same)
              (i32.and
                (i64.ge_s (local.get $time) (local.get $first))
                (i64.lt_s (local.get $time) (local.get $behind))))))
        (local.set $writers (i32.add (local.get $writers) (i32.const 4)))
        (local.set $texts (i32.add (local.get $texts) (i32.const 8)))
        (local.set $clients (i32.add (local.get $clients) (i32.const 8)))
        (local.set $times (i32.add (local.get $times) (i32.const 8)))
        (local.set $text_numbers (i32.add (local.get $text_numbers) (i32.const 4)))
        (local.set $client_numbers (i32.add (local.get $client_numbers) (i32.const 8)))
        (local.set $instants (i32.add (local.get $instants) (i32.const 8)))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $next)))
    (i32.store (i32.const 0)
      (i32.shr_u (i32.sub (local.get $texts_left) (local.get $missed_texts)) (i32.const 2)))
    (i32.store (i32.const 4)
      (i32.shr_u (i32.sub (local.get $clients_left) (local.get $missed_clients)) (i32.const 2))))

  ;; What the host calls: each function with the numbers at the beginning of the memory.
  (func $told (param $nth i32) (result i32)
    (i32.load (i32.shl (local.get $nth) (i32.const 2))))
  (func (export "peel") (result i32)
    (call $peel
      (call $told (i32.const 0)) (call $told (i32.const 1)) (call $told (i32.const 2))
      (call $told (i32.const 3)) (call $told (i32.const 4)) (call $told (i32.const 5))
      (call $told (i32.const 6)) (call $told (i32.const 7)) (call $told (i32.const 8))
      (call $told (i32.const 9)) (call $told (i32.const 10)) (call $told (i32.const 11))
      (call $told (i32.const 12)) (call $told (i32.const 13)) (call $told (i32.const 14))
      (call $told (i32.const 15))))
  (func (export "summed") (result i32)
    (call $summed
      (call $told (i32.const 0)) (call $told (i32.const 1)) (call $told (i32.const 2))
      (call $told (i32.const 3)) (call $told (i32.const 4)) (call $told (i32.const 5))
      (call $told (i32.const 6)) (call $told (i32.const 7)) (call $told (i32.const 8))
      (call $told (i32.const 9)) (call $told (i32.const 10)) (call $told (i32.const 11))
      (call $told (i32.const 12))))
  (func (export "looked_up")
    (call $looked_up
      (call $told (i32.const 0)) (call $told (i32.const 1)) (call $told (i32.const 2))
      (call $told (i32.const 3)) (call $told (i32.const 4)) (call $told (i32.const 5))
      (call $told (i32.const 6)) (call $told (i32.const 7)) (call $told (i32.const 8))
      (call $told (i32.const 9)) (call $told (i32.const 10)) (call $told (i32.const 11))
      (call $told (i32.const 12)) (call $told (i32.const 13)) (call $told (i32.const 14))
      (call $told (i32.const 15))))
)
