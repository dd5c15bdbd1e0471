;! opt_level=0
@g = global i32 3
@table = internal constant [4 x i8] c"abc\00", align 1
@alias = alias i32, ptr @g
declare i32 @puts(ptr)
define i32 @f(i32 %a, i32 %b) {
entry:
  %c = icmp slt i32 %a, %b
  br i1 %c, label %then, label %done
then:
  %d = add nsw i32 %a, 1
  %e = load i32, ptr @g, align 4
  %s = mul i32 %d, %e
  br label %done
done:
  %r = phi i32 [ %s, %then ], [ %b, %entry ]
  %u = call i32 @puts(ptr @table)
  %t = sub i32 %r, %u
  ret i32 %t
}
