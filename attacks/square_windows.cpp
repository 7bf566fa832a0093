#include "faultline/attacks/square_windows.h"

#include <algorithm>
#include <cmath>

namespace faultline {

namespace {

int side(double wanted, int most, const WindowRule& rule) {
  int length = std::max(static_cast<int>(std::lround(wanted)), rule.least);
  length += rule.odd && length % 2 == 0 ? 1 : 0;
  return std::clamp(length, 1, most);
}

/// Where the values of a pyramid lie.
struct Lines {
  int stride = 1;  // from one row to the next
  int step = 1;    // from one column to the next
};

/// A pyramid over rows x columns, the peak in the middle: the sum of 1 / (k + 1)^2, in L1 of the square of that, over
/// the rings from its own outwards.
void pyramid(int rows, int columns, Norm norm, const Lines& lines, float* out) {
  const int rings = std::max(rows / 2, columns / 2) + 1;
  std::vector<float> height(static_cast<std::size_t>(rings) + 1, 0.0F);
  for (int ring = rings - 1; ring >= 0; --ring) {
    const auto distance = static_cast<float>(ring + 1);
    const float square = distance * distance;
    height[static_cast<std::size_t>(ring)] =
        height[static_cast<std::size_t>(ring) + 1] + 1 / (norm == Norm::kL1 ? square * square : square);
  }
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const int ring = std::max(std::abs(row - rows / 2), std::abs(column - columns / 2));
      out[row * lines.stride + column * lines.step] = height[static_cast<std::size_t>(ring)];
    }
  }
}

void stretch(std::span<float> values, Norm norm) {
  const double length = length_of(values, norm);
  if (length > 0) {
    std::ranges::for_each(values, [length](float& value) { value = static_cast<float>(value / length); });
  }
}

}  // namespace

Grid grid_of(const Tensor& inputs) {
  const std::int64_t dimensions = inputs.dim();
  const auto width = static_cast<int>(inputs.size(-1));
  const int height = dimensions > 2 ? static_cast<int>(inputs.size(-2)) : 1;
  const std::int64_t elements = inputs.numel() / std::max<std::int64_t>(1, inputs.size(0));
  const std::int64_t area = std::max<std::int64_t>(1, std::int64_t{width} * height);
  return {static_cast<int>(elements / area), height, width};
}

Window size_of_window(double share, const Grid& grid, const WindowRule& rule) {
  const double area = share * grid.area();
  // Where a square is longer than the grid is high or wide, the other side makes up for it.
  const int height = side(std::sqrt(area), grid.height, rule);
  const int width = side(height < grid.height ? std::sqrt(area) : area / height, grid.width, rule);
  return {.height = width < grid.width ? height : side(area / width, grid.height, rule), .width = width};
}

Window place(const Window& size, const Grid& grid, Draws& draws, Reach reach) {
  const auto below = [&](int whole, int part) {
    const int room = whole - part;
    return draws.below(std::max(1, reach == Reach::kPublished ? room : room + 1));
  };
  Window window = size;
  window.top = below(grid.height, size.height);
  window.left = below(grid.width, size.width);
  return window;
}

std::vector<float> bump(const Window& size, Norm norm, bool upright) {
  std::vector<float> values(static_cast<std::size_t>(size.height) * static_cast<std::size_t>(size.width));
  // Along the axis that is divided there are `length` lines, `across` values each.
  const int length = upright ? size.height : size.width;
  const int across = upright ? size.width : size.height;
  const Lines lines = upright ? Lines{size.width, 1} : Lines{1, size.width};
  const int first = length / 2;
  std::vector<float> half(values.size());
  const auto add = [&](int count, float sign, int from) {
    std::ranges::fill(half, 0.0F);
    pyramid(count, across, norm, lines, half.data() + from * lines.stride);
    stretch(half, norm);
    std::ranges::transform(values, half, values.begin(),
                           [sign](float value, float other) { return value + sign * other; });
  };
  if (first > 0) {
    add(first, 1, 0);
  }
  add(length - first, -1, first);
  stretch(values, norm);
  return values;
}

double length_of(std::span<const float> values, Norm norm) {
  double sum = 0;
  for (const float value : values) {
    sum += norm == Norm::kL1 ? std::abs(static_cast<double>(value)) : static_cast<double>(value) * value;
  }
  return norm == Norm::kL1 ? sum : std::sqrt(sum);
}

}  // namespace faultline
