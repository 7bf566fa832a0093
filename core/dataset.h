// What a data reader offers: samples by number, decoded on demand, never all in memory as float.
//
//   std::unique_ptr<Dataset> data = registries.data.open("mnist:tests/data", {});
//   Batch batch = read_batch(*data, /*first=*/0, /*count=*/100, Bounds{});
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "faultline/core/batch.h"
#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// Labelled samples. Safe to read from several threads at once.
class Dataset {
 public:
  Dataset() = default;
  Dataset(const Dataset&) = delete;
  Dataset& operator=(const Dataset&) = delete;
  virtual ~Dataset() = default;

  [[nodiscard]] virtual std::int64_t size() const = 0;

  /// The shape of one sample, such as {1, 28, 28}.
  [[nodiscard]] virtual std::vector<std::int64_t> sample_shape() const = 0;

  /// One label per sample, each >= 0.
  [[nodiscard]] virtual const std::vector<std::int64_t>& labels() const = 0;

  /// Samples first .. first + count - 1 as [count, ...] float32, contiguous, on the CPU. The range is inside size().
  /// Throws Error (kUsage) naming the file when one cannot be decoded.
  [[nodiscard]] virtual Tensor read(std::int64_t first, std::int64_t count) const = 0;

  /// The files whose bytes define these samples, in a stable order.
  [[nodiscard]] virtual std::vector<std::filesystem::path> files(std::int64_t first, std::int64_t count) const = 0;

  /// Which part of what those files hold it is, where that is not all of it; empty otherwise.
  [[nodiscard]] virtual std::string part() const { return {}; }

  /// Names of the classes, or nothing when only numbers are known.
  [[nodiscard]] virtual std::vector<std::string> class_names() const { return {}; }

  /// The group of each sample (for reports per group), or nothing.
  [[nodiscard]] virtual std::vector<std::string> groups() const { return {}; }
};

/// How axes of stored images are ordered.
enum class Layout { kNchw, kNhwc };

/// What the user says about data beside its place.
struct DataOptions {
  Bounds bounds{};  ///< Integer data is scaled to these; float data is taken as it is.
  std::optional<std::pair<std::int64_t, std::int64_t>> resize{};  ///< Height and width images are resized to.
  std::optional<std::pair<std::int64_t, std::int64_t>>
      crop{};                       ///< Height and width cut out of the middle, after the resize.
  std::optional<Layout> layout{};   ///< Layout of stored arrays; absent: as stored.
  std::filesystem::path classes{};  ///< A file with one class name per line.
};

/// Reads samples as a batch with ids. Throws Error (kUsage) when a value is not finite or outside the bounds.
[[nodiscard]] Batch read_batch(const Dataset& data, std::int64_t first, std::int64_t count, const Bounds& bounds);

}  // namespace faultline
