#include "jit/link/code_memory.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "jit/link/self_memory.h"
#include "tests/jit/link/mappings.h"

namespace kiln::jit {
namespace {

using Writing = CodeMemory::Writing;

constexpr size_t kMegabyte = size_t{1} << 20;
constexpr MemoryPart kAllParts[] = {MemoryPart::kCode, MemoryPart::kConstants,
                                    MemoryPart::kVariables};

// mov eax, <value>; ret
std::string CodeThatReturns(char value) { return {'\xB8', value, 0, 0, 0, '\xC3'}; }

int ResultOf(const ImageMemory& image) {
  return reinterpret_cast<int (*)()>(image.begin(MemoryPart::kCode))();
}

MemorySizes Sizes(size_t code, size_t constants, size_t variables) {
  MemorySizes sizes;
  sizes.size = {code, constants, variables};
  return sizes;
}

ImageMemory TakeFrom(CodeMemory& memory, const MemorySizes& sizes) {
  std::optional<ImageMemory> taken = memory.Take(sizes);
  EXPECT_TRUE(taken.has_value());
  return taken ? *std::move(taken) : ImageMemory();
}

class CodeMemoryOfEachKind : public ::testing::TestWithParam<Writing> {
 protected:
  CodeMemory memory{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Writings, CodeMemoryOfEachKind,
                         ::testing::Values(Writing::kSharedPages, Writing::kOwnPages));

TEST_P(CodeMemoryOfEachKind, RunsWhatIsWritten) {
  std::vector<ImageMemory> images;
  for (char i = 0; i < 100; ++i) {
    images.push_back(TakeFrom(memory, Sizes(6, 4, 4)));
    ASSERT_TRUE(images.back().Write(MemoryPart::kCode, CodeThatReturns(i)));
    ASSERT_TRUE(images.back().Write(MemoryPart::kConstants, std::string(4, i)));
    std::memset(images.back().begin(MemoryPart::kVariables), i, 4);
  }
  for (char i = 0; i < 100; ++i) {
    const ImageMemory& image = images[static_cast<size_t>(i)];
    EXPECT_EQ(ResultOf(image), i);
    EXPECT_EQ(image.begin(MemoryPart::kConstants)[3], i);
    EXPECT_EQ(image.begin(MemoryPart::kVariables)[3], i);
  }
}

TEST_P(CodeMemoryOfEachKind, GivesEachPartItsRightsAndNoMore) {
  const ImageMemory small = TakeFrom(memory, Sizes(10, 10, 10));
  const ImageMemory large = TakeFrom(memory, Sizes(20 * kMegabyte, 10, 10));
  for (const ImageMemory* image : {&small, &large}) {
    EXPECT_EQ(ModesOf(image->begin(MemoryPart::kCode)), "r-x");
    EXPECT_EQ(ModesOf(image->begin(MemoryPart::kConstants)), "r--");
    EXPECT_EQ(ModesOf(image->begin(MemoryPart::kVariables)), "rw-");
  }
}

TEST_P(CodeMemoryOfEachKind, ACallOfCodeThatIsGoneTraps) {
  ImageMemory image = TakeFrom(memory, Sizes(10, 0, 0));
  ASSERT_TRUE(image.Write(MemoryPart::kCode, CodeThatReturns(1)));
  auto* const code = reinterpret_cast<int (*)()>(image.begin(MemoryPart::kCode));
  image = ImageMemory();
  EXPECT_EXIT(code(), ::testing::KilledBySignal(SIGTRAP), "");
}

TEST_P(CodeMemoryOfEachKind, KeepsToAlignments) {
  for (size_t alignment = 1; alignment <= 4096; alignment *= 2) {
    MemorySizes sizes = Sizes(10, 10, 10);
    sizes.alignment = {alignment, alignment, alignment};
    const ImageMemory image = TakeFrom(memory, sizes);
    for (const MemoryPart part : kAllParts) {
      EXPECT_EQ(reinterpret_cast<uintptr_t>(image.begin(part)) % alignment, 0u);
    }
  }
  MemorySizes sizes = Sizes(10, 0, 0);
  sizes.alignment[0] = 8192;
  EXPECT_FALSE(memory.Take(sizes).has_value());
}

TEST_P(CodeMemoryOfEachKind, VariablesAreZeroHoweverOftenTheyAreUsed) {
  for (const size_t size : {size_t{100}, size_t{10000}, kMegabyte, 3 * kMegabyte}) {
    for (int i = 0; i < 3; ++i) {
      const ImageMemory image = TakeFrom(memory, Sizes(1, 0, size));
      char* const variables = image.begin(MemoryPart::kVariables);
      EXPECT_TRUE(std::all_of(variables, variables + size, [](char c) { return c == 0; })) << size;
      std::memset(variables, 'x', size);
    }
  }
}

TEST_P(CodeMemoryOfEachKind, LeavesOutPartsOfNoSize) {
  const ImageMemory image = TakeFrom(memory, Sizes(10, 0, 0));
  EXPECT_EQ(image.begin(MemoryPart::kConstants), nullptr);
  EXPECT_EQ(image.begin(MemoryPart::kVariables), nullptr);
  EXPECT_EQ(image.size(MemoryPart::kVariables), 0u);
}

TEST_P(CodeMemoryOfEachKind, GivesNothingToAnImageOfNoSize) {
  std::optional<ImageMemory> nothing = memory.Take(Sizes(0, 0, 0));
  ASSERT_TRUE(nothing.has_value());
  {
    const ImageMemory other = TakeFrom(memory, Sizes(40 * kMegabyte, 0, 0));
  }
  EXPECT_EQ(nothing->begin(MemoryPart::kCode), nullptr);
  nothing.reset();
}

TEST_P(CodeMemoryOfEachKind, RefusesWhatCodeCannotReach) {
  EXPECT_FALSE(memory.Take(Sizes(10, 0, size_t{1} << 31)).has_value());
  EXPECT_FALSE(memory.Take(Sizes(10, size_t{1} << 30, size_t{1} << 30)).has_value());
  EXPECT_FALSE(memory.Take(Sizes(~size_t{0}, 0, 0)).has_value());
  EXPECT_EQ(memory.bytes_in_use(), 0u);
}

TEST_P(CodeMemoryOfEachKind, PlacesAnImageNearWhatIsAskedFor) {
  const ImageMemory first = TakeFrom(memory, Sizes(10, 0, 10));
  const ImageMemory other = TakeFrom(memory, Sizes(10, 0, size_t{1} << 30));  // takes the way
  const auto variable = reinterpret_cast<intptr_t>(first.begin(MemoryPart::kVariables));
  for (const size_t size : {size_t{10}, 100 * kMegabyte}) {
    std::optional<ImageMemory> near =
        memory.Take(Sizes(size, 0, 10), first.begin(MemoryPart::kVariables));
    ASSERT_TRUE(near.has_value());
    const auto code = reinterpret_cast<intptr_t>(near->begin(MemoryPart::kCode));
    EXPECT_LT(std::abs(code - variable), intptr_t{1} << 31);
    EXPECT_LT(std::abs(code + static_cast<intptr_t>(size) - variable), intptr_t{1} << 31);
  }
}

TEST_P(CodeMemoryOfEachKind, MappingsStayFewHoweverManyImagesComeAndGo) {
  const size_t before = Mappings().size();
  std::vector<ImageMemory> images(10000);
  for (ImageMemory& image : images) {
    image = TakeFrom(memory, Sizes(100, 50, 20));
    ASSERT_TRUE(image.Write(MemoryPart::kCode, CodeThatReturns(1)));
  }
  EXPECT_LT(Mappings().size(), before + 200);
  for (size_t i = 0; i < images.size(); i += 2) images[i] = ImageMemory();
  EXPECT_LT(Mappings().size(), before + 200);
  for (size_t i = 0; i < images.size(); i += 2) {
    images[i] = TakeFrom(memory, Sizes(200, 50, 20));
    ASSERT_TRUE(images[i].Write(MemoryPart::kCode, CodeThatReturns(1)));
  }
  EXPECT_LT(Mappings().size(), before + 200);
}

TEST_P(CodeMemoryOfEachKind, GivesPagesBackToTheKernel) {
  constexpr size_t kSize = 64 * 1024;
  for (int round = 0; round < 3; ++round) {
    std::vector<ImageMemory> images(100);
    for (ImageMemory& image : images) {
      image = TakeFrom(memory, Sizes(kSize, kSize, kSize));
      image.Write(MemoryPart::kCode, std::string(kSize, '\xC3'));
      image.Write(MemoryPart::kConstants, std::string(kSize, 'c'));
      std::memset(image.begin(MemoryPart::kVariables), 'v', kSize);
    }
    std::vector<const char*> begins;
    for (const MemoryPart part : kAllParts) {
      begins.push_back(images[50].begin(part));
      EXPECT_GE(ResidentKibAround(begins.back()), 6000u);
    }
    images.clear();
    for (const char* begin : begins) EXPECT_LT(ResidentKibAround(begin), 1024u);
  }
  EXPECT_EQ(memory.bytes_in_use(), 0u);
}

TEST_P(CodeMemoryOfEachKind, UnmapsSlabsThatNoOneNeedsButOne) {
  constexpr ptrdiff_t kInASlab = 3;  // images of this size
  std::vector<const char*> begins;
  const char* large = nullptr;
  {
    std::vector<ImageMemory> images;
    for (int i = 0; i < 20; ++i) {
      images.push_back(TakeFrom(memory, Sizes(9 * kMegabyte, 0, 0)));
      begins.push_back(images.back().begin(MemoryPart::kCode));
    }
    images.push_back(TakeFrom(memory, Sizes(40 * kMegabyte, 0, 0)));
    large = images.back().begin(MemoryPart::kCode);
    EXPECT_EQ(ModesOf(large), "r-x");
  }
  EXPECT_LE(std::count_if(begins.begin(), begins.end(),
                          [](const char* begin) { return ModesOf(begin) == "r-x"; }),
            kInASlab);
  EXPECT_NE(ModesOf(large), "r-x");
}

TEST_P(CodeMemoryOfEachKind, ServesAChildOfForkAndLeavesTheParentAlone) {
  ImageMemory image = TakeFrom(memory, Sizes(10, 0, 0));
  ASSERT_TRUE(image.Write(MemoryPart::kCode, CodeThatReturns(1)));
  const pid_t child = fork();
  if (child == 0) {
    ImageMemory own = TakeFrom(memory, Sizes(10, 0, 0));
    const bool works = image.Write(MemoryPart::kCode, CodeThatReturns(2)) &&
                       own.Write(MemoryPart::kCode, CodeThatReturns(3)) && ResultOf(image) == 2 &&
                       ResultOf(own) == 3;
    _exit(works ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(ResultOf(image), 1);
}

TEST(CodeMemory, SharesPagesWhereTheHostAllows) {
  CodeMemory memory(Writing::kSharedPages);
  const ImageMemory one = TakeFrom(memory, Sizes(10, 10, 10));
  const ImageMemory two = TakeFrom(memory, Sizes(10, 10, 10));
  const ptrdiff_t apart = CanWriteProtected() ? 64 : 4096;
  EXPECT_EQ(two.begin(MemoryPart::kCode) - one.begin(MemoryPart::kCode), apart);
  EXPECT_EQ(two.begin(MemoryPart::kConstants) - one.begin(MemoryPart::kConstants), apart);
  EXPECT_EQ(two.begin(MemoryPart::kVariables) - one.begin(MemoryPart::kVariables), 64);
}

TEST(CodeMemory, HasEveryImageOnItsOwnPagesWhereItCannotWriteToSharedOnes) {
  CodeMemory memory(Writing::kOwnPages);
  const ImageMemory one = TakeFrom(memory, Sizes(10, 10, 10));
  const ImageMemory two = TakeFrom(memory, Sizes(10, 10, 10));
  EXPECT_EQ(two.begin(MemoryPart::kCode) - one.begin(MemoryPart::kCode), 4096);
  EXPECT_EQ(two.begin(MemoryPart::kConstants) - one.begin(MemoryPart::kConstants), 4096);
  EXPECT_EQ(two.begin(MemoryPart::kVariables) - one.begin(MemoryPart::kVariables), 64);
}

TEST(CodeMemory, SurvivesAProgramThatClosesAllItsFiles) {
  CodeMemory memory(Writing::kSharedPages);
  ImageMemory image = TakeFrom(memory, Sizes(10, 0, 0));
  ASSERT_TRUE(image.Write(MemoryPart::kCode, CodeThatReturns(1)));
  for (int fd = 3; fd < 1024; ++fd) close(fd);
  // What the program opens next gets the number of the file that was closed under us.
  FILE* const other = std::tmpfile();
  ASSERT_NE(other, nullptr);
  ImageMemory next = TakeFrom(memory, Sizes(10, 0, 0));
  ASSERT_TRUE(next.Write(MemoryPart::kCode, CodeThatReturns(2)));
  EXPECT_EQ(ResultOf(next), 2);
  std::fseek(other, 0, SEEK_END);
  EXPECT_EQ(std::ftell(other), 0);
  std::fclose(other);
}

TEST(CodeMemory, AChildThatForkMadeWhileOthersLinkFindsTheMemoryFree) {
  CodeMemory memory(Writing::kSharedPages);
  std::atomic<bool> stop = false;
  std::thread busy([&] {
    while (!stop) memory.Take(Sizes(10, 10, 10));
  });
  int failures = 0;
  for (int i = 0; i < 100; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(10);
      _exit(memory.Take(Sizes(10, 10, 10)).has_value() ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    if (status != 0) ++failures;
  }
  stop = true;
  busy.join();
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace kiln::jit
