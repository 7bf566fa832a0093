#include "faultline/data/idx.h"

#include <array>
#include <optional>
#include <string_view>

#include "faultline/core/registry.h"
#include "faultline/data/array_dataset.h"
#include "faultline/data/gzip.h"

namespace faultline {

namespace {

constexpr unsigned kUnsignedByte = 0x08;
constexpr unsigned kMostIdxAxes = 8;

struct IdxHeader {
  std::vector<std::int64_t> shape;
  std::size_t header_bytes = 0;
  std::uint64_t data_bytes = 0;
};

unsigned byte_at(Bytes bytes, std::size_t place) { return std::to_integer<unsigned>(bytes[place]); }

IdxHeader parse_header(Bytes bytes, const std::string& name) {
  if (bytes.size() < 4) {
    refuse(name, "truncated: it ends inside the idx header");
  }
  const unsigned type = byte_at(bytes, 2);
  const unsigned axes = byte_at(bytes, 3);
  if (byte_at(bytes, 0) != 0 || byte_at(bytes, 1) != 0 || axes == 0 || axes > kMostIdxAxes) {
    refuse(name, "is not an idx file: it does not begin with two zero bytes, a type and the number of axes");
  }
  if (type != kUnsignedByte) {
    refuse(name, "has the idx type " + std::to_string(type) + "; expected 8 (unsigned byte)");
  }
  IdxHeader header;
  header.header_bytes = 4 + std::size_t{4} * axes;
  if (bytes.size() < header.header_bytes) {
    refuse(name, "truncated: it ends inside the idx header");
  }
  for (std::size_t place = 4; place < header.header_bytes; ++place) {
    if (place % 4 == 0) {
      header.shape.push_back(0);
    }
    header.shape.back() = header.shape.back() * 256 + byte_at(bytes, place);
  }
  const std::optional<std::uint64_t> size = byte_count(header.shape, 1);
  if (!size) {
    refuse(name, "has the absurd shape " + shape_text(header.shape));
  }
  header.data_bytes = *size;
  return header;
}

StoredArray parse_packed(Bytes packed, const std::string& name) {
  constexpr std::size_t kMostHeaderBytes = 4 + 4 * kMostIdxAxes;
  const IdxHeader header = parse_header(gunzip_prefix(packed, kMostHeaderBytes, name), name);
  const std::uint64_t most = kMostUnpacked - header.header_bytes;
  check_unpacked_size(std::min(header.data_bytes, most + 1) + header.header_bytes, packed.size(), name);
  auto unpacked =
      std::make_shared<const std::vector<std::byte>>(gunzip(packed, header.header_bytes + header.data_bytes, name));
  const Bytes data = Bytes(*unpacked).subspan(header.header_bytes);
  return {name, at::kByte, header.shape, AxisOrder::kLastFastest, data, std::move(unpacked)};
}

std::unique_ptr<Dataset> open_pair(const std::string& images, const std::string& labels, const DataOptions& options) {
  StoredArray inputs = open_idx(images);
  if (inputs.shape.size() == 3) {  // [N, H, W]: one channel
    inputs.shape.insert(inputs.shape.begin() + 1, 1);
  }
  return make_array_dataset(std::move(inputs), open_idx(labels), {images, labels}, options);
}

/// The file PART-CONTENT-ENCODING, such as t10k-images-idx3-ubyte, in any of its usual spellings.
std::optional<std::string> find_idx(const std::filesystem::path& folder, const std::string& part,
                                    const std::string& content, const std::string& encoding) {
  for (const std::string separator : {"-", "."}) {
    for (const std::string suffix : {"", ".gz"}) {
      const std::filesystem::path path = folder / (part + "-" + content + separator + encoding + suffix);
      std::error_code ignored;  // what cannot be looked at is not there
      if (std::filesystem::exists(path, ignored)) {
        return path.string();
      }
    }
  }
  return std::nullopt;
}

std::optional<std::string> find_images(const std::string& folder, const std::string& part) {
  return find_idx(folder, part, "images", "idx3-ubyte");
}

std::unique_ptr<Dataset> open_mnist(const std::string& folder, const DataOptions& options) {
  for (const std::string part : {"t10k", "train"}) {
    const std::optional<std::string> images = find_images(folder, part);
    const std::optional<std::string> labels = find_idx(folder, part, "labels", "idx1-ubyte");
    if (images && labels) {
      return open_pair(*images, *labels, options);
    }
    if (images || labels) {
      refuse(folder, "has " + (images ? *images : *labels) + " but no " + part +
                         (images ? "-labels-idx1" : "-images-idx3") + "-ubyte (or .gz)");
    }
  }
  refuse(folder,
         "has no t10k-images-idx3-ubyte or train-images-idx3-ubyte (or .gz); expected a folder with MNIST's files");
}

bool is_mnist_folder(const std::string& folder) { return find_images(folder, "t10k") || find_images(folder, "train"); }

bool is_idx_pair(const std::string& location) {
  for (const std::string_view suffix : {"-ubyte", "-ubyte.gz", ".idx", ".idx.gz"}) {
    if (is_pair_of(location, suffix)) {
      return true;
    }
  }
  return false;
}

}  // namespace

StoredArray parse_idx(Bytes bytes, const std::string& name, std::shared_ptr<const void> owner) {
  if (is_gzip(bytes)) {
    return parse_packed(bytes, name);
  }
  const IdxHeader header = parse_header(bytes, name);
  const Bytes data = bytes.subspan(header.header_bytes);
  if (header.data_bytes != data.size()) {
    refuse(name, std::string(header.data_bytes > data.size() ? "truncated" : "too long") + ": an array " +
                     shape_text(header.shape) + " has " + std::to_string(header.data_bytes) + " bytes, the file has " +
                     std::to_string(data.size()));
  }
  return {name, at::kByte, header.shape, AxisOrder::kLastFastest, data, std::move(owner)};
}

StoredArray open_idx(const std::filesystem::path& path) {
  auto file = std::make_shared<const MappedFile>(path);
  return parse_idx(file->bytes(), path.string(), file);
}

void register_idx(DataRegistry& registry) {
  registry.add(
      {.kind = "mnist",
       .pattern = "mnist:DIR",
       .summary = "MNIST's files in a folder: the test set (t10k-*), else the training set (train-*); .gz or not",
       .open = open_mnist,
       .recognises = is_mnist_folder});
  registry.add({.kind = "idx",
                .pattern = "idx:IMAGES,LABELS",
                .summary = "idx files of unsigned bytes, .gz or not; images [N, H, W] get one channel",
                .open =
                    [](const std::string& location, const DataOptions& options) {
                      const auto [images, labels] = split_pair(location, "idx:IMAGES,LABELS");
                      return open_pair(images, labels, options);
                    },
                .recognises = is_idx_pair});
}

}  // namespace faultline
