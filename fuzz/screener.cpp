#include "faultline/fuzz/screener.h"

#include <algorithm>
#include <cmath>

#include "faultline/core/distance.h"
#include "faultline/core/host_rows.h"
#include "faultline/core/projection.h"

namespace faultline {

namespace {

Tensor seed_numbers(const std::vector<FuzzInput>& inputs) {
  Tensor rows = at::empty({static_cast<std::int64_t>(inputs.size())}, at::kLong);
  std::ranges::transform(inputs, rows.mutable_data_ptr<std::int64_t>(), &FuzzInput::seed);
  return rows;
}

/// What an output says.
struct Guess {
  std::int64_t prediction = 0;
  double confidence = 0;  ///< Softmax of the prediction.
};

std::vector<Guess> guesses_of(const Tensor& outputs) {
  std::vector<Guess> guesses;
  const Tensor any_class = at::zeros({outputs.size(0)}, at::kLong);
  for_each_row(outputs.to(at::kFloat), any_class, [&](std::int64_t /*row*/, auto logits, std::int64_t /*class*/) {
    const std::int64_t best = strongest_other(logits, /*excluded=*/-1);
    const auto highest = static_cast<double>(logits[static_cast<std::size_t>(best)]);
    double sum = 0;
    for (const auto logit : logits) {
      sum += std::exp(static_cast<double>(logit) - highest);
    }
    guesses.push_back({best, 1 / sum});
  });
  return guesses;
}

/// Adds which oracles failures fail, and how far from their seeds they are.
void look_at_failures(const FuzzTask& task, const Tensor& rows, const Tensor& inputs, const Tensor& oracles,
                      std::vector<Screened>& screened) {
  std::vector<std::int64_t> failing;
  for (std::size_t i = 0; i < screened.size(); ++i) {
    if (screened[i].slack < -screened[i].tolerance) {
      failing.push_back(static_cast<std::int64_t>(i));
    }
  }
  if (failing.empty()) {
    return;
  }
  const Tensor places = at::tensor(failing, at::kLong);
  const Tensor seeds = rows.index_select(0, places);
  const Tensor distances = distance(inputs.index_select(0, places), task.clean.index_select(0, seeds), Norm::kL2);
  for (std::size_t i = 0; i < failing.size(); ++i) {
    Screened& one = screened[static_cast<std::size_t>(failing[i])];
    one.oracle = oracles.const_data_ptr<std::int64_t>()[failing[i]];
    one.distance = distances.const_data_ptr<double>()[i];
  }
}

/// Fills in what follows from the rest: the severity and the features.
void characterise(const FuzzTask& task, std::int64_t label, Screened& one) {
  Observed observed{.seed = one.input.seed,
                    .label = label,
                    .prediction = one.prediction,
                    .confidence = one.confidence,
                    .relative_margin = one.slack / task.margins.const_data_ptr<double>()[one.input.seed],
                    .oracle = one.oracle};
  for (const RecipeStep& step : one.input.recipe.steps) {
    const int severity = task.space.severity(step);
    observed.steps.emplace_back(task.space.number_of(step.mutator), severity);
    one.severity += severity;
  }
  one.features = features_of(observed);
}

}  // namespace

Tensor FuzzTask::render(const std::vector<FuzzInput>& inputs) const {
  std::vector<Tensor> rows;
  rows.reserve(inputs.size());
  for (const FuzzInput& input : inputs) {
    rows.push_back(
        space.render(input.recipe, clean[input.seed], bounds, gradients.defined() ? gradients[input.seed] : Tensor()));
  }
  Tensor rendered = at::stack(rows);
  if (norm) {
    const Tensor origins = clean.index_select(0, seed_numbers(inputs));
    const ThreatModel ball{*norm, at::full({rendered.size(0)}, epsilon, at::kDouble), bounds, {}};
    rendered = project(rendered, origins, ball);
  }
  return rendered;
}

std::vector<Screened> Screener::screen(std::vector<FuzzInput> inputs) const {
  if (inputs.empty()) {
    return {};
  }
  const Tensor rows = seed_numbers(inputs);
  const Tensor rendered = task_.render(inputs);
  const Tensor on_device = rendered.to(task_.seeds.inputs.device());
  const Tensor outputs = target_.logits(on_device);
  const OracleJudge::Ruling ruling = task_.judge.ruling(rows, on_device, outputs);
  const Tensor values = ruling.slack.values.contiguous();
  const Tensor tolerance = ruling.slack.tolerance.contiguous();
  const std::vector<Guess> guesses = guesses_of(outputs);
  std::vector<Screened> screened(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    screened[i] = {.input = std::move(inputs[i]),
                   .slack = values.const_data_ptr<double>()[i],
                   .tolerance = tolerance.const_data_ptr<double>()[i],
                   .prediction = guesses[i].prediction,
                   .confidence = guesses[i].confidence};
  }
  look_at_failures(task_, rows, rendered, ruling.oracle, screened);
  for (Screened& one : screened) {
    characterise(task_, label(one.input.seed), one);
  }
  return screened;
}

}  // namespace faultline
