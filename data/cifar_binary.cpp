// CIFAR-10, binary version: records of one label byte and 3 x 32 x 32 pixels.
// https://www.cs.toronto.edu/~kriz/cifar.html
#include <cstring>
#include <system_error>

#include "faultline/core/registry.h"
#include "faultline/data/array_dataset.h"
#include "faultline/data/class_names.h"

namespace faultline {

namespace {

constexpr std::int64_t kPixels = std::int64_t{3} * 32 * 32;
constexpr std::int64_t kRecord = 1 + kPixels;
constexpr int kClasses = 10;

/// The records of one file.
struct Records {
  explicit Records(const std::filesystem::path& where) : path(where), file(where) {
    if (file.bytes().size() % kRecord != 0) {
      refuse(path.string(), "truncated, or not CIFAR-10's binary version: its " + std::to_string(file.bytes().size()) +
                                " bytes are no multiple of " + std::to_string(kRecord));
    }
  }

  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(file.bytes().size()) / kRecord; }
  [[nodiscard]] const std::byte* at(std::int64_t record) const { return file.bytes().data() + record * kRecord; }

  std::filesystem::path path;
  MappedFile file;
};

class CifarDataset final : public Dataset {
 public:
  CifarDataset(const std::vector<std::filesystem::path>& paths, const DataOptions& options) : bounds_(options.bounds) {
    for (const std::filesystem::path& path : paths) {
      parts_.push_back(std::make_unique<Records>(path));
      add_labels(*parts_.back());
    }
    names_ = options.classes.empty() ? std::vector<std::string>{"airplane", "automobile", "bird",  "cat",  "deer",
                                                                "dog",      "frog",       "horse", "ship", "truck"}
                                     : read_class_names(options.classes, labels_);
  }

  [[nodiscard]] std::int64_t size() const override { return static_cast<std::int64_t>(labels_.size()); }
  [[nodiscard]] std::vector<std::int64_t> sample_shape() const override { return {3, 32, 32}; }
  [[nodiscard]] const std::vector<std::int64_t>& labels() const override { return labels_; }
  [[nodiscard]] std::vector<std::string> class_names() const override { return names_; }

  [[nodiscard]] Tensor read(std::int64_t first, std::int64_t count) const override {
    const Tensor stored = at::empty({count, 3, 32, 32}, at::kByte);
    auto* target = static_cast<std::byte*>(stored.data_ptr());
    for (const auto& part : parts_) {
      for (; count > 0 && first < part->size(); ++first, --count, target += kPixels) {
        std::memcpy(target, part->at(first) + 1, kPixels);
      }
      first -= count > 0 ? part->size() : 0;
    }
    return to_inputs(stored, bounds_);
  }

  [[nodiscard]] std::vector<std::filesystem::path> files(std::int64_t /*first*/,
                                                         std::int64_t /*count*/) const override {
    std::vector<std::filesystem::path> paths;
    for (const auto& part : parts_) {
      paths.push_back(part->path);
    }
    return paths;
  }

 private:
  void add_labels(const Records& part) {
    for (std::int64_t record = 0; record < part.size(); ++record) {
      const int label = std::to_integer<int>(*part.at(record));
      if (label >= kClasses) {
        refuse(part.path.string(), "byte " + std::to_string(record * kRecord) + ": the label of record " +
                                       std::to_string(record) + " is " + std::to_string(label) +
                                       "; expected 0 to 9 (CIFAR-10's binary version)");
      }
      labels_.push_back(label);
    }
  }

  std::vector<std::unique_ptr<Records>> parts_;
  std::vector<std::int64_t> labels_;
  std::vector<std::string> names_;
  Bounds bounds_;
};

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;  // what cannot be looked at is not there
  return std::filesystem::exists(path, ignored);
}

/// The test batch of a folder, else its training batches; none when it has neither.
std::vector<std::filesystem::path> find_batches(const std::filesystem::path& folder) {
  if (is_there(folder / "test_batch.bin")) {
    return {folder / "test_batch.bin"};
  }
  std::vector<std::filesystem::path> paths;
  for (int i = 1; i <= 5 && is_there(folder / "data_batch_1.bin"); ++i) {
    paths.push_back(folder / ("data_batch_" + std::to_string(i) + ".bin"));  // all five, or the missing one is named
  }
  return paths;
}

std::unique_ptr<Dataset> open_cifar(const std::string& location, const DataOptions& options) {
  refuse_image_options(options, location);
  if (options.layout == Layout::kNhwc) {
    refuse(location, "--layout nhwc does not apply: CIFAR-10's binary version has channels first; leave it out");
  }
  std::error_code ignored;  // a missing file is named when it is opened
  if (!std::filesystem::is_directory(location, ignored)) {
    return std::make_unique<CifarDataset>(std::vector<std::filesystem::path>{location}, options);
  }
  const std::vector<std::filesystem::path> paths = find_batches(location);
  if (paths.empty()) {
    refuse(location, "has no test_batch.bin or data_batch_1.bin; expected CIFAR-10's binary version");
  }
  return std::make_unique<CifarDataset>(paths, options);
}

bool is_cifar_folder(const std::string& path) { return !find_batches(path).empty(); }

}  // namespace

void register_cifar_binary(DataRegistry& registry) {
  registry.add(
      {.kind = "cifar10",
       .pattern = "cifar10:DIR",
       .summary = "CIFAR-10, binary version: test_batch.bin of a folder, else data_batch_*.bin; or one .bin file",
       .open = open_cifar,
       .recognises = is_cifar_folder});
}

}  // namespace faultline
