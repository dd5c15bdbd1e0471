#include "tests/cli/command_line.h"

#include <stdlib.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace kiln::testing {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// As a shell takes it for one word, whatever is in it.
std::string Quoted(std::string_view word) {
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

const std::string_view kKernels = R"(
#include <tvm/ffi/c_api.h>

static const DLTensor* TensorOf(const TVMFFIAny* arg) {
  if (arg->type_index == kTVMFFIDLTensorPtr) return (const DLTensor*)arg->v_ptr;
  if (arg->type_index != kTVMFFITensor) return NULL;
  return (const DLTensor*)((const char*)arg->v_obj + sizeof(TVMFFIObject));
}

TVM_FFI_DLL_EXPORT int __tvm_ffi_add_one(void* self, const TVMFFIAny* args, int32_t num_args,
                                         TVMFFIAny* result) {
  const DLTensor* x = num_args == 2 ? TensorOf(&args[0]) : NULL;
  const DLTensor* y = num_args == 2 ? TensorOf(&args[1]) : NULL;
  if (x == NULL || y == NULL) {
    TVMFFIErrorSetRaisedFromCStr("TypeError", "add_one takes two tensors: x, y");
    return -1;
  }
  for (int64_t i = 0; i < x->shape[0]; ++i) ((float*)y->data)[i] = ((float*)x->data)[i] + 1.0f;
  return 0;
}

TVM_FFI_DLL_EXPORT int __tvm_ffi_echo(void* self, const TVMFFIAny* args, int32_t num_args,
                                      TVMFFIAny* result) {
  return num_args == 1 ? TVMFFIAnyViewToOwnedAny(&args[0], result) : 0;
}

TVM_FFI_DLL_EXPORT int __tvm_ffi_fail(void* self, const TVMFFIAny* args, int32_t num_args,
                                      TVMFFIAny* result) {
  TVMFFIErrorSetRaisedFromCStr("ValueError", "the kernel was told to fail");
  return -1;
}
)";

CommandTest::CommandTest() {
  folder_ = (fs::temp_directory_path() / "kiln_cli_XXXXXX").string();
  if (mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("can't make " + folder_);
}

CommandTest::~CommandTest() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string CommandTest::PathOf(std::string_view file) const {
  return (fs::path(folder_) / file).string();
}

void CommandTest::Write(std::string_view file, std::string_view text) const {
  std::ofstream(PathOf(file), std::ios::binary) << text;
}

Ended CommandTest::Kiln(const std::vector<std::string>& words,
                        const std::string& environment) const {
  std::string command = environment + " " + Quoted(KILN_COMMAND);
  for (const std::string& word : words) command += " " + Quoted(word);
  return Shell(command);
}

Ended CommandTest::Shell(const std::string& command) const {
  const std::string line = "cd " + Quoted(folder_) + " && { " + command + "; } >.out 2>.err";
  const int status = std::system(line.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, ReadFile(PathOf(".out")),
          ReadFile(PathOf(".err"))};
}

}  // namespace kiln::testing
