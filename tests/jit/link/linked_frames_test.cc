#include "jit/link/linked_frames.h"

#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::jit {
namespace {

using ::testing::HasSubstr;

constexpr uint8_t kAbsolute = 0x00;
constexpr uint8_t kNear = 0x1B;          // four bytes, relative to where they stand
constexpr uint8_t kNearIndirect = 0x9B;  // and where that points to
constexpr char kCode[64] = {};

template <class Integer>
void Put(Integer value, std::string* bytes) {
  bytes->append(reinterpret_cast<const char*>(&value), sizeof value);
}

// A record of `body`, behind its length.
std::string Record(const std::string& body) {
  std::string bytes;
  Put(static_cast<uint32_t>(body.size()), &bytes);
  return bytes + body;
}

// The common record of functions whose addresses are encoded so. It is 17 bytes long.
std::string Common(uint8_t encoding, const std::string& augmentation = "zR") {
  std::string body(4, '\0');
  body += '\1';  // version
  body += augmentation + '\0';
  body += std::string("\x01\x78\x10\x01", 4);  // alignments, the return address, a length
  body += static_cast<char>(encoding);
  return Record(body);
}

// The record of a function at `begin`, an absolute address, behind a common record at byte 0.
std::string Function(const std::string& common, uint64_t begin, uint64_t length) {
  std::string body;
  Put(static_cast<uint32_t>(common.size() + 4), &body);
  Put(begin, &body);
  Put(length, &body);
  body += '\0';
  return Record(body);
}

uint64_t CodeAt(size_t offset) { return reinterpret_cast<uintptr_t>(kCode) + offset; }

std::string FaultIn(const std::string& frames) {
  return FaultInLinkedFrames(frames, {kCode, sizeof kCode}).value_or("none");
}

const std::string kEnd(4, '\0');

TEST(LinkedFrames, FunctionsOfTheImageHaveNoFault) {
  const std::string common = Common(kAbsolute);
  EXPECT_EQ(FaultIn(common + Function(common, CodeAt(0), sizeof kCode) + kEnd), "none");
  EXPECT_EQ(FaultIn(common + Function(common, CodeAt(8), 8) + kEnd), "none");
}

TEST(LinkedFrames, FunctionsOutsideTheImageAreFaults) {
  const std::string common = Common(kAbsolute);
  const auto outside = [&](uint64_t begin, uint64_t length) {
    EXPECT_THAT(FaultIn(common + Function(common, begin, length) + kEnd),
                HasSubstr("code outside the image"));
  };
  outside(CodeAt(0) - 1, 1);
  outside(CodeAt(sizeof kCode) + 1, 0);
  outside(CodeAt(8), sizeof kCode);
  outside(CodeAt(8), ~uint64_t{0});
  outside(1, ~uint64_t{0});
}

TEST(LinkedFrames, NearAddressesAreFollowed) {
  // 64 bytes of code lie directly before the frames.
  std::string memory(64, '\xCC');
  const std::string common = Common(kNear);
  std::string body;
  Put(static_cast<uint32_t>(common.size() + 4), &body);
  Put(static_cast<int32_t>(-64 - static_cast<int32_t>(common.size() + 8)), &body);
  Put(uint32_t{64}, &body);
  memory += common + Record(body) + kEnd;
  const std::string_view all = memory;
  EXPECT_EQ(FaultInLinkedFrames(all.substr(64), all.substr(0, 64)).value_or("none"), "none");
  EXPECT_THAT(FaultInLinkedFrames(all.substr(64), all.substr(1, 63)).value_or("none"),
              HasSubstr("code outside the image"));
}

TEST(LinkedFrames, AFunctionWithoutAddressIsPassedOver) {
  const std::string common = Common(kAbsolute);
  EXPECT_EQ(FaultIn(common + Function(common, 0, 100) + kEnd), "none");
}

TEST(LinkedFrames, RecordsThatDoNotEndAreFaults) {
  const std::string common = Common(kAbsolute);
  EXPECT_THAT(FaultIn(common), HasSubstr("is cut short"));
  std::string longer = common + kEnd;
  longer[0] = static_cast<char>(longer.size());
  EXPECT_THAT(FaultIn(longer), HasSubstr("goes beyond the section"));
  longer[3] = '\xFF';
  EXPECT_THAT(FaultIn(longer), HasSubstr("goes beyond the section"));
}

TEST(LinkedFrames, AFunctionNeedsACommonRecord) {
  const std::string common = Common(kAbsolute);
  std::string function = Function(common, CodeAt(0), 1);
  function[4] = static_cast<char>(function[4] + 1);
  EXPECT_THAT(FaultIn(common + function + kEnd), HasSubstr("belongs to no common record"));
  function[5] = '\x7F';
  EXPECT_THAT(FaultIn(common + function + kEnd), HasSubstr("belongs to no common record"));
}

TEST(LinkedFrames, EncodingsThatLeadElsewhereAreFaults) {
  EXPECT_THAT(FaultIn(Common(kNearIndirect) + kEnd), HasSubstr("can't be followed"));
  EXPECT_THAT(FaultIn(Common(0x50) + kEnd), HasSubstr("can't be followed"));
  EXPECT_THAT(FaultIn(Common(kAbsolute, "zX") + kEnd), HasSubstr("unknown augmentation"));
  EXPECT_THAT(FaultIn(Common(kAbsolute, "eh") + kEnd), HasSubstr("unknown augmentation"));
}

}  // namespace
}  // namespace kiln::jit
