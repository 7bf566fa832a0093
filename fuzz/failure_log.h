// Which failures are worth keeping: per kind the least distorted one and a few of other seeds, and one per seed.
//
//   FailureLog log({.diverse = 4, .most = 1000});
//   if (log.offer(failure)) ...
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "faultline/fuzz/screener.h"

namespace faultline {

/// A failure as islands hand it on.
struct FuzzFailure {
  Screened screened{};
  std::int64_t label = 0;
};

/// What failures of one kind have in common: oracle, true class, predicted class, set of mutators, severity.
[[nodiscard]] std::string signature_of(const FuzzFailure& failure);

/// "fog+rotate": the mutators, each once, in byte order; "seed" without any.
[[nodiscard]] std::string mutators_text(const Recipe& recipe);

struct FailureQuota {
  std::size_t diverse = 4;  ///< Failures per signature beside the least distorted one.
  std::size_t most = 5000;  ///< Failures in all; beyond it only a seed's first one is taken.
};

/// Invariant: holds what the quota says, beside one failure per seed; the rest is counted.
class FailureLog {
 public:
  explicit FailureLog(const FailureQuota& quota) : quota_(quota) {}

  /// Takes a failure when there is room for its kind (and its kind's failures are of other seeds), when its seed has
  /// none yet, or when it is clearly less distorted than all of its kind, whose most distorted one it then displaces.
  bool offer(const FuzzFailure& failure);

  [[nodiscard]] const std::map<std::uint64_t, FuzzFailure>& kept() const { return kept_; }  ///< In order of arrival.
  [[nodiscard]] std::int64_t offered() const { return offered_; }
  [[nodiscard]] std::size_t kinds() const { return kinds_.size(); }
  [[nodiscard]] std::size_t seeds() const { return seeds_.size(); }

 private:
  struct Kind {
    double least = 0;
    std::vector<std::uint64_t> kept{};  // numbers
  };

  void displace(Kind& kind);

  FailureQuota quota_;
  std::int64_t offered_ = 0;
  std::uint64_t next_ = 0;
  std::map<std::uint64_t, FuzzFailure> kept_;
  std::map<std::string, Kind> kinds_;
  std::map<std::int64_t, std::uint64_t> seeds_;  // seed -> number of the failure that stands for it
};

}  // namespace faultline
