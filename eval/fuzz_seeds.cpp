#include "faultline/eval/fuzz_seeds.h"

#include "faultline/core/error.h"
#include "faultline/eval/attack_chunk.h"
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
};

/// Those of the rows ([M] int64 on the host) of the batch that hold.
Tensor holding_rows(const Batch& batch, const Tensor& rows, const Tensor& outputs,
                    const std::vector<ConfiguredOracle>& oracles, TargetStack& target) {
  const OracleJudge judge(oracles, batch, outputs, target);
  const Tensor device_rows = rows.to(batch.inputs.device());
  const Slack slack =
      judge.slack(rows, batch.inputs.index_select(0, device_rows), outputs.index_select(0, rows.to(outputs.device())));
  return rows.index_select(0, (slack.values > slack.tolerance).nonzero().squeeze(1));
}

void take(SeedParts& parts, const Batch& batch, const std::vector<ConfiguredOracle>& oracles, TargetStack& target) {
  const CleanPass pass = clean_pass(target, batch, Goal{}, Rng(0));
  parts.seeds.samples += batch.size();
  const Tensor attackable = pass.attackable;
  if (attackable.numel() == 0) {
    return;
  }
  const Tensor outputs = target.padded_for(oracles).logits(batch.inputs);
  const Tensor rows = holding_rows(batch, attackable, outputs, oracles, target);
  const Batch chosen = select(batch, rows);
  parts.inputs.push_back(chosen.inputs.cpu());
  parts.labels.push_back(chosen.labels.cpu());
  parts.outputs.push_back(outputs.cpu().index_select(0, rows));
  FuzzSeeds& seeds = parts.seeds;
  seeds.batch.ids.insert(seeds.batch.ids.end(), chosen.ids.begin(), chosen.ids.end());
  for (std::int64_t i = 0; i < rows.numel(); ++i) {
    seeds.verdicts.push_back(pass.rows[static_cast<std::size_t>(rows[i].item<std::int64_t>())].clean);
  }
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
    throw Error{ErrorCode::kNothingRan,
                "nothing to do: the model is right on none of the " + std::to_string(parts.seeds.samples) + " samples"};
  }
  FuzzSeeds seeds = std::move(parts.seeds);
  seeds.clean = at::cat(parts.inputs);
  seeds.outputs = at::cat(parts.outputs);
  seeds.batch.inputs = seeds.clean.to(device);
  seeds.batch.labels = at::cat(parts.labels).to(device);
  return seeds;
}

}  // namespace faultline
