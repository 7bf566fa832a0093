// Random numbers one after another, from a key alone: what one transform of one image draws.
// Philox 4x32-10, as in rng.h; the numbers do not depend on thread, batch or order.
//
//   Draws draws(key);
//   const double angle = draws.between(-45, 45);
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace faultline {

/// The same key gives the same numbers. Not for several threads at once. Arguments of one call are evaluated in no set
/// order: two draws among them belong in braces, or in a statement each.
class Draws {
 public:
  explicit Draws(std::uint64_t key) : key_(key) {}

  /// 32 random bits.
  [[nodiscard]] std::uint32_t word();

  /// In [0, 1), 24 random bits.
  [[nodiscard]] float uniform();

  /// In [lower, upper).
  [[nodiscard]] double between(double lower, double upper);

  /// One of 0 .. count - 1, each equally likely. Precondition: count > 0.
  [[nodiscard]] int below(int count);

  /// -1 or 1.
  [[nodiscard]] int sign();

  /// Standard normal.
  [[nodiscard]] float normal();

  /// Fills with numbers in [0, 1).
  void fill_uniform(std::span<float> values);

  /// Fills with standard normal numbers (Box-Muller).
  void fill_normal(std::span<float> values);

 private:
  [[nodiscard]] std::array<std::uint32_t, 4> next_block();

  std::uint64_t key_;
  std::uint64_t block_ = 0;
  std::array<std::uint32_t, 4> words_{};
  std::size_t used_ = 4;  // of words_
};

}  // namespace faultline
