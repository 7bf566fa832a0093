// Every mutator at every severity on the same inputs, as one picture: what each does to the data at hand.
//
//   write_mutator_sheet("sheet.png", registries.mutators, {input}, Bounds{0, 1});
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "faultline/core/mutator_registry.h"
#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// Writes a PNG with a row for each mutator that needs no model: its name, then for each input [C, H, W] (C = 1 or 3)
/// severities 0 to 5, enlarged by a whole factor to 48 pixels of height at least. The same inputs give the same bytes.
/// Throws Error (kUsage) when an input is no image, there is nothing to show, or the file cannot be written.
void write_mutator_sheet(const std::filesystem::path& path, const std::vector<MutatorRegistry::Entry>& mutators,
                         const std::vector<Tensor>& inputs, const Bounds& bounds);

}  // namespace faultline
