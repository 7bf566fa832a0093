#include "faultline/eval/replay_verdict.h"

#include <algorithm>
#include <array>

#include "faultline/core/error.h"
#include "faultline/core/suggest.h"

namespace faultline {

namespace {

constexpr std::array<const char*, 14> kNames{"new",
                                             "still failing",
                                             "changed",
                                             "regressed",
                                             "expired acceptance",
                                             "accepted",
                                             "flaky",
                                             "fixed",
                                             "fixed at the point, not nearby",
                                             "passing",
                                             "invalid baseline",
                                             "still invalid",
                                             "incompatible",
                                             "not reproducible"};

/// What holds once nothing disturbs the judgement: under an invalid baseline or a flaky witness lies an older state.
std::optional<State> settled(const Prior& prior) {
  return prior.state == State::kInvalid || prior.state == State::kFlaky ? prior.was : prior.state;
}

/// The state after a verdict; nothing when it says nothing about the state.
std::optional<State> state_after(const Prior& prior, ReplayVerdict verdict) {
  switch (verdict) {
    case ReplayVerdict::kNew:
    case ReplayVerdict::kStillFailing:
    case ReplayVerdict::kChanged:
    case ReplayVerdict::kRegressed:
      return State::kOpen;
    case ReplayVerdict::kFixed:
    case ReplayVerdict::kPassing:
      return State::kFixed;
    case ReplayVerdict::kFlaky:
      return State::kFlaky;
    case ReplayVerdict::kInvalidBaseline:
      return State::kInvalid;
    case ReplayVerdict::kAccepted:
    case ReplayVerdict::kExpired:
      return settled(prior);
    case ReplayVerdict::kFixedAtThePoint:  // says nothing of the witness, but the clean input is right again
      return prior.state == State::kInvalid ? prior.was : std::nullopt;
    case ReplayVerdict::kStillInvalid:
    case ReplayVerdict::kIncompatible:
    case ReplayVerdict::kNotReproducible:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::string name_of(ReplayVerdict verdict) { return kNames[static_cast<std::size_t>(verdict)]; }

std::string word_of(ReplayVerdict verdict) {
  if (verdict == ReplayVerdict::kFixedAtThePoint) {
    return "fixed-at-the-point";
  }
  std::string word = name_of(verdict);
  std::ranges::replace(word, ' ', '-');
  return word;
}

const std::vector<ReplayVerdict>& all_verdicts() {
  static const std::vector<ReplayVerdict> kAll = [] {
    std::vector<ReplayVerdict> all;
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      all.push_back(static_cast<ReplayVerdict>(i));
    }
    return all;
  }();
  return kAll;
}

Prior prior_of(const std::string& id, const std::vector<Discovery>& discoveries, const States& states,
               const std::string& line) {
  Prior prior;
  std::vector<Discovery> here;
  std::ranges::copy_if(discoveries, std::back_inserter(here), [&](const Discovery& d) { return d.line == line; });
  if (!here.empty()) {
    prior.state = State::kOpen;
    prior.prediction = first_of(here).prediction;
  }
  if (const LineState* state = states.of(id)) {
    prior.state = state->event.state;
    prior.was = state->event.was;
    prior.until = state->event.until;
    prior.reason = state->event.reason;
    prior.heads = state->heads;
    if (state->event.prediction) {
      prior.prediction = state->event.prediction;
    }
  }
  return prior;
}

ReplayVerdict judge(const Prior& prior, const Observation& now, const std::string& day) {
  if (!now.clean_right) {
    return prior.state == State::kInvalid ? ReplayVerdict::kStillInvalid : ReplayVerdict::kInvalidBaseline;
  }
  const std::optional<State> state = settled(prior);
  if (now.witness == Observation::Witness::kMixed) {
    return ReplayVerdict::kFlaky;
  }
  if (now.witness == Observation::Witness::kPasses) {
    return !state || state == State::kFixed ? ReplayVerdict::kPassing : ReplayVerdict::kFixed;
  }
  if (!state) {
    return ReplayVerdict::kNew;
  }
  if (state == State::kFixed) {
    return ReplayVerdict::kRegressed;
  }
  if (state == State::kAccepted) {
    return day > prior.until ? ReplayVerdict::kExpired : ReplayVerdict::kAccepted;
  }
  return prior.prediction.value_or(now.prediction) == now.prediction ? ReplayVerdict::kStillFailing
                                                                     : ReplayVerdict::kChanged;
}

std::optional<StateEvent> event_of(const std::string& id, const Prior& prior, ReplayVerdict verdict,
                                   std::int64_t prediction) {
  const std::optional<State> state = state_after(prior, verdict);
  const bool other_class = state == State::kOpen && prior.prediction && prior.prediction != prediction;
  // Two branches that said the same merge without a further event; more than one head is still worth settling.
  if (!state || (state == prior.state && !other_class && prior.heads.size() <= 1)) {
    return std::nullopt;
  }
  StateEvent event{.finding = id, .state = *state, .after = prior.heads};
  if (state == State::kOpen) {
    event.prediction = prediction;
  } else if (prior.prediction) {
    event.prediction = prior.prediction;
  }
  const bool disturbed = state == State::kInvalid || state == State::kFlaky;
  if (disturbed) {
    event.was = settled(prior);
  }
  if (disturbed || state == State::kAccepted) {
    event.until = prior.until;
    event.reason = prior.reason;
  }
  return event;
}

FailurePolicy::FailurePolicy(const std::vector<std::string>& words) : words_(words) {
  std::vector<std::string> known{"open", "none"};
  for (const ReplayVerdict verdict : all_verdicts()) {
    known.push_back(word_of(verdict));
  }
  for (const std::string& word : words) {
    if (word == "none" && words.size() > 1) {
      throw Error{ErrorCode::kUsage, "--fail-on: 'none' stands alone; leave it out, or the other verdicts"};
    }
    if (std::ranges::find(known, word) == known.end()) {
      throw Error{ErrorCode::kUsage, "--fail-on: unknown verdict '" + word + "'" + did_you_mean(word, known)};
    }
    for (const ReplayVerdict verdict : all_verdicts()) {
      const bool open = verdict == ReplayVerdict::kNew || verdict == ReplayVerdict::kStillFailing ||
                        verdict == ReplayVerdict::kChanged || verdict == ReplayVerdict::kRegressed ||
                        verdict == ReplayVerdict::kExpired;
      if (word == word_of(verdict) || (word == "open" && open)) {
        verdicts_.push_back(verdict);
      }
    }
  }
}

bool FailurePolicy::fails(ReplayVerdict verdict) const {
  return std::ranges::find(verdicts_, verdict) != verdicts_.end();
}

std::vector<std::string> FailurePolicy::default_words() {
  return {"regressed", "invalid-baseline", "expired-acceptance", "not-reproducible"};
}

}  // namespace faultline
