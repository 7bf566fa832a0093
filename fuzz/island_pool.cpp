#include "faultline/fuzz/island_pool.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <deque>
#include <thread>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faultline/core/error.h"
#include "faultline/fuzz/island_result.h"
#include "faultline/fuzz/libfuzzer_engine.h"
#include "faultline/fuzz/shared_memory.h"

namespace faultline {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostWorkers = 256;
constexpr std::size_t kMostInFlight = 256;
/// An island ends with what it had before when it has died so often in a round; a hang, which costs time, counts more.
constexpr int kMostDeaths = 8;
constexpr int kDeathsOfAHang = 4;
constexpr std::int64_t kMostUnexplained = 100;
constexpr int kRefused = 4;  // exit code of a worker that says why

PoolProgress progress_of(const Island& island) {
  return {.evaluations = island.evaluations(),
          .screened = island.failures().offered(),
          .broken = static_cast<std::int64_t>(island.failures().seeds()),
          .features = static_cast<std::int64_t>(island.features()),
          .corpus = std::ssize(island.corpus())};
}

}  // namespace

namespace island_pool_detail {

/// What a worker tells while it runs, in memory that outlives it.
struct Slot {
  std::atomic<std::int64_t> beat{0};  ///< When its present forward began, in milliseconds; 0: none runs.
  std::atomic<std::int64_t> due{0};   ///< Evaluations there will have been after it.
  std::atomic<std::int64_t> evaluations{0};
  std::atomic<std::int64_t> screened{0};
  std::atomic<std::int64_t> broken{0};
  std::atomic<std::int64_t> features{0};
  std::atomic<std::int64_t> corpus{0};
  std::atomic<std::uint32_t> in_flight{0};
  std::array<std::uint16_t, kMostInFlight> sizes{};
  std::array<std::array<std::uint8_t, kMostInputBytes>, kMostInFlight> bytes{};

  void begin(std::span<const FuzzInput> inputs, const RecipeSpace& space) {
    const std::size_t count = std::min(inputs.size(), kMostInFlight);
    for (std::size_t i = 0; i < count; ++i) {
      const std::vector<std::uint8_t> input = encode(inputs[i], space);
      sizes.at(i) = static_cast<std::uint16_t>(input.size());
      std::ranges::copy(input, bytes.at(i).begin());
    }
    in_flight = static_cast<std::uint32_t>(count);
    beat = count == 0 ? 0 : milliseconds_now();
  }

  [[nodiscard]] std::vector<FuzzInput> inputs(const RecipeSpace& space, std::int64_t seeds) const {
    std::vector<FuzzInput> result;
    for (std::size_t i = 0; i < in_flight; ++i) {
      result.push_back(decode(std::span(bytes.at(i)).first(sizes.at(i)), space, seeds));
    }
    return result;
  }

  void tell(const PoolProgress& progress) {
    evaluations = progress.evaluations;
    screened = progress.screened;
    broken = progress.broken;
    features = progress.features;
    corpus = progress.corpus;
  }

  void clear() {
    for (std::atomic<std::int64_t>* figure : {&beat, &due, &evaluations, &screened, &broken, &features, &corpus}) {
      *figure = 0;
    }
    in_flight = 0;
  }
};

/// A file in memory that a worker leaves its result in.
class ResultFile {
 public:
  ResultFile() : file_(memfd_create("faultline-island", MFD_CLOEXEC)) {
    if (file_ < 0) {
      throw Error{ErrorCode::kUsage, std::string("cannot make a file in memory: ") + std::strerror(errno)};
    }
  }
  ResultFile(const ResultFile&) = delete;
  ResultFile& operator=(const ResultFile&) = delete;
  ~ResultFile() { close(file_); }

  void write(const std::string& text) const {
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t count = ::write(file_, text.data() + done, text.size() - done);
      if (count <= 0) {
        _exit(EXIT_FAILURE);
      }
      done += static_cast<std::size_t>(count);
    }
  }

  [[nodiscard]] std::string read() const {
    std::string text(static_cast<std::size_t>(std::max<off_t>(0, lseek(file_, 0, SEEK_END))), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t count = pread(file_, text.data() + done, text.size() - done, static_cast<off_t>(done));
      if (count <= 0) {
        break;
      }
      done += static_cast<std::size_t>(count);
    }
    text.resize(done);
    return text;
  }

