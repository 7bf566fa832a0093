#include "corpus/merge_property.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "corpus/corpus_fixtures.h"

namespace faultline {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kEventFiles = 20;

using Random = std::mt19937_64;

std::size_t below(std::size_t count, Random& random) {
  return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
}

DamageObserver no_damage() {
  return [](const std::string& message) { ADD_FAILURE() << message; };
}

void file_in_parts(Corpus& corpus, std::vector<NewFinding> findings, Random& random) {
  std::ranges::shuffle(findings, random);
  while (!findings.empty()) {
    const std::size_t count = std::min(findings.size(), 1 + below(400, random));
    const auto cut = findings.end() - static_cast<std::ptrdiff_t>(count);
    corpus.file({cut, findings.end()});
    findings.erase(cut, findings.end());
  }
}

/// What is to be spread over corpora.
struct Content {
  std::vector<NewFinding> findings{};
  std::vector<EventFile> events{};
};

/// Findings, some of them found by two models, and what became of some on two lines.
Content content(std::int64_t findings) {
  Content all{.findings = numbered_range(0, findings)};
  for (std::int64_t number = 0; number < findings; number += 10) {
    all.findings.push_back(numbered(number, "second"));
  }
  for (std::size_t number = 0; number < kEventFiles; ++number) {
    all.events.push_back(event_file({{.finding = all.findings[number].finding.id, .state = State::kFixed},
                                     {.finding = all.findings[number + 1].finding.id, .state = State::kFlaky}},
                                    number % 2 == 0 ? "main" : "release"));
  }
  return all;
}

Corpus filled(const fs::path& folder, const Content& all) {
  Corpus corpus = Corpus::open_or_create(folder);
  corpus.file(all.findings);
  for (const EventFile& events : all.events) {
    corpus.record(events);
  }
  return corpus;
}

/// 2 to 6 corpora that together hold everything; a tenth of it lies in two of them.
std::vector<Corpus> partition(const fs::path& folder, const Content& all, Random& random) {
  const std::size_t count = 2 + below(5, random);
  std::vector<Content> shares(count);
  for (const NewFinding& finding : all.findings) {
    shares[below(count, random)].findings.push_back(finding);
    if (below(10, random) == 0) {
      shares[below(count, random)].findings.push_back(finding);
    }
  }
  for (const EventFile& events : all.events) {
    shares[below(count, random)].events.push_back(events);
    shares[below(count, random)].events.push_back(events);
  }
  std::vector<Corpus> corpora;
  for (const Content& share : shares) {
    corpora.push_back(filled(folder / std::to_string(corpora.size()), {.events = share.events}));
    file_in_parts(corpora.back(), share.findings, random);
  }
  return corpora;
}

/// Merges one corpus into another, both drawn, until one is left: any order, any brackets.
Corpus merged(std::vector<Corpus> corpora, Random& random) {
  while (corpora.size() > 1) {
    std::ranges::shuffle(corpora, random);
    corpora.front().merge(corpora.back(), no_damage());
    fs::remove_all(corpora.back().path());
    corpora.pop_back();
  }
  return corpora.front();
}

}  // namespace

void expect_same_files(const MergeTrial& trial) {
  const FixedDay day;
  const Content all = content(trial.findings);
  const TemporaryFolder folder(memory_folder());
  const Corpus whole = filled(folder.path() / "whole", all);
  const Tree wanted = tree_of(whole.path());
  // The marker, entry and witness of each, discoveries, events.
  ASSERT_EQ(wanted.size(), 1 + 2 * static_cast<std::size_t>(trial.findings) + all.findings.size() + kEventFiles);
  Random random(trial.seed);
  for (int round = 0; round < trial.partitions; ++round) {
    const fs::path place = folder.path() / "parts";
    Corpus result = merged(partition(place, all, random), random);
    ASSERT_EQ(difference(tree_of(result.path()), wanted), "") << "round " << round;
    // Once more changes nothing, and tells so.
    EXPECT_EQ(result.merge(whole, no_damage()).added, 0);
    ASSERT_EQ(difference(tree_of(result.path()), wanted), "") << "round " << round;
    fs::remove_all(place);
  }
}

}  // namespace faultline
