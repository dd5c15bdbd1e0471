// Static objects of this library, LLVM's among them, are not destroyed when the process ends:
// compile threads may still use them then. The library is linked so that it calls this in place of
// the C library's __cxa_atexit (--wrap). What others register through this library, such as
// compiled code, is registered as ever.
extern "C" {
extern void* __dso_handle __attribute__((visibility("hidden")));
int KilnRealAtExit(void (*function)(void*), void* argument,
                   void* dso_handle) __asm__("__real___cxa_atexit");
int KilnAtExit(void (*function)(void*), void* argument,
               void* dso_handle) __asm__("__wrap___cxa_atexit");

int KilnAtExit(void (*function)(void*), void* argument, void* dso_handle) {
  if (dso_handle == &__dso_handle) return 0;
  return KilnRealAtExit(function, argument, dso_handle);
}
}
