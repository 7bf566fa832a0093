// What a model makes of an input that may end the process: asked in a process of its own.
//
//   const OutsideLook look = look_from_outside(target, inputs, {.seconds = 30});
//   if (look.end == OutsideEnd::kDied) ...
#pragma once

#include <string>

#include "faultline/core/target.h"
#include "faultline/fuzz/child_process.h"

namespace faultline {

enum class OutsideEnd {
  kAnswered,     ///< With finite numbers.
  kNotFinite,    ///< With NaN or infinity among them.
  kRefused,      ///< It threw.
  kOutOfMemory,  ///< It asked for more than it may have.
  kDied,         ///< The process ended, twice.
  kHung,
};

struct OutsideLook {
  OutsideEnd end = OutsideEnd::kAnswered;
  std::string message{};  ///< kRefused and kOutOfMemory: what was said, 500 bytes at most.
};

/// Inputs of any shape and type. This process must have one thread. Throws Error (kUsage) when there can be no further
/// process.
[[nodiscard]] OutsideLook look_from_outside(ScoreTarget& target, const Tensor& inputs, const ChildLimits& limits);

}  // namespace faultline
