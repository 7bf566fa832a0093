// The table through which the engine reaches mutators.
//
//   registry.add<&rotate>({.name = "rotate", .family = "geometry", .summary = "turns the image"});
//   const MutatorRegistry::Entry& entry = registry.at("rotate");
//   entry.apply(image, parameters_at(entry.parameters, 3, 28, draws), draws);
#pragma once

#include <concepts>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "faultline/core/mutator.h"
#include "faultline/core/recipe.h"
#include "faultline/core/threat_model.h"

namespace faultline {

namespace mutator_detail {

[[nodiscard]] ParameterInfo describe(std::string_view name, bool integer, const Scale& scale, std::string_view help);
[[nodiscard]] ParameterInfo describe(std::string_view name, bool integer, const Choice& choice, std::string_view help);

template <typename Function>
struct Signature;

template <typename P>
struct Signature<Mutation (*)(Image, const P&, Draws&)> {
  using Parameters = P;
};

/// The parameters with the given values, in the order of the list.
template <typename P>
[[nodiscard]] P from_values(std::span<const double> values) {
  P parameters{};
  std::size_t place = 0;
  P::fields(parameters, [&](std::string_view, auto& member, const auto&, std::string_view) {
    using Member = std::remove_cvref_t<decltype(member)>;
    member = static_cast<Member>(values[place++]);
  });
  return parameters;
}

template <typename P>
[[nodiscard]] std::vector<ParameterInfo> describe_all() {
  P parameters{};
  std::vector<ParameterInfo> infos;
  P::fields(parameters, [&](std::string_view name, auto& member, const auto& range, std::string_view help) {
    using Member = std::remove_cvref_t<decltype(member)>;
    infos.push_back(describe(name, std::integral<Member>, range, help));
  });
  return infos;
}

}  // namespace mutator_detail

/// Mutators by name. Names are unique; the order is that of registration.
class MutatorRegistry {
 public:
  struct Entry {
    MutatorInfo info;
    std::vector<ParameterInfo> parameters;
    /// Changes the image in place and brings its values back into [0, 1]. One value per parameter, each in its range.
    /// Safe to call from several threads at once, with a Draws each.
    std::function<Mutation(Image image, std::span<const double> values, Draws& draws)> apply;
  };

  /// Registers the mutator function. Throws std::logic_error when the name is taken.
  template <auto function>
  void add(const MutatorInfo& info) {
    using Parameters = typename mutator_detail::Signature<decltype(function)>::Parameters;
    add_entry({info, mutator_detail::describe_all<Parameters>(),
               [](Image image, std::span<const double> values, Draws& draws) {
                 return function(image, mutator_detail::from_values<Parameters>(values), draws);
               }});
  }

  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

  /// Throws Error (kUsage) with the nearest name when there is none.
  [[nodiscard]] const Entry& at(const std::string& name) const;

 private:
  void add_entry(Entry entry);

  std::vector<Entry> entries_;
};

/// The input [C, H, W] float32 on the CPU, values between the bounds, as the mutator leaves a copy of it. `gradient`
/// has the shape of the input, for mutators that need it.
[[nodiscard]] Tensor rendered(const MutatorRegistry::Entry& mutator, std::span<const double> values,
                              const Tensor& input, const Bounds& bounds, Draws& draws, const Tensor& gradient = {});

/// The same of a whole recipe; `mutators`: that of each step.
[[nodiscard]] Tensor rendered(const Recipe& recipe, const std::vector<const MutatorRegistry::Entry*>& mutators,
                              const Tensor& input, const Bounds& bounds, const Tensor& gradient = {});

}  // namespace faultline
