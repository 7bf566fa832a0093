#include "faultline/core/registry.h"

#include <algorithm>

#include "faultline/core/suggest.h"

namespace faultline {

void AttackRegistry::add_entry(Entry entry) {
  FAULTLINE_ASSERT(std::ranges::none_of(entries_, [&](const Entry& e) { return e.info.name == entry.info.name; }),
                   "an attack named '" + entry.info.name + "' is registered already");
  entries_.push_back(std::move(entry));
}

ConfiguredAttack AttackRegistry::configure(const std::string& name, const std::vector<OptionSetting>& settings) const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) {
    if (entry.info.name == name) {
      return entry.configure(settings);
    }
    names.push_back(entry.info.name);
  }
  throw Error{ErrorCode::kUsage, "--attack: unknown attack '" + name + "'" + did_you_mean(name, names)};
}

void DataRegistry::add(Entry entry) {
  FAULTLINE_ASSERT(std::ranges::none_of(entries_, [&](const Entry& e) { return e.kind == entry.kind; }),
                   "a data reader named '" + entry.kind + "' is registered already");
  entries_.push_back(std::move(entry));
}

std::unique_ptr<Dataset> DataRegistry::open(const std::string& spec, const DataOptions& options) const {
  const std::size_t colon = spec.find(':');
  const std::string kind = spec.substr(0, colon);
  std::vector<std::string> kinds;
  for (const Entry& entry : entries_) {
    if (colon != std::string::npos && entry.kind == kind) {
      return entry.open(spec.substr(colon + 1), options);
    }
    kinds.push_back(entry.kind);
  }
  for (const Entry& entry : entries_) {
    if (entry.recognises && entry.recognises(spec)) {
      return entry.open(spec, options);
    }
  }
  if (colon != std::string::npos) {
    throw Error{ErrorCode::kUsage, "--data: unknown kind '" + kind + "' in '" + spec + "'" + did_you_mean(kind, kinds)};
  }
  throw Error{ErrorCode::kUsage, "--data: cannot tell the kind of '" + spec +
                                     "'; write KIND:PATH, where KIND is one of" +
                                     did_you_mean("", kinds).substr(std::string_view("; known:").size())};
}

}  // namespace faultline
