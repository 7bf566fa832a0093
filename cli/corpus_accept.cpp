#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <set>

#include "faultline/cli/console.h"
#include "faultline/cli/corpus_flags.h"
#include "faultline/cli/corpus_subcommands.h"
#include "faultline/core/error.h"
#include "faultline/eval/evidence.h"

namespace faultline {

namespace {

struct AcceptFlags {
  std::string corpus{};
  std::vector<std::string> ids{};
  std::string line = "main";
  std::string until{};
  std::string reason{};
  bool revoke = false;
};

/// Throws Error (kUsage) unless the text is a day, YYYY-MM-DD.
void check_day(const std::string& text, const std::string& name) {
  using namespace std::chrono;
  std::string shape = text;
  std::ranges::replace_if(shape, [](char c) { return c >= '0' && c <= '9'; }, '9');
  const auto number = [&](std::size_t begin, std::size_t count) { return std::stoi(text.substr(begin, count)); };
  if (shape != "9999-99-99" || !year_month_day(year(number(0, 4)), month(static_cast<unsigned>(number(5, 2))),
                                               day(static_cast<unsigned>(number(8, 2))))
                                    .ok()) {
    throw Error{ErrorCode::kUsage, name + ": expected a day, YYYY-MM-DD, got '" + text + "'"};
  }
}

/// What the flags say of every finding they name.
StateEvent decision_of(const AcceptFlags& flags) {
  if (flags.revoke) {
    return {.state = State::kOpen};
  }
  check_day(flags.until, "--until");
  if (flags.until < today()) {
    throw Error{ErrorCode::kUsage, "--until: " + flags.until + " is over; expected a day from " + today() + " on"};
  }
  if (flags.reason.find_first_not_of(" \t") == std::string::npos) {
    throw Error{ErrorCode::kUsage, "--reason: say why, for those who come across it later"};
  }
  return {.state = State::kAccepted, .until = flags.until, .reason = flags.reason};
}

/// Lines of models that the events or the discoveries of the findings tell of.
std::set<std::string> known_lines(const Corpus& corpus, const std::vector<ParsedEvents>& events,
                                  const std::set<std::string>& ids) {
  std::set<std::string> lines = lines_of(events);
  for (const std::string& id : ids) {
    for (const Discovery& discovery : corpus.facts(id, warn_of_damage()).value_or(StoredFacts{}).discoveries) {
      lines.insert(discovery.line);
    }
  }
  return lines;
}

int accept(const AcceptFlags& flags) {
  check_line(flags.line);
  const StateEvent decision = decision_of(flags);
  Corpus corpus = Corpus::open(flags.corpus);
  const std::vector<ParsedEvents> events = corpus.events(warn_of_damage());
  const States states(events, flags.line);
  std::set<std::string> ids;
  for (const std::string& prefix : flags.ids) {
    ids.insert(corpus.find(prefix));
  }
  print_warnings(new_line_warnings(flags.line, known_lines(corpus, events, ids)));
  EventFile file{.kind = "accept", .line = flags.line, .faultline = version(), .date = today()};
  for (const std::string& id : ids) {
    StateEvent event = decision;
    event.finding = id;
    const LineState* state = states.of(id);
    if (flags.revoke && (state == nullptr || state->event.state != State::kAccepted)) {
      throw Error{ErrorCode::kUsage, "--revoke: finding " + short_id(id) + " is not accepted on line " + flags.line};
    }
    if (state != nullptr) {
      event.prediction = state->event.prediction;
      event.after = state->heads;
    }
    file.events.push_back(std::move(event));
  }
  corpus.record(file);
  const std::string count = std::to_string(ids.size()) + (ids.size() == 1 ? " finding" : " findings");
  print(flags.revoke ? "the acceptance of " + count + " on line " + flags.line + " is revoked\n"
                     : "accepted " + count + " on line " + flags.line + " until " + flags.until + "\n");
  return 0;
}

}  // namespace

void add_corpus_accept(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<AcceptFlags>();
  CLI::App* command = app.add_subcommand("accept", "allow findings to fail until a day");
  command->footer(
      "Examples:\n"
      "  faultline corpus accept corpus 1a2b3c --until 2030-01-31 --reason \"blurred label, see ticket 12\"\n"
      "  faultline corpus accept corpus 1a2b3c 4d5e6f --line release-2 --until 2030-01-31 --reason \"known, retrain\"\n"
      "  faultline corpus accept corpus 1a2b3c --revoke");
  add_corpus_argument(*command, flags->corpus);
  command->add_option("ID", flags->ids, "ids, or how they begin")->required();
  add_line_flag(*command, flags->line);
  CLI::Option* revoke =
      command->add_flag("--revoke", flags->revoke, "take an acceptance back: the finding is open again");
  command->add_option("--until", flags->until, "last day, YYYY-MM-DD (UTC); a replay fails from the next day on")
      ->excludes(revoke);
  command->add_option("--reason", flags->reason, "why")->excludes(revoke);
  command->callback([flags, context] { context.chosen = [flags] { return accept(*flags); }; });
}

}  // namespace faultline
