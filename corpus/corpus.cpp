#include "faultline/corpus/corpus.h"

#include <algorithm>
#include <array>
#include <map>
#include <system_error>

#include "faultline/core/error.h"
#include "faultline/corpus/json_fields.h"
#include "faultline/data/sha256.h"

namespace faultline {

namespace {

namespace fs = std::filesystem;

constexpr const char* kMarker = "corpus.json";
constexpr const char* kSchema = "faultline.corpus/1";
constexpr const char* kEntry = "entry.json";
constexpr const char* kWitness = "witness.safetensors";
constexpr std::size_t kFanOutDigits = 2;
constexpr std::size_t kTogether = 500;  // findings that are made durable at once when corpora are merged

Bytes as_bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

void make_folder(const fs::path& path) {
  std::error_code status;
  fs::create_directories(path, status);
  if (status || !fs::is_directory(path)) {
    refuse(path.string(), "cannot be made: " + (status ? status.message() : "something else has this name"));
  }
}

/// The folder of an entry. One that is reached through a link is not written to.
void make_entry_folder(const fs::path& folder) {
  std::error_code ignored;
  for (const fs::path& path : {folder.parent_path(), folder}) {
    if (fs::is_symlink(fs::symlink_status(path, ignored))) {
      refuse(path.string(), "is a symbolic link, which is not followed");
    }
  }
  make_folder(folder);
}

/// Sorted names of what a folder holds and `wanted` accepts; nothing when there is no such folder.
std::vector<std::string> names_in(const fs::path& folder,
                                  const std::function<bool(const fs::directory_entry&)>& wanted) {
  std::vector<std::string> names;
  std::error_code status;
  for (fs::directory_iterator entry(folder, status), end; !status && entry != end; entry.increment(status)) {
    if (wanted(*entry)) {
      names.push_back(entry->path().filename().string());
    }
  }
  if (status && status != std::errc::no_such_file_or_directory) {
    refuse(folder.string(), "cannot be read: " + status.message());
  }
  std::ranges::sort(names);
  return names;
}

bool is_marker(const fs::path& path) {
  const MappedFile file = map_inside(path);
  const std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  return has_schema(json, kSchema);
}

std::string copy_of(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

struct SoundFile {
  std::string name;
  std::string bytes;
};

/// The kinds of files whose names are the hashes of their bytes.
struct HashedKind {
  std::string prefix;
  std::string suffix;
  std::string (*name_of)(const std::string& bytes);
  void (*check)(Bytes bytes, const std::string& name);
};

const HashedKind kDiscoveries{"found-", ".json", &discovery_name,
                              [](Bytes bytes, const std::string& name) { (void)parse_discovery(bytes, name); }};
const HashedKind kEvents{"", ".jsonl", &event_file_name,
                         [](Bytes bytes, const std::string& name) { (void)parse_event_file(bytes, name); }};

/// The files of a kind in a folder, in order of their names. One that cannot be read, has been altered or is no such
/// file is reported instead.
std::vector<SoundFile> sound_files(const fs::path& folder, const HashedKind& kind, const DamageObserver& damaged) {
  std::vector<SoundFile> files;
  const auto wanted = [&](const fs::directory_entry& entry) {
    const std::string name = entry.path().filename().string();
    return name.starts_with(kind.prefix) && name.ends_with(kind.suffix);
  };
  for (const std::string& name : names_in(folder, wanted)) {
    const std::string path = (folder / name).string();
    try {
      std::string bytes = copy_of(map_inside(path));
      if (kind.name_of(bytes) != name) {
        refuse(path, "has been altered: its bytes have another hash than its name says");
      }
      kind.check(as_bytes(bytes), path);
      files.push_back({name, std::move(bytes)});
    } catch (const Error& error) {
      damaged(error.what());
    }
  }
  return files;
}

void add_missing(FileBatch& batch, const fs::path& folder, const std::vector<SoundFile>& files) {
  if (!files.empty()) {
    make_folder(folder);
  }
  for (const SoundFile& file : files) {
    if (!fs::exists(folder / file.name)) {
      batch.add(folder / file.name, as_bytes(file.bytes));
    }
  }
}

}  // namespace

MappedFile map_inside(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_symlink(fs::symlink_status(path, ignored))) {
    refuse(path.string(), "is a symbolic link, which is not followed");
  }
  return MappedFile(path);
}

Corpus Corpus::open(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    refuse(path.string(), "does not exist; make a corpus with `faultline attack ... --corpus " + path.string() + "`");
  }
  if (!fs::is_directory(path, ignored) || !fs::exists(path / kMarker, ignored) || !is_marker(path / kMarker)) {
    refuse(path.string(), std::string("is no failure corpus: it holds no corpus.json of schema ") + kSchema);
  }
  return Corpus(path);
}

Corpus Corpus::open_or_create(const fs::path& path) {
  std::error_code ignored;
  if (fs::exists(path / kMarker, ignored)) {
    return open(path);
  }
  if (fs::exists(path, ignored)) {
    const std::vector<std::string> there = names_in(path, [](const fs::directory_entry& entry) {
      // Another process may be making the same corpus.
      return entry.path().filename().string().find(kTemporaryMark) == std::string::npos;
    });
    if (!there.empty() && !fs::exists(path / kMarker, ignored)) {
      refuse(path.string(), "is no failure corpus and not empty; name a new directory or an existing corpus");
    }
  }
  make_folder(path);
  const std::string marker = Json{{"schema", kSchema}}.dump() + "\n";
  write_file(path / kMarker, std::array{as_bytes(marker)});
  return Corpus(path);
}

