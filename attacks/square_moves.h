// What a search by windows does to a point: how it begins, and how a window of it changes.
// Andriushchenko et al. 2020, arXiv:1912.00049, sections 3 and 4; in L1 Croce & Hein 2021, arXiv:2103.01208.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "faultline/attacks/square_windows.h"
#include "faultline/core/draws.h"
#include "faultline/core/norm.h"

namespace faultline {

using Row = std::span<float>;
using Values = std::span<const float>;

/// The windows of one query.
struct WindowChoice {
  double share = 0;  ///< Of the area.
  Reach reach = Reach::kEverywhere;
};

/// Points of Linf: each element at one end of its interval.
class CornerMoves {
 public:
  explicit CornerMoves(const Grid& grid) : grid_(grid) {}

  /// Vertical stripes.
  void start(Row point, Values clean, double epsilon, Draws& draws) const;

  /// To be called before the moves of a query.
  void prepare(const WindowChoice& choice);

  /// Each channel of a window to one end.
  void move(Row point, Values clean, double epsilon, Draws& draws) const;

 private:
  void set(const Window& window, int channel, Row point, Values clean, double step) const;

  Grid grid_;
  Window size_{};
  Reach reach_ = Reach::kEverywhere;
};

/// Points of L1 and L2: all of epsilon is spent, and moves from one window to a bump in another. What comes out may lie
/// outside bounds and budget and is to be projected: that makes it sparse in L1.
class MassMoves {
 public:
  MassMoves(const Grid& grid, Norm norm) : grid_(grid), norm_(norm) {}

  /// Bumps side by side, five each way.
  void start(Row point, Values clean, double epsilon, Draws& draws) const;

  /// To be called before the moves of a query.
  void prepare(const WindowChoice& choice);

  /// Empties a window and fills another.
  void move(Row point, Values clean, double epsilon, Draws& draws) const;

 private:
  [[nodiscard]] std::array<std::vector<float>, 2> bumps_of(const Window& size) const;
  [[nodiscard]] double mass_of(int channel, Values delta, const std::array<Window, 2>& windows, double epsilon) const;
  [[nodiscard]] std::vector<float> filling(Values delta, const Window& window, int channel,
                                           const std::vector<float>& bump, Draws& draws) const;
  void fill(Row delta, const Window& window, int channel, Values filling, double mass) const;
  void spend(Values delta, Row point, Values clean, double epsilon) const;

  Grid grid_;
  Norm norm_;
  Window size_{};
  Reach reach_ = Reach::kEverywhere;
  std::array<std::vector<float>, 2> bumps_{};
};

}  // namespace faultline
