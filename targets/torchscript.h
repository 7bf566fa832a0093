// Models saved by TorchScript. The only file pair that includes torch/script.h.
//
//   auto model = TorchScriptModel::load("model.pt", {.device = parse_device("cpu")});
//   TorchScriptTarget target(model);   // one per worker; all share the frozen module
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "faultline/core/target.h"

namespace faultline {

struct TorchScriptOptions {
  std::optional<std::string> output{};  ///< Which member of a tuple (its number) or dict (its key) holds the logits.
  bool binary = false;                  ///< One output z per row stands for the two classes (0, z).
  c10::Device device = c10::Device(c10::kCPU);  ///< Where it runs.
  std::optional<at::ScalarType> precision{};    ///< Floating-point type to convert it to; nothing: as it is.
};

/// A loaded module in evaluation mode, frozen where it can be. Immutable after loading; forward() may run in several
/// threads at once.
class TorchScriptModel {
 public:
  /// Throws Error (kUsage) when the file is missing, is no TorchScript archive or cannot be loaded.
  [[nodiscard]] static std::shared_ptr<const TorchScriptModel> load(const std::filesystem::path& path,
                                                                    const TorchScriptOptions& options);

  ~TorchScriptModel();
  TorchScriptModel(const TorchScriptModel&) = delete;
  TorchScriptModel& operator=(const TorchScriptModel&) = delete;

  /// [N, ...] -> [N, K] in the current grad mode. Throws Error (kUsage) with what the model said, or what was expected
  /// of its output.
  [[nodiscard]] Tensor forward(const Tensor& inputs) const;

  [[nodiscard]] bool saved_in_train_mode() const;
  [[nodiscard]] bool frozen() const;
  /// Whether its code computes gradients while it answers: a defence that optimises at inference.
  [[nodiscard]] bool computes_gradients() const;
  [[nodiscard]] c10::Device device() const;
  [[nodiscard]] std::int64_t parameters() const;  ///< Numbers in all parameters.
  [[nodiscard]] std::string forward_schema() const;
  /// Names, sizes and types of the sub-modules, depth first: "conv1: Conv2d [16, 1, 4, 4]".
  [[nodiscard]] std::vector<std::string> layers() const;

 private:
  struct Implementation;
  explicit TorchScriptModel(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

/// The white-box target over a shared model. Inputs may be on the CPU; results come back to the inputs' device.
class TorchScriptTarget : public Target {
 public:
  // Shared: all workers ask one frozen module, and the last of them releases it.
  explicit TorchScriptTarget(std::shared_ptr<const TorchScriptModel> model) : model_(std::move(model)) {}

  [[nodiscard]] Tensor logits(const Tensor& inputs) override;
  /// Throws Error (kUsage) when the output does not depend on the input differentiably.
  [[nodiscard]] Linearization linearize(const Tensor& inputs) override;

 private:
  /// The logits, if there are as many as for earlier inputs of that shape. Throws Error (kUsage).
  [[nodiscard]] Tensor checked(Tensor logits, const Tensor& inputs);

  std::shared_ptr<const TorchScriptModel> model_;
  std::vector<std::int64_t> shape_{};  // of one of the inputs last asked about
  std::int64_t classes_ = 0;           // for that shape
};

}  // namespace faultline
