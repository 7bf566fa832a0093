#include "faultline/fuzz/fuzz_input.h"

#include <bit>

#include "faultline/core/error.h"
#include "faultline/core/hash.h"
#include "faultline/core/number.h"

namespace faultline {

namespace {

static_assert(kMostInputBytes <= 512);

void put(std::vector<std::uint8_t>& bytes, std::uint64_t value, int count) {
  for (int i = 0; i < count; ++i) {
    bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

/// Reads little-endian numbers; what is missing at the end is zero.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  [[nodiscard]] std::uint64_t number(int count) {
    std::uint64_t value = 0;
    for (int i = 0; i < count && next_ < bytes_.size(); ++i) {
      value |= std::uint64_t{bytes_[next_++]} << (8 * i);
    }
    return value;
  }

  [[nodiscard]] std::size_t left() const { return bytes_.size() - next_; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t next_ = 0;
};

}  // namespace

std::vector<std::uint8_t> encode(const FuzzInput& input, const RecipeSpace& space) {
  std::vector<std::uint8_t> bytes;
  put(bytes, static_cast<std::uint64_t>(input.seed), 4);
  for (const RecipeStep& step : input.recipe.steps) {
    FAULTLINE_ASSERT(step.values.size() <= kMostParameters, "too many parameters: " + step.mutator);
    put(bytes, space.number_of(step.mutator), 1);
    put(bytes, step.key, 8);
    for (std::size_t i = 0; i < kMostParameters; ++i) {
      const auto value = static_cast<float>(i < step.values.size() ? step.values[i] : 0);
      put(bytes, std::bit_cast<std::uint32_t>(value), 4);
    }
  }
  return bytes;
}

FuzzInput decode(std::span<const std::uint8_t> bytes, const RecipeSpace& space, std::int64_t seeds) {
  ByteReader reader(bytes);
  FuzzInput input{.seed = static_cast<std::int64_t>(reader.number(4) % static_cast<std::uint64_t>(seeds))};
  while (reader.left() >= kStepBytes) {
    const std::size_t number = reader.number(1) % space.size();
    RecipeStep step{.mutator = space.mutator(number).info.name, .key = reader.number(8)};
    for (std::size_t i = 0; i < kMostParameters; ++i) {
      const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(reader.number(4)));
      if (i < space.mutator(number).parameters.size()) {
        step.values.push_back(value);
      }
    }
    input.recipe.steps.push_back(std::move(step));
  }
  space.clip(input.recipe);
  return input;
}

std::string layout_of(const RecipeSpace& space) {
  std::string text = std::to_string(space.limits().steps) + " " + std::to_string(space.limits().validity);
  for (std::size_t number = 0; number < space.size(); ++number) {
    const MutatorInfo& info = space.mutator(number).info;
    text += " " + info.name + " " + std::to_string(info.version);
    for (int severity = 1; severity <= space.most_severe(number); ++severity) {
      for (const ParameterRange& range : space.ranges(number, severity)) {
        text += " " + shortest(range.lower) + " " + shortest(range.upper);
      }
    }
  }
  return to_hex(content_hash(std::as_bytes(std::span(text))));
}

}  // namespace faultline