 private:
  int file_;
};

}  // namespace island_pool_detail

using island_pool_detail::ResultFile;
using island_pool_detail::Slot;

std::string name_of(EngineKind kind) {
  switch (kind) {
    case EngineKind::kLibFuzzer:
      return "libfuzzer";
    case EngineKind::kLoop:
      return "loop";
    case EngineKind::kRandom:
      return "random";
  }
  return "?";
}

/// Memory that this process and its workers share.
struct IslandPool::Shared {
  std::atomic<bool> enough{false};  ///< The time is up: engines end, failures are still made smaller.
  std::atomic<bool> stop{false};    ///< Everything ends.
  std::array<Slot, kMostWorkers> slots{};
  Slot probe{};
};

/// A process at work on a job.
struct IslandPool::Worker {
  pid_t process = 0;
  std::size_t job = 0;
  std::unique_ptr<ResultFile> result{};
};

IslandPool::IslandPool(const FuzzTask& task, ScoreTarget& target, EngineKind engine, PoolSettings settings)
    : task_(task),
      target_(target),
      engine_(engine),
      settings_(std::move(settings)),
      shared_(std::make_unique<SharedMemory<Shared>>()) {}

IslandPool::~IslandPool() = default;

IslandPool::Shared& IslandPool::shared() const { return **shared_; }

/// Starts workers, waits for them, and decides what their ends mean.
class IslandPool::Supervisor {
 public:
  Supervisor(IslandPool& pool, std::vector<IslandJob>& jobs)
      : pool_(pool),
        jobs_(jobs),
        results_(jobs.size()),
        deaths_(jobs.size(), 0),
        workers_(std::min<std::size_t>(kMostWorkers, static_cast<std::size_t>(pool.settings_.workers))) {
    for (std::size_t job = 0; job < jobs.size(); ++job) {
      queue_.push_back(job);
    }
    pool.shared().enough = false;
    pool.shared().stop = false;
  }

  std::vector<IslandResult> run(const std::function<void(const PoolProgress&)>& progress) {
    constexpr std::chrono::milliseconds kNap{2};
    constexpr std::chrono::milliseconds kFrame{100};
    Clock::time_point shown = Clock::now();
    try {
      while (start_workers() || busy()) {
        look_at_the_clock();
        if (!reap()) {
          std::this_thread::sleep_for(kNap);
        }
        if (Clock::now() - shown >= kFrame) {
          shown = Clock::now();
          progress(figures());
        }
      }
    } catch (...) {
      kill_all();
      throw;
    }
    progress(figures());
    return std::move(results_);
  }

 private:
  [[nodiscard]] bool busy() const {
    return std::ranges::any_of(workers_, [](const Worker& worker) { return worker.process != 0; });
  }

  [[nodiscard]] bool over() const { return pool_.shared().enough || pool_.shared().stop; }

  /// Returns whether a job is left to begin.
  bool start_workers() {
    if (over()) {
      std::erase_if(queue_, [this](std::size_t job) { return pool_.shared().stop || !jobs_[job].catches_up; });
    }
    for (std::size_t slot = 0; slot < workers_.size() && !queue_.empty(); ++slot) {
      if (workers_[slot].process == 0) {
        start(slot, queue_.front());
        queue_.pop_front();
      }
    }
    return !queue_.empty();
  }

  void start(std::size_t slot, std::size_t job) {
    Worker& worker = workers_[slot];
    worker = {.job = job, .result = std::make_unique<ResultFile>()};
    pool_.shared().slots.at(slot).clear();
    worker.process = fork();
    if (worker.process < 0) {
      throw Error{ErrorCode::kUsage, std::string("cannot start a worker process: ") + std::strerror(errno)};
    }
    if (worker.process == 0) {
      work(slot, jobs_[job], *worker.result);
    }
  }

