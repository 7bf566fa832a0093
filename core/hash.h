// Content hashes: 64-bit xxHash (XXH3) for ids of samples and witnesses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace faultline {

/// XXH3 of the bytes; `seed` gives independent hashes of the same bytes.
[[nodiscard]] std::uint64_t content_hash(std::span<const std::byte> bytes, std::uint64_t seed = 0);

/// 16 lower-case hexadecimal digits.
[[nodiscard]] std::string to_hex(std::uint64_t value);

/// Two lower-case hexadecimal digits per byte, in order.
[[nodiscard]] std::string to_hex(std::span<const std::byte> bytes);

}  // namespace faultline
