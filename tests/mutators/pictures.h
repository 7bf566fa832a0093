// Real pictures and mutators for the tests of mutators.
//
//   Tensor picture = cifar(3).clone();
//   builtin_mutators().at("fog").apply(image_of(picture), values, draws);
#pragma once

#include <gtest/gtest.h>

#include "faultline/core/mutator_registry.h"
#include "faultline/core/tensor.h"

namespace faultline {

/// The mutators of the program.
[[nodiscard]] const MutatorRegistry& builtin_mutators();

/// Picture `number` of the hundred CIFAR-10 images, [3, 32, 32]; of the MNIST test set, [1, 28, 28]. In memory of its
/// own.
[[nodiscard]] Tensor cifar(std::int64_t number);
[[nodiscard]] Tensor mnist(std::int64_t number);

/// What the mutator makes of a copy of the picture at a severity, with the draws of a key. `changed` may be null.
[[nodiscard]] Tensor mutated(const MutatorRegistry::Entry& mutator, const Tensor& picture, int severity,
                             std::uint64_t key, Mutation* outcome = nullptr);

/// What a mutator function makes of a copy of the picture, which it must not skip, with the draws of a key.
template <typename Parameters>
Tensor changed_by(Mutation (*mutate)(Image, const Parameters&, Draws&), const Parameters& parameters,
                  const Tensor& picture, std::uint64_t key) {
  Tensor copy = picture.clone();
  Draws draws(key);
  EXPECT_EQ(mutate(image_of(copy), parameters, draws), Mutation::kChanged);
  return copy;
}

}  // namespace faultline
