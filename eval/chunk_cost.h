// What the attacks on a chunk of samples cost: a line of costs.jsonl.
//
//   directory.append(lines, to_line(ChunkCost{chunk, result.costs}));
//   if (const auto cost = cost_from_line(line)) { ... }
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "faultline/eval/attack_chunk.h"
#include "faultline/eval/runner.h"

namespace faultline {

struct ChunkCost {
  Chunk chunk{};
  std::vector<AttackCost> attacks{};
};

/// The line, without line end.
[[nodiscard]] std::string to_line(const ChunkCost& cost);

/// Nothing when the line is none: a killed run leaves torn ones.
[[nodiscard]] std::optional<ChunkCost> cost_from_line(const std::string& line);

}  // namespace faultline
