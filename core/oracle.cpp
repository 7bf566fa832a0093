#include "faultline/core/oracle.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "faultline/core/error.h"
#include "faultline/core/suggest.h"

namespace faultline {

std::string ConfiguredOracle::text() const {
  std::string text = info.name;
  for (std::size_t i = 0; i < options.size(); ++i) {
    text += (i == 0 ? ":" : ",") + options[i].name + "=" + options[i].value;
  }
  return text;
}

void OracleRegistry::add_entry(Entry entry) {
  if (std::ranges::any_of(entries_, [&](const Entry& other) { return other.info.name == entry.info.name; })) {
    throw std::logic_error("two oracles are named '" + entry.info.name + "'");
  }
  entries_.push_back(std::move(entry));
}

ConfiguredOracle OracleRegistry::configure(const std::string& spec, const std::string& where) const {
  const std::size_t colon = std::min(spec.find(':'), spec.size());
  const std::string name = spec.substr(0, colon);
  const std::string_view settings = colon == spec.size() ? "" : std::string_view(spec).substr(colon + 1);
  std::vector<std::string> names;
  for (const Entry& entry : entries_) {
    if (entry.info.name == name) {
      return entry.configure(parse_settings(settings, std::string(where).append(" ").append(spec)));
    }
    names.push_back(entry.info.name);
  }
  throw Error{ErrorCode::kUsage, where + ": unknown oracle '" + name + "'" + did_you_mean(name, names)};
}

OracleJudge::OracleJudge(const std::vector<ConfiguredOracle>& oracles, const Batch& clean, const Tensor& clean_outputs,
                         ScoreTarget& single, ScoreTarget* other)
    : oracles_(oracles),
      labels_(clean.labels.cpu()),
      clean_outputs_(clean_outputs.to(at::kCPU, at::kFloat)),
      single_(single),
      other_(other) {
  FAULTLINE_ASSERT(!oracles.empty(), "at least one oracle");
}

OracleCase OracleJudge::case_of(const Tensor& rows, const Tensor& inputs, const Tensor& outputs) const {
  return {.clean_outputs = clean_outputs_.index_select(0, rows),
          .labels = labels_.index_select(0, rows),
          .inputs = inputs,
          .outputs = outputs.to(at::kCPU, at::kFloat),
          .single = single_,
          .other = other_};
}

OracleJudge::Ruling OracleJudge::ruling(const Tensor& rows, const Tensor& inputs, const Tensor& outputs) const {
  const OracleCase asked = case_of(rows, inputs, outputs);
  Ruling lowest{oracles_.front().judge(asked), at::zeros({rows.size(0)}, at::kLong)};
  for (std::size_t i = 1; i < oracles_.size(); ++i) {
    const Slack next = oracles_[i].judge(asked);
    // One that fails comes before one that does not, however low the other's number is.
    const Tensor fails = next.values < -next.tolerance;
    const Tensor failed = lowest.slack.values < -lowest.slack.tolerance;
    const Tensor lower = fails.logical_and(failed.logical_not())
                             .logical_or((next.values < lowest.slack.values).logical_and(fails.eq(failed)))
                             .logical_or(lowest.slack.values.isnan());
    lowest.slack.values = at::where(lower, next.values, lowest.slack.values);
    lowest.slack.tolerance = at::where(lower, next.tolerance, lowest.slack.tolerance);
    lowest.oracle = at::where(lower, at::full_like(lowest.oracle, static_cast<std::int64_t>(i)), lowest.oracle);
  }
  return lowest;
}

Slack OracleJudge::slack(const Tensor& rows, const Tensor& inputs, const Tensor& outputs) const {
  return ruling(rows, inputs, outputs).slack;
}

std::vector<std::int64_t> OracleJudge::failed(const Tensor& rows, const Tensor& inputs, const Tensor& outputs) const {
  const Ruling all = ruling(rows, inputs, outputs);
  const Tensor fails = all.slack.values < -all.slack.tolerance;
  std::vector<std::int64_t> numbers;
  for (std::int64_t row = 0; row < rows.size(0); ++row) {
    numbers.push_back(fails[row].item<bool>() ? all.oracle[row].item<std::int64_t>() : -1);
  }
  return numbers;
}

}  // namespace faultline
