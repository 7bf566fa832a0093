// Flags of commands that file findings in a failure corpus.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "faultline/cli/session.h"
#include "faultline/data/json.h"
#include "faultline/eval/filing.h"

namespace CLI {
class App;
}

namespace faultline {

struct CorpusFlags {
  std::string corpus{};
  std::string line = "main";
  std::int64_t keep = 0;  ///< 0: all.
};

void add_corpus_flags(CLI::App& app, CorpusFlags& flags);
void add_line_flag(CLI::App& app, std::string& line);

/// A warning when the line is none of those that are known: on a mistyped one every regression is new.
[[nodiscard]] std::vector<Warning> new_line_warnings(const std::string& line, const std::set<std::string>& known);

/// Throws Error (kUsage) unless the name has 1 to 64 letters, digits, dots, hyphens and underscores.
void check_line(const std::string& line);

/// Opens or makes the corpus of --corpus; null without. Findings of an earlier part of the run, in `directory`, are
/// filed at once. Throws Error (kUsage).
[[nodiscard]] std::unique_ptr<Filing> open_filing(const CorpusFlags& flags, const Plan& plan, const Session& session,
                                                  const RunDirectory* directory);

/// What --json says of it.
[[nodiscard]] Json filing_json(const CorpusFlags& flags, const FilingFigures& figures);

/// What the terminal says of it, with the command that replays it.
void print_filing(const CorpusFlags& flags, const Plan& plan, const FilingFigures& figures);

}  // namespace faultline
