#include "faultline/targets/fakes.h"

namespace faultline {

LinearTarget::LinearTarget(const Tensor& weight, const Tensor& bias) : weight_(weight), bias_(bias) {}

Tensor LinearTarget::logits(const Tensor& inputs) { return at::linear(inputs.flatten(1), weight_, bias_); }

Linearization LinearTarget::linearize(const Tensor& inputs) {
  return {logits(inputs), [this, shape = inputs.sizes().vec()](const Tensor& cotangent) {
            return cotangent.matmul(weight_).view(shape);
          }};
}

Tensor ConstantTarget::logits(const Tensor& inputs) { return logits_.unsqueeze(0).repeat({inputs.size(0), 1}); }

Linearization ConstantTarget::linearize(const Tensor& inputs) {
  return {logits(inputs), [shape = inputs.sizes().vec(), options = inputs.options()](const Tensor&) {
            return at::zeros(shape, options);
          }};
}

}  // namespace faultline
