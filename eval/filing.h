// From a run's rows to findings in a failure corpus.
//
//   Filing filing(corpus, plan, {.line = "main", .classes = 10});
//   filing.add(first, count, findings_of(result, plan, filing.setup()));    // as chunks finish, in any order
//   const FilingFigures figures = filing.finish();
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "faultline/corpus/corpus.h"
#include "faultline/eval/attack_chunk.h"
#include "faultline/eval/plan.h"

namespace faultline {

struct FilingSetup {
  std::string line = "main";  ///< The line of models that the run's model belongs to.
  std::int64_t classes = 0;   ///< Of the run's model.
  std::int64_t keep = 0;      ///< At most this many findings per signature in the corpus; 0: all.
  std::int64_t first = 0;     ///< Index of the run's first sample.
};

struct FilingFigures {
  std::int64_t added = 0;
  std::int64_t known = 0;
  std::int64_t over_quota = 0;  ///< New ones that were left out.
};

/// What a plan puts around its model.
[[nodiscard]] Preprocessing preprocessing_of(const ModelPlan& model);

/// The found rows of a chunk as findings with their discoveries. On a curve the budget is the witness's own distance,
/// rounded up in the twelfth digit.
[[nodiscard]] std::vector<NewFinding> findings_of(const ChunkResult& result, const Plan& plan,
                                                  const FilingSetup& setup);

/// The same for one row of an earlier part of the run, whose witnesses lie in its run directory: at most one finding.
[[nodiscard]] std::vector<NewFinding> findings_of(const SampleRow& row, const std::filesystem::path& witnesses,
                                                  const Plan& plan, const FilingSetup& setup);

/// Files findings as chunks finish; with a quota in order of the samples, so that the corpus depends neither on workers
/// nor on where a run was interrupted and resumed. Safe to use from several threads.
class Filing {
 public:
  Filing(Corpus corpus, FilingSetup setup);

  /// Files the findings among samples first .. first + count - 1, which are done. Without a quota they are on disk
  /// when it returns; with one they wait until all samples before them are done. Throws Error (kUsage).
  void add(std::int64_t first, std::int64_t count, std::vector<NewFinding> findings);

  /// Files what still waits for samples that were not done: when nobody will resume the run.
  void file_waiting();

  /// So far.
  [[nodiscard]] FilingFigures figures();

  [[nodiscard]] const FilingSetup& setup() const { return setup_; }

 private:
  struct Waiting {
    std::int64_t end = 0;  // one past the last sample
    std::vector<NewFinding> findings;
  };

  void file(std::vector<NewFinding> findings);
  [[nodiscard]] bool has_room(const NewFinding& candidate);

  Corpus corpus_;
  FilingSetup setup_;
  std::mutex order_mutex_;  // guards what a quota needs
  std::mutex figures_mutex_;
  FilingFigures figures_;
  std::int64_t next_;                             // all samples before this one are filed
  std::multimap<std::int64_t, Waiting> waiting_;  // by first sample
  std::map<std::string, std::int64_t> stored_;    // findings per signature, with a quota
  std::set<std::string> admitted_;                // ids of what was there or was let in, with a quota
};

}  // namespace faultline
