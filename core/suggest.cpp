#include "faultline/core/suggest.h"

#include <algorithm>
#include <numeric>

namespace faultline {

namespace {

/// Restricted Damerau-Levenshtein distance: insertions, deletions, substitutions and swaps of neighbours cost 1.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before;
  std::vector<std::size_t> previous(b.size() + 1);
  std::vector<std::size_t> current(b.size() + 1);
  std::iota(previous.begin(), previous.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, substitution});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before[j - 2] + 1);
      }
    }
    before = previous;
    std::swap(previous, current);
  }
  return previous[b.size()];
}

}  // namespace

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  const std::string* nearest = nullptr;
  std::size_t best = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& name : known) {
    const std::size_t distance = edit_distance(word, name);
    // A name that shares nothing with the word is no suggestion.
    if (distance < best && distance < std::max(word.size(), name.size())) {
      best = distance;
      nearest = &name;
    } else if (distance == best && nearest != nullptr && *nearest != name) {
      nearest = nullptr;  // a guess among equals is none
    }
  }
  if (nearest != nullptr) {
    return "; did you mean '" + *nearest + "'?";
  }
  constexpr std::size_t kMostListed = 20;
  if (known.empty() || known.size() > kMostListed) {
    return {};
  }
  std::string list = "; known: ";
  for (std::size_t i = 0; i < known.size(); ++i) {
    list += (i == 0 ? "" : ", ") + known[i];
  }
  return list;
}

}  // namespace faultline
