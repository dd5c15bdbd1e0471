#include "jit/compile/llvm/bitcode_check.h"

#include <cstdint>
#include <vector>

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/Bitcode/LLVMBitCodes.h>
#include <llvm/Bitstream/BitstreamReader.h>

namespace kiln::jit {
namespace {

namespace bitc = llvm::bitc;

constexpr uint32_t kMostParameters = 1 << 16;

// Attributes by what they belong to: the function itself, what it returns, or a parameter.
enum : size_t { kGroup, kOwner, kFirstAttribute };

class BitcodeCheck {
 public:
  explicit BitcodeCheck(llvm::ArrayRef<uint8_t> bytes) : cursor_(bytes) {}

  // Walks over all blocks that attributes may be in. An error ends the walk: the reader meets it
  // too.
  std::optional<std::string> Run() {
    if (llvm::Error error = cursor_.JumpToBit(kMagicBits)) return Ignore(std::move(error));
    while (!cursor_.AtEndOfStream()) {
      llvm::Expected<llvm::BitstreamEntry> entry = cursor_.advance();
      if (!entry) return Ignore(entry.takeError());
      switch (entry->Kind) {
        case llvm::BitstreamEntry::Error:
          return std::nullopt;
        case llvm::BitstreamEntry::EndBlock:
          is_in_attributes_ = false;
          break;
        case llvm::BitstreamEntry::SubBlock:
          if (llvm::Error error = Enter(entry->ID)) return Ignore(std::move(error));
          break;
        case llvm::BitstreamEntry::Record:
          if (llvm::Error error = Read(entry->ID)) return Ignore(std::move(error));
          if (fault_) return fault_;
          break;
      }
    }
    return std::nullopt;
  }

 private:
  static constexpr uint64_t kMagicBits = 32;

  static std::nullopt_t Ignore(llvm::Error error) {
    llvm::consumeError(std::move(error));
    return std::nullopt;
  }

  llvm::Error Enter(unsigned block) {
    if (block == llvm::bitc::BLOCKINFO_BLOCK_ID) {
      auto known = cursor_.ReadBlockInfoBlock();
      if (!known) return known.takeError();
      if (*known) block_info_ = **std::move(known);
      cursor_.setBlockInfo(&block_info_);
      return llvm::Error::success();
    }
    if (block != bitc::MODULE_BLOCK_ID && block != bitc::PARAMATTR_GROUP_BLOCK_ID) {
      return cursor_.SkipBlock();
    }
    is_in_attributes_ = block == bitc::PARAMATTR_GROUP_BLOCK_ID;
    return cursor_.EnterSubBlock(block);
  }

  llvm::Error Read(unsigned abbreviation) {
    if (!is_in_attributes_) {
      llvm::Expected<unsigned> skipped = cursor_.skipRecord(abbreviation);
      return skipped ? llvm::Error::success() : skipped.takeError();
    }
    llvm::SmallVector<uint64_t, 64> record;
    llvm::Expected<unsigned> code = cursor_.readRecord(abbreviation, record);
    if (!code) return code.takeError();
    if (*code != bitc::PARAMATTR_GRP_CODE_ENTRY || record.size() < kFirstAttribute) {
      return llvm::Error::success();
    }
    // The function itself has the last number there is, which becomes 0 here.
    const auto owner = static_cast<uint32_t>(record[kOwner]) + 1;
    if (owner > kMostParameters) {
      fault_ = "the bitcode is damaged: it has attributes for parameter " + std::to_string(owner);
    }
    return llvm::Error::success();
  }

  llvm::BitstreamCursor cursor_;
  llvm::BitstreamBlockInfo block_info_;
  bool is_in_attributes_ = false;
  std::optional<std::string> fault_;
};

}  // namespace

std::optional<std::string> FaultInBitcode(std::string_view bytes) {
  const auto* begin = reinterpret_cast<const unsigned char*>(bytes.data());
  const unsigned char* end = begin + bytes.size();
  if (llvm::isBitcodeWrapper(begin, end) &&
      llvm::SkipBitcodeWrapperHeader(begin, end, /*VerifyBufferSize=*/true)) {
    return std::nullopt;
  }
  return BitcodeCheck({begin, end}).Run();
}

}  // namespace kiln::jit
