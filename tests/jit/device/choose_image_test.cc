#include "jit/device/cuda/choose_image.h"

#include <gtest/gtest.h>

namespace kiln::jit::cuda {
namespace {

using Form = DeviceImage::Form;

// The name of the image that is chosen, "" for none.
std::string Chosen(const std::vector<DeviceImage>& images, int architecture) {
  const DeviceImage* const image = ChooseImage(images, architecture);
  return image == nullptr ? "" : ArchitectureName(*image);
}

DeviceImage Cubin(int architecture, const std::string& suffix = "") {
  return {Form::kCubin, architecture, suffix, ""};
}
DeviceImage Ptx(int architecture, const std::string& suffix = "") {
  return {Form::kPtx, architecture, suffix, ""};
}

TEST(ChooseImage, ExactCubinIsBest) {
  EXPECT_EQ(Chosen({Ptx(90), Cubin(80), Cubin(90), Cubin(100)}, 90), "sm_90");
}

TEST(ChooseImage, MostSpecialOfTheExactOnesIsBest) {
  EXPECT_EQ(Chosen({Cubin(90), Cubin(90, "a"), Cubin(90, "f")}, 90), "sm_90a");
  EXPECT_EQ(Chosen({Cubin(100), Cubin(100, "f")}, 100), "sm_100f");
}

TEST(ChooseImage, CubinOfTheSameMajorAndAnOlderMinorRuns) {
  EXPECT_EQ(Chosen({Cubin(80), Cubin(86), Cubin(89), Cubin(75)}, 87), "sm_86");
  EXPECT_EQ(Chosen({Cubin(89)}, 86), "");
  EXPECT_EQ(Chosen({Cubin(80)}, 90), "");
  EXPECT_EQ(Chosen({Cubin(100)}, 90), "");
}

TEST(ChooseImage, SuffixABindsToOneArchitectureAndFToItsFamily) {
  EXPECT_EQ(Chosen({Cubin(100, "a")}, 103), "");
  EXPECT_EQ(Chosen({Cubin(100, "f")}, 103), "sm_100f");
  EXPECT_EQ(Chosen({Cubin(100, "f")}, 120), "");
  EXPECT_EQ(Chosen({Ptx(90, "a")}, 100), "");
  EXPECT_EQ(Chosen({Ptx(100, "f")}, 120), "");
  EXPECT_EQ(Chosen({Ptx(100, "f")}, 103), "compute_100f");
}

TEST(ChooseImage, NewestPtxThatIsNotTooNewRunsElsewhere) {
  EXPECT_EQ(Chosen({Ptx(75), Ptx(80), Cubin(80), Ptx(100)}, 90), "compute_80");
  EXPECT_EQ(Chosen({Ptx(100)}, 90), "");
}

TEST(ChooseImage, CubinIsBetterThanPtx) { EXPECT_EQ(Chosen({Ptx(86), Cubin(80)}, 86), "sm_80"); }

TEST(ChooseImage, LtoIrIsNotLoaded) { EXPECT_EQ(Chosen({{Form::kLtoIr, 80, "", ""}}, 80), ""); }

TEST(ChooseImage, ArchitecturesAreListedInOrder) {
  EXPECT_EQ(ListArchitectures({Ptx(80), Cubin(90, "a")}), "compute_80, sm_90a");
  EXPECT_EQ(ListArchitectures({}), "none");
}

}  // namespace
}  // namespace kiln::jit::cuda
