#include "jit/link/linked_frames.h"

#include <cstdint>

#include <llvm/ADT/DenseMap.h>
#include <llvm/BinaryFormat/Dwarf.h>
#include <llvm/Support/DataExtractor.h>

namespace kiln::jit {
namespace {

namespace dwarf = llvm::dwarf;

constexpr unsigned kPointerSize = 8;
constexpr uint64_t kWord = sizeof(uint32_t);
constexpr uint8_t kFormat = 0x0F;    // of an encoding: how the pointer is stored
constexpr uint8_t kRelation = 0xF0;  // and what it is relative to

// The bytes that a pointer in this encoding takes; 0 for those that can't be followed here.
unsigned SizeOf(uint8_t encoding) {
  const uint8_t relation = encoding & kRelation;
  if (relation != dwarf::DW_EH_PE_absptr && relation != dwarf::DW_EH_PE_pcrel) return 0;
  switch (encoding & kFormat) {
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

class FrameCheck {
 public:
  FrameCheck(std::string_view frames, std::string_view code) : frames_(frames), code_(code) {}

  std::optional<std::string> Run() {
    // A common record may stand behind those that belong to it.
    for (const bool is_common : {true, false}) {
      uint64_t offset = 0;
      while (true) {
        if (frames_.size() - offset < kWord) return Fault(offset, "is cut short");
        const uint64_t body = offset + kWord;
        const uint32_t length = At(frames_.size()).getU32(&offset);
        if (length == 0) break;
        if (length < kWord || length > frames_.size() - body) {
          return Fault(body - kWord, "goes beyond the section");
        }
        const llvm::DataExtractor record = At(body + length);
        uint64_t next = body;
        const uint32_t distance = record.getU32(&next);
        const char* fault = nullptr;
        if (is_common && distance == 0) fault = FaultInCommon(record, body - kWord);
        if (!is_common && distance != 0) fault = FaultInFunction(record, body, distance);
        if (fault != nullptr) return Fault(body - kWord, fault);
        offset = body + length;
      }
    }
    return std::nullopt;
  }

 private:
  static std::string Fault(uint64_t offset, const std::string& what) {
    return ".eh_frame: the linked record at byte " + std::to_string(offset) + " " + what;
  }

  // The frames up to `end`.
  llvm::DataExtractor At(uint64_t end) const {
    return {frames_.substr(0, end), /*IsLittleEndian=*/true, kPointerSize};
  }

  // Notes how the functions of a common record, at `offset`, say where they are.
  const char* FaultInCommon(const llvm::DataExtractor& record, uint64_t offset) {
    llvm::DataExtractor::Cursor at(offset + 2 * kWord);
    const uint8_t version = record.getU8(at);
    const llvm::StringRef augmentation = record.getCStrRef(at);
    record.getULEB128(at);  // alignment of code
    record.getSLEB128(at);  // alignment of data
    if (version == 1) {
      record.getU8(at);  // the register of the return address
    } else {
      record.getULEB128(at);
    }
    uint8_t encoding = dwarf::DW_EH_PE_absptr;
    const char* fault = version == 1 || version == 3 ? nullptr : "has an unknown version";
    if (augmentation.starts_with("z")) {
      record.getULEB128(at);  // length
      fault = FaultInAugmentation(record, augmentation.drop_front(), &at, &encoding);
    } else if (!augmentation.empty()) {
      fault = "has an unknown augmentation";
    }
    if (!at) {
      llvm::consumeError(at.takeError());
      return "is cut short";
    }
    if (SizeOf(encoding) == 0) fault = "has pointers in an encoding that can't be followed";
    encodings_[offset] = encoding;
    return fault;
  }

  static const char* FaultInAugmentation(const llvm::DataExtractor& record, llvm::StringRef letters,
                                         llvm::DataExtractor::Cursor* at, uint8_t* encoding) {
    for (const char letter : letters) {
      switch (letter) {
        case 'R':
          *encoding = record.getU8(*at);
          break;
        case 'L':
          record.getU8(*at);
          break;
        case 'P': {
          const uint8_t personality = record.getU8(*at) & ~dwarf::DW_EH_PE_indirect;
          const unsigned size = SizeOf(personality);
          if (*at && size == 0) return "has a personality in an encoding that can't be followed";
          record.skip(*at, size);
          break;
        }
        case 'S':
          break;
        default:
          return "has an unknown augmentation";
      }
    }
    return nullptr;
  }

  // The record of a function, behind its length at `body`.
  const char* FaultInFunction(const llvm::DataExtractor& record, uint64_t body,
                              uint32_t distance) const {
    const auto common = encodings_.find(body - distance);
    if (distance > body || common == encodings_.end()) return "belongs to no common record";
    const uint8_t encoding = common->second;
    const unsigned size = SizeOf(encoding);
    llvm::DataExtractor::Cursor at(body + kWord);
    uint64_t begin = record.getUnsigned(at, size);
    const uint64_t length = record.getUnsigned(at, size);
    if (!at) {
      llvm::consumeError(at.takeError());
      return "is cut short";
    }
    if (begin == 0) return nullptr;  // of no function
    if ((encoding & kFormat) == dwarf::DW_EH_PE_sdata4) {
      begin = static_cast<uint64_t>(static_cast<int32_t>(begin));
    }
    if ((encoding & kRelation) == dwarf::DW_EH_PE_pcrel) {
      begin += reinterpret_cast<uintptr_t>(frames_.data()) + body + kWord;
    }
    const uint64_t place = begin - reinterpret_cast<uintptr_t>(code_.data());
    if (place > code_.size() || length > code_.size() - place) {
      return "is about code outside the image";
    }
    return nullptr;
  }

  const std::string_view frames_;
  const std::string_view code_;
  llvm::DenseMap<uint64_t, uint8_t> encodings_;  // by the offset of the common record
};

}  // namespace

std::optional<std::string> FaultInLinkedFrames(std::string_view frames, std::string_view code) {
  return FrameCheck(frames, code).Run();
}

}  // namespace kiln::jit
