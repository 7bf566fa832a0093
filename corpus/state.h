// What became of findings, line of models by line: state events and the state they add up to. Events are statements
// that name the ones they were made in view of; the current state is computed, merging is a union.
//
//   const States states(corpus.events(), "main");
//   const LineState* state = states.of(id);      // null: nothing has happened on this line
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "faultline/data/file.h"

namespace faultline {

enum class State {
  kOpen,      ///< Fails.
  kFixed,     ///< Failed once, passes now; a failure from here on is a regression.
  kFlaky,     ///< Looks disagree, or the margin is within the tolerance.
  kAccepted,  ///< Fails, and is allowed to until a date.
  kInvalid,   ///< The clean input is wrong: nothing can be said of the witness.
};

/// "open", "fixed", "flaky", "accepted", "invalid".
[[nodiscard]] std::string name_of(State state);
[[nodiscard]] const std::vector<std::string>& state_names();

/// The state of that name, with the nearest one in the message. Throws Error (kUsage).
[[nodiscard]] State parse_state(const std::string& name);

/// One statement about one finding.
struct StateEvent {
  std::string finding{};
  State state = State::kOpen;
  std::optional<std::int64_t> prediction{};  ///< The class predicted at the witness, where that was looked at.
  std::optional<State> was{};                ///< kInvalid: what holds again once the clean input is right.
  std::string until{};                       ///< Accepted (now, or before it became invalid): the last day, YYYY-MM-DD.
  std::string reason{};                      ///< Why it was accepted.
  std::vector<std::string> after{};          ///< Ids of the events this one takes the place of.
};

/// One file: what one run, or one person, said at once. Immutable, named by its hash.
struct EventFile {
  std::string kind{};  ///< "replay" or "accept".
  std::string line = "main";
  std::string model{};                             ///< replay: SHA-256 of the model file.
  std::string faultline{};                         ///< Version.
  std::string date{};                              ///< UTC day.
  std::map<std::string, std::int64_t> verdicts{};  ///< replay: how many findings got which verdict.
  std::vector<StateEvent> events{};                ///< In order of finding.
};

/// JSON lines: a header, then one event a line. In texts, bytes that are no UTF-8 and control characters are replaced
/// by U+FFFD.
[[nodiscard]] std::string event_file_bytes(const EventFile& file);

/// "<64 digits>.jsonl": the name under which these bytes are stored.
[[nodiscard]] std::string event_file_name(std::string_view bytes);

/// A file with the ids of its events: the hash of the header and their own line.
struct ParsedEvents {
  EventFile file{};
  std::vector<std::string> ids{};  ///< One per event of the file.
};

/// Throws Error (kUsage) that begins with `name` and says which line is wrong; among else when a text holds control
/// characters.
[[nodiscard]] ParsedEvents parse_event_file(Bytes bytes, const std::string& name);

/// The lines that the events tell of.
[[nodiscard]] std::set<std::string> lines_of(const std::vector<ParsedEvents>& files);

/// Where a finding stands on a line.
struct LineState {
  StateEvent event{};                ///< The statement that holds.
  std::string date{};                ///< Of that statement.
  std::vector<std::string> heads{};  ///< Ids of all statements that nothing replaces; more than one after a merge.
};

/// Invariant: for every finding with events on the line, the one that no other names in `after` holds; of several, the
/// one with the lowest id, so that every copy of a corpus sees the same, whatever its clock said.
class States {
 public:
  States() = default;
  States(const std::vector<ParsedEvents>& files, const std::string& line);

  /// Null when nothing has happened to the finding on this line.
  [[nodiscard]] const LineState* of(const std::string& finding) const;

  /// By finding.
  [[nodiscard]] const std::map<std::string, LineState>& all() const& { return states_; }
  const std::map<std::string, LineState>& all() && = delete;  // would outlive the temporary in a range-for

 private:
  std::map<std::string, LineState> states_;
};

}  // namespace faultline
