// The idx format of MNIST and its relatives, plain or gzip-compressed.
// http://yann.lecun.com/exdb/mnist/ (section "file formats")
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "faultline/data/array.h"

namespace faultline {

/// The uint8 array in the bytes of an idx file; a gzip stream is unpacked into memory, once.
/// Throws Error (kUsage) that begins with `name` for anything but a whole array of unsigned bytes.
[[nodiscard]] StoredArray parse_idx(Bytes bytes, const std::string& name, std::shared_ptr<const void> owner);

/// The array in an idx file.
[[nodiscard]] StoredArray open_idx(const std::filesystem::path& path);

}  // namespace faultline
