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
inline constexpr char kCudaHeaders[] = "/@kiln/cuda";
inline constexpr char kLibcHeaders[] = "/@kiln/libc";
inline constexpr char kUserHeaders[] = "/@kiln/user";
inline constexpr char kPrecompiledHeader[] = "/@kiln/headers.pch";

// The file system that a compile sees: `user_headers` and the headers in memory, and below them the
// machine's files where `on_disk` is true. The headers in memory are shared by all compiles. The
// file system must not outlive `user_headers`.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> HeaderFiles(const TextMap& user_headers,
                                                            bool on_disk);

// `files`, and the precompiled header `bytes` at kPrecompiledHeader. Must not outlive `bytes`.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> WithPrecompiledHeader(
    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files, const std::string& bytes);

// `files`, with a note in `witness` of every question that is asked about the machine's files.
// Questions about headers in memory are not noted. `witness` must outlive it. For one thread.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> Witnessed(
    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files, FileWitness* witness);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_HEADER_FILES_H_
