#include "faultline/report/finding_pictures.h"

#include <algorithm>

#include "faultline/core/error.h"
#include "faultline/data/safetensors.h"
#include "faultline/report/png_triptych.h"

namespace faultline {

namespace {

std::string base64(const std::vector<unsigned char>& bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t word = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      word = word << 8U | (k < left ? bytes[i + k] : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= left ? kDigits[word >> (18 - 6 * k) & 63U] : '=';
    }
  }
  return text;
}

/// Bounds of the stage's inputs, which its document tells of attacks under a norm.
Bounds bounds_of(const Json& document) {
  const Json threat = document.value("threat", Json());
  return threat.is_object() ? Bounds{number_or_nan(threat.at("lower")), number_or_nan(threat.at("upper"))} : Bounds{};
}

/// Nothing for inputs that are no pictures, or whose witness is gone.
std::string picture_of(const StageResult& stage, const SampleRow& row) {
  const std::filesystem::path path = stage.folder / "witnesses" / (row.witness + ".safetensors");
  try {
    const Safetensors file = open_safetensors(path);
    const std::vector<unsigned char> png =
        png_triptych(path.string(), file.tensor("clean").to(at::kFloat), file.tensor("witness").to(at::kFloat),
                     bounds_of(stage.document));
    return "data:image/png;base64," + base64(png);
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

std::vector<FindingPicture> surest_failures(const StageResult& stage, const std::vector<SampleRow>& rows,
                                            std::size_t most) {
  std::vector<FindingPicture> chosen;
  for (const SampleRow& row : rows) {
    if (row.status == SampleRow::Status::kFound) {
      chosen.push_back({.row = row});
    }
  }
  std::ranges::stable_sort(chosen, std::greater{},
                           [](const FindingPicture& one) { return one.row.verdict.confidence; });
  chosen.resize(std::min(most, chosen.size()));
  for (FindingPicture& one : chosen) {
    one.picture = picture_of(stage, one.row);
  }
  return chosen;
}

}  // namespace faultline
