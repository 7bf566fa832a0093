// Who found a failure, on which model, with what: the provenance beside an entry. Content-addressed, append-only.
//
//   const std::string bytes = discovery_bytes({.line = "main", .model = sha256, .attack = "pgd"});
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "faultline/data/file.h"

namespace faultline {

struct Failure;

/// What stands between an input and the model's logits; another one is another classifier.
struct Preprocessing {
  std::string output{};        ///< Which member of a tuple or dict holds the logits; empty: the only one.
  bool binary = false;         ///< One output per row stands for two classes.
  std::vector<double> mean{};  ///< Per channel; empty: none.
  std::vector<double> std{};   ///< Per channel; empty: none.
  bool operator==(const Preprocessing&) const = default;
};

/// The content of found-<hash>.json.
struct Discovery {
  std::string line = "main";                     ///< The line of models it was found on.
  std::string model{};                           ///< SHA-256 of the model file.
  std::int64_t classes = 0;                      ///< Of that model.
  Preprocessing preprocessing{};                 ///< Around that model.
  std::string data{};                            ///< SHA-256 of the data files.
  std::int64_t sample = -1;                      ///< Index of the clean input in them.
  std::string attack{};                          ///< Name of the attack, or of what else produced the witness.
  std::map<std::string, std::string> options{};  ///< Every option with its value.
  std::string recipe{};                          ///< JSON: how transforms made the witness; empty when they did not.
  bool recipe_only = false;                      ///< The tensors are not stored: data and recipe give them.
  std::uint64_t seed = 0;
  std::vector<std::string> parents{};  ///< Ids of findings that this one was made from.
  std::string faultline{};             ///< Version.
  std::string libtorch{};              ///< Version.
  std::int64_t clean_prediction = -1;
  double clean_margin = 0;
  std::int64_t prediction = -1;
  double margin = 0;
  double confidence = 0;
  double distance = 0;                                    ///< 0 where no norm measures the change.
  std::vector<std::pair<std::int64_t, double>> logits{};  ///< The highest at the witness: class and logit.
  std::string date{};                                     ///< UTC day, YYYY-MM-DD.
};

/// Bytes of found-<hash>.json at most.
constexpr std::size_t kLargestDiscovery = std::size_t{256} * 1024;

/// One line of JSON. What a reader would refuse is replaced: in texts, bytes that are no UTF-8 and control characters
/// by U+FFFD; of figures, an infinite one by the largest double of its sign, a NaN by 0.
[[nodiscard]] std::string discovery_bytes(const Discovery& discovery);

/// Throws Error (kUsage) that begins with `name`; among else when a text holds control characters.
[[nodiscard]] Discovery parse_discovery(Bytes bytes, const std::string& name);

/// Whether both tell of the same search: model and preprocessing, data, attack, options, seed and line. Figures and
/// dates may differ.
[[nodiscard]] bool same_search(const Discovery& a, const Discovery& b);

/// The first discovery, which stands for a finding: the earliest by date, of equal days the first as given (by name, as
/// a corpus gives them). One that says nothing when there is none.
[[nodiscard]] const Discovery& first_of(const std::vector<Discovery>& discoveries);
const Discovery& first_of(std::vector<Discovery>&& discoveries) = delete;  // the first would die with it

/// "found-<32 digits>.json": the name under which these bytes are stored.
[[nodiscard]] std::string discovery_name(std::string_view bytes);

/// What findings of one kind have in common, for quotas and clusters: oracle, label, class predicted at the discovery,
/// what produced the witness, and the norm of the budget, if there is one: distances in two norms do not compare.
/// "misclassification 7>3 pgd linf"
[[nodiscard]] std::string signature_of(const Failure& failure, const Discovery& discovery);

/// Today, UTC; SOURCE_DATE_EPOCH (seconds since 1970, as in reproducible builds) takes the place of the clock.
[[nodiscard]] std::string today();

}  // namespace faultline
