// A target that counts what passes through it.
#pragma once

#include <cstdint>

#include "faultline/core/target.h"

namespace faultline {

/// Propagations, counted per sample: a batch of 100 through the model once is 100.
struct Meter {
  std::int64_t forwards = 0;
  std::int64_t backwards = 0;
  std::int64_t not_finite = 0;  ///< Of the forwards: rows with a logit that is NaN or infinite.
};

/// Counts rows before padding. Not for use by two threads at once: one per worker.
class MeteredTarget : public Target {
 public:
  explicit MeteredTarget(Target& inner) : inner_(inner) {}

  [[nodiscard]] Tensor logits(const Tensor& inputs) override;
  [[nodiscard]] Linearization linearize(const Tensor& inputs) override;

  [[nodiscard]] const Meter& meter() const { return meter_; }

 private:
  void count(const Tensor& logits);

  Target& inner_;
  Meter meter_;
};

}  // namespace faultline
