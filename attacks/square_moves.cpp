#include "faultline/attacks/square_moves.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace faultline {

namespace {

constexpr double kNothing = 1e-12;

std::size_t which(const std::array<std::vector<float>, 2>& bumps, Draws& draws) {
  return draws.below(static_cast<int>(bumps.size())) == 0 ? 0 : 1;
}

}  // namespace

void CornerMoves::start(Row point, Values clean, double epsilon, Draws& draws) const {
  for (int channel = 0; channel < grid_.channels; ++channel) {
    for (int column = 0; column < grid_.width; ++column) {
      set({.left = column, .height = grid_.height}, channel, point, clean, draws.sign() * epsilon);
    }
  }
}

void CornerMoves::prepare(const WindowChoice& choice) {
  size_ = size_of_window(choice.share, grid_, {});
  reach_ = choice.reach;
}

void CornerMoves::move(Row point, Values clean, double epsilon, Draws& draws) const {
  const Window window = place(size_, grid_, draws, reach_);
  for (int channel = 0; channel < grid_.channels; ++channel) {
    set(window, channel, point, clean, draws.sign() * epsilon);
  }
}

void CornerMoves::set(const Window& window, int channel, Row point, Values clean, double step) const {
  const auto delta = static_cast<float>(step);
  window.for_each(grid_, channel, [&](std::size_t place, std::size_t) { point[place] = clean[place] + delta; });
}

void MassMoves::start(Row point, Values clean, double epsilon, Draws& draws) const {
  constexpr int kTiles = 5;
  Window tile{.height = std::max(1, grid_.height / kTiles), .width = std::max(1, grid_.width / kTiles)};
  const std::array<std::vector<float>, 2> bumps = bumps_of(tile);
  const int rows = grid_.height / tile.height;
  const int columns = grid_.width / tile.width;
  std::vector<float> delta(clean.size(), 0.0F);
  for (int number = 0; number < rows * columns; ++number) {
    tile.top = (grid_.height - rows * tile.height) / 2 + number / columns * tile.height;
    tile.left = (grid_.width - columns * tile.width) / 2 + number % columns * tile.width;
    const std::vector<float>& bump = bumps[which(bumps, draws)];
    for (int channel = 0; channel < grid_.channels; ++channel) {
      const auto sign = static_cast<float>(draws.sign());
      tile.for_each(grid_, channel, [&](std::size_t place, std::size_t i) { delta[place] = sign * bump[i]; });
    }
  }
  spend(delta, point, clean, epsilon);
}

void MassMoves::prepare(const WindowChoice& choice) {
  size_ = size_of_window(choice.share, grid_, {.least = 3, .odd = true});
  reach_ = choice.reach;
  bumps_ = bumps_of(size_);
}

void MassMoves::move(Row point, Values clean, double epsilon, Draws& draws) const {
  const Window to = place(size_, grid_, draws, reach_);
  const Window from = place(size_, grid_, draws, reach_);
  const std::vector<float>& bump = bumps_[which(bumps_, draws)];
  std::vector<float> delta(clean.size());
  std::ranges::transform(point, clean, delta.begin(), std::minus<>());
  std::vector<float> moved = delta;
  for (int channel = 0; channel < grid_.channels; ++channel) {
    from.for_each(grid_, channel, [&](std::size_t place, std::size_t) { moved[place] = 0; });
    fill(moved, to, channel, filling(delta, to, channel, bump, draws), mass_of(channel, delta, {from, to}, epsilon));
  }
  spend(moved, point, clean, epsilon);
}

/// Divided by rows and by columns, as far as there is more than one of them.
std::array<std::vector<float>, 2> MassMoves::bumps_of(const Window& size) const {
  return {bump(size, norm_, /*upright=*/size.height > 1), bump(size, norm_, /*upright=*/size.width == 1)};
}

/// What a channel of the new window gets: what the channel holds in both windows, and its share of what is unspent of
/// epsilon; in L1 as many times as there are channels, of which the projection keeps the largest elements.
double MassMoves::mass_of(int channel, Values delta, const std::array<Window, 2>& windows, double epsilon) const {
  std::vector<float> inside(delta.size(), 0.0F);
  for (const Window& window : windows) {
    window.for_each(grid_, channel, [&](std::size_t place, std::size_t) { inside[place] = delta[place]; });
  }
  const double held = length_of(inside, norm_);
  const double spent = length_of(delta, norm_);
  if (norm_ == Norm::kL1) {
    return std::max(epsilon - spent, 0.0) + held * grid_.channels;
  }
  return std::sqrt(std::max(epsilon * epsilon - spent * spent, 0.0) / grid_.channels + held * held);
}

/// The bump with a random sign on top of what the window holds already, both of length 1.
std::vector<float> MassMoves::filling(Values delta, const Window& window, int channel, const std::vector<float>& bump,
                                      Draws& draws) const {
  std::vector<float> held(bump.size());
  window.for_each(grid_, channel, [&](std::size_t place, std::size_t i) { held[i] = delta[place]; });
  const double length = length_of(held, norm_) + kNothing;
  const auto sign = static_cast<float>(draws.sign());
  for (std::size_t i = 0; i < held.size(); ++i) {
    held[i] = static_cast<float>(held[i] / length) + sign * bump[i];
  }
  return held;
}

void MassMoves::fill(Row delta, const Window& window, int channel, Values filling, double mass) const {
  const double scale = mass / (length_of(filling, norm_) + kNothing);
  window.for_each(grid_, channel,
                  [&](std::size_t place, std::size_t i) { delta[place] = static_cast<float>(filling[i] * scale); });
}

/// L2: the point at distance epsilon along delta. L1: where delta leads.
void MassMoves::spend(Values delta, Row point, Values clean, double epsilon) const {
  const double scale = norm_ == Norm::kL1 ? 1 : epsilon / (length_of(delta, norm_) + kNothing);
  for (std::size_t i = 0; i < delta.size(); ++i) {
    point[i] = clean[i] + static_cast<float>(delta[i] * scale);
  }
}

}  // namespace faultline