  /// The life of a worker.
  [[noreturn]] void work(std::size_t slot, const IslandJob& job, const ResultFile& file) {
    settle_in(pool_.settings_.limits);
    Shared& shared = pool_.shared();
    Slot& own = shared.slots.at(slot);
    const RecipeSpace& space = pool_.task_.space;
    try {
      const IslandObserver observer{.stop = [&] { return (shared.enough && !job.catches_up) || shared.stop; },
                                    .hurry = [&] { return shared.stop.load(); },
                                    .before =
                                        [&](std::span<const FuzzInput> inputs, std::int64_t due) {
                                          own.due = due;
                                          own.begin(inputs, space);
                                        },
                                    .after = [&](const Island& island) { own.tell(progress_of(island)); }};
      Island island(pool_.task_, pool_.target_, job, observer);
      const auto finish = [&] {
        file.write(result_json(island.result(), space).dump());
        _exit(0);
      };
      if (pool_.engine_ == EngineKind::kLibFuzzer) {
        run_libfuzzer_engine(island, finish);
      }
      (pool_.engine_ == EngineKind::kLoop ? run_loop_engine : run_random_engine)(island);
      finish();
    } catch (const OutOfMemory&) {
      die_of_memory();  // a death like any other: what asked for it is found, and the island begins again
    } catch (const std::exception& error) {
      file.write(error.what());
    }
    _exit(kRefused);
  }

  void look_at_the_clock() {
    const PoolSettings& settings = pool_.settings_;
    pool_.shared().stop = pool_.shared().stop || settings.stop;
    if (settings.deadline && Clock::now() >= *settings.deadline) {
      pool_.shared().enough = true;
    }
    if (settings.first_failure && figures().screened > 0) {
      pool_.shared().enough = true;
    }
    const auto longest = static_cast<std::int64_t>(settings.limits.seconds * 1000);
    for (std::size_t slot = 0; slot < workers_.size(); ++slot) {
      const std::int64_t beat = pool_.shared().slots.at(slot).beat;
      if (workers_[slot].process != 0 && beat != 0 && milliseconds_now() - beat > longest) {
        kill(workers_[slot].process, SIGKILL);
      }
    }
  }

  /// Takes what ended; returns whether something did.
  bool reap() {
    bool any = false;
    for (std::size_t slot = 0; slot < workers_.size(); ++slot) {
      Worker& worker = workers_[slot];
      int status = 0;
      if (worker.process == 0 || waitpid(worker.process, &status, WNOHANG) != worker.process) {
        continue;
      }
      any = true;
      worker.process = 0;
      const std::string text = worker.result->read();
      worker.result.reset();
      if (WIFEXITED(status) && WEXITSTATUS(status) == kRefused) {
        throw Error{ErrorCode::kUsage, text};
      }
      if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && !text.empty()) {
        results_[worker.job] = parse_result(parse_json(text), pool_.task_.space, pool_.task_.seeds.size());
        finished_ += results_[worker.job].evaluations;
        screened_ += results_[worker.job].screened;
        continue;
      }
      bury(slot, worker.job);
    }
    return any;
  }

  /// A worker is dead: its island begins again, without what killed it.
  void bury(std::size_t slot, std::size_t number) {
    const Slot& left = pool_.shared().slots.at(slot);
    IslandJob& job = jobs_[number];
    const std::vector<DeadlyInput> killers = pool_.culprits(left.inputs(pool_.task_.space, pool_.task_.seeds.size()));
    if (killers.empty() && ++pool_.unexplained_ > kMostUnexplained) {
      throw Error{ErrorCode::kUsage, "worker processes have died " + std::to_string(pool_.unexplained_) +
                                         " times, and not again with the same inputs: is memory short, or does "
                                         "somebody kill them?"};
    }
    job.deadly.insert(job.deadly.end(), killers.begin(), killers.end());
    pool_.deadly_.insert(pool_.deadly_.end(), killers.begin(), killers.end());
    for (const DeadlyInput& killer : killers) {
      deaths_[number] += killer.death == Death::kHang ? kDeathsOfAHang : 1;
    }
    const bool time_is_up = pool_.shared().enough && !job.catches_up;
    job.catches_up = pool_.shared().enough.load();
    if (time_is_up || (!killers.empty() && deaths_[number] >= kMostDeaths)) {
      job.evaluations = std::min(job.evaluations, left.due.load());  // this forward is safe now
    }
    if (!pool_.shared().stop) {
      queue_.push_front(number);
    }
  }

  void kill_all() {
    for (Worker& worker : workers_) {
      if (worker.process != 0) {
        kill(worker.process, SIGKILL);
        waitpid(worker.process, nullptr, 0);
        worker.process = 0;
      }
    }
  }

  [[nodiscard]] PoolProgress figures() const {
    PoolProgress sum{.evaluations = finished_, .screened = screened_};
    for (std::size_t slot = 0; slot < workers_.size(); ++slot) {
      const Slot& one = pool_.shared().slots.at(slot);
      if (workers_[slot].process != 0) {
        sum.evaluations += one.evaluations;
        sum.screened += one.screened;
      }
      sum.broken = std::max(sum.broken, one.broken.load());
      sum.features = std::max(sum.features, one.features.load());
      sum.corpus = std::max(sum.corpus, one.corpus.load());
    }
    return sum;
  }

  IslandPool& pool_;
  std::vector<IslandJob>& jobs_;
  std::vector<IslandResult> results_;
  std::vector<int> deaths_;  // with culprits, per job
  std::vector<Worker> workers_;
  std::deque<std::size_t> queue_;
  std::int64_t finished_ = 0;
  std::int64_t screened_ = 0;
};

