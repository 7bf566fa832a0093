#include "faultline/eval/outside_finding.h"

#include "faultline/fuzz/contract_case.h"

namespace faultline {

namespace {

bool ends_process(const OutsideLook& look) {
  return look.end == OutsideEnd::kDied || look.end == OutsideEnd::kHung || look.end == OutsideEnd::kOutOfMemory;
}

}  // namespace

bool is_run_outside(const std::string& oracle) {
  return oracle == kProcessDeathOracleName || oracle == kHangOracleName || is_contract_oracle(oracle);
}

OutsideVerdict look_at_outside(const Finding& finding, TargetStack& target, c10::Device device,
                               const ChildLimits& limits) {
  const std::string& oracle = finding.failure.oracle;
  const ContractCase* broken = contract_case_of(oracle);
  if (broken == nullptr && is_contract_oracle(oracle)) {
    return {.why = "this version knows no such case of the contract"};
  }
  const OutsideLook clean = look_from_outside(target.padded(), finding.clean.unsqueeze(0).to(device), limits);
  if (clean.end == OutsideEnd::kRefused) {
    return {.why = "the model refuses its clean input"};
  }
  OutsideVerdict verdict{.clean_fails = ends_process(clean)};
  if (broken == nullptr) {
    const Tensor witness = finding.witness.unsqueeze(0).to(device);
    verdict.witness_fails = ends_process(look_from_outside(target.padded(), witness, limits));
  } else if (const Tensor input = broken->input(finding.clean, finding.failure.bounds); input.defined()) {
    verdict.witness_fails = breaks_contract(look_from_outside(target.plain(), input.to(device), limits), input);
  }
  return verdict;
}

}  // namespace faultline
