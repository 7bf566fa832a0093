#include "faultline/data/image_folder.h"

#include "faultline/core/registry.h"
#include "faultline/data/array.h"
#include "faultline/data/image_file.h"
#include "faultline/data/manifest.h"

namespace faultline {

namespace {

class ImageDataset final : public Dataset {
 public:
  ImageDataset(Manifest manifest, const DataOptions& options)
      : manifest_(std::move(manifest)), options_(options), shape_(load(0).sizes().vec()) {
    if (!options.classes.empty()) {
      manifest_.sources.push_back(options.classes);
    }
  }

  [[nodiscard]] std::int64_t size() const override { return static_cast<std::int64_t>(manifest_.images.size()); }
  [[nodiscard]] std::vector<std::int64_t> sample_shape() const override { return shape_; }
  [[nodiscard]] const std::vector<std::int64_t>& labels() const override { return manifest_.labels; }
  [[nodiscard]] std::vector<std::string> class_names() const override { return manifest_.class_names; }
  [[nodiscard]] std::vector<std::string> groups() const override { return manifest_.groups; }

  [[nodiscard]] Tensor read(std::int64_t first, std::int64_t count) const override {
    std::vector<Tensor> images;
    for (std::int64_t i = first; i < first + count; ++i) {
      images.push_back(load(static_cast<std::size_t>(i)));
      check_size(images.back(), static_cast<std::size_t>(i));
    }
    return to_inputs(at::stack(images), options_.bounds);
  }

  [[nodiscard]] std::vector<std::filesystem::path> files(std::int64_t first, std::int64_t count) const override {
    std::vector<std::filesystem::path> paths = manifest_.sources;
    const auto begin = manifest_.images.begin() + first;
    paths.insert(paths.end(), begin, begin + count);
    return paths;
  }

 private:
  [[nodiscard]] Tensor load(std::size_t number) const {
    Tensor image = decode_image(manifest_.images[number]);
    if (options_.resize) {
      image = resize_antialiased(image, options_.resize->first, options_.resize->second);
    }
    if (options_.crop) {
      image = crop_center(image, options_.crop->first, options_.crop->second, manifest_.images[number].string());
    }
    return image;
  }

  void check_size(const Tensor& image, std::size_t number) const {
    if (image.size(1) != shape_[1] || image.size(2) != shape_[2]) {
      refuse(manifest_.images[number].string(),
             "is " + std::to_string(image.size(1)) + "x" + std::to_string(image.size(2)) + ", but " +
                 manifest_.images.front().string() + " is " + std::to_string(shape_[1]) + "x" +
                 std::to_string(shape_[2]) + " (height x width); bring all images to one size with --resize");
    }
  }

  Manifest manifest_;
  DataOptions options_;
  std::vector<std::int64_t> shape_;
};

void check_options(const DataOptions& options, const std::string& location) {
  if (options.layout == Layout::kNhwc) {
    refuse(location, "--layout nhwc does not apply to image files: they are read as [N, 3, H, W]; leave it out");
  }
  for (const auto& size : {options.resize, options.crop}) {
    if (size && (size->first < 1 || size->second < 1)) {
      refuse(location, "--resize and --crop need a height and a width of at least 1");
    }
  }
}

/// A CSV file, or a folder with a folder that holds an image.
bool is_image_location(const std::string& location) {
  if (location.ends_with(".csv")) {
    return true;
  }
  std::error_code error;  // what cannot be looked at is not recognised
  for (std::filesystem::directory_iterator folder(location, error), end; !error && folder != end;
       folder.increment(error)) {
    std::error_code ignored;
    for (std::filesystem::directory_iterator file(folder->path(), ignored); !ignored && file != end;
         file.increment(ignored)) {
      if (is_image_name(file->path())) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

std::unique_ptr<Dataset> open_images(const std::string& location, const DataOptions& options) {
  check_options(options, location);
  Manifest manifest = location.ends_with(".csv") ? read_manifest(location, options.classes)
                                                 : list_class_folders(location, options.classes);
  return std::make_unique<ImageDataset>(std::move(manifest), options);
}

void register_image_folder(DataRegistry& registry) {
  registry.add(
      {.kind = "images",
       .pattern = "images:DIR",
       .summary = "image files, RGB: one folder per class, or a CSV manifest path,label[,group] (images:FILE.csv)",
       .open = open_images,
       .recognises = is_image_location});
}

}  // namespace faultline
