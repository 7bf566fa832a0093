#include "faultline/data/zip_file.h"

#include <zip.h>

#include <memory>

#include "faultline/data/file.h"

namespace faultline {

namespace {

struct DiscardZip {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};

}  // namespace

void write_zip(const std::filesystem::path& path, const std::map<std::string, std::string>& members) {
  int code = 0;
  std::unique_ptr<zip_t, DiscardZip> archive(zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code));
  if (archive == nullptr) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    const std::string reason = zip_error_strerror(&error);
    zip_error_fini(&error);
    refuse(path.string(), "cannot be written: " + reason);
  }
  for (const auto& [name, bytes] : members) {
    zip_source_t* source = zip_source_buffer(archive.get(), bytes.data(), bytes.size(), /*freep=*/0);
    const zip_int64_t place =
        source == nullptr ? -1 : zip_file_add(archive.get(), name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (place < 0) {
      zip_source_free(source);
      refuse(path.string(), std::string("cannot be written: ") + zip_strerror(archive.get()));
    }
    constexpr zip_uint16_t kFirstDay = (0 << 9) | (1 << 5) | 1;  // 1980-01-01
    zip_file_set_dostime(archive.get(), static_cast<zip_uint64_t>(place), /*dostime=*/0, kFirstDay, /*flags=*/0);
  }
  if (zip_close(archive.get()) != 0) {
    refuse(path.string(), std::string("cannot be written: ") + zip_strerror(archive.get()));
  }
  (void)archive.release();  // closed
}

}  // namespace faultline
