#include "faultline/corpus/check.h"

#include "faultline/core/error.h"
#include "faultline/corpus/listing.h"

namespace faultline {

namespace {

namespace fs = std::filesystem;

constexpr const char* kDeleteLeftover = "delete it when no writer is at work";
constexpr const char* kMoveForeign = "move it elsewhere";
constexpr const char* kUnlink = "put the folder itself in its place";
constexpr const char* kRestore = "restore it from a copy of the corpus (git checkout, corpus merge), or delete it";

class Check {
 public:
  explicit Check(const Corpus& corpus) : corpus_(corpus) {}

  std::vector<Problem> run() {
    for (const fs::directory_entry& entry : listing(corpus_.path())) {
      const fs::path& path = entry.path();
      const std::string name = path.filename().string();
      const bool beside = name.starts_with(".git") || name.starts_with("README");  // a repository's own
      const bool root = name == "findings" || name == "events";
      if (root && is_link(path)) {
        add(Problem::Kind::kDamaged, path.string() + ": is a symbolic link, which is not followed", kUnlink);
      } else if (root && is_folder(entry)) {
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
    for (const fs::directory_entry& fan : listing(root)) {
      const std::string prefix = fan.path().filename().string();
      const bool two_digits = prefix.size() == 2 && prefix.find_first_not_of("0123456789abcdef") == std::string::npos;
      if (!two_digits || !is_folder(fan)) {
        stranger(fan.path());
        continue;
      }
      for (const fs::directory_entry& folder : listing(fan.path())) {
        const std::string id = folder.path().filename().string();
        if (is_id(id) && id.starts_with(prefix) && is_folder(folder)) {
          entry(id, folder.path());
        } else {
          stranger(folder.path());
        }
      }
    }
  }

  void entry(const std::string& id, const fs::path& folder) {
    for (const fs::directory_entry& file : listing(folder)) {
      const std::string name = file.path().filename().string();
      const bool known = name == "entry.json" || name == "witness.safetensors" ||
                         (name.starts_with("found-") && name.ends_with(".json"));
      if (!known) {
        stranger(file.path());
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
    for (const fs::directory_entry& file : listing(root)) {
      if (file.path().extension() != ".jsonl") {
        stranger(file.path());
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
