#include <CLI/CLI.hpp>

#include <algorithm>

#include "faultline/cli/console.h"
#include "faultline/cli/corpus_flags.h"
#include "faultline/cli/corpus_subcommands.h"
#include "faultline/core/error.h"
#include "faultline/core/suggest.h"

namespace faultline {

void add_corpus_argument(CLI::App& app, std::string& corpus) {
  app.add_option("CORPUS", corpus, "failure corpus")->required();
}

void add_filter_flags(CLI::App& app, FilterFlags& flags) {
  add_line_flag(app, flags.filter.line);
  app.add_option("--state", flags.filter.state, "open, fixed, flaky, accepted, invalid or unseen, on that line");
  app.add_option("--label", flags.filter.label, "right class");
  app.add_option("--prediction", flags.filter.prediction, "class it was taken for when it was found");
  app.add_option("--attack", flags.filter.attack, "attack that found it");
  app.add_option("--signature", flags.filter.signature, "cluster, as `corpus clusters` writes it");
  app.add_option("--finding", flags.findings, "id, or how it begins; may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

std::vector<IndexedFinding> selected_findings(const Corpus& corpus, const FilterFlags& flags) {
  check_line(flags.filter.line);
  std::vector<std::string> states = state_names();
  states.emplace_back("unseen");
  if (!flags.filter.state.empty() && std::ranges::find(states, flags.filter.state) == states.end()) {
    throw Error{ErrorCode::kUsage,
                "--state: unknown state '" + flags.filter.state + "'" + did_you_mean(flags.filter.state, states)};
  }
  std::vector<std::string> ids;
  for (const std::string& prefix : flags.findings) {
    ids.push_back(corpus.find(prefix));
  }
  std::vector<IndexedFinding> found = Index(corpus, warn_of_damage()).select(flags.filter);
  if (!ids.empty()) {
    std::erase_if(found,
                  [&](const IndexedFinding& finding) { return std::ranges::find(ids, finding.id) == ids.end(); });
  }
  if (found.empty()) {
    throw Error{ErrorCode::kNothingRan, "nothing to do: no finding of " + corpus.path().string() + " is selected"};
  }
  return found;
}

DamageObserver warn_of_damage() {
  return [](const std::string& message) { print_warnings({{"damaged", message}}); };
}

void add_corpus_command(CLI::App& app, const CommandContext& context) {
  CLI::App* command = app.add_subcommand("corpus", "look at, review, merge and tend a failure corpus");
  command->footer(
      "Examples:\n"
      "  faultline corpus ls corpus --state open\n"
      "  faultline corpus show corpus 1a2b3c --png finding.png\n\n"
      "A corpus is made by `attack` and `curve` with --corpus, and judged by `replay`. docs/corpus.md has its format, "
      "the "
      "life\n"
      "of a finding, and how to keep it in git.");
  command->require_subcommand(1);
  for (const auto add :
       {add_corpus_ls, add_corpus_show, add_corpus_clusters, add_corpus_stats, add_corpus_sql, add_corpus_accept,
        add_corpus_export, add_corpus_minimize, add_corpus_merge, add_corpus_check, add_corpus_gc}) {
    add(*command, context);
  }
}

}  // namespace faultline
