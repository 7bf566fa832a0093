#include "faultline/data/array_dataset.h"

#include "faultline/data/class_names.h"

namespace faultline {

namespace {

class ArrayDataset final : public Dataset {
 public:
  ArrayDataset(StoredArray inputs, std::vector<std::int64_t> labels, std::vector<std::filesystem::path> files,
               const DataOptions& options)
      : inputs_(std::move(inputs)),
        labels_(std::move(labels)),
        files_(std::move(files)),
        names_(read_class_names(options.classes, labels_)),
        bounds_(options.bounds),
        channels_last_(options.layout == Layout::kNhwc) {}

  [[nodiscard]] std::int64_t size() const override { return inputs_.shape.front(); }

  [[nodiscard]] std::vector<std::int64_t> sample_shape() const override {
    const std::vector<std::int64_t>& shape = inputs_.shape;
    return channels_last_ ? std::vector{shape[3], shape[1], shape[2]} : std::vector(shape.begin() + 1, shape.end());
  }

  [[nodiscard]] const std::vector<std::int64_t>& labels() const override { return labels_; }

  [[nodiscard]] Tensor read(std::int64_t first, std::int64_t count) const override {
    const Tensor rows = read_rows(inputs_, first, count);
    return to_inputs(channels_last_ ? rows.permute({0, 3, 1, 2}) : rows, bounds_);
  }

  [[nodiscard]] std::vector<std::filesystem::path> files(std::int64_t /*first*/,
                                                         std::int64_t /*count*/) const override {
    return files_;
  }

  [[nodiscard]] std::vector<std::string> class_names() const override { return names_; }

 private:
  StoredArray inputs_;
  std::vector<std::int64_t> labels_;
  std::vector<std::filesystem::path> files_;
  std::vector<std::string> names_;
  Bounds bounds_;
  bool channels_last_;
};

void check_inputs(const StoredArray& inputs, const DataOptions& options) {
  const std::vector<at::ScalarType> known = {at::kByte, at::kFloat, at::kDouble, at::kHalf, at::kBFloat16};
  if (std::ranges::find(known, inputs.type) == known.end()) {
    refuse(inputs.name,
           std::string("inputs have type ") + c10::toString(inputs.type) + "; expected uint8 or a floating-point type");
  }
  if (inputs.shape.size() < 2) {
    refuse(inputs.name, "inputs have shape " + shape_text(inputs.shape) + "; expected [N, ...] with two axes or more");
  }
  if (inputs.bytes.empty()) {
    refuse(inputs.name, "holds no samples (shape " + shape_text(inputs.shape) + ")");
  }
  if (options.layout == Layout::kNhwc && inputs.shape.size() != 4) {
    refuse(inputs.name, "--layout nhwc needs an array [N, H, W, C], got " + shape_text(inputs.shape));
  }
}

}  // namespace

std::unique_ptr<Dataset> make_array_dataset(StoredArray inputs, const StoredArray& labels,
                                            std::vector<std::filesystem::path> files, const DataOptions& options) {
  refuse_image_options(options, inputs.name);
  check_inputs(inputs, options);
  std::vector<std::int64_t> numbers = to_labels(labels);
  if (std::cmp_not_equal(numbers.size(), inputs.shape.front())) {
    refuse(labels.name, std::to_string(numbers.size()) + " labels for the " + std::to_string(inputs.shape.front()) +
                            " samples of " + inputs.name + "; expected one label per sample");
  }
  return std::make_unique<ArrayDataset>(std::move(inputs), std::move(numbers), std::move(files), options);
}

std::pair<std::string, std::string> split_pair(const std::string& location, const std::string& pattern) {
  const std::size_t comma = location.find(',');
  if (comma == 0 || comma == std::string::npos || comma + 1 == location.size() ||
      location.find(',', comma + 1) != std::string::npos) {
    refuse("--data", "expected " + pattern + " with two files and one comma, got '" + location + "'");
  }
  return {location.substr(0, comma), location.substr(comma + 1)};
}

bool is_pair_of(const std::string& location, std::string_view suffix) {
  const std::size_t comma = location.find(',');
  return comma != std::string::npos && location.ends_with(suffix) && location.substr(0, comma).ends_with(suffix);
}

void refuse_image_options(const DataOptions& options, const std::string& name) {
  if (options.resize || options.crop) {
    refuse(name, "--resize and --crop apply to image files (images:DIR); this is a stored array, leave them out");
  }
}

}  // namespace faultline
