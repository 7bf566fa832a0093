// The rows of a batch that an attack still works on. Finished rows leave at once; the last rows move into their
// places, so that leaving costs as much as the rows that leave, and tensors stay contiguous prefixes.
//
//   ActiveSet active(batch.size());
//   active.retire(done);        // done: [active.size()] bool
//   active.compact(x);          // every per-row tensor the loop keeps
#pragma once

#include <cstdint>
#include <vector>

#include "faultline/core/tensor.h"

namespace faultline {

/// Invariant: rows() holds each original row number at most once, and in the order in which compacted tensors are.
class ActiveSet {
 public:
  explicit ActiveSet(std::int64_t rows);

  [[nodiscard]] std::int64_t size() const { return rows_.size(0); }
  [[nodiscard]] bool empty() const { return size() == 0; }

  /// [size()] int64 on the host: the original numbers of the active rows.
  [[nodiscard]] const Tensor& rows() const { return rows_; }

  /// Takes the rows where `done` ([size()] bool) is set out of the set. Returns whether there were any; if so,
  /// compact() must be called once for every per-row tensor before the next retire().
  bool retire(const Tensor& done);

  /// Brings a tensor [old size, ...] into the new order: its first size() rows. Changes the tensor's memory.
  void compact(Tensor& tensor) const;

 private:
  static constexpr std::int64_t kNothingToCompact = -1;

  Tensor rows_;
  std::int64_t before_ = kNothingToCompact;  // rows before the last retire(), if any left then
  std::int64_t left_;                        // rows after it
  std::vector<std::int64_t> holes_;          // places inside the new prefix that must be filled ...
  std::vector<std::int64_t> movers_;         // ... with the rows at these places behind it
};

}  // namespace faultline
