;! opt_level=2
define <4 x float> @f(<4 x float> %a, <4 x float> %b, ptr %p) {
  %s = fadd fast <4 x float> %a, %b
  %m = shufflevector <4 x float> %s, <4 x float> %b, <4 x i32> <i32 0, i32 5, i32 2, i32 7>
  %c = fcmp ogt <4 x float> %m, zeroinitializer
  %x = select <4 x i1> %c, <4 x float> %m, <4 x float> %a
  %e = extractelement <4 x float> %x, i32 1
  %i = insertelement <4 x float> %x, float %e, i32 3
  store <4 x float> %i, ptr %p, align 16
  %q = call <4 x float> @llvm.fma.v4f32(<4 x float> %i, <4 x float> %a, <4 x float> %b)
  %r = call float @llvm.vector.reduce.fadd.v4f32(float 0.0, <4 x float> %q)
  %t = insertelement <4 x float> %q, float %r, i64 0
  ret <4 x float> %t
}
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
declare float @llvm.vector.reduce.fadd.v4f32(float, <4 x float>)
