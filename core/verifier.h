// The only judge of success. Whatever an attack claims is recomputed here, on the plain target.
//
//   std::vector<Verdict> verdicts = verify(target, single, batch, threat, result.candidates);
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "faultline/core/batch.h"
#include "faultline/core/target.h"
#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"
#include "faultline/core/transform_task.h"

namespace faultline {

/// In tau: nearer to a tie than that, one look is not believed.
constexpr double kSmallMargin = 16;

enum class Judgement {
  kAccepted,  ///< Adversarial: inside the threat model (or the space of transforms), margin < -tau at the floor batch
              ///< and, when small, alone.
  kNearTie,   ///< Inside the threat model, but |margin| <= tau in one of the two: kept, flagged, not counted as found.
  kRejected,  ///< Not finite, outside bounds or budget, or not adversarial: a bug of the attack that claimed it.
};

/// What a model says of one row.
struct Answer {
  std::int64_t prediction = -1;                            ///< The class with the highest logit.
  double margin = 0;                                       ///< goal_margin; of other judges the slack.
  double tau = 0;                                          ///< The tolerance.
  double confidence = 0;                                   ///< Softmax probability of the prediction.
  bool finite = false;                                     ///< Whether all logits are.
  std::vector<std::pair<std::int64_t, double>> highest{};  ///< Up to five classes with the highest logits.
};

/// Asks the target about inputs [N, ...] with labels [N]; of the threat model only the goal matters.
[[nodiscard]] std::vector<Answer> ask(ScoreTarget& target, const Tensor& inputs, const Tensor& labels,
                                      const ThreatModel& threat);

/// Asks the target about inputs [M, ...] made from the rows numbered in `rows` ([M] int64 on the host) of the judge's
/// batch; margin and tau are slack and tolerance.
[[nodiscard]] std::vector<Answer> ask(ScoreTarget& target, const Tensor& inputs, const Judge& judge,
                                      const Tensor& rows);

struct Verdict {
  Judgement judgement = Judgement::kRejected;
  std::int64_t prediction = -1;                            ///< The class at the witness.
  double margin = 0;                                       ///< goal_margin there, the less favourable of the two looks.
  double confidence = 0;                                   ///< Softmax probability of the prediction.
  double distance = 0;                                     ///< In the norm of the threat model, float64.
  std::vector<std::pair<std::int64_t, double>> highest{};  ///< Up to five classes with the highest logits.
};

/// What the plain target says of a clean batch.
struct CleanVerdict {
  std::int64_t prediction = -1;
  double margin = 0;
  double confidence = 0;
  bool right = false;     ///< margin >= -tau: a near tie counts as right.
  bool near_tie = false;  ///< |margin| <= tau.
};

/// Judges candidates [M, ...] for the samples of `batch` (M rows). `target` is the plain model: it pads to the floor
/// batch itself; `single` is the same model without padding, asked with one row at a time.
[[nodiscard]] std::vector<Verdict> verify(ScoreTarget& target, ScoreTarget& single, const Batch& batch,
                                          const ThreatModel& threat, const Tensor& candidates);

/// The same for what a search over transforms claims of the rows numbered in `rows` ([M] int64 on the host) of its
/// batch: legal is what lies in the space, inside the bounds, and is bit for bit what its recipe renders again; failed
/// is what the judge says, where it says so twice when it is near. `recipes` holds M; distances are in `norm`.
[[nodiscard]] std::vector<Verdict> verify(ScoreTarget& target, ScoreTarget& single, const TransformTask& task,
                                          const Tensor& rows, const Tensor& candidates,
                                          const std::vector<Recipe>& recipes, Norm norm);

/// What is claimed of candidates [M, ...], and what has been checked of them already.
struct Claims {
  Tensor candidates{};
  Tensor rows{};       ///< [M] int64 on the host: of the judge's batch.
  Tensor distances{};  ///< [M] float64.
  Tensor legal{};      ///< [M] bool on the host: inside bounds, budget and whatever else was promised.
};

/// The same where the caller has checked what is legal: judges that by what the model says of it, twice when it is
/// near.
[[nodiscard]] std::vector<Verdict> verify(ScoreTarget& target, ScoreTarget& single, const Judge& judge,
                                          const Claims& claims);

/// Rows that hold only finite numbers inside the bounds: [M] bool on the host.
[[nodiscard]] Tensor inside_bounds(const Tensor& candidates, const Bounds& bounds);

/// Judges the clean inputs of a batch. Throws Error (kUsage) when a logit is not finite.
[[nodiscard]] std::vector<CleanVerdict> judge_clean(ScoreTarget& target, const Batch& batch);

}  // namespace faultline
