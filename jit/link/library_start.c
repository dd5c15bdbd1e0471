// Stands first in every shared library that Kiln writes, where compilers put their crtbeginS.o: the
// library's handle, its functions that are called at the end, and atexit for its own code.

extern int __cxa_atexit(void (*)(void*), void*, void*);
extern void __cxa_finalize(void*);

__attribute__((visibility("hidden"))) void* __dso_handle = &__dso_handle;

__attribute__((destructor)) static void Finalize(void) { __cxa_finalize(&__dso_handle); }

__attribute__((visibility("hidden"))) int atexit(void (*function)(void)) {
  return __cxa_atexit((void (*)(void*))function, 0, &__dso_handle);
}
