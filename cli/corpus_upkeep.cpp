#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>
#include <set>

#include "faultline/cli/console.h"
#include "faultline/cli/corpus_flags.h"
#include "faultline/cli/corpus_subcommands.h"
#include "faultline/core/error.h"
#include "faultline/corpus/check.h"
#include "faultline/data/json.h"

namespace faultline {

namespace {

struct MergeFlags {
  std::vector<std::string> corpora{};
  bool strict = false;
  bool json = false;
};

struct CheckFlags {
  std::string corpus{};
  bool json = false;
};

struct GcFlags {
  std::string corpus{};
  std::string line = "main";
  std::int64_t keep = 0;
  bool apply = false;
  bool json = false;
};

int merge(const MergeFlags& flags) {
  std::vector<Corpus> sources;
  for (std::size_t i = 1; i < flags.corpora.size(); ++i) {
    sources.push_back(Corpus::open(flags.corpora[i]));
  }
  if (sources.empty()) {
    throw Error{ErrorCode::kUsage, "merge takes the corpus to merge into, then at least one to take from"};
  }
  Corpus into = Corpus::open_or_create(flags.corpora.front());
  std::int64_t damaged = 0;
  Filed filed;
  for (const Corpus& source : sources) {
    const Filed part = into.merge(source, [&](const std::string& message) {
      ++damaged;
      warn_of_damage()(message);
    });
    filed.added += part.added;
    filed.known += part.known;
  }
  if (flags.json) {
    print(json_text(Json{{"schema", "faultline.corpus.merge/1"},
                         {"path", flags.corpora.front()},
                         {"added", filed.added},
                         {"known", filed.known},
                         {"damaged", damaged}}));
  } else {
    print(std::to_string(filed.added) + " findings added to " + flags.corpora.front() + ", " +
          std::to_string(filed.known) + " known before, " + std::to_string(damaged) + " damaged files left out\n");
  }
  if (flags.strict && damaged > 0) {
    throw Error{ErrorCode::kUsage, std::to_string(damaged) + " damaged files were left out, named above (--strict)"};
  }
  return 0;
}

int check_command(const CheckFlags& flags) {
  const Corpus corpus = Corpus::open(flags.corpus);
  const std::vector<Problem> problems = check(corpus);
  constexpr std::array kKinds{"leftover", "foreign", "damaged"};
  const auto damaged = std::ranges::count(problems, Problem::Kind::kDamaged, &Problem::kind);
  if (flags.json) {
    Json json{{"schema", "faultline.corpus.check/1"}, {"path", flags.corpus}, {"findings", corpus.ids().size()}};
    json["clean"] = problems.empty();
    json["problems"] = Json::array();
    for (const Problem& problem : problems) {
      json["problems"].push_back({{"kind", kKinds[static_cast<std::size_t>(problem.kind)]},
                                  {"message", problem.message},
                                  {"advice", problem.advice}});
    }
    print(json_text(json));
  } else {
    for (const Problem& problem : problems) {
      print(on_one_line(std::string(kKinds[static_cast<std::size_t>(problem.kind)]) + ": " + problem.message + "; " +
                        problem.advice) +
            "\n");
    }
    print(problems.empty() ? "clean: " + std::to_string(corpus.ids().size()) + " findings\n"
                           : std::to_string(problems.size()) + " problems, " + std::to_string(damaged) +
                                 " of them damage; nothing was changed\n");
  }
  return damaged > 0 ? 1 : 0;
}

/// Findings that are accepted on some line, also under an invalid baseline or a flaky witness.
std::set<std::string> accepted_somewhere(const Corpus& corpus) {
  const std::vector<ParsedEvents> events = corpus.events(warn_of_damage());
  std::set<std::string> accepted;
  for (const std::string& line : lines_of(events)) {
    const States states(events, line);
    for (const auto& [id, state] : states.all()) {
      if (state.event.state == State::kAccepted || state.event.was == State::kAccepted) {
        accepted.insert(id);
      }
    }
  }
  return accepted;
}

/// Findings beyond the first `keep` of their signature, the nearest kept; those in `stay` are not counted.
std::vector<IndexedFinding> beyond_quota(std::vector<IndexedFinding> findings, std::int64_t keep,
                                         const std::set<std::string>& stay) {
  std::ranges::stable_sort(findings, {}, &IndexedFinding::distance);
  std::map<std::string, std::int64_t> kept;
  std::erase_if(findings, [&](const IndexedFinding& finding) {
    return stay.contains(finding.id) || kept[finding.signature]++ < keep;
  });
  return findings;
}

int gc(const GcFlags& flags) {
  check_line(flags.line);
  Corpus corpus = Corpus::open(flags.corpus);
  const std::vector<IndexedFinding> findings = Index(corpus, warn_of_damage()).select({.line = flags.line});
  const std::vector<IndexedFinding> surplus = beyond_quota(findings, flags.keep, accepted_somewhere(corpus));
  std::map<std::string, std::int64_t> states;
  for (const IndexedFinding& finding : surplus) {
    ++states[finding.state];
    if (flags.apply) {
      corpus.remove(finding.id);
    }
  }
  if (flags.json) {
    Json json{{"schema", "faultline.corpus.gc/1"}, {"findings", findings.size()}, {"applied", flags.apply}};
    json["states"] = states;
    json["surplus"] = Json::array();
    for (const IndexedFinding& finding : surplus) {
      json["surplus"].push_back(finding.id);
    }
    print(json_text(json));
    return 0;
  }
  std::string counts;
  for (const auto& [state, count] : states) {
    counts += (counts.empty() ? " (on line " + flags.line + ": " : ", ") + std::to_string(count) + " " + state;
  }
  print(std::to_string(surplus.size()) + " of " + std::to_string(findings.size()) + " findings are beyond " +
        std::to_string(flags.keep) + " per signature" + (counts.empty() ? "" : counts + ")") + "; " +
        (flags.apply ? "deleted\n" : "nothing was deleted, --apply does it\n"));
  return 0;
}

}  // namespace

void add_corpus_merge(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<MergeFlags>();
  CLI::App* command = app.add_subcommand("merge", "take into the first corpus what the others hold");
  command->footer(
      "Examples:\n"
      "  faultline corpus merge corpus night1/corpus night2/corpus\n"
      "  faultline corpus merge new-corpus corpus --strict\n\n"
      "A union: the order does not matter, and merging twice changes nothing.");
  command->add_option("CORPUS", flags->corpora, "the corpus to merge into (made when missing), then those to take from")
      ->required();
  command->add_flag("--strict", flags->strict, "damaged files end the merge with exit code 4, after the rest");
  command->add_flag("--json", flags->json, "print one JSON document on stdout");
  command->callback([flags, context] { context.chosen = [flags] { return merge(*flags); }; });
}

void add_corpus_check(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<CheckFlags>();
  CLI::App* command = app.add_subcommand("check", "find torn, altered or foreign files");
  command->footer(
      "Examples:\n"
      "  faultline corpus check corpus\n"
      "  faultline corpus check corpus --json\n\n"
      "Every hash is computed anew. Changes nothing; exit code 1 when something is damaged.");
  add_corpus_argument(*command, flags->corpus);
  command->add_flag("--json", flags->json, "print one JSON document on stdout");
  command->callback([flags, context] { context.chosen = [flags] { return check_command(*flags); }; });
}

void add_corpus_gc(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<GcFlags>();
  CLI::App* command = app.add_subcommand("gc", "thin out clusters, the nearest witnesses stay");
  command->footer(
      "Examples:\n"
      "  faultline corpus gc corpus --keep 20\n"
      "  faultline corpus gc corpus --keep 20 --apply\n\n"
      "Without --apply nothing is deleted. Findings that are accepted on any line stay; fixed ones count like others, "
      "and\n"
      "their regressions are no longer seen. A merge with an older copy brings deleted ones back.");
  add_corpus_argument(*command, flags->corpus);
  add_line_flag(*command, flags->line);
  add_keep_flag(*command, flags->keep, "findings per signature that stay");
  command->get_option("--keep")->required();
  command->add_flag("--apply", flags->apply, "delete them");
  command->add_flag("--json", flags->json, "print one JSON document on stdout");
  command->callback([flags, context] { context.chosen = [flags] { return gc(*flags); }; });
}

}  // namespace faultline
