// kiln-worker: the process in which libkiln_jit.so does what may crash or not end. The library
// starts it, with its socket as descriptor 3; it is of no use by hand.
//
//   kiln-worker MODE ENGINE      the path of libkiln_jit.so
#include <dlfcn.h>
#include <sys/resource.h>

#include <cstdio>
#include <exception>
#include <string>

#include <kiln/kiln.h>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "kiln-worker is started by libkiln_jit.so, not by hand\n");
    return 2;
  }
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  if (dlopen(argv[2], RTLD_NOW | RTLD_LOCAL) == nullptr) {
    std::fprintf(stderr, "kiln-worker: %s\n", dlerror());
    return 1;
  }
  try {
    kiln::GlobalFunction::Get("kiln.jit.serve")(argv[1]);
    // Without the destructors of what compiled code may have left in any state.
    std::quick_exit(0);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "kiln-worker: %s\n", error.what());
    return 1;
  }
}
