#include "faultline/targets/catching.h"

#include <limits>
#include <vector>

#include "faultline/core/error.h"

namespace faultline {

Tensor CatchingTarget::logits(const Tensor& inputs) {
  try {
    Tensor outputs = inner_.logits(inputs);
    classes_ = outputs.size(1);
    return outputs;
  } catch (const OutOfMemory&) {
    throw;  // it may be there the next time, and is no answer of the model
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUsage || (inputs.size(0) == 1 && classes_ == 0)) {
      throw;  // the user stopped it, or there is nothing to answer with
    }
  }
  return row_by_row(inputs);
}

Tensor CatchingTarget::row_by_row(const Tensor& inputs) {
  std::vector<Tensor> answers(static_cast<std::size_t>(inputs.size(0)));
  for (std::int64_t row = 0; row < inputs.size(0); ++row) {
    try {
      answers[static_cast<std::size_t>(row)] = inner_.logits(inputs.narrow(0, row, 1));
      classes_ = answers[static_cast<std::size_t>(row)].size(1);
    } catch (const OutOfMemory&) {
      throw;
    } catch (const Error& error) {
      const bool last = row + 1 == inputs.size(0);
      if (error.code() != ErrorCode::kUsage || (last && classes_ == 0)) {
        throw;
      }
    }
  }
  for (Tensor& answer : answers) {
    if (!answer.defined()) {
      answer = at::full({1, classes_}, std::numeric_limits<float>::quiet_NaN(), inputs.options());
    }
  }
  return at::cat(answers);
}

}  // namespace faultline
