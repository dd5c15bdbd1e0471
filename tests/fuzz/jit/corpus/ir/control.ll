;! opt_level=1
@llvm.global_ctors = appending global [1 x { i32, ptr, ptr }] [{ i32, ptr, ptr } { i32 1, ptr @begin, ptr null }]
@t = thread_local global i32 4
@w = weak hidden global ptr null
@i = linkonce_odr global i32 1, section "mine", align 64
$any = comdat any
declare i32 @__gxx_personality_v0(...)
declare void @may_throw()
define internal void @begin() { ret void }
define void @any() noinline comdat { ret void }
define i32 @f(i32 %n, ptr %p) personality ptr @__gxx_personality_v0 {
entry:
  %a = alloca i32, i32 %n, align 16
  switch i32 %n, label %d [ i32 0, label %z
                            i32 7, label %loop ]
loop:
  %i = phi i32 [ 0, %entry ], [ %j, %loop ]
  %j = add nuw nsw i32 %i, 1
  %x = atomicrmw add ptr %a, i32 %i seq_cst
  %y = cmpxchg weak ptr %p, i32 %x, i32 %j acq_rel monotonic
  fence release
  %c = icmp ult i32 %j, %n
  br i1 %c, label %loop, label %z, !prof !0, !llvm.loop !1
z:
  invoke void @any() to label %ok unwind label %bad
ok:
  call void @llvm.memcpy.p0.p0.i64(ptr %a, ptr %p, i64 16, i1 false)
  %k = call i32 asm sideeffect "nop", "=r,r,~{memory}"(i32 %n)
  %v = tail call i32 @f(i32 %k, ptr %a)
  ret i32 %v
bad:
  %l = landingpad { ptr, i32 } cleanup catch ptr null
  resume { ptr, i32 } %l
d:
  unreachable
}
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
!0 = !{!"branch_weights", i32 1, i32 99}
!1 = distinct !{!1, !2}
!2 = !{!"llvm.loop.vectorize.width", i32 4}