std::vector<IslandResult> IslandPool::run(std::vector<IslandJob> jobs,
                                          const std::function<void(const PoolProgress&)>& progress) {
  if (!settings_.limits.log.empty()) {
    std::filesystem::remove(settings_.limits.log);  // the last round's is kept
  }
  return task_.seeds.inputs.is_cuda() ? run_here(jobs, progress) : Supervisor(*this, jobs).run(progress);
}

std::vector<IslandResult> IslandPool::run_here(const std::vector<IslandJob>& jobs,
                                               const std::function<void(const PoolProgress&)>& progress) {
  FAULTLINE_ASSERT(engine_ != EngineKind::kLibFuzzer, "libFuzzer needs processes, and CUDA does not survive a fork");
  std::vector<IslandResult> results(jobs.size());
  PoolProgress sum;
  const auto over = [&] { return settings_.deadline && Clock::now() >= *settings_.deadline; };
  for (std::size_t job = 0; job < jobs.size() && !settings_.stop && !over(); ++job) {
    const IslandObserver observer{.stop = [&] { return settings_.stop || over(); },
                                  .hurry = [&] { return settings_.stop.load(); },
                                  .after =
                                      [&](const Island& island) {
                                        PoolProgress now = progress_of(island);
                                        now.evaluations += sum.evaluations;
                                        now.screened += sum.screened;
                                        progress(now);
                                      }};
    Island island(task_, target_, jobs[job], observer);
    (engine_ == EngineKind::kLoop ? run_loop_engine : run_random_engine)(island);
    results[job] = island.result();
    sum.evaluations += results[job].evaluations;
    sum.screened += results[job].screened;
  }
  return results;
}

std::optional<Death> IslandPool::dies(const FuzzInput& input) {
  const std::vector<DeadlyInput> found = culprits({input});
  return found.empty() ? std::nullopt : std::optional(found.front().death);
}

std::vector<DeadlyInput> IslandPool::culprits(const std::vector<FuzzInput>& inputs) {
  std::vector<DeadlyInput> found;
  for (std::size_t next = 0; next < inputs.size();) {
    const Probe probe = run_one_by_one(std::span(inputs).subspan(next));
    if (!probe.death) {
      break;
    }
    const FuzzInput& suspect = inputs[next + probe.place];
    // Somebody may have killed the process: only who dies again is a culprit.
    if (*probe.death == Death::kHang || run_one_by_one({&suspect, 1}).death) {
      found.push_back({suspect, *probe.death});
    }
    next += probe.place + 1;
  }
  return found;
}

IslandPool::Probe IslandPool::run_one_by_one(std::span<const FuzzInput> inputs) {
  Slot& slot = shared().probe;
  slot.clear();
  const auto run_all = [&] {
    for (const FuzzInput& input : inputs) {
      slot.beat = milliseconds_now();
      try {
        (void)Screener(task_, target_).screen({input});
      } catch (const OutOfMemory&) {
        die_of_memory();
      } catch (const std::exception&) {
        ++slot.evaluations;  // a refusal is no death
        continue;
      }
      ++slot.evaluations;
    }
  };
  const ChildEnd end = run_in_child(run_all, settings_.limits, [&] { return slot.beat.load(); });
  if (end == ChildEnd::kDone) {
    return {};
  }
  const bool hangs = end == ChildEnd::kHung;
  return {.place = static_cast<std::size_t>(slot.evaluations.load()), .death = hangs ? Death::kHang : Death::kProcess};
}

}  // namespace faultline
