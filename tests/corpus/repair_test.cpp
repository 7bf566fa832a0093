// What is damaged is made whole by what is filed, recorded or merged over it: names say what files hold.
#include <gtest/gtest.h>

#include <functional>

#include "corpus/corpus_fixtures.h"

namespace faultline {
namespace {

namespace fs = std::filesystem;

class Repair : public testing::Test {
 protected:
  Repair() {
    corpus.file(numbered_range(0, 3));
    corpus.record(events);
    whole = tree_of(corpus.path());
  }

  /// Every file of finding 0, by its path in the corpus.
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> paths;
    for (const auto& [path, bytes] : whole) {
      if (path.find(id) != std::string::npos) {
        paths.push_back(path);
      }
    }
    return paths;
  }

  /// Damages each file of finding 0 in several ways; `mend` must make the corpus whole and count one finding as added.
  void expect_mended(const std::function<Filed()>& mend) {
    ASSERT_EQ(files().size(), 3U);
    for (const std::string& path : files()) {
      const std::string& sound = whole.at(path);
      std::string altered = sound;
      altered.back() = static_cast<char>(altered.back() ^ 1);
      for (const std::string& bytes : {std::string(), sound.substr(0, sound.size() / 2), altered, sound + "x"}) {
        SCOPED_TRACE(path + " of " + std::to_string(bytes.size()) + " bytes");
        (void)folder.write("c/" + path, bytes);
        const Filed filed = mend();
        EXPECT_EQ(filed.added, 1);
        EXPECT_EQ(difference(tree_of(corpus.path()), whole), "");
      }
    }
    EXPECT_EQ(mend().added, 0);
    EXPECT_TRUE(read_all_of(corpus).damage.empty());
  }

  FixedDay day;
  TemporaryFolder folder{memory_folder()};
  Corpus corpus = Corpus::open_or_create(folder.path() / "c");
  const std::string id = numbered_finding(0).id;
  const EventFile events = event_file({{.finding = numbered_finding(0).id, .state = State::kFixed}});
  Tree whole;
};

TEST_F(Repair, FilingMendsAnEntry) {
  expect_mended([&] { return corpus.file(numbered_range(0, 3)); });
}

TEST_F(Repair, MergingMendsAnEntry) {
  Corpus other = Corpus::open_or_create(folder.path() / "other");
  other.file(numbered_range(0, 3));
  expect_mended([&] { return corpus.merge(other, [](const std::string& line) { ADD_FAILURE() << line; }); });
}

TEST_F(Repair, ALinkInThePlaceOfAFileIsReplacedAndNotFollowed) {
  for (const std::string& path : files()) {
    const std::string outside = folder.write("outside", "precious");
    fs::remove(corpus.path() / path);
    fs::create_symlink(outside, corpus.path() / path);
    EXPECT_EQ(corpus.file(numbered_range(0, 3)).added, 1);
    EXPECT_EQ(difference(tree_of(corpus.path()), whole), "");
    EXPECT_FALSE(fs::is_symlink(corpus.path() / path));
    EXPECT_EQ(fs::file_size(outside), std::string("precious").size());
  }
}

TEST_F(Repair, ADamagedDiscoveryOfAnotherSearchStaysAsItIs) {
  corpus.file({numbered(0, "second")});
  const std::string damaged = "c/findings/" + id.substr(0, 2) + "/" + id + "/" +
                              discovery_name(discovery_bytes(numbered(0, "second").discovery));
  (void)folder.write(damaged, "torn");
  EXPECT_EQ(corpus.file({numbered(0)}).known, 1);
  EXPECT_EQ(fs::file_size(folder.path() / damaged), 4U);
}

TEST_F(Repair, RecordingAndMergingMendAnEventFile) {
  const std::string name = event_file_name(event_file_bytes(events));
  Corpus other = Corpus::open_or_create(folder.path() / "other");
  other.record(events);
  const std::vector<std::function<void()>> mends{[&] { corpus.record(events); },
                                                 [&] { (void)corpus.merge(other, [](const std::string&) {}); }};
  for (const auto& mend : mends) {
    (void)folder.write("c/events/" + name, "torn");
    EXPECT_TRUE(corpus.events([](const std::string&) {}).empty());
    mend();
    EXPECT_EQ(difference(tree_of(corpus.path()), whole), "");
  }
}

}  // namespace
}  // namespace faultline
