#include "faultline/core/answer.h"

#include <utility>

#include "faultline/core/finite.h"

namespace faultline {

namespace {

void accumulate(Tensor& sum, const Tensor& value) {
  if (sum.defined()) {
    sum.add_(value);
  } else {
    sum = value.clone();
  }
}

}  // namespace

Answer::Answer(Target& target, const Tensor& points, const Climbed& climbed, const Question& question) {
  for (int call = 0; call < question.calls; ++call) {
    Linearization here = question.with_gradient ? target.linearize(points) : Linearization{target.logits(points), {}};
    LossGradient loss = differentiate(climbed.loss, here.logits, climbed.labels, climbed.threat);
    if (question.calls == 1) {
      logits_ = here.logits;
      losses_ = loss.value;
      cotangent_ = loss.cotangent;
      call_ = std::move(here);
      return;
    }
    accumulate(logits_, here.logits);
    accumulate(losses_, loss.value);
    if (question.with_gradient) {
      accumulate(gradient_, finite_or_zero(here.pullback(loss.cotangent)));
    }
  }
  for (Tensor* sum : {&logits_, &losses_, &gradient_}) {
    if (sum->defined()) {
      sum->div_(question.calls);
    }
  }
}

Tensor Answer::gradient() {
  return gradient_.defined() ? std::move(gradient_) : finite_or_zero(call_.pullback(cotangent_));
}

}  // namespace faultline
