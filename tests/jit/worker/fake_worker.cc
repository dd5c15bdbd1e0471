#include "tests/jit/worker/fake_worker.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "jit/worker/message.h"

namespace kiln::testing {

FakeWorker::FakeWorker(const std::string& identity, const std::string& rest)
    : path_("/tmp/kiln_fake_worker_" + std::to_string(getpid())) {
  std::string message;
  for (const char c : jit::MessageHeader(identity) + identity) {
    char octal[8];
    std::snprintf(octal, sizeof octal, "\\%03o", static_cast<unsigned>(c) & 0xFF);
    message += octal;
  }
  std::ofstream(path_) << "#!/bin/sh\nprintf '" << message << "' >&3\n" << rest << "\n";
  chmod(path_.c_str(), 0755);
  setenv("KILN_WORKER", path_.c_str(), 1);
}

FakeWorker::~FakeWorker() { unlink(path_.c_str()); }

}  // namespace kiln::testing
