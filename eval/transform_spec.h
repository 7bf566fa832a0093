// What --attack says of a space of transforms: from it and the shape of the inputs the space follows.
//
//   TransformSpec spec{.text = "--attack rotate", .steps = {{&registry.at("rotate"), {Limit{.most = 30}}}}};
//   const TransformSpace space = space_of(spec, {1, 28, 28});
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "faultline/core/transform_space.h"
#include "faultline/eval/corruption_profile.h"

namespace faultline {

/// What the user said of one parameter.
struct Limit {
  std::optional<double> held{};
  std::optional<double> least{};
  std::optional<double> most{};  ///< Of a parameter with either sign: of its size.
};

struct StepSpec {
  const MutatorRegistry::Entry* mutator = nullptr;
  std::vector<Limit> limits{};  ///< One per parameter.
};

/// The mutators must outlive it.
struct TransformSpec {
  std::string text{};  ///< For messages: "--attack rotate".
  std::vector<StepSpec> steps{};
  int severity = kSeverities;
  std::string corruption{};  ///< Not empty: a published corruption; then there are no steps.
  std::string profile{};     ///< Of the corruption; empty: the one for images of that size.
  const MutatorRegistry* mutators = nullptr;
};

/// The space for inputs of a shape. Throws Error (kUsage) when they are no images [C, H, W], when a mutator would leave
/// all of them alone (nothing found would mean nothing), or when an interval would be empty.
[[nodiscard]] TransformSpace space_of(const TransformSpec& spec, const std::vector<std::int64_t>& shape);

/// One line for each mutator that goes further than a person still gives the image its label.
[[nodiscard]] std::vector<std::string> cautions_of(const TransformSpec& spec, const std::vector<std::int64_t>& shape);

/// The line for a mutator, or a corruption of another name, that goes so far.
[[nodiscard]] std::string caution_text(const std::string& name, const MutatorInfo& info);

/// The corruption of that name. Throws Error (kUsage) that begins with `where` and has the nearest name.
[[nodiscard]] const Corruption& corruption_named(const CorruptionProfile& profile, const std::string& name,
                                                 const std::string& where);

}  // namespace faultline
