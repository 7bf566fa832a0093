// The one mutator that asks a model: a step along the sign of its gradient, so that recipes mix natural changes with
// adversarial ones.
//
//   image.gradient = signs;                       // of the clean input, from the model
//   gradient_step(image, {.size = 0.016}, draws);
#pragma once

#include "faultline/core/mutator_registry.h"

namespace faultline {

struct GradientStepParameters {
  double size = 0.016;  ///< Added or subtracted per value.

  static void fields(auto& p, auto&& visit) {
    visit("size", p.size, Scale{.unit = "of the range", .values = {0.004, 0.008, 0.016, 0.032, 0.064}, .identity = 0},
          "added along the sign of the gradient");
  }
};

/// Adds size * sign(gradient) to each value (Goodfellow et al., ICLR 2015, arXiv:1412.6572). The gradient is that of
/// the clean input, also when other mutators moved the image before. Skipped when nobody asked a model.
Mutation gradient_step(Image image, const GradientStepParameters& parameters, Draws& draws);

}  // namespace faultline
