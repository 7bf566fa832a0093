// Counter-based random numbers (Philox 4x32-10): a sample's draws depend on (seed, stream, sample hash, restart, step)
// only, never on its batch, its order, the worker or a resumed run.
// Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
//
//   Tensor noise = rng.uniform(batch.ids, shape, {.restart = 1});
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "faultline/core/batch.h"
#include "faultline/core/tensor.h"

namespace faultline {

/// Which draw of a sample's stream; different places give independent numbers.
struct Draw {
  std::uint32_t restart = 0;
  std::uint32_t step = 0;
  std::uint32_t use = 0;  ///< Tells apart several draws of one step.
};

/// Immutable; safe to share between threads.
class Rng {
 public:
  explicit Rng(std::uint64_t seed) : key_(seed) {}

  /// An independent generator, named by its use (an attack and its place in the ensemble, a probe ...).
  [[nodiscard]] Rng derived(std::string_view name, std::uint64_t number = 0) const;

  /// [N, ...] float32 in [0, 1): row n depends on ids[n].hash and `draw` only. `shape` is that of the whole tensor.
  [[nodiscard]] Tensor uniform(std::span<const SampleId> ids, at::IntArrayRef shape, Draw draw) const;

  /// [N, ...] float32 standard normal (Box-Muller in float64).
  [[nodiscard]] Tensor normal(std::span<const SampleId> ids, at::IntArrayRef shape, Draw draw) const;

  /// One 64-bit word per id, for choices among few: [N].
  [[nodiscard]] std::uint64_t word(const SampleId& id, Draw draw) const;

 private:
  std::uint64_t key_;
};

}  // namespace faultline
