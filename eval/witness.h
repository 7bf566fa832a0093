// Witnesses on disk: one safetensors file each, named by content.
#pragma once

#include <filesystem>
#include <string>

#include "faultline/core/tensor.h"

namespace faultline {

struct ChunkResult;

/// Sets `witness` of every found row to the content hash of its witness.
void name_witnesses(ChunkResult& result);

/// Writes the witnesses of a chunk as DIR/<hash>.safetensors with the float32 tensors `clean` and `witness`.
/// Files that are there already are left alone. Throws Error (kUsage) when one cannot be written.
void write_witnesses(const ChunkResult& result, const std::filesystem::path& directory);

}  // namespace faultline
