// NumPy's .npy format, versions 1 to 3.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
//
//   const StoredArray array = open_npy("x.npy");
//   write_npy("x.npy", tensor);
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "faultline/data/array.h"

namespace faultline {

/// The array in the bytes of an .npy file. Throws Error (kUsage) that begins with `name` for anything but a whole
/// little-endian array of numbers with one axis or more.
[[nodiscard]] StoredArray parse_npy(Bytes bytes, const std::string& name, std::shared_ptr<const void> owner);

/// The array in an .npy file, mapped.
[[nodiscard]] StoredArray open_npy(const std::filesystem::path& path);

/// Writes a float32 or int64 tensor of any shape, C order, version 1.0; the same tensor gives the same bytes.
/// Throws Error (kUsage) when the file cannot be written.
void write_npy(const std::filesystem::path& path, const Tensor& tensor);

/// The same for `count` rows that are never all in memory: row_of(0), row_of(1), ..., each of one shape and type.
void write_npy(const std::filesystem::path& path, std::int64_t count,
               const std::function<Tensor(std::int64_t row)>& row_of);

}  // namespace faultline
