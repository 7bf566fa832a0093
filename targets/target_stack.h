// What one worker asks: the plain model, the model with padded batches, and the metered one that attacks get.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "faultline/core/oracle.h"
#include "faultline/core/target.h"
#include "faultline/targets/catching.h"
#include "faultline/targets/metered.h"
#include "faultline/targets/padded.h"

namespace faultline {

/// Makes the plain target (normalisation inside) for one worker. Called from several threads.
using TargetFactory = std::function<std::unique_ptr<Target>()>;

/// The models that oracles compare with. Called from several threads.
struct ComparedModels {
  std::vector<TargetFactory> others{};
  /// Throws Error (kUsage) when the model cannot be run that way; empty: it never can.
  std::function<std::unique_ptr<Target>(Twin)> twin{};
};

/// Belongs to one worker.
class TargetStack final : public AskedModels {
 public:
  explicit TargetStack(const TargetFactory& make, const ComparedModels& compared = {});

  [[nodiscard]] Target& plain() { return *plain_; }   ///< Batches as they are: the verifier's single looks.
  [[nodiscard]] Target& padded() { return padded_; }  ///< The floor batch: clean pass and verification.

  /// How what some oracles judge is to be asked: when one of them is of exceptions, a row on which the model throws has
  /// outputs of NaN.
  [[nodiscard]] Target& padded_for(const std::vector<ConfiguredOracle>& oracles);
  [[nodiscard]] Target& plain_for(const std::vector<ConfiguredOracle>& oracles);

  /// A row on which the model throws has outputs of NaN.
  [[nodiscard]] Target& catching_plain() { return catching_plain_; }
  [[nodiscard]] Target& catching_padded() { return catching_padded_; }

  [[nodiscard]] ScoreTarget& single() override { return *plain_; }
  [[nodiscard]] std::vector<ScoreTarget*> others() override;
  [[nodiscard]] ScoreTarget& twin(Twin twin) override;

 private:
  /// A model of its own, with padded batches.
  struct Padded {
    explicit Padded(std::unique_ptr<Target> plain_target) : plain(std::move(plain_target)), padded(*plain) {}
    std::unique_ptr<Target> plain;
    PaddedTarget padded;
  };

  std::unique_ptr<Target> plain_;
  PaddedTarget padded_;
  std::int64_t classes_ = 0;  // of the answers of the next two
  CatchingTarget catching_plain_;
  CatchingTarget catching_padded_;
  std::vector<std::unique_ptr<Padded>> others_;
  std::map<Twin, std::unique_ptr<Padded>> twins_;  // made when they are asked for
  std::function<std::unique_ptr<Target>(Twin)> make_twin_;
};

}  // namespace faultline
