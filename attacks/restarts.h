// Independent starts of an attack, each on the rows that those before it left.
//
//   for_each_restart(best, batch, threat, options.restarts, [&](const Restart& now) { ... now.part ... });
#pragma once

#include "faultline/core/batch.h"
#include "faultline/core/best_points.h"
#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"

namespace faultline {

struct Restart {
  int number = 0;
  const Tensor& rows;  ///< [M] int64 on the host: the batch's rows whose goal is not reached yet.
  const Batch& part;   ///< These rows.
  const ThreatModel& threat;
};

/// Calls run(Restart) up to `count` times, as long as a row of `best` is unfinished.
template <typename Run>
void for_each_restart(const BestPoints& best, const Batch& batch, const ThreatModel& threat, int count, Run&& run) {
  for (int number = 0; number < count; ++number) {
    const Tensor rows = best.unfinished();
    if (rows.size(0) == 0) {
      return;
    }
    run(Restart{number, rows, select(batch, rows), select(threat, rows)});
  }
}

}  // namespace faultline
