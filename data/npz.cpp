#include "faultline/data/npz.h"

#include <zip.h>

#include "faultline/core/registry.h"
#include "faultline/data/array_dataset.h"
#include "faultline/data/gzip.h"
#include "faultline/data/npy.h"

namespace faultline {

namespace {

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct Close {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, Discard>;
using Member = std::unique_ptr<zip_file_t, Close>;

Archive open_archive(Bytes bytes, const std::string& name) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), /*freep=*/0, &error);
  Archive archive(source != nullptr ? zip_open_from_source(source, ZIP_RDONLY, &error) : nullptr);
  const std::string reason = archive ? "" : zip_error_strerror(&error);
  zip_error_fini(&error);
  if (!archive) {
    if (source != nullptr) {
      zip_source_free(source);
    }
    refuse(name, "is not a whole zip archive (" + reason + "); expected what numpy.savez writes");
  }
  return archive;
}

/// "x, y": the names in the archive, some of them when there are many.
std::string list_members(zip_t* archive) {
  constexpr zip_int64_t kMost = 10;
  const zip_int64_t count = zip_get_num_entries(archive, 0);
  std::string list;
  for (zip_int64_t i = 0; i < std::min(count, kMost); ++i) {
    const char* name = zip_get_name(archive, static_cast<zip_uint64_t>(i), 0);
    list += (i == 0 ? "" : ", ") + std::string(name != nullptr ? name : "?");
  }
  return count > kMost ? list + ", ..." : list;
}

std::vector<std::byte> unpack(zip_t* archive, zip_uint64_t index, std::size_t archive_size, const std::string& name) {
  zip_stat_t status;
  zip_stat_init(&status);
  constexpr zip_uint64_t kNeeded = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
  if (zip_stat_index(archive, index, 0, &status) != 0 || (status.valid & kNeeded) != kNeeded) {
    refuse(name, "the archive does not say how large it is");
  }
  check_unpacked_size(status.size, std::min<std::uint64_t>(status.comp_size, archive_size), name);
  const Member member(zip_fopen_index(archive, index, 0));
  if (!member) {
    refuse(name, std::string("cannot be unpacked: ") + zip_strerror(archive));
  }
  std::vector<std::byte> unpacked(status.size);
  std::size_t done = 0;
  while (done < unpacked.size()) {
    const zip_int64_t count = zip_fread(member.get(), unpacked.data() + done, unpacked.size() - done);
    if (count <= 0) {
      refuse(name, count < 0 ? std::string("cannot be unpacked: ") + zip_file_strerror(member.get())
                             : "truncated: " + std::to_string(done) + " of " + std::to_string(status.size) + " bytes");
    }
    done += static_cast<std::size_t>(count);
  }
  std::byte more{};
  if (zip_fread(member.get(), &more, 1) != 0) {  // the end of the member: its checksum is compared here
    refuse(name, std::string("is damaged: ") + zip_file_strerror(member.get()));
  }
  return unpacked;
}

std::unique_ptr<Dataset> open_npz(const std::string& path, const DataOptions& options) {
  const MappedFile file(path);
  StoredArray inputs = read_npz_array(file.bytes(), path, {"x", "X", "images", "data", "arr_0"});
  const StoredArray labels = read_npz_array(file.bytes(), path, {"y", "Y", "labels", "arr_1"});
  return make_array_dataset(std::move(inputs), labels, {path}, options);
}

}  // namespace

StoredArray read_npz_array(Bytes archive, const std::string& file_name, const std::vector<std::string>& names) {
  const Archive opened = open_archive(archive, file_name);
  std::string tried;
  for (const std::string& name : names) {
    const zip_int64_t index = zip_name_locate(opened.get(), (name + ".npy").c_str(), 0);
    if (index >= 0) {
      const std::string full_name = file_name + ", array '" + name + "'";
      auto bytes = std::make_shared<const std::vector<std::byte>>(
          unpack(opened.get(), static_cast<zip_uint64_t>(index), archive.size(), full_name));
      return parse_npy(*bytes, full_name, bytes);
    }
    tried += (tried.empty() ? "" : ", ") + name;
  }
  refuse(file_name, "has no array named " + tried + "; it holds: " + list_members(opened.get()));
}

void register_npz(DataRegistry& registry) {
  registry.add({.kind = "npz",
                .pattern = "npz:FILE",
                .summary = "NumPy archive: inputs x, X, images, data or arr_0; labels y, Y, labels or arr_1",
                .open = open_npz,
                .recognises = [](const std::string& path) { return path.ends_with(".npz"); }});
}

}  // namespace faultline
