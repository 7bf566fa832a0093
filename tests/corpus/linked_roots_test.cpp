// The folders of a corpus replaced by symbolic links: nothing outside is read, written or deleted, and one line says
// why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "corpus/corpus_fixtures.h"
#include "faultline/corpus/check.h"
#include "faults/data_checks.h"

namespace faultline {
namespace {

namespace fs = std::filesystem;

class LinkedRoots : public testing::Test {
 protected:
  LinkedRoots() {
    corpus.file({numbered(0)});
    corpus.record(event_file({}));
    other.file({numbered(1)});
    other.record(event_file({}, "release"));
  }

  /// Moves it outside and leaves a link in its place.
  void link(const fs::path& path) const {
    fs::rename(path, folder.path() / "outside");
    fs::create_directory_symlink(folder.path() / "outside", path);
  }

  /// Every action must be refused with the linked path, and nothing outside changes.
  void expect_refused(const fs::path& path, const std::vector<std::function<void()>>& actions) const {
    link(path);
    const Tree before = tree_of(folder.path());
    for (const auto& action : actions) {
      expect_refusal(action, {path.string() + ": ", "symbolic link, which is not followed"});
    }
    EXPECT_EQ(difference(tree_of(folder.path()), before), "");
  }

  [[nodiscard]] std::vector<std::string> problems() const {
    std::vector<std::string> lines;
    for (const Problem& problem : check(corpus)) {
      lines.push_back(problem.message);
    }
    return lines;
  }

  TemporaryFolder folder{memory_folder()};
  Corpus corpus = Corpus::open_or_create(folder.path() / "c");
  Corpus other = Corpus::open_or_create(folder.path() / "other");
  const std::string id = numbered_finding(0).id;
  const DamageObserver unexpected = [](const std::string& line) { ADD_FAILURE() << line; };
};

TEST_F(LinkedRoots, FindingsAreRefused) {
  const std::vector<std::function<void()>> actions{
      [&] { (void)corpus.ids(); },
      [&] { (void)corpus.find(id); },
      [&] { (void)corpus.find(id.substr(0, 1)); },
      [&] { (void)corpus.file({numbered(0)}); },
      [&] { (void)corpus.file({numbered(2)}); },
      [&] { (void)corpus.merge(other, unexpected); },
      [&] { (void)other.merge(corpus, unexpected); },
      [&] { corpus.remove(id); },
  };
  expect_refused(corpus.path() / "findings", actions);
  EXPECT_FALSE(corpus.contains(id));
  EXPECT_EQ(corpus.load(id, unexpected), std::nullopt);
  EXPECT_EQ(corpus.facts(id, unexpected), std::nullopt);
  EXPECT_THAT(problems(), testing::ElementsAre(testing::HasSubstr("findings: is a symbolic link")));
}

TEST_F(LinkedRoots, EventsAreRefused) {
  const std::vector<std::function<void()>> actions{
      [&] { (void)corpus.events(unexpected); },        [&] { corpus.record(event_file({})); },
      [&] { corpus.record(event_file({}, "third")); }, [&] { (void)corpus.merge(other, unexpected); },
      [&] { (void)other.merge(corpus, unexpected); },
  };
  expect_refused(corpus.path() / "events", actions);
  EXPECT_THAT(problems(), testing::ElementsAre(testing::HasSubstr("events: is a symbolic link")));
}

TEST_F(LinkedRoots, AnEntryIsNeitherSeenNorDeletedThroughLinks) {
  const fs::path entry = corpus.folder_of(id);
  for (const fs::path& path : {entry.parent_path(), entry}) {
    expect_refused(path, {[&] { corpus.remove(id); }, [&] { (void)corpus.file({numbered(0)}); }});
    EXPECT_TRUE(corpus.ids().empty());
    EXPECT_FALSE(corpus.contains(id));
    expect_refusal([&] { (void)corpus.find(id); }, {"no finding"});
    fs::remove(path);
    fs::rename(folder.path() / "outside", path);
  }
  corpus.remove(id);
  EXPECT_FALSE(fs::exists(entry));
}

}  // namespace
}  // namespace faultline
