// Plans for a workshop, part by part, and their runs.
//
//   const ProgramResult result = night(shop, std::string(kPlanHead) + kLinfStage + gate("measure = \"rejected\"\nmax =
//   0\n"), "night");
#pragma once

#include <string>
#include <vector>

#include "cli/workshop.h"

namespace faultline {

inline constexpr const char* kPlanHead =
    "goal = \"keeps what it knows\"\n"
    "[model]\n"
    "path = \"model.pt\"\n"
    "[data]\n"
    "source = \"npy:x.npy,y.npy\"\n";
inline constexpr const char* kLinfStage =
    "[[stage]]\n"
    "name = \"linf\"\n"
    "kind = \"attack\"\n"
    "norm = \"linf\"\n"
    "epsilon = 0.27\n"
    "attack = [\"fgsm\", \"pgd:steps=10\"]\n";
inline constexpr const char* kMeasured = "measure = \"robust_accuracy\"\n";

/// A gate on the stage `linf`.
[[nodiscard]] std::string gate(const std::string& lines);

/// Writes plan.toml; returns its name.
std::string write_plan(const Workshop& shop, const std::string& text);

/// Writes the plan and runs it.
ProgramResult night(const Workshop& shop, const std::string& plan, const std::string& out,
                    const std::vector<std::string>& more = {});

/// The summary.json of a run.
[[nodiscard]] Json summary_in(const std::string& out);

}  // namespace faultline
