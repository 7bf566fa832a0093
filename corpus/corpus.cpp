#include "faultline/corpus/corpus.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <system_error>

#include "faultline/core/error.h"
#include "faultline/corpus/hashed_files.h"
#include "faultline/corpus/json_fields.h"
#include "faultline/corpus/listing.h"

namespace faultline {

namespace {

namespace fs = std::filesystem;

constexpr const char* kMarker = "corpus.json";
constexpr const char* kCorpusSchema = "faultline.corpus/1";
constexpr const char* kEntry = "entry.json";
constexpr const char* kWitness = "witness.safetensors";
constexpr const char* kFindings = "findings";
constexpr const char* kEvents = "events";
constexpr std::size_t kFanOutDigits = 2;
constexpr std::size_t kTogether = 500;  // findings that are made durable at once when corpora are merged

void make_folder(const fs::path& path) {
  std::error_code status;
  fs::create_directories(path, status);
  if (status || !fs::is_directory(path)) {
    refuse(path.string(), "cannot be made: " + (status ? status.message() : "something else has this name"));
  }
}

/// The folders above an entry's files, from the corpus down.
std::array<fs::path, 3> folders_of(const fs::path& folder) {
  return {folder.parent_path().parent_path(), folder.parent_path(), folder};
}

/// The folder of an entry. One that is reached through a link is not written to.
void make_entry_folder(const fs::path& folder) {
  for (const fs::path& path : folders_of(folder)) {
    refuse_link(path);
  }
  make_folder(folder);
}

bool is_marker(const fs::path& path) {
  const std::unique_ptr<const MappedFile> file = map_inside(path, kLargestEntry);
  return has_schema(parse_json(text_of(file->bytes())), kCorpusSchema);
}

}  // namespace

Corpus Corpus::open(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    refuse(path.string(), "does not exist; make a corpus with `faultline attack ... --corpus " + path.string() + "`");
  }
  if (!fs::is_directory(path, ignored) || !fs::exists(path / kMarker, ignored) || !is_marker(path / kMarker)) {
    refuse(path.string(), std::string("is no failure corpus: it holds no corpus.json of schema ") + kCorpusSchema);
  }
  return Corpus(path);
}

Corpus Corpus::open_or_create(const fs::path& path) {
  std::error_code ignored;
  if (fs::exists(path / kMarker, ignored)) {
    return open(path);
  }
  if (fs::exists(path, ignored)) {
    const bool empty = std::ranges::all_of(listing(path), [](const fs::directory_entry& entry) {
      // Another process may be making the same corpus.
      return entry.path().filename().string().find(kTemporaryMark) != std::string::npos;
    });
    if (!empty && !fs::exists(path / kMarker, ignored)) {
      refuse(path.string(), "is no failure corpus and not empty; name a new directory or an existing corpus");
    }
  }
  make_folder(path);
  const std::string marker = Json{{"schema", kCorpusSchema}}.dump() + "\n";
  write_file(path / kMarker, std::array{bytes_of(marker)});
  return Corpus(path);
}

fs::path Corpus::folder_of(const std::string& id) const { return path_ / kFindings / id.substr(0, kFanOutDigits) / id; }

bool Corpus::is_linked(const std::string& id) const { return std::ranges::any_of(folders_of(folder_of(id)), &is_link); }

std::vector<std::string> Corpus::ids_in(const std::string& fan) const {
  std::vector<std::string> ids;
  const fs::path folder = path_ / kFindings / fan;
  refuse_link(folder.parent_path());
  if (fan.size() != kFanOutDigits || is_link(folder)) {
    return ids;
  }
  for (const fs::directory_entry& entry : listing(folder)) {
    std::string name = entry.path().filename().string();
    if (is_id(name) && name.starts_with(fan) && is_folder(entry)) {
      ids.push_back(std::move(name));
    }
  }
  return ids;
}

