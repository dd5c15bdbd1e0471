;! opt_level=3
%pair = type { i32, i64, [2 x i16] }
define i64 @f(i64 %a, i33 %b, i128 %w, ptr byval(%pair) align 8 %p, double %d) #0 {
  %z = zext i33 %b to i64
  %t = trunc i128 %w to i64
  %q = sdiv i64 %a, 7
  %u = udiv i64 %t, %z
  %s = call i64 @llvm.sadd.sat.i64(i64 %q, i64 %u)
  %o = call { i64, i1 } @llvm.umul.with.overflow.i64(i64 %s, i64 %a)
  %v = extractvalue { i64, i1 } %o, 0
  %g = getelementptr inbounds %pair, ptr %p, i32 0, i32 2, i64 1
  %h = load i16, ptr %g, align 2
  %x = sext i16 %h to i64
  %k = fptosi double %d to i64
  %f = freeze i64 %k
  %l = lshr exact i64 %f, 3
  %n = call i64 @llvm.fshl.i64(i64 %l, i64 %x, i64 %v)
  %c = call i64 @llvm.ctlz.i64(i64 %n, i1 false)
  %b2 = call i64 @llvm.bswap.i64(i64 %c)
  ret i64 %b2
}
declare i64 @llvm.sadd.sat.i64(i64, i64)
declare { i64, i1 } @llvm.umul.with.overflow.i64(i64, i64)
declare i64 @llvm.fshl.i64(i64, i64, i64)
declare i64 @llvm.ctlz.i64(i64, i1)
declare i64 @llvm.bswap.i64(i64)
attributes #0 = { nounwind uwtable "target-features"="+sse4.2" }