fs::path Corpus::folder_of(const std::string& id) const {
  return path_ / "findings" / id.substr(0, kFanOutDigits) / id;
}

std::vector<std::string> Corpus::ids() const {
  std::vector<std::string> ids;
  const fs::path root = path_ / "findings";
  const auto real_folder = [](const fs::directory_entry& entry) { return entry.is_directory() && !entry.is_symlink(); };
  for (const std::string& fan : names_in(root, real_folder)) {
    const std::vector<std::string> names = names_in(root / fan, [&](const fs::directory_entry& entry) {
      const std::string name = entry.path().filename().string();
      return is_id(name) && name.starts_with(fan) && fan.size() == kFanOutDigits && real_folder(entry);
    });
    ids.insert(ids.end(), names.begin(), names.end());
  }
  return ids;
}

std::string Corpus::find(const std::string& prefix) const {
  std::vector<std::string> found = ids();
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
  return fs::exists(fs::symlink_status(folder_of(id) / kEntry, ignored));
}

std::vector<Discovery> Corpus::discoveries(const std::string& id, const DamageObserver& damaged) const {
  std::vector<Discovery> list;
  for (const SoundFile& file : sound_files(folder_of(id), kDiscoveries, damaged)) {
    list.push_back(parse_discovery(as_bytes(file.bytes), file.name));
  }
  return list;
}

std::optional<StoredFacts> Corpus::facts(const std::string& id, const DamageObserver& damaged) const {
  if (!contains(id)) {
    return std::nullopt;
  }
  const fs::path path = folder_of(id) / kEntry;
  const MappedFile entry = map_inside(path);
  if (sha256_of(entry.bytes()) != id) {
    refuse(path.string(), "has been altered: it has another hash than the folder's name says");
  }
  return StoredFacts{id, parse_failure(entry.bytes(), path.string()), discoveries(id, damaged)};
}

std::optional<StoredFinding> Corpus::load(const std::string& id, const DamageObserver& damaged) const {
  if (!contains(id)) {
    return std::nullopt;
  }
  const fs::path folder = folder_of(id);
  const MappedFile entry = map_inside(folder / kEntry);
  const MappedFile witness = map_inside(folder / kWitness);
  return StoredFinding{parse_finding(id, entry.bytes(), witness.bytes(), folder.string()), discoveries(id, damaged)};
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
  for (const SoundFile& file : sound_files(path_ / "events", kEvents, damaged)) {
    list.push_back(parse_event_file(as_bytes(file.bytes), file.name));
  }
  return list;
}

Filed Corpus::file(const std::vector<NewFinding>& findings) {
  Filed filed;
  FileBatch batch;
  std::map<std::string, std::vector<Discovery>> told;  // of this call, by id
  const DamageObserver ignore = [](const std::string&) {};
  for (const auto& [finding, discovery] : findings) {
    const fs::path folder = folder_of(finding.id);
    const bool stored = contains(finding.id);
    const bool known = stored || told.contains(finding.id);
    std::vector<Discovery>& earlier = told[finding.id];
    if (stored && earlier.empty()) {
      earlier = discoveries(finding.id, ignore);
    }
    ++(known ? filed.known : filed.added);
    make_entry_folder(folder);
    if (!known) {
      batch.add(folder / kWitness, as_bytes(witness_bytes(finding)));
    }
    if (std::ranges::none_of(earlier, [&](const Discovery& other) { return same_search(other, discovery); })) {
      const std::string found = discovery_bytes(discovery);
      batch.add(folder / discovery_name(found), as_bytes(found));
      earlier.push_back(discovery);
    }
    if (!known) {
      batch.add(folder / kEntry, as_bytes(entry_bytes(finding.failure)));
    }
  }
  batch.commit();
  return filed;
}

void Corpus::record(const EventFile& events) {
  const std::string bytes = event_file_bytes(events);
  const fs::path path = path_ / "events" / event_file_name(bytes);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    make_folder(path_ / "events");
    write_file(path, std::array{as_bytes(bytes)});
  }
}

Filed Corpus::merge(const Corpus& other, const DamageObserver& damaged) {
  Filed filed;
  const std::vector<std::string> theirs = other.ids();
  for (std::size_t begin = 0; begin < theirs.size(); begin += kTogether) {
    FileBatch batch;
    for (std::size_t i = begin; i < std::min(begin + kTogether, theirs.size()); ++i) {
      const std::optional<StoredFinding> stored = other.load_sound(theirs[i], damaged);
      if (!stored) {
        continue;
      }
      const fs::path folder = folder_of(theirs[i]);
      const bool known = contains(theirs[i]);
      ++(known ? filed.known : filed.added);
      make_entry_folder(folder);
      if (!known) {
        batch.add(folder / kWitness, as_bytes(witness_bytes(stored->finding)));
      }
      add_missing(batch, folder, sound_files(other.folder_of(theirs[i]), kDiscoveries, [](const std::string&) {}));
      if (!known) {
        batch.add(folder / kEntry, as_bytes(entry_bytes(stored->finding.failure)));
      }
    }
    batch.commit();
  }
  FileBatch batch;
  add_missing(batch, path_ / "events", sound_files(other.path_ / "events", kEvents, damaged));
  batch.commit();
  return filed;
}

void Corpus::remove(const std::string& id) {
  // The entry goes first: what is left of a removal that was cut off is an entry that is not there.
  std::error_code status;
  fs::remove(folder_of(id) / kEntry, status);
  if (!status) {
    fs::remove_all(folder_of(id), status);
  }
  if (status) {
    refuse(folder_of(id).string(), "cannot be deleted: " + status.message());
  }
}

}  // namespace faultline
