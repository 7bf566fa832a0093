// Files of gigabytes where kilobytes belong: refused in one line, before they are read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "corpus/corpus_fixtures.h"
#include "faultline/core/error.h"
#include "faults/data_checks.h"

namespace faultline {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kHuge = 3'000'000'000;

class Oversized : public testing::Test {
 protected:
  Oversized() {
    corpus.file({numbered(0), numbered(1)});
    corpus.record(event_file({}));
  }

  /// Makes a file of holes of it; reading the corpus must give one line about it.
  void expect_one_line(const fs::path& path, const std::vector<std::string>& words, std::size_t loaded) const {
    fs::resize_file(path, kHuge);
    const Reading reading = read_all_of(corpus);
    EXPECT_EQ(reading.loaded.size(), loaded);
    ASSERT_EQ(reading.damage.size(), 1U) << testing::PrintToString(reading.damage);
    const std::string& line = reading.damage.front();
    EXPECT_EQ(line.find('\n'), std::string::npos);
    for (const std::string& word : words) {
      EXPECT_THAT(line, testing::HasSubstr(word));
    }
    EXPECT_THAT(line, testing::HasSubstr(path.parent_path().string()));
  }

  TemporaryFolder folder;  // on a disk: in memory the holes would take memory once they are read
  Corpus corpus = Corpus::open_or_create(folder.path() / "c");
  const std::string id = numbered_finding(0).id;
};

TEST_F(Oversized, AnEntry) {
  expect_one_line(corpus.folder_of(id) / "entry.json", {"entry.json", "64 KB"}, 1);
  expect_refusal([&] { (void)corpus.facts(id, [](const std::string&) {}); }, {"entry.json", "64 KB"});
}

TEST_F(Oversized, AWitness) { expect_one_line(corpus.folder_of(id) / "witness.safetensors", {id, "too long"}, 1); }

TEST_F(Oversized, TheHeaderOfAWitness) {
  const std::uint64_t length = 90'000'000;
  std::string header(sizeof length, ' ');
  std::memcpy(header.data(), &length, sizeof length);
  (void)folder.write("c/findings/" + id.substr(0, 2) + "/" + id + "/witness.safetensors",
                     header + std::string(5000, ' '));
  expect_one_line(corpus.folder_of(id) / "witness.safetensors", {id, "90000000", "4096"}, 1);
}

TEST_F(Oversized, ADiscovery) {
  const Discovery discovery = corpus.facts(id, [](const std::string&) {})->discoveries.front();
  const std::string name = discovery_name(discovery_bytes(discovery));
  expect_one_line(corpus.folder_of(id) / name, {name, "256 KB"}, 2);
}

TEST_F(Oversized, AnEventFile) {
  const std::string name = event_file_name(event_file_bytes(event_file({})));
  expect_one_line(corpus.path() / "events" / name, {name, "2 GB"}, 2);
}

TEST_F(Oversized, TheMarker) {
  fs::resize_file(corpus.path() / "corpus.json", kHuge);
  expect_refusal([&] { (void)Corpus::open(corpus.path()); }, {"corpus.json", "64 KB"});
}

}  // namespace
}  // namespace faultline
