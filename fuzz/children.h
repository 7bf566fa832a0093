// What guided engines try next: children of several kinds, of which those that lead somewhere get more of the budget.
//
//   Breeder breeder(island);
//   for (const Screened& one : breeder.next_forward({}, draws)) { island.keep(one.input, one.features); }
#pragma once

#include <array>

#include "faultline/fuzz/island.h"

namespace faultline {

/// Who an engine of its own wish takes for parents; null: the island chooses.
struct Parents {
  const FuzzInput* first = nullptr;
  const FuzzInput* second = nullptr;
};

enum class ChildKind {
  kNearest,  ///< The input that came nearest to failing for a seed, changed.
  kMoved,    ///< The recipe that came nearest for another seed, on this one.
  kChanged,  ///< A parent, changed.
  kCrossed,  ///< Two parents, crossed.
  kAnew,     ///< A seed with a random recipe.
};

/// How often children of each kind led somewhere lately. A kind is chosen in proportion to that; as long as nothing is
/// known, and where nothing leads anywhere, kAnew is: a search without a hint is best made at random.
class ChildKinds {
 public:
  [[nodiscard]] ChildKind drawn(Draws& draws) const;

  /// Tells of one child.
  void tell(ChildKind kind, bool led_somewhere);

 private:
  static constexpr std::size_t kKinds = 5;

  struct Record {
    double tried = 0;
    double led = 0;
  };

  [[nodiscard]] std::array<double, kKinds> weights() const;

  std::array<Record, kKinds> records_{};
};

/// Belongs to one engine on one island, which must outlive it.
class Breeder {
 public:
  explicit Breeder(Island& island) : island_(island) {}

  /// Draws children, a forward full, and runs them.
  std::vector<Screened> next_forward(const Parents& parents, Draws& draws);

 private:
  struct Child {
    FuzzInput input{};
    ChildKind kind = ChildKind::kAnew;
  };

  [[nodiscard]] Child drawn_child(const Parents& parents, Draws& draws) const;

  Island& island_;
  ChildKinds kinds_;
};

}  // namespace faultline