std::vector<std::string> Corpus::ids() const {
  std::vector<std::string> ids;
  const fs::path root = path_ / kFindings;
  refuse_link(root);
  for (const fs::directory_entry& fan : listing(root)) {
    if (is_folder(fan)) {
      const std::vector<std::string> below = ids_in(fan.path().filename().string());
      ids.insert(ids.end(), below.begin(), below.end());
    }
  }
  return ids;
}

std::string Corpus::find(const std::string& prefix) const {
  const std::string fan = prefix.substr(0, kFanOutDigits);
  const bool digits = fan.find_first_not_of("0123456789abcdef") == std::string::npos;  // else it could lead elsewhere
  std::vector<std::string> found;
  if (digits) {
    found = fan.size() == kFanOutDigits ? ids_in(fan) : ids();
  }
  std::erase_if(found, [&](const std::string& id) { return !id.starts_with(prefix); });
  if (found.size() != 1 || prefix.empty()) {
    refuse(path_.string(), found.empty() ? "holds no finding '" + prefix + "'; see `faultline corpus ls`"
                                         : "holds " + std::to_string(found.size()) + " findings that begin with '" +
                                               prefix + "'; give more digits");
  }
  return found.front();
}

bool Corpus::contains(const std::string& id) const {
  std::error_code ignored;
  return !is_linked(id) && fs::exists(fs::symlink_status(folder_of(id) / kEntry, ignored));
}

std::vector<Discovery> Corpus::discoveries(const std::string& id, const DamageObserver& damaged) const {
  std::vector<Discovery> list;
  for_each_sound_file(folder_of(id), discovery_files(), damaged,
                      [&](const std::string&, Discovery discovery, Bytes) { list.push_back(std::move(discovery)); });
  return list;
}

std::optional<StoredFacts> Corpus::facts(const std::string& id, const DamageObserver& damaged) const {
  if (!contains(id)) {
    return std::nullopt;
  }
  const fs::path path = folder_of(id) / kEntry;
  const std::unique_ptr<const MappedFile> entry = map_inside(path, kLargestEntry);
  return StoredFacts{id, parse_failure(id, entry->bytes(), path.string()), discoveries(id, damaged)};
}

bool Corpus::is_recipe_only(const std::string& id) const {
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(folder_of(id) / kWitness, ignored))) {
    return false;
  }
  return std::ranges::any_of(discoveries(id, [](const std::string&) {}), &Discovery::recipe_only);
}

std::optional<Finding> Corpus::finding(const std::string& id) const {
  if (!contains(id)) {
    return std::nullopt;
  }
  const fs::path folder = folder_of(id);
  const std::unique_ptr<const MappedFile> entry = map_inside(folder / kEntry, kLargestEntry);
  if (is_recipe_only(id)) {
    return Finding{.id = id, .failure = parse_failure(id, entry->bytes(), folder.string())};
  }
  const std::unique_ptr<const MappedFile> witness = map_inside(folder / kWitness, UINTMAX_MAX);
  return parse_finding(id, entry->bytes(), witness->bytes(), folder.string());
}

std::optional<StoredFinding> Corpus::load(const std::string& id, const DamageObserver& damaged) const {
  std::optional<Finding> stored = finding(id);
  if (!stored) {
    return std::nullopt;
  }
  return StoredFinding{std::move(*stored), discoveries(id, damaged)};
}

std::optional<StoredFinding> Corpus::load_sound(const std::string& id, const DamageObserver& damaged) const {
  try {
    return load(id, damaged);
  } catch (const Error& error) {
    damaged(error.what());
    return std::nullopt;
  }
}

std::vector<ParsedEvents> Corpus::events(const DamageObserver& damaged) const {
  std::vector<ParsedEvents> list;
  refuse_link(path_ / kEvents);
  for_each_sound_file(path_ / kEvents, event_files(), damaged,
                      [&](const std::string&, ParsedEvents events, Bytes) { list.push_back(std::move(events)); });
  return list;
}

