// Filing findings one after another: what is known is not written twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "corpus/corpus_fixtures.h"
#include "faults/data_checks.h"

namespace faultline {
namespace {

namespace fs = std::filesystem;

class CorpusFiling : public testing::Test {
 protected:
  [[nodiscard]] StoredFacts facts(std::int64_t number) const {
    return *corpus.facts(numbered_finding(number).id, [](const std::string& message) { ADD_FAILURE() << message; });
  }

  FixedDay day;
  TemporaryFolder folder{memory_folder()};
  Corpus corpus = Corpus::open_or_create(folder.path() / "c");
};

TEST_F(CorpusFiling, WhatIsFiledIsLoaded) {
  const Filed filed = corpus.file(numbered_range(0, 7));
  EXPECT_EQ(filed.added, 7);
  EXPECT_EQ(filed.known, 0);
  const Reading reading = read_all_of(corpus);
  EXPECT_EQ(reading.loaded, corpus.ids());
  EXPECT_TRUE(reading.damage.empty());
  const NewFinding wanted = numbered(3);
  const StoredFinding stored = *corpus.load(wanted.finding.id, [](const std::string&) {});
  EXPECT_TRUE(stored.finding.clean.equal(wanted.finding.clean));
  EXPECT_TRUE(stored.finding.witness.equal(wanted.finding.witness));
  ASSERT_EQ(stored.discoveries.size(), 1U);
  EXPECT_EQ(discovery_bytes(stored.discoveries.front()), discovery_bytes(wanted.discovery));
}

TEST_F(CorpusFiling, TheSameTwiceWritesNothing) {
  corpus.file(numbered_range(0, 7));
  const Tree before = tree_of(corpus.path());
  const Filed filed = corpus.file(numbered_range(0, 7));
  EXPECT_EQ(filed.added, 0);
  EXPECT_EQ(filed.known, 7);
  EXPECT_EQ(difference(tree_of(corpus.path()), before), "");
}

TEST_F(CorpusFiling, TheSameTwiceAtOnceIsOne) {
  const Filed filed = corpus.file({numbered(0), numbered(0)});
  EXPECT_EQ(filed.added, 1);
  EXPECT_EQ(filed.known, 1);
  EXPECT_EQ(facts(0).discoveries.size(), 1U);
}

TEST_F(CorpusFiling, TheSameSearchOnAnotherDayWritesNothing) {
  corpus.file({numbered(0)});
  const Tree before = tree_of(corpus.path());
  NewFinding later = numbered(0);
  later.discovery.date = "2030-01-01";
  later.discovery.faultline = "99";
  EXPECT_EQ(corpus.file({later}).known, 1);
  EXPECT_EQ(difference(tree_of(corpus.path()), before), "");
}

TEST_F(CorpusFiling, TheSameSearchTwiceAtOnceIsOneDiscovery) {
  NewFinding later = numbered(0);
  later.discovery.date = "2030-01-01";
  corpus.file({numbered(0), later});
  EXPECT_EQ(facts(0).discoveries.size(), 1U);
}

TEST_F(CorpusFiling, AnotherModelAddsOneDiscovery) {
  corpus.file({numbered(0), numbered(1)});
  const std::size_t before = tree_of(corpus.path()).size();
  const Filed filed = corpus.file({numbered(0, "second")});
  EXPECT_EQ(filed.added, 0);
  EXPECT_EQ(filed.known, 1);
  EXPECT_EQ(tree_of(corpus.path()).size(), before + 1);
  EXPECT_EQ(facts(0).discoveries.size(), 2U);
  EXPECT_EQ(facts(1).discoveries.size(), 1U);
}

TEST_F(CorpusFiling, AnEntryThatWasNotFinishedIsFinished) {
  corpus.file({numbered(0)});
  const Tree whole = tree_of(corpus.path());
  const std::string id = numbered_finding(0).id;
  for (const char* missing : {"entry.json", "witness.safetensors"}) {
    fs::remove(corpus.folder_of(id) / "entry.json");
    fs::remove(corpus.folder_of(id) / missing);
    EXPECT_FALSE(corpus.load(id, [](const std::string&) {}).has_value()) << missing;
    EXPECT_EQ(corpus.file({numbered(0)}).added, 1);
    EXPECT_EQ(difference(tree_of(corpus.path()), whole), "");
  }
}

TEST_F(CorpusFiling, RecordingTheSameEventsTwiceIsOneFile) {
  const EventFile events = event_file({{.finding = numbered_finding(0).id, .state = State::kFixed}});
  corpus.record(events);
  corpus.record(events);
  corpus.record(event_file(events.events, "release"));
  EXPECT_EQ(read_all_of(corpus).events.size(), 2U);
}

TEST_F(CorpusFiling, RemovedEntriesAreGone) {
  corpus.file(numbered_range(0, 3));
  const std::string id = corpus.ids()[1];
  corpus.remove(id);
  EXPECT_EQ(corpus.ids().size(), 2U);
  EXPECT_FALSE(fs::exists(corpus.folder_of(id)));
}

TEST_F(CorpusFiling, AnIdIsFoundByItsBeginning) {
  corpus.file(numbered_range(0, 40));
  for (const std::string& id : corpus.ids()) {
    EXPECT_EQ(corpus.find(id), id);
    EXPECT_EQ(corpus.find(id.substr(0, 12)), id);
    EXPECT_THAT(corpus.ids(), testing::Contains(id));
  }
  const std::string first = corpus.ids().front();
  for (std::size_t digits = 1; digits <= 3; ++digits) {
    const std::string prefix = first.substr(0, digits);
    const auto such =
        std::ranges::count_if(corpus.ids(), [&](const std::string& id) { return id.starts_with(prefix); });
    if (such == 1) {
      EXPECT_EQ(corpus.find(prefix), first);
    } else {
      expect_refusal([&] { (void)corpus.find(prefix); }, {std::to_string(such) + " findings"});
    }
  }
  expect_refusal([&] { (void)corpus.find(first + "0"); }, {"no finding"});
  expect_refusal([&] { (void)corpus.find(".."); }, {"no finding '..'"});
  expect_refusal([&] { (void)corpus.find(""); }, {"40 findings", "more digits"});
  expect_refusal([&] { (void)corpus.find("x"); }, {"no finding 'x'"});
  expect_refusal([&] { (void)corpus.find("../findings"); }, {"no finding"});
}

TEST_F(CorpusFiling, OnlyACorpusIsOpened) {
  expect_refusal([&] { (void)Corpus::open(folder.path() / "none"); }, {"none", "does not exist"});
  expect_refusal([&] { (void)Corpus::open(folder.path()); }, {"is no failure corpus"});
  expect_refusal([&] { (void)Corpus::open_or_create(folder.path()); }, {"not empty"});
  const std::string file = folder.write("file", "x");
  expect_refusal([&] { (void)Corpus::open(file); }, {"is no failure corpus"});
  expect_refusal([&] { (void)Corpus::open_or_create(file); }, {"file"});
  (void)folder.write("later/corpus.json", R"({"schema":"faultline.corpus/2"})");
  expect_refusal([&] { (void)Corpus::open_or_create(folder.path() / "later"); }, {"faultline.corpus/1"});
  fs::create_directories(folder.path() / "empty");
  EXPECT_TRUE(Corpus::open_or_create(folder.path() / "empty").ids().empty());
}

}  // namespace
}  // namespace faultline
