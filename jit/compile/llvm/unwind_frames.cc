#include "jit/compile/llvm/unwind_frames.h"

#include <llvm/BinaryFormat/Dwarf.h>
#include <llvm/Support/DataExtractor.h>

namespace kiln::jit {
namespace {

namespace dwarf = llvm::dwarf;

constexpr unsigned kPointerSize = 8;
constexpr uint32_t kLongRecord = 0xFFFFFFFF;

// The bytes that a pointer in this encoding takes; 0 for encodings that are not used in objects.
unsigned SizeOf(uint8_t encoding) {
  switch (encoding & 0x0F) {
    case dwarf::DW_EH_PE_absptr:
    case dwarf::DW_EH_PE_udata8:
    case dwarf::DW_EH_PE_sdata8:
      return kPointerSize;
    case dwarf::DW_EH_PE_udata4:
    case dwarf::DW_EH_PE_sdata4:
      return 4;
    default:
      return 0;
  }
}

// Checks the encodings that a common record (CIE) sets for those that follow it. `at` stands behind
// its identifier. False where one is not used in objects.
bool HasKnownEncodings(const llvm::DataExtractor& record, llvm::DataExtractor::Cursor* at) {
  const uint8_t version = record.getU8(*at);
  const llvm::StringRef augmentation = record.getCStrRef(*at);
  record.getULEB128(*at);  // alignment of code
  record.getSLEB128(*at);  // alignment of data
  if (version == 1) {
    record.getU8(*at);  // the register of the return address
  } else {
    record.getULEB128(*at);
  }
  for (const char letter : augmentation) {
    if (!*at) return true;  // reported as cut short
    if (letter == 'z') record.getULEB128(*at);
    if (letter != 'P' && letter != 'L' && letter != 'R') continue;
    const uint8_t encoding = record.getU8(*at);
    if (encoding == dwarf::DW_EH_PE_omit) continue;
    if (*at && SizeOf(encoding) == 0) return false;
    if (letter == 'P') record.skip(*at, SizeOf(encoding));
  }
  return true;
}

}  // namespace

std::optional<std::string> FaultInFrames(std::string_view content) {
  const auto fault = [&](uint64_t offset, const std::string& what) {
    return ".eh_frame: the record at byte " + std::to_string(offset) + what;
  };
  uint64_t offset = 0;
  while (offset + sizeof(uint32_t) <= content.size()) {
    const llvm::DataExtractor section(content, /*IsLittleEndian=*/true, kPointerSize);
    uint64_t next = offset;
    const uint32_t length = section.getU32(&next);
    if (length == kLongRecord) return fault(offset, " is over 4 GB");
    if (length > content.size() - next) return fault(offset, " goes beyond the section");
    const llvm::DataExtractor record(content.substr(0, next + length), /*IsLittleEndian=*/true,
                                     kPointerSize);
    llvm::DataExtractor::Cursor at(next);
    const bool is_common = length != 0 && record.getU32(at) == 0;
    const bool is_known = !is_common || HasKnownEncodings(record, &at);
    if (!at) {
      llvm::consumeError(at.takeError());
      return fault(offset, " is cut short");
    }
    if (!is_known) return fault(offset, " has pointers in an encoding that objects do not use");
    offset = next + length;
  }
  return std::nullopt;
}

}  // namespace kiln::jit
