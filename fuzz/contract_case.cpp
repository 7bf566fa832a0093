#include "faultline/fuzz/contract_case.h"

#include <algorithm>
#include <limits>

namespace faultline {

namespace {

const std::string kOraclePrefix = "contract:case=";
constexpr std::int64_t kHugeRows = 4096;
constexpr std::int64_t kHugeBytes = std::int64_t{256} << 20;

/// In memory of its own.
Tensor batch_of(const Tensor& sample, std::int64_t rows = 1) {
  std::vector<std::int64_t> shape = sample.sizes().vec();
  shape.insert(shape.begin(), rows);
  return sample.unsqueeze(0).expand(shape).clone(at::MemoryFormat::Contiguous);
}

/// One row with an axis of another length: cut off, or repeated from the beginning.
Tensor with_length(const Tensor& sample, std::int64_t axis, std::int64_t length) {
  if (sample.dim() == 0 || length < 0) {
    return {};
  }
  const std::int64_t place = axis < 0 ? sample.dim() + axis : axis;
  const Tensor numbers = at::arange(length, at::kLong).remainder(sample.size(place));
  return batch_of(sample.index_select(place, numbers));
}

Tensor with_one(const Tensor& sample, double value) {
  Tensor input = batch_of(sample);
  input.view({-1})[input.numel() / 2].fill_(value);
  return input;
}

Tensor filled(const Tensor& sample, double value) { return batch_of(at::full_like(sample, value)); }

Tensor one_pixel(const Tensor& sample) {
  Tensor part = sample;
  for (std::int64_t axis = 1; axis < sample.dim(); ++axis) {
    part = part.narrow(axis, 0, 1);
  }
  return sample.dim() > 1 ? batch_of(part) : Tensor();
}

Tensor huge_batch(const Tensor& sample) {
  const std::int64_t bytes = std::max<std::int64_t>(1, static_cast<std::int64_t>(sample.nbytes()));
  return batch_of(sample, std::clamp<std::int64_t>(kHugeBytes / bytes, 1, kHugeRows));
}

/// Every second number of a row twice as long.
Tensor strided(const Tensor& sample) {
  return sample.dim() == 0 ? Tensor() : batch_of(sample.repeat_interleave(2, -1)).slice(-1, 0, std::nullopt, 2);
}

std::vector<ContractCase> shapes() {
  using Sample = const Tensor&;
  using Box = const Bounds&;
  return {
      {"scalar", "a single number", false, [](Sample x, Box) { return x.flatten()[0].clone(); }},
      {"no-batch-axis", "one sample without the axis of the batch", false, [](Sample x, Box) { return x.clone(); }},
      {"extra-axis", "an axis too many", false, [](Sample x, Box) { return batch_of(x).unsqueeze(0); }},
      {"flattened", "one row of numbers", false,
       [](Sample x, Box) { return x.dim() > 1 ? batch_of(x.flatten()) : Tensor(); }},
      {"longer", "the last axis one longer", false, [](Sample x, Box) { return with_length(x, -1, x.size(-1) + 1); }},
      {"shorter", "the last axis one shorter", false,
       [](Sample x, Box) { return x.size(-1) > 1 ? with_length(x, -1, x.size(-1) - 1) : Tensor(); }},
      {"twice-as-long", "the last axis twice as long", false,
       [](Sample x, Box) { return with_length(x, -1, 2 * x.size(-1)); }},
      {"empty-axis", "the last axis empty", false, [](Sample x, Box) { return with_length(x, -1, 0); }},
      {"one-pixel", "all axes but the channels of length one", false, [](Sample x, Box) { return one_pixel(x); }},
      {"channel-more", "a channel too many", false,
       [](Sample x, Box) { return x.dim() > 1 ? with_length(x, 0, x.size(0) + 1) : Tensor(); }},
      {"channel-less", "a channel missing", false,
       [](Sample x, Box) { return x.dim() > 1 && x.size(0) > 1 ? with_length(x, 0, x.size(0) - 1) : Tensor(); }},
      {"channels-at-the-end", "rows, columns, channels", false,
       [](Sample x, Box) { return x.dim() == 3 ? batch_of(x.permute({1, 2, 0}).contiguous()) : Tensor(); }},
  };
}

std::vector<ContractCase> batches() {
  using Sample = const Tensor&;
  using Box = const Bounds&;
  return {
      {"empty-batch", "no row", false, [](Sample x, Box) { return batch_of(x, 0); }},
      {"one-row", "one row", true, [](Sample x, Box) { return batch_of(x); }},
      {"two-rows", "two rows", true, [](Sample x, Box) { return batch_of(x, 2); }},
      {"seventeen-rows", "17 rows", true, [](Sample x, Box) { return batch_of(x, 17); }},
      {"huge-batch", "4,096 rows, or as many as fit 256 MB", true, [](Sample x, Box) { return huge_batch(x); }},
      {"strided", "numbers that do not lie side by side", true, [](Sample x, Box) { return strided(x); }},
      {"expanded-rows", "four rows in the memory of one", true,
       [](Sample x, Box) {
         std::vector<std::int64_t> shape = x.sizes().vec();
         shape.insert(shape.begin(), 4);
         return x.unsqueeze(0).expand(shape);
       }},
      {"channels-last", "channels-last memory", true,
       [](Sample x, Box) {
         return x.dim() == 3 ? batch_of(x, 2).contiguous(at::MemoryFormat::ChannelsLast) : Tensor();
       }},
  };
}

std::vector<ContractCase> types() {
  std::vector<ContractCase> cases;
  for (const auto& [name, type] :
       {std::pair{"float64", at::kDouble}, std::pair{"float16", at::kHalf}, std::pair{"bfloat16", at::kBFloat16},
        std::pair{"int64", at::kLong}, std::pair{"uint8", at::kByte}, std::pair{"bool", at::kBool},
        std::pair{"complex64", at::kComplexFloat}}) {
    cases.push_back({name, std::string("numbers of type ") + name, false,
                     [type](const Tensor& x, const Bounds&) { return batch_of(x).to(type); }});
  }
  return cases;
}

std::vector<ContractCase> values() {
  using Sample = const Tensor&;
  using Box = const Bounds&;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr auto kLargest = static_cast<double>(std::numeric_limits<float>::max());
  return {
      {"lowest-inside", "the lower bound everywhere", true, [](Sample x, Box box) { return filled(x, box.lower); }},
      {"highest-inside", "the upper bound everywhere", true, [](Sample x, Box box) { return filled(x, box.upper); }},
      {"below-the-bounds", "all values moved down by the width of the bounds", false,
       [](Sample x, Box box) { return batch_of(x - (box.upper - box.lower)); }},
      {"times-255", "all values times 255", false, [](Sample x, Box) { return batch_of(x * 255); }},
      {"negative-zero", "minus zero everywhere", false, [](Sample x, Box) { return filled(x, -0.0); }},
      {"denormal", "1e-40 everywhere", false, [](Sample x, Box) { return filled(x, 1e-40); }},
      {"one-denormal", "1e-40 in one place", false, [](Sample x, Box) { return with_one(x, 1e-40); }},
      {"large", "1e10 everywhere", false, [](Sample x, Box) { return filled(x, 1e10); }},
      {"one-large", "1e10 in one place", false, [](Sample x, Box) { return with_one(x, 1e10); }},
      {"largest", "the largest float32 everywhere", false, [](Sample x, Box) { return filled(x, kLargest); }},
      {"lowest", "the lowest float32 everywhere", false, [](Sample x, Box) { return filled(x, -kLargest); }},
      {"nan", "NaN everywhere", false, [](Sample x, Box) { return filled(x, kNan); }},
      {"one-nan", "NaN in one place", false, [](Sample x, Box) { return with_one(x, kNan); }},
      {"infinity", "infinity everywhere", false, [](Sample x, Box) { return filled(x, kInfinity); }},
      {"one-infinity", "infinity in one place", false, [](Sample x, Box) { return with_one(x, kInfinity); }},
      {"one-minus-infinity", "minus infinity in one place", false,
       [](Sample x, Box) { return with_one(x, -kInfinity); }},
  };
}

}  // namespace

const std::vector<ContractCase>& contract_cases() {
  static const std::vector<ContractCase> kCases = [] {
    std::vector<ContractCase> all = shapes();
    for (std::vector<ContractCase> more : {batches(), types(), values()}) {
      std::ranges::move(more, std::back_inserter(all));
    }
    return all;
  }();
  return kCases;
}

std::string oracle_of(const ContractCase& one) { return kOraclePrefix + one.name; }

bool is_contract_oracle(const std::string& oracle) { return oracle.starts_with(kOraclePrefix); }

const ContractCase* contract_case_of(const std::string& oracle) {
  const auto place = std::ranges::find(contract_cases(), oracle, &oracle_of);
  return place == contract_cases().end() ? nullptr : &*place;
}

bool breaks_contract(const OutsideLook& look, const Tensor& input) {
  const bool ended = look.end == OutsideEnd::kDied || look.end == OutsideEnd::kHung;
  return ended || (look.end == OutsideEnd::kNotFinite && input.isfinite().all().item<bool>());
}

}  // namespace faultline
