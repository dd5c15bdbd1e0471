#ifndef KILN_JIT_COMPILE_LLVM_UNDEFINED_BEHAVIOR_H_
#define KILN_JIT_COMPILE_LLVM_UNDEFINED_BEHAVIOR_H_

namespace llvm {
class Module;
}

namespace kiln::jit {

// The checks of Clang's -fsanitize that the handlers in undefined_behavior.cc answer, separated by
// commas.
extern const char kUndefinedBehaviorChecks[];

// Lets exceptions leave the calls of handlers of undefined behaviour, which Clang takes for calls
// that throw nothing: the engine's handlers throw an error, which the packed boundary raises. Clang
// leaves out landing pads on the way: C++ objects of the functions that the error passes may stay
// undestroyed, and a try block of the code itself may not see it.
void LetHandlersThrow(llvm::Module* module);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_UNDEFINED_BEHAVIOR_H_
