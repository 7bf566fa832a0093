#include "faultline/core/rng.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <Random123/philox.h>

#include "faultline/core/error.h"
#include "faultline/core/hash.h"

namespace faultline {

namespace {

using Philox = r123::Philox4x32;

std::uint64_t mix(std::uint64_t key, std::span<const std::byte> bytes) { return content_hash(bytes, key); }

std::uint64_t mix(std::uint64_t key, std::uint64_t value) { return mix(key, std::as_bytes(std::span(&value, 1))); }

/// The stream of one sample: blocks of four 32-bit words.
class Stream {
 public:
  Stream(std::uint64_t key, Draw draw)
      : key_{{static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)}}, draw_(draw) {}

  [[nodiscard]] std::array<std::uint32_t, 4> block(std::uint32_t number) const {
    const Philox::ctr_type words = Philox{}({{number, draw_.restart, draw_.step, draw_.use}}, key_);
    return {words[0], words[1], words[2], words[3]};
  }

 private:
  Philox::key_type key_;
  Draw draw_;
};

/// 24 random bits as a float in [0, 1).
float unit_float(std::uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24F; }

/// In (0, 1], so that its logarithm is finite.
double positive_unit(std::uint32_t word) { return (static_cast<double>(word) + 1) * 0x1p-32; }

std::array<float, 4> uniforms(const std::array<std::uint32_t, 4>& words) {
  return {unit_float(words[0]), unit_float(words[1]), unit_float(words[2]), unit_float(words[3])};
}

std::array<float, 4> normals(const std::array<std::uint32_t, 4>& words) {
  std::array<float, 4> values{};
  for (std::size_t pair = 0; pair < 4; pair += 2) {
    const double radius = std::sqrt(-2 * std::log(positive_unit(words[pair])));
    const double angle = 2 * std::numbers::pi * positive_unit(words[pair + 1]);
    values[pair] = static_cast<float>(radius * std::cos(angle));
    values[pair + 1] = static_cast<float>(radius * std::sin(angle));
  }
  return values;
}

/// Fills [N, ...] row by row with what `convert` makes of each block of words.
template <typename Convert>
Tensor fill(std::uint64_t key, std::span<const SampleId> ids, at::IntArrayRef shape, Draw draw, Convert convert) {
  Tensor out = at::empty(shape, at::kFloat);
  FAULTLINE_ASSERT(!shape.empty() && shape[0] == static_cast<std::int64_t>(ids.size()), "one row per id");
  const std::int64_t width = ids.empty() ? 0 : out.numel() / shape[0];
  float* row = out.mutable_data_ptr<float>();
  for (const SampleId& id : ids) {
    const Stream stream(mix(key, id.hash), draw);
    for (std::int64_t i = 0; i < width; i += 4) {
      const std::array<float, 4> values = convert(stream.block(static_cast<std::uint32_t>(i / 4)));
      std::copy_n(values.begin(), std::min<std::int64_t>(4, width - i), row + i);
    }
    row += width;
  }
  return out;
}

}  // namespace

Rng Rng::derived(std::string_view name, std::uint64_t number) const {
  return Rng(mix(mix(key_, std::as_bytes(std::span(name))), number));
}

Tensor Rng::uniform(std::span<const SampleId> ids, at::IntArrayRef shape, Draw draw) const {
  return fill(key_, ids, shape, draw, uniforms);
}

Tensor Rng::normal(std::span<const SampleId> ids, at::IntArrayRef shape, Draw draw) const {
  return fill(key_, ids, shape, draw, normals);
}

std::uint64_t Rng::word(const SampleId& id, Draw draw) const {
  const std::array<std::uint32_t, 4> words = Stream(mix(key_, id.hash), draw).block(0);
  return (std::uint64_t{words[1]} << 32) | words[0];
}

}  // namespace faultline