Filed Corpus::file(const std::vector<NewFinding>& findings) {
  Filed filed;
  FileBatch batch;
  std::map<std::string, std::vector<Discovery>> told;  // of this call, by id
  const DamageObserver ignore = [](const std::string&) {};
  for (const auto& [finding, discovery] : findings) {
    const fs::path folder = folder_of(finding.id);
    make_entry_folder(folder);
    const auto [place, first] = told.try_emplace(finding.id);
    std::vector<Discovery>& earlier = place->second;
    if (first && contains(finding.id)) {
      earlier = discoveries(finding.id, ignore);
    }
    bool sound = !first || discovery.recipe_only ||
                 put(batch, folder / kWitness, bytes_of(witness_bytes(finding))) == Stored::kSound;
    if (std::ranges::none_of(earlier, [&](const Discovery& other) { return same_search(other, discovery); })) {
      const std::string found = discovery_bytes(discovery);
      sound &= put(batch, folder / discovery_name(found), bytes_of(found)) != Stored::kDamaged || !first;
      earlier.push_back(discovery);
    }
    sound &= !first || put(batch, folder / kEntry, bytes_of(entry_bytes(finding.failure))) == Stored::kSound;
    ++(sound ? filed.known : filed.added);
  }
  batch.commit();
  return filed;
}

void Corpus::record(const EventFile& events) {
  const std::string bytes = event_file_bytes(events);
  FileBatch batch;  // its commit makes a new folder durable too
  refuse_link(path_ / kEvents);
  make_folder(path_ / kEvents);
  put(batch, path_ / kEvents / event_file_name(bytes), bytes_of(bytes));
  batch.commit();
}

Filed Corpus::merge(const Corpus& other, const DamageObserver& damaged) {
  for (const fs::path& root : {path_ / kFindings, path_ / kEvents, other.path_ / kEvents}) {
    refuse_link(root);
  }
  Filed filed;
  const std::vector<std::string> theirs = other.ids();
  for (std::size_t begin = 0; begin < theirs.size(); begin += kTogether) {
    FileBatch batch;
    for (std::size_t i = begin; i < std::min(begin + kTogether, theirs.size()); ++i) {
      merge_entry(other, theirs[i], {damaged, batch, filed});
    }
    batch.commit();
  }
  FileBatch batch;
  for_each_sound_file(other.path_ / kEvents, event_files(), damaged,
                      [&](const std::string& name, const ParsedEvents&, Bytes bytes) {
                        make_folder(path_ / kEvents);
                        put(batch, path_ / kEvents / name, bytes);
                      });
  batch.commit();
  return filed;
}

void Corpus::merge_entry(const Corpus& other, const std::string& id, const Merging& merging) {
  const auto& [damaged, batch, filed] = merging;
  std::optional<Finding> finding;
  try {
    finding = other.finding(id);
  } catch (const Error& error) {
    damaged(error.what());
  }
  if (!finding) {
    return;
  }
  const fs::path folder = folder_of(id);
  make_entry_folder(folder);
  bool sound =
      !finding->has_tensors() || put(batch, folder / kWitness, bytes_of(witness_bytes(*finding))) == Stored::kSound;
  for_each_sound_file(other.folder_of(id), discovery_files(), damaged,
                      [&](const std::string& name, const Discovery&, Bytes bytes) {
                        sound &= put(batch, folder / name, bytes) != Stored::kDamaged;
                      });
  sound &= put(batch, folder / kEntry, bytes_of(entry_bytes(finding->failure))) == Stored::kSound;
  ++(sound ? filed.known : filed.added);
}

void Corpus::remove(const std::string& id) {
  const fs::path folder = folder_of(id);
  for (const fs::path& path : folders_of(folder)) {
    refuse_link(path);
  }
  // The entry goes first: what is left of a removal that was cut off is an entry that is not there.
  std::error_code status;
  fs::remove(folder / kEntry, status);
  if (!status) {
    fs::remove_all(folder, status);
  }
  if (status) {
    refuse(folder.string(), "cannot be deleted: " + status.message());
  }
}

}  // namespace faultline
