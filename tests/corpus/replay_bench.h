// A corpus of findings around a threshold, and small models to replay it on.
//
//   ReplayBench bench;
//   bench.file_findings(20);
//   EXPECT_EQ(bench.verdicts(bench.threshold_model(0.4)), all(20, ReplayVerdict::kStillFailing));
//
// The findings have 2x2 values. The mean of the clean input is 0.35, that of the witness 0.41, the label is 0, and the
// budget, Linf 0.1, reaches 0.45. A model of threshold T calls an input 1 when its mean is above T.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "corpus/corpus_fixtures.h"
#include "faultline/eval/replay.h"
#include "models.h"

namespace faultline {

constexpr double kThreshold = 0.4;  ///< Of the model on which the findings were found.

/// How a replay is carried out.
struct ReplayOptions {
  std::string line = "main";
  bool strengthen = false;
  int workers = 1;
  std::int64_t batch = 0;
};

/// How many findings got which verdict.
using VerdictCounts = std::map<ReplayVerdict, std::int64_t>;

class ReplayBench {
 public:
  ReplayBench() : corpus_(Corpus::open_or_create(folder_.path() / "corpus")) {}

  [[nodiscard]] Corpus& corpus() { return corpus_; }
  [[nodiscard]] const std::filesystem::path& corpus_path() const { return corpus_.path(); }

  /// Files `count` different findings, found on the line "main" on a model of 2 classes.
  void file_findings(std::int64_t count);

  /// A model from the source of its forward().
  [[nodiscard]] TargetFactory model(const std::string& source,
                                    const std::vector<ModelParameter>& parameters = {}) const;

  [[nodiscard]] TargetFactory threshold_model(double threshold) const;

  /// A threshold that is an expression of x, one for every row: "0.4 + 0.1 * torch.rand([x.size(0)])".
  [[nodiscard]] TargetFactory moving_model(const std::string& threshold) const;

  [[nodiscard]] ReplayResult replayed(const TargetFactory& model, const ReplayOptions& options = {}) const;
  [[nodiscard]] VerdictCounts verdicts(const TargetFactory& model, const ReplayOptions& options = {}) const;

  /// Replays and records what has changed; returns how many events that were.
  std::size_t update(const TargetFactory& model, const std::string& line = "main");

  /// Accepts every finding until a day.
  void accept_all(const std::string& until);

 private:
  FixedDay day_;
  TemporaryFolder folder_{memory_folder()};
  Corpus corpus_;
};

[[nodiscard]] VerdictCounts counted(const ReplayResult& result);

}  // namespace faultline
