// The command line as a function: a program with plug-ins of its own needs three lines.
//
//   faultline::Registries registries;
//   faultline::register_builtin(registries);
//   register_my_attack(registries.attacks);
//   return faultline::run(argc, argv, registries);
#pragma once

#include "faultline/core/registry.h"

namespace faultline {

/// Adds the attacks and data readers that come with Faultline.
void register_builtin(Registries& registries);

/// Runs one command and returns the exit code of product.md. Sets process-wide LibTorch threads and signal handlers;
/// call it once, from main.
[[nodiscard]] int run(int argc, char** argv, const Registries& registries);

}  // namespace faultline
