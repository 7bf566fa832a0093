// Windows in an input and the bumps that a search fills them with. Plain numbers on the host; knows no model.
//
//   const Grid grid = grid_of(batch.inputs);
//   const Window window = place(size_of_window(0.1, grid, {}), grid, draws, Reach::kEverywhere);
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "faultline/core/draws.h"
#include "faultline/core/norm.h"
#include "faultline/core/tensor.h"

namespace faultline {

/// How the elements of a sample lie, row-major: channels of height x width.
struct Grid {
  int channels = 1;
  int height = 1;
  int width = 1;

  [[nodiscard]] int area() const { return height * width; }
  [[nodiscard]] int elements() const { return channels * area(); }
};

/// Of inputs [N, ..., H, W], everything before the last two being channels; [N, D] lie in one line.
[[nodiscard]] Grid grid_of(const Tensor& inputs);

struct Window {
  int top = 0;
  int left = 0;
  int height = 1;
  int width = 1;

  /// Calls visit(place in the sample, place in the window) for each element of one channel.
  template <typename Visit>
  void for_each(const Grid& grid, int channel, Visit&& visit) const {
    int inside = 0;
    for (int row = top; row < top + height; ++row) {
      const int begin = (channel * grid.height + row) * grid.width;
      for (int column = left; column < left + width; ++column, ++inside) {
        visit(static_cast<std::size_t>(begin) + static_cast<std::size_t>(column), static_cast<std::size_t>(inside));
      }
    }
  }
};

/// What sides a window may have.
struct WindowRule {
  int least = 1;     ///< The shortest side, as far as the grid is that long.
  bool odd = false;  ///< An even side grows by one.
};

/// A window of about `share` of the grid's area, a square where one fits, at (0, 0).
[[nodiscard]] Window size_of_window(double share, const Grid& grid, const WindowRule& rule);

/// Where windows may lie. kPublished leaves out the last row and column that they could reach.
enum class Reach { kEverywhere, kPublished };

/// The window at a random place.
[[nodiscard]] Window place(const Window& size, const Grid& grid, Draws& draws, Reach reach);

/// Two pyramids side by side of opposite sign, of length 1 in the norm (1 or 2) over the window: height x width values.
/// `upright`: divided by rows rather than by columns. Andriushchenko et al. 2020, arXiv:1912.00049, section 4.
[[nodiscard]] std::vector<float> bump(const Window& size, Norm norm, bool upright);

/// The length of some numbers in L1 or L2.
[[nodiscard]] double length_of(std::span<const float> values, Norm norm);

}  // namespace faultline
