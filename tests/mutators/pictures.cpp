#include "mutators/pictures.h"

#include <algorithm>

#include "faultline/core/registry.h"
#include "faultline/data/register_data.h"
#include "faultline/mutators/register_mutators.h"

namespace faultline {

namespace {

std::unique_ptr<Dataset> open_pictures(const std::string& spec, const DataOptions& options) {
  DataRegistry registry;
  register_data(registry);
  return registry.open(spec, options);
}

}  // namespace

const MutatorRegistry& builtin_mutators() {
  static const MutatorRegistry kRegistry = [] {
    MutatorRegistry registry;
    register_mutators(registry);
    return registry;
  }();
  return kRegistry;
}

Tensor cifar(std::int64_t number) {
  static const std::string kFolder = FAULTLINE_TEST_DATA;
  static const std::unique_ptr<Dataset> kData =
      open_pictures("npy:" + kFolder + "/cifar10_test100_images_u8.npy," + kFolder + "/cifar10_test100_labels_i64.npy",
                    {.layout = Layout::kNchw});
  return kData->read(number, 1)[0].clone();
}

Tensor mnist(std::int64_t number) {
  static const std::unique_ptr<Dataset> kData = open_pictures(std::string("mnist:") + FAULTLINE_TEST_DATA, {});
  return kData->read(number, 1)[0].clone();
}

Tensor mutated(const MutatorRegistry::Entry& mutator, const Tensor& picture, int severity, std::uint64_t key,
               Mutation* outcome) {
  Tensor copy = picture.clone();
  Image image = image_of(copy);
  const Tensor slopes = picture - picture.mean();  // a model's gradient, for those that step along one
  image.gradient = slopes.const_data_ptr<float>();
  Draws draws(key);
  const std::vector<double> values =
      parameters_at(mutator.parameters, severity, std::min(image.height, image.width), draws);
  const Mutation mutation = mutator.apply(image, values, draws);
  if (outcome != nullptr) {
    *outcome = mutation;
  }
  return copy;
}

}  // namespace faultline
