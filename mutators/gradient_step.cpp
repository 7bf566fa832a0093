#include "faultline/mutators/gradient_step.h"

#include <cmath>

namespace faultline {

Mutation gradient_step(Image image, const GradientStepParameters& parameters, Draws& /*draws*/) {
  if (image.gradient == nullptr) {
    return Mutation::kSkipped;
  }
  const auto size = static_cast<float>(parameters.size);
  const std::span<float> values = image.values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float slope = image.gradient[i];
    values[i] += slope > 0 ? size : (slope < 0 ? -size : 0);
  }
  return Mutation::kChanged;
}

void register_gradient_step(MutatorRegistry& registry) {
  registry.add<&gradient_step>({.name = "gradient-step",
                                .family = "adversarial",
                                .needs_gradient = true,
                                .preserves = 4,
                                .validity = "up to 0.032 a person hardly sees it; beyond it patterns show",
                                .summary = "steps along the sign of the model's gradient at the clean input"});
}

}  // namespace faultline
