// The index is a cache: it may be used by many at once, and is made again when it is damaged or of another version.
#include "faultline/corpus/index.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <thread>

#include "corpus/corpus_fixtures.h"

namespace faultline {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kFindings = 20;

class CorpusIndex : public testing::Test {
 protected:
  CorpusIndex() {
    ::setenv("XDG_CACHE_HOME", folder.path().c_str(), /*overwrite=*/1);
    corpus.file(numbered_range(0, kFindings));
    corpus.record(event_file({{.finding = numbered_finding(0).id, .state = State::kFixed}}));
  }
  ~CorpusIndex() override {
    if (earlier) {
      ::setenv("XDG_CACHE_HOME", earlier->c_str(), /*overwrite=*/1);
    } else {
      ::unsetenv("XDG_CACHE_HOME");
    }
  }

  [[nodiscard]] static std::optional<std::string> cache_home() {
    const char* value = std::getenv("XDG_CACHE_HOME");
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
  }

  /// Reads through an index of its own; its file, empty when it lives in memory.
  fs::path expect_whole() const {
    Index index(corpus, [](const std::string& line) { ADD_FAILURE() << line; });
    EXPECT_EQ(index.select({}).size(), static_cast<std::size_t>(kFindings));
    EXPECT_EQ(index.select({.state = "fixed"}).size(), 1U);
    return index.file();
  }

  /// Eight threads, which begin together, each with an index of its own, several times.
  void expect_whole_in_threads() const {
    constexpr int kThreads = 8;
    constexpr int kRounds = 5;
    std::vector<std::thread> threads;
    for (int number = 0; number < kThreads; ++number) {
      threads.emplace_back([this] {
        for (int round = 0; round < kRounds; ++round) {
          EXPECT_NO_THROW(EXPECT_FALSE(expect_whole().empty()) << "lives in memory");
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
  }

  const std::optional<std::string> earlier = cache_home();
  TemporaryFolder folder{memory_folder()};
  Corpus corpus = Corpus::open_or_create(folder.path() / "c");
};

TEST_F(CorpusIndex, ThreadsMakeItTogether) { expect_whole_in_threads(); }

TEST_F(CorpusIndex, ThreadsRefreshItWhileTheCorpusGrows) {
  (void)expect_whole();
  std::thread writer([&] {
    for (std::int64_t number = 0; number < kFindings; ++number) {
      corpus.file({numbered(number, "second")});
    }
  });
  expect_whole_in_threads();
  writer.join();
}

TEST_F(CorpusIndex, WhatIsNoDatabaseIsMadeAgain) {
  const fs::path file = expect_whole();
  for (const std::string& bytes : {std::string(10'000, 'x'), std::string("SQLite format 3"), std::string()}) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
    expect_whole_in_threads();
    EXPECT_GT(fs::file_size(file), bytes.size());
  }
}

TEST_F(CorpusIndex, ADamagedPageIsMadeAgain) {
  const fs::path file = expect_whole();
  const auto size = fs::file_size(file);
  constexpr std::uintmax_t kPage = 4096;
  std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
  stream.seekp(kPage);
  stream << std::string(size - kPage, '\xff');
  stream.close();
  EXPECT_EQ(expect_whole(), file);
}

TEST_F(CorpusIndex, AnotherVersionIsMadeAgainInTheSameFile) {
  const fs::path file = expect_whole();
  {
    SQLite::Database database(file.string(), SQLite::OPEN_READWRITE);
    database.exec("PRAGMA user_version=1; CREATE TABLE older(x); DROP VIEW clusters");
  }
  EXPECT_EQ(expect_whole(), file);
  SQLite::Database database(file.string(), SQLite::OPEN_READONLY);
  EXPECT_FALSE(database.tableExists("older"));
  EXPECT_NO_THROW(database.exec("SELECT * FROM clusters"));
}

TEST_F(CorpusIndex, AnotherConnectionThatReadsKeepsNobodyOut) {
  const fs::path file = expect_whole();
  SQLite::Database reader(file.string(), SQLite::OPEN_READONLY);
  EXPECT_EQ(expect_whole(), file);
  EXPECT_EQ(reader.execAndGet("SELECT count(*) FROM findings").getInt(), static_cast<int>(kFindings));
}

TEST_F(CorpusIndex, WhereNoCacheCanBeMadeItLivesInMemory) {
  ::setenv("XDG_CACHE_HOME", folder.write("file", "x").c_str(), /*overwrite=*/1);
  EXPECT_EQ(expect_whole(), fs::path());
}

TEST_F(CorpusIndex, ClustersKeepNormsApart) {
  NewFinding other = numbered(0);
  other.finding =
      make_finding({.label = 0, .budget = Budget{Norm::kL2, 0.5}}, other.finding.clean, other.finding.witness);
  corpus.file({other});
  Index index(corpus, [](const std::string&) {});
  std::vector<std::string> signatures;
  for (const Cluster& cluster : index.clusters("main")) {
    signatures.push_back(cluster.signature);
  }
  EXPECT_THAT(signatures, testing::IsSupersetOf({"misclassification 0>1 pgd linf", "misclassification 0>1 pgd l2"}));
}

TEST_F(CorpusIndex, AMendedEntryIsReadAgain) {
  const std::string id = numbered_finding(0).id;
  const fs::path entry = corpus.folder_of(id) / "entry.json";
  fs::remove(entry);
  (void)folder.write(fs::relative(entry, folder.path()).string(), "torn");
  std::vector<std::string> damage;
  EXPECT_EQ(Index(corpus, [&](const std::string& line) { damage.push_back(line); }).select({}).size(),
            static_cast<std::size_t>(kFindings - 1));
  EXPECT_EQ(damage.size(), 1U);
  corpus.file({numbered(0)});
  EXPECT_NE(expect_whole(), fs::path());
}

}  // namespace
}  // namespace faultline
