// Gzip streams, unpacked to a size that is known beforehand.
//
//   const std::vector<std::byte> header = gunzip_prefix(packed, 16, "images.gz");
//   const std::vector<std::byte> all = gunzip(packed, 16 + rows * 784, "images.gz");
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "faultline/data/file.h"

namespace faultline {

/// No packed file is unpacked to more than this many bytes.
constexpr std::uint64_t kMostUnpacked = std::uint64_t{16} << 30;

/// Refuses a size that `packed_size` deflated bytes cannot hold, or that is above kMostUnpacked, before memory is
/// taken. Throws Error (kUsage) that begins with `name`.
void check_unpacked_size(std::uint64_t size, std::uint64_t packed_size, const std::string& name);

/// Whether the bytes begin as a gzip file does.
[[nodiscard]] bool is_gzip(Bytes bytes);

/// The first `count` unpacked bytes, or fewer when there are no more. Throws Error (kUsage) when damaged or truncated.
[[nodiscard]] std::vector<std::byte> gunzip_prefix(Bytes packed, std::size_t count, const std::string& name);

/// All unpacked bytes. Throws Error (kUsage) when they are not exactly `size`, or damaged or truncated.
[[nodiscard]] std::vector<std::byte> gunzip(Bytes packed, std::uint64_t size, const std::string& name);

}  // namespace faultline
