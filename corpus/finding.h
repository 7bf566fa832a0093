// What defines a failure: two machines that find the same one write the same bytes, whose hash is its id.
// Must not know who found it, when, or what became of it: that is told by discoveries and state events.
//
//   const Finding finding = make_finding({.label = 7, .budget = Budget{Norm::kLinf, 0.1}}, clean, witness);
//   finding.id      // 64 hexadecimal digits
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "faultline/core/norm.h"
#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"
#include "faultline/data/file.h"

namespace faultline {

/// What an attacker may spend.
struct Budget {
  Norm norm = Norm::kLinf;
  double epsilon = 0;
  bool operator==(const Budget&) const = default;
};

/// Oracles of inputs that end the process that runs them, or are not done in time: no output is judged, and a replay
/// runs them in a process of their own.
inline constexpr const char* kProcessDeathOracleName = "process-death";
inline constexpr const char* kHangOracleName = "hang";

/// The content of entry.json.
struct Failure {
  std::string oracle = "misclassification";  ///< The rule that calls the output a failure.
  std::optional<std::int64_t> target{};      ///< Targeted: the class that must be reached.
  std::int64_t label = 0;
  std::string label_source = "data set";
  std::optional<Budget> budget{};  ///< None: no norm bounds the change.
  Bounds bounds{};
  std::vector<std::int64_t> shape{};  ///< Of one input.
  std::string clean{};                ///< SHA-256 of the clean input's float32 bytes, row-major.
  std::string witness{};              ///< The same of the witness.
};

/// A failure with its tensors. Invariant of what make_finding() and parse_finding() give: hashes, shape and id fit.
struct Finding {
  std::string id{};
  Failure failure{};
  Tensor clean{};    ///< [...] float32 on the CPU; undefined where only a recipe is stored.
  Tensor witness{};  ///< The same shape.

  [[nodiscard]] bool has_tensors() const { return witness.defined(); }
};

/// Gives a finding that has none its tensors [...] float32; says whether they are those whose hashes it holds. When
/// they are not it is left as it was.
[[nodiscard]] bool take_tensors(Finding& finding, const Tensor& clean, const Tensor& witness);
[[nodiscard]] bool is_clean_input(const Failure& failure, const Tensor& input);

/// Fills in shape, hashes and id. `clean` and `witness` [...] float32, any device.
[[nodiscard]] Finding make_finding(Failure failure, const Tensor& clean, const Tensor& witness);

/// Bytes of entry.json at most.
constexpr std::size_t kLargestEntry = std::size_t{64} * 1024;

/// The bytes of entry.json; their SHA-256 is the id.
[[nodiscard]] std::string entry_bytes(const Failure& failure);

/// The bytes of witness.safetensors.
[[nodiscard]] std::string witness_bytes(const Finding& finding);

/// Reads entry.json. Throws Error (kUsage) that begins with `name` unless it is exactly what entry_bytes() writes,
/// without control characters in its texts.
[[nodiscard]] Failure parse_failure(Bytes entry, const std::string& name);

/// The same, where the bytes must have the id as their hash too.
[[nodiscard]] Failure parse_failure(const std::string& id, Bytes entry, const std::string& name);

/// Reads an entry whole and checks everything that can be checked: the id, both hashes, shape, finite values inside the
/// bounds, the distance inside the budget, and that the bytes are what entry_bytes() and witness_bytes() write. Throws
/// Error (kUsage) that begins with `name`.
[[nodiscard]] Finding parse_finding(const std::string& id, Bytes entry, Bytes witness, const std::string& name);

/// How an id begins: the digits that are shown, and enough to ask for it.
[[nodiscard]] std::string short_id(const std::string& id);

/// Whether the text is 64 lower-case hexadecimal digits.
[[nodiscard]] bool is_id(const std::string& text);

}  // namespace faultline
