// Inputs that break, or stretch, what a model may expect of its input: wrong ranks, shapes, types, batches and values.
//
//   for (const ContractCase& one : contract_cases()) {
//     const Tensor input = one.input(sample, bounds);        // undefined: the case does not apply
//   }
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"
#include "faultline/fuzz/outside_look.h"

namespace faultline {

struct ContractCase {
  std::string name{};
  std::string sentence{};
  bool sound = false;  ///< Whether a model should answer it as any other input.
  /// A batch made from a sample [...] float32 on the CPU; undefined where the case does not apply to its shape. Of the
  /// largest case 256 MB.
  std::function<Tensor(const Tensor& sample, const Bounds& bounds)> input{};
};

/// All of them, in the order of docs/fuzzing.md.
[[nodiscard]] const std::vector<ContractCase>& contract_cases();

/// "contract:case=nan": how findings name what failed.
[[nodiscard]] std::string oracle_of(const ContractCase& one);

/// Whether an oracle is one of these; its case may be of another version.
[[nodiscard]] bool is_contract_oracle(const std::string& oracle);

/// Null when there is no such case.
[[nodiscard]] const ContractCase* contract_case_of(const std::string& oracle);

/// Whether the answer is a failure: the process died or hung, or numbers that are finite gave some that are not.
[[nodiscard]] bool breaks_contract(const OutsideLook& look, const Tensor& input);

}  // namespace faultline
