#ifndef KILN_JIT_COMPILE_CUDA_DEVICE_PCH_H_
#define KILN_JIT_COMPILE_CUDA_DEVICE_PCH_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jit/compile/cuda/device_source.h"
#include "jit/compile/cuda/nvrtc.h"

namespace kiln::jit {

// What the meaning of a source's leading headers depends on, as text: NVRTC, its options, the
// #include directives, every header in memory, and the state of `cuda_folders`. Nothing where a
// precompiled form would not pay (none but small headers of our own) or can't be trusted: where a
// header may come from elsewhere on the disk, as NVRTC does not notice that a header has changed.
std::optional<std::string> PchKey(const Nvrtc& nvrtc, const DeviceSource& source,
                                  const std::vector<std::string>& options,
                                  const std::vector<std::string>& cuda_folders);

// A compile's part in the headers that NVRTC has parsed before. The first compile with a key makes
// their precompiled form, later ones use it. The forms are files without a name, which go when the
// process does; the least recently used go where all take more than a gigabyte.
//
//   PchLease lease(nvrtc, key);
//   program.Compile(options + lease.options());
//   if (!lease.Finish(program)) ... compile again without it
//
// For one compile by one thread; any number of leases may live at once.
class PchLease {
 public:
  // `nvrtc` must outlive the lease.
  PchLease(const Nvrtc& nvrtc, std::string key);
  ~PchLease();
  PchLease(const PchLease&) = delete;
  PchLease& operator=(const PchLease&) = delete;

  // What NVRTC is told: to use the form, to make it, or neither while another compile makes it and
  // where it can't be made.
  const std::vector<std::string>& options() const { return options_; }

  // True where a form is used that was made before.
  bool is_use() const { return file_ != nullptr; }

  // Call after the compile, with its log. False where the form was in the way: then the key has
  // none from here on, and what was compiled counts for nothing. A form that was made is kept where
  // `is_silent`: where LogOfHeaders has no message, as later compiles would miss it.
  bool Finish(const NvrtcProgram& program, const std::string& log, bool is_silent);

 private:
  class File;
  struct Store;
  static Store& TheStore();

  const Nvrtc& nvrtc_;
  std::string key_;
  std::vector<std::string> options_;
  std::shared_ptr<const File> file_;  // that is used
  std::string folder_;                // in which one is made, with a name of its own; else empty
  std::string path_;                  // by which NVRTC knows the form
};

// The part of `log` that is about the headers whose precompiled form the compile made.
std::string LogOfHeaders(const std::string& log);

// `log` without the lines in which NVRTC says what it does about precompiled headers.
std::string WithoutPchLines(const std::string& log);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CUDA_DEVICE_PCH_H_
