// What one worker asks: the plain model, the model with padded batches, and the metered one that attacks get.
#pragma once

#include <functional>
#include <memory>

#include "faultline/core/target.h"
#include "faultline/targets/metered.h"
#include "faultline/targets/padded.h"

namespace faultline {

/// Makes the plain target (normalisation inside) for one worker. Called from several threads.
using TargetFactory = std::function<std::unique_ptr<Target>()>;

/// Belongs to one worker.
class TargetStack {
 public:
  explicit TargetStack(const TargetFactory& make, const TargetFactory& make_other = {});

  [[nodiscard]] Target& plain() { return *plain_; }   ///< Batches as they are: the verifier's single looks.
  [[nodiscard]] Target& padded() { return padded_; }  ///< The floor batch: clean pass and verification.
  /// The model to compare with, padded; null: none.
  [[nodiscard]] Target* other() { return other_padded_.get(); }
  [[nodiscard]] MeteredTarget metered() {
    return MeteredTarget(padded_);
  }  ///< What one attack gets, with a meter at zero.

 private:
  std::unique_ptr<Target> plain_;
  PaddedTarget padded_;
  std::unique_ptr<Target> other_;
  std::unique_ptr<PaddedTarget> other_padded_;
};

}  // namespace faultline
