// What the conformance suite runs on.
#pragma once

#include "conformance/attack_conformance.h"

namespace faultline {

/// A random linear model of five classes on [2, 3, 4] inputs, some of them on the bounds.
[[nodiscard]] ConformanceSubject linear_subject(Bounds bounds);

/// A robust MNIST network with its first samples.
[[nodiscard]] ConformanceSubject mnist_subject();

}  // namespace faultline
