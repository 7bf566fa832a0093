#include "faultline/core/mutator_registry.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "faultline/core/error.h"
#include "faultline/core/suggest.h"

namespace faultline {

namespace mutator_detail {

ParameterInfo describe(std::string_view name, bool integer, const Scale& scale, std::string_view help) {
  return {.name = std::string(name), .help = std::string(help), .integer = integer, .scale = scale, .names = {}};
}

ParameterInfo describe(std::string_view name, bool /*integer*/, const Choice& choice, std::string_view help) {
  const double last = static_cast<double>(choice.names.size()) - 1;
  return {.name = std::string(name),
          .help = std::string(help),
          .integer = true,
          .scale = {.lower = 0, .upper = last},
          .names = choice.names};
}

}  // namespace mutator_detail

const MutatorRegistry::Entry& MutatorRegistry::at(const std::string& name) const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) {
    if (entry.info.name == name) {
      return entry;
    }
    names.push_back(entry.info.name);
  }
  throw Error{ErrorCode::kUsage,
              "unknown mutator '" + name + "'" + did_you_mean(name, names) + "; see `faultline list mutators`"};
}

void MutatorRegistry::add_entry(Entry entry) {
  if (std::ranges::any_of(entries_, [&](const Entry& other) { return other.info.name == entry.info.name; })) {
    throw std::logic_error("two mutators are named '" + entry.info.name + "'");
  }
  // What holds for all: images that are too small are left alone, and values end in [0, 1].
  entry.apply = [info = entry.info, change = std::move(entry.apply)](Image image, std::span<const double> values,
                                                                     Draws& draws) {
    if (image.channels < info.least_channels || std::min(image.height, image.width) < info.least_side) {
      return Mutation::kSkipped;
    }
    const Mutation mutation = change(image, values, draws);
    for (float& value : image.values()) {
      value = std::clamp(value, 0.0F, 1.0F);
    }
    return mutation;
  };
  entries_.push_back(std::move(entry));
}

Tensor rendered(const MutatorRegistry::Entry& mutator, std::span<const double> values, const Tensor& input,
                const Bounds& bounds, Draws& draws, const Tensor& gradient) {
  const double range = bounds.upper - bounds.lower;
  const bool is_unit = bounds.lower == 0 && range == 1;  // then nothing is rounded on the way there and back
  const Tensor copy = (is_unit ? input.clone() : (input - bounds.lower) / range).contiguous();
  Image image = image_of(copy);
  const Tensor slopes = gradient.defined() ? gradient.contiguous() : Tensor();
  image.gradient = slopes.defined() ? slopes.const_data_ptr<float>() : nullptr;
  (void)mutator.apply(image, values, draws);
  return is_unit ? copy : (copy * range + bounds.lower).clamp(bounds.lower, bounds.upper);
}

Tensor rendered(const Recipe& recipe, const std::vector<const MutatorRegistry::Entry*>& mutators, const Tensor& input,
                const Bounds& bounds, const Tensor& gradient) {
  Tensor image = input;
  for (std::size_t i = 0; i < recipe.steps.size(); ++i) {
    Draws draws(recipe.steps[i].key);
    image = rendered(*mutators.at(i), recipe.steps[i].values, image, bounds, draws, gradient);
  }
  return image;
}

}  // namespace faultline
