#ifndef KILN_JIT_COMPILE_CLANG_HEADER_FILES_H_
#define KILN_JIT_COMPILE_CLANG_HEADER_FILES_H_

#include <string>

#include <llvm/ADT/IntrusiveRefCntPtr.h>
#include <llvm/Support/VirtualFileSystem.h>

#include "jit/artifact/compile_options.h"
#include "jit/compile/clang/file_witness.h"

namespace kiln::jit {

// Folders of the headers in memory. They start with a name that no real file system has.
inline constexpr char kAbiHeaders[] = "/@kiln/abi";
inline constexpr char kClangResources[] = "/@kiln/clang";
inline constexpr char kClangHeaders[] = "/@kiln/clang/include";
inline constexpr char kCommonTemplates[] = "/@kiln/cxx/common_templates.h";
inline constexpr char kCudaHeaders[] = "/@kiln/cuda";
inline constexpr char kLibcHeaders[] = "/@kiln/libc";
inline constexpr char kUserHeaders[] = "/@kiln/user";
inline constexpr char kPrecompiledHeader[] = "/@kiln/headers.pch";

// The file system that a compile sees: `user_headers` and the headers in memory, and, where
// `on_disk` is true, the machine's files. The headers in memory are shared by all compiles.
//
// `precompiled`, if not null, are the bytes of the file kPrecompiledHeader. `witness`, if not null,
// gets a note of every question that is asked about the machine's files. All must outlive the file
// system, which is for one thread.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> HeaderFiles(const TextMap& user_headers,
                                                            bool on_disk,
                                                            const std::string* precompiled,
                                                            FileWitness* witness);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_HEADER_FILES_H_
