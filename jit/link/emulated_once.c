// std::call_once of libstdc++ says what is to be called in two thread-local variables, which code
// and library share. Code with emulated thread-local variables can't reach those of the library: it
// gets its own, and with them the function that reads them.

#include <stdint.h>

// What __emutls_get_address of libgcc knows a variable by.
struct Variable {
  uintptr_t size;
  uintptr_t alignment;
  uintptr_t index;
  const void* initial;
};

__attribute__((visibility("hidden"))) struct Variable once_callable __asm__(
    "__emutls_v._ZSt15__once_callable") = {sizeof(void*), sizeof(void*), 0, 0};
__attribute__((visibility("hidden"))) struct Variable once_call __asm__(
    "__emutls_v._ZSt11__once_call") = {sizeof(void*), sizeof(void*), 0, 0};

extern void* __emutls_get_address(struct Variable*);

__attribute__((visibility("hidden"))) void __once_proxy(void) {
  void (**call)(void) = (void (**)(void))__emutls_get_address(&once_call);
  (*call)();
}
