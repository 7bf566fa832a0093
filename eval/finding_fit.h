// Whether a finding can be asked of a model at all, and if not, why.
//
//   ModelFit fit(device);
//   const std::string why = fit.misfit(target, stored);     // empty: it can
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "faultline/core/oracle.h"
#include "faultline/corpus/corpus.h"
#include "faultline/targets/target_stack.h"

namespace faultline {

/// Remembers what one model makes of each shape. Safe to use from several threads.
class ModelFit {
 public:
  /// Knows misclassification, and the oracles of a registry that outlives it; null: no others.
  explicit ModelFit(c10::Device device, const OracleRegistry* oracles = nullptr) : device_(device), oracles_(oracles) {}

  /// Why the finding means nothing on this model: an oracle of another version, a shape the model does not take, other
  /// classes. Empty when it fits.
  [[nodiscard]] std::string misfit(TargetStack& target, const StoredFinding& stored);

  /// The oracle that an entry names, of those that fit; none: misclassification. Lives as long as this.
  [[nodiscard]] const std::vector<ConfiguredOracle>& oracle(const std::string& text);

  /// Classes the model has for inputs of a shape that was asked about and fits.
  [[nodiscard]] std::int64_t classes(const std::vector<std::int64_t>& shape) const;

 private:
  struct Shape {
    std::int64_t classes = 0;
    std::string refusal{};  ///< The model's own words.
  };

  [[nodiscard]] Shape shape_for(TargetStack& target, const Finding& finding);

  [[nodiscard]] std::string oracle_misfit(const Failure& failure);

  c10::Device device_;
  const OracleRegistry* oracles_;
  std::map<std::string, std::vector<ConfiguredOracle>> configured_;
  mutable std::mutex mutex_;
  std::map<std::vector<std::int64_t>, Shape> shapes_;
};

}  // namespace faultline
