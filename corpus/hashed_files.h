// Files of a corpus whose names are the hashes of their bytes, each read once: mapped, hashed and parsed in place.
// Must not know how entries and events are laid out in folders.
//
//   for_each_sound_file(folder, discovery_files(), damaged, [&](const std::string&, Discovery discovery, Bytes) { ...
//   });
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "faultline/core/error.h"
#include "faultline/corpus/corpus.h"

namespace faultline {

/// One kind of such files.
template <typename Parsed>
struct HashedKind {
  std::string prefix{};
  std::string suffix{};
  std::uintmax_t largest = 0;  ///< Bytes; a larger file is refused before it is read.
  std::string (*name_of)(std::string_view bytes) = nullptr;
  Parsed (*parse)(Bytes bytes, const std::string& name) = nullptr;
};

/// found-<hash>.json.
[[nodiscard]] const HashedKind<Discovery>& discovery_files();

/// <hash>.jsonl. The limit leaves room for ten million events.
[[nodiscard]] const HashedKind<ParsedEvents>& event_files();

[[nodiscard]] inline Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }
[[nodiscard]] inline std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Maps a file of a corpus. Throws Error (kUsage) when it is no plain file (a symbolic link, for instance) or larger
/// than `largest`.
[[nodiscard]] std::unique_ptr<const MappedFile> map_inside(const std::filesystem::path& path, std::uintmax_t largest);

/// What is under the name of a file that is to be written.
enum class Stored {
  kMissing,
  kSound,    ///< The very bytes.
  kDamaged,  ///< Something else.
};

/// Puts the file into the batch unless it is there as it should be; tells what was there before.
Stored put(FileBatch& batch, const std::filesystem::path& path, Bytes bytes);

/// Sorted names in a folder that begin and end so.
[[nodiscard]] std::vector<std::string> names_between(const std::filesystem::path& folder, const std::string& prefix,
                                                     const std::string& suffix);

/// Calls visit(name, parsed, bytes) for each file of the kind, in order of their names. One that cannot be read, is too
/// large, has been altered or is no such file is reported instead.
template <typename Parsed, typename Visit>
void for_each_sound_file(const std::filesystem::path& folder, const HashedKind<Parsed>& kind,
                         const DamageObserver& damaged, const Visit& visit) {
  for (const std::string& name : names_between(folder, kind.prefix, kind.suffix)) {
    const std::string path = (folder / name).string();
    std::unique_ptr<const MappedFile> file;
    std::optional<Parsed> parsed;
    try {
      file = map_inside(path, kind.largest);
      if (kind.name_of(text_of(file->bytes())) != name) {
        refuse(path, "has been altered: its bytes have another hash than its name says");
      }
      parsed = kind.parse(file->bytes(), path);
    } catch (const Error& error) {
      damaged(error.what());
      continue;
    }
    visit(name, std::move(*parsed), file->bytes());
  }
}

}  // namespace faultline
