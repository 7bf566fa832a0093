#include "faultline/core/draws.h"

#include <Random123/philox.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace faultline {

namespace {

float unit(std::uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24F; }

/// Two independent standard normal numbers. Single precision: images need no more, and it is three times as fast.
std::array<float, 2> normal_pair(std::uint32_t first, std::uint32_t second) {
  const float positive = (static_cast<float>(first >> 8) + 1) * 0x1p-24F;  // in (0, 1], so that its logarithm is finite
  const float radius = std::sqrt(-2 * std::log(positive));
  const float angle = 2 * std::numbers::pi_v<float> * unit(second);
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

}  // namespace

std::array<std::uint32_t, 4> Draws::next_block() {
  const r123::Philox4x32::key_type key{{static_cast<std::uint32_t>(key_), static_cast<std::uint32_t>(key_ >> 32)}};
  const r123::Philox4x32::ctr_type words =
      r123::Philox4x32{}({{static_cast<std::uint32_t>(block_), static_cast<std::uint32_t>(block_ >> 32), 0, 0}}, key);
  ++block_;
  return {words[0], words[1], words[2], words[3]};
}

std::uint32_t Draws::word() {
  if (used_ == words_.size()) {
    words_ = next_block();
    used_ = 0;
  }
  return words_[used_++];
}

float Draws::uniform() { return unit(word()); }

double Draws::between(double lower, double upper) { return lower + (upper - lower) * static_cast<double>(uniform()); }

int Draws::below(int count) {
  // The high half of a product: for the small counts in use, no number is likelier than another by more than 2^-20.
  return static_cast<int>((std::uint64_t{word()} * static_cast<std::uint64_t>(count)) >> 32);
}

int Draws::sign() { return (word() & 1U) == 0 ? -1 : 1; }

float Draws::normal() {
  const std::uint32_t first = word();
  return normal_pair(first, word())[0];
}

void Draws::fill_uniform(std::span<float> values) {
  for (std::size_t i = 0; i < values.size(); i += 4) {
    const std::array<std::uint32_t, 4> words = next_block();
    for (std::size_t k = 0; k < std::min<std::size_t>(4, values.size() - i); ++k) {
      values[i + k] = unit(words[k]);
    }
  }
}

void Draws::fill_normal(std::span<float> values) {
  for (std::size_t i = 0; i < values.size(); i += 4) {
    const std::array<std::uint32_t, 4> words = next_block();
    const std::array<float, 2> first = normal_pair(words[0], words[1]);
    const std::array<float, 2> second = normal_pair(words[2], words[3]);
    const std::array<float, 4> numbers{first[0], first[1], second[0], second[1]};
    std::copy_n(numbers.begin(), std::min<std::size_t>(4, values.size() - i),
                values.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

}  // namespace faultline
