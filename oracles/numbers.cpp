#include "faultline/oracles/numbers.h"

#include <limits>

#include "faultline/core/error.h"
#include "faultline/core/finite.h"

namespace faultline {

namespace {

/// There is no nearness to such a failure: where it holds, any other oracle's slack is lower.
Slack holds_where(const Tensor& holds, double failing) {
  Slack slack{at::empty(holds.sizes(), at::kDouble), at::zeros(holds.sizes(), at::kDouble)};
  for (std::int64_t row = 0; row < holds.size(0); ++row) {
    const bool holding = holds.const_data_ptr<bool>()[row];
    slack.values.mutable_data_ptr<double>()[row] = holding ? std::numeric_limits<double>::infinity() : failing;
  }
  return slack;
}

}  // namespace

Slack non_finite(const OracleCase& c, const NoOptions& /*options*/) {
  Tensor holds = finite_rows(c.outputs);
  if (!holds.all().item<bool>()) {
    holds = holds.logical_or(finite_rows(c.inputs).logical_not());
  }
  return holds_where(holds, /*failing=*/-1);
}

Slack exception(const OracleCase& c, const NoOptions& /*options*/) {
  const Tensor holds = at::ones({c.inputs.size(0)}, at::kBool);
  const Tensor answered = finite_rows(c.outputs);
  for (std::int64_t row = 0; row < c.inputs.size(0); ++row) {
    if (answered.const_data_ptr<bool>()[row]) {
      continue;
    }
    try {
      static_cast<void>(c.models.single().logits(c.inputs.narrow(0, row, 1)));
    } catch (const OutOfMemory&) {
      throw;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUsage) {
        throw;  // the user stopped it
      }
      holds.mutable_data_ptr<bool>()[row] = false;
    }
  }
  return holds_where(holds, /*failing=*/-2);  // what throws has no output: it is that first
}

void register_numbers(OracleRegistry& registry) {
  registry.add<&non_finite>({.name = "non-finite",
                             .sentence = "a finite input gives an output that is NaN or infinite",
                             .label_source = LabelSource::kNone});
  registry.add<&exception>({.name = "exception",
                            .sentence = "the model throws on the input",
                            .label_source = LabelSource::kNone,
                            .of_exceptions = true});
}

}  // namespace faultline
