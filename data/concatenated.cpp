#include "faultline/data/concatenated.h"

#include <algorithm>
#include <set>

#include "faultline/core/error.h"
#include "faultline/data/array.h"

namespace faultline {

namespace {

class Concatenation final : public Dataset {
 public:
  Concatenation(std::vector<DatasetPart> parts, std::string part) : parts_(std::move(parts)), part_(std::move(part)) {
    for (const DatasetPart& one : parts_) {
      ends_.push_back((ends_.empty() ? 0 : ends_.back()) + one.data->size());
      labels_.insert(labels_.end(), one.data->labels().begin(), one.data->labels().end());
    }
  }

  [[nodiscard]] std::int64_t size() const override { return ends_.back(); }
  [[nodiscard]] std::vector<std::int64_t> sample_shape() const override { return parts_.front().data->sample_shape(); }
  [[nodiscard]] const std::vector<std::int64_t>& labels() const override { return labels_; }
  [[nodiscard]] std::string part() const override { return part_; }
  [[nodiscard]] std::vector<std::string> class_names() const override { return parts_.front().data->class_names(); }

  [[nodiscard]] std::vector<std::string> groups() const override {
    std::vector<std::string> groups;
    for (const DatasetPart& part : parts_) {
      groups.insert(groups.end(), static_cast<std::size_t>(part.data->size()), part.group);
    }
    return groups;
  }

  [[nodiscard]] Tensor read(std::int64_t first, std::int64_t count) const override {
    std::vector<Tensor> pieces;
    for_each_piece(first, count, [&](const Dataset& data, std::int64_t from, std::int64_t rows) {
      pieces.push_back(data.read(from, rows));
    });
    return pieces.size() == 1 ? pieces.front() : at::cat(pieces);
  }

  [[nodiscard]] std::vector<std::filesystem::path> files(std::int64_t first, std::int64_t count) const override {
    std::vector<std::filesystem::path> all;
    std::set<std::filesystem::path> seen;  // labels are shared
    for_each_piece(first, count, [&](const Dataset& data, std::int64_t from, std::int64_t rows) {
      for (const std::filesystem::path& file : data.files(from, rows)) {
        if (seen.insert(file).second) {
          all.push_back(file);
        }
      }
    });
    return all;
  }

 private:
  template <typename Visit>
  void for_each_piece(std::int64_t first, std::int64_t count, const Visit& visit) const {
    auto part = static_cast<std::size_t>(std::ranges::upper_bound(ends_, first) - ends_.begin());
    while (count > 0) {
      const std::int64_t begin = part == 0 ? 0 : ends_[part - 1];
      const std::int64_t rows = std::min(count, ends_[part] - first);
      visit(*parts_[part].data, first - begin, rows);
      first += rows;
      count -= rows;
      ++part;
    }
  }

  std::vector<DatasetPart> parts_;
  std::string part_;
  std::vector<std::int64_t> ends_;  // of each part, one past its last sample
  std::vector<std::int64_t> labels_;
};

}  // namespace

std::unique_ptr<Dataset> concatenated(std::vector<DatasetPart> parts, const std::string& part) {
  FAULTLINE_ASSERT(!parts.empty(), "at least one part");
  const DatasetPart& first = parts.front();
  for (const DatasetPart& other : parts) {
    if (other.data->sample_shape() != first.data->sample_shape()) {
      throw Error{ErrorCode::kUsage, "--data: samples of " + other.group + " are " +
                                         shape_text(other.data->sample_shape()) + ", but those of " + first.group +
                                         " are " + shape_text(first.data->sample_shape())};
    }
    if (other.data->class_names() != first.data->class_names()) {
      throw Error{ErrorCode::kUsage, "--data: " + other.group + " has other classes than " + first.group +
                                         "; their numbers would not agree"};
    }
  }
  return std::make_unique<Concatenation>(std::move(parts), part);
}

}  // namespace faultline
