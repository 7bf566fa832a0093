#include "faultline/cli/export.h"

#include "faultline/core/error.h"
#include "faultline/core/margin.h"
#include "faultline/data/npy.h"
#include "faultline/data/safetensors.h"
#include "faultline/report/png_triptych.h"

namespace faultline {

namespace {

struct Pair {
  Tensor clean;
  Tensor witness;
};

Pair load(const RunDirectory& directory, const SampleRow& row) {
  const Safetensors file = open_safetensors(directory.witnesses() / (row.witness + ".safetensors"));
  return {file.tensor("clean"), file.tensor("witness")};
}

void export_npy(const RunDirectory& directory, const std::vector<SampleRow>& rows) {
  const std::filesystem::path folder = directory.folder("npy");
  std::vector<std::int64_t> labels;
  std::vector<std::int64_t> predictions;
  std::vector<std::int64_t> indices;
  for (const SampleRow& row : rows) {
    labels.push_back(row.label);
    predictions.push_back(row.verdict.prediction);
    indices.push_back(row.id.index);
  }
  const auto count = static_cast<std::int64_t>(rows.size());
  const auto pair = [&](std::int64_t row) { return load(directory, rows[static_cast<std::size_t>(row)]); };
  write_npy(folder / "clean.npy", count, [&](std::int64_t row) { return pair(row).clean; });
  write_npy(folder / "adversarial.npy", count, [&](std::int64_t row) { return pair(row).witness; });
  write_npy(folder / "labels.npy", at::tensor(labels, at::kLong));
  write_npy(folder / "predictions.npy", at::tensor(predictions, at::kLong));
  write_npy(folder / "indices.npy", at::tensor(indices, at::kLong));
}

/// Whether the goal is still reached when the witness is stored with 8 bits per channel.
bool survives(ScoreTarget& target, const SampleRow& row, const Tensor& witness, const Plan& plan, c10::Device device) {
  const Tensor stored = round_to_8_bits(witness, plan.data.options.bounds).unsqueeze(0).to(device);
  ThreatModel threat;
  if (row.target) {
    threat.targets = at::full({1}, *row.target, at::TensorOptions(device).dtype(at::kLong));
  }
  const Tensor logits = target.logits(stored);
  const Tensor label = at::full({1}, row.label, at::TensorOptions(device).dtype(at::kLong));
  return goal_margin(logits, label, threat).lt(tau(logits).neg()).item<bool>();
}

std::int64_t export_png(const Plan& plan, const Session& session, const RunDirectory& directory,
                        const std::vector<SampleRow>& rows) {
  const std::filesystem::path folder = directory.folder("png");
  TargetStack target(session.make_target);
  std::int64_t survivors = 0;
  for (const SampleRow& row : rows) {
    const Pair pair = load(directory, row);
    write_png_triptych(folder / (std::to_string(row.id.index) + ".png"), pair.clean, pair.witness,
                       plan.data.options.bounds);
    survivors += survives(target.padded(), row, pair.witness, plan, session.model->device()) ? 1 : 0;
  }
  return survivors;
}

}  // namespace

ExportFormat parse_export(const std::string& text) {
  if (text == "npy") {
    return ExportFormat::kNpy;
  }
  if (text == "png") {
    return ExportFormat::kPng;
  }
  throw Error{ErrorCode::kUsage, "--export: expected npy or png, got '" + text + "'"};
}

ExportResult export_witnesses(ExportFormat format, const Plan& plan, const Session& session,
                              const RunDirectory& directory, const std::vector<SampleRow>& rows) {
  std::vector<SampleRow> found;
  std::ranges::copy_if(rows, std::back_inserter(found),
                       [](const SampleRow& row) { return row.status == SampleRow::Status::kFound; });
  ExportResult result{format, static_cast<std::int64_t>(found.size()), std::nullopt};
  if (found.empty()) {
    return result;
  }
  if (format == ExportFormat::kNpy) {
    export_npy(directory, found);
  } else {
    const std::int64_t survivors = export_png(plan, session, directory, found);
    if (std::ranges::all_of(found, [](const SampleRow& row) { return row.oracle.text.empty(); })) {
      result.survive_8_bits = survivors;
    }
  }
  return result;
}

}  // namespace faultline
