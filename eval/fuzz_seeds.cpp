#include "faultline/eval/fuzz_seeds.h"

#include <cmath>

#include "faultline/core/error.h"
#include "faultline/core/verifier.h"
#include "faultline/eval/runner.h"

namespace faultline {

namespace {

constexpr std::int64_t kSeedsAtOnce = 250;
constexpr std::int64_t kMostSeedBytes = std::int64_t{4} * 1024 * 1024 * 1024;

/// Parts of the seeds, to be put together.
struct SeedParts {
  std::vector<Tensor> inputs{};
  std::vector<Tensor> labels{};
  std::vector<Tensor> outputs{};
  FuzzSeeds seeds{};
  std::int64_t right = 0;  ///< Samples that the model gets right, whatever the oracles say of them.
};

CleanVerdict verdict_of(const Answer& answer) {
  return {answer.prediction, answer.margin, answer.confidence, answer.finite && answer.margin >= -answer.tau,
          std::abs(answer.margin) <= answer.tau};
}

/// Takes the samples that the model gets right and that hold by the oracles. One on which it throws or gives no number
/// is among them as little as a wrong one.
void take(SeedParts& parts, const Batch& batch, const std::vector<ConfiguredOracle>& oracles, TargetStack& target) {
  Target& asked = target.padded_for(oracles);
  const std::vector<Answer> answers = ask(asked, batch.inputs, batch.labels, ThreatModel{});
  const Tensor outputs = asked.logits(batch.inputs);
  const OracleJudge judge(oracles, batch, outputs, target);
  const Slack slack = judge.slack(at::arange(batch.size(), at::kLong), batch.inputs, outputs);
  const Tensor holds = slack.values > slack.tolerance;
  std::vector<std::int64_t> places;
  for (std::int64_t i = 0; i < batch.size(); ++i) {
    const CleanVerdict verdict = verdict_of(answers[static_cast<std::size_t>(i)]);
    parts.right += verdict.right ? 1 : 0;
    if (verdict.right && holds[i].item<bool>()) {
      places.push_back(i);
      parts.seeds.verdicts.push_back(verdict);
    }
  }
  parts.seeds.samples += batch.size();
  if (places.empty()) {
    return;
  }
  const Tensor rows = at::tensor(places, at::kLong);
  const Batch chosen = select(batch, rows.to(batch.inputs.device()));
  parts.inputs.push_back(chosen.inputs.cpu());
  parts.labels.push_back(chosen.labels.cpu());
  parts.outputs.push_back(outputs.cpu().index_select(0, rows));
  FuzzSeeds& seeds = parts.seeds;
  seeds.batch.ids.insert(seeds.batch.ids.end(), chosen.ids.begin(), chosen.ids.end());
}

}  // namespace

FuzzSeeds find_seeds(const Dataset& data, const FuzzPlan& plan, const std::vector<ConfiguredOracle>& oracles,
                     TargetStack& target, c10::Device device) {
  std::int64_t bytes = static_cast<std::int64_t>(sizeof(float)) * plan.data.samples;
  for (const std::int64_t length : data.sample_shape()) {
    bytes *= length;
  }
  if (bytes > kMostSeedBytes) {
    throw Error{ErrorCode::kUsage, "the " + std::to_string(plan.data.samples) + " samples take " +
                                       std::to_string(bytes >> 30) +
                                       " GB; fuzzing keeps its seeds in memory: choose "
                                       "fewer with --limit"};
  }
  SeedParts parts;
  for (const Chunk& chunk : chunks_of(plan.data.offset, plan.data.samples, kSeedsAtOnce)) {
    Batch batch = read_batch(data, chunk.first, chunk.count, plan.data.options.bounds);
    batch.inputs = batch.inputs.to(device);
    batch.labels = batch.labels.to(device);
    take(parts, batch, oracles, target);
  }
  if (parts.seeds.batch.ids.empty()) {
    const std::string right = parts.right == 0 ? "none" : std::to_string(parts.right);
    throw Error{ErrorCode::kNothingRan, "nothing to do: the model is right on " + right + " of the " +
                                            std::to_string(parts.seeds.samples) + " samples" +
                                            (parts.right == 0 ? "" : ", all of which fail by --oracle as they are")};
  }
  FuzzSeeds seeds = std::move(parts.seeds);
  seeds.clean = at::cat(parts.inputs);
  seeds.outputs = at::cat(parts.outputs);
  seeds.batch.inputs = seeds.clean.to(device);
  seeds.batch.labels = at::cat(parts.labels).to(device);
  return seeds;
}

}  // namespace faultline
