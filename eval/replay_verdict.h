// What a replay says of a finding: from where it stood and what the model does now to one word.
// Must not know how the model was asked.
//
//   const ReplayVerdict verdict = judge(prior, observation, today());
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "faultline/corpus/corpus.h"

namespace faultline {

enum class ReplayVerdict {
  kNew,              ///< Fails, and was never judged on this line.
  kStillFailing,     ///< Open, and fails the same way.
  kChanged,          ///< Open, and fails with another predicted class.
  kRegressed,        ///< Was fixed, and fails again.
  kExpired,          ///< Fails, and its acceptance has run out.
  kAccepted,         ///< Fails, and is accepted.
  kFlaky,            ///< Looks disagree, or the margin is within the tolerance.
  kFixed,            ///< Failed, and passes every look.
  kFixedAtThePoint,  ///< Passes at the witness, but a short attack from there finds another inside the same budget.
  kPassing,          ///< Passes, and was fixed before or never judged on this line.
  kInvalidBaseline,  ///< The clean input is wrong, and was right before.
  kStillInvalid,     ///< The clean input is wrong, as it was before.
  kIncompatible,     ///< The model takes another input or has other classes.
  kNotReproducible,  ///< Its recipe renders to another input than was found: nothing is known of that one.
};

/// "still failing", "fixed at the point, not nearby" ...
[[nodiscard]] std::string name_of(ReplayVerdict verdict);

/// The verdict as a word of --fail-on: "still-failing", "fixed-at-the-point".
[[nodiscard]] std::string word_of(ReplayVerdict verdict);
[[nodiscard]] const std::vector<ReplayVerdict>& all_verdicts();

/// Where a finding stood on a line before the replay.
struct Prior {
  std::optional<State> state{};              ///< None: never judged on this line, nor found on it.
  std::optional<State> was{};                ///< States kInvalid and kFlaky: what holds once they are over.
  std::optional<std::int64_t> prediction{};  ///< The class it was last taken for.
  std::string until{};                       ///< Accepted: the last day.
  std::string reason{};                      ///< Accepted: why.
  std::vector<std::string> heads{};          ///< Events that a new one replaces.
};

/// From the line's events; without any, a finding that was discovered on the line is open.
[[nodiscard]] Prior prior_of(const std::string& id, const std::vector<Discovery>& discoveries, const States& states,
                             const std::string& line);

/// What the model does now, all looks taken together.
struct Observation {
  enum class Witness { kFails, kPasses, kMixed };
  bool clean_right = true;
  Witness witness = Witness::kFails;
  std::int64_t prediction = -1;  ///< At the witness.
};

[[nodiscard]] ReplayVerdict judge(const Prior& prior, const Observation& now, const std::string& day);

/// The event that brings the line up to date; nothing when nothing has changed.
[[nodiscard]] std::optional<StateEvent> event_of(const std::string& id, const Prior& prior, ReplayVerdict verdict,
                                                 std::int64_t prediction);

/// Which verdicts fail a replay.
class FailurePolicy {
 public:
  /// Words of --fail-on: verdicts (spaces as hyphens), `open` for everything that fails and is not accepted, `none`.
  /// Throws Error (kUsage) with the nearest word.
  explicit FailurePolicy(const std::vector<std::string>& words);

  [[nodiscard]] bool fails(ReplayVerdict verdict) const;

  /// The words that are in force.
  [[nodiscard]] const std::vector<std::string>& words() const { return words_; }

  /// regressed, invalid-baseline, expired-acceptance, not-reproducible.
  [[nodiscard]] static std::vector<std::string> default_words();

 private:
  std::vector<std::string> words_;
  std::vector<ReplayVerdict> verdicts_;
};

}  // namespace faultline
