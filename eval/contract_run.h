// The input contract of a model: what it makes of inputs that break it, each in a process of its own.
//
//   const std::vector<ContractRow> rows = run_contract(target, sample, setup);
#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "faultline/eval/fuzz_findings.h"
#include "faultline/eval/model_check.h"
#include "faultline/eval/run.h"
#include "faultline/fuzz/contract_case.h"

namespace faultline {

enum class ContractVerdict {
  kKept,     ///< Answered, or what is wrong was refused.
  kSilent,   ///< An answer to nonsense: information.
  kRefused,  ///< A sound input was refused, or there was no memory for it: information.
  kFinding,  ///< A crash, a hang, or numbers that are not finite for an input that is.
};

[[nodiscard]] std::string name_of(ContractVerdict verdict);
[[nodiscard]] std::string name_of(OutsideEnd end);

/// One case that applies to the model's inputs.
struct ContractRow {
  const ContractCase* broken = nullptr;
  OutsideLook look{};
  ContractVerdict verdict = ContractVerdict::kKept;
};

struct ContractSetup {
  ChildLimits limits{};
  const std::atomic<bool>& stop;
  c10::Device device = c10::Device(c10::kCPU);
  std::function<void(const Progress&)> progress{};
};

/// Asks about every case made from the sample [...]; until `stop` is set. This process must have one thread.
[[nodiscard]] std::vector<ContractRow> run_contract(ScoreTarget& target, const Tensor& sample, const Bounds& bounds,
                                                    const ContractSetup& setup);

/// The failures among them, made from seed 0.
[[nodiscard]] std::vector<NewFinding> contract_findings(const std::vector<ContractRow>& rows,
                                                        const FuzzProvenance& provenance);

struct ContractSummary {
  std::vector<ContractRow> rows{};
  std::int64_t sample = 0;  ///< Index of the one that inputs were made from.
  std::string corpus{};     ///< Where findings are; empty: nowhere.
  Filed filed{};
  std::vector<Warning> warnings{};
};

/// Schema faultline.contract/1.
[[nodiscard]] Json summary_json(const FuzzPlan& plan, const ContractSummary& summary);

}  // namespace faultline
