#include "faultline/core/oracle.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "faultline/core/error.h"
#include "faultline/core/margin.h"
#include "faultline/core/suggest.h"

namespace faultline {

namespace {

/// The class with the highest logit, -1 where it is a tie or no answer.
Tensor vote_of(const Tensor& outputs) {
  const Tensor prediction = outputs.argmax(1);
  return at::where(margin(outputs, prediction) > tau(outputs), prediction, at::full_like(prediction, -1));
}

/// Per row what more than half of the models say, or -1.
Tensor most_voted(const Tensor& inputs, const Tensor& outputs, AskedModels& models) {
  std::vector<Tensor> ballots{vote_of(outputs)};
  for (ScoreTarget* other : models.others()) {
    ballots.push_back(vote_of(other->logits(inputs).to(at::kCPU, at::kFloat)));
  }
  const Tensor votes = at::stack(ballots);
  const Tensor winner = std::get<0>(votes.mode(0));
  const Tensor wins = votes.eq(winner).sum(0) * 2 > static_cast<std::int64_t>(ballots.size());
  return at::where(wins, winner, at::full_like(winner, -1));
}

}  // namespace

std::string name_of(Twin twin) {
  switch (twin) {
    case Twin::kFloat64:
      return "float64";
    case Twin::kBfloat16:
      return "bfloat16";
    case Twin::kCuda:
      return "cuda";
  }
  return "?";
}

std::string name_of(LabelSource source) {
  switch (source) {
    case LabelSource::kNone:
      return "none";
    case LabelSource::kDataSet:
      return "data set";
    case LabelSource::kModel:
      return "model";
    case LabelSource::kVote:
      return "vote";
  }
  return "?";
}

std::string ConfiguredOracle::found_label_source() const {
  return name_of(info.label_source == LabelSource::kNone ? LabelSource::kDataSet : info.label_source);
}

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
                         AskedModels& models)
    : oracles_(oracles),
      labels_(clean.labels.cpu()),
      clean_outputs_(clean_outputs.to(at::kCPU, at::kFloat)),
      models_(models) {
  FAULTLINE_ASSERT(!oracles.empty(), "at least one oracle");
  const auto votes = [](const ConfiguredOracle& oracle) { return oracle.info.label_source == LabelSource::kVote; };
  if (std::ranges::any_of(oracles, votes)) {
    voted_ = most_voted(clean.inputs, clean_outputs_, models);
  }
}

OracleCase OracleJudge::case_of(const Tensor& rows, const Tensor& inputs, const Tensor& outputs) const {
  return {.clean_outputs = clean_outputs_.index_select(0, rows),
          .labels = labels_.index_select(0, rows),
          .voted = voted_.defined() ? voted_.index_select(0, rows) : Tensor(),
          .inputs = inputs,
          .outputs = outputs.to(at::kCPU, at::kFloat),
          .models = models_};
}

OracleJudge::Ruling OracleJudge::ruling(const Tensor& rows, const Tensor& inputs, const Tensor& outputs) const {
  const OracleCase asked = case_of(rows, inputs, outputs);
  Ruling lowest{oracles_.front().judge(asked), at::zeros({rows.size(0)}, at::kLong)};
  for (std::size_t i = 1; i < oracles_.size(); ++i) {
    const Tensor lower = lower_by(lowest.slack, oracles_[i].judge(asked));
    lowest.oracle.masked_fill_(lower, static_cast<std::int64_t>(i));
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
