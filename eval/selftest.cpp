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

/// Random points at the edge of the budget: corners in Linf.
Tensor edge_points(const Batch& samples, const ThreatModel& threat, const Rng& rng) {
  constexpr double kFar = 1000;
  const Tensor steps = rng.normal(samples.ids, samples.inputs.sizes(), {}).to(samples.inputs.device());
  return project(samples.inputs + steps * broadcast_rows(threat.epsilon * kFar, samples.inputs), samples.inputs,
                 threat);
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

SelftestResult selftest_sample(const TargetFactory& make, const Batch& sample, const ThreatModel& threat,
                               const std::vector<ConfiguredAttack>& attacks, const Rng& rng) {
  TargetStack whole(make);
  const Batch many = repeated(sample, kInside);
  const ThreatModel smaller = repeated(threat, kInside, kInsideShare);
  const ThreatModel whole_budget = repeated(threat, kInside, 1);
  const Tensor points = at::cat(
      {sample.inputs, project(sample_in_ball(many, smaller, rng.derived("inside"), {}), many.inputs, smaller),
       edge_points(many, smaller, rng.derived("edge of the inside"))});
  const Tensor inside = whole.padded().logits(points).cpu();
  const Tensor candidates = edge_points(many, whole_budget, rng.derived("planted"));
  const Tensor there = whole.padded().logits(candidates).cpu();
  const auto farthest = (there - inside.mean(0)).square().sum(1).argmax().item<std::int64_t>();
  const Readout readout = readout_between(inside, there[farthest]);
  if (!readout.separates) {
    return {};
  }
  const Tensor planted = candidates.narrow(0, farthest, 1);
  TargetStack target([&] { return std::make_unique<ReadoutTarget>(make(), readout.direction, readout.threshold); });
  const auto other_class = [&](const Tensor& at) { return target.padded().logits(at).argmax(1).eq(1); };
  if (other_class(points).any().item<bool>() || !other_class(planted).item<bool>()) {
    return {};  // so close to each other that the readout's rounding decides
  }
  SelftestResult result;
  const Tensor corners = edge_points(many, whole_budget, rng.derived("at random"));
  result.found_at_random = other_class(corners).any().item<bool>();
  Batch binary = sample;
  binary.labels = at::zeros_like(sample.labels);
  std::vector<AttackCost> costs(attacks.size());
  const Tensor left =
      run_ensemble(target, attacks, binary, threat, costs,
                   {.rng = [&](std::size_t attack) { return rng.derived(attacks[attack].info.name, attack); },
                    .tried = [](std::size_t, const Tensor&, const Attempt&) {},
                    .passed_over = [](const Tensor&) {}});
  result.planted = left.size(0) == 0 ? SelftestResult::Planted::kFound : SelftestResult::Planted::kMissed;
  return result;
}

}  // namespace faultline
