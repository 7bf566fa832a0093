#include "conformance/subjects.h"

#include "engine.h"
#include "faultline/targets/fakes.h"

namespace faultline {

namespace {

constexpr std::int64_t kRows = 22;

/// Numbers in [0, 1) that depend on the seed only.
Tensor draw(std::uint64_t seed, std::int64_t rows, at::IntArrayRef shape) {
  std::vector<SampleId> ids;
  for (std::int64_t row = 0; row < rows; ++row) {
    ids.push_back({row, static_cast<std::uint64_t>(row)});
  }
  return Rng(seed).uniform(ids, shape, {});
}

}  // namespace

ConformanceSubject linear_subject(Bounds bounds) {
  constexpr std::int64_t kClasses = 5;
  const double side = bounds.upper - bounds.lower;
  const Tensor weight = (draw(1, kClasses, {kClasses, 24}) - 0.5) / side;
  // Half of the elements on a bound or near one.
  const Tensor share = (2 * draw(2, kRows, {kRows, 2, 3, 4}) - 0.5).clamp(0, 1);
  const Tensor inputs = (share * side + bounds.lower).clamp(bounds.lower, bounds.upper);
  const Tensor bias = -at::linear(inputs.flatten(1), weight).mean(0);
  TargetFactory make = [weight, bias] { return std::make_unique<LinearTarget>(weight, bias); };
  const Tensor labels = make()->decide(inputs);
  const Batch batch = right_rows(make, {inputs, labels, identify(inputs, 0), {}});
  return {"a linear model in " + std::to_string(bounds.lower) + ".." + std::to_string(bounds.upper), make, batch,
          bounds, kClasses};
}

ConformanceSubject mnist_subject() {
  const Engine engine("mnist_lpd_mlp_b_0.1.pt");
  return {"mnist_lpd_mlp_b_0.1", engine.make_target(), engine.right_samples(kRows), Bounds{}, 10};
}

}  // namespace faultline
