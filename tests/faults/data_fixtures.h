// Files for the tests of the data readers, made here so that nothing binary has to be stored. Used by the fuzz seeds
// too.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "../temporary_folder.h"

namespace faultline::fixtures {

/// The bytes of a whole file.
[[nodiscard]] std::string read_all(const std::filesystem::path& path);

/// The bytes of values as they lie in memory.
template <typename T>
[[nodiscard]] std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// An .npy file, version 1: npy("<f4", "(2, 3)", bytes).
[[nodiscard]] std::string npy(const std::string& type, const std::string& shape, const std::string& data,
                              const std::string& fortran_order = "False");

/// An idx file of unsigned bytes.
[[nodiscard]] std::string idx(const std::vector<std::uint32_t>& shape, const std::string& data);

[[nodiscard]] std::string gzip(const std::string& bytes);

enum class Packing { kStored, kDeflated };

/// A zip archive of (name, bytes).
[[nodiscard]] std::string zip(const std::vector<std::pair<std::string, std::string>>& members, Packing packing);

/// A safetensors file with that JSON header.
[[nodiscard]] std::string safetensors(const std::string& header, const std::string& data);

/// n bytes 0, 1, 2, ... 255, 0, ...
[[nodiscard]] std::string counting(std::size_t count);

}  // namespace faultline::fixtures
