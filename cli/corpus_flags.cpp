#include "faultline/cli/corpus_flags.h"

#include <CLI/CLI.hpp>

#include <algorithm>

#include "faultline/cli/console.h"
#include "faultline/core/error.h"
#include "faultline/report/command_line.h"

namespace faultline {

void add_line_flag(CLI::App& app, std::string& line) {
  app.add_option("--line", line, "line of models whose states are meant, such as a branch or a product")
      ->capture_default_str();
}

void add_corpus_flags(CLI::App& app, CorpusFlags& flags) {
  CLI::Option* corpus =
      app.add_option("--corpus", flags.corpus, "failure corpus to file findings in (made when missing)");
  add_line_flag(app, flags.line);
  app.get_option("--line")->needs(corpus);
  add_keep_flag(app, flags.keep, "at most this many findings per signature (default: all)");
  app.get_option("--keep")->needs(corpus);
}

void check_line(const std::string& line) {
  constexpr std::size_t kLongest = 64;
  constexpr const char* kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  if (line.empty() || line.size() > kLongest || line.find_first_not_of(kAllowed) != std::string::npos) {
    throw Error{ErrorCode::kUsage,
                "--line: expected 1 to 64 letters, digits, dots, hyphens and underscores, got '" + line + "'"};
  }
}

std::vector<Warning> new_line_warnings(const std::string& line, const std::set<std::string>& known) {
  if (known.empty() || known.contains(line)) {
    return {};
  }
  std::string names;
  for (const std::string& name : known) {
    names += (names.empty() ? "" : ", ") + name;
  }
  return {{"new-line", "line '" + line + "' is new: nothing was found or judged on it before; known are: " + names}};
}

std::unique_ptr<Filing> open_filing(const CorpusFlags& flags, const Plan& plan, const Session& session,
                                    const RunDirectory* directory) {
  if (flags.corpus.empty()) {
    return nullptr;
  }
  check_line(flags.line);
  auto filing = std::make_unique<Filing>(
      Corpus::open_or_create(flags.corpus),
      FilingSetup{.line = flags.line, .classes = session.facts.classes, .keep = flags.keep, .first = plan.data.offset});
  for (const std::string& line : directory != nullptr ? directory->sample_lines() : std::vector<std::string>{}) {
    const SampleRow row = from_line(line);
    filing->add(row.id.index, 1, findings_of(row, directory->witnesses(), plan, filing->setup()));
  }
  return filing;
}

Json filing_json(const CorpusFlags& flags, const FilingFigures& figures) {
  return {{"path", flags.corpus},
          {"line", flags.line},
          {"added", figures.added},
          {"known", figures.known},
          {"over_quota", figures.over_quota}};
}

void print_filing(const CorpusFlags& flags, const Plan& plan, const FilingFigures& figures) {
  std::string text = "filed:    " + std::to_string(figures.added) + " new findings in " + flags.corpus + ", " +
                     std::to_string(figures.known) + " known before";
  if (figures.over_quota > 0) {
    text += ", " + std::to_string(figures.over_quota) + " left out by --keep " + std::to_string(flags.keep);
  }
  if (figures.added + figures.known == 0) {
    print(text + "\n");
    return;
  }
  print(text + "\n          replay them: " +
        replay_command_line({.corpus = flags.corpus,
                             .model = plan.model.path,
                             .preprocessing = preprocessing_of(plan.model),
                             .line = flags.line}) +
        "\n");
}

}  // namespace faultline
