// A SQLite index of a corpus: a cache outside it that answers queries, and can be deleted at any time.
// docs/corpus.md documents its tables and views for SQL users.
//
//   Index index(corpus, observer);
//   for (const IndexedFinding& finding : index.select({.line = "main", .state = "open"})) { ... }
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "faultline/corpus/corpus.h"
#include "faultline/data/json.h"

namespace faultline {

/// Which findings; what is empty does not matter.
struct FindingFilter {
  std::string line = "main";
  std::string state{};  ///< A state's name, or "unseen".
  std::optional<std::int64_t> label{};
  std::optional<std::int64_t> prediction{};
  std::string attack{};
  std::string signature{};
  std::string id_prefix{};
  std::int64_t limit = -1;  ///< -1: all.
};

/// A finding with its first discovery and its state on the filter's line.
struct IndexedFinding {
  std::string id{};
  std::string oracle{};
  std::int64_t label = 0;
  std::int64_t prediction = -1;
  std::string norm{};  ///< Empty: no budget.
  double epsilon = 0;
  double distance = 0;
  double confidence = 0;
  std::string attack{};
  std::int64_t sample = -1;
  std::string signature{};
  std::string first_seen{};  ///< UTC day.
  std::string state{};       ///< On the line; "unseen" when it was neither found nor judged there.
};

/// Findings of one signature.
struct Cluster {
  std::string signature{};
  std::int64_t findings = 0;
  std::int64_t open = 0;
  std::int64_t fixed = 0;
  std::int64_t other = 0;        ///< Flaky, accepted, invalid, unseen.
  double nearest = 0;            ///< Distance of the representative.
  std::string representative{};  ///< Id of the finding with the smallest distance.
};

/// The answer to a query, one row after another: numbers, texts and nulls; of a blob its bytes as text.
struct QueryResult {
  std::vector<std::string> columns{};
  std::vector<std::vector<Json>> rows{};
};

/// Invariant: at construction the index holds exactly what the corpus does. A file that is added to an entry, or
/// replaced, changes its folder's time, so only new and changed entries are read. Damaged ones are left out and
/// reported. Several threads and processes may each have an Index of one corpus. Where the cache folder cannot be
/// written, or another process holds the index for too long, it lives in memory.
class Index {
 public:
  Index(const Corpus& corpus, const DamageObserver& damaged);
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;
  ~Index();

  /// In order of id.
  [[nodiscard]] std::vector<IndexedFinding> select(const FindingFilter& filter);

  /// Largest first.
  [[nodiscard]] std::vector<Cluster> clusters(const std::string& line);

  /// Runs one statement that only reads. Throws Error (kUsage) with what SQLite says of it.
  [[nodiscard]] QueryResult query(const std::string& sql);

  /// The file it lives in; empty when it lives in memory.
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

 private:
  struct Implementation;
  std::filesystem::path file_;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace faultline
