#include "faultline/corpus/check.h"

#include <algorithm>

#include "faultline/core/error.h"

namespace faultline {

namespace {

namespace fs = std::filesystem;

constexpr const char* kDeleteLeftover = "delete it when no writer is at work";
constexpr const char* kMoveForeign = "move it elsewhere";
constexpr const char* kRestore = "restore it from a copy of the corpus (git checkout, corpus merge), or delete it";

std::vector<fs::path> sorted(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code status;
  for (fs::directory_iterator entry(folder, status), end; !status && entry != end; entry.increment(status)) {
    paths.push_back(entry->path());
  }
  if (status && status != std::errc::no_such_file_or_directory) {
    refuse(folder.string(), "cannot be read: " + status.message());
  }
  std::ranges::sort(paths);
  return paths;
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(fs::symlink_status(path, ignored));
}

class Check {
 public:
  explicit Check(const Corpus& corpus) : corpus_(corpus) {}

  std::vector<Problem> run() {
    for (const fs::path& path : sorted(corpus_.path())) {
      const std::string name = path.filename().string();
      const bool beside = name.starts_with(".git") || name.starts_with("README");  // a repository's own
      if ((name == "findings" || name == "events") && is_folder(path)) {
        name == "findings" ? findings(path) : events(path);
      } else if (name != "corpus.json" && !beside) {
        stranger(path);
      }
    }
    return std::move(problems_);
  }

 private:
  void add(Problem::Kind kind, const std::string& message, const std::string& advice) {
    problems_.push_back({kind, message, advice});
  }

  DamageObserver damage() {
    return [this](const std::string& message) { add(Problem::Kind::kDamaged, message, kRestore); };
  }

  /// A file or folder that should not be there.
  void stranger(const fs::path& path) {
    if (path.filename().string().find(kTemporaryMark) != std::string::npos) {
      add(Problem::Kind::kLeftover, path.string() + ": a temporary file that a writer left behind", kDeleteLeftover);
    } else {
      add(Problem::Kind::kForeign, path.string() + ": is no part of a corpus", kMoveForeign);
    }
  }

  void findings(const fs::path& root) {
    for (const fs::path& fan : sorted(root)) {
      const std::string prefix = fan.filename().string();
      const bool two_digits = prefix.size() == 2 && prefix.find_first_not_of("0123456789abcdef") == std::string::npos;
      if (!two_digits || !is_folder(fan)) {
        stranger(fan);
        continue;
      }
      for (const fs::path& folder : sorted(fan)) {
        const std::string id = folder.filename().string();
        if (is_id(id) && id.starts_with(prefix) && is_folder(folder)) {
          entry(id, folder);
        } else {
          stranger(folder);
        }
      }
    }
  }

  void entry(const std::string& id, const fs::path& folder) {
    for (const fs::path& path : sorted(folder)) {
      const std::string name = path.filename().string();
      const bool known = name == "entry.json" || name == "witness.safetensors" ||
                         (name.starts_with("found-") && name.ends_with(".json"));
      if (!known) {
        stranger(path);
      }
    }
    try {
      if (!corpus_.load(id, damage())) {
        add(Problem::Kind::kLeftover, folder.string() + ": has no entry.json: its writer was cut off", kDeleteLeftover);
      }
    } catch (const Error& error) {
      damage()(error.what());
    }
  }

  void events(const fs::path& root) {
    for (const fs::path& path : sorted(root)) {
      if (path.extension() != ".jsonl") {
        stranger(path);
      }
    }
    (void)corpus_.events(damage());
  }

  const Corpus& corpus_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> check(const Corpus& corpus) { return Check(corpus).run(); }

}  // namespace faultline
