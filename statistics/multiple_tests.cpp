#include "faultline/statistics/multiple_tests.h"

#include <algorithm>
#include <numeric>

#include "faultline/core/error.h"

namespace faultline {

namespace {

/// The places of the values from the smallest to the largest.
std::vector<std::size_t> rising(std::span<const double> p) {
  FAULTLINE_ASSERT(std::ranges::all_of(p, [](double value) { return value >= 0 && value <= 1; }),
                   "p-values must be inside [0, 1]");
  std::vector<std::size_t> places(p.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::ranges::stable_sort(places, {}, [&](std::size_t place) { return p[place]; });
  return places;
}

}  // namespace

std::vector<double> holm(std::span<const double> p) {
  std::vector<double> adjusted(p.size());
  double largest = 0;
  std::size_t left = p.size();
  for (const std::size_t place : rising(p)) {
    largest = std::max(largest, std::min(1.0, static_cast<double>(left--) * p[place]));
    adjusted[place] = largest;
  }
  return adjusted;
}

std::vector<double> benjamini_hochberg(std::span<const double> p) {
  std::vector<double> adjusted(p.size());
  std::vector<std::size_t> places = rising(p);
  double smallest = 1;
  for (std::size_t rank = places.size(); rank > 0; --rank) {
    const std::size_t place = places[rank - 1];
    smallest = std::min(smallest, static_cast<double>(p.size()) * p[place] / static_cast<double>(rank));
    adjusted[place] = smallest;
  }
  return adjusted;
}

}  // namespace faultline
