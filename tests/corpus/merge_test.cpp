// Merging is a union of files: how findings were split over corpora, and in which order those were merged, cannot be
// seen in the result.
#include <gtest/gtest.h>

#include "corpus/corpus_fixtures.h"
#include "corpus/merge_property.h"

namespace faultline {
namespace {

namespace fs = std::filesystem;

DamageObserver no_damage() {
  return [](const std::string& message) { ADD_FAILURE() << message; };
}

Corpus filled(const fs::path& folder, const std::vector<NewFinding>& findings) {
  Corpus corpus = Corpus::open_or_create(folder);
  corpus.file(findings);
  return corpus;
}

TEST(Merge, EveryPartitionInEveryOrderGivesTheSameFiles) {
  // The slow tests try fifty.
  expect_same_files({.findings = 1000, .partitions = 2, .seed = 1});
  expect_same_files({.findings = 30, .partitions = 30, .seed = 2});
}

TEST(Merge, LeavesTheOtherCorpusAsItWas) {
  const TemporaryFolder folder(memory_folder());
  Corpus here = filled(folder.path() / "here", numbered_range(0, 5));
  const Corpus there = filled(folder.path() / "there", numbered_range(3, 5));
  const Tree before = tree_of(there.path());
  const Filed filed = here.merge(there, no_damage());
  EXPECT_EQ(filed.added, 3);
  EXPECT_EQ(filed.known, 2);
  EXPECT_EQ(difference(tree_of(there.path()), before), "");
  EXPECT_EQ(here.ids().size(), 8U);
}

TEST(Merge, WithItselfChangesNothing) {
  const TemporaryFolder folder(memory_folder());
  Corpus corpus = filled(folder.path() / "c", numbered_range(0, 5));
  const Tree before = tree_of(corpus.path());
  EXPECT_EQ(corpus.merge(Corpus::open(corpus.path()), no_damage()).known, 5);
  EXPECT_EQ(difference(tree_of(corpus.path()), before), "");
}

TEST(Merge, LeavesOutWhatIsDamagedAndSaysSoOnce) {
  const TemporaryFolder folder(memory_folder());
  Corpus there = filled(folder.path() / "there", numbered_range(0, 4));
  there.record(event_file({}));
  there.record(event_file({}, "release"));
  const std::vector<std::string> ids = there.ids();
  // An altered entry, an altered discovery of another entry, an altered event file, an entry not finished.
  const std::string discovery = discovery_name(discovery_bytes(there.facts(ids[1], no_damage())->discoveries.front()));
  (void)folder.write("there/findings/" + ids[0].substr(0, 2) + "/" + ids[0] + "/entry.json", "{}");
  (void)folder.write("there/findings/" + ids[1].substr(0, 2) + "/" + ids[1] + "/" + discovery, "{}");
  for (const auto& [path, bytes] : tree_of(there.path() / "events")) {
    (void)folder.write("there/events/" + path, bytes + "\n");
    break;
  }
  fs::remove(there.folder_of(ids[2]) / "entry.json");
  Corpus here = Corpus::open_or_create(folder.path() / "here");
  std::vector<std::string> damage;
  const Filed filed = here.merge(there, [&](const std::string& message) { damage.push_back(message); });
  EXPECT_EQ(filed.added, 2);
  EXPECT_EQ(damage.size(), 3U);
  EXPECT_EQ(here.ids(), (std::vector<std::string>{ids[1], ids[3]}));
  const Reading reading = read_all_of(here);
  EXPECT_EQ(reading.loaded.size(), 2U);
  EXPECT_TRUE(reading.damage.empty());
  EXPECT_EQ(reading.events.size(), 1U);
}

}  // namespace
}  // namespace faultline
