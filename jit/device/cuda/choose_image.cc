#include "jit/device/cuda/choose_image.h"

namespace kiln::jit::cuda {
namespace {

// How well an image suits an architecture: the greater the better, 0 not at all.
int Fitness(const DeviceImage& image, int architecture) {
  const bool same = image.architecture == architecture;
  const bool same_major = image.architecture / 10 == architecture / 10;
  const int special = image.suffix == "a" ? 2 : image.suffix == "f" ? 1 : 0;
  if (image.architecture > architecture || (special == 2 && !same) ||
      (special == 1 && !same_major)) {
    return 0;
  }
  const int closeness = image.architecture * 4 + special;
  constexpr int kCubinsFirst = 1 << 20;
  switch (image.form) {
    case DeviceImage::Form::kCubin:
      return same_major ? kCubinsFirst + closeness : 0;
    case DeviceImage::Form::kPtx:
      return closeness;
    case DeviceImage::Form::kLtoIr:
      return 0;
  }
  return 0;
}

}  // namespace

const DeviceImage* ChooseImage(const std::vector<DeviceImage>& images, int architecture) {
  const DeviceImage* best = nullptr;
  int best_fitness = 0;
  for (const DeviceImage& image : images) {
    const int fitness = Fitness(image, architecture);
    if (fitness <= best_fitness) continue;
    best = &image;
    best_fitness = fitness;
  }
  return best;
}

std::string ListArchitectures(const std::vector<DeviceImage>& images) {
  std::string list;
  for (const DeviceImage& image : images) {
    list += (list.empty() ? "" : ", ") + ArchitectureName(image);
  }
  return list.empty() ? "none" : list;
}

}  // namespace kiln::jit::cuda
