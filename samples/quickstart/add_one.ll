; add_one(x, y): y[i] = x[i] + 1 for vectors of float32 on the CPU, as a compiler would emit it.
;
; No triple and no data layout: Kiln compiles for the machine that it runs on.

@type_error = private constant [10 x i8] c"TypeError\00"
@count_message = private constant [34 x i8] c"add_one takes two arguments: x, y\00"
@tensor_message = private constant [33 x i8] c"add_one: x and y must be tensors\00"

declare void @TVMFFIErrorSetRaisedFromCStr(ptr, ptr)

; The DLTensor of an argument: { i32 kind, i32, ptr payload }. Kind 7 is a DLTensor*, kind 70 an
; object with the DLTensor behind its header of 24 bytes. Null for any other kind.
define internal ptr @tensor_of(ptr %arg) {
  %kind = load i32, ptr %arg
  %payload_at = getelementptr i8, ptr %arg, i64 8
  %payload = load ptr, ptr %payload_at
  %inside = getelementptr i8, ptr %payload, i64 24
  %is_pointer = icmp eq i32 %kind, 7
  %is_object = icmp eq i32 %kind, 70
  %object = select i1 %is_object, ptr %inside, ptr null
  %tensor = select i1 %is_pointer, ptr %payload, ptr %object
  ret ptr %tensor
}

; The address of a tensor's first element: data at offset 0, byte_offset at offset 40.
define internal ptr @data_of(ptr %tensor) {
  %data = load ptr, ptr %tensor
  %offset_at = getelementptr i8, ptr %tensor, i64 40
  %offset = load i64, ptr %offset_at
  %first = getelementptr i8, ptr %data, i64 %offset
  ret ptr %first
}

define i32 @__tvm_ffi_add_one(ptr %self, ptr %args, i32 %num_args, ptr %result) {
entry:
  %two = icmp eq i32 %num_args, 2
  br i1 %two, label %unpack, label %bad_count

bad_count:
  call void @TVMFFIErrorSetRaisedFromCStr(ptr @type_error, ptr @count_message)
  ret i32 -1

unpack:
  %second = getelementptr i8, ptr %args, i64 16
  %x = call ptr @tensor_of(ptr %args)
  %y = call ptr @tensor_of(ptr %second)
  %no_x = icmp eq ptr %x, null
  %no_y = icmp eq ptr %y, null
  %bad = or i1 %no_x, %no_y
  br i1 %bad, label %bad_kind, label %start

bad_kind:
  call void @TVMFFIErrorSetRaisedFromCStr(ptr @type_error, ptr @tensor_message)
  ret i32 -1

start:
  %from = call ptr @data_of(ptr %x)
  %to = call ptr @data_of(ptr %y)
  %shape_at = getelementptr i8, ptr %x, i64 24
  %shape = load ptr, ptr %shape_at
  %n = load i64, ptr %shape
  %empty = icmp sle i64 %n, 0
  br i1 %empty, label %done, label %loop

loop:
  %i = phi i64 [ 0, %start ], [ %next, %loop ]
  %from_i = getelementptr float, ptr %from, i64 %i
  %value = load float, ptr %from_i
  %sum = fadd float %value, 1.0
  %to_i = getelementptr float, ptr %to, i64 %i
  store float %sum, ptr %to_i
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %done

done:
  ret i32 0
}
