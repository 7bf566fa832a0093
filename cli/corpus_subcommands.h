// The subcommands of `faultline corpus`, one function each, and what they share.
#pragma once

#include <string>
#include <vector>

#include "faultline/cli/commands.h"
#include "faultline/corpus/corpus.h"
#include "faultline/corpus/index.h"

namespace faultline {

void add_corpus_ls(CLI::App& app, const CommandContext& context);
void add_corpus_show(CLI::App& app, const CommandContext& context);
void add_corpus_clusters(CLI::App& app, const CommandContext& context);
void add_corpus_stats(CLI::App& app, const CommandContext& context);
void add_corpus_sql(CLI::App& app, const CommandContext& context);
void add_corpus_accept(CLI::App& app, const CommandContext& context);
void add_corpus_export(CLI::App& app, const CommandContext& context);
void add_corpus_minimize(CLI::App& app, const CommandContext& context);
void add_corpus_merge(CLI::App& app, const CommandContext& context);
void add_corpus_check(CLI::App& app, const CommandContext& context);
void add_corpus_gc(CLI::App& app, const CommandContext& context);

/// Which findings a subcommand is about.
struct FilterFlags {
  FindingFilter filter{};
  std::vector<std::string> findings{};
};

void add_corpus_argument(CLI::App& app, std::string& corpus);
void add_filter_flags(CLI::App& app, FilterFlags& flags);

/// The selected findings. Throws Error (kUsage) on an unknown state, kNothingRan when there are none.
[[nodiscard]] std::vector<IndexedFinding> selected_findings(const Corpus& corpus, const FilterFlags& flags);

/// Prints what is damaged as warnings.
[[nodiscard]] DamageObserver warn_of_damage();

}  // namespace faultline
