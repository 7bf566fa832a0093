// A target that gives up when the user stops the program.
#pragma once

#include <atomic>
#include <memory>

#include "faultline/core/target.h"

namespace faultline {

/// Throws Error (kInterrupted) at the next question once `stop` is set; so a long chunk ends within one forward.
class InterruptibleTarget : public Target {
 public:
  InterruptibleTarget(std::unique_ptr<Target> inner, const std::atomic<bool>& stop)
      : inner_(std::move(inner)), stop_(stop) {}

  [[nodiscard]] Tensor logits(const Tensor& inputs) override;
  [[nodiscard]] Linearization linearize(const Tensor& inputs) override;

 private:
  void check() const;

  std::unique_ptr<Target> inner_;
  const std::atomic<bool>& stop_;
};

}  // namespace faultline
