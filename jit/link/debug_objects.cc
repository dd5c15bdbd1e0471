#include "jit/link/debug_objects.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <map>
#include <string>
#include <utility>

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/DenseSet.h>
#include <llvm/BinaryFormat/ELF.h>
#include <llvm/Object/ELF.h>
#include <llvm/Object/ELFTypes.h>

namespace kiln::jit {
namespace {

namespace ELF = llvm::ELF;
namespace jitlink = llvm::jitlink;

using Elf = llvm::object::ELFFile<llvm::object::ELF64LE>;

constexpr llvm::StringLiteral kDebug = ".debug_info";
constexpr llvm::StringLiteral kFrames = ".eh_frame";

using BlocksByContent = llvm::DenseMap<const char*, const jitlink::Block*>;

BlocksByContent ContentBlocksOf(jitlink::LinkGraph& graph) {
  BlocksByContent blocks;
  for (const jitlink::Block* block : graph.blocks()) {
    if (!block->isZeroFill() && block->getSize() != 0) {
      blocks[block->getContent().data()] = block;
    }
  }
  return blocks;
}

// The blocks without content, which are told by their sections' names and the order of the objects.
class ZeroBlocks {
 public:
  explicit ZeroBlocks(jitlink::LinkGraph& graph) {
    for (const jitlink::Section& section : graph.sections()) {
      std::vector<const jitlink::Block*> blocks;
      for (const jitlink::Block* block : section.blocks()) {
        if (block->isZeroFill()) blocks.push_back(block);
      }
      if (blocks.empty()) continue;
      std::sort(blocks.begin(), blocks.end(), [](const jitlink::Block* a, const jitlink::Block* b) {
        return a->getAddress() < b->getAddress();
      });
      blocks_.emplace(section.getName().str(), std::move(blocks));
    }
  }

  // The next one of that name and size; null where there is none.
  const jitlink::Block* Next(llvm::StringRef name, uint64_t size) {
    const auto found = blocks_.find(name.str());
    if (found == blocks_.end()) return nullptr;
    std::vector<const jitlink::Block*>& blocks = found->second;
    const auto next =
        std::find_if(blocks.begin(), blocks.end(),
                     [size](const jitlink::Block* block) { return block->getSize() == size; });
    if (next == blocks.end()) return nullptr;
    const jitlink::Block* const block = *next;
    blocks.erase(next);
    return block;
  }

 private:
  std::map<std::string, std::vector<const jitlink::Block*>> blocks_;
};

// Calls `visit(place of the header in the file, header, name)` for each section that is to be in
// memory.
template <class Visit>
void VisitSections(const std::string& bytes, Visit visit) {
  llvm::Expected<Elf> elf = Elf::create(bytes);
  if (!elf) return llvm::consumeError(elf.takeError());
  llvm::Expected<Elf::Elf_Shdr_Range> headers = elf->sections();
  if (!headers) return llvm::consumeError(headers.takeError());
  for (const Elf::Elf_Shdr& header : *headers) {
    if ((header.sh_flags & ELF::SHF_ALLOC) == 0 || header.sh_size == 0) continue;
    llvm::Expected<llvm::StringRef> name = elf->getSectionName(header);
    if (!name) {
      llvm::consumeError(name.takeError());
      continue;
    }
    const char* const at = reinterpret_cast<const char*>(&header);
    visit(static_cast<uint64_t>(at - bytes.data()), header, *name);
  }
}

}  // namespace

DebugObjects::DebugObjects(const Artifact& artifact, const std::vector<ObjectGraph>& objects,
                           jitlink::LinkGraph& graph) {
  std::vector<bool> has_debug;
  for (size_t i = 0; i < artifact.objects.size(); ++i) {
    jitlink::LinkGraph& own = objects[i] != nullptr ? *objects[i] : graph;
    has_debug.push_back(own.findSectionByName(kDebug) != nullptr);
  }
  if (std::find(has_debug.begin(), has_debug.end(), true) == has_debug.end()) return;

  const BlocksByContent by_content = ContentBlocksOf(graph);
  ZeroBlocks zero_blocks(graph);
  for (size_t i = 0; i < artifact.objects.size(); ++i) {
    const std::string& bytes = artifact.objects[i];
    if (has_debug[i]) objects_.push_back({&bytes, {}});
    VisitSections(bytes, [&](uint64_t place, const Elf::Elf_Shdr& header, llvm::StringRef name) {
      const jitlink::Block* const block = header.sh_type == ELF::SHT_NOBITS
                                              ? zero_blocks.Next(name, header.sh_size)
                                              : by_content.lookup(bytes.data() + header.sh_offset);
      if (!has_debug[i]) return;
      if (name == kFrames) {
        objects_.back().frame_headers.push_back(place);
      } else if (block != nullptr) {
        sections_.push_back({objects_.size() - 1, place, block});
      }
    });
  }
}

void DebugObjects::Place(jitlink::LinkGraph& graph) {
  if (sections_.empty()) return;
  const llvm::DenseSet<const jitlink::Block*> blocks(graph.blocks().begin(), graph.blocks().end());
  for (Section& section : sections_) {
    if (blocks.contains(section.block)) section.address = section.block->getAddress().getValue();
  }
}

std::vector<std::string> DebugObjects::WithAddresses(const char* frames) const {
  std::vector<std::string> copies;
  copies.reserve(objects_.size());
  const auto set_address = [](std::string* copy, uint64_t header, uint64_t address) {
    std::memcpy(copy->data() + header + offsetof(ELF::Elf64_Shdr, sh_addr), &address,
                sizeof address);
  };
  for (const Object& object : objects_) {
    std::string& copy = copies.emplace_back(*object.bytes);
    for (const uint64_t header : object.frame_headers) {
      set_address(&copy, header, reinterpret_cast<uintptr_t>(frames));
    }
  }
  for (const Section& section : sections_) {
    set_address(&copies[section.object], section.header, section.address);
  }
  return copies;
}

}  // namespace kiln::jit
