#ifndef KILN_JIT_COMPILE_LLVM_PACKED_WRAPPERS_H_
#define KILN_JIT_COMPILE_LLVM_PACKED_WRAPPERS_H_

#include <string>

#include "jit/artifact/signature.h"

namespace llvm {
class Module;
}

namespace kiln::jit {

// "float32 tensor", "int (8 bits)", "bool": what a caller must give for a parameter of that type.
std::string ExpectedText(const ValueType& type);

// Gives the plain function that `signature` describes, which `module` defines or declares, a packed
// form: the function `__tvm_ffi_<name>`, which checks its arguments, calls the plain one and stores
// its result, and beside it `__tvm_ffi__metadata_<name>` and, where there is documentation,
// `__tvm_ffi__doc_<name>`. C++ exceptions that leave the plain function are raised as errors.
//
// A check that fails raises an error such as
//   saxpy: argument 1 (x): expected float32 tensor, got float64 tensor of shape [4]
// Integers and bools are taken where a float is expected, and bools where an integer is. Tensors
// must be in CPU memory, row by row without gaps (dimensions of one element don't count, and empty
// tensors have none), aligned to the size of their elements, and not read-only where they may be
// written.
//
// Throws ValueError where the module has a packed function of that name already, and InternalError
// where the signature is not that of the function.
void AddPackedWrapper(const Signature& signature, llvm::Module* module);

// The same for a CUDA kernel, by its launch stub, whose slot (KernelSlotName) the module has. The
// function takes the kernel's arguments, the tensors in the memory of one GPU, and after them, if
// the caller likes, how to launch: an object of type kiln.jit.Launch, or None. `plan` is how to
// launch where no such argument is given (CompileOptions::launch), and empty where there has to be
// one.
void AddKernelWrapper(const Signature& signature, const std::string& plan, llvm::Module* module);

// The name of the global variable, a KernelSlot (jit/device/registered_code.h), of the kernel whose
// launch stub is `stub`.
std::string KernelSlotName(const std::string& stub);

// Lets no C++ exception leave the packed functions that the source itself defines: they are raised
// as errors, too.
void GuardPackedFunctions(llvm::Module* module);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_PACKED_WRAPPERS_H_
