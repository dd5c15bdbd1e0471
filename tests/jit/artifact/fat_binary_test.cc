#include "jit/artifact/fat_binary.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "thrown.h"

namespace kiln::jit {
namespace {

using Form = DeviceImage::Form;

const std::string kPtx = ".version 8.7\n.target sm_90a\n.address_size 64\n";

// What CUDA 13's `fatbinary --64 --compress-mode=none` writes for PTX of 8.7 and sm_90a, but for
// the options that it puts behind an entry's header.
std::string ContainerOfPtx() {
  std::string bytes(
      "\x50\xED\x55\xBA\x01\x00\x10\x00\x70\x00\x00\x00\x00\x00\x00\x00"
      "\x01\x00\x01\x01\x40\x00\x00\x00\x30\x00\x00\x00\x00\x00\x00\x00"
      "\x00\x00\x00\x00\x00\x00\x00\x00\x07\x00\x08\x00\x5A\x00\x00\x00"
      "\x00\x00\x00\x00\x00\x00\x00\x00\x11\x00\x10\x00\x00\x00\x00\x00"
      "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
      80);
  return bytes + kPtx + std::string(48 - kPtx.size(), '\0');
}

std::vector<DeviceImage> Images() {
  return {{Form::kCubin, 80, "",
           std::string("\x7F"
                       "ELF\2\1\1\x41\x08\0\0\0\0\0\0\0",
                       16)},
          {Form::kCubin, 100, "f",
           std::string("\x7F"
                       "ELF\2\1\1\x41\x07\0\0\0\0\0\0\1",
                       16)},
          {Form::kLtoIr, 90, "", std::string("\xED\x43\x4E\x7F\1\x41\2b", 8)},
          {Form::kPtx, 90, "a", kPtx}};
}

TEST(FatBinary, PtxIsWrittenAsCudasToolWritesIt) {
  EXPECT_EQ(WriteFatBinary({{Form::kPtx, 90, "a", kPtx}}), ContainerOfPtx());
}

TEST(FatBinary, VersionsOfCodeStandInItsEntry) {
  const std::string bytes = WriteFatBinary(Images());
  const auto version_at = [&bytes](size_t entry) {
    return std::vector<int>{bytes[entry + 26], bytes[entry + 24]};
  };
  EXPECT_EQ(version_at(16), (std::vector<int>{1, 8}));
  EXPECT_EQ(version_at(16 + 80), (std::vector<int>{1, 7}));
  EXPECT_EQ(version_at(16 + 160), (std::vector<int>{1, 0x41}));
}

TEST(FatBinary, ReadsWhatItWrote) {
  EXPECT_EQ(ReadFatBinary(WriteFatBinary(Images()), "k.cu"), Images());
  EXPECT_EQ(ReadFatBinary(WriteFatBinary({}), "k.cu"), std::vector<DeviceImage>());
}

TEST(FatBinary, CubinsKeepTheirPadding) {
  const std::vector<DeviceImage> read = ReadFatBinary(WriteFatBinary({{Form::kCubin, 90, "",
                                                                       "\x7F"
                                                                       "ELF."}}),
                                                      "k.cu");
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].code, std::string("\x7F"
                                      "ELF.\0\0\0",
                                      8));
}

TEST(FatBinary, OptionsAndNameBehindAHeaderAreSteppedOver) {
  std::string bytes = ContainerOfPtx();
  bytes[8] += 16;       // the entries' size
  bytes[16 + 4] += 16;  // the entry's header
  bytes.insert(80, std::string("k.cu\0\0\0\0--opt\0\0\0", 16));
  EXPECT_EQ(ReadFatBinary(bytes, "k.cu"), (std::vector<DeviceImage>{{Form::kPtx, 90, "a", kPtx}}));
}

TEST(FatBinary, UnknownFormsAreLeftOut) {
  std::string bytes = WriteFatBinary(Images());
  bytes[16] = 0x40;
  EXPECT_EQ(ReadFatBinary(bytes, "k.cu").size(), Images().size() - 1);
}

TEST(FatBinary, WhatFollowsTheContainerIsNotRead) {
  const std::string bytes = WriteFatBinary(Images());
  EXPECT_EQ(ReadFatBinary(bytes + "and more", "k.cu"), Images());
  EXPECT_EQ(FatBinarySize((bytes + "and more").data()), bytes.size());
  EXPECT_EQ(FatBinarySize("sixteen bytes of text"), 0U);
}

TEST(FatBinary, ArchitecturesAreNamedAsInCuda) {
  EXPECT_EQ(ArchitectureName({Form::kCubin, 90, "a", ""}), "sm_90a");
  EXPECT_EQ(ArchitectureName({Form::kPtx, 120, "", ""}), "compute_120");
  EXPECT_EQ(ArchitectureName({Form::kLtoIr, 100, "f", ""}), "compute_100f");
}

TEST(FatBinary, EveryPrefixIsRefused) {
  const std::string bytes = WriteFatBinary(Images());
  for (size_t size = 0; size < bytes.size(); ++size) {
    // A copy, so that reading behind its end is seen.
    const std::vector<char> prefix(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
    const Thrown thrown = ThrownBy([&] { ReadFatBinary({prefix.data(), prefix.size()}, "k.cu"); });
    ASSERT_EQ(thrown.kind, "ValueError") << size;
    ASSERT_TRUE(Contains(thrown.message, "the GPU code of k.cu")) << thrown.message;
  }
}

TEST(FatBinary, SizesThatOverflowAreRefused) {
  std::string bytes = ContainerOfPtx();
  for (size_t at = 24; at < 32; ++at) bytes[at] = '\xFF';  // the code's size
  EXPECT_EQ(ThrownBy([&] { ReadFatBinary(bytes, "k.cu"); }).kind, "ValueError");
  bytes = ContainerOfPtx();
  for (size_t at = 8; at < 16; ++at) bytes[at] = '\xFF';  // all entries' size
  EXPECT_EQ(ThrownBy([&] { ReadFatBinary(bytes, "k.cu"); }).kind, "ValueError");
  bytes = ContainerOfPtx();
  bytes[20] = 8;  // the entry's header
  EXPECT_EQ(ThrownBy([&] { ReadFatBinary(bytes, "k.cu"); }).message,
            "the GPU code of k.cu is no fat binary of CUDA: an entry's header has 8 bytes");
}

TEST(FatBinary, CompressedCodeIsRefusedWithTheWayOut) {
  std::string bytes = ContainerOfPtx();
  bytes[16 + 41] = '\x80';
  EXPECT_EQ(ThrownBy([&] { ReadFatBinary(bytes, "k.cu"); }).message,
            "the GPU code of k.cu for compute_90a is compressed; make it with "
            "--compress-mode=none");
}

TEST(FatBinary, OtherSuffixesAreRefused) {
  EXPECT_EQ(ThrownBy([] { WriteFatBinary({{Form::kCubin, 90, "b", ""}}); }).message,
            "the suffix of a GPU architecture must be '', 'a' or 'f', got 'b'");
}

}  // namespace
}  // namespace kiln::jit
