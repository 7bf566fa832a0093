#include "faultline/eval/selftest.h"

#include "faultline/core/projection.h"
#include "faultline/core/sampling.h"
#include "faultline/eval/ensemble.h"
#include "faultline/targets/readout.h"

namespace faultline {

namespace {

constexpr std::int64_t kInside = 200;
constexpr double kInsideShare = 0.95;

/// The row of a batch so many times; ids differ, so that each draws for itself.
Batch repeated(const Batch& sample, std::int64_t times) {
  Batch batch = select(sample, at::zeros({times}, at::kLong));
  for (std::int64_t i = 0; i < times; ++i) {
    batch.ids[static_cast<std::size_t>(i)].hash += static_cast<std::uint64_t>(i) * 0x9E3779B97F4A7C15ULL;
  }
  return batch;
}

ThreatModel repeated(const ThreatModel& threat, std::int64_t times, double share) {
  ThreatModel many = select(threat, at::zeros({times}, at::kLong));
  many.epsilon = many.epsilon * share;
  return many;
}

/// A random point at the edge of the budget: a corner in Linf.
Tensor edge_point(const Batch& sample, const ThreatModel& threat, const Rng& rng) {
  constexpr double kFar = 1000;
  const Tensor step = rng.normal(sample.ids, sample.inputs.sizes(), {}).to(sample.inputs.device());
  return project(sample.inputs + step * broadcast_rows(threat.epsilon * kFar, sample.inputs), sample.inputs, threat);
}

/// A plane in the logits with the planted point on one side and all points inside on the other.
struct Readout {
  Tensor direction{};
  double threshold = 0;
  bool separates = false;
};

Readout readout_between(const Tensor& inside, const Tensor& planted) {
  const Tensor centre = inside.mean(0);
  const Tensor apart = planted - centre;
  const double length = (apart * apart).sum().item<double>();
  if (!(length > 0)) {
    return {};
  }
  Readout readout{.direction = (apart / length).to(at::kFloat)};
  const double highest = inside.matmul(readout.direction).max().item<double>();
  const double there = planted.dot(readout.direction).item<double>();
  constexpr double kTowardsPlanted = 0.9;
  readout.threshold = highest + kTowardsPlanted * (there - highest);
  readout.separates = there - highest > 1e-3;  // of the distance between the point and the centre, which is 1
  return readout;
}

}  // namespace

Planted selftest_sample(const TargetFactory& make, const Batch& sample, const ThreatModel& threat,
                        const std::vector<ConfiguredAttack>& attacks, const Rng& rng) {
  TargetStack whole(make);
  const Batch many = repeated(sample, kInside);
  const ThreatModel smaller = repeated(threat, kInside, kInsideShare);
  const Tensor points = project(sample_in_ball(many, smaller, rng.derived("inside"), {}), many.inputs, smaller);
  const Tensor inside = whole.padded().logits(at::cat({sample.inputs, points})).cpu();
  const Tensor planted = whole.padded().logits(edge_point(sample, threat, rng.derived("planted")))[0].cpu();
  const Readout readout = readout_between(inside, planted);
  if (!readout.separates) {
    return Planted::kNone;
  }
  Batch binary = sample;
  binary.labels = at::zeros_like(sample.labels);
  TargetStack target([&] { return std::make_unique<ReadoutTarget>(make(), readout.direction, readout.threshold); });
  std::vector<AttackCost> costs(attacks.size());
  const Tensor left =
      run_ensemble(target, attacks, binary, threat, costs,
                   {.rng = [&](std::size_t attack) { return rng.derived(attacks[attack].info.name, attack); },
                    .tried = [](std::size_t, const Tensor&, const Attempt&) {},
                    .passed_over = [](const Tensor&) {}});
  return left.size(0) == 0 ? Planted::kFound : Planted::kMissed;
}

}  // namespace faultline
