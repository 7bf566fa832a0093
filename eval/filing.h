// From a run's rows to findings in a failure corpus.
//
//   Filing filing(corpus, plan, {.line = "main", .classes = 10});
//   filing.add(chunk_number, chunk_result);       // as chunks finish, in any order
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
};

struct FilingFigures {
  std::int64_t added = 0;
  std::int64_t known = 0;
  std::int64_t over_quota = 0;  ///< New ones that were left out.
};

/// What a plan puts around its model.
[[nodiscard]] Preprocessing preprocessing_of(const ModelPlan& model);

/// The found rows of a chunk as findings with their discoveries. On a curve the budget is the witness's own distance.
[[nodiscard]] std::vector<NewFinding> findings_of(const ChunkResult& result, const Plan& plan,
                                                  const FilingSetup& setup);

/// The found rows of an earlier part of the run, whose witnesses lie in its run directory.
[[nodiscard]] std::vector<NewFinding> findings_of(const std::vector<SampleRow>& rows,
                                                  const std::filesystem::path& witnesses, const Plan& plan,
                                                  const FilingSetup& setup);

/// Files findings as chunks finish; with a quota in order of the chunks, so that the corpus does not depend on workers.
/// Safe to use from several threads.
class Filing {
 public:
  Filing(Corpus corpus, FilingSetup setup);

  /// Files the findings of chunk number `place` (0, 1, ... in order of start). When it returns without a quota, they
  /// are on disk. Throws Error (kUsage).
  void add(std::size_t place, std::vector<NewFinding> findings);

  /// Files findings of an earlier part of the run.
  void add_earlier(std::vector<NewFinding> findings) { file(std::move(findings)); }

  /// Files what still waits for a chunk that did not finish.
  [[nodiscard]] FilingFigures finish();

  [[nodiscard]] const FilingSetup& setup() const { return setup_; }

 private:
  void file(std::vector<NewFinding> findings);
  [[nodiscard]] bool has_room(const NewFinding& candidate);

  Corpus corpus_;
  FilingSetup setup_;
  std::mutex order_mutex_;  // guards what a quota needs
  std::mutex figures_mutex_;
  FilingFigures figures_;
  std::size_t next_ = 0;
  std::map<std::size_t, std::vector<NewFinding>> waiting_;
  std::map<std::string, std::int64_t> stored_;  // findings per signature, with a quota
  std::set<std::string> admitted_;              // ids of what was let in, with a quota
};

}  // namespace faultline
